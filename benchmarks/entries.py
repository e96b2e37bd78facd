"""How fast entries of several lines are put together: counted with nothing of them decoded.

The log has a stack trace behind one entry of fifty. It is read by the rule of its format, by the shapes of traces
alone, and with the lines of four processes alternating, each behind the name of its container.
"""

from __future__ import annotations

import json
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

import polars as pl

import logq as lq
from benchmarks import cli, data, machine, table

SIZE = "1GB"
AT_LEAST_MB_PER_S = 300
CORES = 2
BY = r"^(\S+) +\| "
ASKED: dict[str, dict[str, Any]] = {
    "format": {"format": "log4j"},
    "traces": {"format": "plain", "multiline": True},
    "processes": {"format": "log4j", "by": BY},
}


def measured(path: Path, told: dict[str, Any], repeats: int) -> dict[str, float]:
    """Entries, and MB/s by the clock and of both processors."""
    size, walls, cpus, found = path.stat().st_size, [], [], 0
    for _ in range(repeats + 1):
        wall, cpu = perf_counter(), process_time()
        found = lq.scan(path, **told).select("raw").lazy().select(pl.len()).collect(engine="streaming").item()
        walls.append(perf_counter() - wall)
        cpus.append(process_time() - cpu)
    return {
        "entries": found,
        "mb_per_s": size / median(walls[1:]) / 1e6,
        "mb_per_cpu_s": size * CORES / median(cpus[1:]) / 1e6,
    }


def main() -> None:
    """Run from the command line; status 1 if one is below the bar, by the processors."""
    given = cli.parser(__doc__, SIZE).parse_args()
    files = {"traces": data.cached("traces", data.log4j_traces, given.size, given.seed)}
    files["processes"] = data.cached("containers", data.containers, given.size, given.seed)
    rows = {n: measured(files["processes" if "by" in t else "traces"], t, given.repeats) for n, t in ASKED.items()}
    print(f"entries: {given.size / 1e9:g} GB, bar {AT_LEAST_MB_PER_S} MB/s")
    shown = [[name, *(f"{v:.0f}" for v in row.values())] for name, row in rows.items()]
    print("\n".join(table.aligned([["", "entries", "MB/s", "MB/s by cpu"], *shown])))
    met = all(row["mb_per_cpu_s"] >= AT_LEAST_MB_PER_S for row in rows.values())
    content = {"name": "entries", "size_bytes": given.size, "machine": machine.facts(), "rows": rows, "met": met}
    given.results.mkdir(parents=True, exist_ok=True)
    saved = given.results / "entries.json"
    saved.write_text(json.dumps(content, indent=2) + "\n")
    print(f"  → {saved}")
    raise SystemExit(not met)


if __name__ == "__main__":
    main()
