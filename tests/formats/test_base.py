"""A format that contradicts itself is refused when it is made."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from logq.errors import FormatError, PatternError
from logq.formats import FORMATS, Format
from logq.formats.base import check_pattern, group_names, keep_groups


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"name": "Big", "kind": "json"}, "lower-case"),
        ({"name": "1st", "kind": "json"}, "lower-case"),
        ({"name": "a-b", "kind": "json"}, "lower-case"),
        ({"name": "none"}, "patterns belong to kind 'regex'"),
        ({"name": "both", "kind": "json", "patterns": ("x",)}, "patterns belong to kind 'regex'"),
        ({"name": "raw", "patterns": ("(?P<raw>x)(?P<line>y)",)}, r"groups \['line', 'raw'\] collide"),
        ({"name": "open", "patterns": ("(?P<a>x",)}, "open"),
        ({"name": "start", "patterns": ("x",), "start": "("}, "start"),
        ({"name": "ahead", "patterns": ("x",), "start": "(?=x)"}, "look-ahead"),
        ({"name": 5}, "name=5 is no text"),
        ({"name": "wrap", "kind": "json", "wraps": True}, "wraps=True is no text"),
        ({"name": "one", "patterns": "(?P<a>x)"}, r"patterns='.*' is no tuple of texts"),
        ({"name": "nothing", "patterns": None}, "patterns=None is no tuple of texts"),
        ({"name": "number", "patterns": (5,)}, r"patterns=\(5,\) is no tuple of texts"),
    ],
)
def test_nonsense_is_refused_at_birth(arguments: dict[str, Any], reason: str) -> None:
    """The error names the format and what is wrong with it."""
    with pytest.raises(FormatError, match=reason):
        Format(title="", **arguments)


@pytest.mark.parametrize(
    ("pattern", "construct"),
    [
        ("a(?=b)", "look-ahead"),
        ("a(?!b)", "negative look-ahead"),
        ("(?<=a)b", "look-behind"),
        ("(?<!a)b", "negative look-behind"),
        ("(?>a)b", "atomic group"),
        (r"(a)\1", "back-reference"),
        (r"(?P<q>a)(?P=q)", "named back-reference"),
        (r"(?<q>a)\k<q>", "named back-reference"),
        ("a(", "unclosed group"),
    ],
)
def test_what_a_linear_engine_cannot_run_is_named(pattern: str, construct: str) -> None:
    """The construct stands in the message, so does the place the caller gave."""
    with pytest.raises(PatternError, match=rf"(?s)here: .*{construct}"):
        check_pattern(pattern, where="here")


def test_a_pattern_is_a_text() -> None:
    """What is none is refused by name."""
    with pytest.raises(PatternError, match="here: 5 is no pattern"):
        check_pattern(5, where="here")  # type: ignore[arg-type]


@pytest.mark.parametrize("pattern", [r"\(\?=", r"a\\(b)", r"\\\\1", "(?P<a>x)|(?<b>y)", "(?s:.)", "(?i)a"])
def test_what_only_looks_like_it_is_accepted(pattern: str) -> None:
    """Escaped parentheses and backslashes are text."""
    check_pattern(pattern, where="here")


def test_groups_are_told_from_escaped_parentheses() -> None:
    r"""`\(?P<a>` opens no group, `\\(?P<a>` does; a group left out still matches."""
    assert group_names(r"\(?P<a>x") == ()
    assert group_names(r"\\(?P<a>x)") == ("a",)
    assert keep_groups(r"\\(?P<a>x)(?<b>y)", frozenset("b")) == r"\\(?:x)(?<b>y)"


def test_fields_are_the_columns_of_its_own() -> None:
    """Captured, then derived, then (closed JSON or CSV) named; canonical columns are not among them."""
    form = Format(
        name="f",
        title="",
        patterns=("(?P<level>a)(?P<x>b)", "(?P<y>c)(?P<x>d)"),
        dtypes={"y": pl.Int64()},
        derived={"z": pl.col("x"), "severity": pl.lit(1)},
    )
    assert form.groups == ("level", "x", "y")
    assert form.fields == {"x": pl.String(), "y": pl.Int64(), "z": pl.String()}
    assert not form.open
    closed = Format(name="g", title="", kind="json", fixed=True, dtypes={"n": pl.Int64(), "message": pl.String()})
    assert closed.fields == {"n": pl.Int64()}
    assert not closed.open
    assert FORMATS["json"].open
    assert FORMATS["json"].fields == {}


def test_a_format_has_its_own_words_over_the_common_ones() -> None:
    """Its table holds both."""
    table = FORMATS["python_logging"].severity_table
    assert (table["critical"], table["info"]) == (21, 9)
    assert FORMATS["logfmt"].severity_table["critical"] == 18
