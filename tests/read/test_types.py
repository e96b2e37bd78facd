"""Types settled by the sample, and values further on that are of another one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

import logq as lq

C = pl.col
ROWS = 4000
"""Enough to fill the sample and more."""

LINES: dict[str, Callable[[object, object, object, object], str]] = {
    "json": lambda i, n, x, b: f'{{"msg":"m{i}","n":{n},"x":{x},"b":{b},"s":"t{i}"}}',
    "logfmt": lambda i, n, x, b: f"msg=m{i} n={n} x={x} b={b} s=t{i}",
    "csv": lambda i, n, x, b: f"m{i},{n},{x},{b},t{i}",
}
HEADER = {"csv": "msg,n,x,b,s\n"}
TYPES = {"n": pl.Int64(), "x": pl.Float64(), "b": pl.Boolean(), "s": pl.String()}


def written(path: Path, form: str, last: tuple[object, object, object]) -> lq.LogFrame:
    """A file of well typed entries whose last entry holds `last`."""
    line = LINES[form]
    body = [line(i, i, f"{i}.5", "true" if i % 2 else "false") for i in range(ROWS)]
    path.write_text(HEADER.get(form, "") + "\n".join([*body, line(ROWS, *last)]) + "\n")
    return lq.scan(path, format=form)


@pytest.mark.parametrize("form", LINES)
def test_fields_have_the_types_of_their_values(tmp_path: Path, form: str) -> None:
    """A field is an integer, a float, a Boolean or a text, as its values in the sample are."""
    frame = written(tmp_path / "a.log", form, (7, 0.25, "true")).select(*TYPES).collect()
    assert dict(frame.schema) == TYPES
    assert frame.row(-1) == (7, 0.25, True, f"t{ROWS}")
    assert frame["n"].sum() == ROWS * (ROWS - 1) // 2 + 7


@pytest.mark.parametrize("form", LINES)
@pytest.mark.parametrize(
    ("last", "name"),
    [(('"off"', 1.5, "true"), "n"), ((1, '"off"', "true"), "x"), ((1, 1.5, '"off"'), "b")],
    ids=["n", "x", "b"],
)
def test_a_value_of_another_type_is_null_and_named(
    tmp_path: Path, form: str, last: tuple[object, object, object], name: str
) -> None:
    """A value that does not fit its column is null, and only it; `parse_error` says which, `raw` still has it."""
    log = written(tmp_path / "a.log", form, last)
    row = log.collect().row(-1, named=True)
    assert row[name] is None
    assert row["parse_error"] == f"{name}: not {TYPES[name]}"
    assert "off" in row["raw"]
    assert [n for n in TYPES if row[n] is None] == [name]


@pytest.mark.parametrize("form", LINES)
def test_the_error_does_not_hang_on_what_else_is_asked_for(tmp_path: Path, form: str) -> None:
    """`parse_error` is the same beside all columns, beside one other and in a filter."""
    log = written(tmp_path / "a.log", form, ('"off"', 1.5, "true"))
    assert log.select("line", "parse_error").collect().equals(log.collect().select("line", "parse_error"))
    assert log.filter(C("parse_error").is_not_null()).select("s").collect()["s"].to_list() == [f"t{ROWS}"]


@pytest.mark.parametrize(("value", "kind"), [("true", "n"), ("true", "x"), ("1.5", "n"), ("1", "b"), ("[1]", "n")])
def test_json_takes_no_value_for_one_of_another_type(tmp_path: Path, value: str, kind: str) -> None:
    """JSON says what a value is: none is turned into another type to fit."""
    last = {"n": "1", "x": "1.5", "b": "true"} | {kind: value}
    row = written(tmp_path / "a.log", "json", (last["n"], last["x"], last["b"])).collect().row(-1, named=True)
    assert row[kind] is None
    assert row["parse_error"] == f"{kind}: not {TYPES[kind]}"


@pytest.mark.parametrize("value", ['{"b":[1,{"c":null}]}', '["x",1]', "{}", "[]"])
def test_json_in_a_text_column_stays_json(tmp_path: Path, value: str) -> None:
    """An object or a list further on in a column of texts is its JSON, and no error."""
    path = tmp_path / "a.log"
    path.write_text("\n".join(['{"s":"t"}'] * 20_000) + f'\n{{"s":{value}}}\n')
    frame = lq.scan(path, format="json").collect()
    assert frame["s"][-1] == value
    assert frame["parse_error"].null_count() == frame.height


@pytest.mark.parametrize("form", ["logfmt", "csv"])
def test_leading_zeros_are_kept(form: str) -> None:
    """A column with a number that begins with 0 is text: identifiers come back as written."""
    text = {"logfmt": "id=007 n=1\nid=12 n=2\n", "csv": "id,n,m\n007,1,x\n12,2,y\n"}[form]
    assert lq.scan(text.encode(), format=form).select("id", "n").collect().rows() == [("007", 1), ("12", 2)]


@pytest.mark.parametrize(
    ("log", "names", "values"),
    [
        (b'{"a":{"b":2}}', ["a", "a.b"], [('{"b":2}', 2)]),
        (b'{"a":1}\n{"a":{"b":2}}', ["a", "a.b"], [("1", None), ('{"b":2}', "2")]),
        (b'{"a":{"b":{"c":"x"}}}', ["a.b.c", "a.b", "a"], [("x", '{"c":"x"}', '{"b":{"c":"x"}}')]),
        (b'{"*":1,"^x$":2,"y":3}', ["fields.*", "fields.^x$", "y"], [(1, 2, 3)]),
    ],
)
def test_a_value_and_what_is_in_it_may_both_be_asked_for(
    log: bytes, names: list[str], values: list[tuple[object, ...]]
) -> None:
    """The outer one is its JSON; names that Polars would take for patterns are moved."""
    assert lq.scan(log, "json").select(*(pl.col([name]) for name in names)).collect().rows() == values
