"""Peak anonymous memory of logq on a small and a large file: it must not follow the input.

``json p95`` is exact, so it has to hold every duration; ``json mean`` beside it shows what
reading alone takes.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import cli, data, machine, table
from benchmarks.bars import Bar, Figures, Growth, Peak
from benchmarks.harness import Generate, bar_content, figures_of
from benchmarks.process import Contender, measure

ENGINE = "benchmarks.engines.with_logq"
GROWTH = 1.1
PEAK_MB = 1000


@dataclass(frozen=True)
class Work:
    """One kind of work and the data it is done on."""

    name: str
    function: str
    data: str
    generate: Generate


WORKS = (
    Work("filter", "filter_count", "log4j", data.log4j),
    Work("context", "context_rows", "log4j", data.log4j),
    Work("parse", "parse_by_status", "combined", data.combined),
    Work("json mean", "json_mean_by_service", "json", data.json_lines),
    Work("json p95", "json_by_service", "json", data.json_lines),
)


def measured(work: Work, size: int, seed: int, repeats: int) -> Figures:
    """Median seconds and highest peak of ``repeats`` runs on a file of this size."""
    path = data.cached(work.data, work.generate, size, seed)
    contender = Contender(work.name, f"{ENGINE}:{work.function}")
    return figures_of([measure(contender, path) for _ in range(repeats)], path.stat().st_size)


def run(works: Sequence[Work], sizes: tuple[int, int], seed: int, repeats: int, results: Path) -> bool:
    """Measure each work at both sizes, print, save; whether every bar was met."""
    figures: dict[str, Figures] = {}
    bars: list[Bar] = []
    for work in works:
        small, large = (f"{work.name} {size / 1e9:g} GB" for size in sizes)
        for name, size in ((small, sizes[0]), (large, sizes[1])):
            figures[name] = measured(work, size, seed, repeats)
        bars += [Growth(large, small, GROWTH), Peak(large, PEAK_MB)]
    print("\n".join(["memory", *_table(figures), *table.bars(bars, figures)]), flush=True)
    _save(results, figures, bars, seed)
    return all(bar.met(value) for bar in bars if (value := bar.value(figures)) is not None)


def _table(figures: Mapping[str, Figures]) -> list[str]:
    rows = [[name, f"{own.seconds:.3f}", f"{own.mb_per_s:.0f}", f"{own.peak_mb:.0f}"] for name, own in figures.items()]
    return table.aligned([["", "seconds", "MB/s", "anon MB"], *rows])


def _save(folder: Path, figures: Mapping[str, Figures], bars: Sequence[Bar], seed: int) -> None:
    content = {
        "name": "memory",
        "seed": seed,
        "machine": machine.facts(),
        "runs": {name: asdict(own) for name, own in figures.items()},
        "bars": [bar_content(bar, bar.value(figures)) for bar in bars],
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "memory.json"
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    print(f"  → {path}\n", flush=True)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", type=data.parse_size, default=data.parse_size("1GB"))
    parser.add_argument("--large", type=data.parse_size, default=data.parse_size("6GB"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--works", type=cli.names, default=(), metavar="A,B", help="only these")
    parser.add_argument("--results", type=Path, default=cli.RESULTS)
    given = parser.parse_args()
    works = [work for work in WORKS if not given.works or work.name in given.works]
    if unknown := set(given.works) - {work.name for work in WORKS}:
        parser.error(f"no work {', '.join(sorted(unknown))}")
    met = run(works, (given.small, given.large), given.seed, given.repeats, given.results)
    raise SystemExit(not met)


if __name__ == "__main__":
    main()
