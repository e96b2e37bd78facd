"""Blocks of JSON lines that are read without taking their lines apart: the answer is that of lines taken one by one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import logq as lq
from logq.plan import Scan
from logq.read import FileRef, decode_entries, decode_whole, entries, resolve_file

if TYPE_CHECKING:
    from pathlib import Path

WANTED = frozenset({"n", "s", "t.s", "deep.k", "timestamp", "level", "message", "parse_error"})
HEAD = b'{"n":1,"s":"a","t":{"s":"b"},"deep":{"k":2.5},"time":"2024-05-01T12:00:00Z","level":"warn","msg":"up"}\n'
LINES = st.sampled_from(
    [
        HEAD,
        b'{"n":2,"s":"b"}\n',
        b'{"n":3}\r\n',
        b'{"n":"x"}\n',
        b'{"s":{"in":1}}\n',
        b'{"s":["in"]}\n',
        b'{"s":"[main] up"}\n',
        b'{"s":{"x":1},"deep":{"k":1}}\n',
        b'{"s":"[t]","t":{"s":"[q]"}}\n',
        b'{"s":"{up","msg" : "[ok]"}\n',
        b'{"s":"[up","deep":{"s":[1]}}\n',
        b'{"\\u0073":[1],"deep":{"s":"[up"}}\n',
        b'{"time":"gone"}\n',
        b'{"s":"\xff"}\n',
        b"\n",
        b"plain text\n",
        b"[1]\n",
        b'{"n":4}{"n":5}\n',
    ]
)


@given(data=st.lists(LINES, max_size=6).map(lambda lines: HEAD + b"".join(lines)), cut=st.booleans())
def test_a_block_read_whole_is_the_block_read_by_lines(data: bytes, *, cut: bool) -> None:
    """Either nothing is said, or what entry after entry says."""
    data = data.removesuffix(b"\n") if cut else data
    file = resolve_file(FileRef("a", buffer=HEAD), Scan(sources=("a",), formats=("json",)))
    whole = decode_whole(data, file, WANTED, "UTC")
    one_by_one = decode_entries(entries(data, None)[0], file, WANTED, "UTC")
    assert whole is None or whole.select(sorted(WANTED)).equals(one_by_one.select(sorted(WANTED)))


def test_texts_that_begin_like_a_list_are_read_whole() -> None:
    """A message in brackets is a text, and a list in its place is told from one."""
    file = resolve_file(FileRef("a", buffer=HEAD), Scan(sources=("a",), formats=("json",)))
    assert decode_whole(HEAD + b'{"s":"[main] up","msg": "{x}"}\n', file, WANTED, "UTC") is not None
    assert decode_whole(HEAD + b'{"s":"[main] up","msg": ["x"]}\n', file, WANTED, "UTC") is None
    assert decode_whole(HEAD + b'{"\\u0073":["main"],"deep":{"s":"["}}\n', file, WANTED, "UTC") is None


@given(lines=st.lists(LINES.filter(lambda line: b'"n":4' not in line), max_size=6))
def test_one_line_that_does_not_fit_changes_no_other(lines: list[bytes]) -> None:
    """The way that takes each field by itself gives what the fast one gives."""
    file = resolve_file(FileRef("a", buffer=HEAD), Scan(sources=("a",), formats=("json",)))
    alone, beside = (
        decode_entries(entries(b"".join(some), None)[0], file, WANTED, "UTC").select(sorted(WANTED))
        for some in (lines, [*lines, b"{\n"])
    )
    assert beside.head(-1).equals(alone)


def test_what_is_asked_for_decides_whether_lines_are_taken_apart() -> None:
    """Clean lines are read whole; not so another format, or the object of all other keys."""
    file = resolve_file(FileRef("a", buffer=HEAD), Scan(sources=("a",), formats=("json",)))
    assert decode_whole(HEAD, file, WANTED, "UTC") is not None
    assert decode_whole(HEAD, file, WANTED | {"extra"}, "UTC") is None
    plain = resolve_file(FileRef("a", buffer=b"x\n"), Scan(sources=("a",), formats=("plain",)))
    assert decode_whole(b"x\n", plain, frozenset({"message"}), "UTC") is None


@pytest.mark.parametrize("size", [60, 200, 1 << 20])
def test_damage_in_one_block_is_told_of_that_block_alone(tmp_path: Path, size: int) -> None:
    """Lines keep their numbers and values whichever way their block was read."""
    texts = [json.dumps({"n": n, "s": f"s{n}"}) for n in range(40)]
    texts[17] = "no object"
    (tmp_path / "a.json").write_text("\n".join(texts))
    frame = lq.scan(tmp_path / "a.json", "json", block_size=size).select("line", "n", "s", "parse_error").collect()
    assert frame["line"].to_list() == [*range(1, 41)]
    assert frame.filter(pl.col("parse_error").is_not_null())["line"].to_list() == [18]
    assert frame["n"].to_list() == [None if n == 17 else n for n in range(40)]
