"""The source of a plan: files to read, and what the optimiser noted about them."""

from __future__ import annotations

import codecs
import datetime as dt
from typing import Literal, TypeAlias, get_args

import msgspec

from logq.errors import BuildError
from logq.time import check_zone

__all__ = ["Clause", "Infer", "Nested", "Scan", "Term"]


class Term(msgspec.Struct, frozen=True, forbid_unknown_fields=True, order=True):
    """A text that the value of `column` must contain (or, with `whole`, be) for a row to match."""

    column: str
    text: str
    whole: bool = False


Nested: TypeAlias = Literal["dotted", "struct"]
Infer: TypeAlias = Literal["sample", "file"]

Clause = tuple[Term, ...]
"""Alternatives, of which at least one holds in every matching row."""


class Scan(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="scan", tag_field="op", kw_only=True):
    """Files in a format, read as entries.

    `columns`, `clauses` and `limit` are the optimiser's notes: which columns somebody needs (None:
    all), what every match must contain, and after how many rows reading may stop. `multiline` says where entries
    start: at a regex, where no trace goes on (True), at every line (False); None: as the format has it. `by` is a
    regex that tells which process a line is of, where those of several alternate. `nested` and `infer` are about JSON:
    what becomes of objects in objects, and how much of a file tells its fields.
    """

    sources: tuple[str, ...]
    formats: tuple[str, ...] = ("auto",)
    tz: str = "UTC"
    encoding: str = "utf-8"
    year: int | None = None
    multiline: str | bool | None = None
    by: str | None = None
    nested: Nested = "dotted"
    infer: Infer = "sample"
    columns: tuple[str, ...] | None = None
    clauses: tuple[Clause, ...] = ()
    limit: int | None = None

    def __post_init__(self) -> None:
        if not self.sources:
            msg = "scan needs at least one path, glob or URL"
            raise BuildError(msg)
        if not self.formats:
            msg = "scan needs at least one format name, or 'auto'"
            raise BuildError(msg)
        if self.year is not None and not dt.MINYEAR <= self.year <= dt.MAXYEAR:
            msg = f"year={self.year} lies outside the years {dt.MINYEAR} to {dt.MAXYEAR}"
            raise BuildError(msg)
        for name, value, known in (("nested", self.nested, Nested), ("infer", self.infer, Infer)):
            if value not in get_args(known):
                msg = f"scan({name}={value!r}): it is {' or '.join(map(repr, get_args(known)))}"
                raise BuildError(msg)
        check_zone(self.tz)
        _check_encoding(self.encoding)

    def describe(self) -> str:
        """Paths, format and the optimiser's notes."""
        notes = [f"by={self.by!r}"] if self.by is not None else []
        notes += [f"columns={list(self.columns)}"] if self.columns is not None else []
        notes += [" or ".join(f"{t.column}~{t.text!r}" for t in clause) for clause in self.clauses]
        notes += [f"limit={self.limit}"] if self.limit is not None else []
        shown = ", ".join(self.sources[:3]) + (f" … {len(self.sources)} in all" if len(self.sources) > 3 else "")  # noqa: PLR2004
        return f"scan({shown}; format={'|'.join(self.formats)}){' [' + '; '.join(notes) + ']' if notes else ''}"


def _check_encoding(name: str) -> None:
    """Refuse an encoding that Python does not know, or knows to be none of text."""
    try:
        "".encode(name)
        codecs.getincrementaldecoder(name)
    except LookupError as error:
        msg = f"no encoding {name!r}; write one such as 'utf-8', 'latin-1' or 'utf-16'"
        raise BuildError(msg) from error
