"""Units, blocks and rows that chains seldom come to: empty ones, and ones that cannot be read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import logq as lq
from logq.errors import PartialResultError
from logq.plan import EventSequence, Expression, Having, Scan, Sessions, Stage
from logq.read import Block, FileRef, resolve_file
from logq.read.blocks import Handle
from logq.run.agent.pieces import _held
from logq.run.fleet.late import late
from logq.run.parts import bundles
from logq.run.years import clocks, ends
from tests.fleet.beside import beside, scan

SCHEMA = pl.Schema({"timestamp": pl.Datetime("us", "UTC"), "raw": pl.String(), "req": pl.String()})
STAGES = tuple(Stage(name=w, predicate=Expression.of(pl.col("raw") == w)) for w in ("in", "out"))


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A file of two lines."""
    path = tmp_path / "app.log"
    path.write_text("Mar  5 09:00:01 web app[1]: one\nMar  5 09:00:02 web app[1]: two\n")
    return path


def test_nothing_is_asked_of_units_that_nobody_wants(log: Path) -> None:
    """`head(0)` reads nothing, here or when it is estimated there, and the unit says so."""
    none = scan(log, "plain").head(0)
    assert none.collect().shape == (0, len(none.schema))
    assert none.estimate().row(0)[1:] == (1, log.stat().st_size, 0)


def test_parts_of_no_rows_are_not_sent(log: Path) -> None:
    """No row matches, and the counts of no rows are none."""
    counts = scan(log, "plain").grep("nothing").group_by("level").agg(pl.len())
    assert counts.collect().rows() == []
    assert counts._runner.cluster.bytes == 0  # type: ignore[attr-defined]


def broken() -> bytes:
    """A block that is there no more."""
    raise OSError(5, "Input/output error")


def test_a_block_without_stamps_or_bytes_turns_no_year(log: Path) -> None:
    """That it cannot be read is for the reading itself to tell."""
    file = resolve_file(FileRef("app.log", path=str(log)), Scan(sources=("app.log",)))
    assert ends(Block(0, 9, broken), file) is None
    empty, whole = (ends(Block(0, 9, load), file) for load in (lambda: b"nothing\n", log.read_bytes))
    assert empty is not None
    assert (empty.first, empty.last, empty.turns) == (None, None, 0)
    assert whole is not None
    assert whole.first is not None
    assert (whole.last, whole.turns) == (whole.first + 1_000_000, 0)
    assert [clock.start for clock in clocks([None, whole], file, 2024, "UTC")] == [2024] * 3


def test_a_block_that_cannot_be_read_is_lost_with_its_file(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk may fail between the look at a file and its bytes."""
    monkeypatch.setattr(Handle, "read", lambda *_: broken())
    for ask in (lq.scan, scan):
        with pytest.raises(PartialResultError, match="Input/output error") as caught:
            ask(log, "plain").collect()
        assert caught.value.partial.height == 0


@pytest.mark.parametrize(("count", "expected"), [(0, []), (1, [1]), (4, [4]), (6, [4, 2])])
def test_blocks_ahead_of_damage_come_out(count: int, expected: list[int]) -> None:
    """However many were waiting for others."""

    def damaged() -> Any:
        yield from (Block(n, 1, broken) for n in range(count))
        raise OSError

    seen: list[int] = []
    with pytest.raises(OSError):  # noqa: PT011 (it has no words)
        seen.extend(len(few) for few in bundles(damaged(), 4))
    assert seen == expected


# --- what is left whole by late materialisation


def test_a_choice_by_all_columns_is_no_late_one() -> None:
    """There is nothing to leave out."""
    every = Expression.of(pl.any_horizontal(pl.all().is_null()))
    home = [Sessions(keys=(Expression.of(pl.col("req")),), names=(None,)), Having(predicates=(every,))]
    assert late(home, SCHEMA, frozenset()) is None


def test_keys_of_what_comes_later_are_made_later() -> None:
    """Hosts cannot work out a key of a session's number, nor one that takes the name of a column."""
    key = Expression.of(pl.col("session_id") % 2)
    sessions = Sessions(keys=(Expression.of(pl.col("req")),), names=(None,))
    made = late([sessions, EventSequence(stages=STAGES, keys=(key,), names=("half",))], SCHEMA, frozenset())
    assert made is not None
    assert made.choosing[1].keys == (key,)  # type: ignore[attr-defined]
    taken = Expression.of(pl.col("raw").str.head(1))
    made = late([EventSequence(stages=STAGES, keys=(taken,), names=("req",))], SCHEMA, frozenset())
    assert made is not None
    assert made.choosing[0].keys == (taken,)  # type: ignore[attr-defined]


# --- names of rows


@pytest.mark.parametrize("step", ["head", "tail", "unique", "sort"])
def test_what_hosts_did_in_part_keeps_the_names_of_rows(log: Path, step: str) -> None:
    """A context or sessions further on go by them."""
    steps: dict[str, Callable[[lq.LogFrame], lq.LogFrame]] = {
        "head": lambda f: f.head(2),
        "tail": lambda f: f.tail(2),
        "unique": lambda f: f.unique("raw"),
        "sort": lambda f: f.sort("raw", descending=True).head(2),
    }
    some = steps[step](lq.scan(log))
    for chain in (some.grep("one").context(1), some.sessions(pl.col("format").alias("of"))):
        assert_frame_equal(beside(chain).collect().drop("host"), chain.collect().drop("host"))


def test_entries_of_files_beside_are_counted_no_further_than_asked(log: Path) -> None:
    """A context looks at so many of them; fewer may be there."""
    file = resolve_file(FileRef("app.log", path=str(log)), Scan(sources=("app.log",)))
    assert [_held(file, count) for count in (1, 9)] == [2, 2]
