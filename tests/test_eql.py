"""Sequences against Elastic's own engine: the same matches of random queries on random events."""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import starmap
from typing import Any, Final

import polars as pl
import pytest

import logq as lq

eql = pytest.importorskip("eql", reason="Elastic's engine is not installed; the extra `test` brings it")

QUERIES: Final = 100
STREAMS: Final = 20
"""Streams of events that each query is asked of; 2,000 cases."""

TICKS: Final = 10_000_000
"""EQL's time in a second."""


@dataclass(frozen=True)
class Query:
    """Letters of the steps and, where they have keys of their own, the columns of these; the last is `until`."""

    steps: tuple[tuple[str, str | None], ...]
    by: bool
    span: int | None
    until: tuple[str, str | None] | None

    @property
    def text(self) -> str:
        """The query in EQL."""

        def term(letter: str, own: str | None) -> str:
            return f"[any where {letter} == 1]{f' by {own}' if own else ''}"

        end = f" until {term(*self.until)}" if self.until else ""
        span = f" with maxspan={self.span}s" if self.span is not None else ""
        return f"sequence{' by k' if self.by else ''}{span} {' '.join(starmap(term, self.steps))}{end}"

    def chain(self, frame: lq.LogFrame) -> lq.LogFrame:
        """The query in logq's words; every stream is a key of its own."""

        def term(letter: str, own: str | None) -> Any:
            return lq.step(letter, pl.col(letter) == 1, by=own or ())

        keys = ["stream", "k"] if self.by else ["stream"]
        until = term(*self.until) if self.until else None
        return frame.sequence(*starmap(term, self.steps), by=keys, within=self.span, until=until)


def query(rng: random.Random) -> Query:
    """Two to four steps, equal ones among them, each option or not."""
    own = rng.random() < 0.4

    def term(letters: str) -> tuple[str, str | None]:
        return rng.choice(letters), rng.choice("xy") if own else None

    steps = tuple(term("abc") for _ in range(rng.randint(2, 4)))
    span = rng.choice([None, 0, 2, 5, 9])
    return Query(steps, rng.random() < 0.6, span, term("abcuuu") if rng.random() < 0.5 else None)


def events(rng: random.Random, stream: int) -> list[dict[str, Any]]:
    """Events in time order with ties, of which each meets several tests; keys may be null."""
    seconds = sorted(rng.randint(0, 20) for _ in range(rng.randint(0, 60)))
    return [
        {
            "stream": stream,
            "n": n,
            "second": second,
            **{letter: int(rng.random() < 0.4) for letter in "abc"},
            "u": int(rng.random() < 0.1),
            **{key: rng.choice(["p", "p", "p", "q", None]) for key in "kxy"},
        }
        for n, second in enumerate(seconds)
    ]


def by_eql(asked: Query, rows: list[dict[str, Any]]) -> list[tuple[int, ...]]:
    """Matches as EQL gives them, but those of null keys: EQL joins nulls to each other, logq to nothing."""
    found: list[Any] = []
    engine = eql.engine.PythonEngine()
    engine.add_output_hook(found.append)
    engine.add_query(eql.parse_query(asked.text, implied_any=True))
    engine.stream_events([eql.Event("any", r["second"] * TICKS, {"serial_event_id": r["n"], **r}) for r in rows])
    matches = [tuple(e.data["n"] for e in match.events) for match in found]
    own = [key for _, key in asked.steps]
    return sorted(
        match
        for match in matches
        if not (asked.by and rows[match[0]]["k"] is None) and not (own[0] and rows[match[0]][own[0]] is None)
    )


def test_sequences_equal_elastics_engine() -> None:
    """2,000 cases: keys common and of the steps, spans, untils, ties, events that meet several steps."""
    rng = random.Random(7)
    total = 0
    for _ in range(QUERIES):
        asked = query(rng)
        streams = [events(rng, n) for n in range(STREAMS)]
        frame = pl.DataFrame([row for rows in streams for row in rows]).with_columns(timestamp=pl.from_epoch("second"))
        found = asked.chain(lq.from_polars(frame)).collect()
        grouped = found.group_by("match_id", maintain_order=True).agg(pl.col("stream").first(), "n").rows()
        ours: list[list[tuple[int, ...]]] = [[] for _ in streams]
        for _, stream, places in grouped:
            ours[stream].append(tuple(places))
        for rows, matches in zip(streams, ours, strict=True):
            assert sorted(matches) == by_eql(asked, rows), (asked.text, rows)
            total += len(matches)
    assert total > 4_000, "random cases that hardly match prove little"
