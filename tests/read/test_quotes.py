"""Values in quotes that go on over lines."""

from __future__ import annotations

import csv
import io

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import logq as lq
from logq.read import FileRef, blocks
from logq.read.quotes import Quoted
from tests.reference import quotes as reference

LINES = st.lists(st.text(st.sampled_from('"",,a'), max_size=6), max_size=12)


@given(LINES, st.integers(1, 4))
def test_entries_start_where_a_walk_through_all_characters_says(lines: list[str], farthest: int) -> None:
    """Quotes in the middle of a value, doubled ones, those never closed and those closed too far away."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("logq.read.quotes.FARTHEST", farthest)
        found = Quoted(",").starts(pl.Series(lines, dtype=pl.String)).to_list()
    assert found == reference.starts(lines, ",", farthest)


@given(LINES.map(lambda lines: "".join(f"{line}\n" for line in lines).encode()), st.integers(1, 40))
def test_blocks_begin_with_entries(text: bytes, size: int) -> None:
    """Wherever a file is cut, its entries are those of the whole, compressed or not."""
    rule = Quoted(",")
    whole = [b for block in blocks(FileRef("a", buffer=text), start=rule) for b in block.entries(rule)[0]["raw"]]
    cut = [
        b for block in blocks(FileRef("a", buffer=text), start=rule, size=size) for b in block.entries(rule)[0]["raw"]
    ]
    assert cut == whole


TABLES = st.lists(
    st.lists(st.text(st.sampled_from('a",\n x'), max_size=6), min_size=3, max_size=3), min_size=1, max_size=8
)


@given(TABLES, st.sampled_from([(",", "csv"), ("\t", "tsv")]), st.sampled_from([1, 20, 1 << 20]))
def test_what_pythons_writer_wrote_is_read_back(table: list[list[str]], kind: tuple[str, str], size: int) -> None:
    """Values of any text, line ends among them, are one entry a row, on the line where the row begins."""
    separator, form = kind
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=separator, lineterminator="\n").writerows([["x", "y", "z"], *table])
    text = buffer.getvalue()
    frame = lq.scan(text.encode(), form, block_size=size).select("line", "x", "y", "z", "parse_error").collect()
    assert [row[1:4] for row in frame.rows()] == [tuple(row) for row in table]
    assert frame["parse_error"].null_count() == len(table)
    heights = [1 + sum(value.count("\n") for value in row) for row in table]
    assert frame["line"].to_list() == [2 + sum(heights[:n]) for n in range(len(table))]


def test_an_export_of_traces_is_detected_as_what_it_is() -> None:
    """Most lines of it are no rows of their own."""
    rows = [
        (f"2024-03-05T09:14:{n:02}Z", "ERROR", f"gone\n\tat a.B.c(B.java:{n})\n\tat a.B.d(B.java:7)") for n in range(30)
    ]
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows([("timestamp", "level", "message"), *rows])
    frame = lq.scan(buffer.getvalue().encode()).collect()
    assert set(frame["format"]) == {"csv"}
    assert frame.select("level", "message").rows() == [row[1:] for row in rows]
    assert frame["line"].to_list() == [2 + 3 * n for n in range(30)]


def test_a_quote_that_is_never_closed_costs_its_own_line() -> None:
    """It is kept and says so; the lines behind it are entries as before."""
    lines = ["a,b,c", '1,"x,2', *[f"{n},y,z" for n in range(5000)], '3,"q",4']
    frame = lq.scan("".join(f"{line}\n" for line in lines).encode(), "csv", block_size=4096).collect()
    assert frame.height == 5002
    assert frame.filter(pl.col("parse_error").is_not_null())["line"].to_list() == [2]
