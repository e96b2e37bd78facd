"""Bytes that come from elsewhere, as files; entries that a search passed over, as fillers that pass no filter."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Final

from logq.run.wire.bare import RECORD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _typeshed import WriteableBuffer

__all__ = ["Stream", "expanded", "portable"]

PIECE: Final = 1 << 16
ATOM: Final = r"(?:\\d|\\[][.(){}|+*?\\/^$-]|[A-Za-z0-9 _:,;/<>=@#%&\"'!~-]|\[[A-Za-z0-9 ,.:;+_/-]+\])"
PORTABLE: Final = re.compile(rf"(?:\^|\(\?:|[(|]|{ATOM}(?:(?:[+*?]|\{{\d+(?:,\d*)?\}})\??)?|\)(?:\?\??)?)+")
"""Regexes that match, as ones of bytes in any Python, only where they match as Rust's on text.

None repeats a group: Python's engine goes through all the ways to do that, on the host and until it has.
"""


def portable(start: str) -> bool:
    """Whether a line that `start` matches as a regex of bytes starts an entry: what is left out only joins entries.

    >>> portable(r"^\\d{4}-\\d\\d-\\d\\d[T ]"), portable(r"^\\S+ (?P<x>.)"), portable("^(?:[a-z]+ ?)+:")
    (True, False, False)
    """
    return PORTABLE.fullmatch(start) is not None


def expanded(records: bytes) -> Iterator[bytes]:
    """Records of a search → text of as many lines and entries as there were, in pieces.

    An entry that was passed over holds none of the texts that every match holds, and neither does its filler.

    >>> b"".join(expanded(RECORD.pack(3, 2, 2, 4) + b"E " + b"E x\\n"))
    b'E \\nE \\n\\nE x\\n'
    """
    at = 0
    while at < len(records):
        lines, entries, named, held = RECORD.unpack_from(records, at)
        at += RECORD.size
        filler = records[at : at + named] + b"\n"
        yield from _repeated(filler, entries)
        yield from _repeated(b"\n", lines - entries)
        at += named + held
        yield records[at - held : at]


def _repeated(text: bytes, times: int) -> Iterator[bytes]:
    many = max(1, PIECE // len(text))
    while times > 0:
        yield text * min(times, many)
        times -= many


class Stream(io.RawIOBase):
    """An iterator of bytes as a file; a read gives what there is of the piece that is next."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._left = pieces, memoryview(b"")

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill the buffer as far as the next piece goes."""
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._left = memoryview(piece)
        into = memoryview(buffer).cast("B")
        size = min(len(into), len(self._left))
        into[:size], self._left = self._left[:size], self._left[size:]
        return size
