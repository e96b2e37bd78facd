"""Methods that order rows or choose by place: sort, head, tail, unique."""

from __future__ import annotations

import math

import polars as pl
import pytest

import logq as lq
from logq import LogFrame
from logq.errors import BuildError

NUMBERS = b'{"n":2,"u":"a"}\n{"n":null,"u":"b"}\n{"n":1,"u":"a"}\n{"n":2,"u":"c"}'


def plain(*lines: str) -> LogFrame:
    """A scan of these lines as plain text."""
    return lq.scan("\n".join(lines).encode(), "plain")


def lines(frame: LogFrame) -> list[int]:
    """Line numbers of the rows, in order."""
    return frame.select("line").collect()["line"].to_list()


# --- sort


@pytest.mark.parametrize(
    ("by", "descending", "expected"),
    [
        (["n"], False, [3, 1, 4, 2]),
        (["n"], True, [1, 4, 3, 2]),
        (["u"], True, [4, 2, 1, 3]),
        (["u", "n"], False, [3, 1, 2, 4]),
        (["u", "n"], [False, True], [1, 3, 2, 4]),
        ([pl.col("n") * -1], False, [1, 4, 3, 2]),
        ([["n", "u"]], [True, True], [4, 1, 3, 2]),
    ],
)
def test_sort_is_stable_and_puts_nulls_last(
    by: list[pl.Expr | str], descending: bool | list[bool], expected: list[int]
) -> None:
    """Equal keys keep their order, in either direction; a null comes last in either direction."""
    assert lines(lq.scan(NUMBERS, "json").sort(*by, descending=descending)) == expected


@pytest.mark.parametrize(
    ("by", "descending", "counts"),
    [([], False, "0 and 0"), ("n", [True, False], "1 and 2"), (["n", "u"], [True], "2 and 1")],
)
def test_sort_needs_a_direction_for_each_key(by: list[str], descending: bool | list[bool], counts: str) -> None:
    """No key, or another number of directions than of keys, is refused at once."""
    with pytest.raises(BuildError, match=f"sort takes .*not {counts}"):
        lq.scan(NUMBERS).sort(by, descending=descending)


# --- head and tail


@pytest.mark.parametrize(
    ("n", "first", "last"),
    [(0, [], []), (1, [1], [3]), (2, [1, 2], [2, 3]), (3, [1, 2, 3], [1, 2, 3]), (99, [1, 2, 3], [1, 2, 3])],
)
def test_head_and_tail(n: int, first: list[int], last: list[int]) -> None:
    """The first and the last n rows in order; all of them if there are fewer; none for 0, with the columns still there."""
    frame = plain("a", "b", "c")
    assert lines(frame.head(n)) == first
    assert lines(frame.tail(n)) == last
    assert frame.head(n).collect().columns == frame.tail(n).collect().columns == list(frame.schema)


def test_five_is_the_number_if_none_is_given() -> None:
    """`head()` and `tail()` take five rows."""
    frame = plain(*"abcdefgh")
    assert lines(frame.head()) == [1, 2, 3, 4, 5]
    assert lines(frame.tail()) == [4, 5, 6, 7, 8]


@pytest.mark.parametrize("method", ["head", "tail"])
@pytest.mark.parametrize("n", [-1, 1.5, "3", math.inf, None])
def test_a_number_of_rows_that_is_none_is_refused(method: str, n: int) -> None:
    """At once, with the method and the number."""
    with pytest.raises(BuildError, match=rf"{method}\({n!r}\): a number of rows"):
        getattr(plain("a"), method)(n)


# --- unique


@pytest.mark.parametrize(
    ("subset", "keep", "expected"),
    [
        ("u", "first", [1, 2, 4]),
        ("u", "last", [2, 3, 4]),
        ("u", "none", [2, 4]),
        ("n", "first", [1, 2, 3]),
        (["n", "u"], "first", [1, 2, 3, 4]),
        (("u",), "first", [1, 2, 4]),
        (None, "first", [1, 2, 3, 4]),
        ("format", "first", [1]),
        ("format", "last", [4]),
        ("format", "none", []),
        ("host", "first", [1]),
    ],
)
def test_unique_keeps_one_row_a_value_in_order(subset: str | list[str] | None, keep: str, expected: list[int]) -> None:
    """The first, the last, or none that has a double; nulls are equal to each other; rows stay in order."""
    assert lines(lq.scan(NUMBERS, "json").unique(subset, keep=keep)) == expected  # type: ignore[arg-type]


def test_unique_over_all_columns_compares_those_that_are_left() -> None:
    """Rows that differed by `line` alone are doubles once it is gone."""
    frame = plain("a", "b", "a").select("raw")
    assert frame.unique().collect()["raw"].to_list() == ["a", "b"]
    assert frame.unique(keep="none").collect()["raw"].to_list() == ["b"]
    assert frame.unique(keep="any").collect().height == 2


@pytest.mark.parametrize(
    ("subset", "keep", "message"),
    [
        ("raw", "frist", "keep='frist'.*'first', 'last', 'none', 'any'"),
        ([], "first", "no columns"),
        ((), "any", "no columns"),
    ],
)
def test_a_unique_that_means_nothing_is_refused(subset: str | list[str], keep: str, message: str) -> None:
    """At once: over no columns, or keeping what no word says."""
    with pytest.raises(BuildError, match=message):
        plain("a").unique(subset, keep=keep)  # type: ignore[arg-type]
