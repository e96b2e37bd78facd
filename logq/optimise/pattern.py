"""A literal that every match of a regex contains."""

from __future__ import annotations

import re

# The only parser of regex syntax at hand; Python offers it under this private name since 3.11.
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["required_literal"]

SHORTEST: Final = 3
RUST_ONLY: Final = re.compile(r"&&|--|~~|\|\||\\[<>]|\\b\{|\[\^?\]|\(\?[a-z-]*[ixuUR]")
"""Syntax that Rust's engine reads otherwise than Python's parser, or that loosens literals."""

ESCAPE: Final = re.compile(r"\\.", re.DOTALL)
NESTED: Final = re.compile(r"\[[^\]]*\[")
"""A class inside a class, which Python's parser takes for a bracket; looked for where escapes are taken out."""


def required_literal(pattern: str) -> str | None:
    """Longest run of literal characters outside any choice or optional part; None if it is short or unsure.

    >>> required_literal(r"upstream timed out \\(\\d+: .*\\) while")
    'upstream timed out ('
    >>> required_literal("a|b"), required_literal("(?i)error")
    (None, None)
    """
    if RUST_ONLY.search(pattern) or NESTED.search(ESCAPE.sub("", pattern)):
        return None
    try:
        tree = parser.parse(pattern)
    except (re.error, RecursionError, OverflowError):
        return None
    if tree.state.flags & (re.IGNORECASE | re.VERBOSE):
        return None
    best = max(_runs(tree), key=len, default="")
    return best if len(best) >= SHORTEST else None


def _runs(tree: Iterable[tuple[Any, Any]]) -> list[str]:
    runs, current = [], ""
    for op, argument in tree:
        if op is sre.LITERAL:
            current += chr(argument)
            continue
        runs.append(current)
        current = ""
        if op is sre.SUBPATTERN and not argument[1] and not argument[2]:
            runs += _runs(argument[3])
        elif op in (sre.MAX_REPEAT, sre.MIN_REPEAT) and argument[0] > 0:
            runs += _runs(argument[2])
    return [*runs, current]
