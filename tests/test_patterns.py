"""Row patterns: equal to a backtracking matcher, whatever the pattern, the rules and the order."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import hypothesis.strategies as st
import polars as pl
import pytest
from hypothesis import given, settings

import logq as lq
from logq.compile import search
from tests.reference.patterns import Entry, Found, StuckError, found

LETTERS = "ABC"
ENTRIES = st.lists(
    st.builds(
        Entry,
        letters=st.sets(st.sampled_from(LETTERS), max_size=3).map(lambda s: "".join(sorted(s))),
        second=st.integers(0, 9) | st.integers(0, 9) | st.none(),
        key=st.sampled_from(["k", "k", "k", "l", None]),
    ),
    max_size=14,
)
COUNTS = st.sampled_from([(0, None), (1, None), (0, 1), (2, 2), (1, 2), (2, None), (0, 2), (0, 0)])
TREES: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from([("var", "A"), ("var", "B"), ("var", "C")]) | st.sampled_from([("start",), ("end",), ("series",)]),
    lambda inner: st.one_of(
        st.tuples(st.just("series"), inner, inner),
        st.tuples(st.just("series"), inner, inner, inner),
        st.tuples(st.just("choice"), inner, inner),
        st.tuples(st.just("hide"), inner),
        st.builds(lambda t, c, g: ("repeat", t, *c, g), inner, COUNTS, st.booleans()),
    ),
    max_leaves=6,
)
SKIPS = st.sampled_from([("past_last_row",), ("next_row",), ("first", "B"), ("last", "B"), ("last", "B", "C")])


def text(tree: Any) -> str:
    """The pattern in SQL's words."""
    kind, *parts = tree
    if kind == "repeat":
        inner, least, most, greedy = parts
        short = {(0, None): "*", (1, None): "+", (0, 1): "?", (0, 2): "{,2}", (2, 2): "{2}"}
        count = short.get((least, most), f"{{{least},{'' if most is None else most}}}")
        return f"({text(inner)}){count}{'' if greedy else '?'}"
    if kind in ("start", "end"):
        return "^" if kind == "start" else "$"
    if kind == "hide":
        return f"{{- {text(parts[0])} -}}"
    if kind == "var":
        return str(parts[0])
    return f"({(' | ' if kind == 'choice' else ' ').join(map(text, parts))})"


def log(entries: list[Entry]) -> bytes:
    """One JSON line an entry."""
    lines = [
        {"ts": None if e.second is None else 1_700_000_000 + e.second, "w": e.letters, "k": e.key}
        for e in [Entry("", None, ""), *entries]
    ]
    return "\n".join(map(json.dumps, lines)).encode()


def chain(entries: list[Entry], tree: Any, skip: tuple[str, ...], within: int | None, **options: Any) -> lq.LogFrame:
    """The same question of logq."""
    pattern = text(tree)
    define = {c: pl.col("w").str.contains(c, literal=True) for c in LETTERS if c in pattern}
    scan = lq.scan(log(entries), format="json", **options).scope(pl.col("line") > 1)
    return scan.match_pattern(pattern, define, by="k", within=within, after_match=skip)  # type: ignore[arg-type]


def told(frame: lq.LogFrame) -> list[list[tuple[int, str | None]]]:
    """Entries of each match with their variables; an empty match has its entry and no variable."""
    rows = frame.collect().select("match_id", pl.col("line") - 2, "classifier").rows()
    return [[(i, c) for m, i, c in rows if m == n] for n in range(max((m for m, _, _ in rows), default=-1) + 1)]


def expected(matches: list[Found]) -> list[list[tuple[int, str | None]]]:
    """The same of the reference."""
    last = max((n for n, m in enumerate(matches) if not m.rows or any(s for _, _, s in m.rows)), default=-1)
    return [[(i, c) for i, c, shown in m.rows if shown] if m.rows else [(m.first, None)] for m in matches[: last + 1]]


@settings(max_examples=300)
@given(ENTRIES, TREES, SKIPS, st.none() | st.integers(0, 6))
def test_patterns_equal_the_backtracking_matcher(
    entries: list[Entry], tree: Any, skip: tuple[str, ...], within: int | None
) -> None:
    """Matches, their variables, what is hidden, and where the search gets stuck: on ties, nulls, several keys."""
    if not set(skip[1:]) <= set(text(tree)):
        skip = ("past_last_row",)
    frame = chain(entries, tree, skip, within)
    try:
        matches = found(entries, tree, skip=skip, within=within)
    except StuckError:
        with pytest.raises(lq.errors.MatchError):
            frame.collect()
        return
    assert told(frame) == expected(matches)
    one = frame.matches().collect()
    assert one["entries"].to_list() == [len(m.rows) for m in matches]
    assert (one["line"] - 2).to_list() == [m.first for m in matches]


@given(ENTRIES, TREES, st.data())
def test_order_of_input_does_not_matter(entries: list[Entry], tree: Any, data: st.DataObject) -> None:
    """Shuffled input gives the matches of sorted input, in blocks of any size."""
    entries = [Entry(e.letters, n, e.key) for n, e in enumerate(entries)]
    order = data.draw(st.permutations(range(len(entries))))
    size = data.draw(st.sampled_from([64, 1 << 20]))
    one = told(chain(entries, tree, ("past_last_row",), None, block_size=size))
    two = told(chain([entries[i] for i in order], tree, ("past_last_row",), None))
    assert [[(order[i], c) for i, c in match] for match in two] == one


@settings(max_examples=50)
@given(ENTRIES, TREES, SKIPS)
def test_pieces_change_nothing(entries: list[Entry], tree: Any, skip: tuple[str, ...]) -> None:
    """Partitions and matches looked at a few at a time give what all at once give."""
    if not set(skip[1:]) <= set(text(tree)):
        skip = ("next_row",)
    frame = chain(entries, tree, skip, None)
    try:
        whole = told(frame)
    except lq.errors.MatchError:
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "CELLS", 4)
        assert told(frame) == whole


FALLS = b"\n".join(b'{"ts":%d,"n":%d,"k":"%s"}' % (i, n, b"ab"[i % 2 :][:1]) for i, n in enumerate((9, 5, 8, 4, 9, 6)))
value = pl.col("n")
FALL = {"B": value < value.shift(1)}
DOWN = FALL | {"C": value > value.shift(1)}


def test_conditions_see_the_entry_before_of_their_own_key() -> None:
    """A shift goes along the key's entries; beyond their ends it is null, and the condition fails."""
    frame = lq.scan(FALLS).match_pattern("A B C", DOWN, by="k")
    assert frame.collect().select("line", "match_id", "classifier").rows() == [
        (1, 0, "A"),
        (3, 0, "B"),
        (5, 0, "C"),
        (2, 1, "A"),
        (4, 1, "B"),
        (6, 1, "C"),
    ]
    filled = {"B": value < value.shift(1, fill_value=100)}
    assert lq.scan(FALLS).match_pattern("^B", filled, by="k").collect()["line"].to_list() == [1, 2]


def test_a_match_is_told_in_one_row() -> None:
    """Number, key, times, entries, name of the first row and the measures; what is not shown is measured too."""
    b = value.filter(pl.col("classifier") == "B")
    measures = {
        "low": b.last(),
        "ahead": b.first() - value.shift(1).filter(pl.col("classifier") == "B").first(),
        "rows": pl.len(),
    }
    frame = lq.scan(FALLS).match_pattern("A {- B -} C", DOWN, by="k", measures=measures)
    row = frame.matches().collect().row(0, named=True)
    assert (row["match_id"], row["k"], row["duration"].total_seconds(), row["entries"]) == (0, "a", 4, 3)
    assert (row["line"], row["source"], row["low"], row["ahead"], row["rows"]) == (1, "<bytes 0>", 8, -1, 3)
    assert frame.collect().select("line", "low").rows() == [(1, 8), (5, 8), (2, 4), (6, 4)]
    assert frame.matches().select("low").collect()["low"].to_list() == [8, 4]


def test_a_measure_may_look_beyond_the_match() -> None:
    """PREV and NEXT go along the key's entries, beyond the match; a column may have the name logq would take."""
    scan = lq.scan(FALLS).with_columns(shifted_0=value)
    frame = scan.match_pattern(
        "B", FALL, by="k", measures={"before": value.shift(1).last(), "n": value.shift(-1).last()}
    )
    assert frame.collect().select("line", "before", "n").rows() == [(3, 9, 9), (4, 5, 6)]


def test_another_order_than_that_of_time() -> None:
    """order_by: what is equal there is in time order; entries without a time take part."""
    data = pl.DataFrame({"n": [3, 1, None, 2, 1], "w": list("abcde")})
    frame = lq.from_polars(data).with_columns(timestamp=pl.lit(None, pl.Datetime("us", "UTC")))
    assert frame.match_pattern("A+", order_by="n").collect()["w"].str.join("").item() == "bedac"


def test_rows_that_are_in_no_match() -> None:
    """They are shown where they stand, an empty match as its entry, or neither."""
    frame = lq.scan(FALLS)
    kept = frame.match_pattern("B", FALL, by="k", rows="with_unmatched").collect()
    assert kept.select("line", "match_id").rows() == [(1, None), (2, None), (3, 0), (4, 1), (5, None), (6, None)]
    shown = frame.match_pattern("B?", FALL, by="k").collect()
    assert shown.select("line", "classifier").rows() == [(1, None), (2, None), (3, "B"), (4, "B"), (5, None), (6, None)]
    assert frame.match_pattern("B?", FALL, by="k", rows="omit_empty").collect()["line"].to_list() == [3, 4]
    assert frame.match_pattern("B?", FALL, by="k", rows="omit_empty").matches().collect()["line"].to_list() == [3, 4]
    assert (
        frame.match_pattern("()", by="k", measures={"m": value.sum()}).matches().collect()["m"].to_list() == [None] * 6
    )


def test_the_sessions_in_force_are_the_key() -> None:
    """Without `by` a match lies within one session."""
    frame = lq.scan(FALLS).sessions("k").match_pattern("A+")
    assert frame.collect()["line"].to_list() == [1, 3, 5, 2, 4, 6]
    assert frame.matches().collect()["session_id"].to_list() == [0, 1]
    assert lq.scan(FALLS).match_pattern("A+").collect()["match_id"].to_list() == [0] * 6


def test_a_pattern_on_nothing() -> None:
    """No rows: no matches, of the same columns."""
    frame = lq.scan(FALLS).scope(pl.col("line") > 99).match_pattern("A", measures={"m": pl.len()})
    assert frame.collect().shape == (0, len(frame.collect().columns))
    assert frame.matches().collect().columns[-1] == "m"


def test_long_matches_are_found() -> None:
    """One match over all rows, and one row that ends thousands of would-be matches."""
    rows = pl.DataFrame({"timestamp": range(5000), "n": [1] * 4999 + [2]}).cast({"timestamp": pl.Datetime("us", "UTC")})
    frame = lq.from_polars(rows)
    one = frame.match_pattern(
        "A+ B", {"A": value == 1, "B": value == 2}, measures={"a": (pl.col("classifier") == "A").sum()}
    )
    assert one.matches().collect().select("entries", "a").rows() == [(5000, 4999)]
    assert frame.match_pattern("A+ C", {"A": value == 1, "C": value == 3}).collect().height == 0


def test_any_part_may_be_left_out_of_what_is_shown() -> None:
    """Repetitions, alternatives and parts in a row; the match is longer than its rows."""
    table = pl.DataFrame({"w": list("AABC"), "timestamp": pl.from_epoch(pl.Series(range(4)))})
    define = {c: pl.col("w") == c for c in "ABCD"}
    found = lq.from_polars(table).match_pattern("{- A+ -} ((B?)*)* {- (C | D) ^* -}", define)
    assert found.collect().select("w", "classifier").rows() == [("B", "B")]
    assert found.matches().collect()["entries"].to_list() == [4]


def test_permuted_parts_come_in_any_order() -> None:
    """The order written is preferred."""
    every = dict.fromkeys("AB", value > 0)
    assert lq.scan(FALLS).match_pattern("PERMUTE(A, B)", every).collect()["classifier"].to_list() == list("ABABAB")


A = {"A": value > 0}
NONSENSE: list[tuple[Callable[[lq.LogFrame], lq.LogFrame], str]] = [
    (lambda f: f.match_pattern(""), "a variable should stand here"),
    (lambda f: f.match_pattern("A |"), "a variable should stand here"),
    (lambda f: f.match_pattern("(A"), r"'\)' should stand here: '\(A' ▸ ''"),
    (lambda f: f.match_pattern("A )"), r"closes or parts nothing: 'A ' ▸ '\)'"),
    (lambda f: f.match_pattern("{- A"), "'-}' should stand here"),
    (lambda f: f.match_pattern("A ; B"), "no part of a row pattern: 'A ' ▸ '; B'"),
    (lambda f: f.match_pattern("; B"), "no part of a row pattern: '' ▸ '; B'"),
    (lambda f: f.match_pattern("A{}"), "a number or a comma"),
    (lambda f: f.match_pattern("A{3,2}"), "from less to more"),
    (lambda f: f.match_pattern("A{1001}"), "up to 1000"),
    (lambda f: f.match_pattern("PERMUTE(A, B, C, D, E, F, G)"), "at most 6 parts"),
    (lambda f: f.match_pattern("A", {"B": value > 0}), "'B' is no variable of 'A', which has A"),
    (lambda f: f.match_pattern("()", {"B": value > 0}), "which has none"),
    (lambda f: f.match_pattern("A", after_match=("last", "B")), "'B' is no variable"),
    (lambda f: f.match_pattern("A", after_match="last"), "name variables"),
    (lambda f: f.match_pattern("A", after_match=("next_row", "A")), "name variables"),
    (lambda f: f.match_pattern("A", after_match="sideways"), "'sideways'.: it is one of"),  # type: ignore[arg-type]
    (lambda f: f.match_pattern("A", rows="some"), "it is one of"),  # type: ignore[arg-type]
    (lambda f: f.match_pattern("A", within=-1), "not negative"),
    (lambda f: f.match_pattern("A", within=1, order_by="n"), "in time order"),
    (lambda f: f.match_pattern("A", order_by=value.max()), "not row-wise"),
    (lambda f: f.match_pattern("A", by=value.max().alias("m")), "not row-wise"),
    (lambda f: f.match_pattern("A", by="match_id"), "match_pattern tells 'match_id'; call a key of that name"),
    (lambda f: f.match_pattern("A", by="start").matches(), "match_pattern tells 'start'"),
    (lambda f: f.match_pattern("A", {"A": value > value.mean()}), r"Agg Mean looks beyond the row"),
    (lambda f: f.match_pattern("A", {"A": value > value.shift(1).cum_sum()}), "looks beyond the row"),
    (lambda f: f.match_pattern("A", {"A": value.head(1) > 1}), r"slice.* looks beyond the row"),
    (lambda f: f.match_pattern("A", {"A": value.sum().over("k") > 1}), "looks beyond the row"),
    (lambda f: f.match_pattern("A", {"A": value > value.shift(value)}), "looks beyond the row"),
    (
        lambda f: f.match_pattern(" ".join(f"A{n}" for n in range(61)), {f"A{n}": value > n for n in range(61)}),
        "at most 60",
    ),
    (lambda f: f.match_pattern("A", measures={"start": value.sum()}), "a name of its own"),
    (lambda f: f.match_pattern("A", measures={"m": pl.all().sum()}), "a name of its own"),
    (lambda f: f.match_pattern("A", by="k", measures={"k": value.sum()}), "a name of its own"),
    (lambda f: f.match_pattern("A").funnel(), r"right behind .sequence\(…\), whose"),
    (lambda f: f.match_pattern("A").matches().matches(), r"or .match_pattern\(…\)"),
    (lambda f: f.match_pattern("A").context(1), "rows of match_pattern"),
    (lambda f: f.sessions("k").match_pattern("A").summary(), "no sessions|sessions"),
]


@pytest.mark.parametrize(("build", "message"), NONSENSE, ids=range(len(NONSENSE)))
def test_nonsense_is_refused(build: Callable[[lq.LogFrame], lq.LogFrame], message: str) -> None:
    """The error names what is wrong, when the chain is built."""
    with pytest.raises(lq.errors.BuildError, match=message):
        build(lq.scan(FALLS))


def test_a_pattern_of_too_many_states_is_refused() -> None:
    """Counts within counts multiply."""
    with pytest.raises(lq.errors.BuildError, match="more than 1000 states"):
        lq.scan(FALLS).match_pattern("((A{40}){40}){40}").collect()


def test_explain_says_every_rule() -> None:
    """Order, skip, rows and answer stand in the line."""
    frame = lq.scan(FALLS).match_pattern("A B", A, order_by="n", after_match=("last", "B"), rows="omit_empty").matches()
    line = frame.plan.steps[-1].describe()
    assert "order_by=col" in line
    assert line.endswith("after_match=last B; rows=omit_empty).matches()")
