"""Entries of the open formats as columns."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import logq as lq
from logq.errors import ColumnNotFoundError

NONE = "not a JSON object"


def rows(log: bytes, form: str, *columns: str, **options: Any) -> list[tuple[Any, ...]]:
    """Rows of the named columns."""
    return lq.scan(log, form, **options).select(*columns).collect().rows()


def test_nested_objects_are_dotted_names() -> None:
    """To any depth; lists stay lists."""
    frame = lq.scan(b'{"a":{"b":{"c":1}},"t":["x","y"]}\n').collect()
    assert frame.select("a.b.c", "t").row(0) == (1, ["x", "y"])


@pytest.mark.parametrize(
    "line", [b"null", b"", b"  ", b"7", b'"x"', b"[1]", b'{"a":', b'{"a":1} x', b"{a:1}", b"noise", b"\0"]
)
def test_a_line_that_is_no_object_is_kept(line: bytes) -> None:
    """Its fields are null, `parse_error` says why; its neighbours read as ever."""
    assert rows(b'{"a":1}\n' + line + b'\n{"a":3}\n', "json", "line", "a", "parse_error") == [
        (1, 1, None),
        (2, None, NONE),
        (3, 3, None),
    ]


@pytest.mark.parametrize(
    ("value", "read", "error"),
    [
        ("1.5", None, "a: not Int64"),
        ('"x"', None, "a: not Int64"),
        ('{"b":1}', None, "a: not Int64"),
        ("[1]", None, "a: not Int64"),
        ("true", None, "a: not Int64"),
        ("99999999999999999999999", None, "a: not Int64"),
        ("9223372036854775807", 9223372036854775807, None),
        ("-9223372036854775808", -9223372036854775808, None),
        ("null", None, None),
        ('"5"', 5, None),
    ],
)
def test_a_value_of_another_type_after_the_sample(value: str, read: int | None, error: str | None) -> None:
    """It is null and named in `parse_error`, never cut or rounded; `raw` has it; the other fields of its row stay."""
    log = b'{"a":1,"b":"x"}\n' * 10_000 + b'{"a":%s,"b":"y"}\n' % value.encode()
    assert rows(log, "json", "a", "b", "parse_error")[-1] == (read, "y", error)
    assert rows(log, "json", "a")[0] == (1,)


def test_types_that_differ_in_the_sample_are_text() -> None:
    """A field seen as a number and as a word is a String of both; int and float are Float64."""
    assert rows(b'{"a":1}\n{"a":"x"}\n{"a":{"b":2}}\n', "json", "a") == [("1",), ("x",), ('{"b":2}',)]
    assert lq.scan(b'{"a":1}\n{"a":1.5}\n').schema["a"] in (pl.Float64, pl.String)


def test_files_agree_on_a_type() -> None:
    """One column over all files: a number type for numbers, text for anything else; absent fields are null."""
    frame = lq.scan([b'{"a":1,"b":1}\n', b'{"a":2.5,"b":"x","c":true}\n'], "json").collect()
    assert frame.select("a", "b", "c").rows() == [(1.0, "1", None), (2.5, "x", True)]


def test_duplicate_keys_and_big_numbers_crash_nothing() -> None:
    """One of the duplicates is taken; an integer beyond 64 bits keeps all its digits."""
    assert rows(b'{"a":1,"a":2}\n', "json", "a")[0][0] in (1, 2)
    assert rows(b'{"a":12345678901234567890123}\n', "json", "a") == [(12345678901234567890123,)]


def test_a_key_named_like_a_canonical_column_moves() -> None:
    """`line` is the line number; the file's own `line` is `fields.line`."""
    log = b'{"line":7,"raw":"r","source":"s","message":"m","host":"h"}\n'
    assert rows(log, "json", "line", "fields.line", "raw", "fields.raw", "fields.source", "fields.host", "message") == [
        (1, 7, log.decode().strip(), "r", "s", "h", "m")
    ]
    assert rows(b"line=7 msg=x\n", "logfmt", "line", "fields.line", "message") == [(1, 7, "x")]


@pytest.mark.parametrize(
    ("log", "form", "name"),
    [
        (b'{"a":1}\n' * 20_000 + b'{"a":1,"late":"x"}\n', "json", "late"),
        (b'{"a":1}\n' * 20_000 + b'{"late":{"deep":"x"}}\n', "json", "late.deep"),
        (b"a=1 b=2\n" * 20_000 + b"late=x b=2\n", "logfmt", "late"),
    ],
)
def test_a_named_field_that_no_sample_had_is_looked_for(log: bytes, form: str, name: str) -> None:
    """It is a String, null where absent, and the report says that it was looked for; a closed format has no such field."""
    result = lq.scan(log, form).filter(pl.col(name) == "x").select("line", name).run()
    assert result.frame.rows() == [(20_001, "x")]
    assert result.report.looked_for == (name,)
    with pytest.raises(ColumnNotFoundError, match="late"):
        lq.scan(b"x", "plain").select(name).collect()


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(st.characters(codec="utf-8"), max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "a.b", "line"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(
    st.lists(st.dictionaries(st.sampled_from(["a", "b", "msg", "level", "ts"]), JSONS, max_size=3) | JSONS, max_size=6)
)
def test_any_json_is_read_or_kept(values: list[Any]) -> None:
    """Objects of any shape side by side: as many rows as lines, and no parse_error on an object whose types the sample saw."""
    log = "".join(json.dumps(v) + "\n" for v in values).encode()
    frame = lq.scan(log, "json").collect()
    assert frame["raw"].to_list() == [json.dumps(v) for v in values]
    assert (frame["parse_error"] == NONE).fill_null(value=False).to_list() == [not isinstance(v, dict) for v in values]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        ('"two words"', "two words"),
        (r'"say \"hi\"\n\t\\n"', 'say "hi"\n\t\\n'),
        ('""', ""),
        ("", ""),
        ("a=b", "a=b"),
        ('"k=v inside"', "k=v inside"),
    ],
)
def test_logfmt_values(text: str, value: str) -> None:
    """Bare up to a space, or quoted with escapes undone."""
    assert rows(f"key={text} other=1\n".encode(), "logfmt", "key", "other") == [(value, 1)]


def test_logfmt_lines_without_a_pair_are_kept() -> None:
    """`parse_error` says what is missing; a key is found whole, not inside another."""
    log = b"level=warn my.level=x msg=a\nnothing here\n\nsublevel=y z=1\n"
    assert rows(log, "logfmt", "line", "level", "parse_error") == [
        (1, "WARN", None),
        (2, None, "no key=value pair"),
        (3, None, "no key=value pair"),
        (4, None, None),
    ]


def test_a_header_may_lack_names_and_repeat_them() -> None:
    """No column is lost for it, and blanks around a name are none of it."""
    form = lq.Format.csv("mine", header=True)
    frame = lq.scan(b"time, level,msg,,msg\n2024-03-05 09:14:02,INFO,up,1,2\n", form).collect()
    assert frame.select("time", "level", "msg", "column_4", "msg_", "parse_error").rows() == [
        ("2024-03-05 09:14:02", "INFO", "up", 1, 2, None)
    ]
    spaced = lq.scan(b"time, level, msg\n2024-03-05 09:14:02, WARN, up\n2024-03-05 09:14:03, INFO, down\n").collect()
    assert spaced["level"].to_list() == ["WARN", "INFO"]


def test_csv_with_and_without_a_header() -> None:
    """A first line of names is a header and no entry; without one columns are numbered; types come from the sample."""
    log = b"when,level,n\n2024-01-01,warn,1\n2024-01-02,info,2\n"
    frame = lq.scan(log, "csv").collect()
    assert frame.select("line", "level", "n").rows() == [(2, "WARN", 1), (3, "INFO", 2)]
    frame = lq.scan(b"1,x,2.5\n2,y,3.5\n", "csv").collect()
    assert frame.select("line", "column_1", "column_2", "column_3").rows() == [(1, 1, "x", 2.5), (2, 2, "y", 3.5)]


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("1,2", "2 values for 3 columns"),
        ("1,2,3,4", "4 values for 3 columns"),
        ("", "1 values for 3 columns"),
        ('"a,b",c', "2 values for 3 columns"),
        ('a,"b,c', "a quote is not closed"),
        ('"a"x,b,c', "a quote is not closed"),
    ],
)
def test_ragged_csv_rows_are_kept(line: str, error: str) -> None:
    """Their fields are null and `parse_error` says why; the rows around them read as ever."""
    log = f"a,b,c\n1,2,3\n{line}\n4,5,6\n".encode()
    frame = lq.scan(log, "csv").collect()
    assert frame["parse_error"].to_list() == [None, error, None]
    assert frame["c"].to_list() == [3, None, 6]
    assert frame["raw"][1] == line


def test_very_wide_csv_is_read() -> None:
    """As many columns as a line has, quoted ones too."""
    row = ",".join(f'"{n}"' for n in range(400))
    frame = lq.scan(f"{row}\n{row}\n".encode(), "csv").collect()
    assert frame["column_400"].to_list() == [399, 399]
    assert frame["parse_error"].null_count() == 2


@pytest.mark.parametrize("odd", ['x,5" disk,y', 'x,"a\r",y', "x,\ufeff,y", 'x,"b ""c""",y'])
def test_one_odd_row_changes_no_other(odd: str) -> None:
    """A quote within a value, a carriage return, a byte order mark: each row reads as it would alone."""
    plain = '1,"a, ""b""",'
    frame = lq.scan(f"a,b,c\n{plain}\n{odd}\n{plain}\n".encode(), "csv").collect().select("a", "b", "c", "parse_error")
    alone = lq.scan(f"a,b,c\n{odd}\n".encode(), "csv").collect().select("a", "b", "c", "parse_error")
    assert frame.rows()[::2] == [("1", 'a, "b"', "", None)] * 2
    assert frame.row(1) == alone.row(0)


CELL = st.text(st.sampled_from('ab1",; \t\r'), max_size=4)


@given(
    st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=5),
    st.sampled_from([("csv", ","), ("tsv", "\t")]),
)
def test_csv_reads_what_pythons_writer_wrote(table: list[list[str]], kind: tuple[str, str]) -> None:
    """Quoted separators and doubled quotes come back as they were put in."""
    form, separator = kind
    lines: list[str] = []
    for row in table:
        quoted = ['"' + c.replace('"', '""') + '"' if '"' in c or separator in c or "\r" in c else c for c in row]
        assert next(csv.reader([separator.join(quoted)], delimiter=separator)) == row or "\r" in "".join(row)
        lines.append(separator.join(quoted))
    log = separator.join(["x", "y", "z"]) + "\n" + "\n".join(lines) + "\n"
    frame = lq.scan(log.encode(), form).select("x", "y", "z", "parse_error").collect()
    texts = [tuple(row) for row in table]
    for name, column in zip("xyz", zip(*texts, strict=True), strict=True):
        if frame.schema[name] == pl.String:
            assert frame[name].to_list() == list(column)
    assert frame["parse_error"].null_count() == len(table)


@given(
    st.lists(
        st.lists(st.text(st.sampled_from('ab",\n\x1e'), max_size=4), min_size=2, max_size=2), min_size=1, max_size=5
    )
)
def test_quoted_values_go_on_over_lines(table: list[list[str]]) -> None:
    """In a format whose entries have a start, line ends in quotes are part of the value, whatever else it holds."""
    text = {"x": pl.String(), "y": pl.String()}
    form = replace(lq.Format.csv("own", columns=["n", "x", "y"], header=False, schema=text), start=r"^[0-9]+,")
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows([n, *row] for n, row in enumerate(table))
    frame = lq.scan(buffer.getvalue().encode(), form).select("x", "y", "parse_error").collect()
    assert frame.rows() == [(*row, None) for row in table]


def test_a_column_alone_is_decoded_alone() -> None:
    """Any single column equals its part of the whole, quotes or not."""
    log = b'a,b,c\n1,"x,y",2\n3,z,4\n5,"q"\n'
    whole = lq.scan(log, "csv").collect()
    for name in ("a", "b", "c", "parse_error"):
        assert lq.scan(log, "csv").select(name).collect()[name].to_list() == whole[name].to_list()


@pytest.mark.parametrize("block", [1, 40, 1 << 20])
def test_lists_of_this_and_that_are_the_same_in_any_block(block: int) -> None:
    """A list of numbers and objects is one of texts, whether or not a line beside it is no JSON."""
    data = b'x\nx\n{"a":{"b":[1,{}]}}\n{"a":{"b":[1.5,true,{"c":[2]}]}}\n{"a":{"b":3}}\n'
    found = lq.scan(data, "json", block_size=block).collect()
    assert found["a.b"].to_list() == [None, None, "[1,{}]", '[1.5,true,{"c":[2]}]', "3"]
    found = lq.scan(data.replace(b'{"a":{"b":3}}\n', b""), "json", block_size=block).collect()
    assert found["a.b"].to_list() == [None, None, ["1", "{}"], ["1.5", "true", '{"c": [2]}']]
    assert found["parse_error"].to_list() == ["not a JSON object", "not a JSON object", None, None]


def test_lists_in_objects_of_several_lines_are_read() -> None:
    """Also where a line beside them is damaged."""
    data = b'{"a":["x",\n  "y"]}\nz\n{"a":["x"]}\n'
    found = lq.scan(data, "json", multiline=r"^[{z]").collect()
    assert found["a"].to_list() == [["x", "y"], None, ["x"]]
