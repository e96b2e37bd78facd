from __future__ import annotations

import json
import sys
import types
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logq.errors import BuildError, PlanDecodeError
from logq.plan import (
    HIDDEN,
    Aggregate,
    Context,
    Drop,
    Expression,
    Extract,
    Filter,
    Head,
    Plan,
    Rename,
    RepairTime,
    Scan,
    Scope,
    Select,
    Sort,
    Tail,
    Term,
    Unique,
    WithColumns,
    decode,
    encode,
)
from logq.plan.codec import MAX_PLAN, _read, _write
from logq.plan.expressions import MAX_DEPTH, MAX_TREE

NAMES = st.text(max_size=8).filter(lambda name: not name.startswith(HIDDEN))
COUNTS = st.integers(0, 1 << 40)
TEXTS = st.text(max_size=12)
LITERALS = st.one_of(
    TEXTS,
    st.integers(-(1 << 60), 1 << 60),
    st.booleans(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.datetimes(),
    st.none(),
)


@st.composite
def exprs(draw: st.DrawFn, depth: int = 2) -> pl.Expr:
    """Some expression; written out as a function because an Expr has no truth value, which hypothesis asks for."""
    if depth == 0 or draw(st.booleans()):
        kind = draw(st.integers(0, 3))
        return [lambda: pl.col(draw(NAMES)), lambda: pl.lit(draw(LITERALS)), pl.len, pl.all][kind]()
    inner = draw(exprs(depth - 1))
    makers = {
        "eq": lambda: inner == draw(exprs(depth - 1)),
        "and": lambda: inner & draw(exprs(depth - 1)),
        "in": lambda: inner.is_in(draw(st.lists(st.integers(-(1 << 63), (1 << 63) - 1), min_size=1))),
        "contains": lambda: inner.str.contains(draw(TEXTS), literal=True),
        "over": lambda: inner.sum().over(draw(NAMES)),
        "alias": lambda: inner.alias(draw(NAMES)),
    }
    return makers[draw(st.sampled_from(sorted(makers)))]()


EXPRS = exprs().map(Expression.of)
MANY = st.lists(EXPRS, min_size=1, max_size=3).map(tuple)
STEPS: Any = st.one_of(
    st.builds(Filter, predicates=MANY),
    st.builds(Scope, predicates=MANY),
    st.builds(Select, exprs=MANY),
    st.builds(WithColumns, exprs=MANY),
    st.builds(Aggregate, keys=MANY, aggregates=st.lists(EXPRS, max_size=2).map(tuple)),
    MANY.flatmap(lambda by: st.builds(Sort, by=st.just(by), descending=st.tuples(*[st.booleans()] * len(by)))),
    st.builds(Context, before=COUNTS, after=COUNTS, by=st.lists(NAMES).map(tuple)),
    st.builds(Context, span=COUNTS),
    st.builds(Extract, pattern=TEXTS, column=NAMES, groups=st.lists(NAMES).map(tuple)),
    st.builds(Drop, columns=st.lists(NAMES).map(tuple)),
    st.builds(Rename, mapping=st.dictionaries(NAMES, NAMES)),
    st.builds(Head, n=COUNTS),
    st.builds(Tail, n=COUNTS),
    st.builds(RepairTime),
    st.builds(
        Unique,
        subset=st.none() | st.lists(NAMES, min_size=1).map(tuple),
        keep=st.sampled_from(["first", "last", "none", "any"]),
    ),
)
SCANS = st.builds(
    Scan,
    sources=st.lists(TEXTS, min_size=1).map(tuple),
    formats=st.lists(TEXTS, min_size=1).map(tuple),
    tz=st.sampled_from(["UTC", "Europe/Berlin", "+02:00"]),
    encoding=st.sampled_from(["utf-8", "latin-1", "utf-16"]),
    year=st.none() | st.integers(1, 9999),
    columns=st.none() | st.lists(NAMES).map(tuple),
    clauses=st.lists(st.lists(st.builds(Term, NAMES, TEXTS, st.booleans()), max_size=2).map(tuple), max_size=2).map(
        tuple
    ),
    limit=st.none() | COUNTS,
)
PLANS = st.builds(Plan, source=SCANS, steps=st.lists(STEPS, max_size=5).map(tuple))
SOURCE = '"source":{"op":"scan","sources":["a.log"]}'


def wire(steps: str, version: str = "1") -> bytes:
    """A plan as it travels, with these steps."""
    return f'{{"version":{version},"plan":{{{SOURCE},"steps":[{steps}]}}}}'.encode()


def filtered(tree: str) -> bytes:
    """A plan as it travels, with one filter by this expression."""
    return wire(f'{{"op":"filter","predicates":[{tree}]}}')


@given(PLANS)
@settings(max_examples=150, deadline=None)
def test_what_is_written_reads_back_equal(plan: Plan) -> None:
    """decode(encode(plan)) ≡ plan, its hash-free parts, its JSON and its words."""
    data = encode(plan)
    back = decode(data)
    assert back == plan
    assert encode(back) == data
    assert back.describe() == plan.describe()


def test_the_smallest_plan_reads() -> None:
    """Fields that have a default may be left out."""
    assert decode(wire('{"op":"head","n":3}')) == Plan(source=Scan(sources=("a.log",)), steps=(Head(n=3),))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not a plan"),
        (b"nonsense", "not a plan"),
        (b"[]", "not a plan"),
        (b"\xff\xfe", "not a plan"),
        (b"{}", "version none"),
        (b'{"version":null,"plan":{}}', "version null"),
        (wire("", version="2"), "version 2"),
        (wire("", version='"1"'), "version"),
        (wire('{"op":"shell","n":1}'), "not a plan"),
        (wire('{"n":1}'), "not a plan"),
        (wire('{"op":"head","n":1,"also":2}'), "also"),
        (wire('{"op":"head","n":"1"}'), "not a plan"),
        (wire('{"op":"head","n":-1}'), "not negative"),
        (wire('{"op":"context","before":-1}'), "not negative"),
        (wire('{"op":"context","before":1,"span":5}'), "not both"),
        (wire('{"op":"sort","by":[],"descending":[]}'), "at least one key"),
        (wire('{"op":"aggregate","keys":[],"aggregates":[]}'), "needs a key"),
        (wire('{"op":"unique","subset":null,"keep":"every"}'), "not a plan"),
        (wire('{"op":"unique","subset":[],"keep":"any"}'), "no columns"),
        (wire("").replace(b'"sources"', b'"tz":"Mars/Base","sources"'), "no time zone 'Mars/Base'"),
        (wire("").replace(b'"sources"', b'"encoding":"utf-9","sources"'), "no encoding 'utf-9'"),
        (b'{"version":1,"plan":{"source":{"op":"scan","sources":[]}}}', "at least one path"),
        (b'{"version":1,"plan":{"source":{"op":"scan","sources":["a"],"formats":[]}}}', "at least one format"),
        (b'{"version":1,"plan":{"source":{"op":"scan","sources":["a"],"url":"x"}}}', "url"),
        (b'{"version":1,"more":1,"plan":{"source":{"op":"scan","sources":["a"]}}}', "more"),
        (b'{"version":1}', "plan"),
        (b"[" * 100_000, "not a plan"),
    ],
)
def test_a_malformed_plan_is_refused(data: bytes, words: str) -> None:
    """Anything but a plan of this version raises PlanDecodeError that says what is wrong."""
    with pytest.raises(PlanDecodeError, match=words):
        decode(data)


def test_a_plan_over_the_limit_is_refused() -> None:
    """Size is checked before anything is parsed."""
    with pytest.raises(PlanDecodeError, match="over the limit"):
        decode(b" " * (MAX_PLAN + 1))


BYTES = json.dumps(list(range(1, 40)))


@pytest.mark.parametrize(
    "tree",
    [
        f'{{"AnonymousFunction":{{"input":[{{"Column":"a"}}],"function":{BYTES},"options":{{}}}}}}',
        f'{{"RenameAlias":{{"function":{{"Map":{BYTES}}},"expr":{{"Column":"a"}}}}}}',
        '{"RenameAlias":{"function":{"Map":[1]},"expr":{"Column":"a"}}}',
        f'{{"Function":{{"input":[{{"Column":"a"}}],"function":{{"StructExpr":{{"MapFieldNames":{BYTES}}}}}}}}}',
        '{"Function":{"input":[],"function":{"FfiPlugin":{"lib":"/tmp/x.so","symbol":"x","kwargs":[]}}}}',
        f'{{"Function":{{"input":[],"function":{{"FoldHorizontal":{{"callback":{BYTES}}}}}}}}}',
        '{"SubPlan":[{"Scan":{"sources":["/etc/passwd"]}},["x"]]}',
        f'{{"Literal":{{"Scalar":{{"Object":{BYTES}}}}}}}',
        f'{{"Unheard":{BYTES}}}',
        '{"Or":[0,{"AnonymousFunction":{}}]}',
        '{"Or":[true,[1,{"SubPlan":[]}]]}',
        f'{{"Or":[0,{BYTES}]}}',
    ],
)
def test_code_in_an_expression_is_refused(tree: str) -> None:
    """Pickled functions, libraries and plans are refused before Polars sees them, however they are wrapped."""
    with pytest.raises(PlanDecodeError, match="expression holds"):
        decode(filtered(tree))


def test_deep_and_long_expressions_are_refused() -> None:
    """Depth and length of an expression are capped, on the wire and in a chain."""
    deep = '{"Alias":[' * MAX_DEPTH + '{"Column":"a"}' + ',"b"]}' * MAX_DEPTH
    with pytest.raises(PlanDecodeError, match="deep"):
        decode(filtered(deep))
    with pytest.raises(PlanDecodeError, match="over the limit"):
        decode(filtered(json.dumps({"Column": "a" * MAX_TREE})))
    for many in (MAX_DEPTH, 20 * MAX_DEPTH):
        expr = pl.col("a")
        for _ in range(many):
            expr = expr + 1
        with pytest.raises(BuildError, match="deep"):
            Expression.of(expr)


def test_an_expression_polars_cannot_read_is_refused_when_used() -> None:
    """What passes the check but means nothing raises a typed error, not one of Polars' own."""
    plan = decode(filtered('{"Cast":1}'))
    with pytest.raises(PlanDecodeError, match="not an expression"):
        plan.describe()


def test_only_expressions_travel_as_such() -> None:
    """The hooks of the codec know one type and name any other."""
    with pytest.raises(TypeError, match="cannot hold object"):
        _write(object())
    with pytest.raises(TypeError, match="cannot hold int"):
        _read(int, 1)


FUNCTIONS: dict[str, Callable[[pl.Expr], pl.Expr]] = {
    "map_elements": lambda c: c.map_elements(len, return_dtype=pl.Int64),
    "map_batches": lambda c: c.map_batches(lambda s: s),
    "elementwise": lambda c: c.map_batches(lambda s: s, is_elementwise=True, return_dtype=pl.Int64),
    "rolling_map": lambda c: c.rolling_map(sum, 3),
    "name.map": lambda c: c.name.map(str.upper),
    "name.map_fields": lambda c: c.name.map_fields(str.upper),
    "inspect": lambda c: c.inspect(),
    "fold": lambda c: pl.fold(pl.lit(0), lambda a, b: a + b, [c]),
    "reduce": lambda c: pl.reduce(lambda a, b: a + b, [c]),
    "cum_fold": lambda c: pl.cum_fold(pl.lit(0), lambda a, b: a + b, [c]),
    "cum_reduce": lambda c: pl.cum_reduce(lambda a, b: a + b, [c]),
    "map_groups": lambda c: pl.map_groups([c], lambda s: s[0], return_dtype=pl.Int64),
    "pl.map_batches": lambda c: pl.map_batches([c], lambda s: s[0]),
    "object": lambda _: pl.lit(object(), allow_object=True),
    "plugin": lambda c: pl.plugins.register_plugin_function(
        plugin_path=sys.modules["logq.plan"].__file__ or "", function_name="f", args=[c]
    ),
}


@pytest.mark.parametrize("pickler", [False, True], ids=["plain", "cloudpickle"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_python_functions_are_refused(name: str, pickler: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """No expression that holds a Python function gets into a plan, whether or not it could be pickled."""
    if pickler:
        fake: Any = types.ModuleType("cloudpickle")
        fake.dumps = lambda *_, **__: b"a function, pickled"
        monkeypatch.setitem(sys.modules, "cloudpickle", fake)
    with pytest.raises(BuildError):
        Expression.of(FUNCTIONS[name](pl.col("a")))
