"""Messages as msgpack of tagged structs: what is unknown is refused at both ends."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias, TypeVar

import msgspec

from logq.errors import PlanDecodeError

__all__ = [
    "PROTOCOL",
    "Failure",
    "FileEntry",
    "FileOutcome",
    "FormatSpec",
    "Hello",
    "Manifest",
    "Pong",
    "Resolve",
    "Run",
    "Span",
    "UnitEnd",
    "Whole",
    "read",
    "write",
]

PROTOCOL: Final = 2
Whole: TypeAlias = Literal["never", "timed", "always"]
"""When a file must be read in one piece: if times are asked for, for years are told from all of it, or always."""

M = TypeVar("M", bound="Message")


class Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag=True):
    """What a frame's body says."""


class Hello(Message, frozen=True):
    """An agent: `machine` tells machines apart, `roots` are what it may read below (none: anything its user may)."""

    protocol: int
    logq: str
    polars: str
    python: str
    machine: str
    pid: int
    roots: tuple[str, ...]


class Pong(Message, frozen=True):
    """An agent's clock, in seconds since 1970."""

    clock: float


class FileEntry(Message, frozen=True):
    """One file as the manifest knows it: `head` is a hash of its first bytes; `error` is why it cannot be read."""

    name: str
    set: int
    compression: str | None = None
    device: int = 0
    inode: int = 0
    size: int = 0
    head: str = ""
    error: str | None = None


class FormatSpec(Message, frozen=True):
    """A format that users made, as data; `derived` maps a column to the JSON of its expression."""

    name: str
    title: str
    kind: str
    patterns: tuple[str, ...]
    stamp: tuple[tuple[str, ...], tuple[str, ...]] | None
    level: tuple[str, ...]
    message: tuple[str, ...]
    severities: dict[str, int]
    dtypes: bytes
    derived: dict[str, str]
    renames: dict[str, str]
    marks: tuple[str, ...]
    nulls: tuple[str, ...]
    start: str | None
    continued: str | None
    whose: str | None
    least: int
    general: bool
    wraps: str | None
    programs: str | None
    separator: str
    header: bool | None
    columns: tuple[str, ...]
    directive: str | None
    quoted: bool
    fixed: bool


class Resolve(Message, frozen=True):
    """Asks which files the scan of `plan` (JSON, no steps) covers and what columns they have."""

    plan: bytes
    formats: tuple[FormatSpec, ...] = ()


class Manifest(Message, frozen=True):
    """The files, each with its format; `fields` is the table of no rows with the columns of their own.

    `formats` has, for each file, the names of its formats (several where rows are told apart), `whole` when it must be
    read in one piece; `missing` are the sources that match nothing here, `skipped` what is no
    file (its path, and what it is).
    """

    files: tuple[FileEntry, ...]
    formats: tuple[tuple[str, ...], ...]
    whole: tuple[Whole, ...]
    fields: bytes
    missing: tuple[str, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()


class Span(Message, frozen=True):
    """A unit: neighbouring files, [first, last) by their place; of a single file perhaps bytes [low, high) only.

    A range begins with the first entry that starts in it, and ends with the last that does. `rows` are the lines, of
    the unit's one file or range, of the only entries that are wanted (a table of one column); None: all.
    """

    number: int
    first: int
    last: int
    low: int = 0
    high: int | None = None
    rows: bytes | None = None


class Run(Message, frozen=True):
    """Read `units` of `files` with the steps of `plan`; `files` have the fleet's set numbers.

    `first` is the number of the first file in the fleet. `fields` are the fields that all files of the fleet agree
    on, `schema` the columns that reading gives (tables of no rows); `looked_for` are those among them that no sample
    had; `named` keeps the hidden names of rows; `output`
    are the columns to send, None for all.
    """

    plan: bytes
    host: str
    files: tuple[FileEntry, ...]
    first: int
    units: tuple[Span, ...]
    fields: bytes
    schema: bytes
    looked_for: tuple[str, ...] = ()
    named: bool = False
    output: tuple[str, ...] | None = None
    formats: tuple[FormatSpec, ...] = ()
    block: int | None = None
    workers: int | None = None


class FileOutcome(Message, frozen=True):
    """What was read of one file; times in µs since 1970. Lines are counted from 1 in each range of it."""

    source: str
    format: str
    bytes: int
    lines: int
    entries: int
    rows: int
    unparsed: int | None
    start: int | None
    end: int | None
    error: str | None
    changed: bool = False


class UnitEnd(Message, frozen=True):
    """A unit was read: its files, the rows that were sent and the groups of a context among them.

    `kept` tells whether the context kept its first row and its last, `scoped` how many rows the context saw.
    """

    files: tuple[FileOutcome, ...]
    rows: int
    groups: int = 0
    kept: tuple[bool, bool] = (False, False)
    scoped: int = 0


class Failure(Message, frozen=True):
    """Why a request cannot be answered: the error's class and its words."""

    kind: str
    text: str


def write(message: Message) -> bytes:
    """Message → msgpack.

    >>> read(write(Pong(clock=1.5)), Pong)
    Pong(clock=1.5)
    """
    return msgspec.msgpack.encode(message)


def read(data: bytes, kind: type[M]) -> M:
    """Msgpack → the message that is expected.

    Raises
    ------
    PlanDecodeError
        Anything else.

    >>> read(b"", Pong)
    Traceback (most recent call last):
    ...
    logq.errors.PlanDecodeError: not a Pong: Input data was truncated
    """
    try:
        return msgspec.msgpack.decode(data, type=kind)
    except (msgspec.DecodeError, RecursionError) as error:
        msg = f"not a {kind.__name__}: {error}"
        raise PlanDecodeError(msg) from error
