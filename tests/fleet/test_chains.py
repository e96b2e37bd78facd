"""The tests of chains once more: what each collects, a fleet collects too, in ranges as small as they come."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from logq.frame import LogFrame
from logq.plan import Plan, Scan, encode
from logq.read.files import is_url
from logq.run.fleet import dispatch
from logq.run.local import Local
from logq.run.report import Result
from tests.fleet.beside import beside

MODULES = ("frame.test_rows", "frame.test_columns", "frame.test_groups", "frame.test_events")
PLACES = ("host", "source", "hosts", "sources")
asked: list[str] = []


def _borrow() -> Iterator[tuple[str, Any]]:
    """Tests, fixtures and what else they look up in their modules."""
    for name in MODULES:
        module = importlib.import_module(f"tests.{name}")
        for word, value in vars(module).items():
            if word.startswith("test_"):
                yield f"{word}_of_{name.replace('.', '_')}", value


globals().update(_borrow())


@pytest.fixture(autouse=True)
def _doubled(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Have every run on this machine be followed by one on a fleet, and compare."""
    real = Local.run
    monkeypatch.setattr(dispatch, "LARGE", 64)
    monkeypatch.setattr(dispatch, "UNIT", 64)

    def run(self: Local, plan: Plan, **options: Any) -> Result:
        result = real(self, plan, **options)
        if _fits(plan):
            _compare(self, plan, result.frame, tmp_path)
        return result

    monkeypatch.setattr(Local, "run", run)


def _fits(plan: Plan) -> bool:
    """Whether a fleet can be asked the same: of files, with no step that looks at where they lie."""
    steps = encode(plan).decode().partition('"steps":')[2]
    places = any(f'"{word}"' in steps for word in ("source", "host"))
    return isinstance(plan.source, Scan) and not places and not any(map(is_url, plan.scan.sources))


def _compare(runner: Local, plan: Plan, expected: pl.DataFrame, folder: Path) -> None:
    sources = []
    for number, source in enumerate(plan.scan.sources):
        if source in runner.buffers:
            sources.append(str(folder / f"bytes {number}"))
            Path(sources[-1]).write_bytes(runner.buffers[source])
        else:
            sources.append(source)
    there = plan.with_source(msgspec.structs.replace(plan.scan, sources=tuple(sources)))
    found = beside(LogFrame(there, Local(block=runner.block))).collect(on_failure="partial")
    dropped = [c for c in expected.columns if c.rpartition(".")[2] in PLACES]
    assert_frame_equal(found.drop(dropped), expected.drop(dropped), check_exact=False)
    asked.append(plan.describe())


@pytest.fixture(autouse=True, scope="module")
def _asked() -> Iterator[None]:
    """See that there was something to compare."""
    yield
    assert asked
