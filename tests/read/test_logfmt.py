"""Pairs as they are read many lines at once equal those of a slow reader of one line."""

from __future__ import annotations

import re

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from logq.read.decode.logfmt import MANY, values

KEYS = ("a", "b", "msg", "t.x")
ESCAPES = {r"\\": "\\", r"\"": '"', r"\n": "\n", r"\r": "\r", r"\t": "\t"}


def slow(line: str, key: str) -> str | None:
    """First value of a key outside quotes; anywhere, in a line with a quote too many, which may hold all the rest.

    A value without quotes ends at a blank, or at a comma with a blank, a key or nothing behind it.
    """
    quoted = r'"(?:[^"\\]|\\.)*"'
    stray = '"' in re.sub(quoted, "", line)
    place = 0
    while place < len(line):
        begins = place == 0 or line[place - 1].isspace() or line[place - 1] == ","
        found = re.compile(rf'{re.escape(key)}=({quoted}|"(?s:.*)|[^\s"]*)').match(line, place) if begins else None
        if found:
            text = found[1]
            if not text.startswith('"'):
                return re.sub(r",([A-Za-z_@][\w.@/-]*=.*)?\Z", "", text, count=1)
            inner = text.removeprefix('"').removesuffix('"')
            return re.sub(r'\\[\\"nrt]', lambda m: ESCAPES[m[0]], inner)
        whole = None if stray else re.compile(quoted).match(line, place)
        place = whole.end() if whole else place + 1
    return None


BARE = st.sampled_from(["1", "x", "", "a,b", "7,8", "x=y", "é", "a\tb"])
INSIDE = st.sampled_from(["", "x y", r"say \"no\"", "a=1 b=2", r"one\ntwo", r"back\\", "ü, b=3"])
VALUES = st.one_of(BARE, INSIDE.map(lambda text: f'"{text}"'))
PAIRS = st.tuples(st.sampled_from(KEYS), VALUES).map("=".join)
LINES = st.one_of(
    st.lists(PAIRS, max_size=5).map(" ".join),
    st.lists(PAIRS, max_size=5).map("  ".join),
    st.tuples(st.sampled_from(["noise ", 'x" ', "", " "]), st.lists(PAIRS, max_size=3).map(" ".join)).map("".join),
    st.text('ab=" ,\\', max_size=12),
)


@given(st.lists(st.one_of(st.none(), LINES), max_size=12), st.sets(st.sampled_from((*KEYS, "none")), min_size=1))
def test_many_lines_at_once(lines: list[str | None], keys: set[str]) -> None:
    """Whatever stands in the lines around it, each key has the value that its line alone gives."""
    wanted = sorted(keys)
    frame = values(pl.Series(lines, dtype=pl.String), {f"of {key}": key for key in wanted})
    assert frame.rows() == [tuple(None if line is None else slow(line, key) for key in wanted) for line in lines]


def test_lines_of_very_many_keys() -> None:
    """No pattern is made of them, and all are read."""
    line = " ".join(f"k{n}={n}" for n in range(MANY + 1))
    frame = values(pl.Series([line, "k7=x", line]), {"seventh": "k7", "last": f"k{MANY}"})
    assert frame.rows() == [("7", f"{MANY}"), ("x", None), ("7", f"{MANY}")]


def test_no_key_wanted() -> None:
    """No columns, and no work."""
    assert values(pl.Series(["a=1"]), {}).width == 0
