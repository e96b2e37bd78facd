"""Full parse of every format: each column of a file made of the format's own samples is read and used.

Of a hundred entries 97 are like the first sample that the format's first pattern reads, which is its usual shape, the
others like the rest (logs of JSON, logfmt and separated values keep to the first); the times in them are drawn, so that
no stamp is read from memory. Where DuckDB can do the like, it stands beside: all groups of the first pattern by one
`regexp_extract` (lines alone, texts alone), or its own readers of JSON and CSV. So does lnav where it has the format:
all columns of its table.

Rates are by the clock, and by the processors: what the run took of them, as if both cores had been there for it alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from statistics import median
from typing import Final

import polars as pl

from benchmarks import cli, data, machine, table
from benchmarks.bars import Bar, Figures, Rate
from benchmarks.harness import bar_content
from benchmarks.process import Contender, Run, line_count, measure
from logq.formats import BUILT_IN, Format

SIZE = "256MB"
LNAV_SIZE: Final = 8_000_000
"""lnav keeps what it reads; its rate is the same on less."""

AT_LEAST: Final = 100
CORES: Final = 2
USUAL: Final = 0.97
BLOCK: Final = 4_000_000
CLOCK: Final = re.compile(r"(?<![0-9:])([0-9]{1,2}):([0-9]{2}):([0-9]{2})(?![0-9:]?[0-9]|\s?[AP]M)")
EPOCH: Final = re.compile(r"(?<![0-9])17096[0-9]{5}")
CONTINUED: Final = ("cri", "mysql_slow", "mariadb_slow")
"""Formats whose usual entry is more than a line, which DuckDB would take apart."""

LNAV: Final[Mapping[str, str]] = {
    "apache_combined": "access_log",
    "apache_common": "access_log",
    "nginx_access": "access_log",
    "aws_alb": "alb_log",
    "glog": "glog_log",
    "redis": "redis_log",
    "syslog_rfc3164": "syslog_log",
    "uwsgi": "uwsgi_log",
}
"""Our format → the table of lnav's that holds the like."""


def entries(form: Format, random: Random, size: int) -> bytes:
    """Entries of a format, a little more than `size` bytes, behind what stands once at the head of a file."""
    head, usual, others = _shapes(form)
    made, length = [head] if head else [], len(head)
    while length < size:
        text = usual if random.random() < USUAL or not others else random.choice(others)
        text = CLOCK.sub(
            lambda _: f"{random.randrange(24):02}:{random.randrange(60):02}:{random.randrange(60):02}", text
        )
        text = EPOCH.sub(lambda _: f"17096{random.randrange(10**5):05}", text)
        made.append(text)
        length += len(text.encode()) + 1
    return ("\n".join(made) + "\n").encode()


def _shapes(form: Format) -> tuple[str, str, list[str]]:
    """Head of a file, the usual entry, the rarer ones; logs of JSON and the like keep to one shape."""
    texts = [sample.text for sample in form.samples]
    if form.kind == "csv":
        *head, usual = texts[0].split("\n") if form.header is not False or form.directive else [texts[0]]
        return "\n".join(head), usual, []
    if form.kind != "regex":
        return "", texts[0], []
    usual = next(text for text in texts if _read(form, text))
    first = usual.partition("\n")[0]
    return "", first if form.name not in CONTINUED and _read(form, first) else usual, [t for t in texts if t != usual]


def _read(form: Format, text: str) -> bool:
    """Whether the first pattern reads an entry."""
    return bool(pl.Series([text]).str.contains(form.patterns[0])[0])


def generate(form: Format, path: Path, size: int, seed: int) -> None:
    """Write a file of a format, of whole entries."""
    head = _shapes(form)[0]
    block = entries(form, Random(f"{form.name} {seed}"), min(size, BLOCK))
    again = block.removeprefix(f"{head}\n".encode()) if head else block
    with path.open("wb") as file:
        left = size - file.write(block)
        while left > 0:
            left -= file.write(again)


def peer(form: Format) -> Contender | None:
    """What DuckDB can do that comes nearest."""
    if form.kind == "json" and not form.start:
        return Contender("duckdb", "benchmarks.engines.with_duckdb:every_key")
    if form.name in ("csv", "tsv"):
        return Contender("duckdb", "benchmarks.engines.with_duckdb:every_value")
    if form.kind == "regex" and form.name not in CONTINUED:
        return Contender("duckdb", "benchmarks.engines.with_duckdb:every_group")
    return None


def lnav(form: Format) -> Contender | None:
    """All columns of lnav's table for the format."""
    if form.name not in LNAV:
        return None
    asked = ("-c", f";SELECT * FROM {LNAV[form.name]}", "-c", ":write-csv-to -")
    return Contender("lnav", ("lnav", "-n", *asked, "{path}"), line_count)


@dataclass(frozen=True)
class Row:
    """What one contender reached on one format: MB/s by the clock, and by the processors if both cores were its own."""

    seconds: float
    mb_per_s: float
    mb_per_cpu_s: float
    entries: int

    @classmethod
    def of(cls, runs: Sequence[Run], size: int) -> Row:
        """Medians over the runs."""
        seconds, cpu = median(run.seconds for run in runs), median(run.cpu for run in runs)
        return cls(seconds, size / seconds / 1e6, size * CORES / cpu / 1e6, int(runs[-1].answer))


def measured(form: Format, size: int, seed: int, repeats: int) -> dict[str, Row]:
    """Each contender on a file of the format, which the page cache holds since it was written or read before."""
    found: dict[str, Row] = {}
    for contender in (Contender("logq", "benchmarks.engines.with_logq:every_field"), peer(form), lnav(form)):
        if contender is None or not contender.available:
            continue
        wanted = min(size, LNAV_SIZE) if contender.name == "lnav" else size
        path = data.cached(form.name, lambda path, size, seed: generate(form, path, size, seed), wanted, seed)
        path.read_bytes()
        found[contender.name] = Row.of([measure(contender, path) for _ in range(repeats)], path.stat().st_size)
    print(f"  {form.name}: {', '.join(f'{name} {row.mb_per_cpu_s:.0f}' for name, row in found.items())}", flush=True)
    return found


def run(forms: Sequence[Format], size: int, seed: int, repeats: int, results: Path) -> bool:
    """Measure, print, save; whether no format is under the bar."""
    rows = {form.name: measured(form, size, seed, repeats) for form in forms}
    bars: list[Bar] = [Rate(name, AT_LEAST) for name in rows]
    by_cpu = _by_cpu(rows)
    title = f"formats: {size / 1e6:g} MB each, seed {seed}; MB/s, and MB/s of two cores to itself"
    print("\n".join([title, *_table(rows), *table.bars(bars, by_cpu)]), flush=True)
    _save(results, rows, bars, size=size, seed=seed)
    return all(bar.met(value) for bar in bars if (value := bar.value(by_cpu)) is not None)


def _by_cpu(rows: Mapping[str, Mapping[str, Row]]) -> dict[str, Figures]:
    """Format → what logq reached on it, for the bars."""
    return {form: Figures(found["logq"].seconds, found["logq"].mb_per_cpu_s, 0.0) for form, found in rows.items()}


def _table(rows: Mapping[str, Mapping[str, Row]]) -> list[str]:
    names = ("logq", "duckdb", "lnav")
    lines = [["", *(title for name in names for title in (name, "2 cores"))]]
    for form, found in rows.items():
        cells = [
            (f"{found[n].mb_per_s:.0f}", f"{found[n].mb_per_cpu_s:.0f}") if n in found else ("", "") for n in names
        ]
        lines.append([form, *(cell for pair in cells for cell in pair)])
    return table.aligned(lines)


def _save(folder: Path, rows: Mapping[str, Mapping[str, Row]], bars: Sequence[Bar], *, size: int, seed: int) -> None:
    by_cpu = _by_cpu(rows)
    content = {
        "name": "formats",
        "size_bytes": size,
        "seed": seed,
        "machine": machine.facts(),
        "formats": {form: {name: asdict(row) for name, row in found.items()} for form, found in rows.items()},
        "bars_by": f"MB per second of the processors × {CORES} cores",
        "bars": [bar_content(bar, bar.value(by_cpu)) for bar in bars],
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "formats.json"
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    print(f"  → {path}\n", flush=True)


def main() -> None:
    """Run from the command line."""
    parser = cli.parser(__doc__, SIZE)
    parser.add_argument("--formats", type=cli.names, default=(), metavar="A,B", help="only these")
    given = parser.parse_args()
    if unknown := set(given.formats) - BUILT_IN.keys():
        parser.error(f"no format {', '.join(sorted(unknown))}")
    forms = [form for name, form in BUILT_IN.items() if not given.formats or name in given.formats]
    raise SystemExit(not run(forms, given.size, given.seed, given.repeats, given.results))


if __name__ == "__main__":
    main()
