"""Files as blocks of whole entries, each readable on its own and in any thread.

Reading in blocks measured as fast as Polars' streaming `scan_lines` on two cores (2.0 GB/s against
1.96 on a 3.2 GB file), and lets one bad byte, one broken archive or one vanished file cost no more
than itself. 8 MiB is the size at which a fresh buffer costs little and the per-block overhead less.
"""

from __future__ import annotations

import codecs
import os
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

import polars as pl

from logq.read.lines import entries, lines_of
from logq.read.quotes import Quoted
from logq.read.rules import sure_starts
from logq.read.streams import chunks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from logq.read.files import FileRef
    from logq.read.rules import Rule

__all__ = ["BLOCK", "Block", "Handle", "blocks"]

BLOCK: Final = 8 << 20
LONGEST: Final = 64 << 20
"""Entries longer than this are cut at a line end; one line is never cut."""

WINDOWS: Final = (1 << 14, 1 << 18, 1 << 22)


@dataclass(frozen=True, slots=True)
class Block:
    """Bytes [offset, offset + size) of the decoded file; `load` may run in any thread."""

    offset: int
    size: int
    load: Callable[[], bytes]

    def entries(self, start: Rule | None) -> tuple[pl.DataFrame, int]:
        """Load it and split it into entries: (frame, number of lines)."""
        return entries(self.load(), start)


def blocks(file: FileRef, *, start: Rule | None, encoding: str = "utf-8", size: int = BLOCK) -> Iterator[Block]:
    """Cut a file into blocks at entry starts: `start` tells where entries start; None for any line.

    A local plain file is covered from `since` up to its size at the first call, or to `until`. Raises OSError after
    the last readable block if the rest cannot be read.

    >>> from logq.read import FileRef
    >>> [b.load() for b in blocks(FileRef("a", buffer=b"E one\\n  more\\nE two\\n"), start="^E", size=8)]
    [b'E one\\n  more\\n', b'E two\\n']
    """
    plain = file.local and file.compression is None and encoding == "utf-8"
    for block in _by_offset(file, start, size) if plain else _by_stream(chunks(file, encoding), start, size):
        yield block if block.offset else replace(block, load=partial(_unmarked, block.load))


def _unmarked(load: Callable[[], bytes]) -> bytes:
    """Load the first block of a file without its byte order mark; the same bytes further on are text."""
    return load().removeprefix(codecs.BOM_UTF8)


def _by_offset(file: FileRef, start: Rule | None, size: int) -> Iterator[Block]:
    handle = Handle(file)
    position = file.since
    while position < handle.size:
        stop = _stop(handle, position, start, size)
        yield Block(position, stop - position, partial(handle.read, position, stop))
        position = stop


def _stop(handle: Handle, position: int, start: Rule | None, size: int) -> int:
    """Find where the block from `position` ends: at an entry start near `position + size`, or at the end."""
    reach = size
    while position + reach < handle.size:
        at = position + reach
        windows = (reach,) if isinstance(start, Quoted) else (*WINDOWS, reach)
        for low in (max(position, at - window) for window in windows):
            cut = last_start(handle.read(low, at), start)
            if cut is not None and low + cut > position:
                return low + cut
        if reach >= LONGEST:
            start = None
        reach += size
    return handle.size


def last_start(text: bytes | bytearray, start: Rule | None) -> int | None:
    """Offset in `text` of the last line that is whole up to its end and starts an entry.

    With `start` None, the offset after the last newline. The line that `text` begins in never counts, but where quotes
    tell, it is to start an entry.

    >>> last_start(b"E one\\n  more\\nE two\\nE th", "^E"), last_start(b"a\\nb", None), last_start(b"abc", None)
    (13, 2, None)
    """
    newline = text.rfind(b"\n")
    if newline < 0:
        return None
    if start is None:
        return newline + 1
    if isinstance(start, Quoted):
        begun = start.starts(lines_of(bytes(text[: newline + 1]))["raw"], goes_on=True)
        return _back(text, newline + 1, len(begun) - int(begun.arg_true()[-1]))
    first = text.find(b"\n") + 1
    lines = text[first : newline + 1].split(b"\n")[:-1]
    if not lines:
        return None
    readable = pl.Series([line.decode("utf-8", "replace") for line in lines])
    hits = sure_starts(readable, start).arg_true()
    return first + sum(map(len, lines[: hits[-1]])) + hits[-1] if len(hits) else None


def _back(text: bytes | bytearray, at: int, lines: int) -> int:
    """Offset so many lines ahead of another."""
    for _ in range(lines):
        at = text.rfind(b"\n", 0, at - 1) + 1
    return at


class Handle:
    """An open file whose byte ranges are read by position, so threads need no lock."""

    def __init__(self, file: FileRef) -> None:
        self.path = file.name
        self._fd = file.open()
        self.size = os.fstat(self._fd).st_size if file.until is None else file.until

    def __del__(self, close: Callable[[int], None] = os.close) -> None:
        if hasattr(self, "_fd"):
            close(self._fd)

    def read(self, low: int, high: int) -> bytes:
        """Read bytes [low, high), all of them or OSError."""
        data = os.pread(self._fd, high - low, low)
        while len(data) < high - low:
            more = os.pread(self._fd, high - low - len(data), low + len(data))
            if not more:
                msg = f"changed while read: {self.path} ended at byte {low + len(data)}, {high} were there"
                raise OSError(msg)
            data += more
        return data


def _by_stream(parts: Iterator[bytes], start: Rule | None, size: int) -> Iterator[Block]:
    offset, held, goal = 0, bytearray(), size
    failure: OSError | None = None
    while True:
        try:
            part = next(parts, None)
        except OSError as error:
            part, failure = None, error
        held += part or b""
        if part is not None and len(held) < goal:
            continue
        cut = len(held) if part is None else last_start(held, start if goal < LONGEST else None)
        if cut:
            yield Block(offset, cut, partial(bytes, held[:cut]))
            offset, held, goal = offset + cut, held[cut:], size
        else:
            goal += size
        if part is None:
            break
    if failure is not None:
        raise failure
