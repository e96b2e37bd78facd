"""Methods that shape columns: select, with_columns, extract, drop, rename."""

from __future__ import annotations

import polars as pl
import pytest
from polars import selectors as cs

import logq as lq
from logq import LogFrame
from logq.errors import BuildError, PatternError
from logq.plan.expressions import IntoExpression
from logq.schema import CANONICAL


def plain(*lines: str) -> LogFrame:
    """A scan of these lines as plain text."""
    return lq.scan("".join(f"{line}\n" for line in lines).encode(), "plain")


# --- select and with_columns


@pytest.mark.parametrize(
    ("exprs", "expected"),
    [
        (["line", "raw"], {"line": [1, 2], "raw": ["a", "bb"]}),
        (["raw", "line"], {"raw": ["a", "bb"], "line": [1, 2]}),
        ([["raw", "line"]], {"raw": ["a", "bb"], "line": [1, 2]}),
        ([pl.col("raw").str.to_uppercase()], {"raw": ["A", "BB"]}),
        ([pl.col("line") + 1, pl.lit(7).alias("seven")], {"line": [2, 3], "seven": [7, 7]}),
        ([cs.integer() - cs.by_name("severity")], {"line": [1, 2]}),
        ([pl.len()], {"len": [2]}),
        ([pl.col("raw").first()], {"raw": ["a"]}),
    ],
)
def test_select_keeps_exactly_these_in_this_order(
    exprs: list[IntoExpression | list[IntoExpression]], expected: dict[str, list[object]]
) -> None:
    """Names, expressions, lists and selectors; what looks at all rows gives what it gives in Polars."""
    found = plain("a", "bb").select(*exprs).collect()
    assert found.columns == list(expected)
    assert found.to_dict(as_series=False) == expected


def test_a_keyword_names_its_column() -> None:
    """`select(n=…)` and `with_columns(n=…)` take names, expressions and values."""
    found = plain("a", "bb").select(text="raw", n=pl.col("raw").str.len_chars(), one=1)  # type: ignore[arg-type]
    assert found.collect().rows() == [("a", 1, 1), ("bb", 2, 1)]
    added = plain("a", "bb").with_columns(text="raw", n=pl.col("raw").str.len_chars()).collect()
    assert added.select("text", "n").rows() == [("a", 1), ("bb", 2)]
    assert added.columns == [*CANONICAL, "text", "n"]


def test_with_columns_replaces_in_place() -> None:
    """A column of the same name keeps its position; the others are untouched."""
    found = plain("a").with_columns(raw=pl.lit("new"), line=pl.col("line") * 10).collect()
    assert found.columns == list(CANONICAL)
    assert found.select("raw", "line", "message").rows() == [("new", 10, "a")]


def test_columns_made_at_once_see_the_old_ones() -> None:
    """Within one call, expressions read the frame as it was; the next call reads what this one made."""
    found = plain("a").with_columns(line=pl.col("line") + 1, old=pl.col("line")).with_columns(new=pl.col("line"))
    assert found.select("line", "old", "new").collect().rows() == [(2, 1, 2)]


@pytest.mark.parametrize("method", ["select", "with_columns"])
def test_two_columns_of_one_name_are_refused(method: str) -> None:
    """The name is told before anything is read."""
    frame = getattr(plain("a"), method)(pl.col("raw").alias("twin"), pl.col("line").alias("twin"))
    with pytest.raises(BuildError, match="'twin'"):
        _ = frame.schema


@pytest.mark.parametrize("method", ["select", "with_columns"])
def test_a_python_function_is_refused(method: str) -> None:
    """A plan is data; the message names the way out."""
    with pytest.raises(BuildError, match=r"use \.lazy\(\)"):
        getattr(plain("a"), method)(pl.col("raw").map_elements(len, return_dtype=pl.Int64))


def test_wildcards_see_no_hidden_columns() -> None:
    """After a context, which goes by hidden row names, `pl.all()` gives the columns a user knows."""
    frame = plain("a", "x", "b").grep("x").context(1).sort("line").context(0)
    assert frame.select(pl.all()).collect().columns == list(frame.schema)
    assert not any(name.startswith("__logq") for name in frame.collect().columns)


def test_no_column_at_all() -> None:
    """`select()` gives an empty frame, `with_columns()` the frame as it is."""
    assert plain("a").select().collect().shape == (0, 0)
    assert plain("a").with_columns().collect().equals(plain("a").collect())


# --- extract


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"took (?P<ms>\d+) ms", {"ms": ["12", None, None]}),
        (r"(?P<what>\w+) (?P<ms>\d+)?", {"what": ["took", "idle", None], "ms": ["12", None, None]}),
        (r"(?<ms>\d+)", {"ms": ["12", None, None]}),
        (r"(took) (?P<ms>\d+)", {"ms": ["12", None, None]}),
        (r"(?P<all>.*)", {"all": ["took 12 ms", "idle for long", ""]}),
        (r"(?i)(?P<word>TOOK)", {"word": ["took", None, None]}),
        (r"(?P<none>never)", {"none": [None, None, None]}),
        (r"(?P<outer>t(?P<inner>oo)k)", {"outer": ["took", None, None], "inner": ["oo", None, None]}),
    ],
)
def test_extract_adds_each_named_group(pattern: str, expected: dict[str, list[str | None]]) -> None:
    """As String columns at the end; null where the pattern or the group does not match."""
    frame = plain("took 12 ms", "idle for long", "").extract(pattern)
    found = frame.collect()
    assert found.columns == [*CANONICAL, *expected]
    assert found.select(*expected).to_dict(as_series=False) == expected
    assert set(found.select(*expected).dtypes) == {pl.String()}


def test_extract_searches_the_column_it_is_told() -> None:
    """`message` unless `column=` says another; one made on the way will do; a null gives nulls."""
    frame = lq.scan(b'{"msg":"m7","u":"u1"}\n{"msg":"m8","u":null}', "json")
    assert frame.extract(r"(?P<d>\d)").collect()["d"].to_list() == ["7", "8"]
    assert frame.extract(r"(?P<d>\d)", column="u").collect()["d"].to_list() == ["1", None]
    made = frame.with_columns(twice=pl.col("u") + pl.col("u")).extract(r"(?P<d>\d)u", column="twice")
    assert made.collect()["d"].to_list() == ["1", None]


def test_an_extracted_column_can_be_filtered_and_replaces_another() -> None:
    """A group called like a column takes its place."""
    frame = plain("a=1", "b=2").extract(r"(?P<raw>\w)=(?P<v>\d)").filter(pl.col("v") == "2")
    assert frame.select("raw", "v", "line").collect().rows() == [("b", "2", 2)]


@pytest.mark.parametrize(
    ("pattern", "error", "message"),
    [
        ("(x)", BuildError, r"extract needs named groups, such as .*, in '\(x\)'"),
        ("", BuildError, "extract needs named groups"),
        ("(?=x)(?P<a>y)", PatternError, "look-ahead"),
        (r"(?P<a>y+)\1", PatternError, "back-reference"),
        ("(?P<a>y", PatternError, "(?s)extract: .*unclosed group"),
    ],
)
def test_a_pattern_that_extracts_nothing_is_refused(pattern: str, error: type[Exception], message: str) -> None:
    """At once, with the reason."""
    with pytest.raises(error, match=message):
        plain("a").extract(pattern)


# --- drop and rename


def test_drop_leaves_columns_out() -> None:
    """One, several, or none; the others keep their order."""
    frame = plain("a")
    assert list(frame.drop("raw", "host").schema) == [c for c in CANONICAL if c not in {"raw", "host"}]
    assert frame.drop().collect().equals(frame.collect())
    assert frame.drop(*CANONICAL).schema == pl.Schema()


def test_a_dropped_column_is_gone() -> None:
    """What comes after cannot read it, though the file has it."""
    with pytest.raises(lq.errors.ColumnNotFoundError, match="no column 'raw'"):
        plain("a").drop("raw").filter(pl.col("raw") == "a").collect()


def test_rename_keeps_place_and_values() -> None:
    """Old to new, several at once, also in a circle."""
    found = plain("a").rename({"raw": "message", "message": "raw", "line": "number"}).collect()
    assert found.columns == [{"raw": "message", "message": "raw", "line": "number"}.get(c, c) for c in CANONICAL]
    assert found["number"].to_list() == [1]
    assert plain("a").rename({}).collect().equals(plain("a").collect())


def test_a_new_name_that_is_taken_is_refused() -> None:
    """With the name, before anything is read."""
    with pytest.raises(BuildError, match="'line'"):
        _ = plain("a").rename({"raw": "line"}).schema


def test_a_later_change_of_the_mapping_changes_no_frame() -> None:
    """The frame holds what it was given then."""
    mapping = {"raw": "text"}
    frame = plain("a").rename(mapping)
    mapping["line"] = "number"
    assert "line" in frame.schema
