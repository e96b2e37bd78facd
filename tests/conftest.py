"""Fixtures that all tests share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import settings

import logq as lq
from logq.formats import FORMATS
from tests import traced, twice  # noqa: F401 (what is imported later finds sources traced)
from tests.shared_data import folder as shared_data_folder

# A loaded machine makes no example wrong.
settings.register_profile("logq", deadline=None)
settings.load_profile("logq")


ASKED: Final[Counter[str]] = Counter()


@pytest.fixture(autouse=True)
def _formats_of_its_own() -> Iterator[None]:
    """Formats that a test makes take part in the detection of no other."""
    known = FORMATS._loaded()
    yield
    FORMATS._formats = known


@pytest.fixture(scope="session")
def one_agent() -> Iterator[lq.Fleet]:
    """A fleet of one agent, which answers all tests that ask it one after another."""
    with lq.Fleet.local(1) as fleet:
        yield fleet


@pytest.fixture(autouse=True)
def _twice(request: pytest.FixtureRequest) -> Iterator[None]:
    """Tests of chains ask a fleet too; see `tests.twice`."""
    name = getattr(request.node, "originalname", request.node.name)
    if not twice.MODULES.fullmatch(getattr(request.module, "__name__", "")) or name in twice.LEFT_OUT:
        yield
        return
    folder = request.getfixturevalue("tmp_path_factory").mktemp("bytes")
    made_up = hasattr(request.function, "hypothesis")
    fleet, function = request.getfixturevalue("one_agent"), f"{request.module.__name__}.{name}"
    both = twice.Twice(fleet, folder, made_up, ASKED, function)
    with pytest.MonkeyPatch.context() as patch:
        twice.install(both, patch)
        yield


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Public logs and other projects' expected values, or the test is skipped."""
    root = shared_data_folder()
    if not root.is_dir():
        pytest.skip(f"no shared data at {root}")
    return root


@pytest.hookimpl(optionalhook=True)
def pytest_json_modifyreport(json_report: dict[str, object]) -> None:
    """Keep what the report proves and leave out where it was made."""
    json_report["root"] = "."
    json_report.pop("collectors", None)
    tests: list[dict[str, Any]] = json_report.get("tests", [])  # type: ignore[assignment]
    for phase in (test[name] for test in tests for name in ("setup", "call", "teardown") if name in test):
        if phase["outcome"] == "passed":
            phase.pop("longrepr", None)
