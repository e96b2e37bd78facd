"""Messages to and from agents of the standard library alone: the same structs, as JSON."""

from __future__ import annotations

import struct
from typing import Final, TypeVar

import msgspec

from logq.errors import PlanDecodeError
from logq.run.wire.messages import FileEntry, Message

__all__ = ["RECORD", "Check", "Checked", "Fetch", "Fetched", "Found", "Look", "Search", "read_json", "write_json"]

RECORD: Final = struct.Struct(">QQII")
"""What a search found: lines and entries passed over, length of the text that begins such an entry, of what follows."""

M = TypeVar("M", bound=Message)


class Look(Message, frozen=True):
    """Asks what sources lead to, and for the first `sample` bytes of each file."""

    sources: tuple[str, ...]
    sample: int


class Seen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file as `FileEntry` has it, before it is put in order."""

    name: str
    device: int
    inode: int
    size: int
    head: str
    error: str | None


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A source that leads to nothing, or to nothing but pipes, devices and the like."""

    source: str
    special: bool


class Found(Message, frozen=True):
    """What there is, and what of it is no file: its path, and what it is."""

    files: tuple[Seen, ...]
    missing: tuple[Nothing, ...]
    skipped: tuple[tuple[str, str], ...] = ()


class Check(Message, frozen=True):
    """Asks whether files are still what they were."""

    files: tuple[FileEntry, ...]


class State(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a file was modified (seconds since 1970), or why it cannot be read."""

    error: str | None
    changed: bool
    modified: float


class Checked(Message, frozen=True):
    """One answer a file."""

    files: tuple[State, ...]


class Fetch(Message, frozen=True):
    """Asks for the stored bytes [start, stop) of a file."""

    file: FileEntry
    start: int
    stop: int


class Search(Message, frozen=True):
    """Asks for the entries of a file that hold one of some texts; `begins` is the regex of an entry's first line."""

    file: FileEntry
    texts: tuple[str, ...]
    begins: str | None
    cap: int | None


class Fetched(Message, frozen=True):
    """How it went: bytes read (decoded ones of a search), and why not all could be."""

    bytes: int
    error: str | None
    changed: bool


def write_json(message: Message) -> bytes:
    """Message → JSON.

    >>> write_json(Look(sources=("a",), sample=9))
    b'{"type":"Look","sources":["a"],"sample":9}'
    """
    return msgspec.json.encode(message)


def read_json(data: bytes, kind: type[M]) -> M:
    """JSON → the message that is expected.

    Raises
    ------
    PlanDecodeError
        Anything else.

    >>> read_json(b"", Look)
    Traceback (most recent call last):
    ...
    logq.errors.PlanDecodeError: not a Look: Input data was truncated
    """
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, RecursionError) as error:
        msg = f"not a {kind.__name__}: {error}"
        raise PlanDecodeError(msg) from error
