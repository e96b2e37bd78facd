from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

import logq as lq
from logq.formats import FORMATS
from logq.formats.base import group_names
from logq.plan import Scan
from logq.read import FileRef, resolve_file
from logq.read.decode.atoms import Opaque, atoms, excludes, letter, literals
from logq.read.decode.cuts import plan
from logq.read.decode.pieces import HIT, MANY, Cut, Word, captured, pays
from logq.read.decode.regex import capture

BODIES = (
    "[^ ]+", '[^"]*', '[^"]+', r'(?:[^"\\]|\\.)*', r'(?:[^ "\\]|\\.)+', r"[^\]]*", "[0-9]+|-", "[a-z]+", ".*", "(?s:.*)", r"\S+", r"(?:a|b ?)+"
)  # fmt: skip
BETWEEN = (" ", '"', '" "', r" \[", r"\] ", ", ", "|x", r"\|", "\t", "=")
PIECES = ("a", "b", " ", '"', "\\", "[", "]", "-", "7", "|", "\t", "=", ",", "\n", "é", "x", "")


@st.composite
def patterns(draw: st.DrawFn) -> str:
    """A row of groups with letters between them, at times nested, at times with an end that may be missing."""
    row = ""
    for place in range(draw(st.integers(1, 4))):
        body = draw(st.sampled_from(BODIES))
        group = f"(?P<g{place}>{body})"
        if draw(st.integers(0, 4)) == 0:
            group = f"(?P<h{place}>(?P<i{place}>[a-z]+) {group})"
        row += group + draw(st.sampled_from(BETWEEN)).replace("|x", "x")
    if draw(st.booleans()):
        row += f"(?: (?P<last>{draw(st.sampled_from(BODIES))}))?"
    return f"^{row}$"


def expected(raw: pl.Series, pattern: str) -> pl.DataFrame:
    """One regex over the whole entry."""
    return raw.str.extract_groups(f"(?P<{HIT}>){pattern}").struct.unnest()


def decided(raw: pl.Series, pattern: str, names: list[str]) -> tuple[pl.DataFrame, pl.DataFrame, pl.Series]:
    """What the pieces say and what the regex says, of the entries that pieces can tell of; and which those are."""
    part = plan(pattern)
    assert part is not None
    found, left = captured(part, raw, names)
    return found.filter(~left), expected(raw, pattern).select(HIT, *names).filter(~left), ~left


@given(
    patterns(),
    st.lists(st.lists(st.sampled_from(PIECES), max_size=14).map("".join), min_size=1, max_size=30),
    st.data(),
)
def test_pieces_say_what_the_regex_says(pattern: str, texts: list[str], data: st.DataObject) -> None:
    """Whatever the pattern, the text and the wanted groups: the same hits and captures, or no word at all."""
    if plan(pattern) is None:
        return
    names = [n for n in group_names(pattern) if data.draw(st.booleans())]
    found, wanted, _ = decided(pl.Series(texts), pattern, names)
    assert found.equals(wanted)


@pytest.mark.parametrize("name", ["apache_combined", "nginx_access", "envoy", "apache_common"])
def test_the_access_logs_are_cut_and_read_the_same(name: str) -> None:
    """Every sample of them, as it is and damaged at every character."""
    texts = [sample.text for sample in FORMATS[name].samples]
    texts += [text[:i] + c + text[i + 1 :] for text in texts for i in range(len(text)) for c in (" ", '"', "\\", "")]
    for pattern in FORMATS[name].patterns:
        if plan(pattern) is not None:
            found, wanted, told = decided(pl.Series(texts), pattern, list(group_names(pattern)))
            assert found.equals(wanted)
            assert told.any()


@pytest.mark.parametrize("name", ["apache_combined", "envoy", "apache_common"])
@pytest.mark.parametrize("odd", [0, 5])
def test_a_long_log_is_cut_and_read_the_same(name: str, odd: int) -> None:
    """As the regex reads it, whether all of its entries can be cut or some cannot."""
    form = FORMATS[name]
    samples = pl.Series([sample.text for sample in form.samples]).str.replace_all(r"\\.", "")
    usual = samples.filter(samples.str.contains(form.patterns[0]))[0]
    log = pl.Series([usual[:-1], "no entry", 'x " \\'] * odd + [usual] * MANY)
    file = resolve_file(FileRef("a", buffer=usual.encode()), Scan(sources=("a",), formats=(name,)))
    cut = plan(form.patterns[0])
    assert isinstance(cut, Cut)
    assert pays(cut, log)
    found, why = capture(log, file, frozenset(form.groups), explain=True)
    few = [
        capture(log.slice(start, 100), file, frozenset(form.groups), explain=True) for start in range(0, len(log), 100)
    ]
    assert_frame_equal(found, pl.concat([frame for frame, _ in few]))
    assert why is not None
    assert why.equals(pl.concat([one for _, one in few if one is not None]))


def test_a_null_is_left_to_the_regex() -> None:
    """A null entry is no match and no error."""
    part = plan('^(?P<a>[^ ]+) (?P<b>[^ ]+) "(?P<c>[^"]*)"$')
    assert part is not None
    found, left = captured(part, pl.Series(['x y "z"', None]), ["a", "c"])
    assert found["c"].to_list() == ["z", None]
    assert left.to_list() == [False, True]


def test_a_cut_pays_where_entries_have_its_marks() -> None:
    """Marks inside the texts make the pieces useless: then the regex reads the entries at once."""
    part = plan('^(?P<a>[^ ]+) (?P<b>[^ ]+) "(?P<c>[^"]*)"(?P<d>.*)$')
    assert isinstance(part, Cut)
    assert pays(part, pl.Series(['x y "z"'] * MANY))
    assert not pays(part, pl.Series(['x y "z" "more"'] * MANY))
    assert not pays(part, pl.Series(['x y "z"'] * 9))


@pytest.mark.parametrize("odd", [[], ['[2024-03-05T09:14:02Z] "GET" x'], ["none"]])
def test_many_entries_are_read_as_few_are(odd: list[str]) -> None:
    """From pieces or by a regex, those too that lack a mark or have more."""
    usual = FORMATS["envoy"].samples[0].text
    log = [usual, usual.replace('"GET', '"G\\"ET'), *odd] * (MANY // 2)
    found, wanted = (lq.scan("\n".join(lines).encode(), "envoy").collect() for lines in (log, log[:8]))
    assert found.drop("line").unique(maintain_order=True).equals(wanted.drop("line").unique(maintain_order=True))


def test_without_wanted_groups_nothing_is_cut() -> None:
    """A match alone is told by the regex, for every entry."""
    part = plan('^(?P<a>[^ ]+) (?P<b>[^ ]+) "(?P<c>[^"]*)"$')
    assert part is not None
    found, left = captured(part, pl.Series(['x y "z"', '"']), [])
    assert found[HIT].to_list() == ["", None]
    assert not left.any()


@pytest.mark.parametrize(
    "pattern",
    [
        "(?P<a>x)",  # not anchored
        "^(?P<a>x)|(?P<b>y)$",  # alternatives on the top level
        r'^(?P<a>x)\b "(?P<b>[^"]*)"$',  # looks at what stands beside it
        r'^(?i)(?P<a>x) "(?P<b>[^"]*)"$',  # a flag for all of it
        r'^(?P<a>x$) "(?P<b>[^"]*)"$',  # an anchor inside
        r'^(?P<a>\p{L}+) "(?P<b>[^"]*)"$',  # an escape not known here
        r'^(?P<a>x)) "(?P<b>[^"]*)"$',  # no regex at all
        "^(?P<a>.*)(?P<b>.*)$",  # nothing to cut at
    ],
)  # fmt: skip
def test_patterns_that_are_not_cut(pattern: str) -> None:
    """They are used as they are."""
    assert plan(pattern) is None


def test_atoms_keep_classes_and_groups_whole() -> None:
    """Brackets, escapes and quantifiers belong to the atom they stand in."""
    pattern = r"[]a]{2,}?[^]b[:alpha:]\]]*(?:x|(y)[)])+?\..\d"
    assert "".join(atoms(pattern)) == pattern
    assert atoms(pattern) == ["[]a]{2,}?", r"[^]b[:alpha:]\]]*", "(?:x|(y)[)])+?", r"\.", ".", r"\d"]


@pytest.mark.parametrize("pattern", ["a|b", "a)", "^a", "*a", r"\bx", r"\<x", "(?=x)", "(?i:x)"])
def test_what_looks_beyond_itself_is_opaque(pattern: str) -> None:
    """Such a pattern is never parted."""
    with pytest.raises(Opaque):
        atoms(pattern)


def test_letters_stand_for_themselves() -> None:
    """Escaped punctuation is a letter; classes, dots and repeated letters are none."""
    assert [letter(a) for a in ("x", r"\.", ".", r"\d", "x+", "[x]", "é")] == ["x", ".", None, None, None, None, "é"]


def test_only_what_is_certain_is_excluded() -> None:
    """A class of all but some names them; of anything else one can at most say that it holds no blank."""
    assert excludes(r"[^\]\\ ]+") == "]\\ "
    assert excludes(r"[^ ]{1,48}") == " "
    assert [excludes(p) for p in ("[!-~]+", r"\s", r"\W+", "a b", "[^a-z]", ".", "(?P<x>a|[bc]+)?")] == [
        "",
        "",
        "",
        "",
        "",
        "",
        " ",
    ]


def test_parts_of_several_groups_side_by_side_stay_with_a_regex() -> None:
    """Where nothing stands between groups, the piece is searched, and what has none of the marks is no match."""
    quoted = " ".join(f'"(?P<{name}>[^"]*)"' for name in "cdefghi")
    pattern = f"^(?P<a>[a-z]+)(?P<b>[0-9]+) {quoted}$"
    rest = '"z"' + ' ""' * 6
    found, wanted, told = decided(pl.Series([f"x7 {rest}", f"7 {rest}", "x7"]), pattern, ["b", "d"])
    assert found.equals(wanted)
    assert found["b"].to_list() == ["7", None]
    assert told.to_list() == [True, True, False]


def test_a_word_is_found_by_itself_as_among_others() -> None:
    """A group that is a piece whole may be one word."""
    found = Word("a", before="<", after=">", filled=True).find(pl.Series(["<x>", "<>", "x"]), frozenset({"a"}))
    assert found.hit is not None
    assert found.hit.to_list() == [True, False, False]
    assert found.groups[0][0] == "x"
    assert Word(before="x").find(pl.Series(["x", "y"]), frozenset()).groups == []


@pytest.mark.parametrize("words", [["GET", "POST"], ["GET", "get", "POST"], [*"ABCDEFGH"], ["get"]])
def test_words_are_told_alike_few_or_many(words: list[str]) -> None:
    """Where a group is one of a few words mostly, the rare one is asked as any other."""
    pattern = r"^(?P<a>[A-Z]+) (?P<b>[^ ]+)$"
    raw = pl.Series([f"{word} x" for word in words * 40] + ["PUT x", "put x", " x"])
    assert captured(Cut(pattern[1:-1], " ", (Word("a", regex="[A-Z]+"), Word("b", filled=True))), raw, ["a", "b"])[
        0
    ].equals(expected(raw, pattern))


@given(patterns(), st.lists(st.lists(st.sampled_from(PIECES), max_size=14).map("".join), min_size=1, max_size=30))
def test_every_match_holds_the_literals_of_its_pattern(pattern: str, texts: list[str]) -> None:
    """A text without one of them cannot match."""
    raw = pl.Series(texts)
    matched = raw.filter(raw.str.contains(pattern))
    assert all(literal in text for literal in literals(pattern) for text in matched)


@pytest.mark.parametrize(
    "sample", [(name, sample.text) for name, form in FORMATS.items() for sample in form.samples if form.patterns]
)
def test_samples_hold_the_literals_of_the_pattern_that_reads_them(sample: tuple[str, str]) -> None:
    """Detection leaves out no pattern that matches."""
    name, text = sample
    for pattern in FORMATS[name].patterns:
        if pl.Series([text]).str.contains(pattern)[0]:
            assert all(literal in text for literal in literals(pattern))
