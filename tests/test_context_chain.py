"""A frame is (universe, mask): what each method does to either, seen through the contexts in a chain."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import hypothesis.strategies as st
import polars as pl
import pytest
from hypothesis import given, settings

import logq as lq
from logq import LogFrame
from logq.errors import BuildError
from logq.schema import LEVEL_DTYPE, LEVELS
from tests.reference.chain import Model
from tests.reference.logs import Event, Row, answer, as_json, logs, rows_of, write


@dataclass(frozen=True)
class Move:
    """One method of the chain, and what the rules say it does."""

    name: str
    apply: Callable[[LogFrame], LogFrame]
    means: Callable[[Model], Model] = lambda m: m

    def __repr__(self) -> str:
        return self.name


def severe(event: Event) -> bool:
    """Whether an entry is of level WARN or above."""
    return LEVELS.index(event.level) >= LEVELS.index("WARN")


def first_of_each_text(rows: Sequence[Row]) -> list[Row]:
    """The first row of each text, in order."""
    first: dict[str, Row] = {}
    for row in rows:
        first.setdefault(row.event.text, row)
    return list(first.values())


NARROWING = [
    Move("level", lambda f: f.level("ERROR", "INFO"), lambda m: m.filter(lambda e: e.level in {"ERROR", "INFO"})),
    Move("level at least", lambda f: f.level(at_least="WARN"), lambda m: m.filter(severe)),
    Move("grep", lambda f: f.grep("disk|net"), lambda m: m.filter(lambda e: "disk" in e.text or "net" in e.text)),
    Move("grep literal", lambda f: f.grep("disk", literal=True), lambda m: m.filter(lambda e: "disk" in e.text)),
    Move("filter", lambda f: f.filter(pl.col("b") == "x"), lambda m: m.filter(lambda e: e.b == "x")),
    Move(
        "between",
        lambda f: f.between("2024-01-01T00:00:02Z", "2024-01-01T00:00:09Z"),
        lambda m: m.filter(lambda e: e.second is not None and 2 <= e.second < 9),
    ),
    Move(
        "filter twice",
        lambda f: f.filter(pl.col("raw").str.contains("disk")).filter(pl.col("b").is_not_null()),
        lambda m: m.filter(lambda e: "disk" in e.text and e.b is not None),
    ),
]
SCOPING = [
    Move("scope", lambda f: f.scope(pl.col("level") != "DEBUG"), lambda m: m.scope(lambda e: e.level != "DEBUG")),
    Move("scope by field", lambda f: f.scope(pl.col("b") != "y"), lambda m: m.scope(lambda e: e.b not in {None, "y"})),
]
SHAPING = [
    Move("with_columns", lambda f: f.with_columns(size=pl.col("raw").str.len_chars(), one=pl.lit(1))),
    Move(
        "with_columns, filtered",
        lambda f: f.with_columns(long=pl.col("message").str.len_chars() > 6).filter(pl.col("long")),
        lambda m: m.filter(lambda e: len(e.text) > 6),
    ),
    Move("select", lambda f: f.select(pl.exclude("severity"))),
    Move("rename", lambda f: f.rename({"a": "alpha"})),
    Move("drop", lambda f: f.drop("time_quality", "host")),
    Move("extract", lambda f: f.extract(r"(?P<word>\w+)$")),
    Move(
        "extract, filtered",
        lambda f: f.extract(r"(?P<first>\w+)").filter(pl.col("first") == "disk"),
        lambda m: m.filter(lambda e: e.text.startswith("disk")),
    ),
]
CONTEXTS = [
    Move("context 1", lambda f: f.context(1), lambda m: m.context(1, 1)),
    Move("context 0 2", lambda f: f.context(before=0, after=2), lambda m: m.context(0, 2)),
    Move("context by", lambda f: f.context(2, by="b"), lambda m: m.context(2, 2, key=lambda e: e.b)),
    Move("context span", lambda f: f.context(span="1s"), lambda m: m.context(span=1)),
]
RENEWING = [
    Move("head", lambda f: f.head(4), lambda m: m.renew(lambda rows: rows[:4])),
    Move("tail", lambda f: f.tail(4), lambda m: m.renew(lambda rows: rows[-4:])),
    Move("sort", lambda f: f.sort("message"), lambda m: m.renew(lambda rows: sorted(rows, key=lambda r: r.event.text))),
    Move("unique", lambda f: f.unique("message"), lambda m: m.renew(first_of_each_text)),
    Move(
        "scope by all rows",
        lambda f: f.sort("line").scope(pl.col("message") != pl.col("message").max()),
        lambda m: m.renew(lambda rows: _below_the_top(sorted(rows, key=lambda r: r.line))),
    ),
]
ROWWISE = [*NARROWING, *SCOPING, *SHAPING]


def _below_the_top(rows: Sequence[Row]) -> list[Row]:
    return [r for r in rows if r.event.text != max(row.event.text for row in rows)]


def check(log: dict[str, list[Event]], moves: Sequence[Move], block: int = 250, workers: int = 2) -> None:
    """The chain of `moves` on real files gives what the reference says, with the schema it promised."""
    expected = Model.of(rows_of(log, as_json))
    with tempfile.TemporaryDirectory() as folder:
        frame = lq.scan(write(Path(folder), log, as_json), "json", block_size=block, workers=workers)
        for move in moves:
            frame, expected = move.apply(frame), move.means(expected)
        found, schema = frame.collect(), frame.schema
    assert answer(found) == expected.answer
    assert found.schema == schema


def distinctly(moves: Sequence[Move], most: int) -> st.SearchStrategy[list[Move]]:
    """Chains of at most so many moves, none of them twice."""
    return st.lists(st.sampled_from(moves), max_size=most, unique_by=lambda m: m.name)


LOG = {
    name: [
        Event(
            ("INFO", "DEBUG", "ERROR", "WARN", "INFO")[(7 * n + len(name)) % 5],
            ("up", "disk full", "net down")[n % 3],
            n,
            "xy"[n % 2],
            (None, "x", "y", "x")[n % 4],
        )
        for n in range(9)
    ]
    for name in ("app.log.2.gz", "app.log.1", "app.log", "other.log")
}


@pytest.mark.parametrize("context", CONTEXTS, ids=repr)
@pytest.mark.parametrize("move", ROWWISE, ids=repr)
def test_every_row_wise_method_may_stand_around_a_context(move: Move, context: Move) -> None:
    """Between filter and context, ahead of the filter, and after the context, each method keeps its meaning."""
    errors = Move(
        "errors", lambda f: f.filter(pl.col("level") == "ERROR"), lambda m: m.filter(lambda e: e.level == "ERROR")
    )
    for chain in ([errors, move, context], [move, errors, context], [errors, context, move]):
        check(LOG, chain)


@pytest.mark.parametrize("move", RENEWING, ids=repr)
def test_other_methods_make_a_new_universe(move: Move) -> None:
    """After sort, head, tail, unique, a context sees what they gave and nothing else; after it they see its rows."""
    for chain in (
        [NARROWING[0], move, CONTEXTS[0]],
        [move, NARROWING[0], CONTEXTS[1]],
        [NARROWING[1], CONTEXTS[0], move],
        [move, NARROWING[2], CONTEXTS[3]],
    ):
        check(LOG, chain)


@settings(max_examples=40)
@given(
    log=logs(undated=True, filled=True),
    early=distinctly(ROWWISE, 4),
    context=st.sampled_from(CONTEXTS),
    late=distinctly([*NARROWING, *SCOPING], 2),
    block=st.sampled_from([200, 600]),
    workers=st.integers(1, 3),
)
def test_row_wise_methods_in_any_order(
    *, log: dict[str, list[Event]], early: list[Move], context: Move, late: list[Move], block: int, workers: int
) -> None:
    """Filters AND the mask, scope shrinks the universe, columns leave both alone: in any order, any number."""
    check(log, [*early, context, *late], block, workers)


@settings(max_examples=40)
@given(
    log=logs(undated=True, filled=True),
    moves=st.lists(st.sampled_from([*NARROWING, *SCOPING, *RENEWING, *CONTEXTS]), max_size=6),
    block=st.sampled_from([200, 600]),
)
def test_contexts_filters_and_new_universes_in_any_order(
    log: dict[str, list[Event]], moves: list[Move], block: int
) -> None:
    """A second context surrounds the rows of the first in the same universe; any chain is as the model says."""
    check(log, moves, block)


def test_a_second_context_surrounds_the_rows_of_the_first() -> None:
    """`context(1).context(2)` reaches as far as `context(3)`; its matches are the rows of the first."""
    scan = lq.scan("\n".join("----x----").encode(), "plain", block_size=4).grep("x")
    twice, once = scan.context(1).context(2).collect(), scan.context(3).collect()
    assert twice["line"].to_list() == once["line"].to_list() == [2, 3, 4, 5, 6, 7, 8]
    assert twice["is_match"].to_list() == [False, False, True, True, True, False, False]


def test_a_prefilter_never_sees_through_a_column_made_anew() -> None:
    """A level or message set on the way is what a filter after it tests, not the one in the file."""
    found = lq.scan(b"".join(b'{"level":"info","msg":"m"}\n' for _ in range(5)), "json")
    raised = found.with_columns(level=pl.lit("ERROR").cast(LEVEL_DTYPE)).level("ERROR").context(1).collect()
    assert raised["is_match"].to_list() == [True] * 5


def test_a_narrow_select_keeps_the_names_of_rows() -> None:
    """`select` ahead of a context may leave out all that the context goes by."""
    found = (
        lq.scan("\n".join("--x--").encode(), "plain", block_size=2)
        .grep("x")
        .select(text=pl.col("raw"))
        .context(1)
        .collect()
    )
    assert found.rows() == [("-", False, 0, -1), ("x", True, 0, 0), ("-", False, 0, 1)]


def test_columns_nobody_wants_are_not_in_the_way() -> None:
    """Group, drop and select after a context work on what it added and on what was made ahead of it."""
    around = (
        lq.scan("\n".join("--x---x").encode(), "plain", block_size=4)
        .with_columns(n=pl.col("raw").str.len_chars())
        .grep("x")
        .context(1)
    )
    assert around.group_by("context_group").agg(pl.len(), pl.col("n").sum()).collect().rows() == [(0, 3, 3), (1, 2, 2)]
    assert around.select("is_match").collect()["is_match"].to_list() == [False, True, False, False, True]
    assert around.drop("context_group", "raw").filter(pl.col("is_match")).sort("line", descending=True).select(
        "line"
    ).collect().rows() == [(7,), (3,)]


def test_context_columns_replace_older_ones() -> None:
    """A column that is called as the context's is replaced by it."""
    chain = lq.scan(b"a\nx\nb", "plain").with_columns(is_match=pl.lit("old")).grep("x").context(1)
    assert chain.collect()["is_match"].to_list() == [False, True, False]
    assert chain.schema == chain.collect().schema


def test_an_expression_over_all_rows_may_choose_the_matches() -> None:
    """A lone filter that is not row-wise looks at the universe; its matches are surrounded in it."""
    found = lq.scan(b"a\nc\nb", "plain", block_size=2).filter(pl.col("raw") == pl.col("raw").max()).context(1).collect()
    assert found["context_distance"].to_list() == [-1, 0, 1]


def test_columns_over_all_rows_may_stand_ahead_of_the_filter() -> None:
    """Not row-wise, but ahead of any filter: the rows become the universe. A scope is no filter."""
    begins: list[Callable[[LogFrame], LogFrame]] = [lambda f: f, lambda f: f.scope(pl.col("raw") != "z")]
    for begin in begins:
        chain = begin(lq.scan(b"a\nz\nb\nc", "plain")).with_columns(rows=pl.len()).grep("b").context(1)
        assert chain.collect().select("raw", "rows").rows() == (
            [("z", 4), ("b", 4), ("c", 4)] if chain.plan.steps[0].rowwise is False else [("a", 3), ("b", 3), ("c", 3)]
        )


REFUSED = [
    Move("group_by", lambda f: f.group_by("raw").agg(pl.len())),
    Move("select len", lambda f: f.select(pl.len())),
    Move("select first", lambda f: f.select(pl.col("raw").first())),
    Move("with_columns", lambda f: f.grep("x").with_columns(n=pl.len())),
    Move("with_columns, rename", lambda f: f.grep("x").with_columns(pl.col("line").cum_sum()).rename({"raw": "text"})),
    Move("filter", lambda f: f.grep("x").filter(pl.col("line") == pl.col("line").max())),
    Move("scope", lambda f: f.grep("x").scope(pl.col("line") > pl.col("line").mean())),
    Move("behind a context", lambda f: f.level("ERROR").context(1).with_columns(n=pl.len())),
]


@pytest.mark.parametrize("move", REFUSED, ids=repr)
def test_a_context_that_could_not_find_neighbours_is_refused(move: Move) -> None:
    """On aggregates, and behind a filter and an expression that is not row-wise: an error where the chain is built."""
    with pytest.raises(BuildError, match="context"):
        move.apply(lq.scan(b"x", "plain")).context(1)


def test_a_new_universe_clears_the_way() -> None:
    """After head, sort, tail or unique an expression that is not row-wise may stand ahead of a context."""
    found = (
        lq.scan(b"a\nx\nb", "plain")
        .grep("a|x")
        .head(5)
        .with_columns(n=pl.len())
        .filter(pl.col("raw") == "x")
        .context(1)
        .collect()
    )
    assert found.select("raw", "n").rows() == [("a", 2), ("x", 2)]
