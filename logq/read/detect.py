"""Which format a file is in: the formats vote on a bounded sample of its lines."""

from __future__ import annotations

import math
from itertools import chain
from typing import TYPE_CHECKING, Final

from logq.formats import FORMATS
from logq.read.claims import Sample, claim, may_read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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
    claims: dict[int, Claim] = {}
    sample = Sample.of(lines)
    for order, candidate in _by_likelihood(lines, candidates) if len(lines) else ():
        found = claim(sample, candidate)
        claims[order] = found.checked() if found.share == 1.0 else found
        if claims[order].share == 1.0:
            break
    best, choice = (ENOUGH, -math.inf), None
    for order, found in sorted(claims.items(), key=lambda placed: (-placed[1].share, placed[0])):
        if found.share < best[0]:
            break
        reached = (found.checked().share, -order)
        if reached > best:
            best, choice = reached, found.candidate
    return choice


def _by_likelihood(lines: pl.Series, candidates: Iterable[Format]) -> Iterator[tuple[int, Format]]:
    """Formats and their places; behind the others those that cannot account for the first line, and so not for all.

    So none of these needs to be asked where one of the others accounts for all lines.
    """
    first, placed = Sample.of(lines.head(1)), [*enumerate(candidates)]
    likely = {at: bool(form.wraps or not form.patterns or may_read(first, form)) for at, form in placed}
    return chain(*([one for one in placed if likely[one[0]] == sure] for sure in (True, False)))
