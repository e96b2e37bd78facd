"""Regex filter and count over an application log, against ripgrep, grep and plain Polars.

``logq`` counts lines, as the others do; ``logq entries`` counts entries, whose starts it has to find.
``logq traces`` finds them by the shape of stack traces alone.
"""

from __future__ import annotations

from benchmarks import cli, data
from benchmarks.bars import Peak, Rate, Speed
from benchmarks.harness import Bench
from benchmarks.process import Contender

PATTERN = "ERROR .*Service1[0-9]"

CONTENDERS = (
    Contender("logq", "benchmarks.engines.with_logq:filter_lines"),
    Contender("logq entries", "benchmarks.engines.with_logq:filter_count"),
    Contender("polars", "benchmarks.engines.with_polars:filter_count"),
    Contender("rg -c", ("rg", "--no-config", "-c", PATTERN, "{path}")),
    Contender("grep -cE", ("grep", "-cE", PATTERN, "{path}")),
)
BARS = (Rate("logq", 1500), Speed("logq", "rg -c", 0.8), Peak("logq", 1000))

BENCH = Bench("filter", "log4j", data.log4j, CONTENDERS, BARS)
# Entries of many lines: the count of matches is the same, for no line of a trace matches.
TRACES = Contender("logq traces", "benchmarks.engines.with_logq:filter_traces")
WITH_TRACES = Bench(
    "filter_traces", "log4j_traces", data.log4j_traces, (*CONTENDERS, TRACES), (*BARS, Rate("logq traces", 300))
)
SIZE = "3GB"


def main() -> None:
    """Run from the command line."""
    parser = cli.parser(__doc__, SIZE)
    parser.add_argument("--traces", action="store_true", help="a log with stack traces in it")
    given = parser.parse_args()
    met = cli.run(WITH_TRACES if given.traces else BENCH, cli.options(given))
    raise SystemExit(not met)


if __name__ == "__main__":
    main()
