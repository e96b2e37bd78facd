"""A few hundred inputs of the fuzz on every run."""

from __future__ import annotations

from random import Random

import pytest

from tests.fuzz.inputs import BY, FORMS, HEADED, logs
from tests.fuzz.oracle import complaint


@pytest.mark.parametrize("form", FORMS)
def test_no_bytes_crash_a_scan_or_lose_a_line(form: str) -> None:
    """The same inputs each time; `python -m tests.fuzz` takes new ones for as long as wanted."""
    chance = Random(form)
    for block in (1, 64, 1 << 20) * 5:
        data = logs(chance)
        assert not complaint(data, form, block), data


@pytest.mark.parametrize("form", sorted({*FORMS} - {*HEADED}))
def test_nor_where_processes_are_told_apart(form: str) -> None:
    """Each line is in one entry, whatever the blocks."""
    chance = Random(f"by {form}")
    for block in (1, 64, 1 << 20):
        data = logs(chance)
        assert not complaint(data, form, block, BY), data
