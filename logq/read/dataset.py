"""All files of a scan, resolved together: one schema over them, one type for a field in all of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import polars as pl

from logq.errors import ColumnNotFoundError
from logq.read.contents import looked_at
from logq.read.files import survey
from logq.read.resolve import resolve_file
from logq.read.resolved import common
from logq.schema import CANONICAL

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from polars._typing import PolarsDataType

    from logq.plan import Scan
    from logq.read.resolved import Resolved

__all__ = ["Dataset", "open_dataset", "together"]

OPEN: Final = ("json", "logfmt")
"""Kinds of formats whose entries may hold fields that no sample had."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """Resolved files in row order, the columns they have between them, and what is no file: path → kind."""

    files: tuple[Resolved, ...]
    schema: Mapping[str, PolarsDataType]
    skipped: Mapping[str, str] = field(default_factory=dict)

    def narrowed(self, columns: tuple[str, ...] | None) -> Dataset:
        """Keep only `columns`; one that no sample showed is looked for as text where the format is open.

        Raises
        ------
        ColumnNotFoundError
            A column no file has, where every format is closed.
        """
        if columns is None:
            return self
        unknown = [c for c in columns if c not in self.schema]
        if unknown and not self._open:
            raise ColumnNotFoundError(unknown[0], self.schema)
        schema = {n: t for n, t in self.schema.items() if n in columns}
        return replace(self, schema=schema).looking_for(unknown)

    def looking_for(self, names: Iterable[str]) -> Dataset:
        """Add those of `names` that no sample showed, as text, where a format is open; else leave it as it is."""
        unknown = sorted(n for n in names if n not in self.schema)
        if not unknown or not self._open:
            return self
        schema = {**self.schema, **dict.fromkeys(unknown, pl.String())}
        return replace(self, files=tuple(f.looking_for(unknown) for f in self.files), schema=schema)

    @property
    def _open(self) -> bool:
        return any(way.format.kind in OPEN for f in self.files for one in f.mixed or (f,) for way in (one, *one.inner))


def open_dataset(scan: Scan, buffers: Mapping[str, bytes]) -> Dataset:
    """Find the files of a scan and read the head of each, several at once."""
    found = survey(scan.sources, buffers)
    with ThreadPoolExecutor(thread_name_prefix="logq-head") as threads:
        resolved = threads.map(lambda file: resolve_file(looked_at(file), scan), found.files)
        return replace(together(resolved), skipped=found.skipped)


def together(files: Iterable[Resolved]) -> Dataset:
    """Files that were resolved one by one → what they are as one: a type for a field in all of them."""
    found = tuple(files)
    fields: dict[str, PolarsDataType] = {}
    for file in found:
        for name, dtype in file.fields.items():
            fields[name] = common(fields.get(name, dtype), dtype)
    return Dataset(tuple(f.agreed(fields) for f in found), {**CANONICAL, **fields})
