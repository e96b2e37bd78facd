"""Seeded log files of any size, written once and kept.

A file is made of chunks of about a megabyte, each one minute of log. Up to ``DISTINCT`` chunks are
made line by line; after that they come again with later minutes, which is as fast as the disk and
changes no line's length or any field but the time.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random

from benchmarks import lines

CHUNK = 1_000_000
DISTINCT = 64
START = datetime(2023, 11, 14, 22, 13, tzinfo=UTC)
REVISION = 1
"""Raise it when a generator changes, or the files kept from before are used again."""

MINUTE = b"@@"
"""Stands for the minute in a chunk; never part of a line otherwise."""

Chunk = Callable[[Random, int], bytes]
"""(random, size): a minute of log, a little more than ``size`` bytes, ``MINUTE`` in each line."""

UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9}


def parse_size(text: str) -> int:
    """``"3GB"`` → 3_000_000_000. KB, MB, GB are powers of ten; a bare number is bytes."""
    unit = UNITS.get(text[-2:].upper(), 1)
    number = text[:-2] if unit > 1 else text
    return int(float(number) * unit)


def cached(name: str, generate: Callable[[Path, int, int], None], size: int, seed: int) -> Path:
    """The file of this name, size and seed, generated if it is not there yet.

    Kept in ``$LOGQ_BENCH_DIR``, by default ``logq-bench`` in the system's temporary folder.
    """
    folder = Path(os.environ.get("LOGQ_BENCH_DIR") or Path(tempfile.gettempdir()) / "logq-bench")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{size}-{seed}-r{REVISION}.log"
    if not path.exists():
        unfinished = path.with_suffix(f".{os.getpid()}.part")
        generate(unfinished, size, seed)
        unfinished.rename(path)
    return path


def log4j(path: Path, size: int, seed: int) -> None:
    """An application log as log4j and logback write it; every entry is one line."""
    _write(path, size, Random(f"log4j {seed}"), lines.log4j_chunk, "%Y-%m-%d %H:%M")


def log4j_traces(path: Path, size: int, seed: int) -> None:
    """The same, in which one entry of fifty drags a stack trace behind it."""

    def chunk(random: Random, size: int) -> bytes:
        return lines.log4j_chunk(random, size, traces=0.02)

    _write(path, size, Random(f"log4j {seed}"), chunk, "%Y-%m-%d %H:%M")


def containers(path: Path, size: int, seed: int) -> None:
    """Four such logs written into one file, line by line, each line behind the name of its container."""
    _write(path, size, Random(f"containers {seed}"), lines.containers_chunk, "%Y-%m-%d %H:%M")


def combined(path: Path, size: int, seed: int) -> None:
    """An access log in the combined format of Apache and nginx."""
    _write(path, size, Random(f"combined {seed}"), lines.combined_chunk, "%d/%b/%Y:%H:%M")


def json_lines(path: Path, size: int, seed: int) -> None:
    """An application log of one JSON object a line, one object nested in it."""
    _write(path, size, Random(f"json {seed}"), lines.json_chunk, "%Y-%m-%dT%H:%M")


def logfmt(path: Path, size: int, seed: int) -> None:
    """An application log of ``key=value`` pairs."""
    _write(path, size, Random(f"logfmt {seed}"), lines.logfmt_chunk, "%Y-%m-%dT%H:%M")


def _write(path: Path, size: int, random: Random, chunk: Chunk, minute: str) -> None:
    """Write whole lines up to ``size`` bytes: at most one line less than asked."""
    left = size
    with path.open("wb") as file:
        for text in _stamped(random, chunk, minute):
            if len(text) >= left:
                file.write(text[: text.rfind(b"\n", 0, left) + 1])
                return
            left -= file.write(text)


def _stamped(random: Random, chunk: Chunk, minute: str) -> Iterator[bytes]:
    """Chunks without end, a minute later each."""
    made: list[bytes] = []
    for turn in count():
        if turn < DISTINCT:
            made.append(chunk(random, CHUNK))
        time = START + timedelta(minutes=turn)
        yield made[turn % DISTINCT].replace(MINUTE, time.strftime(minute).encode())
