"""How long it takes to tell the format, the fields and their types of a file of 10 GB, which depends on its head alone.

The file is the head of a log of each kind and then a hole up to the size. Times are of `scan(path).schema` in this
process: the first, which also compiles what patterns it needs, and the median of the next, each with another head, for
what a head told is remembered.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter, process_time

import logq as lq
from benchmarks import cli, data, formats, lines, machine, table
from logq.formats import FORMATS
from logq.plan import Scan
from logq.read import FileRef, resolve_file

SIZE = "10GB"
AT_MOST_MS = 50
HEAD = 100_000


def _own(name: str) -> Callable[[Random], bytes]:
    return lambda random: formats.entries(FORMATS[name], random, HEAD)


def _chunk(chunk: data.Chunk, minute: bytes) -> Callable[[Random], bytes]:
    return lambda random: chunk(random, HEAD).replace(data.MINUTE, minute)


HEADS: dict[str, Callable[[Random], bytes]] = {
    "combined": _chunk(lines.combined_chunk, b"14/Nov/2023:22:13"),
    "log4j": _chunk(lines.log4j_chunk, b"2023-11-14 22:13"),
    "json": _chunk(lines.json_chunk, b"2023-11-14T22:13"),
    "logfmt": _chunk(lines.logfmt_chunk, b"2023-11-14T22:13"),
    "syslog": _own("syslog_rfc3164"),
    "csv": _own("csv"),
    "generic": lambda random: b"".join(
        b"2024/03/%02d %02d:14:02 [till] [open] (0x0010): drawer %d is stuck\n"
        % (random.randrange(10, 30), random.randrange(10, 24), random.randrange(10**6))
        for _ in range(1500)
    ),
    "plain": lambda random: b"".join(b"no time here %d\n" % random.randrange(10**9) for _ in range(5000)),
}


def measured(head: Callable[[], bytes], size: int, repeats: int) -> dict[str, float | str]:
    """The format found, and milliseconds by the clock and of the processors."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.log"
        walls, cpus = [], []
        for _ in range(repeats + 1):
            with path.open("wb") as file:
                file.write(head())
                file.truncate(size)
            wall, cpu = perf_counter(), process_time()
            names = len(lq.scan(path).schema)
            walls.append(1000 * (perf_counter() - wall))
            cpus.append(1000 * (process_time() - cpu))
        found = resolve_file(FileRef(str(path)), Scan(sources=(str(path),))).format.name
    assert names > 0
    return {"format": found, "first_ms": walls[0], "median_ms": median(walls[1:]), "cpu_ms": median(cpus[1:])}


def main() -> None:
    """Run from the command line; status 1 if one took longer than the bar, by the processors."""
    parser = cli.parser(__doc__, SIZE)
    given = parser.parse_args()
    random = Random(given.seed)
    rows = {name: measured(partial(head, random), given.size, 4 * given.repeats) for name, head in HEADS.items()}
    shown = [[name, *(f"{v:.1f}" if isinstance(v, float) else v for v in row.values())] for name, row in rows.items()]
    print(f"detect: {given.size / 1e9:g} GB, bar {AT_MOST_MS} ms")
    print("\n".join(table.aligned([["", "format", "first ms", "median ms", "cpu ms"], *shown])))
    met = all(float(row["cpu_ms"]) <= AT_MOST_MS for row in rows.values())
    content = {"name": "detect", "size_bytes": given.size, "machine": machine.facts(), "heads": rows, "met": met}
    given.results.mkdir(parents=True, exist_ok=True)
    saved = given.results / "detect.json"
    saved.write_text(json.dumps(content, indent=2) + "\n")
    print(f"  → {saved}")
    raise SystemExit(not met)


if __name__ == "__main__":
    main()
