from __future__ import annotations

import warnings

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logq.optimise.pattern import required_literal


@pytest.mark.parametrize(
    ("pattern", "literal"),
    [
        ("disk full", "disk full"),
        (r"timed out \(\d+\) while reading", ") while reading"),
        ("ab|cd", None),
        ("(?:timeout|refused) by peer", " by peer"),
        ("(error) code", "error"),
        ("(?:code){2,}x", "code"),
        ("(?:code)*?done", "done"),
        ("(?:code)?", None),
        ("abc+?def", "def"),
        ("ab", None),
        ("", None),
        ("(?P<name>abc)", "abc"),
        ("(?s:abc)", None),
        ("(?i)error", None),
        ("(?i:error)x", None),
        ("(?x) a b c d", None),
        (r"\x41BC", "ABC"),
        (r"[d]isk", "disk"),
        (r"[^d]isk!", "isk!"),
        ("(", None),
        ("a{99999999999999999999}", None),
        (r"\p{L}abcd", None),
        (r"\<word\>", None),
        (r"\b{start}word", None),
        ("[x[y]]abcd", None),
        ("[^[:alpha:]]abcd", None),
        ("[[:alpha:]]abcd", None),
        (r"\[main\] [a-z] done", "[main] "),
        ("[a||b]abcd", None),
        ("[a--b]abcd", None),
        ("[]abcd]", None),
        ("(?R)abcd", None),
        ("(" * 3000 + "abcd" + ")" * 3000, None),
    ],
)
def test_the_longest_certain_run_is_found(pattern: str, literal: str | None) -> None:
    """Runs outside choices and optional parts; None where it is short, folded, or Rust reads the pattern otherwise."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert required_literal(pattern) == literal


PIECES = st.sampled_from(
    [
        "abc",
        "err",
        "x",
        "y",
        "]",
        "[",
        "[x[y]]",
        "[^a]",
        "[b]",
        "[[:alpha:]]",
        "[]a]",
        "(abc)",
        "(?:de|fg)",
        "(?P<n>err)",
        "?",
        "*",
        "+",
        "{2}",
        "{0,1}",
        "|",
        ".",
        "^",
        "$",
        r"\.",
        r"\d",
        r"\[",
        r"\]",
        r"\\",
        r"\b",
        r"\x41",
        "(?i)",
        "(?i:a)",
        "(?s)",
        "(",
        ")",
        "{",
        "-",
        " ",
        r"\pL",
        r"\u0041",
        "&&",
        "||",
        "--",
        r"\<",
        "(?-i)",
        "#",
        "(?x)",
        "(?m)",
        ":",
        "[:alpha:]",
        "[^[:digit:]]",
        "é",
        "[a-c&&b]",
    ]
)
TEXTS = st.lists(
    st.sampled_from(
        ["abc", "err", "x", "y", "]", "[", "a", "A", "de", "fg", "b", "1", ".", "\\", "|", " ", "é", "ABC", "ERR"]
    ),
    max_size=8,
).map("".join)


@given(st.lists(PIECES, min_size=1, max_size=6).map("".join), st.lists(TEXTS, min_size=1, max_size=20))
@settings(max_examples=300)
def test_every_match_contains_the_literal(pattern: str, texts: list[str]) -> None:
    """For any pattern Rust's engine takes, each text it matches holds the literal found."""
    literal = required_literal(pattern)
    if literal is None:
        return
    series = pl.Series(texts)
    try:
        hit = series.str.contains(pattern)
    except pl.exceptions.ComputeError:
        return
    assert all(literal in text for text in series.filter(hit))
