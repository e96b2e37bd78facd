from __future__ import annotations

import io
import json
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import logq as lq
from logq.formats import get
from logq.optimise.literals import clauses_of
from logq.plan import Expression, Scan, Term
from logq.read import FileRef, prefilter, resolve_file
from logq.schema import LEVELS

TEXTS = st.text(st.sampled_from("abc \"\\/é=,:{}[]1.e+-\t\u0041\u2028\x00😀'"), max_size=10)
SCALARS: Any = (
    TEXTS
    | st.integers(-(1 << 70), 1 << 70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.booleans()
    | st.none()
)
VALUES = st.recursive(SCALARS, lambda v: st.lists(v, max_size=2) | st.dictionaries(TEXTS, v, max_size=2), max_leaves=3)


def escaped(draw: st.DrawFn, value: Any) -> str:
    """Write JSON in one of the many ways there are: spaces, \\u for anything, an escaped slash, exponents."""
    if isinstance(value, str):
        ways = [lambda c: json.dumps(c)[1:-1], lambda c: json.dumps(c, ensure_ascii=False)[1:-1]]
        ways += [
            lambda c: f"\\u{ord(c):04x}" if ord(c) < 0x10000 else c,
            lambda c: "\\/" if c == "/" else json.dumps(c)[1:-1],
        ]
        return '"' + "".join(ways[draw(st.integers(0, 3))](c) for c in value) + '"'
    space = draw(st.sampled_from(["", " "]))
    if isinstance(value, list):
        return f"[{space}{f',{space}'.join(escaped(draw, v) for v in value)}]"
    if isinstance(value, dict):
        return (
            f"{{{space}{f',{space}'.join(f'{escaped(draw, k)}:{space}{escaped(draw, v)}' for k, v in value.items())}}}"
        )
    if isinstance(value, float):
        return draw(st.sampled_from([repr(value), f"{value:e}", f"{value:E}"]))
    return json.dumps(value)


@st.composite
def json_lines(draw: st.DrawFn) -> list[str]:
    """Objects with a value `v` of any type, in any of the ways JSON may write it, and a number `n`."""
    return [escaped(draw, {"v": draw(VALUES), "n": draw(st.integers(0, 500))}) for _ in range(draw(st.integers(1, 6)))]


@st.composite
def logfmt_lines(draw: st.DrawFn) -> list[str]:
    """Pairs with a text `v`, quoted or bare, and a number `n`."""
    quoted = st.text(st.sampled_from('abc =,:"\\\t\né'), max_size=8).map(lambda t: json.dumps(t, ensure_ascii=False))
    plain = st.text(st.sampled_from("abcé:/[]1"), min_size=1, max_size=8)
    return [f"n={draw(st.integers(0, 500))} v={draw(quoted | plain)}" for _ in range(draw(st.integers(1, 6)))]


@st.composite
def csv_lines(draw: st.DrawFn) -> list[str]:
    """A header and rows with a quoted text `v` between a number and a constant."""
    value = st.text(st.sampled_from('abc "é,=[]1'), max_size=8)
    rows = [
        f'{draw(st.integers(0, 500))},"{draw(value).replace(chr(34), chr(34) * 2)}",z'
        for _ in range(draw(st.integers(1, 6)))
    ]
    return ["n,v,w", *rows]


def check(form: str, lines: list[str], data: st.DataObject) -> None:
    """Entries whose value is a text, or holds a part of it, pass the test on raw lines that the optimiser's notes become."""
    source = "\n".join(lines).encode()
    every = lq.scan(source, format=form, workers=1).select("raw", "v").collect()
    texts = [v for v in every["v"] if v] if every["v"].dtype == pl.String else []
    if not texts:
        return
    text = data.draw(st.sampled_from(texts))
    part = text[: data.draw(st.integers(1, len(text)))]
    for predicate in (pl.col("v") == text, pl.col("v").str.contains(part, literal=True)):
        clauses = tuple(clauses_of(Expression.of(predicate).json))
        assert clauses
        test = prefilter(clauses, resolved(source, form))
        matches = every.filter(predicate)
        assert test is None or matches.filter(test).height == matches.height


@given(json_lines(), st.data())
@settings(max_examples=100)
def test_json_values_are_found_however_they_are_written(lines: list[str], data: st.DataObject) -> None:
    """Escapes, spaces, exponents, nested values in a text column: the prefilter loses no match."""
    check("json", lines, data)


@given(logfmt_lines(), st.data())
@settings(max_examples=50)
def test_logfmt_values_are_found_however_they_are_quoted(lines: list[str], data: st.DataObject) -> None:
    """Quotes and backslashes in the value: the prefilter loses no match."""
    check("logfmt", lines, data)


@given(csv_lines(), st.data())
@settings(max_examples=50)
def test_csv_values_are_found_however_they_are_quoted(lines: list[str], data: st.DataObject) -> None:
    """Doubled quotes and separators in the value: the prefilter loses no match."""
    check("csv", lines, data)


@pytest.mark.parametrize(
    "form", ["json", "logfmt", "log4j", "apache_error", "syslog_rfc3164", "syslog_rfc5424", "python_logging"]
)
@pytest.mark.parametrize("level", LEVELS)
def test_every_word_of_a_level_is_found(form: str, level: str) -> None:
    """Aliases, other cases and pino's numbers name the level as its own name does."""
    words = list(get(form).severity_table)
    makers = {
        "json": lambda w: f'{{"level":"{w}"}}\n{{"level":{w}}}' if w.isdecimal() else f'{{"level":"{w}"}}',
        "logfmt": lambda w: f"a=1 level={w}",
        "log4j": lambda w: f"2024-01-01 00:00:00,000 {w} [main] a.b: x",
        "apache_error": lambda w: f"[Sun Dec 04 04:47:44 2005] [{w}] x",
        "python_logging": lambda w: f"2024-01-01 00:00:00,000 - a.b - {w} - x",
        "syslog_rfc3164": lambda w: (
            f"<{w}>Jan  1 00:00:00 host app: x" if w.isdecimal() else "<11>Jan  1 00:00:00 host app: x"
        ),
        "syslog_rfc5424": lambda w: (
            f"<{w}>1 2024-01-01T00:00:00Z h a - - - x" if w.isdecimal() else "<11>1 2024-01-01T00:00:00Z h a - - - x"
        ),
    }
    frame = lq.scan("\n".join(makers[form](w) for w in words).encode(), format=form)
    every = frame.collect()
    for chain, test in (
        (frame.level(level), pl.col("level") == level),
        (frame.level(at_least=level), pl.col("level") >= level),
        (frame.filter(pl.col("severity") == 17), pl.col("severity") == 17),
        (frame.level("notice"), pl.col("severity") == 10),
    ):
        assert chain.collect().equals(every.filter(test))


def test_numbers_as_levels_are_found() -> None:
    """Pino writes 50 for an error, as a number or as text."""
    log = b'{"level":50,"msg":"a"}\n{"level":30,"msg":"b"}\n{"level":"ERROR","msg":"c"}\n{"level":"err\\u006fr","msg":"d"}'
    assert lq.scan(log).level("ERROR").collect()["message"].to_list() == ["a", "c", "d"]


def resolved(data: bytes, form: str = "auto") -> Any:
    """The file that `data` is, its format and fields settled."""
    return resolve_file(FileRef("a", buffer=data), Scan(sources=("a",), formats=(form,)))


@pytest.mark.parametrize(
    ("term", "data"),
    [
        (Term("nothing", "x"), b'{"v":"x"}'),
        (Term("line", "5"), b'{"v":"x"}'),
        (Term("v", '"'), b'{"v":"x"}'),
        (Term("v", "1000"), b'{"v":"x"}'),
        (Term("v", "1.5"), b'{"v":1.5}'),
        (Term("level", "LOUD"), b'{"level":"info"}'),
        (Term("severity", "x"), b'{"level":"info"}'),
        (Term("level", "ERROR"), b'{"v":"x"}'),
        (Term("message", "x"), b'{"v":"x"}'),
    ],
)
def test_what_is_not_certain_filters_nothing(term: Term, data: bytes) -> None:
    """No test on raw lines where a column is not captured from them letter by letter."""
    assert prefilter(((term,),), resolved(data)) is None


@pytest.mark.parametrize(
    ("term", "hit", "miss"),
    [
        (Term("v", "disk full"), '{"v":"disk full"}', '{"v":"disk"}'),
        (Term("v", "12345", whole=True), '{"v":12345}', '{"v":123}'),
        (Term("v", "disk: full/very"), '{"v":"disk: full\\/very"}', '{"v":"disk"}'),
        (Term("raw", "12"), "12", "1"),
    ],
)
def test_what_is_certain_passes_by_what_cannot_match(term: Term, hit: str, miss: str) -> None:
    """The test is true of a line that may match, and false of one that cannot."""
    test = prefilter(((term,),), resolved(b'{"v":"x"}'))
    assert test is not None
    assert pl.DataFrame({"raw": [hit, miss]}).select(test)["raw"].to_list() == [True, False]


def test_no_clauses_no_test() -> None:
    """Nothing noted, nothing filtered; a clause without alternatives says nothing either."""
    file = resolved(b"hello", "plain")
    assert prefilter((), file) is None
    assert prefilter(((),), file) is None
    assert prefilter(((Term("message", "x"),),), file) is not None


def test_a_csv_is_read_from_any_file_object() -> None:
    """A file object is a source like its bytes."""
    assert lq.scan(io.BytesIO(b"a,b,c\n1,2,3\n4,5,6")).filter(pl.col("b") == 5).collect()["line"].to_list() == [3]
