"""JSON of any shape: what no sample showed, values of other types, objects in objects, text ahead of the object."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import logq as lq
from logq.errors import BuildError
from logq.formats import get
from logq.read.decode.extra import MOST, extra
from logq.read.shapes import json_fields
from tests.reference.members import members

VALUES: dict[str, st.SearchStrategy[Any]] = {
    "n": st.integers(-9, 9),
    "f": st.sampled_from([0.5, -2.25]),
    "s": st.sampled_from(["", "x", 'q"z', "ü\n", "}:{"]),
    "b": st.booleans(),
    "l": st.lists(st.integers(0, 3), max_size=2),
}
INNER = st.fixed_dictionaries({}, optional=VALUES)
OBJECTS = st.lists(st.fixed_dictionaries({}, optional={**VALUES, "o": INNER, "p": INNER}), min_size=1, max_size=6)
LATE = b"".join(b'{"a":%d}\n' % i for i in range(9000))


@settings(max_examples=40)
@given(OBJECTS, OBJECTS)
def test_columns_and_rest_hold_every_member(sample: list[dict[str, Any]], rows: list[dict[str, Any]]) -> None:
    """Whatever a sample showed: what is in no column is in the rest, with its value."""
    keys, types = json_fields([pl.Series([json.dumps(o) for o in sample])], get("json"), nested=False)
    found = extra(pl.Series([json.dumps(o, ensure_ascii=False) for o in rows]), keys, types, fits=True)
    # The type of an object of which only empty ones were seen holds nothing.
    known = {path for name, path in keys.items() if types[name] != pl.Struct}
    for row, rest in zip(rows, found, strict=True):
        left = {".".join(p): v for p, v in members(row).items() if not any(p[:n] in known for n in range(1, 4))}
        told = {name: value for name, value in json.loads(rest or "{}").items() if value != {}}
        assert told == left


@pytest.mark.parametrize("block", [None, 4000])
def test_what_comes_late_is_in_the_rest(block: int | None) -> None:
    """New members, nested ones, values of other types: none is lost, and rows that fit pay with a null."""
    text = LATE + b'{"a":"late","b":1}\n{"a":1,"n":{"k":"q","l":[1]}}\nbad\n'
    rows = lq.scan(text, block_size=block).collect()
    assert rows["extra"].to_list()[-3:] == ['{"b":1,"a":"late"}', '{"n.k":"q","n.l":[1]}', None]
    assert rows["extra"].null_count() == rows.height - 2
    assert rows["parse_error"].to_list()[-3:] == ["a: not Int64", None, "not a JSON object"]
    assert lq.scan(text).select("b").collect()["b"].to_list()[-3:] == ["1", None, None]


def test_objects_in_lists_that_gained_members_come_whole() -> None:
    """A list of objects is one column; with members that its type lacks it stands in the rest."""
    late = b'{"l":[{"z":1}]}\n' * 5000 + b'{"l":[{"z":1,"y":2}]}\n'
    assert lq.scan(late).select("extra").collect()["extra"].to_list()[-2:] == [None, '{"l":[{"z":1,"y":2}]}']


def test_names_of_members_may_be_in_any_script() -> None:
    """In the rest, and in a block that has to be read field by field."""
    late = LATE + '{"ü":{"ö":"é"}}\n'.encode()
    assert lq.scan(late).select("extra").tail(1).collect().item() == '{"ü.ö":"é"}'
    odd = LATE.replace(b'"a"', '"ü"'.encode()) + '{"ü":"x"}\nno\n'.encode()
    assert lq.scan(odd).collect()["ü"].to_list()[8998:] == [8998, 8999, None, None]


def test_many_members_come_as_the_object() -> None:
    """Where keys are data, as identifiers are, no column is made for each."""
    wide = json.dumps({f"k{i}": i for i in range(MOST + 1)}).encode()
    assert json.loads(lq.scan(LATE + wide).select("extra").tail(1).collect().item()) == json.loads(wide)


def test_members_that_do_not_agree_come_as_text() -> None:
    """In the rest as in columns; a member without a name is there too, and one called `extra` keeps its name."""
    late = LATE + b'{"b":1}\n{"b":"x"}\n{"b":{"c":[2]}}\n{"b":true,"":7}\n'
    rows = lq.scan(late).select("extra").tail(4).collect()["extra"].to_list()
    assert [json.loads(row)["b"] for row in rows] == ["1", "x", '{"c":[2]}', "true"]
    named = lq.scan(b'{"":1,"a.b":2,"a":{"b":3},"extra":4}').collect()
    assert named.select("a.b", "a.b_", "extra", "fields.extra").rows() == [(2, 3, 4, '{"":1}')]


def test_a_whole_file_may_tell_its_fields() -> None:
    """Types are wide enough for every row, and there is no rest."""
    text = LATE + b'{"a":2.5,"b":1}\n{"b":2,"n":{"k":[true]}}\n'
    rows = lq.scan(text, infer="file").collect()
    assert rows.select("a", "b", "n.k").tail(2).rows() == [(2.5, 1, None), (None, 2, [True])]
    assert rows["extra"].null_count() == rows["parse_error"].null_count() == rows.height
    mixed = lq.scan(text + b'{"a":"late"}\n{"a":{"c":1}}\n', infer="file").collect()
    assert mixed["a"].to_list()[-4:] == ["2.5", None, "late", '{"c":1}']
    assert mixed["parse_error"].null_count() == mixed.height


def test_nested_objects_may_stay_whole() -> None:
    """Structs, with a column besides for what is time, level or message in them."""
    text = b'{"h":{"a":1,"b":{"c":"x"}},"log":{"level":"warn"},"e":{}}\n{"h":{"a":2.5}}\n{"h":{"a":3}}\n'
    rows = lq.scan(text, nested="struct").collect()
    assert rows["h"].to_list() == [{"a": a, "b": b} for a, b in ((1.0, {"c": "x"}), (2.5, None), (3.0, None))]
    assert rows["level"].to_list() == ["WARN", None, None]
    assert {"h", "log", "log.level"} < {*rows.columns}
    other = lq.scan(b'{"h":{"a":1}}\n{"h":{"a":"x"}}\n{"h":2}\n', nested="struct").collect()
    assert other["h"].to_list() == ['{"a":1}', '{"a":"x"}', "2"]


@pytest.mark.parametrize("bad", [b"", b"no\n", b'{"a":"x"}\n'])
def test_of_two_members_of_one_name_the_first_counts(bad: bytes) -> None:
    """However the block is read."""
    rows = lq.scan(b'{"a":1,"a":2,"b":"x","b":"y"}\n' * 2 + bad).collect()
    assert rows.select(pl.col("a").cast(pl.String), "b").head(2).rows() == [("1", "x")] * 2


@pytest.mark.parametrize("form", ["auto", "json"])
def test_text_may_stand_ahead_of_the_object(form: str) -> None:
    """It stays in `raw`; lines without an object are kept."""
    rows = lq.scan(b'pod-1 said {"msg":"hi","n":1}\nfoo {"msg":"ho","n":2}\nup\n', form).collect()
    assert rows.select("message", "n", "parse_error").rows() == [
        ("hi", 1, None),
        ("ho", 2, None),
        (None, None, "not a JSON object"),
    ]
    assert rows["raw"][0] == 'pod-1 said {"msg":"hi","n":1}'


@pytest.mark.parametrize("option", ["nested", "infer"])
def test_other_words_are_refused(option: str) -> None:
    """By name."""
    with pytest.raises(BuildError, match=rf"scan\({option}='all'\): it is "):
        lq.scan(b"{}", **{option: "all"})  # type: ignore[arg-type]
