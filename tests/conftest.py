"""Fixtures that all tests share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from logq.formats import FORMATS

# A loaded machine makes no example wrong.
settings.register_profile("logq", deadline=None)
settings.load_profile("logq")


@pytest.fixture(autouse=True)
def _formats_of_its_own() -> Iterator[None]:
    """Formats that a test makes take part in the detection of no other."""
    known = FORMATS._loaded()
    yield
    FORMATS._formats = known


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Public logs and other projects' expected values: `LOGQ_SHARED_DATA`, else `../shared/data` beside the repository."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    root = Path(os.environ.get("LOGQ_SHARED_DATA", beside))
    if not root.is_dir():
        pytest.skip(f"no shared data at {root}")
    return root


@pytest.hookimpl(optionalhook=True)
def pytest_json_modifyreport(json_report: dict[str, object]) -> None:
    """Keep what the report proves and leave out where it was made."""
    json_report["root"] = "."
    json_report.pop("collectors", None)
