"""What a file is by its first bytes: a rotated file may be compressed under any name, and plain under any."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from logq.read.streams import open_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from logq.read.files import FileRef

__all__ = ["HEAD", "compression_of", "looked_at"]

HEAD: Final = 512
MAGIC: Final[Mapping[bytes, str]] = {
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"BZh": "bz2",
    b"\xfd7zXZ\0": "xz",
}
CONTROL: Final = frozenset(range(32)) - frozenset(b"\t\n\r\f\x1b")


def compression_of(head: bytes, named: str | None) -> str | None:
    """First bytes, and the compression that the name tells → the one there is: none where the bytes are plainly text.

    >>> compression_of(b"\\x1f\\x8b\\x08", None), compression_of(b"GET /", "gzip"), compression_of(b"", "gzip")
    ('gzip', None, 'gzip')
    """
    told = next((kind for magic, kind in MAGIC.items() if head.startswith(magic)), None)
    if told == "bz2" and not head[3:4].isdigit():
        told = None
    if told is not None or named is None or not head:
        return told or named
    text = head.decode("utf-8", "replace").rstrip("\ufffd")
    return named if "\ufffd" in text or CONTROL & {*map(ord, text[:HEAD])} else None


def looked_at(file: FileRef) -> FileRef:
    """A file with the compression its bytes have; what cannot be read is left as it is named."""
    if file.buffer is not None:
        return replace(file, compression=compression_of(file.buffer[:HEAD], file.compression))
    if not file.local:
        return _fetched(file)
    try:
        fd = os.open(file.where, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return file
    try:
        return replace(file, compression=compression_of(os.pread(fd, HEAD, 0), file.compression))
    except OSError:
        return file
    finally:
        os.close(fd)


def _fetched(file: FileRef) -> FileRef:
    """Look at a URL; who reads it says why it cannot be opened."""
    try:
        with open_bytes(file) as stored:
            return replace(file, compression=compression_of(stored.read(HEAD), file.compression))
    except OSError:
        return file
