"""Benchmarks: contenders do the same work on the same file, in turn, and must agree.

Contenders run alternately (A B A B …) after one warm-up each, so a slow minute of the machine
falls on all of them, and ratios within one run can be trusted where absolute seconds cannot.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from benchmarks import machine
from benchmarks.bars import Bar, Figures
from benchmarks.process import Answer, Contender, Run, measure

RELATIVE_TOLERANCE = 1e-6

Generate = Callable[[Path, int, int], None]
"""(path, size in bytes, seed): writes the data."""

Check = Callable[[Mapping[str, Answer]], None]
"""Takes each contender's answer; raises Disagreement."""


class Disagreement(AssertionError):
    """Contenders gave different answers, so their times mean nothing."""


def agree(answers: Mapping[str, Answer]) -> None:
    """Every answer equals the first; floats up to rounding, since sums run in another order."""
    (first, expected), *others = answers.items()
    for name, answer in others:
        if not _same(expected, answer):
            raise Disagreement(f"{first} answers {expected!r:.500}, {name} answers {answer!r:.500}")


def _same(left: Answer, right: Answer) -> bool:
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_same, left, right))
    if isinstance(left, float) or isinstance(right, float):
        return (
            isinstance(left, int | float)
            and isinstance(right, int | float)
            and math.isclose(left, right, rel_tol=RELATIVE_TOLERANCE)
        )
    return bool(left == right)


@dataclass(frozen=True)
class Bench:
    """One benchmark: ``data`` names the file that ``generate`` writes, so benches may share it."""

    name: str
    data: str
    generate: Generate
    contenders: Sequence[Contender]
    bars: Sequence[Bar] = ()
    check: Check = agree

    def __post_init__(self) -> None:
        names = [contender.name for contender in self.contenders]
        if len(set(names)) != len(names) or not names:
            raise ValueError(f"{self.name}: contenders need distinct names, got {names}")

    def only(self, names: Sequence[str]) -> Bench:
        """The same benchmark with fewer contenders. Raises ValueError for an unknown name."""
        unknown = set(names) - {contender.name for contender in self.contenders}
        if unknown:
            raise ValueError(f"{self.name} has no contender {', '.join(sorted(unknown))}")
        kept = [contender for contender in self.contenders if contender.name in names]
        return Bench(self.name, self.data, self.generate, kept, self.bars, self.check)


@dataclass(frozen=True)
class Outcome:
    """A finished benchmark: every run of every contender, in the order given."""

    name: str
    size: int
    seed: int
    runs: Mapping[str, Sequence[Run]]
    bars: Sequence[Bar]
    absent: Sequence[str] = ()

    @property
    def figures(self) -> dict[str, Figures]:
        """Per contender: median seconds, MB/s from that, highest peak of memory in MB."""
        return {name: figures_of(runs, self.size) for name, runs in self.runs.items()}

    @property
    def met(self) -> bool:
        """Whether every bar that could be measured was reached."""
        values = ((bar, bar.value(self.figures)) for bar in self.bars)
        return all(bar.met(value) for bar, value in values if value is not None)

    def save(self, folder: Path) -> Path:
        """Write ``<name>.json`` with the machine's facts; returns its path."""
        figures = self.figures
        content = {
            "name": self.name,
            "size_bytes": self.size,
            "seed": self.seed,
            "machine": machine.facts(),
            "contenders": {
                name: {**asdict(figures[name]), "all_seconds": [run.seconds for run in runs]}
                for name, runs in self.runs.items()
            },
            "absent": list(self.absent),
            "bars": [bar_content(bar, bar.value(figures)) for bar in self.bars],
        }
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.name}.json"
        path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
        return path


def figures_of(runs: Sequence[Run], size: int) -> Figures:
    """Medians of runs over ``size`` bytes; of memory the highest, for a peak is a promise."""
    seconds = median(run.seconds for run in runs)
    return Figures(seconds, size / seconds / 1e6, max(run.peak_anon for run in runs) / 1e6)


def bar_content(bar: Bar, value: float | None) -> dict[str, object]:
    """A bar as JSON carries it; ``reached`` and ``met`` are null where it was not measured."""
    return {
        "bar": bar.text(),
        "reached": value,
        "met": None if value is None else bar.met(value),
    }


def run(bench: Bench, path: Path, seed: int, repeats: int) -> Outcome:
    """Warm each contender up once, then run all in turn ``repeats`` times on the data at ``path``.

    Raises Disagreement if any two answers differ, ContenderFailed if one does not end well.
    """
    present = [contender for contender in bench.contenders if contender.available]
    absent = [contender.name for contender in bench.contenders if not contender.available]
    bench.check({contender.name: measure(contender, path).answer for contender in present})
    runs: dict[str, list[Run]] = {contender.name: [] for contender in present}
    for _ in range(repeats):
        for contender in present:
            runs[contender.name].append(measure(contender, path))
        bench.check({name: done[-1].answer for name, done in runs.items()})
    return Outcome(bench.name, path.stat().st_size, seed, runs, bench.bars, absent)
