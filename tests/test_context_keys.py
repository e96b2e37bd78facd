"""Context by key and by time."""

from __future__ import annotations

import tempfile
from pathlib import Path

import hypothesis.strategies as st
import polars as pl
import pytest
from hypothesis import given, settings

import logq as lq
from logq.errors import BuildError, ColumnNotFoundError
from tests.reference.chain import Model
from tests.reference.logs import Event, answer, as_json, as_log4j, logs, rows_of, write

SIZES = st.integers(0, 4)
BLOCKS = st.sampled_from([150, 600, 1 << 20])
ODD = (None, "", "-", "x", "x\x1f", "\x1fy", "1:x", "\u00e9")
"""Values that a careless join of texts would mix up."""


def is_error(event: Event) -> bool:
    """Whether an entry is of level ERROR."""
    return event.level == "ERROR"


@settings(max_examples=30)
@given(
    log=logs(keys=ODD, filled=True),
    before=SIZES,
    after=SIZES,
    block=BLOCKS,
    workers=st.integers(1, 3),
    columns=st.sampled_from([("a",), ("b", "a")]),
)
def test_by_counts_entries_of_the_same_values(
    *, log: dict[str, list[Event]], before: int, after: int, block: int, workers: int, columns: tuple[str, ...]
) -> None:
    """With one key column or two, nulls a value like any other: as the reference."""
    expected = (
        Model.of(rows_of(log, as_json))
        .filter(is_error)
        .context(before, after, key=lambda e: tuple(getattr(e, c) for c in columns))
    )
    with tempfile.TemporaryDirectory() as folder:
        scan = lq.scan(write(Path(folder), log, as_json), "json", block_size=block, workers=workers)
        found = scan.level("ERROR").context(before=before, after=after, by=columns).collect()
    assert answer(found) == expected.answer


@settings(max_examples=30)
@given(
    log=logs(undated=True, filled=True),
    span=st.integers(0, 6),
    block=BLOCKS,
    workers=st.integers(1, 3),
    by=st.booleans(),
)
def test_span_keeps_entries_near_in_time(
    log: dict[str, list[Event]], span: int, block: int, workers: int, by: bool
) -> None:
    """Out of order, without stamps, with a key or without: kept if at most the span away, both ends included."""
    expected = Model.of(rows_of(log, as_json)).filter(is_error).context(span=span, key=lambda e: e.a if by else ())
    with tempfile.TemporaryDirectory() as folder:
        scan = lq.scan(write(Path(folder), log, as_json), "json", block_size=block, workers=workers)
        found = scan.level("ERROR").context(span=f"{span}s", by=["a"] if by else []).collect()
    assert answer(found) == expected.answer


@settings(max_examples=20)
@given(log=logs(), size=SIZES, span=st.integers(0, 4), block=BLOCKS)
def test_keys_and_times_of_entries_with_stack_traces(
    log: dict[str, list[Event]], size: int, span: int, block: int
) -> None:
    """Entries of several lines have keys and times too, and their neighbours are entries."""
    errors = Model.of(rows_of(log, as_log4j)).filter(is_error)
    with tempfile.TemporaryDirectory() as folder:
        found = lq.scan(write(Path(folder), log, as_log4j), "log4j", block_size=block, workers=2).level("ERROR")
        assert (
            answer(found.context(size, by="thread").collect()) == errors.context(size, size, key=lambda e: e.a).answer
        )
        assert answer(found.context(span=span).collect()) == errors.context(span=span).answer


@settings(max_examples=20)
@given(log=logs(undated=True, filled=True), blocks=st.tuples(BLOCKS, BLOCKS), size=SIZES)
def test_any_block_size_gives_the_same(log: dict[str, list[Event]], blocks: tuple[int, int], size: int) -> None:
    """Keys and times reach across blocks as if there were none."""
    with tempfile.TemporaryDirectory() as folder:
        paths = write(Path(folder), log, as_json)
        one, other = (
            [errors.context(size, by="a").collect(), errors.context(span=size, by=("a", "b")).collect()]
            for errors in (lq.scan(paths, "json", block_size=block, workers=2).level("ERROR") for block in blocks)
        )
    assert all(a.equals(b) for a, b in zip(one, other, strict=True))


LOG = "\n".join(as_json(Event("ERROR" if n % 5 == 3 else "INFO", f"m{n}", n, "xy"[n % 2])) for n in range(12)).encode()


def test_by_may_name_a_column_made_on_the_way() -> None:
    """The key is the column as it is where the context stands."""
    chain = lq.scan(LOG, "json").with_columns(parity=pl.col("line") % 2).rename({"a": "alpha"}).level("ERROR")
    by_made, by_renamed = (chain.context(1, by=name).collect() for name in ("parity", "alpha"))
    assert by_made["line"].to_list() == by_renamed["line"].to_list() == [2, 4, 6, 7, 9, 11]


def test_span_goes_by_the_timestamp_on_the_way_once() -> None:
    """A timestamp that was moved is moved once in the answer, and the span goes by the moved one."""
    chain = lq.scan(LOG, "json").with_columns(pl.col("timestamp").dt.truncate("4s")).level("ERROR").context(span=0)
    assert chain.collect().select("line", pl.col("timestamp").dt.second()).rows() == [
        (n + 1, n // 4 * 4) for n in (*range(4), *range(8, 12))
    ]
    moved = (
        lq.scan(LOG, "json")
        .with_columns(pl.col("timestamp").dt.offset_by("1h"))
        .level("ERROR")
        .context(span=0)
        .collect()
    )
    assert set(moved["timestamp"].dt.hour()) == {1}


def test_span_takes_every_way_to_write_a_length() -> None:
    """Text, seconds and timedelta are the same length."""
    errors = lq.scan(LOG, "json", block_size=300).level("ERROR")
    texts = [errors.context(span=length).collect()["line"].to_list() for length in ("1s", "1000ms", 1, 1.0)]
    assert texts == [[3, 4, 5, 8, 9, 10]] * 4


@pytest.mark.parametrize("passes", [{"by": "thrad"}, {"by": ("a", "thrad")}])
def test_a_key_that_is_no_column_is_named(passes: dict[str, object]) -> None:
    """An unknown key raises with its name, before anything is read."""
    log = as_log4j(Event("ERROR", "disk", 0, "t", "c")).encode()
    with pytest.raises(ColumnNotFoundError, match="'thrad'"):
        _ = lq.scan(log, "log4j").select("line", "level", a=pl.col("thread")).level("ERROR").context(1, **passes).schema  # type: ignore[arg-type]


def test_a_span_needs_the_timestamp() -> None:
    """Where the timestamp was left out or renamed, a span says that it lacks it."""
    scan = lq.scan(LOG, "json").level("ERROR")
    for chain in (scan.select("line"), scan.drop("timestamp"), scan.rename({"timestamp": "at"})):
        with pytest.raises(ColumnNotFoundError, match="timestamp"):
            chain.context(span="1s").collect()


@pytest.mark.parametrize(
    "sizes", [{}, {"n": -1}, {"before": -1}, {"after": -2}, {"span": -1}, {"n": 1, "span": "1s"}, {"span": "soon"}]
)
def test_sizes_that_make_no_sense_are_refused(sizes: dict[str, object]) -> None:
    """No size, a negative one, or a number and a span together: an error where the chain is built."""
    with pytest.raises(BuildError):
        lq.scan(LOG, "json").context(**sizes)  # type: ignore[arg-type]


def test_fields_may_be_named_like_words_of_the_engine() -> None:
    """Fields called at, next, near or timestamp-like words stay what they are, also on the stream."""
    log = b"\n".join(
        b'{"ts":"2024-01-01T00:00:0%dZ","msg":"%d","at":1,"next":2,"near":3,"back":4}' % (n, n) for n in range(9)
    )
    scan = lq.scan(log, "json").sort("line").filter(pl.col("message") == "4")
    for chain in (scan.context(1), scan.context(1, by="at"), scan.context(span="1s"), scan.context(0).context(1)):
        assert chain.select("line", "at", "next", "near", "back").collect().rows() == [
            (n, 1, 2, 3, 4) for n in (4, 5, 6)
        ]


def test_a_key_may_be_a_number() -> None:
    """Numbers and levels are keys as well as texts."""
    log = b'{"n":1,"m":"a"}\n{"n":10,"m":"b"}\n{"n":1,"m":"x"}\n{"n":null,"m":"c"}\n{"n":1,"m":"d"}'
    found = lq.scan(log, "json").filter(pl.col("m") == "x").context(1, by=["n", "level"]).collect()
    assert found.select("line", "context_distance", "context_group").rows() == [(1, -1, 0), (3, 0, 1), (5, 1, 2)]
