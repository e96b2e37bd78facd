"""Where in a plain file an entry starts: what ranges of it are cut by, and how far those beside a range reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from logq.read.blocks import Handle
from logq.read.lines import entries
from logq.read.rules import sure_starts

if TYPE_CHECKING:
    from logq.read.files import FileRef
    from logq.read.rules import Rule

__all__ = ["entry_start", "reach_ahead", "reach_back"]

WINDOW: Final = 1 << 16
WIDEST: Final = 1 << 22
"""A search goes on from the last line it saw once it has read so many bytes."""


def entry_start(file: FileRef, at: int, start: Rule | None) -> int:
    """Offset of the first line at byte `at` or after it that starts an entry; the file's end if none does.

    It depends on the file and `at` alone, so that two who cut at the same byte cut at the same entry.

    >>> import pathlib, tempfile
    >>> from logq.read import FileRef
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "a.log"
    >>> _ = path.write_text("E one\\n  more\\nE two\\n")
    >>> [entry_start(FileRef(str(path)), at, "^E") for at in (0, 1, 13, 14)]
    [0, 13, 13, 19]
    """
    return _entry_start(Handle(file), at, start)


def _entry_start(handle: Handle, at: int, start: Rule | None) -> int:
    if at <= 0:
        return 0
    origin, width = at - 1, WINDOW
    while origin < handle.size:
        high = min(origin + width, handle.size)
        text = handle.read(origin, high)
        first = text.find(b"\n") + 1
        whole = len(text) if high == handle.size else text.rfind(b"\n") + 1
        found, last = _first(text[first:whole], start) if first else (None, 0)
        if found is not None:
            return origin + first + found
        if high == handle.size:
            break
        if last and width >= WIDEST:
            origin, width = origin + first + last - 1, WINDOW
        else:
            width *= 4
    return handle.size


def _first(text: bytes, start: Rule | None) -> tuple[int | None, int]:
    """Offsets, in whole lines, of the first that starts an entry, and of the last line."""
    if not text or start is None:
        return (0 if text else None), 0
    lines = text.removesuffix(b"\n").split(b"\n")
    readable = pl.Series([line.decode("utf-8", "replace") for line in lines])
    hits = sure_starts(readable, start).arg_true()
    at = sum(map(len, lines[: hits[0]])) + hits[0] if len(hits) else None
    return at, len(text.removesuffix(b"\n")) - len(lines[-1])


def reach_back(file: FileRef, end: int, start: Rule | None, count: int) -> tuple[int, int]:
    """Where the last `count` entries ahead of byte `end` begin, at the latest, and how many there are from there on."""
    handle, width = Handle(file), WINDOW
    while True:
        low = _entry_start(handle, max(end - width, 0), start)
        found = entries(handle.read(low, end), start)[0].height if low < end else 0
        if found >= count or width >= end:
            return min(low, end), found
        width *= 4


def reach_ahead(file: FileRef, begin: int, start: Rule | None, count: int) -> tuple[int, int]:
    """Where the first `count` entries from byte `begin` on end, at the earliest, and how many there are up to there."""
    handle, width = Handle(file), WINDOW
    while True:
        high = _entry_start(handle, begin + width, start)
        found = entries(handle.read(begin, high), start)[0].height
        if found >= count or high >= handle.size:
            return high, found
        width *= 4
