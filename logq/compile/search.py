"""Preferred matches of a row pattern from every row at once, and which variable took each row of a match.

A row is a function from states to states. Functions of 1, 2, 4, 8 … rows are put together by doubling, so that the
work grows with the rows, the states and the logarithm of the longest match, and no row waits for another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logq.compile.automaton import Automaton
    from logq.plan import Variable

__all__ = ["ends", "taken"]

CELLS: Final = 1 << 24
"""Rows times states that are looked at together; a partition is never cut."""

AT: Final = pl.col("at")


def ends(kinds: pl.Series, begin: pl.Series, limit: pl.Series, tables: Automaton) -> pl.Series:
    """Where the preferred match from each row ends (the row behind it, null if there is none).

    `kinds` are classes of rows; `begin` the first row of each row's partition; `limit` the row ahead of which a match
    from the row must end.
    """
    found: list[pl.Series] = []
    for at, length in _pieces(begin, len(tables.places)):
        piece = [s.slice(at, length) for s in (kinds, begin, limit)]
        found.append(_ends(piece[0], piece[1] - at, piece[2] - at, tables) + at)
    return pl.concat(found)


def _pieces(begin: pl.Series, width: int) -> Iterator[tuple[int, int]]:
    """Whole partitions together, up to a number of cells if they are small: first row and number of rows."""
    rows = max(CELLS // width, 1)
    heads = begin.unique().sort()
    cuts = heads.to_frame("at").group_by((AT // rows).alias("piece")).agg(AT.min()).get_column("at").sort().to_list()
    yield from ((a, b - a) for a, b in zip(cuts, [*cuts[1:], len(begin)], strict=True))


def _ends(kinds: pl.Series, begin: pl.Series, limit: pl.Series, tables: Automaton) -> pl.Series:
    """Each start jumps by the powers of two that its length to the limit is made of, and is done once nothing lives."""
    width, rows = len(tables.places), len(kinds)
    at = pl.int_range(rows, dtype=pl.Int64, eager=True).alias("at")
    over = pl.Series([None in places for places in tables.places])
    states = pl.Series(tables.follows, dtype=pl.List(pl.UInt32)).gather(kinds).explode()
    base = at.gather(_repeated(rows, width))
    stops = _when(over.gather(states), base + 1)
    start = pl.DataFrame([at, begin.alias("begin"), (limit - at).alias("length")]).with_columns(
        pl.when(pl.col("at") == pl.col("begin"))
        .then(tables.first)
        .otherwise(tables.other)
        .cast(pl.UInt32)
        .alias("state")
    )
    living = start.with_columns(
        pl.col("state").alias("start"), AT.alias("row"), _when(over.gather(start["state"]), at).alias("end")
    )
    done: list[pl.DataFrame] = []
    size = 1
    while living.height:
        whole = living["row"] * width + living["start"]
        dead = (living["length"] >= size) & (states.gather(whole) == 0)
        ended = living.with_columns(pl.coalesce(stops.gather(whole), "end").alias("end"))
        done.append(ended.filter(dead).select("row", "end"))
        living = _jumped(living.filter(~dead), states, stops, size, width)
        size *= 2
        over_now = (living["length"] < size) | (living["state"] == 0)
        done.append(living.filter(over_now).select("row", "end"))
        living = living.filter(~over_now)
        if living.height:
            states, stops = _doubled(states, stops, base, size // 2, width)
    return pl.concat(done).sort("row")["end"]


def _jumped(living: pl.DataFrame, states: pl.Series, stops: pl.Series, size: int, width: int) -> pl.DataFrame:
    """Move on by `size` rows those in whose length it is contained."""
    moves = (living["length"] // size) % 2 == 1
    cell = _when(moves, living["at"] * width + living["state"])
    return living.with_columns(
        pl.coalesce(stops.gather(cell), "end").alias("end"),
        pl.coalesce(states.gather(cell), "state").alias("state"),
        pl.when(moves).then(AT + size).otherwise(AT).alias("at"),
    )


def _doubled(
    states: pl.Series, stops: pl.Series, base: pl.Series, size: int, width: int
) -> tuple[pl.Series, pl.Series]:
    """The functions of twice as many rows; those that reach beyond the last row are asked for nothing."""
    cell = (base + size) * width + states
    cell = _when(cell < len(states), cell)
    later = pl.DataFrame({"later": stops.gather(cell), "stop": stops})
    return states.gather(cell).fill_null(0), later.select(pl.coalesce("later", "stop")).to_series()


def taken(kinds: pl.Series, matches: pl.DataFrame, tables: Automaton) -> tuple[pl.DataFrame, list[Variable]]:
    """Matches (`match`, `row` and `end`, not empty, and `start`, the state ahead) → `match`, `row`, `variable`.

    The states along a match tell which place each place came from; from the finished one the way leads back.
    """
    variables = list(dict.fromkeys(place[0] for state in tables.places for place in state if place is not None))
    numbers = {variable: n for n, variable in enumerate(variables)}
    deep = max(map(len, tables.places))
    names = [[0 if p is None else numbers[p[0]] for p in s] + [0] * (deep - len(s)) for s in tables.places]
    origins = [o + [0] * (deep - len(o)) for by_state in tables.origins for o in by_state]
    parts = [
        _taken(kinds, matches.slice(at, length), tables, pl.Series(origins), pl.Series(names).explode())
        for at, length in _batches(matches, max(len(tables.places), deep))
    ]
    empty = pl.DataFrame(schema={"match": pl.Int64, "row": pl.Int64, "variable": pl.Int64})
    return pl.concat([empty, *parts]), variables


def _batches(matches: pl.DataFrame, width: int) -> Iterator[tuple[int, int]]:
    """Matches together up to a number of cells: first match and number of matches."""
    rows = max(CELLS // width, 1)
    long = (matches["end"] - matches["row"]).cum_sum()
    numbered = pl.DataFrame({"piece": long // rows}).with_row_index("at")
    cuts = numbered.group_by("piece").agg(AT.min(), pl.len()).sort("at")
    yield from zip(cuts["at"].to_list(), cuts["len"].to_list(), strict=True)


def _taken(
    kinds: pl.Series, matches: pl.DataFrame, tables: Automaton, origins: pl.Series, names: pl.Series
) -> pl.DataFrame:
    """Follow the states of each match forward, and its places backward."""
    rows = matches.select(
        "match",
        "start",
        pl.int_ranges("row", "end").alias("row"),
        pl.int_ranges(0, pl.col("end") - pl.col("row")).alias("nth"),
    ).explode("row", "nth")
    rows = rows.with_columns((pl.len().over("match") - pl.col("nth") - 1).alias("left"))
    width, deep, kind = len(tables.places), len(names) // len(tables.places), kinds.gather(rows["row"])
    at = pl.int_range(rows.height, dtype=pl.Int64, eager=True)
    steps = pl.Series(tables.follows, dtype=pl.List(pl.UInt32)).gather(kind).explode()
    states = _along(steps, rows["nth"], width).gather(at * width + rows["start"])
    before = rows.select(pl.when(pl.col("nth") == 0).then("start").otherwise(states.shift(1))).to_series()
    ways = origins.gather(kind.cast(pl.Int64) * width + before).reverse().explode()
    back = _along(ways, rows["left"].reverse(), deep)
    final = pl.Series([max(len(s) - 1, 0) for s in tables.places]).gather(states).reverse()
    last = _when(rows["left"].reverse() == 0, final).forward_fill()
    place = back.gather(at * deep + last).reverse()
    return rows.select("match", "row", names.gather(before.cast(pl.Int64) * deep + place).alias("variable"))


def _along(steps: pl.Series, nth: pl.Series, width: int) -> pl.Series:
    """Functions of single rows → those of all rows of a run up to each; `nth` counts a run's rows from 0."""
    base = pl.int_range(len(nth), dtype=pl.Int64, eager=True).gather(_repeated(len(nth), width)) * width
    count = nth.gather(_repeated(len(nth), width))
    size, longest = 1, int(nth.max() or 0)  # type: ignore[arg-type]
    own = pl.int_range(len(steps), dtype=pl.Int64, eager=True)
    while size <= longest:
        earlier = base + steps.shift(size * width)
        cell = pl.DataFrame({"own": own, "earlier": earlier}).select(
            pl.when(count >= size).then("earlier").otherwise("own")
        )
        # Where there are as many rows before, what they lead to is where this row's function begins.
        steps = _composed(steps, cell.to_series(), count >= size)
        size *= 2
    return steps


def _composed(steps: pl.Series, cell: pl.Series, further: pl.Series) -> pl.Series:
    return _when(further, steps.gather(cell), steps)


def _repeated(rows: int, width: int) -> pl.Series:
    return pl.select(pl.int_range(rows * width, dtype=pl.Int64) // width).to_series()


def _when(test: pl.Series, then: pl.Series, otherwise: pl.Series | None = None) -> pl.Series:
    return pl.select(pl.when(test).then(then).otherwise(otherwise)).to_series()
