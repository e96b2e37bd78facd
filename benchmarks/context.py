"""Errors with three entries either side, against ``grep -C3`` and ``rg -C3``.

Every contender hands its lines over (the programs through a pipe, logq as Arrow batches), where
they are counted and dropped. The programs leave out their ``--`` separators, so counts compare.
"""

from __future__ import annotations

from benchmarks import cli, data
from benchmarks.bars import Peak, Rate, Speed
from benchmarks.harness import Bench
from benchmarks.process import Contender, line_count

BENCH = Bench(
    "context",
    "log4j",
    data.log4j,
    contenders=(
        Contender("logq", "benchmarks.engines.with_logq:context_rows"),
        Contender(
            "rg -C3",
            ("rg", "--no-config", "--no-context-separator", "-C3", " ERROR ", "{path}"),
            line_count,
        ),
        Contender(
            "grep -C3",
            ("grep", "--no-group-separator", "-C3", " ERROR ", "{path}"),
            line_count,
        ),
    ),
    bars=(Rate("logq", 1000), Speed("logq", "grep -C3", 2), Peak("logq", 1000)),
)
SIZE = "3GB"


def main() -> None:
    """Run from the command line."""
    met = cli.run(BENCH, cli.options(cli.parser(__doc__, SIZE).parse_args()))
    raise SystemExit(not met)


if __name__ == "__main__":
    main()
