"""Constructs that a linear-time engine lacks are rewritten only where Python's backtracking engine says the same."""

from __future__ import annotations

import re
from typing import Final

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logq.errors import PatternError
from logq.formats.base import check_pattern, distinct, group_names
from logq.formats.custom.rewrite import rewrite

SETS: Final = st.sampled_from(["a", "b", "1", " ", "[ab]", "[^a]", r"\d", r"\w", "[^ b]", "."])
COUNTS: Final = st.sampled_from(["", "", "*", "+", "?", "{2}", "{1,2}", "*+", "++", "?+", "*?", "+?"])
LOOKS: Final = st.sampled_from(["(?=", "(?!", "(?<=", "(?<!"])
SEEN: Final = st.sampled_from(["a", "1", "[ab]", "[^a]", r"\d", r"\w", "(?:a|1)", "ab"])
TEXTS: Final = st.text(alphabet="abA1 ", max_size=8)


@st.composite
def patterns(draw: st.DrawFn) -> str:
    """A regex with look-around, atomic groups, possessive quantifiers and back-references here and there."""
    names = iter("xyzuvw")

    def piece(depth: int) -> str:  # noqa: PLR0911 (one for each kind)
        kind = draw(st.integers(0, 10 if depth else 5))
        if kind <= 3:
            return draw(SETS) + draw(COUNTS)
        if kind <= 4:
            return f"{draw(LOOKS)}{draw(SEEN)})"
        if kind == 5:
            return draw(st.sampled_from(["^", "$", r"\b"]))
        body = "|".join(sequence(depth - 1) for _ in range(draw(st.integers(1, 2))))
        if kind == 6:
            name = next(names, None)
            return f"(?P<{name}>{body})" if name else f"(?:{body})"
        if kind == 7:
            return f"(?>{body})"
        if kind == 8:
            return f"(?:{body})" + draw(st.sampled_from(["", "?", "?+"]))
        if kind == 9:
            return "(?i:" + re.sub(r"(?<!\\)\ba", "A", body) + ")"
        return f"(?:{draw(SETS)}{body}{draw(SETS)})" + draw(st.sampled_from(["*", "+", "*+", "{2}"]))

    def sequence(depth: int) -> str:
        return "".join(piece(depth) for _ in range(draw(st.integers(1, 3))))

    return sequence(2)


def captured(pattern: str, text: str) -> tuple[bool, dict[str, str | None]]:
    """Whether the engine finds the pattern, and its groups."""
    told, names = distinct(pattern)
    series = pl.Series([text])
    groups = series.str.extract_groups(told)
    row = groups[0] if names else {}
    return bool(series.str.contains(told)[0]), {
        name: next((row[one] for one in ones if row[one] is not None), None) for name, ones in names.items()
    }


@settings(max_examples=400)
@given(patterns(), st.lists(TEXTS, min_size=4, max_size=8))
def test_the_same_as_backtracking(pattern: str, texts: list[str]) -> None:
    """What is not refused matches the same texts with the same groups."""
    try:
        rewritten = rewrite(pattern)
        check_pattern(rewritten, where="x")
    except PatternError:
        return
    if rewritten == pattern:
        return
    known = re.compile(pattern.replace("$", r"\Z"))
    for text in texts:
        found = known.search(text)
        want = found.groupdict() if found else dict.fromkeys(group_names(pattern))
        assert captured(rewritten, text) == (found is not None, want), (rewritten, text)


@pytest.mark.parametrize(
    ("pattern", "plain"),
    [
        ('"[^"]*+"', '"[^"]*"'),
        ('"[^"]{2,}+"', '"[^"]{2,}"'),
        ('[^"]*+"?', '[^"]*"?'),
        (r"(?<a>\d+)\+", r"(?<a>\d+)\+"),
        ("[*+]+", "[*+]+"),
        ("(?>a|[bc]+)d", "(?:a|[bc]+)d"),
        (r"(?>(?>\\.|[^\\\"]+)+)\"", r"(?:(?:\\.|[^\\\"]+)+)\""),
        (r"(?>\d\d){1,2}-", r"(?:\d\d){1,2}-"),
        (r" (?<![0-9.+-])(?>[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)) ", r" (?:[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)) "),
        (r"(?<![0-9])(?P<ip>\d+)(?![0-9])", r"(?:\A|[^[0-9]])(?P<ip>\d+)(?:[^[0-9]]|\z)"),
        (r"(?P<ip>(?<![0-9])\d+(?![0-9])):", r"(?:\A|[^[0-9]])(?P<ip>\d+):"),
        ("(?<=user=)(?P<u>[^,]+)(?=,)", "(?:user=)(?P<u>[^,]+)(?:,)"),
        (r"(?!0)(?P<n>\d+) ", r"(?P<n>[[\d]&&[^0]]\d*) "),
        (r"a+(?<!-)b", "a+b"),
        (r"\w{2,3}(?<!_) ", r"\w{1,2}[[\w]&&[^_]] "),
        ("(?!a|b).x", r"[[^\n]&&[^ab]]x"),
        (r"(?!\])(?:x|[\w\]]) ", r"(?:[[x]&&[^\]]]|[[\w\]]&&[^\]]]) "),
        (r"(['\"])(?P<q>.*?)\1", r"""(?:(?:")(?P<q>.*?)"|(?:')(?P<q>.*?)')"""),
        (r"(?P<q>[ab])-(?P=q)(?:-\k<q>)* x", "(?:(?P<q>a)-a(?:-a)*|(?P<q>b)-b(?:-b)*) x"),
        (r"(?i:warn|err)[^ ]++ ", "(?i:warn|err)[^ ]+ "),
        (r"(?i)\d++[a-z]", r"(?i)\d+[a-z]"),
        (r"\x41++[\n\t\x42-\x{43}[:digit:]]", r"\x41+[\n\t\x42-\x{43}[:digit:]]"),
        ("(?>(?:ab)|ac)d", "(?:(?:ab)|ac)d"),
        (r"\n++a", r"\n+a"),
        ("(?>(?!a)b)*c", "(?:b)*c"),
        (r"([ab])(?:x|\1y)\1", "(?:(?:a)(?:x|ay)a|(?:b)(?:x|by)b)"),
        (r"$(?!x)", r"$(?:[^x]|\z)"),
        (r"a(?!b)c*d", "ac*d"),
    ],
)
def test_rewritten(pattern: str, plain: str) -> None:
    """Each construct where it says nothing more; what needs no rewriting stays as it is."""
    assert rewrite(pattern) == plain
    check_pattern(plain, where="x")


@pytest.mark.parametrize(
    ("pattern", "construct"),
    [
        ("a*+a", "possessive quantifier *+"),
        ("a{1,2}+a", "possessive quantifier {1,2}+"),
        ("*+", "possessive quantifier *+"),
        ('"[^"]*+(x)', "possessive quantifier *+"),
        (r"\d++\b", "possessive quantifier ++"),
        ("(?x)a*+b", "possessive quantifier *+"),
        ("(?i:a*+A)", "possessive quantifier *+"),
        ("(?i:k)++\u212a", "possessive quantifier ++"),
        (r"ä++ö", "possessive quantifier ++"),
        (r"\pL++1", "possessive quantifier ++"),
        (r"[a&&b]++b", "possessive quantifier ++"),
        ("(?>a|ab)c", "atomic group (?>…)"),
        ("(?>a*?)b", "atomic group (?>…)"),
        ("(?>a?|b)b", "atomic group (?>…)"),
        ("(?>(?:a?)+)b", "atomic group (?>…)"),
        ("a(?=bc?)", "look-ahead (?=…)"),
        ("(?=a)b", "look-ahead (?=…)"),
        ("(?=a)$", "look-ahead (?=…)"),
        ("a(?!bc)", "negative look-ahead (?!…)"),
        ("a(?!c)c*d", "negative look-ahead (?!…)"),
        ("(?P<x>a*(?!b))c*", "negative look-ahead (?!…)"),
        ("(?:a(?!b))+c*", "negative look-ahead (?!…)"),
        ("(?!.)b", "negative look-ahead (?!…)"),
        ("(?!a|bc)b", "negative look-ahead (?!…)"),
        ("(?s:(?!a).)", "negative look-ahead (?!…)"),
        ("(?=a)(?i:a)b", "look-ahead (?=…)"),
        ("(?<=a|bc)x", "look-behind (?<=…)"),
        ("x*(?<!ab)c", "negative look-behind (?<!…)"),
        ("a++(?<!b|a)c", "negative look-behind (?<!…)"),
        ("(?:(?<!a)b|c)", "negative look-behind (?<!…)"),
        (r"(\w+) \1", r"back-reference \1"),
        (r"(?:(a)|b)\1", r"back-reference \1"),
        (r"(?P<a>\w)(?P=a)", "named back-reference"),
        (r"(?P<a>b+)\k<a>", "named back-reference"),
    ],
)
def test_refused(pattern: str, construct: str) -> None:
    """Where another engine could say something else, the construct is refused by its name."""
    with pytest.raises(PatternError, match=re.escape(f"{construct} is not supported")):
        rewrite(pattern)


@pytest.mark.parametrize(
    "pattern", ["(?=a(", r"\G(?=a)", "(?=a)+{", "(?#x)(?!a)", "(?!a)[", r"(?P<a>b)(?P=c)(", "(?=a)b)"]
)
def test_unknown_syntax_is_left_to_the_engine(pattern: str) -> None:
    """What cannot be read is handed on, and refused there."""
    with pytest.raises(PatternError):
        check_pattern(rewrite(pattern), where="x")
