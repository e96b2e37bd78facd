"""Summaries of sessions made of parts: those of all rows together."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

import logq as lq
from logq.compile import apply_rest
from logq.errors import BuildError
from logq.plan import SessionSummary
from logq.run.fleet import dispatch
from tests.fleet.beside import beside

C = pl.col
Row = tuple[int | None, str | None, str, str]
ROWS = st.lists(
    st.tuples(
        st.none() | st.integers(0, 30),
        st.none() | st.sampled_from("abc"),
        st.sampled_from(["info", "error", "fatal"]),
        st.sampled_from("xy"),
    ),
    min_size=1,
    max_size=10,
)


def write(path: Path, rows: list[Row]) -> None:
    """JSON lines."""
    lines = [
        {"time": None if t is None else f"2024-03-05T09:00:{t:02}Z", "req": r, "msg": f"m{i}", "level": v, "service": s}
        for i, (t, r, v, s) in enumerate(rows)
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


@pytest.mark.parametrize(("gap", "orphans"), [(None, "keep"), ("0s", "drop"), ("4s", "keep")])
@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=st.lists(ROWS, min_size=1, max_size=3), large=st.sampled_from([150, 1 << 30]))
@example(
    files=[[(0, None, "info", "x"), (3, "a", "info", "x"), (None, "a", "error", "y")], [(5, "a", "error", "x")]],
    large=150,
)
@example(files=[[(None, "a", "error", "x")], [(None, "a", "info", "x"), (None, "b", "info", "y")]], large=1 << 30)
def test_parts_make_the_summary(  # noqa: PLR0917 (fixtures and draws)
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    gap: str | None,
    orphans: str,
    files: list[list[Row]],
    large: int,
) -> None:
    """Stretches that reach over units are one session; times, counts, first errors and ends are those of the whole."""
    monkeypatch.setattr(dispatch, "LARGE", large)
    monkeypatch.setattr(dispatch, "UNIT", 100)
    first = [(1, "a", "info", "x")]
    for number, rows in enumerate(files):
        write(tmp_path / f"a.log.{number}", first + rows)
    paths = [str(tmp_path / f"a.log.{number}") for number in range(len(files))]
    frame = lq.scan(paths, "json").sessions("req", gap=gap, orphans=orphans).summary()  # type: ignore[arg-type]
    asked = beside(frame)
    assert_frame_equal(asked.collect(), frame.collect().with_columns(hosts=pl.lit(["here"])))


def test_parts_beyond_the_budget_are_made_key_by_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer is the same; a service that sessions make is told of all rows together."""
    rows = [
        (n * 7 % 60 if n % 9 else None, "abcd"[n % 4], ("info", "error")[n % 5 == 0], "xy"[n % 2]) for n in range(500)
    ]
    write(tmp_path / "a.log", [*rows, (0, None, "info", "x")])
    sessions = lq.scan(tmp_path / "a.log", "json").sessions("req", gap="1s")
    expected = sessions.summary(service="service").collect().with_columns(hosts=pl.lit(["here"]))
    monkeypatch.setenv("LOGQ_MEMORY_BUDGET", "4000")
    assert_frame_equal(beside(sessions.summary(service="service")).collect(), expected)
    made = sessions.summary(service="session_index")
    assert "; merged)" not in beside(made).explain()


def test_parts_need_their_sessions() -> None:
    """A plan from outside may ask for them without."""
    rows = pl.LazyFrame({"session_id": [1]})
    with pytest.raises(BuildError, match="made with the sessions right ahead"):
        apply_rest([SessionSummary(keys=("k",), part="parts")], rows)


def test_rules_that_need_the_rows_get_them(tmp_path: Path) -> None:
    """Starts, spans, counts and attached orphans are told of all rows together; steps behind the summary go on."""
    write(tmp_path / "a.log", [(n % 30, "ab"[n % 2], "error", "x") for n in range(40)])
    logs = lq.scan(tmp_path / "a.log", "json")
    for rules, parted in (
        ({"max_span": "2s"}, False),
        ({"gap": "1s", "orphans": "attach"}, False),
        ({"gap": "1s"}, True),
    ):
        frame = logs.sessions("req", **rules).summary().sort("entries").head(3)  # type: ignore[arg-type]
        asked = beside(frame)
        assert ("; merged)" in asked.explain()) == parted
        assert_frame_equal(asked.collect(), frame.collect().with_columns(hosts=pl.lit(["here"])))
    without = logs.drop("service").sessions(C("message").str.slice(0, 1).alias("k")).summary()
    assert_frame_equal(beside(without).collect(), without.collect().with_columns(hosts=pl.lit(["here"])))
