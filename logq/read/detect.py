"""Which format a file is in: the formats vote on a bounded sample of its lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from logq.formats import FORMATS
from logq.read.claims import claim

if TYPE_CHECKING:
    from collections.abc import Iterable

    import polars as pl

    from logq.formats.base import Format
    from logq.read.claims import Claim

__all__ = ["SAMPLE", "detect"]

SAMPLE: Final = 64 << 10
ENOUGH: Final = 0.5
"""A format must account for half of the lines, its continuation lines included."""


def detect(lines: pl.Series, formats: Iterable[Format] | None = None) -> Format:
    """Lines of a sample → the format that accounts for most of them; `plain` if none does for half.

    Ties go to the format that stands earlier, that is, to the more specific one. General formats are asked last.

    >>> import polars as pl
    >>> detect(pl.Series(['{"level":"info","msg":"up"}'])).name, detect(pl.Series(["hello"])).name
    ('json', 'plain')
    """
    lines = lines.filter(lines.str.strip_chars() != "")
    candidates = tuple(FORMATS.values() if formats is None else formats)
    specific = [candidate for candidate in candidates if not candidate.general]
    general = [candidate for candidate in candidates if candidate.general]
    return _best(lines, specific) or _best(lines, general) or FORMATS["plain"]


def _best(lines: pl.Series, candidates: Iterable[Format]) -> Format | None:
    """The first of those that account for most of the lines, if that is enough.

    Stamps are read only for those that may be it: the ones that claim the most come first.
    """
    text = lines.str.join("\n").item()
    claims: list[Claim] = []
    for candidate in candidates if text else ():
        found = claim(lines, text, candidate)
        if found.share == 1.0:
            found = found.checked()
        claims.append(found)
        if found.share == 1.0:
            break
    best, choice = (ENOUGH, -len(claims)), None
    for order, found in sorted(enumerate(claims), key=lambda placed: -placed[1].share):
        if found.share < best[0]:
            break
        reached = (found.checked().share, -order)
        if reached > best:
            best, choice = reached, found.candidate
    return choice
