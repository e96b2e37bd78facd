"""Which patterns need not be asked for some of the groups."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logq.formats import FORMATS, Format
from logq.formats.base import group_names
from logq.plan import Scan
from logq.read import FileRef, resolve_file
from logq.read.decode.covers import uncovered
from logq.read.decode.regex import capture

HEADS = ("(?P<a>[a-z]+)", "(?P<b>7?)", " ", ": *", "(?:<(?P<c>x*)>)?", " +", "(?P<d>[^ ]*)", "x?")
TAILS = ("(?P<m>(?s:.*))", "(?P<m>x(?P<e>.*))", "(?s:.*)", "(?P<e>[a-z]+)(?: (?s:.*))?", "", "(?P<a2>y) (?P<m>(?s:.*))")
PIECES = ("a", "b", "x", "y", " ", ":", "<", ">", "7", "\n")


@st.composite
def lists(draw: st.DrawFn) -> tuple[str, ...]:
    """Patterns that mostly begin alike."""
    heads = draw(
        st.lists(st.lists(st.sampled_from(HEADS), unique=True, max_size=4).map("".join), min_size=1, max_size=2)
    )
    row = draw(st.lists(st.tuples(st.sampled_from(heads), st.sampled_from(TAILS)), min_size=1, max_size=4))
    return tuple(f"^{head}{tail}$" for head, tail in row)


def first_match(
    texts: list[str], patterns: tuple[str, ...], names: frozenset[str]
) -> list[dict[str, str | None] | None]:
    """For each text the wanted groups of the first pattern that matches; None where none does."""
    found: list[dict[str, str | None] | None] = [None] * len(texts)
    for pattern in reversed(patterns):
        rows = pl.Series(texts).str.extract_groups(f"(?P<hit>){pattern}").struct.unnest().to_dicts()
        for at, row in enumerate(rows):
            if row["hit"] is not None:
                found[at] = {name: row.get(name) for name in names}
    return found


@given(
    lists(), st.lists(st.lists(st.sampled_from(PIECES), max_size=9).map("".join), min_size=1, max_size=20), st.data()
)
def test_patterns_left_out_would_have_said_the_same(
    patterns: tuple[str, ...], texts: list[str], data: st.DataObject
) -> None:
    """Whatever the patterns, the texts and the wanted groups."""
    every = dict.fromkeys(name for pattern in patterns for name in group_names(pattern))
    names = frozenset(name for name in every if data.draw(st.booleans()))
    assert first_match(texts, uncovered(patterns, names), names) == first_match(texts, patterns, names)


@pytest.mark.parametrize(
    ("patterns", "number"),
    [
        (("^(?P<t>[0-9]+): x$", "^(?P<t>[0-9]+): (?P<m>(?s:.*))$"), 1),
        (("^(?P<t>[0-9]+): x$", "^(?P<t>[0-9]+): (?P<m>.*)$"), 2),  # not any text: a line
        (("^(?P<t>[0-9]+): x$", "^(?P<t>[0-9]+): (?P<m>y(?s:.*))$"), 2),  # only what begins with y
        (("^(?P<t>[0-9]+): x$", "^(?P<t>[0-9]*): (?P<m>(?s:.*))$"), 2),  # begins in another way
        (("^(?P<t>[0-9]+)x$", "^(?P<t>[0-9]+)(?P<m>(?s:.*))$"), 2),  # a shorter one may match too
        (("^(?P<t>[0-9]+): x$", "^[0-9]+: (?P<t>(?s:.*))$"), 2),  # the group is the text
        (("^[0-9]+: (?P<t>x)$", "^[0-9]+: (?P<m>(?s:.*))$"), 2),  # a group behind the beginning
        (("^(?x)(?P<t>[0-9]+): x$", "^(?x)(?P<t>[0-9]+): (?P<m>(?s:.*))$"), 2),  # a flag not known here
        (("^(?x)[0-9]+: x$", "^[0-9]+: (?P<m>(?s:.*))$"), 2),  # the same
        (("^x|y$", "^x(?P<m>(?s:.*))$"), 2),  # alternatives on the top level
        (("^x: $", "^x: (?P<m>(?s:.*))$", "^(?P<t>y)$"), 2),  # none of it in those
    ],
)
def test_which_patterns_are_left_out(patterns: tuple[str, ...], number: int) -> None:
    """Where only the time is wanted."""
    assert len(uncovered(patterns, frozenset("t"))) == number


@pytest.mark.parametrize("form", [f for f in FORMATS.values() if f.kind == "regex"], ids=lambda f: f.name)
def test_a_group_is_the_same_alone_as_among_all(form: Format) -> None:
    """In every sample of every format, cut off anywhere too."""
    texts = [sample.text for sample in form.samples]
    file = resolve_file(FileRef("a", buffer="\n".join(texts).encode()), Scan(sources=("a",), formats=(form.name,)))
    raw = pl.Series([text[:end] for text in texts for end in range(0, len(text) + 1, 5)] + texts)
    every, error = capture(raw, file, frozenset(form.groups), explain=True)
    for name in form.groups:
        found, why = capture(raw, file, frozenset([name]), explain=True)
        assert found[name].equals(every[name], null_equal=True)
        assert error is not None
        assert why is not None
        assert why.equals(error)
