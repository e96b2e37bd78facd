"""Every combination of events that makes a sequence: ranges of rows, exploded step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from logq.compile.chains import UNTIL, following
from logq.compile.greedy import beyond
from logq.compile.order import CODE
from logq.errors import MatchError

if TYPE_CHECKING:
    from logq.compile.chains import Link
    from logq.plan import EventSequence

__all__ = ["combinations"]

TIME: Final = "timestamp"


def combinations(rows: pl.DataFrame, links: list[Link], *, first: pl.Series, step: EventSequence) -> list[pl.DataFrame]:
    """Rows by key in time order → for each step the partial matches that reached it, in columns "0", "1" … positions.

    Raises
    ------
    MatchError
        More than `limit` of a step.
    """
    found = [pl.DataFrame({"0": first.arg_true().cast(pl.Int64)})]
    code, time = rows[CODE], rows[TIME].cast(pl.Int64)
    closes = pl.col(CODE).ne_missing(pl.col(CODE).shift(-1))
    over = rows.select(pl.when(closes).then(pl.int_range(1, pl.len() + 1, dtype=pl.Int64)).backward_fill()).to_series()
    until = rows.select(following(pl.col(UNTIL))).to_series()
    late = beyond(code, time, step.within) if step.within is not None else over
    for number, link in enumerate(links[1:], start=1):
        before = found[-1]
        begin, back = before["0"], before.to_series(-1)
        upper = [over.gather(back), until.gather(begin), late.gather(begin)]
        lower = [back + 1]
        if link.absent is not None:
            upper.append(rows.select(following(pl.col(link.absent))).to_series().gather(back) + 1)
        if link.gap is not None:
            upper.append(beyond(code, time, link.gap[1]).gather(back))
            early = beyond(code, time, link.gap[0] - 1)
            lower.append(pl.select(pl.coalesce(early, over)).to_series().gather(back))
        fits = rows[link.test].arg_true().cast(pl.Int64)
        ranges = [
            fits.search_sorted(pl.select(most).to_series()).cast(pl.Int64)
            for most in (pl.max_horizontal(lower), pl.min_horizontal(upper))
        ]
        reach = before.with_columns(ranges[0].alias("from"), ranges[1].alias("to")).filter(
            pl.col("from") < pl.col("to")
        )
        count = (reach["to"] - reach["from"]).sum()
        if count > step.limit:
            msg = (
                f"sequence(policy='all', limit={step.limit}): {count} partial matches reach step "
                f"{step.steps[number].name!r}; narrow it by within= or by=, or raise limit="
            )
            raise MatchError(msg)
        nth = reach.with_columns(pl.int_ranges("from", "to").alias("from")).explode("from").drop("to")
        found.append(nth.select(pl.exclude("from"), fits.gather(nth["from"]).alias(f"{number}")))
    return found
