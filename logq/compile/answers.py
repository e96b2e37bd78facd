"""What is told of the matches of a sequence: their rows, one row each, or how many reached each step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from logq.compile.order import PLACE, ROW, in_time_order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from logq.compile.held import Held
    from logq.plan import EventSequence

__all__ = ["SHOWN", "funnel", "matches", "places_in_time", "rows_of", "shown", "unique_names"]

TIME: Final = "timestamp"
SHOWN: Final = {"timestamp": pl.Datetime("us", "UTC"), "host": pl.String(), "source": pl.String(), "line": pl.Int64()}
"""What names a row in an answer."""


def unique_names(step: EventSequence) -> list[str]:
    """Names of the steps; the second of a name is called name_2, and so on."""
    names = [s.name for s in step.steps]
    counts = [names[: i + 1].count(n) for i, n in enumerate(names)]
    return [n if c == 1 else f"{n}_{c}" for n, c in zip(names, counts, strict=True)]


def places_in_time(held: Held, rows: Sequence[pl.Series], names: Sequence[str]) -> list[pl.Series]:
    """Numbers of rows → their places in time order among all of these."""
    known = pl.concat([s.alias(ROW) for s in rows]).unique().sort()
    order = known.to_frame().hstack(held.take(known, [TIME, *names]))
    place = in_time_order(order).sort(ROW)[PLACE]
    return [place.gather(known.search_sorted(s)) for s in rows]


def _numbered(held: Held, rows: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Rows of the steps of each match, in the order of the last rows, then of the first, then of the others."""
    places = places_in_time(held, rows.get_columns(), names)
    order = [s.alias(f"place_{n}") for n, s in enumerate([*places[-1:], *places[:-1]])]
    return rows.hstack(order).sort([s.name for s in order]).select(rows.columns)


def rows_of(
    held: Held, step: EventSequence, found: pl.DataFrame, names: Sequence[str], columns: Sequence[str]
) -> pl.DataFrame:
    """Rows of matches, one for each step; `found` has a row a match, of the numbers of its steps' rows."""
    found = _numbered(held, found, names)
    called = dict(enumerate(s.name for s in step.steps))
    long = found.with_row_index("match_id").unpivot(index="match_id", variable_name="step_index", value_name="at")
    long = long.with_columns(pl.col("step_index").cast(pl.Int64)).sort("match_id", "step_index")
    steps = long["step_index"].replace_strict(called, return_dtype=pl.String).alias("step")
    told = [long["match_id"].cast(pl.Int64), steps, long["step_index"]]
    return held.take(long["at"], columns).hstack(told) if columns else pl.DataFrame(told)


def matches(held: Held, step: EventSequence, found: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """One row a match: key, times, and each step's time and row name."""
    found = _numbered(held, found, names)
    known = [n for n in SHOWN if n in held.columns]
    rows = [held.take(at, known) for at in found.get_columns()]
    start, end = rows[0][TIME], rows[-1][TIME]
    columns = held.take(found["0"], step.key_columns).get_columns() if step.key_columns else []
    columns += [start.alias("start"), end.alias("end"), (end - start).alias("duration")]
    for name, own in zip(unique_names(step), rows, strict=True):
        columns += [s.alias(f"{name}.{s.name}") for s in shown(own)]
    return pl.DataFrame(columns).with_row_index("match_id")


def shown(rows: pl.DataFrame) -> list[pl.Series]:
    """Time and name of rows, null where the frame has no such column."""
    return [
        rows[n] if n in rows.columns else pl.Series(n, [None], dtype=t).new_from_index(0, rows.height)
        for n, t in SHOWN.items()
    ]


def funnel(step: EventSequence, codes: pl.Series, reached: list[pl.Series]) -> pl.DataFrame:
    """How many partial matches reached each step (`reached`: the positions), and of how many keys."""
    return pl.DataFrame(
        {
            "step_index": range(len(reached)),
            "step": [s.name for s in step.steps],
            "reached": [len(r) for r in reached],
            "keys": [codes.gather(r).n_unique() for r in reached],
        },
        schema={"step_index": pl.Int64, "step": pl.String, "reached": pl.Int64, "keys": pl.Int64},
    )
