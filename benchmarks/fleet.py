"""A fleet of two nodes pinned to a core each, against one of them on all files; what is sent; what a question costs.

Run with `python -m benchmarks.fleet [--mb 400] [--rate 4]`. The one node and the two take turns; medians are compared.
Then 1, 2 … 16 nodes that read so many MB/s each, and no more: as many files as nodes should take as long as one.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import polars as pl

import logq as lq
from benchmarks import cli

C = pl.col
ROUNDS = 5
HOSTS = ("a", "b")
WORK: dict[str, Callable[[lq.LogFrame], lq.LogFrame]] = {
    "filter": lambda f: f.grep(r"took \d+99 ms").select("line"),
    "parse and aggregate": lambda f: f.group_by("level", "logger").agg(n=pl.len(), last=C("timestamp").max()),
    "session summary": lambda f: f.sessions("thread", gap="1s").summary(),
}
PARTS = {"filter": 6}
"""Files of a host that a piece of work reads, where one is done in less than five seconds."""

BARS = {"scaling": 1.8, "sent": 0.001, "overhead": 0.6, "answers": 0.5, "efficiency": 0.95}
AT_LEAST = ("scaling", "efficiency")
NODES = (1, 2, 4, 8, 16)
THROTTLED = """
import importlib, runpy, sys, time
blocks = importlib.import_module("logq.read.blocks")
rate, real, free = float(sys.argv[1]) * 1e6, blocks.Handle.read, [0.0]
def slow(self, low, high):
    free[0] = max(free[0], time.monotonic()) + (high - low) / rate
    time.sleep(max(free[0] - time.monotonic(), 0))
    return real(self, low, high)
blocks.Handle.read = slow
del sys.argv[1:4]
runpy.run_module("logq.run.agent", run_name="__main__")
"""
"""An agent that reads no more than so many MB/s; its arguments are the rate, then those of an ordinary Python."""


def write(path: Path, megabytes: int) -> None:
    """A log4j file of that size."""
    lines = [
        f"2024-05-01 12:{n // 60 % 60:02}:{n % 60:02},{n % 1000:03} {('INFO', 'WARN', 'ERROR')[n % 7 // 3]} "
        f"[worker-{n % 9}] "
        f"com.acme.Shop{n % 5} - request {n * 7919 % 100_003} took {n * 104_729 % 10_007} ms\n"
        for n in range(20_000)
    ]
    chunk = "".join(lines)
    with path.open("w") as file:
        for _ in range(-(-(megabytes << 20) // len(chunk))):
            file.write(chunk)


def node(name: str, core: int, folder: Path) -> lq.Node:
    """An agent on one core."""
    python = f"env POLARS_MAX_THREADS=1 taskset -c {core} {sys.executable}"
    return lq.Node(name=name, address="pipe:", folder=str(folder), python=python)


def show(name: str, figures: dict[str, float]) -> None:
    """Print what was measured."""
    print(f"{name:22}", "  ".join(f"{key} {value:.6g}" for key, value in figures.items()), flush=True)


def timed(frame: lq.LogFrame) -> tuple[float, lq.Result]:
    """Seconds, and the result."""
    begun = time.perf_counter()
    result = frame.run()
    return time.perf_counter() - begun, result


def measured(root: Path) -> dict[str, dict[str, float]]:
    """Every piece of work by one node and by two, in turn."""
    found: dict[str, dict[str, float]] = {}
    with (
        lq.Fleet([node("one", 0, root)]) as one,
        lq.Fleet([node(host, core, root / host) for core, host in enumerate(HOSTS)]) as two,
    ):
        for name, work in WORK.items():
            parts = [f"app-{part}.log" for part in range(PARTS.get(name, 1))]
            every = [f"{host}/{part}" for host in HOSTS for part in parts]
            alone, both = work(one.scan(every, "log4j", workers=1)), work(two.scan(parts, "log4j", workers=1))
            times: list[tuple[float, float]] = []
            for turn in range(ROUNDS + 1):
                first, second = timed(alone), timed(both)
                assert first[1].frame.height == second[1].frame.height
                if turn:
                    times.append((first[0], second[0]))
            hosts = second[1].report.hosts
            scanned = sum(h.bytes for h in hosts)
            found[name] = {
                "one, s": median(t[0] for t in times),
                "two, s": median(t[1] for t in times),
                "scaling": median(t[0] / t[1] for t in times),
                "MB/s by two": scanned / 1e6 / median(t[1] for t in times),
                "sent": sum(h.bytes_sent for h in hosts) / scanned,
            }
            show(name, found[name])
        (root / "small.log").write_text("one line\n")
        frame = one.scan("small.log", "plain")
        found["a line, warm"] = {"overhead": median(timed(frame)[0] for _ in range(9))}
        show("a line, warm", found["a line, warm"])
    return found


def answers_after() -> float:
    """Seconds from the start of an agent's process to its first word; the median of some."""
    times = []
    for _ in range(5):
        begun = time.perf_counter()
        with subprocess.Popen(
            [sys.executable, "-m", "logq.run.agent"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as agent:
            assert agent.stdout is not None
            agent.stdout.read(1)
            times.append(time.perf_counter() - begun)
            agent.communicate()
    return median(times)


def weak(root: Path, rate: float, seconds: float) -> dict[str, dict[str, float]]:
    """N throttled nodes on N files: seconds, efficiency against one node, CPU of the coordinator."""
    script = root / "throttled.py"
    script.write_text(THROTTLED)
    found: dict[str, dict[str, float]] = {}
    for nodes in NODES:
        names = [f"n{i}" for i in range(nodes)]
        for name in names:
            (root / name).mkdir(exist_ok=True)
            if not (root / name / "app.log").exists():
                write(root / name / "app.log", max(round(rate * seconds), 1))
        python = f"env POLARS_MAX_THREADS=1 {sys.executable} {script} {rate}"
        made = [lq.Node(name=n, address="pipe:", folder=str(root / n), python=python) for n in names]
        with lq.Fleet(made) as fleet:
            frame = WORK["parse and aggregate"](fleet.scan("app.log", "log4j", workers=1, block_size=1 << 20))
            fleet.scan("app.log", "log4j").schema  # noqa: B018 (agents are then up)
            before = resource.getrusage(resource.RUSAGE_SELF)
            taken, _ = timed(frame)
            after = resource.getrusage(resource.RUSAGE_SELF)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        first = found["throttled, 1 nodes"]["s"] if nodes > 1 else taken
        figures = {"s": taken, "efficiency": first / taken, "coordinator CPU, s": cpu}
        found[f"throttled, {nodes} nodes"] = figures
        show(f"throttled, {nodes} nodes", figures)
    return found


def met(found: dict[str, dict[str, float]]) -> bool:
    """Whether every figure that has a bar is good enough."""
    reached = [(key, value) for figures in found.values() for key, value in figures.items() if key in BARS]
    return all(value >= BARS[key] if key in AT_LEAST else value <= BARS[key] for key, value in reached)


def main() -> None:
    """Measure, print, and write the figures beside the others; status 1 if a bar was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, default=cli.RESULTS)
    parser.add_argument("--mb", type=int, default=400, help="megabytes of each file")
    parser.add_argument("--rate", type=float, default=4, help="MB/s of a throttled node")
    parser.add_argument("--seconds", type=float, default=20, help="seconds that a throttled node reads")
    given = parser.parse_args()
    size = given.mb
    with tempfile.TemporaryDirectory(dir=os.environ.get("LOGQ_BENCH_DIR")) as folder:
        root = Path(folder)
        for host in HOSTS:
            (root / host).mkdir()
            for part in range(max(PARTS.values())):
                write(root / host / f"app-{part}.log", size)
        found = measured(root) if size else {}
        found["an agent"] = {"answers": answers_after()}
        show("an agent", found["an agent"])
        found |= weak(root, given.rate, given.seconds)
    given.results.mkdir(parents=True, exist_ok=True)
    (given.results / "fleet.json").write_text(
        json.dumps({"bench": "fleet", "megabytes per file": size, "bars": BARS, "figures": found}, indent=2) + "\n"
    )
    raise SystemExit(not met(found))


if __name__ == "__main__":
    main()
