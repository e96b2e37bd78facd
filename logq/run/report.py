"""What a run tells of itself: per file, how much was read, how well, and what was lost."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    import polars as pl

__all__ = ["FileReport", "Report", "Result"]


@dataclass(slots=True)
class FileReport:
    """One file of a run.

    `bytes` counts decoded bytes read, `entries` the entries in them; `rows` those that came out of
    the steps that run while reading. `unparsed`, `start` and `end` are over the entries that were
    decoded, and None where the query needed no `parse_error` or `timestamp`. `error` is why the
    rest of the file is missing, None if nothing is.
    """

    source: str
    format: str
    host: str | None = None
    bytes: int = 0
    entries: int = 0
    rows: int = 0
    unparsed: int | None = None
    start: datetime | None = None
    end: datetime | None = None
    error: str | None = None

    @property
    def status(self) -> str:
        """`ok`, or `failed` if the file could not be read to its end."""
        return "ok" if self.error is None else "failed"

    def saw(self, frame: pl.DataFrame) -> None:
        """Count a decoded frame in."""
        if "parse_error" in frame.columns:
            self.unparsed = (self.unparsed or 0) + frame.height - frame["parse_error"].null_count()
        if "timestamp" in frame.columns and frame["timestamp"].null_count() < frame.height:
            low, high = frame["timestamp"].min(), frame["timestamp"].max()
            self.start = low if self.start is None else min(self.start, low)  # type: ignore[assignment,type-var]
            self.end = high if self.end is None else max(self.end, high)  # type: ignore[assignment,type-var]


@dataclass(slots=True)
class Report:
    """All files of a run, in row order, and the fields that no sample had and were looked for as text."""

    files: list[FileReport] = field(default_factory=list)
    looked_for: tuple[str, ...] = ()

    @property
    def failed(self) -> list[FileReport]:
        """Files that could not be read to their end."""
        return [f for f in self.files if f.error is not None]

    @property
    def bytes(self) -> int:
        """Decoded bytes read."""
        return sum(f.bytes for f in self.files)

    @property
    def entries(self) -> int:
        """Entries read."""
        return sum(f.entries for f in self.files)


@dataclass(frozen=True, slots=True)
class Result:
    """A run's answer: the rows, and how they came about."""

    frame: pl.DataFrame
    report: Report
