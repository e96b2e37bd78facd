"""Where chains begin."""

from __future__ import annotations

import os
from collections.abc import Iterable
from numbers import Integral
from typing import IO, TYPE_CHECKING, Any, Final, Protocol, TypeAlias

import polars as pl

from logq.errors import BuildError, FormatError
from logq.formats import FORMATS, Format, get, register
from logq.formats.base import check_pattern
from logq.frame.frame import LogFrame
from logq.memory import memory_bytes
from logq.plan import Plan, Scan, Table
from logq.read import BLOCK
from logq.read.processes import check_by
from logq.run.local import Local

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from logq.plan.scan import Infer, Nested

__all__ = ["IntoFormat", "from_polars", "planned", "scan"]

Source: TypeAlias = "str | os.PathLike[str] | bytes | IO[bytes]"
IntoFormat: TypeAlias = "str | Format"
IntoTable: TypeAlias = "pl.LazyFrame | pl.DataFrame | ArrowStream"


class ArrowStream(Protocol):
    """A table that Arrow's C interface can hand over."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object: ...


Kinds: TypeAlias = dict[str, type]
TEXT: Final[Kinds] = {"str": str}
WHOLE: Final[Kinds] = {"int": Integral}
KINDS: Final = {"year": WHOLE, "workers": WHOLE, "block_size": WHOLE, "multiline": {**TEXT, "bool": bool}}
"""Types of arguments that are no texts."""


def scan(
    source: Source | Iterable[Source],
    format: IntoFormat | None = "auto",  # noqa: A002 (the word users know)
    *,
    formats: Iterable[IntoFormat] = (),
    tz: str = "UTC",
    year: int | None = None,
    encoding: str = "utf-8",
    multiline: str | bool | None = None,
    by: str | None = None,
    nested: Nested = "dotted",
    infer: Infer = "sample",
    progress: Callable[[int, int | None], None] | None = None,
    workers: int | None = None,
    block_size: int | None = None,
    memory_budget: int | str | None = None,
) -> LogFrame:
    r"""Begin a chain over log files; nothing is opened until a result is asked for.

    Parameters
    ----------
    source
        A path, a glob, a folder, a URL fsspec knows, the bytes themselves, a binary file object, or a list of these.
        Rotated files (`app.log`, `app.log.1`, `app.log.2.gz`) are one stream, oldest first; a file that is listed
        twice is read once. gzip, zstd, bz2 and xz are told by their first bytes.
    format
        `"auto"` detects the format of each file from its first 64 KiB; else a name or a `Format`.
    formats
        Formats of a file that holds several: each row goes to the first that reads it, `format` tells which (null:
        none). Their fields are those of the sample. Where one has continuation lines, a line that another reads
        starts an entry too. Not for separated values, which no row gives away.
    tz
        Zone of stamps that name none; such rows are marked `zone_assumed`.
    year
        Year of a file's last stamp where stamps name none (RFC 3164); default: by the file's mtime.
    encoding
        Encoding of the text; a UTF-16 byte order mark overrides it.
    multiline
        Where entries of several lines start. Default: as the format has it; where no format is found, at lines that
        begin as most do (with a date, say), else behind traces and JSON printed over several lines. True: behind these
        in any format. A regex: at lines that it matches. False: at every line. In a container's log it is of
        the messages (not with `formats`), in a journal of those of a process, unless its objects stand over lines.
    by
        Regex that tells which process a line is of, where several write into one file: its group, or all it matches,
        names the process (`r"^(\S+) +[|] "` for Docker Compose, `r"^(?P<pid>\d+) "`). Entries are then put together
        process by process. What it matches at the head of a line is not shown to formats and to `multiline`, and stays
        in `raw`; a line without it is of the process of the line before. A group with a name is a column as well.
    nested
        Objects inside JSON objects: `"dotted"` gives a column per member, named `outer.inner`; `"struct"` a struct.
    infer
        What tells the fields of JSON: `"sample"`, its first 64 KiB; `"file"`, all of each file, which is then read
        twice, but for what is inside messages. Members that it did not show, and values of other types, are in the
        column `extra`, as a JSON object.
    progress
        Called with the bytes read so far and the bytes there are in all, None where a file is compressed or a URL,
        when the rows of a block are through.
    workers, block_size
        Threads that read (default: one more than cores) and bytes in a block (default 8 MiB).
    memory_budget
        Bytes (or `"2GB"`, `"512MiB"`) that sessions, timelines and sequences may take to sort and put together what was
        read; beyond it rows go to the system's temporary folder (`TMPDIR`), with the same answer. Default:
        `LOGQ_MEMORY_BUDGET` of the environment, else half of the memory there is.

    Returns
    -------
    LogFrame with the canonical columns and the formats' own fields, one row an entry, in row order
    (rotation set by name, oldest file first, line).

    Raises
    ------
    FormatError
        An unknown format; the message names the nearest ones.
    BuildError
        A source or an argument of another kind, an unknown zone or encoding, `format` and `formats` together, no thread
        or no block, a budget that is no size.
    PatternError
        `multiline` or `by` is no regex that a linear-time engine runs.

    >>> import logq as lq
    >>> lq.scan(b'{"level":"warn","msg":"disk"}').collect().select("level", "message", "format").rows()
    [('WARN', 'disk', 'json')]
    """
    names, buffers = _sources(source)
    told = {
        "tz": tz,
        "year": year,
        "encoding": encoding,
        "multiline": multiline,
        "by": by,
        "nested": nested,
        "infer": infer,
    }
    plan = planned(names, format, formats, told, workers=workers, block_size=block_size)
    budget = None if memory_budget is None else memory_bytes(memory_budget)
    runner = Local(buffers=buffers, progress=progress, workers=workers, block=block_size or BLOCK, memory_budget=budget)
    return LogFrame(plan, runner)


def planned(
    sources: tuple[str, ...],
    format: IntoFormat | None,  # noqa: A002 (the word users know)
    formats: Iterable[IntoFormat],
    told: Mapping[str, Any],
    *,
    workers: int | None,
    block_size: int | None,
) -> Plan:
    """Arguments of a scan → its plan, of which `told` are those that it takes as they are; what none takes is refused.

    Raises
    ------
    FormatError
        An unknown format.
    BuildError
        An argument of another type, an unknown zone or encoding, `format` and `formats` together, no thread or no
        block, a `by` of several groups.

    >>> planned(("a.log",), "json", (), {"tz": "UTC"}, workers=None, block_size=None).describe()
    'scan(a.log; format=json)'
    """
    sizes = {"workers": workers, "block_size": block_size}
    for name, value in {**sizes, **told}.items():
        kinds = KINDS.get(name, TEXT)
        fits = isinstance(value, tuple(kinds.values())) and ("bool" in kinds or not isinstance(value, bool))
        if value is not None and not fits:
            msg = f"scan({name}={value!r}): it is {' or '.join(kinds)}"
            raise BuildError(msg)
    for name, size in sizes.items():
        if size is not None and size < 1:
            msg = f"{name}={size}: it is at least 1"
            raise BuildError(msg)
    if isinstance(told.get("multiline"), str):
        check_pattern(told["multiline"], where="scan(multiline=…)")
    if told.get("by") is not None:
        check_pattern(told["by"], where="scan(by=…)")
        check_by(told["by"])
    several = tuple(map(_name_of, [formats] if isinstance(formats, str) else formats))
    if several and format not in ("auto", None):
        msg = f"scan takes format={format!r} or formats={list(several)}, not both"
        raise BuildError(msg)
    chosen = several or (_name_of(format or "auto"),)
    return Plan(source=Scan(sources=sources, formats=chosen, **told))


def from_polars(table: IntoTable, *, name: str = "table", memory_budget: int | str | None = None) -> LogFrame:
    """Begin a chain over rows that are in a table already: a Parquet file's, a query's, an earlier answer's.

    Parameters
    ----------
    table
        A Polars LazyFrame (`pl.scan_parquet(…)`, `pl.scan_ipc(…)`) or DataFrame, or anything with an Arrow interface.
    name
        What `explain` calls it.
    memory_budget
        As for `scan`.

    Returns
    -------
    LogFrame with the canonical columns, null where the table has none of that name, then the table's other columns.
    Row order is the table's. A time without a zone is UTC; a `level` of text is read as severity words are.

    Raises
    ------
    BuildError
        No table; when run, a `timestamp` that is no time or a canonical column of another type.

    >>> import logq as lq, polars as pl
    >>> table = pl.DataFrame({"level": ["info", "error"], "message": ["up", "down"]})
    >>> lq.from_polars(table).level("ERROR").collect()["message"].to_list()
    ['down']
    """
    if isinstance(table, pl.LazyFrame):
        rows = table
    elif isinstance(table, pl.DataFrame):
        rows = table.lazy()
    elif hasattr(table, "__arrow_c_stream__"):
        rows = pl.DataFrame(table).lazy()
    else:
        msg = f"from_polars takes a LazyFrame, a DataFrame or an Arrow table, not {type(table).__name__}"
        raise BuildError(msg)
    budget = None if memory_budget is None else memory_bytes(memory_budget)
    return LogFrame(Plan(source=Table(name=name)), Local(tables={name: rows}, memory_budget=budget))


def _sources(source: Source | Iterable[Source]) -> tuple[tuple[str, ...], dict[str, bytes]]:
    several = (
        isinstance(source, Iterable)
        and not isinstance(source, (str, bytes, bytearray, os.PathLike))
        and not hasattr(source, "read")
    )
    names: list[str] = []
    buffers: dict[str, bytes] = {}
    for item in source if several else [source]:  # type: ignore[union-attr]
        if isinstance(item, (str, os.PathLike)):
            names.append(os.fspath(item))
            continue
        stream = getattr(item, "buffer", item)  # that of a text stream, such as sys.stdin
        data = stream.read() if hasattr(stream, "read") else stream
        if not isinstance(data, (bytes, bytearray)):
            msg = f"scan takes paths, URLs, bytes and binary files, not {type(item).__name__}"
            raise BuildError(msg)
        name = f"<bytes {len(buffers)}>"
        buffers[name] = bytes(data)
        names.append(name)
    return tuple(names), buffers


def _name_of(form: object) -> str:
    """Name a format; one that is not registered yet is."""
    if isinstance(form, str):
        return form if form == "auto" else get(form).name
    if not isinstance(form, Format):
        msg = f"a format is a name or a Format, not {form!r}"
        raise FormatError(msg)
    known = FORMATS.get(form.name)
    if known is None:
        register(form)
    elif known is not form and not _equal(known, form):
        msg = f"another format is registered as {form.name!r}; name yours otherwise, or register it with replace=True"
        raise FormatError(msg)
    return form.name


def _equal(one: Format, other: Format) -> bool:
    """Whether two formats say the same; with expressions in them they cannot be compared and count as different."""
    try:
        return one == other
    except TypeError:
        return False
