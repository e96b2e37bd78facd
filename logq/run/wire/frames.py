"""Frames on a byte stream, each checked: what is cut, twisted, doubled or left out is noticed."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Final

from logq.errors import LogqError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MAGIC", "MAX_BODY", "MAX_NOISE", "CorruptFrameError", "Decoder", "Frame", "Kind"]

MAGIC: Final = b"\x00\xfflogq agent 1\n"
"""What an agent says first. No shell profile prints it."""

MAX_NOISE: Final = 64 << 10
"""Bytes that a shell's profile may print ahead of it."""

MAX_BODY: Final = 256 << 20
HEADER: Final = struct.Struct(">IBIIIII")
"""Length of the body, kind, query, epoch, unit, number in the query's sequence, CRC-32 of the body."""

SEAL: Final = struct.Struct(">I")
"""CRC-32 of the header: a twisted length must not have one wait for a body that will never come."""


class CorruptFrameError(LogqError, ValueError):
    """Bytes that are no frame, or not the next one."""


class Kind(IntEnum):
    """What a frame holds, and who sends it."""

    HELLO = 1
    """Agent: who it is."""
    PING = 2
    """Coordinator: what time is it?"""
    PONG = 3
    """Agent: the time."""
    RESOLVE = 4
    """Coordinator: which files does a scan cover?"""
    MANIFEST = 5
    """Agent: these."""
    RUN = 6
    """Coordinator: read these units."""
    ROWS = 7
    """Agent: rows of a unit, as an Arrow IPC stream."""
    UNIT_END = 8
    """Agent: a unit was read; its report."""
    END = 9
    """Agent: all units were."""
    BEAT = 10
    """Agent: alive."""
    ERROR = 11
    """Agent: the request cannot be answered."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One message. `query` numbers requests, `epoch` the attempts at one, `seq` an answer's frames from 0."""

    kind: Kind
    body: bytes = b""
    query: int = 0
    epoch: int = 0
    unit: int = 0
    seq: int = 0

    def encode(self) -> bytes:
        """Frame → bytes.

        >>> list(Decoder(preamble=False).feed(Frame(Kind.PING, b"now").encode()))
        [Frame(kind=<Kind.PING: 2>, body=b'now', query=0, epoch=0, unit=0, seq=0)]
        """
        if len(self.body) > MAX_BODY:
            msg = f"a frame of {len(self.body)} bytes is over the limit of {MAX_BODY}"
            raise CorruptFrameError(msg)
        numbers = (self.kind, self.query, self.epoch, self.unit, self.seq)
        header = HEADER.pack(len(self.body), *numbers, zlib.crc32(self.body))
        return SEAL.pack(zlib.crc32(header)) + header + self.body


class Decoder:
    """Bytes as they arrive → frames. `preamble`: skip what a shell says first, up to MAGIC."""

    def __init__(self, *, preamble: bool, max_body: int = MAX_BODY) -> None:
        self._held = bytearray()
        self._begun = not preamble
        self._max_body = max_body

    @property
    def begun(self) -> bool:
        """Whether the preamble has passed."""
        return self._begun

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Take bytes; yield the frames they complete.

        Raises
        ------
        CorruptFrameError
            No preamble within MAX_NOISE, an impossible length, an unknown kind, or a checksum that is not the body's.
        """
        self._held += data
        if not self._begun and not self._skipped():
            return
        ahead = SEAL.size + HEADER.size
        while len(self._held) >= ahead:
            header = bytes(self._held[SEAL.size : ahead])
            if SEAL.unpack_from(self._held)[0] != zlib.crc32(header):
                msg = "a frame's header is not what its checksum says"
                raise CorruptFrameError(msg)
            length, kind, *numbers, crc = HEADER.unpack(header)
            if length > self._max_body:
                msg = f"a frame of {length} bytes is announced, over the limit of {self._max_body}"
                raise CorruptFrameError(msg)
            if len(self._held) < ahead + length:
                return
            body = bytes(self._held[ahead : ahead + length])
            if zlib.crc32(body) != crc:
                msg = "a frame's body is not what its checksum says"
                raise CorruptFrameError(msg)
            if kind not in Kind.__members__.values():
                msg = f"a frame is of kind {kind}, which is unknown"
                raise CorruptFrameError(msg)
            del self._held[: ahead + length]
            yield Frame(Kind(kind), body, *numbers)

    def _skipped(self) -> bool:
        """Drop what precedes the preamble, and it."""
        at = self._held.find(MAGIC)
        if at < 0:
            if len(self._held) > MAX_NOISE + len(MAGIC):
                msg = f"no agent spoke in the first {MAX_NOISE} bytes; they begin {bytes(self._held[:80])!r}"
                raise CorruptFrameError(msg)
            return False
        del self._held[: at + len(MAGIC)]
        self._begun = True
        return True
