"""Rows of whole keys: conditions → classes of rows → matches → the answer asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from logq.compile.answers import SHOWN, shown
from logq.compile.automaton import automaton
from logq.compile.greedy import beyond, reached
from logq.compile.order import CODE, PLACE, ROW, ROW_NAMES, by_key, in_time_order
from logq.compile.search import ends, taken
from logq.errors import MatchError
from logq.plan import HIDDEN, PATTERN_COLUMNS, Anchor, Expression, RowPattern, is_shift, leaves, parse_pattern

if TYPE_CHECKING:
    from logq.compile.automaton import Automaton
    from logq.plan.expressions import Json

__all__ = ["Answer", "matched", "ordering", "placed"]

TIME: Final = "timestamp"
AT: Final = pl.col("at")
EMPTY: Final = pl.col("end") == pl.col("row")


@dataclass(frozen=True)
class Answer:
    """An answer on rows of some keys; `firsts` are the ROWs of the matches' first rows by `match_id`.

    `heads` has for each row of the answer that of its match, or its own if it is in none.
    """

    rows: pl.DataFrame
    firsts: pl.Series
    heads: pl.Series


def ordering(step: RowPattern) -> dict[str, pl.Expr]:
    """What gives the order in place of time, in columns of its own."""
    return {f"{HIDDEN}order_{i}": e.expr for i, e in enumerate(step.order)}


def matched(frame: pl.DataFrame, step: RowPattern) -> Answer | None:
    """Answer a row pattern on rows of whole keys, each with its ROW; None if none of them has a key and a place."""
    rows = _in_order(frame, step)
    if not rows.height:
        return None
    data = frame[rows["local"]]
    found, pairs = _found(rows, data, step)
    own = data[ROW]
    data = data.drop(ROW, *PATTERN_COLUMNS, *ordering(step), strict=False)
    measures = _measured(data, rows, pairs, step)
    if step.answer == "rows":
        made, heads = _rows(data.drop(measures.columns, strict=False), rows, found, pairs, step)
    else:
        made, heads = _matches(data, found, step)
    made = made.join(measures, on="match_id", how="left", maintain_order="left")
    return Answer(made, own.gather(found["row"]), own.gather(heads))


def placed(rows: pl.DataFrame, step: RowPattern) -> pl.DataFrame:
    """Rows in order, with PLACE: those of time, or of what stands in for it, and then of time."""
    rows = in_time_order(rows)
    order = [*ordering(step)]
    if not order:
        return rows
    return rows.sort(order, nulls_last=True, maintain_order=True).drop(PLACE).with_row_index(PLACE)


def _in_order(frame: pl.DataFrame, step: RowPattern) -> pl.DataFrame:
    """Rows that have a key and a place in the order, by key in it: `local`, PLACE, CODE, `at`, `begin`, `last`."""
    keys = [f"{HIDDEN}key_{i}" for i in range(len(step.keys))]
    rows = placed(
        frame.with_row_index("local").select(
            "local",
            TIME,
            *(pl.col(c).alias(k) for c, k in zip(step.key_columns, keys, strict=True)),
            *ordering(step),
            *(n for n in ROW_NAMES if n in frame.columns),
        ),
        step,
    )
    rows = rows if step.order else rows.filter(pl.col(TIME).is_not_null())
    new = pl.col(CODE).ne_missing(pl.col(CODE).shift(1))
    return (
        by_key(rows, keys)
        .with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias("at"))
        .with_columns(pl.when(new).then(AT).forward_fill().alias("begin"), new.shift(-1, fill_value=True).alias("last"))
    )


def _found(rows: pl.DataFrame, data: pl.DataFrame, step: RowPattern) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Matches (`match_id`, `row`, `end`) and the rows of each (`match_id`, `row`, `classifier`, `shown`)."""
    kinds, tables = _tables(rows, data, step)
    after = rows.select(pl.when("last").then(AT + 1).backward_fill()).to_series()
    limit = after
    if step.within is not None:
        limit = beyond(rows["begin"], rows[TIME].cast(pl.Int64), step.within)
        limit = pl.select(pl.coalesce(limit, after)).to_series()
    start = pl.when(pl.col("at") == pl.col("begin")).then(tables.first).otherwise(tables.other).cast(pl.UInt32)
    every = rows.select(
        AT.alias("row"), "begin", PLACE, ends(kinds, rows["begin"], limit, tables).alias("end"), start.alias("start")
    )
    found = _chosen(every, after, kinds, tables, step).sort(PLACE).with_row_index("match")
    found = found.with_columns(pl.col("match").cast(pl.Int64).alias("match_id"))
    pairs, variables = taken(kinds, found.filter(~EMPTY).with_columns(pl.col("match").cast(pl.Int64)), tables)
    names = dict(enumerate(v.name for v in variables))
    hidden = [n for n, v in enumerate(variables) if not v.shown]
    return found, pairs.select(
        pl.col("match").alias("match_id"),
        "row",
        pl.col("variable").replace_strict(names, return_dtype=pl.String, default=None).alias("classifier"),
        ~pl.col("variable").is_in(hidden).alias("shown"),
    )


def _tables(rows: pl.DataFrame, data: pl.DataFrame, step: RowPattern) -> tuple[pl.Series, Automaton]:
    """Class of each row, by the conditions that are true of it, and the tables of the pattern over these classes."""
    pattern = parse_pattern(step.pattern)
    tests = [_shifted(e, rows, data).fill_null(value=False) for e in step.define.values()]
    bits = [t.cast(pl.Int64) * (1 << n) for n, t in enumerate(tests)]
    if any(isinstance(leaf, Anchor) and leaf.end for leaf in leaves(pattern)):
        bits.append(rows["last"].cast(pl.Int64) * (1 << len(tests)))
    mask = pl.select(pl.sum_horizontal(pl.repeat(0, rows.height, dtype=pl.Int64), *bits)).to_series()
    free = {v for v in step.variables if v not in step.define}
    classes = [
        (frozenset(free.union(v for n, v in enumerate(step.define) if kind >> n & 1)), bool(kind >> len(tests)))
        for kind in mask.unique().sort().to_list()
    ]
    return mask.rank("dense") - 1, automaton(pattern, classes)


def _shifted(expression: Expression, rows: pl.DataFrame, data: pl.DataFrame) -> pl.Series:
    """What an expression gives of rows in order, its shifts within their partition."""
    table = data.hstack([rows[CODE]])
    return table.select(expression.expr.over(CODE) if _shifts(expression.json) else expression.expr).to_series()


def _shifts(tree: Json) -> list[Json]:
    """The outermost shifts in an expression."""
    if is_shift(tree):
        return [tree]
    below = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    return [found for item in below for found in _shifts(item)]


def _chosen(
    every: pl.DataFrame, after: pl.Series, kinds: pl.Series, tables: Automaton, step: RowPattern
) -> pl.DataFrame:
    """Of the matches from all rows those that the search comes to, which goes on behind each as `after_match` says."""
    onward: pl.Expr = AT + 1
    behind = every.with_columns(pl.col("row").alias("at"))
    if step.skip == "past_last_row":
        onward = pl.when(pl.col("end") > AT).then("end").otherwise(onward)
    elif step.skip_to:
        behind = behind.with_columns(_goals(every, kinds, tables, step).alias("goal"))
        # Where the search cannot go on it ends, and whether it came so far is seen below.
        onward = pl.when(pl.col("end") > AT).then(pl.when(pl.col("goal") > AT).then("goal")).otherwise(onward)
    behind = behind.with_columns(onward.alias("onward"))
    jump = behind.select(pl.when(pl.col("onward") < after).then("onward")).to_series()
    found = behind.filter(reached(every["row"] == every["begin"], jump) & pl.col("end").is_not_null())
    stuck = found.filter(pl.col("onward").is_null())
    if stuck.height:
        first = stuck.row(0, named=True)
        names = " or ".join(step.skip_to)
        why = "has no row of it" if first["goal"] is None else "begins with it, and the search would not go on"
        msg = f"match_pattern(after_match={(step.skip, *step.skip_to)}): to go on at {names} needs one; a match {why}"
        raise MatchError(msg)
    return found


def _goals(every: pl.DataFrame, kinds: pl.Series, tables: Automaton, step: RowPattern) -> pl.Series:
    """The first or last row of each match that one of the variables took, which the search goes on at."""
    candidates = every.filter(pl.col("end") > pl.col("row")).with_columns(pl.col("row").alias("match"))
    pairs, variables = taken(kinds, candidates, tables)
    aims = [n for n, v in enumerate(variables) if v.name in step.skip_to]
    rows = pairs.filter(pl.col("variable").is_in(aims)).group_by("match")
    goal = rows.agg((pl.col("row").min() if step.skip == "first" else pl.col("row").max()).alias("goal"))
    return every.select("row").join(goal, left_on="row", right_on="match", how="left", maintain_order="left")["goal"]


def _measured(data: pl.DataFrame, rows: pl.DataFrame, pairs: pl.DataFrame, step: RowPattern) -> pl.DataFrame:
    """One row a match that has rows: `match_id` and the measures of all its rows, those not shown too."""
    trees = [e.json for e in step.measures]
    columns: dict[str, pl.Series] = {}
    for tree in trees:
        for shift in _shifts(tree):
            name = f"shifted_{len(columns)}"
            while name in data.columns:
                name += "_"
            columns[name] = _shifted(Expression.decode(shift), rows, data).alias(name)
            shift.clear()
            shift["Column"] = name
    seen = data.hstack(list(columns.values()))[pairs["row"]].hstack(
        pairs.select("match_id", "classifier").get_columns()
    )
    return seen.group_by("match_id", maintain_order=True).agg(Expression.decode(tree).expr for tree in trees)


def _rows(
    data: pl.DataFrame, rows: pl.DataFrame, found: pl.DataFrame, pairs: pl.DataFrame, step: RowPattern
) -> tuple[pl.DataFrame, pl.Series]:
    """Rows of matches, an empty match as the row it stands at, and what is in none if asked for; where each begins."""
    numbers = pl.col("match_id")
    told = [pairs.filter("shown").select("match_id", "row", "classifier")]
    nothing = pl.lit(None, pl.String).alias("classifier")
    if step.rows != "omit_empty":
        told.append(found.filter(EMPTY).select("match_id", "row", nothing))
    if step.rows == "with_unmatched":
        known = pl.concat([found.filter(EMPTY)["row"], pairs["row"]]).unique()
        other = rows.filter(~AT.is_in(known.implode()))
        told.append(other.select(pl.lit(None, pl.Int64).alias("match_id"), AT.alias("row"), nothing))
    firsts = found.select("match_id", PLACE, pl.col("row").alias("head"))
    all_rows = pl.concat(told).join(firsts, on="match_id", how="left")
    own = rows[PLACE].gather(all_rows["row"])
    ordered = all_rows.sort(pl.coalesce(PLACE, own), numbers, "row", nulls_last=True)
    heads = ordered.select(pl.coalesce("head", "row")).to_series()
    return data[ordered["row"]].hstack(ordered.select("match_id", "classifier").get_columns()), heads


def _matches(data: pl.DataFrame, found: pl.DataFrame, step: RowPattern) -> tuple[pl.DataFrame, pl.Series]:
    """One row a match, and where each begins."""
    found = found.filter(~EMPTY) if step.rows == "omit_empty" else found
    first = found["row"]
    last = found.select(pl.max_horizontal(pl.col("end") - 1, "row")).to_series()
    times = [data[TIME].gather(at) for at in (first, last)]
    known = {TIME, *step.key_columns}
    made = pl.DataFrame(
        [
            found["match_id"],
            *(data[k].gather(first) for k in step.key_columns),
            times[0].alias("start"),
            times[1].alias("end"),
            (times[1] - times[0]).alias("duration"),
            (found["end"] - first).alias("entries"),
            *(s for s in shown(data.select(n for n in SHOWN if n in data.columns)[first]) if s.name not in known),
        ]
    )
    return made, first
