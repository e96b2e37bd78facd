"""Aggregations in parts: put together, they are the aggregation of the whole."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from logq.compile import apply, split
from logq.optimise.partials import partials
from logq.plan import (
    Aggregate,
    Context,
    Drop,
    Extract,
    Filter,
    Head,
    Plan,
    Rename,
    Scan,
    Select,
    Sort,
    Step,
    Tail,
    Unique,
    WithColumns,
    expressions,
)
from logq.run.fleet.split import part

C = pl.col
SCHEMA = pl.Schema(
    {
        "k": pl.String(),
        "n": pl.Int64(),
        "x": pl.Float64(),
        "b": pl.Boolean(),
        "s": pl.String(),
        "small": pl.Int8(),
        "t": pl.Datetime("us", "UTC"),
    }
)
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", None]),
        st.none() | st.integers(-5, 5),
        st.none() | st.sampled_from([0.5, -1.0, 3.25, 8.0]),
        st.none() | st.booleans(),
        st.none() | st.sampled_from(["u", "v"]),
        st.none() | st.integers(-128, 127),
        st.none() | st.datetimes(timezones=st.just(dt.UTC)),
    ),
    max_size=12,
)
WHOLE = {
    "len": pl.len(),
    "count": C("n").count(),
    "len of a column": C("n").len(),
    "sum": C("n").sum(),
    "sum of small": C("small").sum(),
    "sum of booleans": C("b").sum(),
    "mean": C("n").mean(),
    "mean of floats": C("x").mean(),
    "mean of booleans": C("b").mean(),
    "min": C("x").min(),
    "max of text": C("s").max(),
    "latest": C("t").max(),
    "span": C("t").max() - C("t").min(),
    "first": C("n").first(),
    "last": C("s").last(),
    "first known": C("n").first(ignore_nulls=True),
    "any": C("b").any(),
    "any, with nulls": C("b").any(ignore_nulls=False),
    "all": (C("n") > 0).all(),
    "all, with nulls": C("b").all(ignore_nulls=False),
    "nulls": C("n").null_count(),
    "filtered": C("n").filter(C("x") > 0).sum(),
    "filtered count": C("n").filter(C("s") == "u").count(),
    "ratio": (C("n") > 0).sum() / pl.len(),
    "distinct": C("n").n_unique(),
    "distinct texts": C("s").n_unique(),
    "distinct of some": C("n").filter(C("x") > 0).n_unique(),
    "variance": C("x").var(),
    "deviation": C("n").std(),
    # Polars' engines do not agree on the variance, with ddof=0, of a group of nulls: 0 or null.
    "of all, not of a sample": C("x").fill_null(0.5).std(ddof=0),
    "of small": C("small").fill_null(3).var(ddof=0),
    "of some": C("x").filter(C("n") > 0).var(),
    "rounded": (C("x").sum() * 100).round(1),
    "cast": C("n").sum().cast(pl.String),
    "chosen": pl.when(pl.len() > 2).then(C("n").max()).otherwise(C("n").min()),
    "with a literal": C("n").sum() + 1,
    "twice": (C("n").sum() + C("n").sum()).abs(),
}
NOT_IN_PARTS = {
    "median": C("n").median(),
    "quantile": C("n").quantile(0.9),
    "list": C("n"),
    "sorted": C("n").sort().first(),
    "deviation of times": C("t").std(),
    "of an aggregate": (C("n") - C("n").mean()).sum(),
    "of neighbours": C("n").shift(1).sum(),
    "mean of times": C("t").mean(),
    "several": pl.col("n", "x").sum(),
    "head": C("n").head(2).sum(),
    "first of a filter": C("n").filter(C("x") > 0).first(),
    "filtered by a mean": C("n").filter(C("x") > C("x").mean()).sum(),
    "rank of sums": C("n").sum().rank(),
}


def frame(rows: list[tuple[object, ...]]) -> pl.DataFrame:
    """Rows as a table."""
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


@pytest.mark.parametrize("keys", [["k"], ["k", "b"], [C("n") % 2], []], ids=["key", "keys", "made", "none"])
@pytest.mark.parametrize("name", WHOLE)
@settings(max_examples=20)
@given(rows=ROWS, cuts=st.lists(st.integers(0, 12), max_size=3))
def test_parts_make_the_whole(
    keys: list[pl.Expr | str], name: str, rows: list[tuple[object, ...]], cuts: list[int]
) -> None:
    """However rows are dealt out, and whatever is null or missing; types too."""
    if not keys and name in ("first", "last"):
        return
    step = Aggregate(keys=expressions(keys), aggregates=expressions([WHOLE[name].alias("out")]))
    found = partials(step, SCHEMA)
    assert found is not None
    ahead, home = found
    whole, edges = frame(rows), sorted({0, *cuts, 12})
    parts = [apply([ahead], whole.slice(low, high - low).lazy()).collect() for low, high in pairwise(edges)]
    assert_frame_equal(apply(home, pl.concat(parts).lazy()).collect(), apply([step], whole.lazy()).collect())


@pytest.mark.parametrize("name", NOT_IN_PARTS)
def test_what_needs_the_rows_is_left_whole(name: str) -> None:
    """The hosts then send the columns it reads."""
    assert partials(Aggregate(keys=expressions(["k"]), aggregates=expressions([NOT_IN_PARTS[name]])), SCHEMA) is None


def test_other_steps_and_keys_are_left_alone() -> None:
    """So are keys that look at more than their row, or are several; and ends of what has no key, where a part may have no rows."""
    total = expressions([C("n").sum()])
    for keys in ([C("n").rank()], [pl.col("^k|s$")]):
        assert partials(Aggregate(keys=expressions(keys), aggregates=total), SCHEMA) is None
    assert partials(Aggregate(keys=(), aggregates=expressions([C("n").first()])), SCHEMA) is None
    assert partials(Head(n=1), SCHEMA) is None


def test_names_of_parts_keep_out_of_the_way() -> None:
    """Whatever the columns are called."""
    schema = pl.Schema({"part 0": pl.Int64()})
    step = Aggregate(keys=expressions(["part 0"]), aggregates=expressions([pl.len()]))
    found = partials(step, schema)
    assert found is not None
    rows = pl.DataFrame({"part 0": [1, 1, 2]}).lazy()
    assert apply(found[1], apply([found[0]], rows)).collect().rows() == [(1, 2), (2, 1)]


# --- which steps run where

KEPT: dict[str, tuple[tuple[Step, ...], int, int]] = {
    "nothing": ((), 0, 0),
    "rows": ((Filter(predicates=expressions([C("n") > 1])),), 1, 0),
    "head": ((Head(n=1),), 0, 1),
    "tail": ((Tail(n=1), Head(n=1)), 0, 1),
    "top": ((Sort(by=expressions(["n"]), descending=(False,)), Head(n=1)), 0, 2),
    "sort": ((Sort(by=expressions(["n"]), descending=(False,)),), 0, 0),
    "top by all rows": ((Sort(by=expressions([C("n") - C("n").mean()]), descending=(False,)), Head(n=1)), 0, 0),
    "unique": ((Unique(subset=("n",), keep="last"),), 0, 1),
    "lonely": ((Unique(subset=("n",), keep="none"),), 0, 0),
    "aggregate": ((Aggregate(keys=expressions(["k"]), aggregates=expressions([pl.len()])),), 0, 1),
    "median": ((Aggregate(keys=expressions(["k"]), aggregates=expressions([C("n").median()])),), 0, 0),
    "context": ((Context(before=1), Select(exprs=expressions(["context_group", "n"])), Head(n=1)), 2, 1),
    "columns beside groups": ((Context(before=1), WithColumns(exprs=expressions([C("n") + 1]))), 2, 0),
    "groups made": ((Context(before=1), WithColumns(exprs=expressions([C("n").alias("context_group")]))), 1, 0),
    "groups read": ((Context(before=1), WithColumns(exprs=expressions([(C("context_group") + 1).alias("g")]))), 1, 0),
    "groups dropped": ((Context(before=1), Drop(columns=("context_group",))), 2, 0),
    "groups renamed": ((Context(before=1), Rename(mapping={"context_group": "g"})), 1, 0),
    "others renamed": ((Context(before=1), Rename(mapping={"n": "g"})), 2, 0),
    "extract": ((Context(before=1), Extract(column="s", pattern="(?P<g>x)", groups=("g",))), 2, 0),
    "extract groups": (
        (Context(before=1), Extract(column="s", pattern="(?P<context_group>x)", groups=("context_group",))),
        1,
        0,
    ),
    "any column": ((Context(before=1), Select(exprs=expressions([pl.all()]))), 1, 0),
    "count groups": (
        (Context(before=1), Aggregate(keys=expressions(["context_group"]), aggregates=expressions([pl.len()]))),
        1,
        0,
    ),
}


@pytest.mark.parametrize("name", KEPT)
def test_hosts_do_what_they_can(name: str) -> None:
    """Reading and the first step in part; never what looks at the numbers of groups."""
    steps, reading, ahead = KEPT[name]
    stages = split(Plan(source=Scan(sources=("a",)), steps=steps))  # type: ignore[arg-type]
    parted = part(stages, SCHEMA, named=False)
    assert (len(parted.reading), len(parted.ahead)) == (reading, ahead)
    assert name == "aggregate" or (*parted.reading, *parted.home) == steps
