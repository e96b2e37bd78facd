"""What a run tells of itself: per file and per host, how much was read, how well, and what was lost."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from datetime import datetime

    import polars as pl

__all__ = ["FileReport", "HostReport", "HostStatus", "Report", "Result", "Skipped"]

HostStatus = Literal["ok", "failed", "timeout", "unreachable", "changed", "skipped"]
SHOWN: Final = 5


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


@dataclass(frozen=True, slots=True)
class Skipped:
    """A pipe, socket or device (`kind`) among the files of a glob or folder: it was not opened, and is no loss.

    >>> Skipped("/var/log/app/queue", "a pipe").kind
    'a pipe'
    """

    source: str
    kind: str
    host: str | None = None


@dataclass(slots=True)
class HostReport:
    """One node of a fleet.

    `status` is `ok`; or else what came between: `unreachable` (no connection, or a stranger at its end), `timeout`
    (silence), `changed` (files that are no longer what they were), `failed` (anything else), `skipped` (not asked).
    `units` counts the parts of its files that were to be read, `units_done` those that were, wholly;
    `bytes_sent` is what came over the wire. `clock_offset` is how far its clock was ahead of this machine's at the
    handshake, in seconds. `attempts` counts the agents that were started.
    """

    host: str
    status: HostStatus = "ok"
    tier: str | None = None
    files: int = 0
    rows: int = 0
    bytes: int = 0
    bytes_sent: int = 0
    units: int = 0
    units_done: int = 0
    elapsed: float = 0.0
    attempts: int = 0
    clock_offset: float | None = None
    error: str | None = None


@dataclass(slots=True)
class Report:
    """All files of a run, in row order, and the fields that no sample had and were looked for as text.

    `hosts` are the nodes of a fleet, in its order; `shared` names files that several of them gave, who must be looking
    at one disk: their rows count once for each. `skipped` is what was passed over because it is no file.
    """

    files: list[FileReport] = field(default_factory=list)
    looked_for: tuple[str, ...] = ()
    hosts: list[HostReport] = field(default_factory=list)
    shared: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()

    @property
    def failed(self) -> list[FileReport]:
        """Files that could not be read to their end."""
        return [f for f in self.files if f.error is not None]

    @property
    def lost_hosts(self) -> list[HostReport]:
        """Hosts of which something is missing."""
        return [h for h in self.hosts if h.status != "ok"]

    @property
    def incomplete(self) -> bool:
        """Whether anything is missing: rows are then some of the rows, and counts lower bounds."""
        return any(f.error is not None for f in self.files) or any(h.status != "ok" for h in self.hosts)

    @property
    def missing(self) -> str:
        """What is missing, in words; "" where nothing is."""
        hosts, files = self.lost_hosts, self.failed
        parts = []
        if hosts:
            named = "; ".join(f"{h.host}: {h.error}" for h in hosts[:SHOWN])
            parts.append(f"{len(hosts)} of {len(self.hosts)} hosts did not answer in full ({named}{_more(hosts)})")
        if files:
            named = "; ".join(f"{f.host + ':' if f.host else ''}{f.source}: {f.error}" for f in files[:SHOWN])
            parts.append(
                f"{len(files)} of {len(self.files)} files could not be read to their end ({named}{_more(files)})"
            )
        return ", and ".join(parts)

    @property
    def bytes(self) -> int:
        """Decoded bytes read."""
        return sum(f.bytes for f in self.files)

    @property
    def entries(self) -> int:
        """Entries read."""
        return sum(f.entries for f in self.files)

    def restart(self, fresh: Report) -> None:
        """Begin again, for a query that is read anew."""
        self.files[:], self.hosts[:] = fresh.files, fresh.hosts


@dataclass(frozen=True, slots=True)
class Result:
    """A run's answer: the rows, and how they came about."""

    frame: pl.DataFrame
    report: Report


def _more(shown: list[HostReport] | list[FileReport]) -> str:
    return f" … and {len(shown) - SHOWN} more" if len(shown) > SHOWN else ""
