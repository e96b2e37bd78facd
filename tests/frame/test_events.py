"""The arguments of `context`; what it keeps is held by tests/test_context*.py."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

import logq as lq
from logq import LogFrame
from logq.errors import BuildError, ColumnNotFoundError

LOG = b"\n".join(
    b'{"ts":"2024-01-01T00:00:%02dZ","msg":"%s","t":"%s"}' % (second, word, thread)
    for second, word, thread in [
        (0, b"a", b"x"),
        (1, b"b", b"y"),
        (5, b"hit", b"x"),
        (6, b"c", b"y"),
        (60 - 1, b"d", b"x"),
    ]
)


def found(**options: Any) -> list[str]:
    """Messages around the one match."""
    return lq.scan(LOG, "json").grep("hit").context(**options).collect()["message"].to_list()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"n": 0}, ["hit"]),
        ({"n": 1}, ["b", "hit", "c"]),
        ({"n": 99}, ["a", "b", "hit", "c", "d"]),
        ({"before": 1}, ["b", "hit"]),
        ({"after": 2}, ["hit", "c", "d"]),
        ({"n": 2, "before": 0}, ["hit", "c", "d"]),
        ({"n": 2, "after": 0}, ["a", "b", "hit"]),
        ({"before": 0, "after": 0}, ["hit"]),
        ({"n": 1, "by": "t"}, ["a", "hit", "d"]),
        ({"n": 1, "by": ["t"]}, ["a", "hit", "d"]),
        ({"n": 1, "by": ("t", "format")}, ["a", "hit", "d"]),
        ({"span": "1s"}, ["hit", "c"]),
        ({"span": 4}, ["b", "hit", "c"]),
        ({"span": 3.999}, ["hit", "c"]),
        ({"span": dt.timedelta(seconds=5)}, ["a", "b", "hit", "c"]),
        ({"span": "0s"}, ["hit"]),
        ({"span": "1m", "by": "t"}, ["a", "hit", "d"]),
    ],
)
def test_sizes_sides_keys_and_spans(options: dict[str, Any], expected: list[str]) -> None:
    """A number for both sides or each, by values of columns, or by time, ends included."""
    assert found(**options) == expected


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, r"context needs a number of entries, as in context\(3\), or span="),
        ({"n": -1}, r"context\(-1, -1.*not negative"),
        ({"before": -2}, r"context\(-2, 0.*not negative"),
        ({"after": -2}, "not negative"),
        ({"span": -1}, "not negative"),
        ({"n": 1, "span": "1s"}, "not both"),
        ({"after": 1, "span": "1s"}, "not both"),
        ({"span": "soon"}, "'soon' is no duration"),
        ({"span": float("nan")}, "nan is no duration"),
        ({"by": "t"}, "context needs a number"),
    ],
)
def test_sizes_that_mean_nothing_are_refused(options: dict[str, Any], message: str) -> None:
    """At once, with what was given."""
    with pytest.raises(BuildError, match=message):
        lq.scan(LOG).grep("hit").context(**options)


@pytest.mark.parametrize("later", [False, True], ids=["while reading", "on the stream"])
def test_a_key_that_is_not_there_is_named(later: bool) -> None:
    """Wherever the context runs, the nearest columns are told."""
    frame: LogFrame = lq.scan(b"a\nb", "plain")
    chain = (frame.sort("line") if later else frame).context(1, by="lines")
    with pytest.raises(ColumnNotFoundError, match="no column 'lines'; did you mean 'line'"):
        chain.collect()


@pytest.mark.parametrize("later", [False, True], ids=["while reading", "on the stream"])
def test_a_span_goes_by_the_timestamp(later: bool) -> None:
    """Where it was dropped on the way, the context cannot go by it."""
    frame = lq.scan(LOG, "json").drop("timestamp")
    chain = (frame.sort("line") if later else frame).context(span="1s")
    with pytest.raises(ColumnNotFoundError, match="no column 'timestamp'"):
        chain.collect()


def test_no_match_has_no_surroundings() -> None:
    """An empty result still has the context's columns."""
    rows = lq.scan(LOG, "json").grep("never").context(3).collect()
    assert rows.height == 0
    assert rows.columns[-3:] == ["is_match", "context_group", "context_distance"]
