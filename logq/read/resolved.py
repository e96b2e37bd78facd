"""A file together with all that was learnt about it before reading it whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from logq.schema import CANONICAL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from polars._typing import PolarsDataType

    from logq.formats.base import Format
    from logq.read.files import FileRef

__all__ = ["Resolved"]


@dataclass(frozen=True, kw_only=True)
class Resolved:
    """How to read one file.

    `fields` are its own columns with their types; `keys` maps a column to the path of keys (JSON),
    the key (logfmt) or the position (CSV) it comes from; `stamp`, `level` and `message` are the
    fields that hold time, severity word and human part, None where there is none.
    """

    file: FileRef
    format: Format
    encoding: str = "utf-8"
    fields: Mapping[str, PolarsDataType]
    keys: Mapping[str, tuple[str, ...]]
    stamp: str | None = None
    level: str | None = None
    message: str | None = None
    layouts: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    header: bool = False

    @property
    def schema(self) -> dict[str, PolarsDataType]:
        """Every column the file gives, canonical ones first."""
        return {**CANONICAL, **self.fields}
