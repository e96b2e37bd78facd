"""Rows chosen by little of each: what is sent, what is fetched, and that the answer is as if all had been sent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

import logq as lq
from logq import LogFrame
from logq.errors import PartialResultError
from logq.run.fleet import dispatch
from logq.run.fleet.runner import OnFleet
from tests.fleet.beside import Beside, beside

C = pl.col
IN, OUT = lq.step("in", C("message").str.contains("in")), lq.step("out", C("message").str.contains("out"))
Chain = Callable[[LogFrame], LogFrame]
CHAINS: dict[str, Chain] = {
    "sequence": lambda f: f.sequence(IN, OUT, by="req", within="5s"),
    "sequence without a key": lambda f: f.sequence(IN, OUT),
    "of sessions": lambda f: f.sessions("req", gap="3s").sequence(IN, OUT),
    "of sessions by a pattern": lambda f: f.sessions(
        C("message").str.extract(r"(\d)").alias("digit"), gap="3s", start=C("message") == "in 1"
    ).sequence(IN, OUT),
    "session context": lambda f: f.sessions("req").having(C("level") == "ERROR"),
    "timeline of some": lambda f: f.sessions("req").having(C("message") == "out 2").timeline().head(5),
    "strict": lambda f: f.sequence(IN, OUT, by="req", policy="strict"),
    "with an absence": lambda f: f.sequence(IN, lq.absent(C("level") == "ERROR"), OUT, by="req", within="9s"),
    "ending in an absence": lambda f: f.sequence(IN, lq.absent(C("level") == "ERROR"), by="req", within="2s"),
    "until": lambda f: f.sequence(IN, OUT, by="req", until=C("level") == "ERROR"),
    "keys of their own": lambda f: f.sequence(
        lq.step("in", C("message").str.contains("in"), by="req"),
        lq.step("out", C("message").str.contains("out"), by=C("req").str.to_lowercase()),
    ),
    "matches": lambda f: f.sequence(IN, OUT, by="req").matches(),
    "near misses": lambda f: f.sequence(IN, OUT, by="req", within="1s").near_misses(),
    "funnel": lambda f: f.sequence(IN, OUT, by="req", within="1s").funnel(),
    "then columns": lambda f: f.sequence(IN, OUT, by="req").select("match_id", "raw", "line"),
    "then counts": lambda f: f.sequence(IN, OUT, by="req").group_by("level").agg(pl.len()),
    "then little": lambda f: f.sequence(IN, OUT, by="req").select("match_id", "timestamp"),
    "of errors' surroundings": lambda f: f.level("ERROR").context(1).sequence(IN, OUT),
    "of surroundings by key": lambda f: f.level("ERROR").context(1, by=["req"]).sequence(IN, OUT),
    "of groups": lambda f: (
        f.level("ERROR")
        .context(1)
        .sequence(lq.step("a", C("context_group") == 0), lq.step("b", C("context_group") == 1))
    ),
    "twice": lambda f: f.sequence(IN, OUT, by="req").sequence(
        lq.step("x", C("step") == "in"), lq.step("y", C("step") == "out")
    ),
    "sorted between": lambda f: f.sessions("req").sort("message").unique("message").having(C("level") == "INFO"),
    "a pattern": lambda f: f.match_pattern("A B", {"A": IN[0].predicate.expr, "B": OUT[0].predicate.expr}, by="req"),
    "of sessions, a pattern": lambda f: (
        f.sessions("req", gap="3s")
        .match_pattern("A B+?", {"B": C("message").str.contains("out") & (C("timestamp") > C("timestamp").shift(1))})
        .select("match_id", "classifier", "raw")
    ),
    "a pattern with measures": lambda f: f.match_pattern(
        "A B*",
        {"B": C("message").str.len_chars().shift(1) == C("message").str.len_chars()},
        by=C("message").str.extract(r"(\d)").alias("digit"),
        order_by=C("message").str.to_uppercase(),
        measures={"last": C("message").filter(C("classifier") == "B").last(), "raw": C("level").first()},
    ),
    "a pattern's matches": lambda f: f.match_pattern("A+ B", {"A": C("level") == "ERROR"}, by="req").matches(),
    "a pattern of others": lambda f: f.match_pattern("A", {"A": C("level") == "ERROR"}, rows="with_unmatched"),
    "a pattern of a pattern": lambda f: f.match_pattern("A B").match_pattern("C D", {"C": C("classifier") == "B"}),
    "fields called as what is made": lambda f: (
        f.with_columns(step=C("raw"), match_id=C("message"), session_id=C("raw"), offset=C("raw"), classifier=C("raw"))
        .sessions("req")
        .having(C("level") == "ERROR")
        .timeline()
        .sequence(IN, OUT)
        .match_pattern("A B")
    ),
    "a name taken": lambda f: f.with_columns(**{"test 0": C("raw")}).sequence(IN, OUT, by="req"),
}
ROWS = st.lists(
    st.tuples(
        st.integers(0, 9),
        st.sampled_from("ab"),
        st.sampled_from(["in 1", "out 2", "other"]),
        st.sampled_from(["info", "error"]),
    ),
    max_size=14,
)


def write(path: Path, rows: list[tuple[int, str, str, str]]) -> None:
    """JSON lines."""
    path.write_text(
        "".join(
            f'{{"time":"2024-03-05T09:00:{t:02}Z","req":"{r}","msg":"{m}","level":"{level}","pad":"{t}{r}"}}\n'
            for t, r, m, level in rows
        )
    )


@pytest.mark.parametrize("name", CHAINS)
@settings(max_examples=2, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=st.lists(ROWS, min_size=2, max_size=3), large=st.sampled_from([150, 1 << 30]))
def test_rows_are_the_same(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    files: list[list[tuple[int, str, str, str]]],
    large: int,
) -> None:
    """From files read whole and in ranges, of one rotation set."""
    monkeypatch.setattr(dispatch, "LARGE", large)
    monkeypatch.setattr(dispatch, "UNIT", 300)
    for number, rows in enumerate(files):
        first = [(0, "a", "in 1", "info")] if not number else []
        write(tmp_path / f"a.log{f'.{number}' if number else ''}", first + rows)
    paths = sorted(map(str, tmp_path.glob("a.log*")))[: len(files)]
    frame = CHAINS[name](lq.scan(paths, "json"))
    expected = frame.collect()
    names = {
        n: pl.when(C(n.replace("host", "line")).is_not_null()).then(pl.lit("here"))
        for n in expected.columns
        if n.endswith("host")
    }
    assert_frame_equal(beside(frame).collect(), expected.with_columns(**names))


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Two pairs among many entries."""
    rows = [
        (n % 10, "ab"[n % 2], "in 1" if n in (3, 7) else "out 2" if n in (5, 9) else "other", "info") for n in range(40)
    ]
    write(tmp_path / "a.log", rows)
    return tmp_path / "a.log"


def test_only_what_is_needed_is_sent(log: Path) -> None:
    """First keys, times, tests and names of rows of which a test is true; then the rest of those in the answer."""
    asked = beside(lq.scan(log, "json").sequence(IN, OUT, by="req", within="3s"))
    runner = asked._runner
    assert isinstance(runner, OnFleet)
    assert isinstance(runner.cluster, Beside)
    assert asked.collect()["pad"].to_list() == ["3b", "5b", "7b", "9b"]
    first, second = (part.decode().splitlines() for part in runner.cluster.sent)
    assert first[0] == "timestamp,line,req,test 0,test 1,__logq_set,__logq_file,__logq_number"
    assert len(first) == len(second) == 5
    assert {"raw", "pad"} <= {*second[0].split(",")}
    assert not {"timestamp", "req"} & {*second[0].split(",")}


def test_explain_shows_both_ways(log: Path) -> None:
    """What is sent first, and what is fetched."""
    told = beside(lq.scan(log, "json").sequence(IN, OUT, by="req").head(1)).explain()
    assert "here, on timestamp, line, req, test 0, test 1 of these rows" in told
    assert "fetch severity, level," not in told
    assert (
        told.index("fetch ") < told.index("here, on whole rows") < told.index(".head(1)", told.index("on whole rows"))
    )
    told = beside(lq.scan(log, "json").sequence(IN, OUT, by="req").matches()).explain()
    assert told[told.index("for the rows that are left") :].splitlines()[1].strip() == "nothing"


@pytest.mark.parametrize("change", ["cut", "gone"])
def test_a_file_that_changes_before_it_is_asked_again(log: Path, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    """What was sent of its rows stays; the rest of them is null, and the report says why."""
    asked = beside(lq.scan(log, "json").sequence(IN, OUT, by="req", within="3s"))
    real = Beside.start
    calls = []

    def start(self: Beside, shares: dict[int, dispatch.Share], reports: object) -> object:
        calls.append(shares)
        if len(calls) % 2 == 0:
            if change == "cut":
                log.write_text("x\n")
            else:
                log.unlink()
        return real(self, shares, reports)

    monkeypatch.setattr(Beside, "start", start)
    with pytest.raises(PartialResultError, match="changed since the query was asked") as caught:
        asked.collect()
    partial = caught.value.partial
    assert partial["req"].to_list() == ["b"] * 4
    assert partial["pad"].null_count() == partial["raw"].null_count() == 4
    assert caught.value.report.hosts[0].status == "changed"


def test_a_host_that_is_lost_before_it_is_asked_again(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if its files were; a query that cannot be answered raises."""
    asked = beside(lq.scan(log, "json").sequence(IN, OUT, by="req", within="3s"))
    real = Beside.start
    for way in ("fault", "refused"):
        calls: list[object] = []

        def start(
            self: Beside,
            shares: dict[int, dispatch.Share],
            reports: object,
            way: str = way,
            calls: list[object] = calls,
        ) -> object:
            calls.append(shares)
            if len(calls) == 2:
                share = next(iter(shares.values()))
                if way == "fault":
                    share.give_up(dispatch.Fault("failed", "gone for good", again=False))  # type: ignore[attr-defined]
                else:
                    share.refuse(ValueError("no such thing"))
                    share.finish()
                shares = {}
            return real(self, shares, reports)

        monkeypatch.setattr(Beside, "start", start)
        if way == "fault":
            with pytest.raises(PartialResultError, match="gone for good"):
                asked.collect()
        else:
            with pytest.raises(ValueError, match="no such thing"):
                asked.collect()
