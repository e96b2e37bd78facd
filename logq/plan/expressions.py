"""User expressions as data: the JSON tree Polars writes, checked before Polars reads it back."""

from __future__ import annotations

import io
import json
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import polars as pl

from logq.errors import BuildError, PlanDecodeError
from logq.plan.vocabulary import FUNCTIONS, NODES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["HIDDEN", "Expression", "IntoExpression", "Json", "expressions", "nodes"]

IntoExpression: TypeAlias = "pl.Expr | str"
Json: TypeAlias = Any

HIDDEN: Final = "__logq_"
"""Prefix of columns that carry row names and masks; user selectors never see them."""

CODE: Final = frozenset(
    {
        "AnonymousFunction",
        "AnonymousAgg",
        "AnonymousStreamingAgg",
        "CumFoldHorizontal",
        "CumReduceHorizontal",
        "FfiPlugin",
        "FoldHorizontal",
        "MapFieldNames",
        "PipeWithDtype",
        "Plugin",
        "PythonUdf",
        "ReduceHorizontal",
        "SubPlan",
    }
)
"""Nodes that hold a pickled function, a library to load or a plan of its own."""

BLOBS: Final = frozenset({"List", "Series", "Array", "Binary", "strings"})
"""Literals that Polars writes as bytes; anywhere else bytes may be a pickle."""

FLOATS: Final = ("Float", "Float32", "Float64")
"""Literals that Polars writes as null where they are not finite, and cannot read back."""

SHORT: Final = 8
"""Up to this many, integers in a list are arguments and no bytes."""

MAX_TREE: Final = 1 << 20
MAX_DEPTH: Final = 200
TOO_DEEP: Final = (
    f"expression is nested more than {MAX_DEPTH} deep; pl.any_horizontal and is_in take many tests at one level"
)


class Expression:
    """A `pl.Expr` held as its JSON text, so that plans compare, hash and travel.

    No dataclass: msgspec would read one by itself, past `decode` and its checks.
    """

    def __init__(self, tree: str) -> None:
        self.tree: Final = tree

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expression) and self.tree == other.tree

    def __hash__(self) -> int:
        return hash(self.tree)

    def __repr__(self) -> str:
        return f"Expression({self.tree!r})"

    @classmethod
    def of(cls, expr: pl.Expr) -> Expression:
        """Take a Polars expression; one that holds a Python function is refused.

        >>> Expression.of(pl.col("status") >= 500).roots
        frozenset({'status'})
        """
        try:
            tree = expr.meta.serialize(format="json")
            parsed = json.loads(tree)
        except (pl.exceptions.PolarsError, ModuleNotFoundError, TypeError) as error:
            msg = (
                f"{expr} holds something that is not data (a Python function?); "
                f"use .lazy() and go on in Polars: {error}"
            )
            raise BuildError(msg) from error
        except RecursionError as error:
            raise BuildError(TOO_DEEP) from error
        return cls.decode(parsed, error=BuildError)

    @classmethod
    def decode(cls, tree: Json, *, error: type[Exception] = PlanDecodeError) -> Expression:
        """Check a JSON tree from outside and hold it; `error` is what a refusal raises."""
        for depth, key, node in nodes(tree):
            if (bad := _unfit(key, node) or _reserved(node)) is not None:
                msg = f"expression holds {bad}"
                raise error(msg)
            if depth > MAX_DEPTH:
                raise error(TOO_DEEP)
        text = json.dumps(tree, separators=(",", ":"), ensure_ascii=False)
        if len(text) > MAX_TREE:
            msg = f"expression is {len(text)} characters long, over the limit of {MAX_TREE}"
            raise error(msg)
        return cls(text)

    @property
    def json(self) -> Json:
        """The tree as Python objects."""
        return json.loads(self.tree)

    @cached_property
    def expr(self) -> pl.Expr:
        """The Polars expression; its wildcards pass over logq's hidden columns."""
        return _read(_blind(self.json))

    @cached_property
    def roots(self) -> frozenset[str] | None:
        """Columns it reads; None when a wildcard or a dtype selector may read any."""
        names: set[str] = set()
        for _, _, node in nodes(self.json):
            if not isinstance(node, dict):
                continue
            if "Selector" in node:
                by_name = node["Selector"].get("ByName") if isinstance(node["Selector"], dict) else None
                if by_name is None:
                    return None
                names.update(by_name["names"])
            if isinstance(node.get("Column"), str):
                names.add(node["Column"])
        return frozenset(names)

    @cached_property
    def rowwise(self) -> bool:
        """Whether each output row depends on its own input row alone."""
        return _separable(self.json)

    @cached_property
    def output(self) -> str | None:
        """The one column it yields; None if there may be several."""
        return None if self.expr.meta.has_multiple_outputs() else self.expr.meta.output_name()

    def __str__(self) -> str:
        return str(_read(self.json))


def expressions(
    exprs: Iterable[IntoExpression | Iterable[IntoExpression]], named: dict[str, Any] | None = None
) -> tuple[Expression, ...]:
    """Flatten what a method was given; a string is a column, a keyword its output name.

    >>> [str(e) for e in expressions(["a", [pl.col("b")]], {"c": pl.lit(1)})]
    ['col("a")', 'col("b")', 'dyn int: 1.alias("c")']
    """
    flat: list[pl.Expr] = []
    for item in exprs:
        members = [item] if isinstance(item, (str, pl.Expr)) or not hasattr(item, "__iter__") else list(item)
        flat += [pl.col(m) if isinstance(m, str) else m if isinstance(m, pl.Expr) else pl.lit(m) for m in members]
    flat += [
        (pl.col(value) if isinstance(value, str) else value if isinstance(value, pl.Expr) else pl.lit(value)).alias(
            name
        )
        for name, value in (named or {}).items()
    ]
    return tuple(Expression.of(e) for e in flat)


def nodes(tree: Json) -> Iterator[tuple[int, str, Json]]:
    """Every node of a JSON tree with its depth and the nearest key above it; lists of integers are not entered."""
    stack = [(0, "", tree)]
    while stack:
        depth, above, node = stack.pop()
        yield depth, above, node
        if isinstance(node, dict):
            stack += [(depth + 1, key, child) for key, child in node.items()]
        elif isinstance(node, list) and not _integers(node):
            stack += [(depth + 1, above, child) for child in node]


def _integers(node: Json) -> bool:
    return isinstance(node, list) and all(isinstance(item, int) for item in node)


def _unfit(key: str, node: Json) -> str | None:
    """Name what may not be in an expression; None if the node may."""
    if isinstance(node, dict):
        renamer = "a Python function" if key == "function" and "Map" in node else None
        if (code := min(CODE.intersection(node), default=renamer)) is not None:
            return f"{code}, which is code and not data"
        if (word := _unknown(node)) is not None:
            return f"{word!r}, which is none of the nodes and functions that may travel"
        if key == "Selector" and "ByIndex" in node and any(i < 0 for i in node["ByIndex"]["indices"]):
            return "a column counted from the end, where rows carry hidden columns; name it"
        if any(node.get(kind, 0) is None for kind in FLOATS):
            return "infinity or NaN, which JSON has no word for; write pl.lit('inf').cast(pl.Float64)"
    if _integers(node) and len(node) > SHORT and key not in BLOBS:
        return f"opaque bytes under {key!r}"
    return None


def _unknown(node: dict[str, Json]) -> str | None:
    """Name what is not on the lists; field names of nodes, which are not capitalised, follow from the nodes."""
    function = node.get("function")
    strange = [word for word in node if word[:1].isupper() and word not in NODES]
    strange += [function] if isinstance(function, str) and function not in FUNCTIONS else []
    return min(strange, default=None)


def _reserved(node: Json) -> str | None:
    """Name what reads or makes a column of logq's own."""
    if not isinstance(node, dict):
        return None
    names = [node.get("Column"), *(node["Alias"][1:] if isinstance(node.get("Alias"), list) else [])]
    taken = any(isinstance(name, str) and name.startswith(HIDDEN) for name in names)
    return f"a column whose name begins with {HIDDEN}; such names are logq's own" if taken else None


def _map_selectors(tree: Json, change: Any) -> Json:  # noqa: ANN401 (a function of the selector's JSON)
    if isinstance(tree, dict):
        if set(tree) == {"Selector"}:
            return change(tree["Selector"])
        return {key: _map_selectors(value, change) for key, value in tree.items()}
    if isinstance(tree, list):
        return tree if _integers(tree) else [_map_selectors(item, change) for item in tree]
    return tree


def _blind(tree: Json) -> Json:
    """Take logq's hidden columns out of every wildcard."""

    def change(selector: Json) -> Json:
        if isinstance(selector, dict) and "ByName" in selector:
            return {"Selector": selector}
        return {"Selector": {"Difference": [selector, {"Matches": f"^{HIDDEN}.*$"}]}}

    return _map_selectors(tree, change)


def _separable(tree: Json) -> bool:
    """Whether an expression is row-wise, node by node; what is not known here is not.

    Polars' own `is_row_separable` takes `x > x.mean()` for row-wise, since a lone value is broadcast;
    it is asked about single functions only.
    """
    match tree:
        case {"Column": _} | {"Selector": _} | {"Field": _}:
            found = True
        case {"Literal": value}:
            found = not (isinstance(value, dict) and {"Series", "Range"} & value.keys())
        case {"Alias": [inner, _]} | {"KeepName": inner} | {"RenameAlias": {"expr": inner}} | {"Cast": {"expr": inner}}:
            found = _separable(inner)
        case {"BinaryExpr": {"left": left, "right": right}}:
            found = _separable(left) and _separable(right)
        case {"Ternary": {"predicate": predicate, "truthy": truthy, "falsy": falsy}}:
            found = all(map(_separable, (predicate, truthy, falsy)))
        case {"Eval": {"expr": inner, "variant": variant}}:
            found = _separable(inner) and "Cumulative" not in variant
        case {"StructEval": {"expr": inner, "evaluation": evaluated}}:
            found = _separable(inner) and all(map(_separable, evaluated))
        case {"Function": {"input": [first, second], "function": {"Boolean": {"IsIn": _}}}}:
            # A column of no lists is taken whole: only `list.contains` is certain to look at one row.
            found = _separable(first) and "Literal" in second
        case {"Function": {"input": inputs, "function": function}}:
            found = all(map(_separable, inputs)) and _alone(function, inputs)
        case _:
            found = False
    return found


def _alone(function: Json, inputs: list[Json]) -> bool:
    """Whether Polars calls a function row-wise, on columns in place of its inputs that are no literals."""
    columns = [item if "Literal" in item else {"Column": "x"} for item in inputs]
    try:
        return _read({"Function": {"input": columns, "function": function}}).meta.is_row_separable()
    except pl.exceptions.PolarsError:
        return False


def _read(tree: Json) -> pl.Expr:
    try:
        return pl.Expr.deserialize(io.StringIO(json.dumps(tree)), format="json")
    except pl.exceptions.ComputeError as error:
        msg = f"not an expression Polars {pl.__version__} can read: {error}"
        raise PlanDecodeError(msg) from error
