"""Bytes of a file that cannot be read by offset: compressed, remote, in memory or in another encoding."""

from __future__ import annotations

import bz2
import codecs
import io
import lzma
import os
import zlib
from typing import IO, TYPE_CHECKING, Final, Protocol

from logq.errors import SourceError
from logq.read.files import is_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from _typeshed import WriteableBuffer

    from logq.read.files import FileRef

__all__ = ["OPENERS", "ZSTD", "Opener", "chunks", "open_bytes"]

CHUNK: Final = 1 << 20
PIECE: Final = 1 << 16
"""Compressed bytes taken at once: little is then inflated for a sample, and little is lost to damage."""

GZIP: Final = 31
DAMAGE: Final = (EOFError, lzma.LZMAError, OSError)
UNREADABLE: Final = "logq.unreadable"
"""Error handler that puts a byte where a text cannot be decoded which is no UTF-8, so that its line is marked."""

codecs.register_error(UNREADABLE, lambda error: ("\udcff", error.end))  # type: ignore[attr-defined]


class Opener(Protocol):
    """Opens a URL for reading bytes."""

    def __call__(self, url: str) -> IO[bytes]:
        """Return a binary file object at the first byte."""


OPENERS: Final[list[Opener]] = []
"""How URLs are opened; the floor that may import fsspec puts its opener here."""

ZSTD: Final[list[Callable[[IO[bytes]], IO[bytes]]]] = []
"""How zstd is decompressed; likewise put here by the floor that may import a codec for it."""


def open_bytes(file: FileRef) -> IO[bytes]:
    """Open a file of any kind at its first stored byte."""
    if file.buffer is not None:
        return io.BytesIO(file.buffer)
    if file.opener is not None:
        return file.opener()
    if not is_url(file.name):
        stored = os.fdopen(file.open(), "rb")
        return stored if file.until is None else io.BufferedReader(_Bounded(stored, file.until, file.name))
    if not OPENERS:
        msg = f"no opener for {file.name!r}: URLs need fsspec"
        raise SourceError(msg)
    return OPENERS[0](file.name)


def chunks(file: FileRef, encoding: str = "utf-8") -> Iterator[bytes]:
    """Yield the content as UTF-8 text bytes, decompressed and re-encoded.

    What could be read ahead of damage is yielded first; then the damage is raised as OSError.
    """
    with open_bytes(file) as stored:
        plain = _capped(_decompressed(stored, file.compression), file.cap)
        yield from plain if encoding == "utf-8" else _reencoded(plain, encoding)


class _Bounded(io.RawIOBase):
    """The first bytes of a file, which may have grown since they were counted."""

    def __init__(self, stored: IO[bytes], until: int, name: str) -> None:
        self._stored, self._left, self._name = stored, until, name

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        data = self._stored.read(min(len(memoryview(buffer)), self._left))
        if self._left and not data:
            msg = f"changed while read: {self._name} ended {self._left} bytes early"
            raise OSError(msg)
        memoryview(buffer)[: len(data)] = data
        self._left -= len(data)
        return len(data)

    def close(self) -> None:
        self._stored.close()
        super().close()


def _capped(plain: Iterator[bytes], cap: int | None) -> Iterator[bytes]:
    """Stop what unfolds to more than `cap` bytes."""
    seen = 0
    for chunk in plain:
        seen += len(chunk)
        if cap is not None and seen > cap:
            yield chunk[: cap - seen]
            msg = f"decompression bomb: unfolds to more than {cap} bytes"
            raise OSError(msg)
        yield chunk


def _decompressed(stored: IO[bytes], compression: str | None) -> Iterator[bytes]:
    match compression:
        case None:
            while chunk := stored.read(CHUNK):
                yield chunk
        case "gzip":
            yield from _gunzip(stored)
        case "zstd":
            yield from _read(_zstd(stored))
        case _:
            with bz2.open(stored) if compression == "bz2" else lzma.open(stored) as plain:
                yield from _read(plain)


def _read(stream: IO[bytes]) -> Iterator[bytes]:
    """Take what each step gives: a read of a full chunk would lose its part ahead of damage."""
    try:
        while chunk := stream.read1(PIECE):  # type: ignore[attr-defined]
            yield chunk
    except DAMAGE as error:
        msg = f"damaged: {error}"
        raise OSError(msg) from error


def _gunzip(stored: IO[bytes]) -> Iterator[bytes]:
    """Members one after another; a break in one is approached byte by byte: zlib drops all of a failing step."""
    inflate = zlib.decompressobj(GZIP)
    fresh, ended = True, False
    try:
        while data := stored.read(PIECE):
            while data:
                if inflate.eof:
                    inflate, fresh, ended = zlib.decompressobj(GZIP), True, True
                if fresh and ended:
                    data = data.lstrip(b"\0")
                    if not data:
                        break
                fresh, before = False, inflate.copy()
                try:
                    yield inflate.decompress(data)
                except zlib.error:
                    yield from (before.decompress(data[i : i + 1]) for i in range(len(data)))
                    raise
                data = inflate.unused_data
    except zlib.error as error:
        msg = f"damaged gzip: {error}"
        raise OSError(msg) from error
    if not inflate.eof and not fresh:
        msg = "truncated gzip: the file ends inside a member"
        raise OSError(msg)


def _zstd(stored: IO[bytes]) -> IO[bytes]:
    if not ZSTD:
        msg = "zstd needs pyarrow, which is not loaded here"
        raise SourceError(msg)
    return ZSTD[0](stored)


def _reencoded(plain: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)(errors=UNREADABLE)
    for chunk in plain:
        yield decoder.decode(chunk).encode(errors="surrogateescape")
    yield decoder.decode(b"", final=True).encode(errors="surrogateescape")
