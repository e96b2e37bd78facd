from __future__ import annotations

import re
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import logq as lq
from logq.formats.base import group_names
from logq.read.decode import runs as module
from logq.read.decode.ends import closing
from logq.read.decode.heads import begins_at
from logq.read.decode.nulls import telling
from logq.read.decode.pieces import HIT, Word
from logq.read.decode.regex import _searched
from logq.read.decode.runs import runs
from logq.read.decode.tails import ending

if TYPE_CHECKING:
    from collections.abc import Iterator

BODIES = (
    "[^ ]+", "[^:]*", r"(?:[^ \\]|\\.)*", "[0-9]+|-", "[a-z]{1,2}", ".*", "(?s:.*)", "(?s:.*?)", r"(?:a|b ?)+", r"a?b?", r"x|xy", "",
)  # fmt: skip
BETWEEN = (" ", ":", " +", ":? ", "(?: |:)", "(?:-x)? ", "$", "")
ENDS = (
    "$",
    "(?s:.*)$",
    "(?P<z>(?s:.*))$",
    "(?P<z>[a-z](?P<y>[0-9]?)(?s:.*))$",
    "(?P<z>a(?: (?s:.*))?)$",
    "(?P<z>a(?P<y>b?)(?P<x>(?s:.*)))$",
    "(?:: (?s:.*))?$",
)
MIDDLES = (
    "(?P<z>.*)",
    "(?P<z>(?s:.*))",
    r"(?P<z>[^\n]+)",
    "(?:[^:]*)",
    "(?s:.)*",
    "(?P<z>[^a-z]*)",
    "(?P<z>(?:a|x )*)",
    "(?P<z>[ab :]{2,})",
    "(?P<z>x?.*?)",
    "(?P<z>a*)",
)
CLOSES = (
    " (?P<b>[a-z]+)",
    ":(?P<c>[^:]*)",
    r"-(?P<d>[ab]+):\s*",
    "(?:-x|-y)(?P<e>7?)",
    " ?(?P<f>[a-z]?)",
    ":?",
    ":(?:x|(?P<g>7)y)",
    " +",
    "-[a-z:]*(?: (?P<h>x)|-y)",
    "(?P<i>$)",
)
PIECES = ("a", "b", "x", "y", " ", ":", "-", "-x", "7", "\\", "\n", "é", "")
TEXTS = st.lists(st.lists(st.sampled_from(PIECES), max_size=12).map("".join), min_size=1, max_size=20)


@pytest.fixture(autouse=True, scope="module")
def _small() -> Iterator[None]:
    """Runs of few groups, so that short patterns have several."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MOST", 2)
        patch.setattr(module, "LEAST", 1)
        runs.cache_clear()
        yield
    runs.cache_clear()


@st.composite
def patterns(draw: st.DrawFn) -> str:
    """A row of groups with something between them, and an end of one kind or another."""
    row = ""
    for place in range(draw(st.integers(0, 5))):
        row += f"(?P<g{place}>{draw(st.sampled_from(BODIES))}){draw(st.sampled_from(BETWEEN))}"
    return f"^{row}{draw(st.sampled_from(ENDS))}"


@given(patterns(), TEXTS, st.data())
def test_runs_and_ends_say_what_the_whole_regex_says(pattern: str, texts: list[str], data: st.DataObject) -> None:
    """Whatever the pattern, the text and the wanted groups: the same hits and captures."""
    names = [n for n in group_names(pattern) if data.draw(st.booleans())]
    raw = pl.Series(texts)
    whole = raw.str.extract_groups(f"(?P<{HIT}>){pattern}").struct.unnest()
    found = _searched(raw, pattern, names, ())
    assert found[HIT].is_null().to_list() == whole[HIT].is_null().to_list()
    assert found.select(names).equals(whole.select(names))


@st.composite
def closings(draw: st.DrawFn) -> str:
    """Any text or much of it, and a few pieces behind it that often can match in one place only."""
    head = draw(st.sampled_from(("", "(?P<a>[a-z]?):", "[^ ]* ")))
    return f"^{head}{draw(st.sampled_from(MIDDLES))}{''.join(draw(st.lists(st.sampled_from(CLOSES), max_size=2, unique=True)))}$"


@given(closings(), TEXTS, st.data())
def test_what_is_found_from_the_end_is_what_the_whole_regex_says(
    pattern: str, texts: list[str], data: st.DataObject
) -> None:
    """Whatever is in the texts, and whichever groups are wanted: the same hits and captures."""
    names = [n for n in group_names(pattern) if data.draw(st.booleans())]
    raw = pl.Series([*texts, None])
    whole = raw.str.extract_groups(f"(?P<{HIT}>){pattern}").struct.unnest()
    found = _searched(raw, pattern, names, ())
    assert found[HIT].is_null().to_list() == whole[HIT].is_null().to_list()
    assert found.select(names).equals(whole.select(names))


@pytest.mark.parametrize(
    "pattern",
    [
        r"(?P<a>.*) (?P<b>\d+)$",  # begins anywhere
        r"^(?P<a>.*) (?P<b>\d+)",  # ends anywhere
        r"^(?x)(?P<a>.*) (?P<b>\d+)$",  # a flag not known here
        r"^(?P<a>.*) |(?P<b>\d+)$",  # alternatives on the top level
        r"^(?P<a>.*) (?P<a>\d+)$",  # a name stands twice
        r"^(?P<a>.*) \b(?P<b>\d+)$",  # looks at what stands beside it
        r"^(?P<a>.*) (?P<b>\d+|$)$",  # the same
        r"^(?P<a>.*\b) (?P<b>\d+)$",  # so does the text
        r"^(?P<a>(?P<c>.)*) (?P<b>\d+)$",  # a group in the text
        r"^(?P<a>.*) (?P<b>[0-9 ]+)$",  # may begin in several places
        r"^(?P<a>.*)(?P<b>x?)$",  # so may this
        r"^(?P<a>\d+) (?P<b>\d+)$",  # has one way from the beginning too
        "^(?P<a>.*)$",
        "^$",
    ],
)
def test_patterns_that_are_not_read_from_the_end(pattern: str) -> None:
    """They are searched from the beginning."""
    assert closing(pattern) is None


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (r"(?P<a>[^\n]*)", Word("a", without="\n")),
        ("(?P<a>.+)", Word("a", without="\n", filled=True)),
        ("(?P<a>(?s:.*))", Word("a")),
        ("(?:[^:]*)", Word("", without=":")),
        ("(?P<a>[^a-z]*)", Word("a", regex="[^a-z]*")),
        ("(?P<a>.{2,})", Word("a", regex=".{2,}")),
        ("(?P<a>(?:a| b)*)", Word("a", regex="(?:a| b)*")),
    ],
)
def test_any_text_but_a_few_characters_needs_no_regex(text: str, word: Word) -> None:
    """Other texts are told by one, whole."""
    found = closing(f"^{text} (?P<n>[0-9]+)$")
    assert found is not None
    assert (found.word, found.end) == (word, " (?P<n>[0-9]+)")


@given(st.one_of(patterns(), closings()), TEXTS)
def test_no_group_is_a_text_that_its_pattern_does_not_tell_of(pattern: str, texts: list[str]) -> None:
    """What is looked for in a column is all that can be there."""
    found = pl.Series(texts).str.extract_groups(pattern).struct.unnest()
    nulls = ("", "-", "x", "7 ", "é")
    told = telling(pattern, nulls)
    assert all((name, text) in told for name in group_names(pattern) for text in nulls if (found[name] == text).any())


def test_groups_that_may_say_that_there_is_no_value() -> None:
    """By any of their ways, whatever stands beside them; all groups of a pattern with something unknown."""
    nulls = ("", "-", "-1")
    assert telling(r"^(?P<a>[1-9])(?P<b>(?:x|-)1?)(?P<c>\b|(?P<d>[^-]))$", nulls) == (
        ("b", "-"),
        ("b", "-1"),
        ("c", ""),
    )
    assert telling(r"^(?P<a>-{2,}|1{0,2})(?P<b>x)?|(?P<b>-)$", nulls) == (("a", ""), ("b", "-"))
    assert len(telling(r"^(?x)(?P<a>x) (?P<b>y)$", nulls)) == 2 * len(nulls)


@given(patterns(), st.lists(st.sampled_from(PIECES), min_size=1, max_size=4).map("".join), st.integers(0, 3), TEXTS)
def test_a_group_begins_where_its_head_says(pattern: str, head: str, place: int, texts: list[str]) -> None:
    """Where that is told at all, no text that begins so has the group elsewhere, or a shorter one."""
    for group in group_names(pattern):
        if begins_at(pattern, group, head, place):
            for text in texts:
                match = re.match(pattern.replace("$", r"\Z"), head + text)
                if match is not None and match[group] is not None:
                    assert match.start(group) == place
                    assert match[group].startswith(head[place:])


@pytest.mark.parametrize(
    ("pattern", "number"),
    [
        (r"^(?P<a>\d+) (?P<b>\d+) (?P<c>\d+) (?P<d>\d+)$", 2),
        (r"^(?P<a>\d+) (?P<b>.*) (?P<c>\d+) (?P<d>\d+)$", 2),  # the rest of it may match in several ways
        (r"^(?P<a>.*) (?P<b>\d+) (?P<c>\d+) (?P<d>\d+)$", 1),  # so may all of it
        (r"^(?P<a>[^ \[]+)\[(?P<b>\d+)\] (?P<c>\d+) (?P<d>\d+)$", 2),  # a bracket is a character as others are
        (r"^(?P<a>\d+) (?P<b>\d+) \b(?P<c>\d+) (?P<d>\d+)$", 1),  # looks at what stands beside it
        (r"^(?P<a>\d+) (?P<b>\d+) (?:x|\b)(?P<c>\d+) (?P<d>\d+)$", 1),  # the same, further in
        (r"^(?P<a>\d+) (?P<b>\d+) (?P<c>\d+) (?P<c>\d+)$", 1),  # a name stands twice
        (r"(?P<a>\d+) (?P<b>\d+) (?P<c>\d+) (?P<d>\d+)$", 1),  # begins anywhere
        (r"^(?P<a>\d+) (?P<b>\d+) (?P<c>\d+) (?P<d>\d+)", 1),  # ends anywhere
        (r"^(?x)(?P<a>\d+) (?P<b>\d+) (?P<c>\d+)$", 1),  # a flag not known here
        (r"^(?P<a>\d+)|(?P<b>\d+)|(?P<c>\d+)$", 1),  # alternatives on the top level
        ("^$", 1),
    ],
)
def test_which_patterns_are_parted(pattern: str, number: int) -> None:
    """Those of which a beginning can match in one way only."""
    assert len(runs(pattern, frozenset(group_names(pattern)))) == number


@pytest.mark.parametrize(
    "pattern",
    [
        "x(?s:.*)$",  # begins anywhere
        "^x|(?s:.*)$",  # alternatives on the top level
        "^(?P<a>x|(?s:.*))$",  # in the group
        "^(?P<a>x) (?P<a>(?s:.*))$",  # a name stands twice
        "^(?P<a>x)$",
        "^(?P<a>)$",
        "^x(?:ab(?s:.*))?$",  # more than one atom ahead of any text
        "^$",
    ],
)  # fmt: skip
def test_patterns_that_do_not_end_with_any_text(pattern: str) -> None:
    """They are used as they are."""
    assert ending(pattern) is None


def test_where_a_group_begins_is_told_only_of_patterns_from_the_start() -> None:
    """And of such whose pieces are known."""
    assert begins_at("^(?P<a>x+)", "a", "x", 0)
    assert not begins_at("(?P<a>x+)", "a", "x", 0)
    assert not begins_at(r"^\b(?P<a>x+)", "a", "x", 0)
    assert not begins_at("^(?P<a>x)+", "a", "xx", 0)
    assert not begins_at("^(?x)(?P<a>x+)", "a", "x", 0)
    assert not begins_at("^(?:y$|x{2})(?P<a>x+)", "a", "x", 0)
    assert begins_at("^(?:y$|z{2})?(?P<a>x+)", "a", "x", 0)


def test_entries_that_cannot_be_cut_are_searched() -> None:
    """A few with more quotes than the pattern has, among others: each gives what it gives alone."""
    usual = '198.51.100.4 - - [05/Mar/2024:09:14:02 +0000] "GET / HTTP/1.1" 200 5 "-" "curl"'
    odd = usual.replace("curl", r"a \"b\" c")
    agents = lq.scan(f"{usual}\n{usual}\n{odd}\n{usual}".encode(), "apache_combined").collect()["user_agent"]
    assert agents.to_list() == ["curl", "curl", r"a \"b\" c", "curl"]
