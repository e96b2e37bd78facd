"""The command line every script shares."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import data, harness, table
from benchmarks.harness import Bench

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Options:
    """How to run: ``contenders`` empty means all of them."""

    size: int
    seed: int = 1
    repeats: int = 5
    contenders: Sequence[str] = ()
    results: Path = RESULTS

    def __post_init__(self) -> None:
        if self.size <= 0 or self.repeats <= 0:
            raise ValueError(f"size and repeats are positive, got {self.size} and {self.repeats}")


def parser(about: str | None, size: str) -> argparse.ArgumentParser:
    """The options of every script, with the size it is meant for as the default."""
    made = argparse.ArgumentParser(description=about)
    made.add_argument("--size", type=data.parse_size, default=data.parse_size(size), help=f"default {size}")
    made.add_argument("--seed", type=int, default=1)
    made.add_argument("--repeats", type=int, default=5, help="timed runs of each contender (default 5)")
    made.add_argument("--contenders", type=names, default=(), metavar="A,B", help="only these")
    made.add_argument("--results", type=Path, default=RESULTS, help="folder for the JSON")
    return made


def options(given: argparse.Namespace) -> Options:
    """What was given on the command line."""
    return Options(given.size, given.seed, given.repeats, given.contenders, given.results)


def run(bench: Bench, chosen: Options) -> bool:
    """Generate or find the data, run, print the table, save the JSON; whether every bar was met."""
    asked = bench.only(chosen.contenders) if chosen.contenders else bench
    path = data.cached(asked.data, asked.generate, chosen.size, chosen.seed)
    outcome = harness.run(asked, path, chosen.seed, chosen.repeats)
    print(table.render(outcome), flush=True)
    saved = outcome.save(chosen.results)
    print(f"  → {saved}\n", flush=True)
    return outcome.met


def names(text: str) -> tuple[str, ...]:
    """``"A, B"`` → ``("A", "B")``; nothing gives nothing."""
    return tuple(name.strip() for name in text.split(",") if name.strip())
