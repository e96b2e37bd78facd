"""Requests and the exact 95th percentile of their duration by service, from JSON lines.

The peers are told the two columns they need, which is the fastest they can be asked.
"""

from __future__ import annotations

from benchmarks import cli, data
from benchmarks.bars import Peak, Speed
from benchmarks.harness import Bench
from benchmarks.process import Contender

BENCH = Bench(
    "json_lines",
    "json",
    data.json_lines,
    contenders=(
        Contender("logq", "benchmarks.engines.with_logq:json_by_service"),
        Contender("polars", "benchmarks.engines.with_polars:json_by_service"),
        Contender("duckdb", "benchmarks.engines.with_duckdb:json_by_service"),
        Contender("chdb", "benchmarks.engines.with_chdb:json_by_service"),
    ),
    bars=(Speed("logq", "duckdb", 1), Speed("logq", "chdb", 1), Peak("logq", 1000)),
)
SIZE = "1GB"


def main() -> None:
    """Run from the command line."""
    met = cli.run(BENCH, cli.options(cli.parser(__doc__, SIZE).parse_args()))
    raise SystemExit(not met)


if __name__ == "__main__":
    main()
