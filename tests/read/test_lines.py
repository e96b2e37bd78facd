"""Bytes as entries: lines, continuations, damage."""

from __future__ import annotations

import codecs
import itertools
import re

import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import logq as lq
from logq.read import DAMAGE, LINE, entries
from logq.read.contents import compression_of
from logq.read.rules import After, Rule, starts
from logq.read.traces import Traces

PIECES = st.sampled_from(
    [
        b"E",
        b"E a",
        b" at",
        b"\n",
        b"\r\n",
        b"\r",
        b"\0",
        b"\xff",
        b"\xc3",
        b"\xef\xbb\xbf",
        "\ufffdé\ue000".encode(),
        b'"',
        b",",
    ]
)
BYTES = st.lists(PIECES | st.binary(max_size=4), max_size=40).map(b"".join)


def text_lines(data: bytes) -> list[str]:
    """Lines as a slow reader has them, bad bytes replaced."""
    parts = data.split(b"\n")
    if not parts[-1]:
        parts.pop()
    return [p.removesuffix(b"\r").decode("utf-8", "replace") for p in parts]


def bad_lines(data: bytes) -> list[bool]:
    """Which lines are no UTF-8."""

    def bad(part: bytes) -> bool:
        try:
            part.decode()
        except UnicodeDecodeError:
            return True
        return False

    parts = data.split(b"\n")
    return [bad(p) for p in (parts if parts[-1] else parts[:-1])]


def damage(frame: pl.DataFrame) -> list[bool]:
    """Which entries are marked; the column is there only if one is."""
    return frame[DAMAGE].is_not_null().to_list() if DAMAGE in frame.columns else [False] * frame.height


def grouped(lines: list[str], start: str) -> list[tuple[int, str]]:
    """Entries by a plain loop: a line that is no start joins the one before, once there was a start."""
    found: list[tuple[int, str]] = []
    begun = False
    for number, line in enumerate(lines):
        first = re.search(start, line) is not None
        begun |= first
        if first or not begun:
            found.append((number, line))
        else:
            found[-1] = (found[-1][0], found[-1][1] + "\n" + line)
    return found


@given(BYTES)
def test_every_line_is_an_entry_where_nothing_continues(data: bytes) -> None:
    """Lines are what lies between newlines, `\\r` before `\\n` left out, bad bytes replaced and marked, genuine U+FFFD not."""
    frame, count = entries(data, None)
    assert frame["raw"].to_list() == text_lines(data)
    assert frame[LINE].to_list() == list(range(count))
    assert damage(frame) == bad_lines(data)


@given(BYTES, st.sampled_from(["^E", "E", "^(?:E|a)", "^E a$"]))
def test_continuations_join_the_entry_before_them(data: bytes, start: str) -> None:
    """Equal to a plain loop; lines ahead of the first start stand alone; no line is lost; damage anywhere marks the entry."""
    frame, count = entries(data, start)
    lines = text_lines(data)
    assert count == len(lines)
    assert list(zip(frame[LINE].to_list(), frame["raw"].to_list(), strict=True)) == grouped(lines, start)
    assert sum(raw.count("\n") + 1 for raw in frame["raw"]) == count
    bad = bad_lines(data)
    places = [*frame[LINE].to_list(), count]
    assert damage(frame) == [any(bad[low:high]) for low, high in itertools.pairwise(places)]


@given(
    BYTES,
    st.sampled_from(["auto", "plain", "json", "logfmt", "csv", "tsv", "log4j", "syslog_rfc3164", "nginx_access"]),
    st.integers(1, 30),
)
def test_no_bytes_crash_a_scan_or_lose_a_line(data: bytes, form: str, block: int) -> None:
    """Any bytes, any format, any block size: all lines come out, in order, each at its number."""
    # Text that says it is of another encoding, or compressed, is read as such.
    assume(not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and compression_of(data, None) is None)
    frame = lq.scan(data, form, block_size=block).collect()
    lines = text_lines(data.removeprefix(codecs.BOM_UTF8))
    out = [(n + i, text) for n, raw in frame.select("line", "raw").rows() for i, text in enumerate(raw.split("\n"))]
    missing = 1 if form in ("auto", "csv", "tsv") and len(out) == len(lines) - 1 else 0  # a header line
    assert out == list(enumerate(lines, 1))[missing:]


@pytest.mark.parametrize("start", ["^E", "^E$", After("a$"), Traces()])
def test_where_no_line_is_none_starts(start: Rule) -> None:
    """Whatever tells it."""
    assert starts(pl.Series([], dtype=pl.String), start).to_list() == []


def test_damage_is_kept_apart_from_what_it_looks_like() -> None:
    """One bad byte marks its entry, not the entries that hold a genuine U+FFFD."""
    frame = lq.scan("fine\nreal \ufffd\n".encode() + b"bad \xff\n").collect()
    assert frame["raw"].to_list() == ["fine", "real \ufffd", "bad \ufffd"]
    assert frame["parse_error"].to_list() == [None, None, "invalid UTF-8"]


def test_a_stack_trace_is_one_entry() -> None:
    """Entries are counted, not lines; `line` is the number of the first line, orphans ahead stand alone."""
    log = b"tail of old\n2024-01-01 00:00:00,000 ERROR [main] a.B - x\n\tat a\n\tat b\xff\n2024-01-01 00:00:01,000 INFO [main] a.B - y\n"
    frame = lq.scan(log, "log4j").collect()
    assert frame["line"].to_list() == [1, 2, 5]
    assert frame["raw"][1].endswith("x\n\tat a\n\tat b\ufffd")
    assert frame["level"].to_list() == [None, "ERROR", "INFO"]
    assert frame["parse_error"].to_list() == ["no pattern of log4j matches", "invalid UTF-8", None]


@pytest.mark.parametrize("head", [b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"x\x01", b"x\x9c"])
def test_a_block_that_begins_like_an_archive_is_text(head: bytes) -> None:
    """Wherever in a file a block begins, its bytes are lines."""
    frame, count = entries(head + b" a\nb\n", None)
    assert (count, frame[LINE].to_list()) == (2, [0, 1])
    assert frame["raw"].to_list() == [(head + b" a").decode("utf-8", "replace"), "b"]
