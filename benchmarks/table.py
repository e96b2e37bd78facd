"""An outcome as text for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks.bars import Bar, Figures
from benchmarks.harness import Outcome


def render(outcome: Outcome) -> str:
    """The table of contenders and the list of bars.

    The ``×`` columns say how many times as fast the row is as the column's contender.
    """
    figures = outcome.figures
    title = f"{outcome.name}: {outcome.size / 1e9:.2f} GB, seed {outcome.seed}"
    absent = [f"{name}: not installed" for name in outcome.absent]
    return "\n".join([title, *_contenders(figures), *absent, *bars(outcome.bars, figures)])


def bars(asked: Sequence[Bar], figures: Mapping[str, Figures]) -> list[str]:
    """One line a bar: met, missed, or not measured."""
    return [_bar(bar, bar.value(figures)) for bar in asked]


def _bar(bar: Bar, value: float | None) -> str:
    if value is None:
        return f"  ?      {bar.text()}: not measured"
    return f"  {'met   ' if bar.met(value) else 'MISSED'} {bar.text()}: {_number(value)}"


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def _contenders(figures: Mapping[str, Figures]) -> list[str]:
    header = ["", "seconds", "MB/s", "anon MB", *(f"× {name}" for name in figures)]
    rows = [
        [
            name,
            f"{own.seconds:.3f}",
            f"{own.mb_per_s:.0f}",
            f"{own.peak_mb:.0f}",
            *(f"{peer.seconds / own.seconds:.2f}" for peer in figures.values()),
        ]
        for name, own in figures.items()
    ]
    return aligned([header, *rows])


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as lines, the first column to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  " + "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows]
