"""Sessions: equal to the slow reference, whatever the rules, the order and the blocks."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import polars as pl
import pytest
from hypothesis import given
from polars.testing import assert_frame_equal

import logq as lq
from logq.plan import SessionSummary
from tests.reference.sessions import Item, Made, Rules, sessions

ITEMS = st.lists(
    st.builds(
        Item,
        key=st.sampled_from(["a", "b", "c", None]),
        second=st.integers(0, 20) | st.none(),
        start=st.booleans(),
        end=st.booleans(),
    ),
    max_size=14,
)
RULES = st.builds(
    Rules,
    gap=st.none() | st.integers(0, 6),
    span=st.none() | st.integers(0, 8),
    start=st.booleans(),
    end=st.booleans(),
    most=st.none() | st.integers(1, 4),
)


def log(items: list[Item]) -> bytes:
    """One JSON line an entry, a first one that settles the types."""
    lines = [{"ts": None, "k": "", "s": True, "e": True}] + [
        {"ts": None if i.second is None else 1_700_000_000 + i.second, "k": i.key, "s": i.start, "e": i.end}
        for i in items
    ]
    return "\n".join(map(json.dumps, lines)).encode()


def chain(items: list[Item], rules: Rules, **options: Any) -> lq.LogFrame:
    """The same question of logq."""
    return (
        lq.scan(log(items), format="json", **options)
        .scope(pl.col("line") > 1)
        .sessions(
            "k",
            gap=rules.gap,
            max_span=rules.span,
            start=pl.col("s") if rules.start else None,
            end=pl.col("e") if rules.end else None,
            max_entries=rules.most,
            orphans=rules.orphans,  # type: ignore[arg-type]
        )
    )


def members(found: list[Made], count: int) -> list[tuple[int, int] | None]:
    """Session and index of each entry."""
    places = {i: (n, index) for n, made in enumerate(found) for index, i in enumerate(made.members)}
    return [places.get(i) for i in range(count)]


def rows(frame: pl.DataFrame) -> list[tuple[int, int] | None]:
    """What logq says of each entry."""
    return [None if a is None else (a, b) for a, b in frame.select("session_id", "session_index").rows()]


@given(ITEMS, RULES)
def test_sessions_equal_the_reference(items: list[Item], rules: Rules) -> None:
    """Every option, alone and together, on ties, nulls and any order."""
    found = sessions(items, rules)
    frame = chain(items, rules)
    assert rows(frame.collect()) == members(found, len(items))
    summary = frame.summary().collect()
    told = summary.select("k", "entries", "end_reason", "truncated").rows()
    assert told == [(m.key, len(m.members), m.reason, m.truncated) for m in found]


@given(ITEMS, RULES, st.integers(0, 6))
def test_orphans_are_attached_to_the_entry_before(items: list[Item], rules: Rules, gap: int) -> None:
    """An orphan goes to the nearest earlier entry of a session, if that is near."""
    rules = Rules(gap, rules.span, rules.start, rules.end, rules.most, "attach")
    found = sessions(items, rules)
    assert rows(chain(items, rules).collect()) == members(found, len(items))


@given(ITEMS, RULES, st.data())
def test_order_of_input_does_not_matter(items: list[Item], rules: Rules, data: st.DataObject) -> None:
    """Shuffled over several files, entries come together as they do from one sorted file."""
    known = [Item(i.key, n, i.start, i.end) for n, i in enumerate(items)]
    order = data.draw(st.permutations(range(len(known))))
    one = chain(known, rules, block_size=data.draw(st.sampled_from([64, 1 << 20]))).collect()
    two = chain([known[i] for i in order], rules).collect()
    assert [rows(two)[order.index(n)] for n in range(len(known))] == rows(one)


def test_elapsed_counts_from_the_first_entry() -> None:
    """`session_elapsed` is a duration, null where the entry has no time."""
    items = [Item("a", 5), Item("a", 2), Item("a", None)]
    found = chain(items, Rules()).collect()["session_elapsed"].dt.total_seconds().to_list()
    assert found == [3, 0, None]


def test_orphans_may_be_dropped() -> None:
    """What belongs to no session is left out on demand."""
    items = [Item(None, 1), Item("a", 1), Item("a", 2, start=True)]
    assert chain(items, Rules(start=True, orphans="drop")).collect()["line"].to_list() == [4]


def test_a_key_may_be_several_columns_an_expression_or_a_regex() -> None:
    """A tuple key, of which any null makes an orphan; other keys are shown in a column of their own."""
    log = b"\n".join(
        [
            b'{"ts":1,"a":"x","b":"y","msg":"req=1 in"}',
            b'{"ts":2,"a":"x","b":null,"msg":"req=2 in"}',
            b'{"ts":3,"a":"x","b":"y","msg":"REQ=1 out"}',
        ]
    )
    scan = lq.scan(log)
    assert scan.sessions(["a", "b"]).collect()["session_id"].to_list() == [0, None, 0]
    found = scan.sessions(re.compile(r"req=(?P<req>\d+)", re.IGNORECASE)).collect()
    assert found.select("req", "session_id").rows() == [("1", 0), ("2", 1), ("1", 0)]
    by = scan.sessions([pl.col("a").str.to_uppercase(), re.compile(r"(\d)"), pl.col("b").alias("bee")])
    assert by.summary().collect().columns[:4] == ["session_id", "session_key", "session_key_2", "bee"]


def test_a_summary_tells_of_hosts_levels_and_the_first_error() -> None:
    """One row a session, with what an engineer asks first."""
    log = b"\n".join(
        [
            b'{"ts":3,"k":"a","level":"error","msg":"late","svc":"web"}',
            b'{"ts":1,"k":"a","level":"info","msg":"in","svc":"web"}',
            b'{"ts":2,"k":"a","level":"fatal","msg":"early","svc":"db"}',
        ]
    )
    row = lq.scan(log).sessions("k").summary(service="svc").collect().row(0, named=True)
    assert row["first_error"] == "early"
    assert row["levels"] == {"TRACE": 0, "DEBUG": 0, "INFO": 1, "WARN": 0, "ERROR": 1, "FATAL": 1}
    assert (row["services"], row["hosts"], row["sources"]) == (["db", "web"], [], ["<bytes 0>"])
    assert row["duration"].total_seconds() == 2
    plain = lq.scan(log).sessions("k").summary().collect().row(0, named=True)
    assert plain["services"] is None


ENTRIES = st.lists(
    st.fixed_dictionaries(
        {
            "timestamp": st.none() | st.integers(0, 9),
            "k": st.sampled_from(["a", "b", None]),
            "n": st.integers(-1, 1),
            "level": st.sampled_from(["info", "error", "fatal", None]),
            "message": st.sampled_from(["x", "y", None]),
            "host": st.sampled_from(["web", "db", None]),
            "end": st.booleans(),
        }
    ),
    max_size=12,
)
TYPES = {"timestamp": pl.Int64(), "n": pl.Int64(), "end": pl.Boolean()}


@given(ENTRIES, RULES, st.sampled_from(["k", "n", ["k", "n"]]), st.booleans())
def test_summaries_and_timelines_need_no_rows_in_order(
    entries: list[dict[str, Any]], rules: Rules, key: Any, shuffled: bool
) -> None:
    """Asked at once they are those of the sessions' rows, in row order or out of it."""
    names = ("timestamp", "k", "n", "level", "message", "host", "end")
    table = pl.DataFrame(entries, schema={n: TYPES.get(n, pl.String()) for n in names})
    frame = lq.from_polars(table.with_columns(pl.from_epoch("timestamp", "s")))
    found = (frame.sort("host", "n") if shuffled else frame).sessions(
        key,
        gap=rules.gap,
        max_span=rules.span,
        start=pl.col("n") == 1 if rules.start else None,
        end=pl.col("end") if rules.end else None,
        max_entries=rules.most,
    )
    rows = found.filter(pl.lit(value=True))
    assert_frame_equal(found.timeline().collect(), rows.timeline().collect())
    assert_frame_equal(found.timeline().select("delta", "n").collect(), rows.timeline().select("delta", "n").collect())
    whole = rows.summary(service="message").collect()
    assert_frame_equal(found.summary(service="message").collect(), whole)
    for few in (["first_error", "session_id", "hosts"], ["end", "entries"]):
        assert_frame_equal(found.summary(service="message").select(few).collect(), whole.select(few))


def test_sessions_hold_a_condition_with_all_their_entries() -> None:
    """`having` keeps whole sessions and no orphans."""
    items = [Item("a", 1), Item("b", 2, end=True), Item("b", 3), Item(None, 4, end=True)]
    assert chain(items, Rules()).having(pl.col("e")).collect()["line"].to_list() == [3, 4]


def test_sessions_stay_in_force_behind_other_steps() -> None:
    """Filters and the like in between change nothing."""
    frame = lq.scan(b'{"ts":1,"req":"a"}\n{"ts":2,"req":"b"}').sessions("req").filter(pl.col("req") == "b")
    assert frame.summary().collect()["req"].to_list() == ["b"]


def test_a_timeline_has_offset_and_delta() -> None:
    """Session by session, in time order; hidden columns stay hidden."""
    items = [Item("a", 5), Item("b", 1), Item("a", 2), Item(None, 0)]
    found = chain(items, Rules()).timeline().collect()
    assert found["line"].to_list() == [3, 4, 2]
    assert [d and d.total_seconds() for d in found["delta"].to_list()] == [None, None, 3]
    assert not [c for c in found.columns if c.startswith("__logq_")]


def test_sessions_of_what_surrounds_the_errors() -> None:
    """The chain of context and sessions runs in that order, and a context runs on sessions."""
    log = "\n".join(f'{{"ts":{n},"k":"{n % 2}","level":"{"error" if n == 6 else "info"}"}}' for n in range(12)).encode()
    found = lq.scan(log).level("ERROR").context(2).sessions("k").collect()
    assert found.select("line", "session_id").rows() == [(5, 0), (6, 1), (7, 0), (8, 1), (9, 0)]
    back = lq.scan(log).sessions("k").filter(pl.col("session_id") == 1).level("ERROR").context(1)
    assert back.collect().height == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"gap": "-1s"}, "no duration"),
        ({"gap": -1}, "not negative"),
        ({"max_span": -1}, "not negative"),
        ({"max_entries": 0}, "at least one entry"),
        ({"orphans": "lose"}, "it is one of"),
        ({"orphans": "attach"}, "needs gap="),
        ({"start": pl.col("line") == pl.col("line").max()}, "not row-wise"),
        ({"id": []}, "at least one key"),
        ({"id": "session_id"}, r"sessions tells 'session_id'; call a key of that name otherwise"),
        ({"id": re.compile("req=")}, "has no group"),
        ({"id": pl.col("a", "b")}, "several columns"),
    ],
)
def test_nonsense_is_refused(options: dict[str, Any], message: str) -> None:
    """The error names what is wrong, when the chain is built."""
    with pytest.raises(lq.errors.BuildError, match=message):
        lq.scan(b"a").sessions(**{"id": "k", **options})


def test_keys_that_are_called_as_what_is_told_need_another_name() -> None:
    """Of a summary, when it is asked for; under an alias they are keys like any other."""
    log = b'{"ts":1,"session_id":"a","duration":7}\n{"ts":2,"session_id":"a","duration":7}'
    with pytest.raises(lq.errors.BuildError, match=r"summary tells 'duration'; call a key of that name otherwise"):
        lq.scan(log).sessions("duration").summary()
    own = pl.col("session_id").alias("own"), pl.col("duration").alias("took")
    rows = lq.scan(log).sessions([*own]).summary().select("own", "took", "entries").collect().rows()
    assert rows == [("a", 7, 2)]


def test_explain_says_every_rule() -> None:
    """Keys, lengths, conditions and what is asked."""
    rules = {"gap": 1, "max_span": 2, "start": pl.col("a"), "end": pl.col("b"), "max_entries": 3, "orphans": "drop"}
    frame = lq.scan(b"a").sessions("k", **rules)  # type: ignore[arg-type]
    said = frame.having(pl.col("c")).summary(service="svc").plan.describe()
    for word in ("sessions(", "gap=1000000us", "max_span=2000000us", "start=", "end=", "max_entries=3", "orphans=drop"):
        assert word in said
    assert "having(" in said
    assert "summary(k, service=svc)" in said
    linked = lq.scan(b"a").sessions(link=["k", "l"])
    assert "sessions(link=[" in linked.timeline().plan.describe()
    assert "timeline()" in linked.timeline().plan.describe()
    assert "links(k, l)" in linked.links().plan.describe()


def test_questions_about_sessions_need_some() -> None:
    """Without sessions in force there is nothing to sum up."""
    asks: list[Callable[[lq.LogFrame], lq.LogFrame]] = [
        lambda f: f.summary(),
        lambda f: f.timeline(),
        lambda f: f.having(pl.col("line") > 1),
    ]
    for ask in asks:
        for frame in (lq.scan(b"a"), lq.scan(b"a").sessions("line").summary()):
            with pytest.raises(lq.errors.BuildError, match=r"put \.sessions"):
                ask(frame)


def test_sessions_of_real_logs_number_as_published(shared_data: Path) -> None:
    """Counts, sizes and lengths that SQLite found in the same logs, for every gap and either reading of it."""
    cases = [
        c
        for c in map(json.loads, (shared_data / "oracles" / "expected.jsonl").read_text().splitlines())
        if c["suite"] == "sessions"
    ]
    assert len(cases) == 28
    for case in cases:
        # Stamps are of whole seconds: a silence of at least n is one of more than n - 1.
        gap = case["gap_s"] - (case["new_session_when"] == ">=")
        scan = lq.scan(shared_data / case["file"], year=case["assume_year"])
        key: str | re.Pattern[str] = (
            "client_ip" if "apache" in case["file"] else re.compile(r"from (?P<client_ip>[\d.]+)")
        )
        sessions = scan.sessions(key, gap=gap, orphans="drop").summary().collect()
        top = sessions.group_by("client_ip").len().sort("len", "client_ip", descending=[True, False]).head(5)
        found = {
            "sessions": sessions.height,
            "max_events": sessions["entries"].max(),
            "single_event_sessions": (sessions["entries"] == 1).sum(),
            "max_duration_s": sessions["duration"].dt.total_seconds().max(),
            "keys": sessions["client_ip"].n_unique(),
            "events": sessions["entries"].sum(),
            "top_keys": [list(row) for row in top.rows()],
        }
        assert found == case["expected"], case["id"]


def test_what_merges_parts_needs_all_of_them() -> None:
    """Parts have columns that no other step knows."""
    wanted = frozenset({"session_id"})
    assert SessionSummary(keys=("k",), part="merged", gap=1).required(wanted) is None
    assert "k" in (SessionSummary(keys=("k",)).required(wanted) or ())
