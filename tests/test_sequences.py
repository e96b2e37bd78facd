"""Sequences: equal to the slow state machine, whatever the steps, the rules and the order."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import hypothesis.strategies as st
import polars as pl
import pytest
from hypothesis import example, given, settings

import logq as lq
from logq.plan import EventSequence
from tests.reference.sequences import Event, Rules, Stage, combinations, sequences

LETTERS = "ABCXU"
EVENTS = st.lists(
    st.builds(
        Event,
        letters=st.sets(st.sampled_from(LETTERS), min_size=1, max_size=3).map(lambda s: "".join(sorted(s))),
        second=st.integers(0, 12) | st.integers(0, 12) | st.none(),
        key=st.sampled_from(["k", "k", "l", None]),
        own=st.tuples(st.sampled_from(["x", "y", None]), st.sampled_from(["x", "y", None])),
    ),
    max_size=16,
)
LONGEST = 3


@st.composite
def rules(draw: st.DrawFn, *, own: bool = False, policies: tuple[str, ...] = ("latest",)) -> Rules:
    """One to three steps, absences before, between and behind them, and every option."""
    place = st.integers(0, 1) if own else st.none()
    gap = st.none() | st.tuples(st.integers(0, 2), st.integers(2, 6))
    stages: list[Stage] = []
    within = draw(st.none() | st.integers(0, 9))
    for n in range(draw(st.integers(1, LONGEST))):
        if (n or within is not None) and draw(st.integers(0, 3)) == 0:
            stages.append(Stage("X", absent=True, own=draw(place)))
        stages.append(Stage(draw(st.sampled_from("ABC")), gap=draw(gap) if n else None, own=draw(place)))
    if within is not None and draw(st.integers(0, 3)) == 0:
        stages.append(Stage("X", absent=True, own=draw(place)))
    until = draw(st.none() | st.builds(Stage, st.just("U"), own=place))
    return Rules(tuple(stages), within, until, draw(st.sampled_from(policies)))


def log(events: list[Event]) -> bytes:
    """One JSON line an event."""
    lines = [
        {
            "ts": None if e.second is None else 1_700_000_000 + e.second,
            "w": e.letters,
            "k": e.key,
            "o0": e.own[0],
            "o1": e.own[1],
        }
        for e in [Event("", None, "", ("", "")), *events]
    ]
    return "\n".join(map(json.dumps, lines)).encode()


def chain(events: list[Event], rules: Rules, **options: Any) -> lq.LogFrame:
    """The same question of logq."""

    def test(stage: Stage) -> pl.Expr:
        return pl.col("w").str.contains(stage.letter, literal=True)

    def by(stage: Stage) -> tuple[str, ...]:
        return () if stage.own is None else (f"o{stage.own}",)

    steps = [
        lq.absent(test(s), by=by(s)) if s.absent else lq.step(s.letter, test(s), by=by(s), gap_between=s.gap)
        for s in rules.stages
    ]
    until = None if rules.until is None else lq.step("until", test(rules.until), by=by(rules.until))
    scan = lq.scan(log(events), format="json", **options).scope(pl.col("line") > 1)
    policy: Any = rules.policy
    return scan.sequence(*steps, by="k", within=rules.within, until=until, policy=policy)


def told(frame: pl.DataFrame) -> list[tuple[int, ...]]:
    """Positions of the events of each match."""
    grouped = frame.group_by("match_id", maintain_order=True).agg(pl.col("line") - 2)
    return [tuple(lines) for lines in grouped["line"]]


@settings(max_examples=150)
@given(EVENTS, rules())
def test_sequences_equal_the_state_machine(events: list[Event], rules: Rules) -> None:
    """Matches and near misses, on ties, nulls, overlapping steps, any order."""
    frame = chain(events, rules)
    matches, missed = sequences(events, rules)
    assert told(frame.collect()) == matches
    found = frame.near_misses().collect()
    near = found.select(pl.col("line") - 2, "step_index", "why").rows()
    assert sorted(near) == sorted((m.last, m.stage, m.why) for m in missed)
    funnel = frame.funnel().collect()
    assert funnel["reached"].to_list()[-1] == len(matches)


@given(EVENTS, rules(own=True))
def test_steps_with_keys_of_their_own_equal_the_state_machine(events: list[Event], rules: Rules) -> None:
    """Steps joined by keys that stand in different columns."""
    frame = chain(events, rules)
    matches, missed = sequences(events, rules)
    assert told(frame.collect()) == matches
    near = frame.near_misses().collect().select(pl.col("line") - 2, "step_index", "why").rows()
    assert sorted(near) == sorted((m.last, m.stage, m.why) for m in missed)


@example([Event("A", 0)] * 3, Rules((Stage("A"), Stage("A")), None, None, "non_overlapping"))
@example(
    [Event("A", 0), Event("AX", 0), Event("B", 0)],
    Rules((Stage("A"), Stage("X", absent=True), Stage("B")), None, None, "first"),
)
@settings(max_examples=150)
@given(EVENTS, st.booleans().flatmap(lambda own: rules(own=own, policies=("first", "strict", "non_overlapping"))))
def test_policies_equal_the_state_machine(events: list[Event], rules: Rules) -> None:
    """The first is kept, nothing stands between, or no event serves two: matches and near misses."""
    frame = chain(events, rules)
    matches, missed = sequences(events, rules)
    assert told(frame.collect()) == matches
    near = frame.near_misses().collect().select(pl.col("line") - 2, "step_index", "why").rows()
    assert sorted(near) == sorted((m.last, m.stage, m.why) for m in missed)


@settings(max_examples=150)
@given(EVENTS, st.booleans().flatmap(lambda own: rules(own=own, policies=("all",))))
def test_all_combinations_are_found(events: list[Event], rules: Rules) -> None:
    """Each choice of events that keeps the rules is a match, and the last stage of the funnel counts them."""
    frame = chain(events, rules)
    matches = combinations(events, rules)
    assert told(frame.collect()) == matches
    assert frame.matches().collect().height == len(matches)
    assert frame.funnel().collect()["reached"].to_list()[-1] == len(matches)


def test_too_many_combinations_are_refused() -> None:
    """The error names the step and what to do; a limit that is reached is none that is passed."""
    steps = [lq.step(w, said(w)) for w in ("in", "out")]
    assert lq.scan(ORDER).sequence(*steps, policy="all", limit=4).matches().collect().height == 4
    with pytest.raises(lq.errors.MatchError, match=r"limit=3.: 4 partial matches reach step 'out'"):
        lq.scan(ORDER).sequence(*steps, policy="all", limit=3).collect()


@given(EVENTS, rules(), st.data())
def test_order_of_input_does_not_matter(events: list[Event], rules: Rules, data: st.DataObject) -> None:
    """Shuffled input gives the matches of sorted input, in blocks of any size."""
    events = [Event(e.letters, n, e.key, e.own) for n, e in enumerate(events)]
    order = data.draw(st.permutations(range(len(events))))
    one = told(chain(events, rules, block_size=data.draw(st.sampled_from([64, 1 << 20]))).collect())
    two = told(chain([events[i] for i in order], rules).collect())
    assert [tuple(order[i] for i in match) for match in two] == one


ORDER = b"\n".join(
    f'{{"ts":{n},"req":"{r}","msg":"{m}"}}'.encode()
    for n, r, m in [
        (1, "a", "in"),
        (2, "b", "in"),
        (3, "a", "retry"),
        (4, "a", "retry"),
        (5, "b", "out"),
        (6, "a", "out"),
    ]
)


def said(word: str) -> pl.Expr:
    """Test for a message."""
    return pl.col("message") == word


def test_a_match_is_told_in_one_row() -> None:
    """Key, times, and time and name of each step; repeated steps are numbered."""
    frame = lq.scan(ORDER).sequence(
        lq.step("in", said("in")), lq.step("retry", said("retry"), repeat=2), lq.step("out", said("out")), by="req"
    )
    row = frame.matches().collect().row(0, named=True)
    assert (row["match_id"], row["req"], row["duration"].total_seconds()) == (0, "a", 5)
    assert [row[f"{s}.line"] for s in ("in", "retry", "retry_2", "out")] == [1, 3, 4, 6]
    assert row["retry_2.source"] == "<bytes 0>"
    assert frame.collect()["step_index"].to_list() == [0, 1, 2, 3]


@pytest.mark.parametrize("key", ["host", "source", "line"])
def test_what_names_a_row_may_be_the_key(key: str) -> None:
    """It is told once."""
    frame = lq.from_polars(pl.DataFrame({"message": ["a", "x"], "host": "web", "source": "f", "line": 7}))
    frame = frame.with_columns(pl.from_epoch("line").dt.replace_time_zone("UTC").alias("timestamp"))
    found = frame.sequence(lq.step("a", said("a")), lq.step("b", said("b")), by=key)
    row = found.near_misses().collect().row(0, named=True)
    assert (row["host"], row["source"], row["line"], row["why"]) == ("web", "f", 7, "end_of_data")
    matches = found.matches().collect()
    assert matches.columns[:2] == ["match_id", key]
    row = frame.match_pattern("A B", {"A": said("a")}, by=key).matches().collect().row(0, named=True)
    assert (row["host"], row["source"], row["line"], row["entries"]) == ("web", "f", 7, 2)


def test_the_sessions_in_force_are_the_key() -> None:
    """Without `by` a match lies within one session; without sessions anywhere."""
    steps = [lq.step("in", said("in")), lq.step("out", said("out"))]
    by_session = lq.scan(ORDER).sessions("req").filter(pl.col("line") > 0).sequence(*steps)
    assert by_session.collect()["line"].to_list() == [2, 5, 1, 6]
    assert by_session.matches().collect()["session_id"].to_list() == [1, 0]
    assert lq.scan(ORDER).sequence(*steps).collect()["line"].to_list() == [2, 5]
    assert lq.scan(ORDER).sessions("req").summary().plan != by_session.plan


def test_the_whole_chain() -> None:
    """Errors, what surrounds them, their sessions, and an order within these."""
    log = "\n".join(
        f'{{"ts":{n},"req":"{n % 2}","level":"{"error" if n == 7 else "info"}","msg":"m{n}"}}' for n in range(14)
    ).encode()
    steps = [lq.step("before", said("m5")), lq.step("failed", pl.col("level") == "ERROR")]
    found = lq.scan(log).level("ERROR").context(3).sessions("req").sequence(*steps, within="30s").collect()
    assert found.select("line", "step", "session_id").rows() == [(6, "before", 1), (8, "failed", 1)]


def test_a_funnel_counts_what_reached_each_step() -> None:
    """Partial matches and their keys by step, matches at the last."""
    steps = [lq.step(w, said(w)) for w in ("in", "retry", "out")]
    assert lq.scan(ORDER).sequence(*steps, by="req").funnel().collect().rows() == [
        (0, "in", 2, 2),
        (1, "retry", 1, 1),
        (2, "out", 1, 1),
    ]


def test_absences_that_stand_together_are_one() -> None:
    """Neither may be there."""
    steps = [lq.step("in", said("in")), lq.absent(said("no")), lq.absent(said("retry")), lq.step("out", said("out"))]
    assert lq.scan(ORDER).sequence(*steps, by="req").matches().collect()["req"].to_list() == ["b"]


def test_a_key_may_be_an_expression() -> None:
    """It is shown under its alias."""
    steps = [lq.step("in", said("in")), lq.step("out", said("out"))]
    found = lq.scan(ORDER).sequence(*steps, by=pl.col("req").str.to_uppercase().alias("who")).matches().collect()
    assert found["who"].to_list() == ["B", "A"]


def test_a_step_may_take_no_heed_of_case() -> None:
    """Comparisons with a text, on either side and however deep, of text and of levels."""
    log = b'{"ts":1,"level":"error","msg":"In"}\n{"ts":2,"level":"info","msg":"OUT"}'
    first = (pl.col("message") == "iN") & (pl.lit("error") == pl.col("level"))
    steps = [
        lq.step("in", first, ignore_case=True),
        lq.step("out", (pl.col("message") == "in").not_(), ignore_case=True),
    ]
    assert lq.scan(log).sequence(*steps).collect()["line"].to_list() == [1, 2]
    assert lq.scan(log).sequence(lq.step("in", said("in"))).collect().height == 0


@pytest.mark.parametrize("low", [2**64 - 5, -128, -(2**33), 0])
def test_a_key_may_be_any_whole_number(low: int) -> None:
    """Beyond what a signed integer holds, below zero in a narrow type, and far apart."""
    dtype = pl.UInt64 if low > 0 else pl.Int8 if low == -128 else pl.Int64
    keys = pl.Series("k", [low, low + 4, 100 if low <= 0 else low + 1, low, low + 4], dtype=dtype)
    frame = lq.from_polars(keys.to_frame().with_columns(n=pl.int_range(5), timestamp=pl.from_epoch(pl.int_range(5))))
    found = frame.sequence(lq.step("a", pl.col("n") < 3), lq.step("b", pl.col("n") > 2), by="k").collect()
    assert found["n"].to_list() == [0, 3, 1, 4]
    assert frame.sessions("k").collect()["session_id"].to_list() == [0, 1, 2, 0, 1]


def test_sessions_that_are_summed_up_are_no_key() -> None:
    """What groups entries ends the sessions in force."""
    frame = lq.scan(ORDER).sessions("req").summary().sequence(lq.step("long", pl.col("entries") > 1))
    step = frame.plan.steps[-1]
    assert isinstance(step, EventSequence)
    assert step.keys == ()


NONSENSE: list[tuple[Callable[[lq.LogFrame], lq.LogFrame], str]] = [
    (lambda f: f.sequence(), "at least one step"),
    (lambda f: f.sequence(lq.absent(said("a")), within=1), "at least one step"),
    (lambda f: f.sequence(lq.step("a", said("a")), within=-1), "not negative"),
    (lambda f: f.sequence(lq.step("a", said("a")), lq.absent(said("b"))), "needs within="),
    (lambda f: f.sequence(lq.step("a", said("a"), by="x"), lq.step("b", said("b"))), "as many each"),
    (lambda f: f.sequence(lq.step("a", pl.col("line") == pl.col("line").max())), "not row-wise"),
    (lambda f: f.sequence(lq.step("a", said("a")), by=pl.col("line").max().alias("m")), "not row-wise"),
    (lambda f: f.sequence(lq.step("__logq_a", said("a"))), "logq's own"),
    (lambda f: f.sequence(lq.step("a", said("a"), repeat=0)), "at least 1"),
    (lambda f: f.sequence(lq.step("a", said("a"), gap_between=(3, 1))), "neither negative"),
    (lambda f: f.sequence(lq.step("a", said("a")), policy="best"), "it is one of"),  # type: ignore[arg-type]
    (lambda f: f.sequence(lq.step("a", said("a")), policy="all", limit=0), "at least one match"),
    (lambda f: f.sequence(lq.step("a", said("a")), policy="all").near_misses(), "every partial match goes on"),
    (lambda f: f.sequence(lq.step("a", pl.col("line") == 1, ignore_case=True)), "has none"),
    (lambda f: f.sequence(lq.step("a", said("a")), by="step"), "sequence tells 'step'; call a key of that name"),
    (lambda f: f.sequence(lq.step("a", said("a")), by="end").matches(), "sequence tells 'end'"),
    (lambda f: f.sequence(lq.step("a", said("a")), by="why").near_misses(), "sequence tells 'why'"),
    (lambda f: f.matches(), "right behind"),
    (lambda f: f.sequence(lq.step("a", said("a"))).head(1).funnel(), "right behind"),
    (lambda f: f.sequence(lq.step("a", said("a"))).matches().funnel(), "right behind"),
    (lambda f: f.sequence(lq.step("a", said("a"))).context(1), "none"),
]


@pytest.mark.parametrize(("build", "message"), NONSENSE, ids=range(len(NONSENSE)))
def test_nonsense_is_refused(build: Callable[[lq.LogFrame], lq.LogFrame], message: str) -> None:
    """The error names what is wrong, when the chain is built."""
    with pytest.raises(lq.errors.BuildError, match=message):
        build(lq.scan(b"a"))
