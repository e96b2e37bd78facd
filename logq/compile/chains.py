"""Partial and full matches of a sequence, stage by stage: fills, comparisons and back-pointers over rows sorted by key.

A step at row i takes over the partial match that waits for it: the last row p before i, of the same
key, that reached the stage before. That match is still waiting if since p no row tried this step, none
matched an absence that stands before it, and none was an `until`. (A state machine that keeps one partial
match per key and stage, a newer one in place of an older, says the same row by row.) With policy `first` it
is the first such row since the last that tried, spoilt or ended; with `strict` it is the row right before i.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from logq.compile.order import CODE

if TYPE_CHECKING:
    from logq.plan import Policy

__all__ = ["AT", "FIRST", "UNTIL", "Chains", "Link", "chains", "earliest", "following", "last"]

AT: Final = "__logq_at"
FIRST: Final = "__logq_first"
UNTIL: Final = "__logq_until"
TIME: Final = "timestamp"


@dataclass(frozen=True)
class Link:
    """A step by the names of its columns: its test, the test of what must not stand before it; and its gap in µs."""

    test: str
    absent: str | None = None
    gap: tuple[int, int] | None = None


@dataclass(frozen=True)
class Chains:
    """`rows` by key in time order; for each stage `reached` (Boolean per row), `back` and `start` (positions, null)."""

    rows: pl.DataFrame
    reached: list[pl.Series]
    back: list[pl.Series]
    start: list[pl.Series]

    @property
    def matches(self) -> pl.DataFrame:
        """One row a full match: in columns "0", "1" … the position of each step."""
        at = self.reached[-1].arg_true().cast(pl.Int64)
        places = [at]
        for back in reversed(self.back[1:]):
            places.append(back.gather(places[-1]))
        return pl.DataFrame([p.alias(f"{i}") for i, p in enumerate(reversed(places))])


def chains(rows: pl.DataFrame, links: list[Link], *, first: pl.Series, within: int | None, policy: Policy) -> Chains:
    """Rows with CODE, TIME, UNTIL and the links' tests → how far each row comes.

    `first` tells which rows may be the first step of a match.
    """
    at = pl.int_range(pl.len(), dtype=pl.Int64)
    new = pl.col(CODE).ne_missing(pl.col(CODE).shift(1))
    rows = rows.with_columns(at.alias(AT), pl.when(new).then(at).forward_fill().alias(FIRST))
    nowhere = pl.Series([None], dtype=pl.Int64).new_from_index(0, rows.height)
    own = rows.select(pl.when(first).then(AT)).to_series()
    found = Chains(rows, [first], [nowhere], [own])
    for link in links[1:]:
        waiting = _waiting(rows, found.reached[-1], link, policy)
        taken = _taken(rows, waiting, found.start[-1], link, within)
        at_rows = taken[AT]
        found.reached.append(pl.Series([False]).new_from_index(0, rows.height).scatter(at_rows, True))  # noqa: FBT003
        found.back.append(nowhere.clone().scatter(at_rows, taken["back"]))
        found.start.append(nowhere.clone().scatter(at_rows, taken["start"]))
    return found


def _waiting(rows: pl.DataFrame, reached: pl.Series, link: Link, policy: Policy) -> pl.Series:
    """Position of the partial match that waits for each row to take it further, null if none does."""
    since = [pl.col(FIRST), last(pl.col(link.test)).shift(1)]
    since += [last(pl.col(UNTIL))] if rows[UNTIL].any() else []
    since += [last(pl.col(link.absent)).shift(1)] if link.absent is not None else []
    since += [pl.col(AT) - 1] if policy == "strict" else []
    cleared = pl.max_horizontal(since)
    if policy == "first":
        held = earliest(reached).gather(rows.select(cleared).to_series())
        return rows.select(pl.when(held < pl.col(AT)).then(held)).to_series()
    newest = last(pl.lit(reached)).shift(1)
    return rows.select(pl.when(newest >= cleared).then(newest)).to_series()


def _taken(rows: pl.DataFrame, waiting: pl.Series, start: pl.Series, link: Link, within: int | None) -> pl.DataFrame:
    """Rows that take a waiting match a step further: AT, `back`, `start`."""
    tried = rows.select(AT, TIME, waiting.alias("back"), pl.col(link.test).alias("test"))
    tried = tried.filter(pl.col("test") & pl.col("back").is_not_null()).drop("test")
    tried = tried.with_columns(start.gather(tried["back"]).alias("start"))
    if within is not None:
        began = rows[TIME].gather(tried["start"])
        tried = tried.filter(tried[TIME] - began <= pl.duration(microseconds=within))
    if link.gap is not None:
        least, most = (pl.duration(microseconds=g) for g in link.gap)
        pause = (tried[TIME] - rows[TIME].gather(tried["back"])).alias("pause")
        tried = tried.hstack([pause]).filter(pl.col("pause").is_between(least, most)).drop("pause")
    return tried


def last(test: pl.Expr) -> pl.Expr:
    """Position of the last row at or before each for which `test` is true."""
    return pl.when(test).then(pl.int_range(pl.len(), dtype=pl.Int64)).forward_fill()


def earliest(reached: pl.Series) -> pl.Series:
    """Position of the first row at or after each that is reached."""
    at = pl.int_range(pl.len(), dtype=pl.Int64)
    return pl.DataFrame({"reached": reached}).select(pl.when("reached").then(at).backward_fill()).to_series()


def following(test: pl.Expr) -> pl.Expr:
    """Position of the next row after each for which `test` is true."""
    return pl.when(test).then(pl.int_range(pl.len(), dtype=pl.Int64)).backward_fill().shift(-1)
