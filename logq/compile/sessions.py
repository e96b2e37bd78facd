"""Entries → sessions, in memory; beyond the budget key by key on disk, and back into the order of the entries."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import polars as pl

from logq.compile.cuts import END, END_REASON, NUMBER, START, TRUNCATED, cut
from logq.compile.held import Budget, Held, Shuffle, batches, generated
from logq.compile.link import COMPONENT, JOINS, Links
from logq.compile.lower import lower
from logq.compile.order import PLACE, REASONS, ROW, ROW_NAMES, in_time_order
from logq.compile.tested import Ends
from logq.plan import HIDDEN, SESSION_COLUMNS, Sessions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["ID", "Cutting", "numbered", "sessionised", "sessions_schema"]

ID: Final = "session_id"
TIME: Final = "timestamp"
NEARBY: Final = f"{HIDDEN}nearby"
TOLD: Final = pl.Schema(
    {
        ROW: pl.Int64(),
        NUMBER: pl.Int64(),
        "session_index": pl.Int64(),
        "session_elapsed": pl.Duration("us"),
    }
)
WIDTH: Final = 64
"""Bytes that a row takes while sessions are cut, about."""


@lower.register
def _(step: Sessions, frame: pl.LazyFrame) -> pl.LazyFrame:
    frame, known, schema = sessions_schema(step, frame)
    return generated(schema, partial(sessionised, frame, known, step, Budget()), name="sessions")


def sessions_schema(step: Sessions, frame: pl.LazyFrame) -> tuple[pl.LazyFrame, pl.Schema, pl.Schema]:
    """Rows with their keys and without what sessions make, their schema, and what it is with sessions."""
    made = {**SESSION_COLUMNS, END_REASON: REASONS, TRUNCATED: pl.Boolean()}
    named = [key.expr.alias(name) for key, name in zip(step.keys, step.names, strict=True) if name is not None]
    frame = frame.with_columns(named).drop(*made, JOINS, strict=False)
    known = frame.collect_schema()
    return frame, known, pl.Schema({**known, **made, **({JOINS: pl.Int64()} if step.linked else {})})


def sessionised(
    frame: pl.LazyFrame, known: pl.Schema, step: Sessions, budget: Budget, wanted: Sequence[str]
) -> Iterator[pl.DataFrame]:
    """Rows with what each is in, nulls for orphans, in the order they come in."""
    work = Cutting(step, known)
    columns = [n for n in known if n in work.read or n in wanted]
    with Held(batches(frame.select(columns)), pl.Schema({n: known[n] for n in columns}), budget) as held:
        for piece in work.spilled(held, budget) if held.spilled else [work.whole(held)]:
            yield piece.filter(pl.col(ID).is_not_null()) if step.orphans == "drop" else piece


class Cutting:
    """One `sessions` on rows of a schema."""

    def __init__(self, step: Sessions, known: pl.Schema) -> None:
        self._step = step
        self._names = [n for n in ROW_NAMES if n in known]
        self._beside = [n for n in ("host", "source", "thread") if n in known] if step.orphans == "attach" else []
        flags = [e for e in (step.start, step.end) if e is not None]
        roots = [e.roots for e in flags]
        own = frozenset(known) if None in roots else frozenset[str]().union(*(r for r in roots if r is not None))
        self.read = own | {*step.key_columns, TIME, *self._names, *self._beside}
        self._keys = [COMPONENT] if step.linked else [f"{HIDDEN}key_{n}" for n in range(len(step.keys))]

    def whole(self, held: Held) -> pl.DataFrame:
        """Rows in memory, all at once."""
        frame = held.piece(0)
        links = self._linked([frame])
        rows = self._narrow(frame, links)
        found = cut(rows, self._keys, self._step, rows[TIME].min())
        told = found.told()
        if self._step.orphans == "attach":
            told = self._attached(in_time_order(rows), told)
        return self._joined(frame, told, numbered(found.made, held.take(found.made[ROW], self._names)), links)

    def by_session(self, held: Held) -> pl.DataFrame:
        """Rows of sessions in memory, session by session in time order, where none is linked or attached."""
        frame = held.piece(0)
        rows = self._narrow(frame, None)
        found = cut(rows, self._keys, self._step, rows[TIME].min())
        ids = numbered(found.made, held.take(found.made[ROW], self._names))
        bounds = ids.select(ID, found.begins.alias("begin"), found.ends.alias("end")).sort(ID)
        told = found.told()[bounds.select(pl.int_ranges("begin", "end").explode()).to_series()]
        return frame.drop(ROW)[told[ROW]].hstack(_shown(told, ids))

    def spilled(self, held: Held, budget: Budget) -> Iterator[pl.DataFrame]:
        """Rows on disk: parted by key to be cut, and what was found parted by their pieces."""
        links = self._linked(held.pieces([*self._step.key_columns, TIME, *self._names])) if self._step.linked else None
        sample = self._narrow(held.piece(0).clear(), links)
        parts = budget.parts(held.height, WIDTH)
        ends, made = Ends(), []
        with Shuffle(sample.schema, parts) as by_key, Shuffle(TOLD, len(held.starts)) as by_piece:
            for piece in held.pieces():
                rows = self._narrow(piece, links)
                ends.saw(rows[TIME])
                by_key.write(rows.drop_nulls(self._keys), pl.struct(self._keys).hash() % parts)
            sessions = 0
            for part in range(parts):
                found = cut(by_key.read(part), self._keys, self._step, ends.first)
                told = found.told().with_columns(pl.col(NUMBER) + sessions)
                by_piece.write(told, pl.lit(held.starts).search_sorted(pl.col(ROW), side="right") - 1)
                made.append(found.made.select(ROW, TIME, END_REASON, TRUNCATED))
                sessions += found.made.height
            firsts = pl.concat(made)
            ids = numbered(firsts, held.take(firsts[ROW], self._names))
            if self._step.orphans == "attach":
                yield from self._attached_pieces(held, by_piece, ids, links)
                return
            for n, piece in enumerate(held.pieces()):
                yield self._joined(piece, by_piece.read(n), ids, links)

    def _linked(self, pieces: Iterable[pl.DataFrame]) -> Links | None:
        if not self._step.linked:
            return None
        links = Links(self._step.key_columns, [TIME, *self._names])
        for piece in pieces:
            links.learn(piece)
        links.solve()
        return links

    def _narrow(self, frame: pl.DataFrame, links: Links | None) -> pl.DataFrame:
        """What sessions are cut by: ROW, keys, time, names, START and END where there are such rules."""
        flags = [(n, e.expr) for n, e in ((START, self._step.start), (END, self._step.end)) if e is not None]
        keys = zip(self._step.key_columns, self._keys, strict=True) if links is None else ()
        beside = pl.struct(self._beside).hash() if self._beside else pl.lit(0, pl.UInt64)
        nearby = [beside.alias(NEARBY)] if self._step.orphans == "attach" else []
        rows = frame.select(
            ROW,
            *(pl.col(c).alias(k) for c, k in keys),
            TIME,
            *(e.fill_null(value=False).alias(n) for n, e in flags),
            *self._names,
            *nearby,
        )
        return rows if links is None else rows.hstack([links.label(frame)[COMPONENT]])

    def _joined(
        self, frame: pl.DataFrame, told: pl.DataFrame, sessions: pl.DataFrame, links: Links | None
    ) -> pl.DataFrame:
        """Rows with what was told of them; `frame` is a run of rows, each with its ROW."""
        first = int(frame[ROW].first() or 0)  # type: ignore[arg-type]
        found = told.clear(frame.height)
        if told.height:
            at = pl.int_range(told.height, dtype=pl.Int64, eager=True)
            nothing = pl.Series([None], dtype=pl.Int64).new_from_index(0, frame.height)
            places = nothing.scatter(told[ROW] - first, at)
            found = told.select(pl.all().gather(places))
        joins = [links.label(frame)[JOINS]] if links is not None else []
        return frame.drop(ROW).hstack([*_shown(found, sessions), *joins])

    def _attached(self, rows: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
        """Give orphans the session of the nearest earlier entry beside them, if it is at most `gap` before."""
        found = rows.join(told.select(ROW, NUMBER), on=ROW, how="left", maintain_order="left")
        own = pl.col(NUMBER).is_not_null()
        then = pl.when(own).then(TIME).forward_fill().over(NEARBY)
        near = (pl.col(TIME) - then <= pl.duration(microseconds=self._step.gap)).fill_null(value=False)
        beside = pl.when(near).then(pl.col(NUMBER).forward_fill().over(NEARBY))
        found = found.with_columns(pl.coalesce(NUMBER, beside).alias(NUMBER)).drop_nulls(NUMBER)
        return found.select(
            ROW,
            NUMBER,
            pl.int_range(pl.len(), dtype=pl.Int64).over(NUMBER).alias("session_index"),
            (pl.col(TIME) - pl.col(TIME).first().over(NUMBER)).alias("session_elapsed"),
        )

    def _attached_pieces(
        self, held: Held, by_piece: Shuffle, ids: pl.DataFrame, links: Links | None
    ) -> Iterator[pl.DataFrame]:
        """Attach orphans over all pieces: what is beside an entry has no bounds, so times and numbers are held."""
        rows = pl.concat(self._narrow(p, links).select(ROW, TIME, *self._names, NEARBY) for p in held.pieces())
        told = pl.concat(by_piece.read(n) for n in range(len(held.starts)))
        told = self._attached(in_time_order(rows), told).sort(ROW)
        for piece in held.pieces():
            first, last = piece[ROW].first(), piece[ROW].last()
            yield self._joined(piece, told.filter(pl.col(ROW).is_between(first, last)), ids, links)


def _shown(told: pl.DataFrame, sessions: pl.DataFrame) -> list[pl.Series]:
    """Columns that rows get of their sessions."""
    number = told[NUMBER]
    return [
        sessions[ID].gather(number),
        told["session_index"],
        told["session_elapsed"],
        sessions[END_REASON].gather(number),
        sessions[TRUNCATED].gather(number),
    ]


def numbered(made: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """Sessions by NUMBER, ROW and time of their first rows in them and the names of these → the same with ID.

    It goes by the first rows in time order.
    """
    order = made.select(ROW, TIME).hstack(names).with_row_index("at").sort(ROW)
    place = in_time_order(order).sort("at")[PLACE]
    return made.with_columns(place.cast(pl.Int64).alias(ID))
