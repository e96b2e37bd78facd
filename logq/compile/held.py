"""Rows that are needed more than once: in memory, and on disk beyond a budget."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import polars as pl
from polars.io.plugins import register_io_source

from logq.compile.order import ROW
from logq.memory import budget_in_force

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from types import TracebackType

__all__ = ["Budget", "Held", "Shuffle", "batches", "generated"]

BATCH: Final = 1 << 18
"""Rows that are taken from a stream at a time."""

PART: Final = "__logq_part"


class Budget:
    """What a step may hold, as shares of the budget in force when it is lowered."""

    def __init__(self) -> None:
        self.bytes = budget_in_force()

    @property
    def held(self) -> int:
        """Bytes of rows as they come, beyond which they go to disk: sorting them takes as much again, twice."""
        return self.bytes // 4

    @property
    def piece(self) -> int:
        """Bytes of rows that are written, and read again, together."""
        return self.bytes // 16

    def parts(self, rows: int, width: int) -> int:
        """In how many partitions rows of so many bytes can be worked on one after the other."""
        return max(1, min(256, rows, -(-rows * width * 8 // self.bytes)))


class Held:
    """Rows of a stream, in order; each has a ROW, its number in the stream."""

    def __init__(self, frames: Iterable[pl.DataFrame], schema: pl.Schema, budget: Budget) -> None:
        self._schema = schema
        self._folder: Path | None = None
        self._pieces: list[Path] = []
        self._frame: pl.DataFrame | None = None
        self._starts: list[int] = []
        self.height, self.size = 0, 0
        try:
            self._hold(frames, budget)
        except BaseException:
            self.close()
            raise

    def _hold(self, frames: Iterable[pl.DataFrame], budget: Budget) -> None:
        waiting: list[pl.DataFrame] = []
        size = 0
        for frame in frames:
            waiting.append(frame)
            size += _size(frame)
            self.size += _size(frame)
            if size > (budget.piece if self._pieces else budget.held):
                for piece in _cut(pl.concat(waiting), budget.piece, size):
                    self._write(piece)
                waiting, size = [], 0
        rest = pl.concat([self._schema.to_frame(), *waiting])
        if not self._pieces:
            self._frame, self.height = rest.rechunk(), rest.height
            self._starts = [0]
        elif rest.height:
            self._write(rest)

    @property
    def columns(self) -> list[str]:
        """Names of the columns, without ROW."""
        return list(self._schema)

    @property
    def spilled(self) -> bool:
        """Whether the rows are on disk."""
        return self._frame is None

    @property
    def starts(self) -> pl.Series:
        """ROW of the first row of each piece."""
        return pl.Series(self._starts, dtype=pl.Int64)

    def pieces(self, columns: Sequence[str] | None = None) -> Iterator[pl.DataFrame]:
        """Rows piece by piece with ROW, of all or some columns."""
        for n in range(len(self._starts)):
            yield self.piece(n, columns)

    def piece(self, n: int, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """One of the pieces, with ROW."""
        names = list(self._schema) if columns is None else list(columns)
        frame = self._frame.select(names) if self._frame is not None else _read(self._pieces[n], names)
        row = pl.int_range(self._starts[n], self._starts[n] + frame.height, dtype=pl.Int64, eager=True)
        return frame.select(row.alias(ROW), *names)

    def take(self, at: pl.Series, columns: Sequence[str]) -> pl.DataFrame:
        """Some columns of the rows of these numbers, in the order of these."""
        if self._frame is not None:
            return self._frame.select(columns)[at]
        wanted = at.unique().sort()
        parts = [self._schema.to_frame().select(columns)]
        bounds = [*wanted.search_sorted(self.starts).to_list(), len(wanted)]
        for n, (a, b) in enumerate(itertools.pairwise(bounds)):
            if a < b:
                parts.append(_read(self._pieces[n], columns)[wanted.slice(a, b - a) - self._starts[n]])
        return pl.concat(parts).rechunk()[wanted.search_sorted(at)]

    def close(self) -> None:
        """Give memory and disk back."""
        self._frame = None
        if self._folder is not None:
            shutil.rmtree(self._folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _write(self, frame: pl.DataFrame) -> None:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="logq-"))
        path = self._folder / f"{len(self._pieces)}.ipc"
        frame.write_ipc(path, compression="lz4")
        self._pieces.append(path)
        self._starts.append(self.height)
        self.height += frame.height


class Shuffle:
    """Rows parted by a number, each part on disk in the order of writing."""

    def __init__(self, schema: pl.Schema, parts: int) -> None:
        self._schema, self.parts = schema, parts
        self._folder = Path(tempfile.mkdtemp(prefix="logq-"))
        self._batches = 0

    def write(self, frame: pl.DataFrame, part: pl.Expr) -> None:
        """Add rows; `part` tells the number of the part of each."""
        folder = self._folder / f"{self._batches:08}"
        scheme = pl.PartitionBy(folder, key=PART, include_key=False)
        frame.with_columns(part.cast(pl.Int64).alias(PART)).lazy().sink_ipc(
            scheme, mkdir=True, compression="lz4", engine="streaming"
        )
        self._batches += 1

    def read(self, part: int) -> pl.DataFrame:
        """Rows of one part."""
        folders = [self._folder / f"{n:08}" / f"{PART}={part}" for n in range(self._batches)]
        files = [path for folder in folders for path in sorted(folder.glob("*"))]
        return pl.concat([self._schema.to_frame(), *(_read(p, list(self._schema)) for p in files)]).rechunk()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self._folder)


def generated(schema: pl.Schema, made: Callable[[Sequence[str]], Iterator[pl.DataFrame]], *, name: str) -> pl.LazyFrame:
    """What a generator makes as a LazyFrame; it is asked for the columns that are wanted, and may give more."""

    def source(
        columns: list[str] | None, predicate: pl.Expr | None, limit: int | None, _: int | None
    ) -> Iterator[pl.DataFrame]:
        shown = list(schema) if columns is None else columns
        read = dict.fromkeys([*shown, *(predicate.meta.root_names() if predicate is not None else ())])
        left = limit
        for frame in made(list(read)):
            rows = frame if left is None else frame.head(left)
            left = None if left is None else left - rows.height
            yield (rows if predicate is None else rows.filter(predicate)).select(shown)
            if left is not None and left <= 0:
                return

    return register_io_source(source, schema=schema, explain_name=name)


def batches(frame: pl.LazyFrame) -> Iterator[pl.DataFrame]:
    """Rows of a stream, in order."""
    return frame.collect_batches(chunk_size=BATCH, maintain_order=True, engine="streaming")


def _size(frame: pl.DataFrame) -> int:
    """Bytes of a frame; of texts Polars counts the letters alone, and not the views on them."""
    texts = sum(dtype in (pl.String, pl.Binary) for dtype in frame.dtypes)
    return int(frame.estimated_size()) + 16 * frame.height * texts


def _cut(frame: pl.DataFrame, most: int, size: int) -> Iterator[pl.DataFrame]:
    """Pieces of about as many bytes as are written together."""
    rows = max(1, frame.height * most // max(size, 1))
    return frame.iter_slices(rows)


def _read(path: Path, columns: Sequence[str]) -> pl.DataFrame:
    """Columns of a file, read into memory of our own."""
    return pl.read_ipc(path, columns=list(columns)) if columns else pl.read_ipc(path).select()
