"""Full parse of a combined access log into typed fields, then aggregates by status.

Each contender captures all eleven fields and parses the time, and each field is used: requests,
bytes, latest time, distinct paths, and the summed lengths of the others. So nobody may skip one.
"""

from __future__ import annotations

from benchmarks import cli, data
from benchmarks.bars import Peak, Rate, Speed
from benchmarks.harness import Bench
from benchmarks.process import Contender

BENCH = Bench(
    "parse",
    "combined",
    data.combined,
    contenders=(
        Contender("logq", "benchmarks.engines.with_logq:parse_by_status"),
        Contender("duckdb", "benchmarks.engines.with_duckdb:parse_by_status"),
        Contender("chdb", "benchmarks.engines.with_chdb:parse_by_status"),
    ),
    bars=(Speed("logq", "duckdb", 3), Speed("logq", "chdb", 2), Rate("logq", 200), Peak("logq", 1000)),
)
SIZE = "1GB"


def main() -> None:
    """Run from the command line."""
    met = cli.run(BENCH, cli.options(cli.parser(__doc__, SIZE).parse_args()))
    raise SystemExit(not met)


if __name__ == "__main__":
    main()
