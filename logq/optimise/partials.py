"""Aggregations in parts: what each host counts, how the counts are put together, what is made of them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import polars as pl

from logq.plan import Aggregate, Expression, Select

if TYPE_CHECKING:
    from logq.plan import Step
    from logq.plan.expressions import Json

__all__ = ["partials"]

SAME: Final = {"Sum": "Sum", "Min": "Min", "Max": "Max", "FirstNonNull": "FirstNonNull", "LastNonNull": "LastNonNull"}
ENDS: Final = ("First", "Last")
"""Taken of the first or last part, which must have rows, and so must not be filtered."""

SPREADS: Final = ("Var", "Std")
BOOLEANS: Final = ("Any", "All")


class _Whole(Exception):  # noqa: N818 (control flow within this file)
    """An aggregate that cannot be made of parts."""


@dataclass
class _Parts:
    """Partial aggregates gathered, and by which aggregate each is put together."""

    schema: pl.Schema
    keyed: bool
    prefix: str
    made: list[pl.Expr] = field(default_factory=list)
    merges: list[pl.Expr] = field(default_factory=list)

    def add(self, partial: pl.Expr, merge: Json) -> Json:
        """Have `partial` counted in each part and merged by the aggregate `merge` makes of its column."""
        name = self.count(partial)
        column = {"Column": name}
        return self.merge(name, _expr(_filled(merge, column)))

    def count(self, partial: pl.Expr) -> str:
        """Have `partial` counted in each part; the name it gets."""
        name = f"{self.prefix}{len(self.made)}"
        self.made.append(partial.alias(name))
        return name

    def merge(self, name: str, merged: pl.Expr) -> Json:
        """Have a column of all parts together made of those of each."""
        self.merges.append(merged.alias(name))
        return {"Column": name}


def partials(step: Step, schema: pl.Schema) -> tuple[Aggregate, tuple[Step, ...]] | None:
    """Step on rows of `schema` → the aggregation of each part, and the steps on all parts together that give the same.

    None where a part does not tell enough: medians, quantiles and lists need the rows. Distinct values are counted
    of those that each part has.

    >>> from logq.plan import expressions
    >>> step = Aggregate(keys=expressions(["host"]), aggregates=expressions([pl.col("ms").mean().alias("ms")]))
    >>> ahead, home = partials(step, pl.Schema({"host": pl.String(), "ms": pl.Int64()}))
    >>> apart = [pl.DataFrame({"ms": ms}).lazy().with_columns(host=pl.lit("a")) for ms in ([1, 2], [6])]
    >>> from logq.compile import apply
    >>> apply(home, pl.concat([apply([ahead], rows) for rows in apart])).collect().rows()
    [('a', 3.0)]
    """
    if not isinstance(step, Aggregate):
        return None
    keys = [e.output for e in step.keys]
    names = [e.output for e in step.aggregates]
    if None in keys or None in names or not all(e.rowwise for e in step.keys):
        return None
    prefix = "part "
    while any(name.startswith(prefix) for name in (*schema, *filter(None, keys))):
        prefix = f"{prefix}part "
    parts = _Parts(schema, bool(keys), prefix)
    try:
        trees = [_cut(e.json, parts) for e in step.aggregates]
    except _Whole:
        return None
    whole = pl.LazyFrame(schema=schema).group_by([e.expr for e in step.keys]).agg([e.expr for e in step.aggregates])
    types = (whole if keys else pl.LazyFrame(schema=schema).select([e.expr for e in step.aggregates])).collect_schema()
    finals = [_expr(tree).cast(types[name]).alias(name) for tree, name in zip(trees, names, strict=True) if name]
    held = [pl.col(key) for key in keys if key]
    ahead = Aggregate(keys=step.keys, aggregates=_all(parts.made))
    home = Aggregate(keys=_all(held), aggregates=_all(parts.merges))
    return ahead, (home, Select(exprs=_all([*held, *finals])))


def _cut(tree: Json, parts: _Parts) -> Json:  # noqa: C901, PLR0911 (one case a node)
    """Put a column of its merged parts in the place of every aggregate in an expression."""
    match tree:
        case "Len":
            return parts.add(pl.len(), {"Agg": {"Sum": None}})
        case {"Agg": aggregate}:
            return _aggregate(aggregate, parts)
        case {"Function": {"input": [inner], "function": {"Boolean": boolean}}} if _named(boolean) in BOOLEANS:
            _fits(inner)
            merge = {"Function": {"input": [None], "function": {"Boolean": boolean}}}
            return parts.add(_expr(tree), merge)
        case {"Function": {"input": [inner], "function": "NullCount"}}:
            _fits(inner)
            return parts.add(_expr(tree), {"Agg": {"Sum": None}})
        case {"Alias": [inner, _]}:
            return _cut(inner, parts)
        case {"Literal": _}:
            return tree
        case {"Cast": cast}:
            return {"Cast": {**cast, "expr": _cut(cast["expr"], parts)}}
        case {"BinaryExpr": both}:
            sides = {"left": _cut(both["left"], parts), "right": _cut(both["right"], parts)}
            return {"BinaryExpr": {**both, **sides}}
        case {"Ternary": ternary}:
            return {"Ternary": {name: _cut(inner, parts) for name, inner in ternary.items()}}
        case {"Function": {"input": inputs, "function": function}}:
            made = {"Function": {"input": [_cut(i, parts) for i in inputs], "function": function}}
            if Expression.decode(made).rowwise:
                return made
    raise _Whole


def _aggregate(aggregate: Json, parts: _Parts) -> Json:
    name = _named(aggregate)
    argument = aggregate[name]
    inner = argument["input"] if isinstance(argument, dict) and "input" in argument else argument
    whole = {"Agg": aggregate}
    if name in SAME:
        _fits(inner)
        filled = {**argument, "input": None} if inner is not argument else None
        return parts.add(_expr(whole), {"Agg": {name: filled}})
    if name == "Count":
        _fits(inner)
        return parts.add(_expr(whole), {"Agg": {"Sum": None}})
    if name in ENDS and parts.keyed and _separable(inner):
        return parts.add(_expr(whole), {"Agg": {name: None}})
    if name == "Mean":
        _fits(inner)
        values = _expr(inner)
        if pl.LazyFrame(schema=parts.schema).select(x=_expr(whole)).collect_schema()["x"] != pl.Float64:
            raise _Whole
        total = parts.add(values.cast(pl.Float64).sum(), {"Agg": {"Sum": None}})
        count = parts.add(values.count(), {"Agg": {"Sum": None}})
        mean = pl.when(_expr(count) > 0).then(_expr(total) / _expr(count))
        return json.loads(mean.meta.serialize(format="json"))
    if name in SPREADS:
        return _spread(name, argument, parts)
    if name == "NUnique":
        _fits(inner)
        column = parts.count(_expr(inner).unique().implode())
        return parts.merge(column, pl.col(column).explode(empty_as_null=False).n_unique())
    raise _Whole


def _spread(name: str, argument: Json, parts: _Parts) -> Json:
    """Variance by Chan's formula: of each part the count, the mean and the squares about it."""
    inner, ddof = argument
    _fits(inner)
    values = _expr(inner)
    if not pl.LazyFrame(schema=parts.schema).select(x=values).collect_schema()["x"].is_numeric():
        raise _Whole
    exact = values.cast(pl.Float64)
    counts, means, squares = (
        pl.col(parts.count(e)) for e in (values.count(), exact.mean(), exact.var(ddof=0) * values.count())
    )
    mean = (counts * means).sum() / counts.sum()
    about = squares + counts * (means - mean) ** 2
    merged = pl.when(counts.sum() > ddof).then(about.sum() / (counts.sum() - ddof))
    for column in (counts, means):
        parts.merge(column.meta.output_name(), column.first())
    return parts.merge(squares.meta.output_name(), merged.sqrt() if name == "Std" else merged)


def _fits(inner: Json) -> None:
    """Let values pass that each row gives by itself, or a filter by such ones lets through."""
    match inner:
        case {"Filter": {"input": values, "by": test}} if _separable(values) and _separable(test):
            return
    if not _separable(inner):
        raise _Whole


def _separable(tree: Json) -> bool:
    return Expression.decode(tree).rowwise


def _named(node: Json) -> str:
    return next(iter(node)) if isinstance(node, dict) else str(node)


def _filled(tree: Json, column: Json) -> Json:
    """Put `column` where a tree has None."""
    if tree is None:
        return column
    if isinstance(tree, dict):
        return {key: _filled(value, column) for key, value in tree.items()}
    return [_filled(item, column) for item in tree] if isinstance(tree, list) else tree


def _expr(tree: Json) -> pl.Expr:
    return Expression.decode(tree).expr


def _all(exprs: list[pl.Expr]) -> tuple[Expression, ...]:
    return tuple(map(Expression.of, exprs))
