"""Which of several formats reads an entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from logq.read.decode.columns import CAPTURES
from logq.read.decode.json import objects
from logq.read.decode.logfmt import spoken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from logq.read.resolved import Resolved

__all__ = ["merged", "parted", "reads", "speaks"]

NOTHING: Final[frozenset[str]] = frozenset()


def reads(raw: pl.Series, resolved: Resolved) -> pl.Series:
    """Which entries a format reads: those that are tried in the formats they may be in.

    >>> from logq.plan import Scan
    >>> from logq.read import FileRef, resolve_file
    >>> file = resolve_file(FileRef("a", buffer=b"{}"), Scan(sources=("a",), formats=("json",)))
    >>> reads(pl.Series(['{"a":1}', "a 1"]), file).to_list()
    [True, False]
    """
    if resolved.format.kind == "plain":
        return pl.Series([True]).new_from_index(0, len(raw))
    _, error = CAPTURES[resolved.format.kind](raw, resolved, NOTHING, explain=True)
    return raw.is_null() if error is None else error.is_null()


def speaks(texts: pl.Series, resolved: Resolved) -> pl.Series:
    """Which texts, of anything, are lines of a format, and not prose that it reads something in; of nulls none is.

    >>> from logq.plan import Scan
    >>> from logq.read import FileRef, resolve_file
    >>> file = resolve_file(FileRef("a", buffer=b"level=info msg=up"), Scan(sources=("a",)))
    >>> texts = pl.Series(["level=info n=1", "session opened, uid=0", None])
    >>> reads(texts, file).to_list(), speaks(texts, file).to_list()
    ([True, True, True], [True, False, False])
    """
    match resolved.format.kind:
        case "logfmt":
            return spoken(texts).fill_null(value=False)
        case "json":
            return objects(texts)
    return texts.is_not_null() & reads(texts, resolved)


def parted(
    height: int, ways: Iterable[Resolved], tell: Callable[[pl.Series, Resolved], pl.Series]
) -> tuple[list[pl.Series], pl.Series]:
    """Rows of a frame that each of the ways is the first to take, as `tell` has it of some rows; rows of no way."""
    left = pl.int_range(height, eager=True)
    places: list[pl.Series] = []
    for one in ways:
        own = tell(left, one)
        places.append(left.filter(own))
        left = left.filter(~own)
    return places, left


def merged(parts: Iterable[pl.DataFrame], places: Iterable[pl.Series]) -> pl.DataFrame:
    """Frames and where the rows of each belong → one, in that order."""
    return pl.concat(parts)[pl.concat(places).arg_sort()]
