"""Grouped aggregation."""

from __future__ import annotations

import polars as pl
import pytest

import logq as lq
from logq import GroupBy, LogFrame
from logq.errors import BuildError
from logq.plan.expressions import IntoExpression

LOG = b"""{"k":"b","m":1,"n":5}
{"k":null,"m":1,"n":7}
{"k":"a","m":2,"n":null}
{"k":"b","m":1,"n":1}
{"k":"a","m":1,"n":2}
{"k":null,"m":1,"n":3}
"""


def frame() -> LogFrame:
    """Six rows over two keys with nulls in key and value."""
    return lq.scan(LOG, "json")


@pytest.mark.parametrize(
    ("keys", "rows"),
    [
        (["k"], [("a", 2), ("b", 2), (None, 2)]),
        (["k", "m"], [("a", 1, 1), ("a", 2, 1), ("b", 1, 2), (None, 1, 2)]),
        ([["k", "m"]], [("a", 1, 1), ("a", 2, 1), ("b", 1, 2), (None, 1, 2)]),
        (["m", "k"], [(1, "a", 1), (1, "b", 2), (1, None, 2), (2, "a", 1)]),
        ([pl.col("m") == 1], [(False, 1), (True, 5)]),
        ([pl.col("k").fill_null("none")], [("a", 2), ("b", 2), ("none", 2)]),
        ([], [(6,)]),
    ],
)
def test_a_row_a_group_ordered_by_the_keys(
    keys: list[IntoExpression | list[IntoExpression]], rows: list[tuple[object, ...]]
) -> None:
    """Names, expressions or no key at all; nulls are a group of their own, the last."""
    assert frame().group_by(*keys).agg(pl.len()).collect().rows() == rows


def test_keys_and_aggregates_take_names() -> None:
    """A keyword names its output; a list of aggregates is the same as several."""
    found = frame().group_by(key="k").agg([pl.len(), pl.col("n").sum()], most=pl.col("n").max(), all="n").collect()
    assert found.columns == ["key", "len", "n", "most", "all"]
    assert found.rows()[1] == ("b", 2, 6, 5, [5, 1])


def test_nulls_count_in_len_and_not_in_values() -> None:
    """As in Polars: `len` counts rows, `count` values; sum and mean pass over nulls."""
    found = frame().group_by("k").agg(pl.len(), c=pl.col("n").count(), s=pl.col("n").sum(), m=pl.col("n").mean())
    assert found.collect().rows()[0] == ("a", 2, 1, 2, 2.0)


def test_groups_alone() -> None:
    """Without an aggregate there is a row for each distinct key, in order."""
    assert frame().group_by("k").agg().collect().rows() == [("a",), ("b",), (None,)]


def test_values_within_a_group_keep_their_order() -> None:
    """`first` and `last` are by row order."""
    found = frame().group_by("k").agg(a=pl.col("line").first(), b=pl.col("line").last()).collect()
    assert found.rows() == [("a", 3, 5), ("b", 1, 4), (None, 2, 6)]


def test_only_matches_are_grouped() -> None:
    """A filter, a context and a head ahead of it decide what is counted; what follows works on the groups."""
    assert frame().filter(pl.col("n") > 2).group_by("k").agg(pl.len()).collect().rows() == [("b", 1), (None, 2)]
    assert frame().head(3).group_by().agg(pl.len()).collect().item() == 3
    assert frame().filter(pl.col("n") == 7).context(1).group_by().agg(pl.len()).collect().item() == 3
    after = frame().group_by("k").agg(pl.len(), n=pl.col("n").sum()).filter(pl.col("n") > 2).sort("n", descending=True)
    assert after.select("k", "n").head(1).collect().rows() == [(None, 10)]


def test_no_rows_give_no_groups_and_one_total() -> None:
    """With keys nothing; without, one row: a count of none."""
    nothing = frame().filter(pl.lit(value=False))
    assert nothing.group_by("k").agg(pl.len()).collect().rows() == []
    assert nothing.group_by().agg(pl.len(), s=pl.col("n").sum()).collect().rows() == [(0, 0)]


def test_the_schema_is_that_of_the_result() -> None:
    """Keys first, then aggregates, in the order given."""
    grouped = frame().group_by("m", "k").agg(n=pl.len(), top=pl.col("n").max())
    assert grouped.schema == grouped.collect().schema
    assert list(grouped.schema) == ["m", "k", "n", "top"]


def test_what_means_nothing_is_refused() -> None:
    """Neither key nor aggregate: at once. Two outputs of one name: by name, before anything is read."""
    with pytest.raises(BuildError, match="needs a key or an aggregate"):
        frame().group_by().agg()
    for aggregates in ([pl.len().alias("k")], [pl.len(), pl.col("n").sum().alias("len")]):
        with pytest.raises(BuildError, match="'k'" if len(aggregates) == 1 else "'len'"):
            _ = frame().group_by("k").agg(*aggregates).schema


def test_groups_wait_for_their_aggregates() -> None:
    """`group_by` alone is no frame; one may be aggregated twice."""
    groups = frame().group_by("m")
    assert isinstance(groups, GroupBy)
    assert groups.agg(pl.len()).collect().rows() == [(1, 5), (2, 1)]
    assert groups.agg(pl.col("n").max()).collect().rows() == [(1, 7), (2, None)]
