"""What tests of chains ask of this machine, asked of a fleet as well: the answers must be the same."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import logq as lq
from logq.errors import LogqError, PartialResultError
from logq.plan import Plan, Scan, encode
from logq.read.files import is_url
from logq.run.fleet import dispatch, dispatched
from logq.run.local import Local
from logq.run.report import Result
from logq.run.runner import Runner

MODULES: Final = re.compile(
    r"tests\.(frame\..*|test_context.*|test_(links|memory|patterns|repair_time|sequences|sessions)|optimise\.test_law)"
)
LEFT_OUT: Final = {
    "test_an_iterator_of_sources": "row order goes by names, and those of bytes sort otherwise where they are files",
}
PARTS: Final = 2
"""Files are read in about so many ranges, or one more."""

MANY: Final = 6
"""So many questions of one test function are all asked; then one of SOME."""

SOME: Final = 16
MADE_UP: Final = (2, 32)
"""Which of the questions are asked that hypothesis makes up for a test."""

METHODS: Final = ("run", "schema", "lazy", "batches", "sink")


@dataclass
class Twice:
    """Asks both and compares: of many questions, some; of those that are made up as a test goes (`made_up`), few.

    `asked` counts the questions of one test function, over all its cases.
    """

    fleet: lq.Fleet
    folder: Path
    made_up: bool
    asked: Counter[str]
    function: str
    here: int = 0

    def ask(self, runner: Local, plan: Plan, ask: Callable[[Runner, Plan], Any]) -> Any:
        """Ask here, then there; give what was answered here, or raise it."""
        here = _tried(ask, runner, plan)
        if self._due() and (there := self._there(runner, plan)) is not None:
            _compare(here, _tried(ask, *there), by_name=not runner.buffers)
        if isinstance(here, Exception):
            raise here
        return here

    def _due(self) -> bool:
        """Whether this question is one of those that are asked twice."""
        self.here += 1
        self.asked[self.function] += 1
        if self.made_up:
            return self.here in MADE_UP
        count = self.asked[self.function]
        return count <= MANY or count % SOME == 0

    def _there(self, runner: Local, plan: Plan) -> tuple[Runner, Plan] | None:
        """Put the question to the fleet; None where that cannot be.

        Tables are here, agents open no URLs, and steps that look at `host` or at the name of bytes see others there.
        """
        steps = encode(plan).decode().partition('"steps":')[2]
        placed = '"host"' in steps or (runner.buffers and '"source"' in steps)
        if placed or not isinstance(plan.source, Scan) or any(map(is_url, plan.scan.sources)):
            return None
        names = {name: self.folder / name.strip("<>") for name in runner.buffers}
        for name, path in names.items():
            path.write_bytes(runner.buffers[name])
        sources = tuple(str(names.get(s, Path(s).absolute())) for s in plan.scan.sources)
        asked = plan.with_source(msgspec.structs.replace(plan.scan, sources=sources))
        scan = self.fleet.scan("a", block_size=runner.block, workers=1, memory_budget=runner.memory_budget)
        return scan._runner, asked


def _tried(ask: Callable[[Runner, Plan], Any], runner: Runner, plan: Plan) -> Any:
    try:
        return ask(runner, plan)
    except (LogqError, pl.exceptions.PolarsError) as error:
        return error


def _compare(here: Any, there: Any, *, by_name: bool) -> None:
    """Rows, schemas, what was lost, kinds of errors. Bytes are files there, of other names."""
    if isinstance(here, Exception):
        assert type(there) is type(here), (here, there)
    elif isinstance(there, Exception):
        raise there
    if isinstance(here, PartialResultError):
        here, there = here.partial, there.partial
    if isinstance(here, Result):
        assert there.report.looked_for == here.report.looked_for
        assert [f.status for f in there.report.files] == [f.status for f in here.report.files]
        here, there = here.frame, there.frame
    if isinstance(here, pl.Schema):
        assert there == here
    if isinstance(here, pl.DataFrame):
        places = {"host", "hosts"} if by_name else {"host", "hosts", "source", "sources"}
        dropped = [c for c in here.columns if c.rpartition(".")[2] in places]
        assert_frame_equal(there.drop(dropped), here.drop(dropped), check_exact=False)


def install(both: Twice, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every answer of this machine be followed by one of the fleet."""
    real = {name: getattr(Local, name) for name in METHODS}
    cut = dispatch.cut

    def finely(files: Sequence[Any], whole: Sequence[bool], **options: Any) -> Any:
        size = max(64, sum(f.size for f in files) // PARTS)
        monkeypatch.setattr(dispatch, "LARGE", size)
        monkeypatch.setattr(dispatch, "UNIT", size)
        return cut(files, whole, **options)

    def on(name: str, runner: Runner, plan: Plan, *arguments: Any, **options: Any) -> Any:
        function = real[name] if isinstance(runner, Local) else getattr(type(runner), name)
        return function(runner, plan, *arguments, **options)

    def run(self: Local, plan: Plan, **options: Any) -> Any:
        return both.ask(self, plan, lambda r, p: on("run", r, p, **options))

    def schema(self: Local, plan: Plan) -> Any:
        return both.ask(self, plan, lambda r, p: on("schema", r, p))

    def lazy(self: Local, plan: Plan, **options: Any) -> pl.LazyFrame:
        made: pl.LazyFrame = on("lazy", self, plan, **options)
        both.ask(self, plan, lambda r, p: on("lazy", r, p, on_failure="partial").collect(engine="streaming"))
        return made

    def batches(self: Local, plan: Plan, **options: Any) -> Iterator[pl.DataFrame]:
        yield from on("batches", self, plan, **options)
        both.ask(self, plan, lambda r, p: pl.concat([on("schema", r, p).to_frame(), *on("batches", r, p, **options)]))

    def sink(self: Local, plan: Plan, write: Any, **options: Any) -> Any:
        report = on("sink", self, plan, write, **options)

        def written(runner: Runner, asked: Plan) -> pl.DataFrame:
            got: list[pl.DataFrame] = []
            on("sink", runner, asked, lambda rows: got.append(rows.collect(engine="streaming")), **options)
            return got[0]

        both.ask(self, plan, written)
        return report

    monkeypatch.setattr(dispatched, "cut", finely)
    for function in (run, schema, lazy, batches, sink):
        monkeypatch.setattr(Local, function.__name__, function)
