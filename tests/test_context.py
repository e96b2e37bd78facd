from __future__ import annotations

import tempfile
from pathlib import Path

import hypothesis.strategies as st
import polars as pl
import pytest
from hypothesis import given, settings

import logq as lq
from logq.errors import PartialResultError
from tests.reference.chain import Model
from tests.reference.logs import Event, Render, answer, as_json, as_log4j, as_plain, logs, rows_of, write

SIZES = st.integers(0, 5)
BLOCKS = st.sampled_from([20, 90, 250, 1 << 20])
FORMATS = pytest.mark.parametrize(("form", "render"), [("plain", as_plain), ("json", as_json), ("log4j", as_log4j)])


def is_error(event: Event) -> bool:
    """Whether an entry is of level ERROR."""
    return event.level == "ERROR"


@FORMATS
@settings(max_examples=40)
@given(log=logs(), before=SIZES, after=SIZES, block=BLOCKS, workers=st.integers(1, 3))
def test_context_keeps_what_the_rules_keep(
    *, form: str, render: Render, log: dict[str, list[Event]], before: int, after: int, block: int, workers: int
) -> None:
    """For any files, rotation, sizes, blocks and threads: the rows, marks, groups and distances of the reference."""
    expected = Model.of(rows_of(log, render)).filter(is_error).context(before, after)
    with tempfile.TemporaryDirectory() as folder:
        paths = write(Path(folder), log, render)
        scan = lq.scan(paths, form, block_size=block, workers=workers)
        found = scan.grep("ERROR").context(before=before, after=after).collect()
    assert answer(found) == expected.answer
    assert [found.schema[c] for c in ("is_match", "context_group", "context_distance")] == [
        pl.Boolean,
        pl.Int64,
        pl.Int64,
    ]


@settings(max_examples=25)
@given(log=logs(), before=SIZES, after=SIZES, blocks=st.tuples(BLOCKS, BLOCKS), workers=st.integers(1, 3))
def test_any_block_size_gives_the_same(
    log: dict[str, list[Event]], before: int, after: int, blocks: tuple[int, int], workers: int
) -> None:
    """Whole frames are equal, whatever the blocks: rows, values, order."""
    with tempfile.TemporaryDirectory() as folder:
        paths = write(Path(folder), log, as_log4j)
        one, other = (
            lq.scan(paths, "log4j", block_size=size, workers=workers)
            .level("ERROR", "WARN")
            .context(before=before, after=after)
            .collect()
            for size in blocks
        )
    assert one.equals(other)


@settings(max_examples=40)
@given(log=logs(), n=st.integers(0, 8), before=SIZES, after=SIZES, block=BLOCKS)
def test_head_after_context_is_the_first_rows(
    log: dict[str, list[Event]], n: int, before: int, after: int, block: int
) -> None:
    """`context(…).head(n)` is the first n rows of `context(…)`, though it reads no further than it must."""
    with tempfile.TemporaryDirectory() as folder:
        paths = write(Path(folder), log, as_log4j)
        around = lq.scan(paths, "log4j", block_size=block, workers=2).level("ERROR").context(before=before, after=after)
        assert around.head(n).collect().equals(around.collect().head(n))


@settings(max_examples=25)
@given(log=logs(), size=SIZES, block=BLOCKS)
def test_every_way_to_a_result_is_the_same(log: dict[str, list[Event]], size: int, block: int) -> None:
    """`lazy`, `batches` and `write_parquet` give what `collect` gives."""
    with tempfile.TemporaryDirectory() as folder:
        around = (
            lq.scan(write(Path(folder), log, as_log4j), "log4j", block_size=block, workers=2)
            .level("ERROR")
            .context(size)
        )
        expected = around.select("source", "line", "raw", "is_match", "context_group", "context_distance")
        whole = expected.collect()
        assert expected.lazy().collect().equals(whole)
        assert sum(batch.num_rows for batch in expected.batches()) == whole.height
        expected.write_parquet(Path(folder) / "rows.parquet")
        assert pl.read_parquet(Path(folder) / "rows.parquet").equals(whole)


@settings(max_examples=25)
@given(log=logs(), block=BLOCKS)
def test_context_of_nothing_equals_the_matches(log: dict[str, list[Event]], block: int) -> None:
    """`context(0)` gives the matches, at distance 0."""
    with tempfile.TemporaryDirectory() as folder:
        errors = lq.scan(write(Path(folder), log, as_json), "json", block_size=block, workers=2).level("ERROR")
        found = errors.context(0).collect()
        assert found.drop("is_match", "context_group", "context_distance").equals(errors.collect())
    assert found["is_match"].all()
    assert set(found["context_distance"]) <= {0}


def around(text: str, pattern: str, size: int) -> list[tuple[object, ...]]:
    """Rows of the context of `size` around matches of `pattern`, each character of `text` an entry."""
    lines = "\n".join(text).encode()
    found = lq.scan(lines, "plain", block_size=2, workers=2).grep(pattern).context(size).collect()
    return found.select("raw", "is_match", "context_group", "context_distance").rows()


def test_a_tie_goes_to_the_earlier_match() -> None:
    """A row as far behind one match as ahead of the next is told to be behind."""
    assert [row[3] for row in around("x-x", "x", 1)] == [0, 1, 0]


def test_the_nearer_match_wins_even_out_of_reach() -> None:
    """The distance is to the nearest match though the row is kept for another."""
    found = lq.scan(b"x\n1\n2\n3\nx", "plain", block_size=2).grep("x").context(after=3).collect()
    assert found["context_distance"].to_list() == [0, 1, 2, -1, 0]


def test_a_gap_starts_a_group() -> None:
    """Rows that touch are one group, however many matches; one row left out starts the next."""
    assert [row[2] for row in around("x--x---x", "x", 1)] == [0, 0, 0, 0, 0, 1, 1]


def test_matches_at_both_ends_of_a_file() -> None:
    """The first and the last entry have neighbours on one side alone."""
    assert around("xab", "x", 2) == [("x", True, 0, 0), ("a", False, 0, 1), ("b", False, 0, 2)]
    assert around("abx", "x", 2) == [("a", False, 0, -2), ("b", False, 0, -1), ("x", True, 0, 0)]


def test_a_window_wider_than_the_file_keeps_all_of_it() -> None:
    """A size beyond the file is no error and needs no more memory than the file."""
    assert len(around("abcxdef", "x", 1_000_000)) == 7


def test_rotated_files_are_one_stream_and_other_files_are_not(tmp_path: Path) -> None:
    """A match in app.log has its neighbours in app.log.1; one in other.log has none there."""
    names = {"app.log.1": "a1\na2\n", "app.log": "x\n", "other.log": "o1\n"}
    for name, text in names.items():
        (tmp_path / name).write_text(text)
    found = lq.scan(tmp_path / "*.log*", "plain").grep("x").context(1).collect()
    assert answer(found) == [("app.log.1", 2, False, 0, -1), ("app.log", 1, True, 0, 0)]


def test_a_lost_file_costs_its_own_rows(tmp_path: Path) -> None:
    """A broken archive raises after the rest is surrounded; `partial` has that rest."""
    (tmp_path / "a.log").write_text("1\nx\n2\n")
    (tmp_path / "b.log.gz").write_bytes(b"\x1f\x8b broken")
    chain = lq.scan(tmp_path, "plain").grep("x").context(1)
    with pytest.raises(PartialResultError) as caught:
        chain.collect()
    assert caught.value.partial["raw"].to_list() == ["1", "x", "2"]
    assert chain.collect(on_failure="partial")["context_distance"].to_list() == [-1, 0, 1]


def test_the_report_counts_every_entry_once() -> None:
    """Entries read and rows given, also where the context needs two passes."""
    log = "\n".join("--x--").encode()
    for size in ({"n": 1}, {"n": 1, "by": "format"}):
        report = lq.scan(log, "plain", block_size=2).grep("x").context(**size).run().report
        assert (report.entries, report.files[0].rows) == (5, 3)
