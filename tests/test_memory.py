"""The memory budget: beyond it rows go to disk, and no answer changes."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import logq as lq
from logq import memory
from logq.compile import held, link, of_sessions
from logq.errors import BuildError, FleetError, MatchError

C = pl.col
TINY = 4_000


def events(seed: int, rows: int = 200) -> pl.DataFrame:
    """Entries of few keys, out of order, with ties and nulls."""
    made = random.Random(seed)
    level = ("info", "error")
    return pl.DataFrame(
        {
            "timestamp": pl.Series([made.choice([None, *range(60)]) for _ in range(rows)], dtype=pl.Int64),
            "k": [made.choice(["a", "b", "c", "d", None]) for _ in range(rows)],
            "other": [made.choice(["a", "b", "c", "x", None]) for _ in range(rows)],
            "n": [made.randrange(6) for _ in range(rows)],
            "level": [level[made.randrange(12) == 0] for _ in range(rows)],
            "message": [f"event {made.randrange(5)}" for _ in range(rows)],
            "host": [made.choice(["web", "db"]) for _ in range(rows)],
        }
    ).with_columns(pl.from_epoch("timestamp", "s"))


A, B, D = (lq.step(name, C("n") == n) for n, name in enumerate("abd"))
ABSENT = lq.absent(C("n") == 4)
CHAINS: dict[str, Callable[[lq.LogFrame], lq.LogFrame]] = {
    "sessions": lambda f: f.sessions("k", gap="5s"),
    "rules": lambda f: f.sessions(["k", "n"], max_span=9, max_entries=3, start=C("n") == 1, end=C("n") == 5),
    "dropped": lambda f: f.sessions("k", start=C("n") == 1, orphans="drop"),
    "attached": lambda f: f.sessions("k", gap="5s", orphans="attach"),
    "linked": lambda f: f.sessions(link=["k", "other"], gap="5s"),
    "linked, attached": lambda f: f.sessions(link=["k", "other"], gap="5s", orphans="attach"),
    "links": lambda f: f.sessions(link=["k", "other", "n"]).links(),
    "summary": lambda f: f.sessions("k", gap="5s").summary(),
    "summary of the rows": lambda f: f.sessions("k", gap="5s").filter(C("n") < 5).summary(),
    "linked summary": lambda f: f.sessions(link=["k", "other"], gap="5s").summary(service="other"),
    "timeline": lambda f: f.sessions("k", gap="5s").timeline(),
    "timeline of the rows": lambda f: f.sessions("k", gap="5s").filter(C("n") < 5).timeline(),
    "linked timeline": lambda f: f.sessions(link=["k", "other"], gap="5s").timeline().select("offset", "session_index"),
    "summary of a timeline": lambda f: f.sessions("k", max_entries=3).timeline().summary(),
    "having": lambda f: f.sessions("k", gap="2s").having(C("level") == "ERROR"),
    "having of the whole": lambda f: f.sessions("k", gap="2s").having(C("n").last() > C("n").first(), pl.len() > 1),
    "one session": lambda f: f.sessions("k", gap="2s").filter(C("session_id") == 3).select("n", "session_index"),
    "head": lambda f: f.sessions("k", gap="2s").head(7),
    "sequence": lambda f: f.sequence(A, B, D, by="k", within="30s", until=C("n") == 5),
    "no key": lambda f: f.sequence(A, B, D, within="30s").select("n", "match_id"),
    "numbers alone": lambda f: f.sequence(A, B, by="k").select("step"),
    "strict": lambda f: f.sequence(A, B, by="k", policy="strict").matches(),
    "apart": lambda f: f.sequence(A, B, by="k", policy="non_overlapping").near_misses(),
    "all": lambda f: f.sequence(A, B, by="k", within="20s", policy="all").matches(),
    "near misses": lambda f: f.sequence(ABSENT, A, B, by="k", within="30s").near_misses(),
    "absent": lambda f: f.sequence(A, B, ABSENT, by=["k", "host"], within="10s").matches(),
    "funnel": lambda f: f.sequence(A, B, D, by="k", within="30s").funnel(),
    "own keys": lambda f: f.sequence(
        lq.step("a", C("n") == 0, by="k"), lq.step("b", C("n") == 1, by="other"), within="30s"
    ),
    "until of its own": lambda f: f.sequence(
        lq.step("a", C("n") == 0, by="k"), lq.step("b", C("n") < 3, by="k"), until=lq.step("u", C("n") == 5, by="other")
    ),
    "in sessions": lambda f: f.sessions("k", gap="9s").sequence(A, B).matches(),
    "pattern of keys": lambda f: f.match_pattern(
        "A B+",
        {"A": C("n") < 3, "B": C("n") > C("n").shift(1)},
        by=["k", "host"],
        rows="with_unmatched",
        after_match="next_row",
        measures={"most": C("n").max(), "ahead": C("n").shift(1).first()},
    ),
    "pattern in an order": lambda f: f.match_pattern(
        "A* B?", {"A": C("n") > 2, "B": C("level") == "ERROR"}, by="k", order_by=C("n") * 2, measures={"of": pl.len()}
    ).matches(),
    "pattern without a key": lambda f: f.match_pattern("A B", {"A": C("n") < 3}).select("n", "match_id"),
    "pattern": lambda f: f.sessions("k", gap="9s").match_pattern("A B+", {"A": C("n") < 3, "B": C("n") > 1}),
}


@pytest.mark.parametrize("name", CHAINS)
def test_a_tiny_budget_changes_no_answer(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Rows, values and order are those of a run in memory; nothing is left on disk."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    table = events(len(name))
    chain = CHAINS[name]
    plain = chain(lq.from_polars(table)).collect()
    made: list[str] = []
    original = tempfile.mkdtemp

    def noted(**options: Any) -> str:
        made.append(original(**options))
        return made[-1]

    monkeypatch.setattr(tempfile, "mkdtemp", noted)
    spilled = chain(lq.from_polars(table, memory_budget=TINY)).collect()
    assert_frame_equal(spilled, plain)
    assert plain.height
    assert made
    assert not list(tmp_path.iterdir())


def test_a_log_spills_too(tmp_path: Path) -> None:
    """Entries of files, by line, with the budget of the environment or of the scan."""
    for part in range(3):
        table = events(part).with_columns(C("timestamp").dt.strftime("%Y-%m-%dT%H:%M:%SZ").alias("time"))
        table.select("time", "k", "n", "level").write_ndjson(tmp_path / f"{part}.log")
    chain = lq.scan(tmp_path, "json").sessions("k", gap="5s")
    tight = lq.scan(tmp_path, "json", memory_budget="60kB").sessions("k", gap="5s")
    assert_frame_equal(tight.collect(), chain.collect())
    assert_frame_equal(tight.timeline().collect(), chain.timeline().collect())
    steps = [lq.step(str(n), C("n") == n) for n in range(3)]
    assert_frame_equal(tight.sequence(*steps).collect(), chain.sequence(*steps).collect())


def test_a_stream_that_breaks_leaves_no_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A host that refuses, say, after much has gone to disk."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def breaking() -> Iterator[pl.DataFrame]:
        for n in range(9):
            yield pl.DataFrame({"n": range(n * 1000, n * 1000 + 1000)})
        assert list(tmp_path.iterdir())
        raise FleetError

    with memory.spending(TINY), pytest.raises(FleetError):
        held.Held(breaking(), pl.Schema({"n": pl.Int64}), held.Budget())
    assert not list(tmp_path.iterdir())


def test_sums_and_links_of_several_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is summed up or reduced in between comes to the same."""
    chains = [CHAINS[name] for name in ("linked", "links", "linked summary")]
    plain = [chain(lq.from_polars(events(3))).collect() for chain in chains]
    monkeypatch.setattr(link, "EDGES", -1000)
    monkeypatch.setattr(of_sessions, "TOGETHER", 50)
    monkeypatch.setattr(held, "BATCH", 30)
    for chain, expected in zip(chains, plain, strict=True):
        assert_frame_equal(chain(lq.from_polars(events(3))).collect(), expected)


def test_a_condition_may_look_beyond_the_row() -> None:
    """Then `having` looks at the entries of each session, in time order."""
    found = lq.from_polars(events(4)).sessions("k").having(C("n") == C("n").max())
    assert found.collect()["k"].drop_nulls().n_unique() == 4
    table = pl.DataFrame({"timestamp": [3, 1, 2, 1], "k": ["a", "a", "b", "b"], "n": [1, 2, 5, 4]})
    frame = lq.from_polars(table.with_columns(pl.from_epoch("timestamp", "s"))).sessions("k")
    for condition, kept in ((C("n").last() == 1, "a"), (C("n") > C("n").shift(1), "b"), (C("n").sum() > 3, "b")):
        assert set(frame.having(condition).collect()["k"]) == {kept}


def test_orphans_are_attached_where_there_are_no_files_or_hosts() -> None:
    """All entries are beside each other then."""
    rows = lq.from_polars(events(5)).select("timestamp", "k", "n").sessions("k", gap="9s", orphans="attach").collect()
    assert rows.filter(C("k").is_null())["session_id"].count()


def test_combinations_are_still_counted() -> None:
    """The limit of `all` is told by name, on disk as in memory."""
    for budget in (None, TINY):
        frame = lq.from_polars(events(1), memory_budget=budget)
        with pytest.raises(MatchError, match="limit=3"):
            frame.sequence(A, B, by="k", policy="all", limit=3).collect()


def test_the_budget_is_given_or_of_the_environment_or_half(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In this order; a control group's limit counts as the memory there is."""
    monkeypatch.setenv(memory.VARIABLE, "3 MiB")
    assert memory.budget_in_force() == 3 << 20
    with memory.spending(5):
        assert memory.budget_in_force() == 5
    monkeypatch.delenv(memory.VARIABLE)
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(memory, "GROUP_LIMIT", limit)
    whole = memory.budget_in_force()
    for text, expected in (("max", whole), ("1000", 500)):
        limit.write_text(text)
        assert memory.budget_in_force() == expected


@pytest.mark.parametrize("size", ["", "-1", 0, "much", "1 parsec"])
def test_a_budget_is_a_size(size: Any) -> None:
    """Anything else is refused when the chain is built."""
    with pytest.raises(BuildError, match="memory_budget"):
        lq.scan(b"a", memory_budget=size)
    with pytest.raises(BuildError, match="memory_budget"):
        lq.from_polars(events(1), memory_budget=size)
    with pytest.raises(BuildError, match="memory_budget"):
        lq.Fleet.local(1).scan("a", memory_budget=size)
