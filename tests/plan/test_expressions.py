from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from polars import selectors as cs

from logq.errors import BuildError
from logq.plan import HIDDEN, Expression, expressions


def roots(expr: pl.Expr) -> frozenset[str] | None:
    """The columns an expression reads, once it is held as data."""
    return Expression.of(expr).roots


@pytest.mark.parametrize(
    ("expr", "names"),
    [
        (pl.col("a") + pl.col("b"), {"a", "b"}),
        (pl.col("a", "b"), {"a", "b"}),
        (cs.by_name("a"), {"a"}),
        (pl.len(), set()),
        (pl.lit("a"), set()),
        (pl.col("a").sum().over("b", order_by="c"), {"a", "b", "c"}),
        (pl.col("a").rolling(index_column="t", period="1h").sum(), {"a", "t"}),
        (pl.col("a").rolling_mean_by("t", "1h"), {"a", "t"}),
        (pl.col("a").sort_by("b"), {"a", "b"}),
        (pl.col("a").filter(pl.col("b")), {"a", "b"}),
        (pl.when(pl.col("a")).then("b").otherwise(pl.col("c")), {"a", "b", "c"}),
        (pl.col("a").list.eval(pl.element() + 1), {"a"}),
        (pl.col("a") == dt.datetime(2024, 1, 1, tzinfo=dt.UTC), {"a"}),
        (pl.all(), None),
        (pl.col("^a.*$"), None),
        (pl.exclude("a"), None),
        (cs.numeric(), None),
        (pl.nth(0), None),
    ],
)
def test_roots_are_every_column_an_expression_may_read(expr: pl.Expr, names: set[str] | None) -> None:
    """Names where they are known; None where a wildcard may stand for any."""
    assert roots(expr) == names


@pytest.mark.parametrize("name", ["Plugin", "PythonUdf", "Map", "SubPlan", "AnonymousFunction"])
def test_names_and_texts_are_free(name: str) -> None:
    """A column, a value or an output may be called like anything Polars has."""
    expr = (pl.col(name) == name).alias(name)
    frame = pl.DataFrame({name: [name, "x"]})
    assert frame.select(Expression.of(expr).expr)[name].to_list() == [True, False]


@pytest.mark.parametrize(
    "expr", [pl.col("a").is_in(list(range(100))), pl.lit(pl.Series(range(100))), pl.col("a") == b"x" * 20]
)
def test_lists_of_values_are_data(expr: pl.Expr) -> None:
    """Literals that Polars writes as bytes pass."""
    assert str(Expression.of(expr)) == str(Expression.of(expr))
    assert Expression.of(expr).expr.meta.eq(expr)


@pytest.mark.parametrize(
    ("expr", "output"), [(pl.col("a").alias("b"), "b"), (pl.col("a"), "a"), (pl.all(), None), (pl.col("a", "b"), None)]
)
def test_output_is_the_one_column_that_comes_out(expr: pl.Expr, output: str | None) -> None:
    """None where several may."""
    assert Expression.of(expr).output == output


@pytest.mark.parametrize(
    ("expr", "rowwise"),
    [
        (pl.col("a") > 1, True),
        (pl.all().is_null(), True),
        (pl.col("a") > pl.col("a").mean(), False),
        (pl.col("a") - pl.col("a").first(), False),
        (pl.col("a").fill_null(pl.col("a").mean()), False),
        (pl.when(pl.col("a") > pl.len()).then(1), False),
        (pl.col("a").shift(), False),
        (pl.col("a").sum().over("b"), False),
        (pl.col("a").filter(pl.col("b")), False),
        (pl.col("a").explode(), False),
        (pl.col("a").is_in(pl.col("b")), False),
        (pl.col("a").is_in(pl.col("b").implode()), False),
        (pl.col("a") == pl.Series([1, 2]), False),
        (pl.col("a").str.to_datetime(), False),
        (pl.int_range(pl.len()), False),
        (pl.len(), False),
        (pl.col("a").cumulative_eval(pl.element().sum()), False),
        (pl.lit(1), True),
        (pl.col("a").is_in([1, 2]), True),
        (pl.col("a").is_in(pl.Series([1, 2])), True),
        (pl.col("a").cast(pl.Int64).alias("b"), True),
        ((pl.col("a") + 1).name.keep(), True),
        (pl.col("a").name.prefix("x"), True),
        (pl.when(pl.col("a") > 1).then(1).otherwise("b"), True),
        (pl.col("a").list.eval(pl.element().rank()), True),
        (pl.col("a").struct.with_fields(x=pl.field("x") + 1), True),
        (pl.col("a").str.split("/").list.last(), True),
        (pl.any_horizontal("a", "b"), True),
    ],
)
def test_rowwise_means_each_row_by_itself(expr: pl.Expr, rowwise: bool) -> None:
    """What looks at other rows is not row-wise."""
    assert Expression.of(expr).rowwise is rowwise


def test_wildcards_pass_over_hidden_columns() -> None:
    """Row names stay out of `pl.all`, patterns and selectors by dtype."""
    frame = pl.DataFrame({"a": [1], f"{HIDDEN}line": [2]})
    for expr in (pl.all(), pl.col("^.*$"), cs.integer(), pl.exclude("b"), pl.nth(0)):
        assert frame.select(Expression.of(expr).expr).columns == ["a"]


@pytest.mark.parametrize("expr", [pl.nth(-1), pl.last(), cs.by_index(0, -1), pl.last() + 1])
def test_positions_from_the_end_are_refused(expr: pl.Expr) -> None:
    """Where hidden columns stand behind the others, the last column is none a user means."""
    with pytest.raises(BuildError, match="counted from the end"):
        Expression.of(expr)


def test_methods_take_names_values_and_lists() -> None:
    """A text is a column, another value a literal, a list its members, a keyword an output's name."""
    found = expressions(["a", [pl.col("b"), "c"], 1], {"d": "a", "e": pl.col("b"), "f": 2})  # type: ignore[list-item]
    texts = [str(e) for e in found]
    assert texts[:3] == ['col("a")', 'col("b")', 'col("c")']
    assert texts[4:6] == ['col("a").alias("d")', 'col("b").alias("e")']
    assert texts[6].endswith('.alias("f")')


@pytest.mark.parametrize(
    "expr",
    [
        pl.lit(float("inf")),
        pl.lit(float("nan"), dtype=pl.Float64),
        pl.col("a") < float("-inf"),
        pl.col("a").clip(0, float("inf")),
    ],
)
def test_numbers_that_json_has_no_word_for_are_refused(expr: pl.Expr) -> None:
    """Polars writes infinity and NaN as null: refused with a way out, which reads back as meant."""
    with pytest.raises(BuildError, match=r"infinity or NaN.*pl\.lit\('inf'\)"):
        Expression.of(expr)
    assert pl.select(Expression.of(pl.lit("inf").cast(pl.Float64)).expr).item() == float("inf")
