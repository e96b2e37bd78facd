"""Formats from a regex, and what a linear-time engine cannot take."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import logq as lq
from logq.errors import PatternError
from logq.formats import FORMATS
from logq.formats.custom.rewrite import rewrite


@pytest.fixture(autouse=True)
def _registry() -> Iterator[None]:
    """What a scan registers is forgotten after each test."""
    before = list(FORMATS.values())
    yield
    FORMATS._formats = {f.name: f for f in before}


@pytest.mark.parametrize(
    ("pattern", "plain"),
    [
        ('"[^"]*+"', '"[^"]*"'),
        ('"[^"]{2,}+"', '"[^"]{2,}"'),
        (r"(?<a>\d+)\+", r"(?<a>\d+)\+"),
        (r"[*+]+", r"[*+]+"),
    ],
)
def test_rewritten(pattern: str, plain: str) -> None:
    """A possessive quantifier that could give nothing back is greedy; anything else stays as it is."""
    assert rewrite(pattern) == plain


@pytest.mark.parametrize("pattern", ["a*+a", "*+", '[^"]*+', '[^"]*+"?', "(?i)[^a]*+a", '"[^"]*+(x)', "[^a]*+b"])
def test_possessive_refused(pattern: str) -> None:
    """Where a greedy quantifier could match more, the construct is refused by name."""
    with pytest.raises(PatternError, match="possessive"):
        lq.Format.regex("x", pattern)


@pytest.mark.parametrize(("pattern", "named"), [("a(?=b)", "look-ahead"), (r"(a)\1", "back-ref"), ("(?>a)", "atomic")])
def test_constructs_refused(pattern: str, named: str) -> None:
    """What Rust's regex lacks is named."""
    with pytest.raises(PatternError, match=named):
        lq.Format.regex("x", [pattern])


def test_stamp() -> None:
    """A layout, or a stamp that names its field, reads the time."""
    text = b"05.03.2024 09:14:02 hello"
    for group, stamp in (
        ("timestamp", "%d.%m.%Y %H:%M:%S"),
        ("at", lq.Stamp(layouts=("%d.%m.%Y %H:%M:%S",), fields=("at",))),
    ):
        form = lq.Format.regex(f"x_{group}", rf"^(?P<{group}>\S+ \S+) (?P<message>.*)$", stamp=stamp)
        assert str(lq.scan(text, format=form).collect()["timestamp"][0]) == "2024-03-05 09:14:02+00:00"
