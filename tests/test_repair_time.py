"""Missing times filled from the entry before: over blocks, filters, scopes and contexts, here and on a fleet."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import polars as pl
import pytest
from hypothesis import example, given, settings

import logq as lq
from logq.compile import split
from logq.errors import BuildError, ColumnNotFoundError
from logq.plan import RepairTime
from tests.reference.chain import Model
from tests.reference.logs import Event, answer, as_json, logs, rows_of, write
from tests.test_context_chain import CONTEXTS, NARROWING, RENEWING, ROWWISE, SCOPING, SHAPING, Move

REPAIR = Move("repair_time", lambda f: f.repair_time(), Model.repair_time)
UNDATED = Move(
    "undated",
    lambda f: f.filter(pl.col("timestamp").is_null()),
    lambda m: m.filter(lambda e: e.second is None),
)
LATE = Move(
    "scope by time",
    lambda f: f.scope(pl.col("timestamp").dt.second() > 3),
    lambda m: m.scope(lambda e: e.second is not None and e.second > 3),
)
LOG = {"app.log.1": [Event("INFO", "up", s) for s in (None, 3, None, None, 7)], "app.log": [Event("WARN", "up", None)]}

HIDDEN = {"app.log.1": [Event("INFO", "disk", 1), Event("DEBUG", "up", 1)], "app.log": [Event("INFO", "up", 1)]}
"""Of two entries side by side, with one out of scope between them."""


def check(log: dict[str, list[Event]], moves: Sequence[Move], block: int) -> None:
    """Rows and times are those of the reference."""
    expected = Model.of(rows_of(log, as_json))
    with tempfile.TemporaryDirectory() as folder:
        frame = lq.scan(write(Path(folder), log, as_json), "json", block_size=block, workers=2)
        for move in moves:
            frame, expected = move.apply(frame), move.means(expected)
        found = frame.collect()
    assert answer(found) == expected.answer
    assert found["timestamp"].dt.second().to_list() == [row.event.second for row in expected.shown]


@settings(max_examples=80)
@given(
    log=logs(undated=True, filled=True),
    moves=st.lists(
        st.sampled_from([REPAIR, REPAIR, UNDATED, LATE, *NARROWING, *SCOPING, *CONTEXTS, *RENEWING, SHAPING[0]]),
        max_size=5,
    ),
    block=st.sampled_from([1, 200, 100_000]),
)
@example(log=LOG, moves=[REPAIR], block=1)
def test_a_repair_anywhere_in_a_chain(log: dict[str, list[Event]], moves: list[Move], block: int) -> None:
    """It sees the universe: what filters left out, not what is out of scope; a context after it sees new times."""
    check(log, [*moves, REPAIR], block)


@settings(max_examples=40)
@given(
    log=logs(undated=True, filled=True),
    early=st.lists(st.sampled_from([*NARROWING, *SCOPING]), max_size=2),
    late=st.lists(st.sampled_from([*NARROWING, *SCOPING]), max_size=2),
    context=st.sampled_from(CONTEXTS),
    block=st.sampled_from([1, 200, 100_000]),
)
@example(log=HIDDEN, early=[SCOPING[0]], late=[NARROWING[2]], context=CONTEXTS[0], block=1)
def test_a_context_behind_a_repair_counts_entries_in_scope(
    *, log: dict[str, list[Event]], early: list[Move], late: list[Move], context: Move, block: int
) -> None:
    """While reading, as on the stream."""
    check(log, [*early, REPAIR, *late, context], block)


@pytest.mark.parametrize("move", ROWWISE, ids=repr)
def test_a_repair_is_made_while_reading_where_nothing_looks_at_times_before(move: Move) -> None:
    """Then memory is flat; only what reads or makes times ahead of it takes it to the stream."""
    chain = REPAIR.apply(move.apply(lq.scan(b"{}", "json")))
    streamed = any(isinstance(step, RepairTime) for step in split(chain.plan).rest)
    assert streamed == (move.name in ("between", "select", "drop"))


def test_quality_tells_what_was_carried() -> None:
    """Of the other columns nothing changes, nor does it matter whether anyone asks for the time."""
    text = b'{"ts":"2024-01-01T00:00:00Z"}\n{"ts":"soon"}\n{"ts":"2024-01-02 00:00:00"}\n'
    rows = lq.scan(text, block_size=1).repair_time().collect()
    assert rows["time_quality"].to_list() == ["exact", "carried", "zone_assumed"]
    assert rows["parse_error"].to_list() == [None, "ts: not a time", None]
    assert rows.drop("timestamp", "time_quality").equals(lq.scan(text).collect().drop("timestamp", "time_quality"))
    assert lq.scan(text).repair_time().select("line").collect()["line"].to_list() == [1, 2, 3]
    assert lq.scan(text).repair_time().group_by().agg(pl.len()).collect().item() == 3


def test_order_on_the_stream_is_that_of_lines() -> None:
    """A sort does not change which entry was before; a column made anew is what is carried."""
    text = b'{"ts":"2024-01-01T00:00:00Z"}\n{"ts":"soon"}\n{"ts":"2024-01-02T00:00:00Z"}\n'
    chain = lq.scan(text).sort("line", descending=True).repair_time().select("line", pl.col("timestamp").dt.day())
    assert chain.collect().rows() == [(3, 2), (2, 1), (1, 1)]
    made = lq.scan(text).with_columns(timestamp=pl.when(pl.col("line") == 1).then("timestamp")).repair_time()
    assert made.collect()["timestamp"].dt.day().to_list() == [1, 1, 1]
    table = lq.from_polars(pl.DataFrame({"timestamp": [dt.date(2024, 1, 1), None]})).repair_time()
    assert table.collect()["time_quality"].to_list() == [None, "carried"]


def test_year_less_stamps_are_carried_too(tmp_path: Path) -> None:
    """Lines of no format take the time of those before them."""
    (tmp_path / "messages").write_text("Mar  5 09:00:01 h d[1]: up\nx\n" * 3)
    rows = lq.scan(tmp_path / "messages", "syslog_rfc3164", year=2024, multiline=False, block_size=30).repair_time()
    assert rows.collect()["time_quality"].to_list() == ["year_inferred", "carried"] * 3


@pytest.mark.parametrize("option", ["backward", ""])
def test_other_methods_are_refused(option: Any) -> None:
    """By name."""
    with pytest.raises(BuildError, match="the method is 'carry'"):
        lq.scan(b"a").repair_time(option)


def test_what_has_no_entry_before_is_refused() -> None:
    """Rows of no file, rows of which some are hidden, rows whose time is gone."""
    with pytest.raises(BuildError, match="repair_time needs entries of files"):
        lq.scan(b"a").group_by("line").agg(pl.len()).repair_time()
    with pytest.raises(BuildError, match="between a filter and a repair_time"):
        lq.scan(b"a").grep("a").with_columns(n=pl.col("line").shift()).repair_time()
    with pytest.raises(ColumnNotFoundError, match="timestamp"):
        lq.scan(b"a").drop("timestamp").repair_time().collect()


def test_a_fleet_carries_within_a_file(tmp_path: Path) -> None:
    """The rotation set is one unit; rows, times and order are those of one machine."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write(tmp_path / name, LOG, as_json)
    chains: list[Callable[[lq.LogFrame], lq.LogFrame]] = [
        lambda f: f.repair_time(),
        lambda f: f.filter(pl.col("timestamp").is_null()).repair_time(),
    ]
    with lq.Fleet.local({name: tmp_path / name for name in ("a", "b")}) as fleet:
        for chain in chains:
            asked = chain(fleet.scan("app.log*", "json", block_size=1))
            own = [chain(lq.scan(tmp_path / name / "app.log*", "json")).collect() for name in ("a", "b")]
            columns = ["line", "timestamp", "time_quality", "message"]
            assert asked.collect().select(columns).equals(pl.concat(own).select(columns))
