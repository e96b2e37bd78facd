"""Partial matches that became none, and what ended each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from logq.compile.answers import SHOWN, places_in_time, shown
from logq.compile.chains import AT, FIRST, UNTIL, Chains, earliest, following, last
from logq.compile.order import CODE, PLACE, ROW

if TYPE_CHECKING:
    from collections.abc import Sequence

    from logq.compile.chains import Link
    from logq.compile.held import Held
    from logq.compile.tested import Tests
    from logq.plan import EventSequence

__all__ = ["WHY", "Told", "near_misses", "partial_matches"]

TIME: Final = "timestamp"
WHY: Final = pl.Enum(("span", "until", "absent", "superseded", "foreign", "overlap", "undetermined", "end_of_data"))
"""Why a partial match went no further."""


@dataclass(frozen=True)
class Told:
    """Rows that end a match, that end one that overlaps another, and that might end or begin one in more data."""

    ended: pl.Series
    overlap: pl.Series
    open_ended: pl.Series
    unsure: pl.Series


def partial_matches(step: EventSequence, tests: Tests, found: Chains, told: Told) -> pl.DataFrame:
    """Partial matches that went no further: `first` and `last` (their rows' ROW), `step_index`, `why`."""
    parts = []
    for stage, (reached, start) in enumerate(zip(found.reached, found.start, strict=True)):
        final = stage == len(found.reached) - 1
        went = told.ended if final else _advanced(found, stage)
        alive = found.rows.select(
            AT,
            start.alias("start"),
            pl.lit(stage, pl.Int64).alias("step_index"),
            _why(step, tests, found, stage, told).alias("why"),
        )
        parts.append(alive.filter(reached & ~went))
    lone = found.rows.select(
        AT, pl.col(AT).alias("start"), pl.lit(0, pl.Int64).alias("step_index"), pl.lit("undetermined").alias("why")
    )
    rows = pl.concat([*parts, lone.filter(told.unsure)])
    own = found.rows[ROW]
    return pl.DataFrame(
        [own.gather(rows["start"]).alias("first"), own.gather(rows[AT]).alias("last"), rows["step_index"], rows["why"]]
    )


def near_misses(held: Held, step: EventSequence, rows: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Partial matches by first row in time order, with what ended them and the row they reached."""
    place, last = places_in_time(held, [rows["first"], rows["last"]], names)
    order = [place.alias(PLACE), last.alias("place_of_last")]
    rows = rows.hstack(order).sort(PLACE, "step_index", "place_of_last")
    known = [n for n in SHOWN if n in held.columns]
    begin, end = held.take(rows["first"], known), held.take(rows["last"], known)
    called = {i: s.name for i, s in enumerate(step.steps)}
    return pl.DataFrame(
        [
            *(held.take(rows["first"], step.key_columns).get_columns() if step.key_columns else []),
            begin[TIME].alias("start"),
            end[TIME].alias("end"),
            (end[TIME] - begin[TIME]).alias("duration"),
            rows["step_index"].replace_strict(called, return_dtype=pl.String).alias("step"),
            rows["step_index"],
            rows["why"],
            *(s for s in shown(end) if s.name not in step.key_columns),
        ]
    )


def _advanced(found: Chains, stage: int) -> pl.Series:
    """Rows of a stage from which the next was reached."""
    used = found.back[stage + 1].drop_nulls()
    return found.rows.select(pl.col(AT).is_in(used.implode())).to_series()


def _why(step: EventSequence, tests: Tests, found: Chains, stage: int, told: Told) -> pl.Expr:
    """What came first after the row: an until, an attempt at the next step, a newer match, an absence; or nothing."""
    if stage == len(tests.links) - 1:
        spoilt = pl.when(told.open_ended).then(pl.lit("undetermined")).otherwise(pl.lit("absent"))
        return pl.when(told.overlap).then(pl.lit("overlap")).otherwise(spoilt)
    link = tests.links[stage + 1]
    same = following(pl.col(CODE).ne_missing(pl.col(CODE).shift(1)))
    nexts = {
        "until": following(pl.col(UNTIL)),
        "span": following(pl.col(link.test)),
        **({"superseded": following(pl.lit(found.reached[stage]))} if step.policy != "first" else {}),
        **({"absent": following(pl.col(link.absent))} if link.absent is not None else {}),
        **({"foreign": pl.col(AT).shift(-1)} if step.policy == "strict" else {}),
    }
    soonest = pl.min_horizontal(*nexts.values())
    over = soonest.is_null() | (soonest >= same).fill_null(value=False)
    causes = [pl.when((at == soonest) & ~over).then(pl.lit(name)) for name, at in nexts.items()]
    why = pl.coalesce(*causes, pl.lit("end_of_data"))
    return (
        pl.when(_held(found, stage, link)).then(why).otherwise(pl.lit("superseded")) if step.policy == "first" else why
    )


def _held(found: Chains, stage: int, link: Link) -> pl.Series:
    """Whether with policy `first` a row that reached a stage waits there: none has waited since the place was free."""
    free = [pl.col(FIRST), *(last(pl.col(c)) for c in (link.test, UNTIL, link.absent) if c is not None)]
    since = found.rows.select(pl.max_horizontal(free)).to_series()
    return earliest(found.reached[stage]).gather(since) == found.rows[AT]
