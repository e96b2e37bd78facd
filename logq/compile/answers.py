"""What is told of the matches of a sequence: their rows, one row each, or how many reached each step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from logq.compile.order import CODE, PLACE, ROW
from logq.plan import SEQUENCE_COLUMNS

if TYPE_CHECKING:
    from logq.plan import EventSequence

__all__ = ["SHOWN", "funnel", "matches", "rows_of", "shown", "unique_names"]

TIME: Final = "timestamp"
SHOWN: Final = {"timestamp": pl.Datetime("us", "UTC"), "host": pl.String(), "source": pl.String(), "line": pl.Int64()}
"""What names a row in an answer."""


def unique_names(step: EventSequence) -> list[str]:
    """Names of the steps; the second of a name is called name_2, and so on."""
    names = [s.name for s in step.steps]
    counts = [names[: i + 1].count(n) for i, n in enumerate(names)]
    return [n if c == 1 else f"{n}_{c}" for n, c in zip(names, counts, strict=True)]


def _numbered(rows: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """Positions of the steps of each match, in the order of the last rows, then of the first, then of the others."""
    order = [rows[PLACE].gather(places[c]).alias(f"place_{c}") for c in (*places.columns[-1:], *places.columns[:-1])]
    return places.hstack(order).sort([s.name for s in order]).select(places.columns)


def rows_of(frame: pl.DataFrame, step: EventSequence, rows: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """Rows of matches, one for each step; `places` has a row a match, of the positions of its steps in `rows`."""
    places = _numbered(rows, places)
    names = dict(enumerate(s.name for s in step.steps))
    long = places.with_row_index("match_id").unpivot(index="match_id", variable_name="step_index", value_name="at")
    long = long.with_columns(pl.col("step_index").cast(pl.Int64)).sort("match_id", "step_index")
    steps = long["step_index"].replace_strict(names, return_dtype=pl.String).alias("step")
    found = frame.drop(SEQUENCE_COLUMNS, strict=False)[rows[ROW].gather(long["at"])]
    return found.hstack([long["match_id"].cast(pl.Int64), steps, long["step_index"]])


def matches(frame: pl.DataFrame, step: EventSequence, rows: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """One row a match: key, times, and each step's time and row name."""
    places = _numbered(rows, places)
    found = [rows[ROW].gather(places[c]) for c in places.columns]
    columns = [frame[k].gather(found[0]) for k in step.key_columns]
    times = [frame[TIME].gather(r) for r in found]
    columns += [times[0].alias("start"), times[-1].alias("end"), (times[-1] - times[0]).alias("duration")]
    for name, at in zip(unique_names(step), found, strict=True):
        columns += [s.alias(f"{name}.{s.name}") for s in shown(frame, at)]
    return pl.DataFrame(columns).with_row_index("match_id")


def shown(frame: pl.DataFrame, at: pl.Series) -> list[pl.Series]:
    """Time and name of rows, null where the frame has no such column."""
    return [
        frame[n].gather(at) if n in frame.columns else pl.Series(n, [None], dtype=t).new_from_index(0, len(at))
        for n, t in SHOWN.items()
    ]


def funnel(step: EventSequence, rows: pl.DataFrame, reached: list[pl.Series]) -> pl.DataFrame:
    """How many partial matches reached each step (`reached`: the positions), and of how many keys."""
    return pl.DataFrame(
        {
            "step_index": range(len(reached)),
            "step": [s.name for s in step.steps],
            "reached": [len(r) for r in reached],
            "keys": [rows[CODE].gather(r).n_unique() for r in reached],
        },
        schema={"step_index": pl.Int64, "step": pl.String, "reached": pl.Int64, "keys": pl.Int64},
    )
