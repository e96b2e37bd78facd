"""Which expressions may travel: what Polars offers, but for code; nothing that is not known by name."""

from __future__ import annotations

import datetime as dt
import inspect
import itertools
import json
import warnings
from collections.abc import Iterator
from typing import Any, Final

import polars as pl
import pytest

from logq.errors import BuildError, PlanDecodeError
from logq.plan import Expression
from logq.plan.vocabulary import FUNCTIONS, NODES

A, B = pl.col("a"), pl.col("b")
FOLDERS: Final = ("str", "dt", "list", "arr", "struct", "cat", "bin", "name")
ARGUMENTS: Final[tuple[tuple[Any, ...], ...]] = (
    (),
    (1,),
    ("x",),
    (B,),
    ("1m",),
    (1, 2),
    ("x", "y"),
    (0.5,),
    (pl.Int64,),
    ([1, 2],),
    ({"a": 1},),
    (["a"],),
    (B, "1d"),
    (pl.Datetime, "%Y"),
    ("us",),
    ("hex",),
    (dt.timedelta(1),),
    (pl.element(),),
    ("t", "us"),
)
OPTIONS: Final[tuple[dict[str, Any], ...]] = (
    {},
    {"window_size": 3},
    {"index_column": "t", "period": "1h"},
    {"com": 1},
    {"half_life": "1d", "by": "t"},
    {"width": 3},
    {"scale": 2},
    {"dtype": pl.Int64},
    {"strategy": "forward"},
    {"n": 2},
    {"quantile": 0.5},
    {"fields": ["x"]},
)
OTHERWISE: Final = {
    "map_batches": "code",
    "map_elements": "code",
    "rolling_map": "code",
    "pipe": "no expression",
    "pipe_with_dtype": "code",
    "inspect": "code",
    "register_plugin": "code",
    "deserialize": "makes expressions",
    "from_json": "makes expressions",
    "meta": "tells of expressions",
    "name.map": "code",
    "name.map_fields": "code",
    "name.strip_prefix": "Polars makes code of it",
    "name.strip_suffix": "Polars makes code of it",
}
SELECTED: Final = (
    pl.len(),
    pl.element(),
    pl.when(A).then(B).otherwise(1),
    pl.lit(pl.Series([1])),
    pl.lit({"Name": [1]}),
    pl.lit(b"x"),
    pl.lit(dt.datetime(2024, 1, 1, tzinfo=dt.UTC)),
    pl.lit(dt.time(1)),
    pl.struct("a", "b"),
    pl.concat_list("a", "b"),
    pl.format("{} {}", A, B),
    pl.coalesce("a", "b"),
    pl.int_range(3),
    pl.corr("a", "b", method="spearman"),
    pl.sum_horizontal("a", "b"),
    pl.duration(days=A),
    pl.datetime("a", "b", 1),
    pl.arctan2("a", "b"),
    (A + B) * -A // 2 % 3,
    ~(A > 1) & (B <= 2) | (A ^ B),
    A.cast(pl.Enum(["x"])),
    A.cast(pl.Struct({"a": pl.List(pl.Decimal(10, 2))})),
)


def methods() -> Iterator[str]:
    """Methods of expressions, those of their folders too."""
    for name in dir(pl.Expr):
        if not name.startswith("_") and name not in FOLDERS and name not in OTHERWISE:
            yield name
    for folder in FOLDERS:
        names = (f"{folder}.{n}" for n in dir(getattr(A, folder)) if not n.startswith("_"))
        yield from (n for n in names if n not in OTHERWISE)


def method_of(name: str) -> Any:
    """What is called so."""
    folder, _, last = name.rpartition(".")
    return getattr(getattr(A, folder) if folder else A, last)


def made(name: str) -> Iterator[pl.Expr]:
    """Expressions by a method, of whatever arguments it takes."""
    method = method_of(name)
    flags = [n for n, p in inspect.signature(method).parameters.items() if isinstance(p.default, bool)]
    switched = [{flag: value} for flag in flags for value in (True, False)]
    for arguments, options in itertools.product(ARGUMENTS, (*OPTIONS, *switched)):
        try:
            expr = method(*arguments, **options)
        except Exception:  # noqa: BLE001, S112 (arguments of another method)
            continue
        if isinstance(expr, pl.Expr):
            yield expr


def test_every_method_of_polars_may_be_used() -> None:
    """All that is no code passes, and is read back as it was; what a new Polars brings shows up here."""
    refused: dict[str, str] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in (n for n in methods() if callable(method_of(n))):
            for expr in made(name):
                try:
                    assert Expression.of(expr).tree
                except BuildError as error:
                    refused[name] = str(error)
    assert refused == {}


@pytest.mark.parametrize("expr", SELECTED, ids=str)
def test_other_expressions_may_be_used(expr: pl.Expr) -> None:
    """Literals of every type, functions of several columns, operators."""
    assert Expression.of(expr).expr.meta.eq(expr)


@pytest.mark.parametrize(
    "tree",
    [
        {"Nothing": {"Column": "a"}},
        {"Function": {"input": [{"Column": "a"}], "function": "ReadFile"}},
        {"Function": {"input": [{"Column": "a"}], "function": {"StringExpr": {"Execute": "rm"}}}},
        {"Cast": {"expr": {"Column": "a"}, "dtype": {"Literal": {"Object": "object"}}, "options": "Strict"}},
        {"RenameAlias": {"expr": {"Column": "a"}, "function": {"Map": [1]}}},
        {"Alias": [{"Unheard": 1}, "a"]},
    ],
    ids=json.dumps,
)
def test_what_nobody_knows_is_refused(tree: Any) -> None:
    """Before Polars sees it: the list says what may be, not what may not."""
    with pytest.raises(PlanDecodeError, match=r"may travel|code and not data"):
        Expression.decode(tree)


def test_code_is_on_no_list() -> None:
    """Nor is a type whose values are objects of Python."""
    assert not (NODES | FUNCTIONS) & {"AnonymousFunction", "AnonymousAgg", "FfiPlugin", "PythonUdf", "Map", "Object"}


def test_known_words_that_mean_nothing_are_told_when_used() -> None:
    """They pass the lists, and Polars cannot read them; bytes where none belong do not pass."""
    broken = {"Function": {"input": [{"Column": "a"}], "function": {"StringExpr": {"Replace": 1}}}}
    held = Expression.decode(broken)
    with pytest.raises(PlanDecodeError, match="not an expression"):
        _ = held.rowwise
    assert repr(held) == f"Expression({json.dumps(broken, separators=(',', ':'))!r})"
    with pytest.raises(PlanDecodeError, match="opaque bytes under 'Hash'"):
        Expression.decode({"Function": {"input": [{"Column": "a"}], "function": {"Hash": [1] * 20}}})
