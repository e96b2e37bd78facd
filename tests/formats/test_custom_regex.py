"""Formats from a regex."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import logq as lq
from logq.formats import FORMATS


@pytest.fixture(autouse=True)
def _registry() -> Iterator[None]:
    """What a scan registers is forgotten after each test."""
    before = list(FORMATS.values())
    yield
    FORMATS._formats = {f.name: f for f in before}


def test_stamp() -> None:
    """A layout, or a stamp that names its field, reads the time."""
    text = b"05.03.2024 09:14:02 hello"
    for group, stamp in (
        ("timestamp", "%d.%m.%Y %H:%M:%S"),
        ("at", lq.Stamp(layouts=("%d.%m.%Y %H:%M:%S",), fields=("at",))),
    ):
        form = lq.Format.regex(f"x_{group}", rf"^(?P<{group}>\S+ \S+) (?P<message>.*)$", stamp=stamp)
        assert str(lq.scan(text, format=form).collect()["timestamp"][0]) == "2024-03-05 09:14:02+00:00"
