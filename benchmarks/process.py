"""Run one contender once, in a process of its own, and say what it cost."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import IO, Any

from benchmarks.memory_sampler import PeakMemory

READ_SIZE = 1 << 20
KEPT_OUTPUT = 1 << 16

Answer = Any
"""Whatever JSON can carry: a count, or rows as lists."""


class ContenderFailed(RuntimeError):
    """A contender ended with an error, so there is nothing to compare."""


@dataclass(frozen=True)
class Output:
    """What a program printed: how many lines, and the last ``KEPT_OUTPUT`` bytes of it."""

    lines: int
    tail: bytes


def printed_number(output: Output) -> Answer:
    """The number a counting tool printed; 0 for silence, which is how ``rg -c`` says none."""
    return int(output.tail or 0)


def line_count(output: Output) -> Answer:
    """How many lines a printing tool printed."""
    return output.lines


@dataclass(frozen=True)
class Contender:
    """Somebody who can do the work of a benchmark.

    ``run`` is either ``"module:function"``, a function of the data's path that returns the answer,
    or the argv of a program, in which ``{path}`` stands for the data and whose output ``answer``
    reads. The function is named, not held, so that only the measured process imports its engine,
    and an engine that is missing or broken does not keep the others from running.
    """

    name: str
    run: str | tuple[str, ...]
    answer: Callable[[Output], Answer] = printed_number

    def __post_init__(self) -> None:
        if isinstance(self.run, str) and ":" not in self.run:
            raise ValueError(f"{self.name}: {self.run!r} is not 'module:function'")
        if not self.run:
            raise ValueError(f"{self.name}: an empty argv")

    @property
    def available(self) -> bool:
        """Whether the program is installed. Python engines are taken to be: they are required."""
        return isinstance(self.run, str) or shutil.which(self.run[0]) is not None


@dataclass(frozen=True)
class Run:
    """One run: seconds of work, peak anonymous bytes of the whole process, the answer, seconds of all its threads."""

    seconds: float
    peak_anon: int
    answer: Answer
    cpu: float = 0.0


def measure(contender: Contender, path: Path) -> Run:
    """Run a contender once on ``path``. Raises ContenderFailed if it does not end well."""
    if isinstance(contender.run, str):
        return _measure_python(contender, contender.run, path)
    argv = [part.replace("{path}", str(path)) for part in contender.run]
    # grep and rg say 1 for "nothing found", which is an answer.
    run, output = _execute(contender.name, argv, accepted=(0, 1))
    return replace(run, answer=contender.answer(output))


def _measure_python(contender: Contender, target: str, path: Path) -> Run:
    argv = [sys.executable, "-m", "benchmarks.child", target, str(path)]
    run, output = _execute(contender.name, argv, accepted=(0,))
    said = json.loads(output.tail.splitlines()[-1])
    return replace(run, seconds=said["seconds"], cpu=said["cpu"], answer=said["answer"])


def _execute(name: str, argv: list[str], accepted: tuple[int, ...]) -> tuple[Run, Output]:
    """Start ``argv``, drain its output, wait; time and memory are of the whole process."""
    with tempfile.TemporaryFile() as errors:
        start, start_cpu = perf_counter(), _children_cpu()
        with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=errors, env=_environment()) as process:
            assert process.stdout is not None
            with PeakMemory(process.pid) as memory:
                output = _drain(process.stdout)
                code = process.wait()
                seconds = perf_counter() - start
        if code not in accepted:
            errors.seek(0)
            said = errors.read().decode(errors="replace")[-2000:]
            raise ContenderFailed(f"{name} ended with status {code}: {said}")
    return Run(seconds, memory.peak, None, _children_cpu() - start_cpu), output


def _children_cpu() -> float:
    """Seconds on the processors of all processes that were started here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _drain(stream: IO[bytes]) -> Output:
    """Count lines and keep the end; the output of a context search is far too big to keep whole."""
    lines, tail = 0, b""
    while block := os.read(stream.fileno(), READ_SIZE):
        lines += block.count(b"\n")
        tail = (tail + block)[-KEPT_OUTPUT:]
    return Output(lines, tail)


def _environment() -> dict[str, str]:
    """The C locale, in which grep is at its fastest, and this process's import path.

    Modules are kept compiled, as installed ones are: to compile those of Polars takes longer than to read 64 MB.
    """
    own = {"LC_ALL": "C", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return {**os.environ, **own, "PYTHONDONTWRITEBYTECODE": ""}
