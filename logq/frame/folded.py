"""Comparisons of text that take no heed of case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from logq.errors import BuildError
from logq.plan import Expression

if TYPE_CHECKING:
    from logq.plan.expressions import Json

__all__ = ["folded"]

COMPARISONS: Final = ("Eq", "NotEq", "EqValidity", "NotEqValidity")


def folded(test: pl.Expr, *, where: str) -> pl.Expr:
    """Make `==` and `!=` with a text compare in lower case, on both sides.

    >>> data = pl.DataFrame({"verb": ["GET", "get", "put", None]})
    >>> data.filter(folded(pl.col("verb") == "Get", where="step"))["verb"].to_list()
    ['GET', 'get']

    Raises
    ------
    BuildError
        There is no such comparison.
    """
    given = Expression.of(test)
    made = Expression.decode(_folded(given.json), error=BuildError)
    if made == given:
        msg = f"{where}: ignore_case=True is for == and != with a text, as in pl.col('verb') == 'get'; {given} has none"
        raise BuildError(msg)
    return made.expr


def _folded(tree: Json) -> Json:
    match tree:
        case {"BinaryExpr": {"left": left, "op": op, "right": right}} if op in COMPARISONS and (
            _is_text(left) or _is_text(right)
        ):
            return {"BinaryExpr": {"left": _lower(left), "op": op, "right": _lower(right)}}
        case dict():
            return {key: _folded(value) for key, value in tree.items()}
        case list():
            return [_folded(item) for item in tree]
        case _:
            return tree


def _is_text(tree: Json) -> bool:
    match tree:
        case {"Literal": {"Scalar": {"String": _}}}:
            return True
        case _:
            return False


def _lower(tree: Json) -> Json:
    """The lower case of what may be of an Enum's type too."""
    return Expression.of(Expression.decode(tree).expr.cast(pl.String).str.to_lowercase()).json
