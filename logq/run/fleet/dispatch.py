"""A query's work, shared out: what each host is to read, what of it has come, and in which order it is taken."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Final

import msgspec

from logq.run.fleet.faults import Fault
from logq.run.wire.frames import Kind

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator

    from logq.run.wire.frames import Frame
    from logq.run.wire.messages import FileEntry, Run, UnitEnd

__all__ = ["UNIT", "Share", "Unit", "cut"]

UNIT: Final = 256 << 20
"""Neighbouring small files are read together up to about this many bytes, which a fault has read again."""

MANY: Final = 256
HELD: Final = 32 << 20
"""Bytes of a unit's rows that are kept in memory; more go to a temporary file."""


def cut(files: tuple[FileEntry, ...], *, whole_sets: bool) -> list[tuple[int, int]]:
    """Files → half-open ranges of neighbours to be read together; with `whole_sets` no rotation set is parted.

    >>> from logq.run.wire.messages import FileEntry
    >>> files = tuple(FileEntry(name=str(i), set=i // 2, size=200 << 20) for i in range(4))
    >>> cut(files, whole_sets=False), cut(files, whole_sets=True)
    ([(0, 1), (1, 2), (2, 3), (3, 4)], [(0, 2), (2, 4)])
    """
    ranges: list[tuple[int, int]] = []
    first, size = 0, 0
    for index, file in enumerate(files):
        together = whole_sets and index > first and files[index - 1].set == file.set
        if index > first and not together and (size + file.size > UNIT or index - first >= MANY):
            ranges.append((first, index))
            first, size = index, 0
        size += file.size
    return [*ranges, (first, len(files))] if files else []


@dataclass(eq=False)
class Unit:
    """A range of a host's files. `rows` holds what came of the attempt under way, or of the one that went through."""

    first: int
    last: int
    rows: list[int] = field(default_factory=list)
    store: IO[bytes] | None = None
    end: UnitEnd | None = None
    fault: Fault | None = None
    failures: int = 0

    @property
    def settled(self) -> bool:
        """Whether nothing more will come of it."""
        return self.end is not None or self.fault is not None

    def add(self, body: bytes) -> None:
        """Keep rows, uncommitted."""
        if self.store is None:
            self.store = tempfile.SpooledTemporaryFile(max_size=HELD)  # noqa: SIM115 (closed by `drop`)
        self.store.write(body)
        self.rows.append(len(body))

    def bodies(self) -> Iterator[bytes]:
        """Give the rows as they came, and let them go."""
        if self.store is not None:
            self.store.seek(0)
            yield from (self.store.read(size) for size in self.rows)
        self.drop()

    def drop(self) -> None:
        """Forget the rows."""
        if self.store is not None:
            self.store.close()
        self.rows, self.store = [], None


class Share:
    """What one host reads of a query: written by the event loop, taken by the thread that wants the rows."""

    def __init__(self, request: Run, units: list[tuple[int, int]], news: threading.Condition) -> None:
        self._request, self._news = request, news
        self._units = [Unit(*span) for span in units]
        self._known = {u.first: u for u in self._units}
        self._finished = False
        self.epoch = 0
        self.asked = False
        self.fault: Fault | None = None
        self.refused: Exception | None = None

    def left(self) -> list[Unit]:
        """Units that have neither come nor been given up."""
        return [u for u in self._units if not u.settled]

    def request(self) -> Run:
        """Ask for what is left."""
        self.asked = True
        return msgspec.structs.replace(self._request, units=tuple((u.first, u.last) for u in self.left()))

    def take(self, frame: Frame, end: UnitEnd | None) -> None:
        """Keep a frame of rows; with a unit's end they count."""
        unit = self._known.get(frame.unit)
        if unit is None or unit.settled or (end is not None and len(end.files) != unit.last - unit.first):
            raise Fault("failed", f"corrupt stream: unit {frame.unit} was not asked for", again=True)
        if frame.kind is Kind.ROWS:
            unit.add(frame.body)
            return
        with self._news:
            unit.end = end
            self._news.notify_all()

    def failed(self, fault: Fault, retries: int) -> None:
        """Drop what did not come whole; the unit under way is tried again, in smaller parts, or given up."""
        left = self.left()
        for one in left:
            one.drop()
        if not left:
            return
        unit = left[0]
        with self._news:
            unit.failures += 1
            if unit.failures >= retries:
                unit.fault = fault
            elif unit.failures > 1 and unit.last - unit.first > 1:
                self._part(unit)
            self._news.notify_all()

    def _part(self, unit: Unit) -> None:
        """Cut a unit in two between rotation sets, so that what ends agents is found and the rest is read."""
        sets = [f.set for f in self._request.files[unit.first : unit.last]]
        borders = [unit.first + i for i in range(1, len(sets)) if sets[i] != sets[i - 1]]
        if not borders:
            return
        middle = borders[len(borders) // 2]
        parts = [Unit(unit.first, middle), Unit(middle, unit.last)]
        at = self._units.index(unit)
        self._units[at : at + 1] = parts
        self._known |= {u.first: u for u in parts}

    def give_up(self, fault: Fault) -> None:
        """Nothing more will come."""
        with self._news:
            self.fault = fault
            for unit in self.left():
                unit.fault = fault
            self._news.notify_all()

    def refuse(self, error: Exception) -> None:
        """Note that the query itself cannot be answered."""
        with self._news:
            self.refused = error
            self._news.notify_all()

    def finish(self) -> None:
        """No more is being asked."""
        with self._news:
            self._finished = True
            self._news.notify_all()

    def in_order(self) -> Iterator[Unit]:
        """Units in order, each once nothing more will come of it; waits."""
        position = 0
        while True:
            with self._news:
                while position < len(self._units) and not self._units[position].settled and not self._finished:
                    self._news.wait()
                if position >= len(self._units):
                    return
                unit = self._units[position]
            yield unit
            position += 1

    def drop(self) -> None:
        """Forget all rows."""
        for unit in self._units:
            unit.drop()

    @property
    def units(self) -> tuple[int, int]:
        """How many units there are, and how many came whole."""
        return len(self._units), sum(u.end is not None for u in self._units)
