"""Sequences and sessions: against chdb's windowFunnel, from raw JSON, over shuffled files, by rows, under a budget.

Run with `python -m benchmarks.sequences [--million 10] [--only sequence,raw,sessions,growth,budget]`. Contenders take
turns, each run in a process of its own; besides seconds the CPU time of the process is told, which says more where a
machine is shared, and its peak of anonymous memory.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import polars as pl

import logq as lq
from benchmarks import cli, machine
from benchmarks.memory_sampler import PeakMemory

PIECE = 500_000
DAY = 86_400 * 10**6
KINDS = ("cart", "pay", "fail", "view", "search", "login", "logout", "list", "sort", "help")
BUDGET = "2GB"
STEPS = KINDS[:3]
Figures = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Most:
    """What was reached, and the most that is asked for."""

    value: float
    at_most: float

    @property
    def met(self) -> bool:
        """Whether that is good enough."""
        return self.value <= self.at_most


def events(rows: int, start: int, count: int, seed: int = 1) -> pl.DataFrame:
    """Part of `rows` events of a day in time order: a user for every 20 of them, ten kinds."""
    made = np.random.default_rng([seed, start])
    stamps = np.sort(made.integers(start * DAY // rows, (start + count) * DAY // rows, count)) + 1_700_000_000 * 10**6
    frame = pl.DataFrame({"timestamp": stamps, "user": made.integers(0, rows // 20, count, dtype=np.uint32)})
    kinds = pl.Series(made.integers(0, len(KINDS), count, dtype=np.uint8))
    names = pl.Series(KINDS).gather(kinds).alias("event")
    return frame.hstack([names]).with_columns(pl.from_epoch("timestamp", "us").dt.replace_time_zone("UTC"))


def parquet(path: Path, rows: int) -> None:
    """Events in one file, in time order."""
    pieces = (events(rows, at, min(PIECE, rows - at)).lazy() for at in range(0, rows, PIECE))
    pl.concat(list(pieces)).sink_parquet(path)


def raw(path: Path, rows: int) -> None:
    """The same as JSON lines of some 200 bytes."""
    with path.open("wb") as file:
        for at in range(0, rows, PIECE):
            file.write(lines(events(rows, at, min(PIECE, rows - at)), padding=90))


def shuffled(path: Path, rows: int) -> None:
    """Entries of 100 sessions per 10,000 rows, strewn over 8 JSON files, out of order in each."""
    path.mkdir()
    for n in range(8):
        made = np.random.default_rng([2, n])
        count = rows // 8
        frame = pl.DataFrame(
            {
                "timestamp": made.integers(0, DAY, count) + 1_700_000_000 * 10**6,
                "user": made.integers(0, rows // 100, count, dtype=np.uint32),
                "event": pl.Series(KINDS).gather(pl.Series(made.integers(0, 10, count, dtype=np.uint8))),
            }
        ).with_columns(pl.from_epoch("timestamp", "us").dt.replace_time_zone("UTC"))
        with (path / f"app-{n}.log").open("wb") as file:
            for piece in frame.iter_slices(PIECE):
                file.write(lines(piece, padding=0))
        frame.write_parquet(path / f"app-{n}.parquet")


def lines(frame: pl.DataFrame, padding: int) -> bytes:
    """JSON lines of events."""
    text = pl.format(
        '{{"time":"{}","level":"info","user":{},"event":"{}","msg":"request done{}"}}\n',
        pl.col("timestamp").dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ"),
        "user",
        "event",
        pl.lit(" x" * (padding // 2)),
    )
    made = frame.select(text.alias("line"))["line"].str.join("").item()
    return made.encode() if isinstance(made, str) else b""


def chained(path: Path, budget: str | None = None) -> lq.LogFrame:
    """The three steps within an hour, on a file of events."""
    scan = (
        lq.scan(path, "json") if path.suffix == ".log" else lq.from_polars(pl.scan_parquet(path), memory_budget=budget)
    )
    steps = [lq.step(kind, pl.col("event") == kind) for kind in STEPS]
    return scan.sequence(*steps, by="user", within="1h")


def by_logq(path: Path) -> list[int]:
    """Users with a full match; the matches themselves are made, with the time and name of every step."""
    return [chained(path).matches().collect()["user"].n_unique()]


def by_chdb(path: Path) -> list[int]:
    """Users that windowFunnel takes to the last level."""
    chdb = importlib.import_module("chdb")  # in `main`, ahead of the clock, and in no other process
    tests = ", ".join(f"event = '{kind}'" for kind in STEPS)
    query = (
        "SELECT count() FROM (SELECT user, windowFunnel(3600000000)(toUInt64(toUnixTimestamp64Micro(timestamp)), "
        f"{tests}) AS level FROM file('{path}', Parquet) GROUP BY user) WHERE level = {len(STEPS)}"
    )
    return [int(chdb.query(query, "CSV").bytes())]


def sessions(path: Path, suffix: str, budget: str | None = None) -> lq.LogFrame:
    """Sessions of the users in all files of a folder, or in one file."""
    if suffix == "log":
        return lq.scan(str(path / "*.log"), "json", memory_budget=budget).sessions("user")
    files = path / "*.parquet" if path.is_dir() else path
    return lq.from_polars(pl.scan_parquet(files), memory_budget=budget).sessions("user")


def timeline(path: Path, suffix: str = "log") -> list[int]:
    """Every session put together, all its entries in time order; batches are counted as they come."""
    found = sessions(path, suffix).timeline().select("session_id", "timestamp", "event", "offset", "delta")
    return [sum(batch.num_rows for batch in found.batches())]


def summary(path: Path, suffix: str = "log") -> list[int]:
    """One row a session."""
    found = sessions(path, suffix).summary().collect()
    return [found.height, int(found["entries"].sum())]


WORK: dict[str, Callable[[Path], list[int]]] = {
    "logq": by_logq,
    "chdb windowFunnel": by_chdb,
    "timeline, 8 JSON files": timeline,
    "summary, 8 JSON files": summary,
    "timeline, 8 Parquet files": lambda path: timeline(path, "parquet"),
    "summary, 8 Parquet files": lambda path: summary(path, "parquet"),
    "sequence in 2 GB": lambda path: [chained(path, BUDGET).matches().collect()["user"].n_unique()],
    "sessions in 2 GB": lambda path: [
        sum(b.num_rows for b in sessions(path, "parquet", BUDGET).select("session_id", "event", "timestamp").batches())
    ],
}


def data(name: str, make: Callable[[Path, int], None], rows: int) -> Path:
    """Data of this kind and size, made if they are not there yet."""
    folder = Path(os.environ.get("LOGQ_BENCH_DIR") or Path(tempfile.gettempdir()) / "logq-bench")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name.partition('.')[0]}-{rows}-r1{Path(name).suffix}"
    if not path.exists():
        unfinished = path.with_suffix(f".{os.getpid()}.part{path.suffix}")
        make(unfinished, rows)
        unfinished.rename(path)
    return path


def once(name: str, path: Path) -> dict[str, Any]:
    """One run in a process of its own: seconds, CPU seconds, peak of anonymous memory in MB, and the answer."""
    argv = [sys.executable, "-m", "benchmarks.sequences", "--child", name, str(path)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        with PeakMemory(process.pid) as memory:
            said = process.stdout.read()
        if process.wait():
            raise RuntimeError(f"{name} ended with status {process.returncode}")
    return {**json.loads(said.splitlines()[-1]), "anon_mb": memory.peak / 1e6}


def turns(works: dict[str, tuple[str, Path]], repeats: int) -> Figures:
    """Works, each a contender and its data, in turn after one warm-up: medians, and the highest peak."""
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in works}
    for turn in range(repeats + (repeats > 1)):
        for name, (work, path) in works.items():
            run = once(work, path)
            if turn or repeats == 1:
                runs[name].append(run)
    found: Figures = {}
    for name, own in runs.items():
        found[name] = {key: median(r[key] for r in own) for key in ("seconds", "cpu")}
        found[name] |= {"anon_mb": max(r["anon_mb"] for r in own), "answer": own[-1]["answer"]}
        print(
            f"{name:34}",
            "  ".join(f"{k} {v:.4g}" if k != "answer" else f"{k} {v}" for k, v in found[name].items()),
            flush=True,
        )
    return found


def measured(rows: int, only: tuple[str, ...], repeats: int) -> tuple[Figures, dict[str, Most]]:
    """All that is asked for, and how it stands to the bars."""
    found: Figures = {}
    bars: dict[str, Most] = {}
    if "sequence" in only:
        path = data("events.parquet", parquet, rows)
        found |= turns({name: (name, path) for name in ("logq", "chdb windowFunnel")}, repeats)
        assert found["logq"]["answer"] == found["chdb windowFunnel"]["answer"]
        for key in ("seconds", "cpu"):
            ratio = found["logq"][key] / found["chdb windowFunnel"][key]
            bars[f"sequence against windowFunnel, {key}"] = Most(ratio, 1.0)
    if "raw" in only:
        found |= turns({"sequence, 2 GB of JSON": ("logq", data("events.log", raw, rows))}, 1)
        bars["2 GB of JSON, seconds"] = Most(found["sequence, 2 GB of JSON"]["seconds"], 60)
    if "sessions" in only:
        path = data("sessions", shuffled, rows)
        found |= turns({name: (name, path) for name in WORK if "files" in name}, 1)
        for name, most in (("timeline", 15), ("summary", 3)):
            for kind in ("JSON", "Parquet"):
                work = f"{name}, 8 {kind} files"
                bars[f"{work}, seconds"] = Most(found[work]["seconds"], most)
    if "growth" in only:
        grown(rows, repeats, found, bars)
    if "budget" in only:
        path = data("events.parquet", parquet, 4 * rows)
        names = [name for name in WORK if "2 GB" in name]
        found |= turns({name: (name, path) for name in names}, 1)
        bars |= {f"{name}, MB anonymous": Most(found[name]["anon_mb"], 2000) for name in names}
    return found, bars


def grown(rows: int, repeats: int, found: Figures, bars: dict[str, Most]) -> None:
    """The sequence on a tenth of the rows, on all, and on four times as many."""
    sizes = (rows // 10, rows, 4 * rows)
    names = {size: f"sequence, {size / 1e6:g} M rows" for size in sizes}
    found |= turns({names[s]: ("logq", data("events.parquet", parquet, s)) for s in sizes}, repeats)
    for small, large in pairwise(sizes):
        ratio = found[names[large]]["cpu"] / found[names[small]]["cpu"] / (large / small)
        bars[f"growth from {small / 1e6:g} to {large / 1e6:g} M rows, CPU a row"] = Most(ratio, 1.15)


def main() -> None:
    """Measure, print, and write the figures beside the others; status 1 if a bar was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--million", type=float, default=10, help="millions of rows (default 10)")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", type=cli.names, default=("sequence", "raw", "sessions", "growth", "budget"))
    parser.add_argument("--results", type=Path, default=cli.RESULTS)
    parser.add_argument("--child", nargs=2)
    given = parser.parse_args()
    if given.child:
        work, path = given.child
        importlib.import_module("chdb" if work.startswith("chdb") else "logq.frame")
        begun, spent = time.perf_counter(), time.process_time()
        answer = WORK[work](Path(path))
        print(
            json.dumps({"seconds": time.perf_counter() - begun, "cpu": time.process_time() - spent, "answer": answer})
        )
        return
    found, bars = measured(int(given.million * 1e6), given.only, given.repeats)
    for name, bar in bars.items():
        print(f"  {name}: {bar.value:.3g} ≤ {bar.at_most:g} {'met' if bar.met else 'MISSED'}")
    given.results.mkdir(parents=True, exist_ok=True)
    path = given.results / "sequences.json"
    before = json.loads(path.read_text()) if path.exists() else {}
    content = {
        "name": "sequences",
        "rows": int(given.million * 1e6),
        "machine": machine.facts() | {"load": os.getloadavg()[0]},
        "figures": before.get("figures", {}) | found,
        "bars": before.get("bars", {}) | {name: asdict(bar) | {"met": bar.met} for name, bar in bars.items()},
    }
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    raise SystemExit(not all(bar.met for bar in bars.values()))


if __name__ == "__main__":
    main()
