"""Partial matches that became none, and what ended each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from logq.compile.answers import shown
from logq.compile.chains import AT, UNTIL, Chains, following
from logq.compile.order import CODE, PLACE, ROW

if TYPE_CHECKING:
    from logq.compile.tested import Tests
    from logq.plan import EventSequence

__all__ = ["WHY", "near_misses"]

TIME: Final = "timestamp"
WHY: Final = pl.Enum(("span", "until", "absent", "superseded", "undetermined", "end_of_data"))
"""Why a partial match went no further."""


def near_misses(
    frame: pl.DataFrame, step: EventSequence, tests: Tests, found: Chains, told: tuple[pl.Series, pl.Series, pl.Series]
) -> pl.DataFrame:
    """Partial matches that went no further, by first row in time order, with what ended them."""
    ended, open_ended, unsure = told
    parts = []
    for stage, (reached, start) in enumerate(zip(found.reached, found.start, strict=True)):
        final = stage == len(found.reached) - 1
        went = ended if final else _advanced(found, stage)
        alive = found.rows.select(
            AT,
            start.alias("start"),
            pl.lit(stage, pl.Int64).alias("step_index"),
            _why(tests, found, stage, open_ended).alias("why"),
        )
        parts.append(alive.filter(reached & ~went))
    lone = found.rows.select(
        AT, pl.col(AT).alias("start"), pl.lit(0, pl.Int64).alias("step_index"), pl.lit("undetermined").alias("why")
    )
    rows = pl.concat([*parts, lone.filter(unsure)])
    order = found.rows[PLACE].gather(rows["start"])
    rows = rows.hstack([order]).sort(PLACE, "step_index").drop(PLACE)
    begin, end = found.rows[ROW].gather(rows["start"]), found.rows[ROW].gather(rows[AT])
    times = frame[TIME].gather(begin), frame[TIME].gather(end)
    names = {i: s.name for i, s in enumerate(step.steps)}
    return pl.DataFrame(
        [
            *(frame[k].gather(begin) for k in step.key_columns),
            times[0].alias("start"),
            times[1].alias("end"),
            (times[1] - times[0]).alias("duration"),
            rows["step_index"].replace_strict(names, return_dtype=pl.String).alias("step"),
            rows["step_index"],
            rows["why"],
            *shown(frame, end),
        ]
    )


def _advanced(found: Chains, stage: int) -> pl.Series:
    """Rows of a stage from which the next was reached."""
    used = found.back[stage + 1].drop_nulls()
    return found.rows.select(pl.col(AT).is_in(used.implode())).to_series()


def _why(tests: Tests, found: Chains, stage: int, open_ended: pl.Series) -> pl.Expr:
    """What came first after the row: an until, an attempt at the next step, a newer match, an absence; or nothing."""
    if stage == len(tests.links) - 1:
        return pl.when(open_ended).then(pl.lit("undetermined")).otherwise(pl.lit("absent"))
    link = tests.links[stage + 1]
    same = following(pl.col(CODE).ne_missing(pl.col(CODE).shift(1)))
    nexts = {
        "until": following(pl.col(UNTIL)),
        "span": following(pl.col(link.test)),
        "superseded": following(pl.lit(found.reached[stage])),
        **({"absent": following(pl.col(link.absent))} if link.absent is not None else {}),
    }
    soonest = pl.min_horizontal(*nexts.values())
    over = soonest.is_null() | (soonest >= same).fill_null(value=False)
    causes = [pl.when((at == soonest) & ~over).then(pl.lit(name)) for name, at in nexts.items()]
    return pl.coalesce(*causes, pl.lit("end_of_data"))
