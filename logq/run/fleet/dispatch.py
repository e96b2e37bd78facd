"""A query's work, shared out: what each host is to read, what of it has come, and in which order it is taken."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from itertools import pairwise
from typing import IO, TYPE_CHECKING, Final, Literal, TypeAlias

import msgspec

from logq.run.fleet.faults import Fault
from logq.run.wire.frames import Kind
from logq.run.wire.messages import Span

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator, Sequence

    from logq.run.wire.frames import Frame
    from logq.run.wire.messages import FileEntry, Run, UnitEnd

__all__ = ["LARGE", "UNIT", "Borders", "Share", "Unit", "cut"]

UNIT: Final = 256 << 20
"""Neighbouring small files are read together up to about this many bytes, which a fault has read again."""

LARGE: Final = 1 << 30
"""A file of so many bytes is read in ranges of half that and more."""

MANY: Final = 256
HELD: Final = 32 << 20
"""Bytes of a unit's rows that are kept in memory; more go to a temporary file."""


Borders: TypeAlias = Literal["anywhere", "plain", "sets"]
"""Where files may be parted: anywhere, between sets, or within a set too where both neighbours are plain."""


def cut(files: Sequence[FileEntry], whole: Sequence[bool], *, borders: Borders) -> list[Span]:
    """Files → units: a few small neighbours each, or a range of a large one that need not be `whole`.

    >>> from logq.run.wire.messages import FileEntry
    >>> files = [FileEntry(name=str(i), set=i // 2, size=200 << 20) for i in range(4)]
    >>> [[(s.first, s.last) for s in cut(files, [False] * 4, borders=b)] for b in ("anywhere", "sets")]
    [[(0, 1), (1, 2), (2, 3), (3, 4)], [(0, 2), (2, 4)]]
    >>> [(s.low, s.high) for s in cut([FileEntry(name="a", set=0, size=3 << 30)], [False], borders="plain")][:2]
    [(0, 805306368), (805306368, 1610612736)]
    """
    spans: list[Span] = []
    first, size = 0, 0

    def close(last: int) -> None:
        if first < last:
            spans.append(Span(number=len(spans), first=first, last=last))

    for index, file in enumerate(files):
        parted = index > first and _parted(files[index - 1], file, borders)
        if parted and (size + file.size > UNIT or file.size >= LARGE or index - first >= MANY):
            close(index)
            first, size = index, 0
        if file.size >= LARGE and not whole[index] and borders != "sets" and index == first:
            parts = file.size // LARGE + 1
            edges = [file.size * i // parts for i in range(parts + 1)]
            spans += [
                Span(number=len(spans) + i, first=index, last=index + 1, low=low, high=high)
                for i, (low, high) in enumerate(pairwise(edges))
            ]
            first, size = index + 1, 0
        else:
            size += file.size
    close(len(files))
    return spans


def _parted(before: FileEntry, after: FileEntry, borders: Borders) -> bool:
    """Whether a unit may end between two files."""
    plain = borders == "plain" and before.compression is None and after.compression is None
    return borders == "anywhere" or plain or before.set != after.set


@dataclass(eq=False)
class Unit:
    """A unit. `rows` holds what came of the attempt under way, or of the one that went through."""

    span: Span
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

    def __init__(self, request: Run, units: Sequence[Span], news: threading.Condition) -> None:
        self._request, self._news = request, news
        self._units = [Unit(span) for span in units]
        self._known = {u.span.number: u for u in self._units}
        self._finished = self._over = False
        self.epoch = 0
        self.asked = False
        self.fault: Fault | None = None
        self.refused: Exception | None = None

    @property
    def files(self) -> tuple[FileEntry, ...]:
        """Files of the host."""
        return self._request.files

    def left(self) -> list[Unit]:
        """Units that have neither come nor been given up."""
        return [u for u in self._units if not u.settled]

    def request(self) -> Run:
        """Ask for what is left."""
        self.asked = True
        return msgspec.structs.replace(self._request, units=tuple(u.span for u in self.left()))

    def take(self, frame: Frame, end: UnitEnd | None) -> None:
        """Keep a frame of rows; with a unit's end they count."""
        unit = self._known.get(frame.unit)
        if unit is None or unit.settled or (end is not None and len(end.files) != unit.span.last - unit.span.first):
            raise Fault("failed", f"corrupt stream: unit {frame.unit} was not asked for", again=True)
        with self._news:
            if frame.kind is Kind.ROWS:
                if not self._over:
                    unit.add(frame.body)
                return
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
            elif unit.failures > 1 and unit.span.last - unit.span.first > 1:
                self._part(unit)
            self._news.notify_all()

    def _part(self, unit: Unit) -> None:
        """Cut a unit in two between rotation sets, so that what ends agents is found and the rest is read."""
        span, files = unit.span, self._request.files
        borders = [i for i in range(span.first + 1, span.last) if files[i].set != files[i - 1].set]
        if not borders:
            return
        middle = borders[len(borders) // 2]
        number = max(self._known) + 1
        parts = [
            Unit(Span(number=number, first=span.first, last=middle)),
            Unit(Span(number=number + 1, first=middle, last=span.last)),
        ]
        at = self._units.index(unit)
        self._units[at : at + 1] = parts
        del self._known[span.number]
        self._known |= {u.span.number: u for u in parts}

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
        """Forget all rows, those too that are still on their way: a stop takes a while to reach who takes them."""
        with self._news:
            self._over = True
            for unit in self._units:
                unit.drop()

    @property
    def units(self) -> tuple[int, int]:
        """How many units there are, and how many came whole."""
        return len(self._units), sum(u.end is not None for u in self._units)
