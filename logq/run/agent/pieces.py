"""What a unit reads of its files, and what a context must see beside them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from logq.errors import PlanDecodeError
from logq.read import entry_blocks, text_of
from logq.read.decode.csv import COMMENT
from logq.read.quotes import Quoted
from logq.read.ranges import entry_start, reach_ahead, reach_back
from logq.run.agent.files import ChangedError, opened
from logq.run.years import is_yearless

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import ExitStack

    from logq.plan import Scan
    from logq.read import Resolved
    from logq.run.agent.files import Place
    from logq.run.wire.messages import FileEntry, Run, Span, Whole

__all__ = ["Lost", "Pieces", "whole"]


def whole(file: Resolved) -> Whole:
    """Tell when a file must be read in one piece."""
    plain = file.file.compression is None and file.encoding == "utf-8" and file.file.opener is None
    headed = any(one.header or one.format.directive for one in file.mixed or (file,))
    if not plain or headed or file.by is not None or isinstance(file.start, Quoted):
        return "always"
    return "timed" if is_yearless(file) else "never"


@dataclass(frozen=True)
class Lost:
    """A file that could not be opened."""

    error: str
    changed: bool


@dataclass
class Pieces:
    """Files of a unit that were opened, by their place in it, with what lies beside them."""

    files: dict[int, Resolved]
    lost: dict[int, Lost]
    ahead: list[Resolved]
    behind: list[Resolved]

    @property
    def read(self) -> tuple[Resolved, ...]:
        """All of them, in row order."""
        return (*self.ahead, *self.files.values(), *self.behind)

    @property
    def own(self) -> range:
        """Which of these are the unit's own."""
        return range(len(self.ahead), len(self.ahead) + len(self.files))

    @classmethod
    def of(
        cls, request: Run, scan: Scan, span: Span, roots: Place, stack: ExitStack, *, reach: int, timed: bool
    ) -> Pieces:
        """Open a unit's files, and so many entries beside them in their rotation sets.

        Raises
        ------
        PlanDecodeError
            No such unit.
        """
        found = _Opener(request, scan, roots, stack, timed)
        pieces = cls({}, {}, [], [])
        entries = request.files[span.first : span.last]
        if span.high is not None and (len(entries) != 1 or not 0 <= span.low <= span.high):
            msg = f"unit {span.number}: a range of bytes lies in one file"
            raise PlanDecodeError(msg)
        for place, entry in enumerate(entries):
            try:
                file = found(entry)
            except OSError as error:
                pieces.lost[place] = Lost(error.strerror or str(error), isinstance(error, ChangedError))
            else:
                pieces.files[place] = file if span.high is None else _ranged(file, span.low, span.high)
        if reach and pieces.files:
            first, last = next(iter(pieces.files.values())), [*pieces.files.values()][-1]
            pieces.ahead = found.ahead(span.first + min(pieces.files), first, reach)
            pieces.behind = found.behind(span.first + max(pieces.files), last, reach)
        return pieces


def _ranged(file: Resolved, low: int, high: int) -> Resolved:
    begin, end = (entry_start(file.file, at, file.start) for at in (low, high))
    return _part(file, begin, end)


def _part(file: Resolved, begin: int, end: int) -> Resolved:
    return replace(file, file=replace(file.file, since=begin, until=end))


@dataclass
class _Opener:
    """Opens files of a request for a unit, and looks for entries beside it."""

    request: Run
    scan: Scan
    roots: Place
    stack: ExitStack
    timed: bool

    def __call__(self, entry: FileEntry) -> Resolved:
        file = self.stack.enter_context(opened(entry, self.roots))
        return self.roots.known.resolved(file, entry, self.scan, self.request.formats)

    def ahead(self, at: int, first: Resolved, count: int) -> list[Resolved]:
        """Find the last `count` entries of its set before file `at`, or before the range of it that is read."""
        found: list[Resolved] = []
        for file in self._beside(first, range(at, -1, -1)):
            end = file.file.since if file is first else file.file.until or 0
            if self._whole(file):
                part, seen = file, 0 if file is first else _held(file, count)
            else:
                begin, seen = reach_back(file.file, end, file.start, count)
                part = _part(file, begin, end)
            found[:0] = [part] if seen else []
            count -= seen
            if count <= 0:
                break
        return found

    def behind(self, at: int, last: Resolved, count: int) -> list[Resolved]:
        """Find the first `count` entries of its set after file `at`, or after the range of it that is read."""
        found: list[Resolved] = []
        for file in self._beside(last, range(at, len(self.request.files))):
            begin = (file.file.until or 0) if file is last else 0
            if self._whole(file):
                part, seen = file, 0 if file is last else _held(file, count)
            else:
                rest = replace(file.file, until=self.request.files[at].size) if file is last else file.file
                end, seen = reach_ahead(rest, begin, file.start, count)
                part = _part(file, begin, end)
            found += [part] if seen else []
            count -= seen
            if count <= 0:
                break
        return found

    def _beside(self, own: Resolved, places: range) -> Iterator[Resolved]:
        """Give the file itself, then its neighbours in the set that can be opened."""
        yield own
        for place in places[1:]:
            entry = self.request.files[place]
            if entry.set != own.file.set:
                return
            with suppress(OSError):
                yield self(entry)

    def _whole(self, file: Resolved) -> bool:
        needs = whole(file)
        return needs == "always" or (needs == "timed" and self.timed)


def _held(file: Resolved, count: int) -> int:
    """Entries of a file that is read in one piece, counted no further than `count`, or than damage."""
    seen = 0
    with suppress(OSError):
        for block in entry_blocks(file.file, start=file.start, by=file.by, encoding=file.encoding):
            found = text_of(block.entries(file.start)[0])
            seen += len(found) - (file.header and block.offset == 0)
            seen -= int(found.str.contains(COMMENT).sum()) if file.format.directive else 0
            if seen >= count:
                break
    return seen
