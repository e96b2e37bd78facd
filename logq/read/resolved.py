"""A file together with all that was learnt about it before reading it whole."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Literal

import polars as pl

from logq.formats import Stamp
from logq.read.quotes import Quoted
from logq.read.rules import After
from logq.read.traces import Traces
from logq.schema import CANONICAL

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from polars._typing import PolarsDataType

    from logq.formats.base import Format
    from logq.read.files import FileRef
    from logq.read.rules import Rule

__all__ = ["OWN", "Resolved", "common"]

OWN: Final = "fields."
"""Prefix of a field whose name is taken: by a canonical column, or by what it came in."""


@dataclass(frozen=True, kw_only=True)
class Resolved:
    """How to read one file.

    `fields` are its own columns with their types; `keys` maps a column to the path of keys (JSON),
    the key (logfmt) or the position (CSV) it comes from; `stamp`, `level` and `message` are the
    fields that hold time, severity word and human part, None where there is none. `written` are the types
    of fields in the data, where the format has others for them. `mixed` are the
    ways to read a file whose rows are of several formats, in the order in which they are tried. `inner` are the ways
    to read on in messages that are lines of other logs: the one that all are in of a format that carries others, else
    those of some `programs` each (None: of any), which read what is a line of theirs. `aliases` are the columns (to
    their names inside) of what has a name there that is a column of the format's own. `said` is
    the text that names the columns, where a line of the file does. `rule` tells where entries start, if not as the
    format has it; False: at every line. `rest` is the column of JSON members that no other has;
    `prefixed` tells that text stands ahead of the objects. `by` is the regex that tells, at the head of lines, which
    process they are of, and `process` the column of that, if it has a name.
    """

    file: FileRef
    format: Format
    encoding: str = "utf-8"
    fields: Mapping[str, PolarsDataType]
    keys: Mapping[str, tuple[str, ...]]
    written: Mapping[str, PolarsDataType] = field(default_factory=dict)
    stamp: str | None = None
    level: str | None = None
    message: str | None = None
    layouts: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    header: bool = False
    mixed: tuple[Resolved, ...] = ()
    inner: tuple[Resolved, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    programs: frozenset[str] | None = None
    said: str | None = None
    rule: Rule | Literal[False] | None = None
    rest: str | None = None
    prefixed: bool = False
    by: str | None = None
    process: str | None = None

    @property
    def name(self) -> str:
        """The format, or those that are tried row by row."""
        return "|".join(one.format.name for one in self.mixed) or self.format.name

    @property
    def start(self) -> Rule | None:
        """Where entries start; None where every line is one.

        Among several formats of which one has continuation lines, a line starts an entry if any of them reads it.
        """
        if self.rule is not None:
            return self.rule or None
        if self.format.continued and not self.mixed:
            return After(self.format.continued, self.format.whose, self.format.least)
        if self.format.kind == "csv" and self.format.quoted and not (self.format.start or self.mixed or self.by):
            return Quoted(self.format.separator)
        if not any(one.format.start for one in self.mixed):
            return None if self.mixed else self.format.start
        heads = [one.format.heads for one in self.mixed]
        return "|".join(f"(?:{head})" for each in heads for head in each) if all(heads) else None

    @property
    def own(self) -> frozenset[str]:
        """Columns that the format itself gives, not what is inside."""
        keys = self.keys or self.format.fields
        made = {n for n, e in self.format.derived.items() if n[0] != "_" and {*e.meta.root_names()} <= keys.keys()}
        return frozenset(keys).union(made, filter(None, [self.rest])) - CANONICAL.keys()

    @property
    def lined(self) -> bool:
        """Whether each line of an entry has a wrapper of its own."""
        return self.format.wraps is not None and not isinstance(self.rule, str | Traces)

    def within(self, column: str) -> str:
        """Name of a column inside."""
        return self.aliases.get(column, column)

    def alone(self, column: str) -> bool:
        """Whether a column is the format's own and no other. A late one, which no sample showed, may be inside too."""
        if column in self.aliases or column not in self.own:
            return False
        return column in self.aliases.values() or not any(column in one.keys for one in self.inner)

    @property
    def yearless(self) -> Resolved | None:
        """The file as the format whose stamps lack the year, if there is such a one."""
        return next((one for one in self.mixed or (self,) if any(map(Stamp.yearless, one.layouts))), None)

    def moved(self, file: FileRef) -> Resolved:
        """Have it read from elsewhere."""
        mixed = tuple(one.moved(file) for one in self.mixed)
        return replace(self, file=file, mixed=mixed, inner=tuple(one.moved(file) for one in self.inner))

    def agreed(self, fields: Mapping[str, PolarsDataType]) -> Resolved:
        """Take over the types that all files of a scan agree on."""
        mixed = tuple(one.agreed(fields) for one in self.mixed)
        inside = {n: t for n, t in fields.items() if n not in self.own}
        inside |= {name: fields[column] for column, name in self.aliases.items() if column in fields}
        return replace(self, fields=fields, mixed=mixed, inner=tuple(one.agreed(inside) for one in self.inner))

    def looking_for(self, names: Iterable[str]) -> Resolved:
        """Look for fields that the sample did not have, where the format is open."""
        lacking = [n for n in names if n not in self.keys]
        mixed = tuple(one.looking_for(lacking) for one in self.mixed)
        late = {n: n.removeprefix(OWN) for n in lacking if n.startswith(OWN) and n.removeprefix(OWN) in self.own}
        aliases = {**late, **self.aliases} if self.inner else {}
        inner = tuple(one.looking_for(aliases.get(n, n) for n in lacking) for one in self.inner)
        keys = dict(self.keys)
        match self.format.kind:
            case "json" if not (inner and self.format.carries):
                paths = {column: name for name, column in self.format.renames.items()}
                keys |= {n: tuple(paths.get(n, n).split(".")) for n in lacking}
            case "logfmt":
                keys |= {n: (n,) for n in lacking}
        return replace(self, mixed=mixed, inner=inner, aliases=aliases, keys=keys)

    @property
    def schema(self) -> dict[str, PolarsDataType]:
        """Every column the file gives, canonical ones first."""
        return {**CANONICAL, **self.fields}


def common(left: PolarsDataType, right: PolarsDataType) -> PolarsDataType:
    """Type that holds the values of both: a number type for numbers, text for anything else.

    >>> import polars as pl
    >>> common(pl.Int64(), pl.Float64()), common(pl.Int64(), pl.Boolean())
    (Float64, String)
    """
    if left == right:
        return left
    return pl.Float64() if left.is_numeric() and right.is_numeric() else pl.String()
