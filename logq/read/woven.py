"""Entries of several processes whose lines alternate in one file, put together process by process.

Threads sort the lines of a block by process, tell which start entries and join what is whole inside it. Only what
crosses an end of a block is left to be done in order: of each process, the lines ahead of its first sure start, and
those from its last on.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

import polars as pl

from logq.plan import HIDDEN
from logq.read.blocks import BLOCK, Block, blocks
from logq.read.lines import BODY, LINE, joined, lines_of
from logq.read.processes import AT, PROCESS, fresh, keyed, passed, told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from logq.read.files import FileRef
    from logq.read.rules import Rule

__all__ = ["REACH", "Woven", "entry_blocks"]

REACH: Final = 64 << 20
"""Bytes of text after which an entry that is still open takes no more lines: so much of a file is held back at most."""

PLACE: Final = f"{HIDDEN}place"


class Each(Protocol):
    """Maps a function over things, in order, perhaps in threads."""

    def __call__(self, work: Callable[[Any], Any], items: Iterable[Any], /) -> Iterator[Any]: ...


@dataclass(frozen=True, slots=True)
class Woven:
    """The entries whose first lines lie in a block of a file, from line `low` on."""

    offset: int
    size: int
    low: int
    lines: int
    frames: tuple[pl.DataFrame, ...]

    def entries(self, _: Rule | None) -> tuple[pl.DataFrame, int]:
        """Return (frame of entries, number of lines in the block)."""
        frame = self.frames[0] if len(self.frames) == 1 else pl.concat(self.frames, how="diagonal")
        return frame.sort(LINE).with_columns((pl.col(LINE) - self.low).cast(pl.UInt32)).drop(AT), self.lines


def entry_blocks(
    file: FileRef,
    *,
    start: Rule | None,
    by: str | None,
    encoding: str = "utf-8",
    size: int = BLOCK,
    reach: int = REACH,
    each: Each = map,
) -> Iterator[Block | Woven]:
    """Blocks of whole entries of a file: of each process by itself where `by` tells processes apart.

    `each` maps a function over blocks, in order. Raises OSError after what can be read.

    >>> from logq.read import FileRef
    >>> from logq.read.traces import Traces
    >>> file = FileRef("a", buffer=b"a| x\\nb| y\\na|   at f\\nb| z\\n")
    >>> [woven] = entry_blocks(file, start=Traces(), by="^([a-z])[|] ")
    >>> woven.entries(None)[0]["raw"].to_list()
    ['a| x\\na|   at f', 'b| y', 'b| z']
    """
    if by is None:
        return blocks(file, start=start, encoding=encoding, size=size)
    return _woven(blocks(file, start=None, encoding=encoding, size=size), _Telling(by, start, reach), each)


def _woven(stream: Iterator[Block], telling: _Telling, each: Each) -> Iterator[Woven]:
    failures: list[OSError] = []

    def readable() -> Iterator[Block]:
        try:
            yield from stream
        except OSError as error:
            failures.append(error)

    loom = _Loom(telling)
    for part in each(telling.sorted_out, readable()):
        if isinstance(part, OSError):
            failures.insert(0, part)
            break
        yield from loom.push(part)
    yield from loom.flush()
    if failures:
        raise failures[0]


@dataclass(frozen=True, slots=True)
class _Part:
    """A block in pieces: `nameless` lines at its head, `heads` and `tails` of what goes on beyond it, whole entries.

    Lines are counted in the block; `length` is that of its text, `last` the process of its last line.
    """

    block: Block
    lines: int
    length: int
    nameless: pl.DataFrame
    heads: pl.DataFrame
    whole: pl.DataFrame
    tails: pl.DataFrame
    last: str | None


@dataclass(frozen=True, slots=True)
class _Telling:
    """What tells processes apart, where their entries start, and how far one reaches."""

    by: str
    rule: Rule | None
    reach: int

    def told(self, lines: pl.DataFrame, *, whole: bool) -> tuple[pl.Series, pl.Series]:
        """See `told`."""
        return told(lines, self.rule, self.reach, whole=whole)

    def sorted_out(self, block: Block) -> _Part | OSError:
        """Load a block and take it to pieces; why that could not be, if so."""
        try:
            # Rows are fetched from one chunk in no time, from the many that reading leaves slowly.
            lines = lines_of(block.load()).rechunk()
        except OSError as error:
            return error
        size = pl.col("raw").str.len_bytes().cast(pl.Int64) + 1
        lines = lines.with_columns(pl.col(LINE).cast(pl.Int64), (size.cum_sum() - size).alias(AT))
        split = keyed(lines, self.by).with_columns(pl.col(PROCESS).forward_fill())
        nameless = split[PROCESS].null_count()
        order = _by_process(split[PROCESS].slice(nameless)) + nameless
        named = split.select(PROCESS, BODY, AT)[order]
        first, sure = self.told(named, whole=False)
        seen, left = passed(named, sure)
        inside = (seen > 0) & (left > 0)
        return _Part(
            block=block,
            lines=lines.height,
            length=int(lines.select(size.sum()).item()),
            nameless=split.head(nameless),
            heads=split[order.filter(seen == 0)],
            whole=joined(split[order.filter(inside)], first.filter(inside)),
            tails=split[order.filter((seen > 0) & (left == 0))],
            last=split[PROCESS][-1] if split.height else None,
        )


def _by_process(process: pl.Series) -> pl.Series:
    """Rows in an order in which those of a process stand together, as they stood."""
    rows = process.to_frame(PROCESS).with_row_index(LINE).group_by(PROCESS, maintain_order=True).agg(LINE)
    return rows[LINE].explode().cast(pl.Int64)


@dataclass(slots=True)
class _Waiting:
    """A block that entries which began in it may still be missing of; lines are counted in the file."""

    block: Block
    low: int
    lines: int
    frames: list[pl.DataFrame]

    def woven(self) -> Woven:
        """Make it one that is complete."""
        return Woven(self.block.offset, self.block.size, self.low, self.lines, tuple(self.frames))


@dataclass(slots=True)
class _Loom:
    """Joins the pieces of blocks, in order; `held` are the lines of entries that may go on."""

    telling: _Telling
    held: pl.DataFrame | None = None
    waiting: deque[_Waiting] = field(default_factory=deque)
    line: int = 0
    at: int = 0
    last: str | None = None

    def push(self, part: _Part) -> Iterator[Woven]:
        """Take the next block; give those in which nothing is missing any more."""
        moved = pl.col(LINE) + self.line, pl.col(AT) + self.at
        nameless = part.nameless.with_columns(pl.lit(self.last, pl.String).alias(PROCESS))
        heads = pl.concat([nameless, part.heads]).with_columns(moved)
        tails = part.tails.with_columns(moved)
        self.waiting.append(_Waiting(part.block, self.line, part.lines, [part.whole.with_columns(moved)]))
        self.line, self.at = self.line + part.lines, self.at + part.length
        self.last = self.last if part.last is None else part.last
        self._join(heads, tails)
        yield from self._done()

    def flush(self) -> Iterator[Woven]:
        """Give what is left at the end of the file."""
        self.at += self.telling.reach
        if self.held is not None:
            self._join(self.held.clear(), self.held.clear())
        yield from self._done()

    def _join(self, heads: pl.DataFrame, tails: pl.DataFrame) -> None:
        """Go on with what is held by `heads`; what `tails` opens ends it."""
        held = heads.clear() if self.held is None else self.held
        named = pl.concat([heads[PROCESS], tails[PROCESS]]).unique().implode()
        met = held[PROCESS].is_in(named, nulls_equal=True)
        lines = pl.concat([held.filter(met), heads], how="diagonal").sort(PROCESS, LINE)
        first, sure = self.telling.told(lines, whole=True)
        open_ = (passed(lines, sure)[1] == 0) & ~lines[PROCESS].is_in(tails[PROCESS].implode(), nulls_equal=True)
        self._give(lines.filter(~open_), first.filter(~open_))
        self._hold(pl.concat([held.filter(~met), lines.filter(open_), tails], how="diagonal"))

    def _hold(self, lines: pl.DataFrame) -> None:
        """Keep the lines of entries that may go on, and give the others."""
        lines = lines.sort(PROCESS, LINE)
        began = pl.when(fresh(lines)).then(AT).forward_fill()
        over = lines.select(began <= self.at - self.telling.reach).to_series()
        self.held = lines.filter(~over)
        old = lines.filter(over)
        self._give(old, self.telling.told(old, whole=True)[0])

    def _give(self, lines: pl.DataFrame, first: pl.Series) -> None:
        """Put the entries of these lines to the blocks in which they begin."""
        if not lines.height:
            return
        made = joined(lines, first)
        places = pl.Series([one.low for one in self.waiting]).search_sorted(made[LINE], side="right") - 1
        for (place,), frame in made.with_columns(places.alias(PLACE)).partition_by(PLACE, as_dict=True).items():
            self.waiting[int(place)].frames.append(frame.drop(PLACE))

    def _done(self) -> Iterator[Woven]:
        open_: int = (
            self.line if self.held is None or not self.held.height else self.held.select(pl.col(LINE).min()).item()
        )
        while self.waiting and self.waiting[0].low + self.waiting[0].lines <= open_:
            yield self.waiting.popleft().woven()
