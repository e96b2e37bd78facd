"""Four times the data takes four times the reading and no more memory. No clock is looked at."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

import logq
from benchmarks import data

ROOT: Final = Path(logq.__file__).parents[1]
SIZE: Final = 24_000_000
TIMES: Final = 4
SEED: Final = 5
GROWTH: Final = 1.25
SLACK: Final = 8_000_000
"""Bytes that two runs on the same file may differ by: what the allocator happens to hold on to.

Measured: 66-77 MB for the small file, 74-87 MB for the large one, 57 MB of either for the interpreter with Polars.
To hold a third of the data would already be too much.
"""

WORKS: Final = {
    "filter": "f.grep('ERROR .*Service1').select(pl.len(), pl.col('raw').str.len_bytes().sum())",
    "context": "f.level('ERROR').context(3).group_by('is_match').agg(pl.len(), pl.col('raw').str.len_bytes().sum())",
    "groups": "f.group_by('level', 'logger').agg(pl.len(), pl.col('timestamp').max(), pl.col('message').str.len_bytes().sum())",
}
MEASURED: Final = """
import json, os, sys, threading
import polars as pl
import logq as lq

peak, done = 0, threading.Event()

def watch():
    global peak
    while True:
        with open("/proc/self/status") as status:
            peak = max(peak, next(int(line.split()[1]) for line in status if line.startswith("RssAnon:")) * 1024)
        if done.wait(0.005):
            return

f = lq.scan(sys.argv[1], "log4j", workers=2, block_size=1 << 18)
watcher = threading.Thread(target=watch)
watcher.start()
found = ({work}).run()
done.set()
watcher.join()
print(json.dumps({{"rows": sum(found.frame["len"]), "read": found.report.bytes, "peak": peak}}))
"""
"""A process of its own: it reads a file in small blocks, so that the small file too is many of them."""


@dataclass(frozen=True)
class Cost:
    """What a run gave and took: rows behind the answer, bytes read, peak of anonymous memory."""

    rows: int
    read: int
    peak: int


def cost(work: str, path: Path) -> Cost:
    """Do a work on a file in a fresh process."""
    code = MEASURED.format(work=WORKS[work])
    run = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True, cwd=ROOT)
    return Cost(**json.loads(run.stdout))


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A log4j log, and one of four times its size."""
    folder = tmp_path_factory.mktemp("scaling")
    for name, size in (("one", SIZE), ("four", TIMES * SIZE)):
        data.log4j(folder / name, size, SEED)
    return folder / "one", folder / "four"


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
@pytest.mark.parametrize("work", WORKS)
def test_memory_does_not_follow_the_data(work: str, logs: tuple[Path, Path]) -> None:
    """Every byte is read, once; the peak of anonymous memory stays where it was."""
    one, four = (cost(work, path) for path in logs)
    assert one.read == logs[0].stat().st_size
    assert four.read == logs[1].stat().st_size
    assert four.read == pytest.approx(TIMES * one.read, rel=0.001)
    assert 0 < 3 * one.rows < four.rows
    assert four.peak <= GROWTH * one.peak + SLACK
