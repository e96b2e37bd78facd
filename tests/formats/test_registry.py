"""Formats are found by name, added without loss, and brought by packages."""

from __future__ import annotations

import re
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Final

import pytest

import logq.formats
from logq.errors import FormatError
from logq.formats import FORMATS, Format, Registry, get, register
from logq.formats.base import Stamp

BROUGHT: Final = Format(name="brought", title="from a package", kind="json")
MINE: Final = Format(name="mine", title="registered", kind="json")


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Registry:
    """A registry of its own in the place of the library's."""
    own = Registry(*FORMATS.values())
    monkeypatch.setattr(logq.formats, "FORMATS", own)
    return own


def _points(monkeypatch: pytest.MonkeyPatch, *targets: str) -> None:
    points = [EntryPoint(target.partition(":")[2].lower(), target, "logq.formats") for target in targets]
    monkeypatch.setattr(logq.formats, "entry_points", lambda group: [p for p in points if p.group == group])


def test_the_fallback_is_last() -> None:
    """Detection breaks ties by order, so what takes any line stands at the end; keys are names."""
    assert list(FORMATS)[-1] == "plain"
    assert all(FORMATS[name].name == name for name in FORMATS)
    assert len(FORMATS) == len(set(FORMATS))


def test_the_mapping_cannot_be_written() -> None:
    """FORMATS is changed by `register` alone."""
    with pytest.raises(TypeError):
        FORMATS["x"] = MINE  # type: ignore[index]


def test_a_registered_format_is_found_first(registry: Registry) -> None:
    """What a user adds is more specific than what ships; the rest keeps its order."""
    before = list(registry)
    register(MINE)
    assert get("mine") is MINE
    assert list(registry) == ["mine", *before]


def test_a_name_is_taken_over_only_on_request(registry: Registry) -> None:
    """Without `replace` the old one stays; with it the new one takes the same place."""
    place = list(registry).index("csv")
    mine = Format(name="csv", title="semicolons", kind="csv", separator=";")
    with pytest.raises(FormatError, match="replace=True"):
        register(mine)
    assert get("csv") is not mine
    register(mine, replace=True)
    assert get("csv") is mine
    assert list(registry).index("csv") == place


def test_an_unknown_name_is_answered_with_near_ones() -> None:
    """… or with all of them when none is near."""
    with pytest.raises(FormatError, match=re.escape("did you mean 'syslog_rfc3164'")):
        get("syslog_rfc3146")
    with pytest.raises(FormatError, match=r"known formats: .*plain"):
        get("zzz")


def test_packages_bring_formats_on_the_first_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """Entry points are loaded once, when the mapping is first looked into, not before."""
    _points(monkeypatch, "logq.formats.plain:PLAIN")
    registry = Registry(MINE, group="logq.formats")
    assert list(registry) == ["plain", "mine"]
    _points(monkeypatch, "logq.formats.csv:CSV")
    assert list(registry) == ["plain", "mine"]


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("no.such.module:X", "No module named"),
        ("logq.formats.base:EPOCHS", "is a tuple, not a logq Format"),
        ("logq.formats.csv:CSV", "registered already"),
    ],
)
def test_a_broken_package_does_not_take_the_others_along(
    monkeypatch: pytest.MonkeyPatch, target: str, reason: str
) -> None:
    """It is left out with a warning that names it and says why."""
    _points(monkeypatch, target, "logq.formats.plain:PLAIN")
    registry = Registry(logq.formats.csv.CSV, group="logq.formats")
    with pytest.warns(RuntimeWarning, match=rf"entry point .* left out: .*{reason}"):
        names = list(registry)
    assert names == ["plain", "csv"]


def test_stamps_know_what_their_layouts_lack() -> None:
    """Zone and year are read off the directives."""
    assert Stamp.zoned("%+")
    assert Stamp.zoned("epoch_ns")
    assert not Stamp.yearless("%+")
    assert not Stamp.yearless("%c")
    assert Stamp.yearless("%d %b %H:%M")


def test_an_installed_distribution_brings_formats(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package on the path whose metadata lists an entry point is found by the real machinery."""
    (tmp_path / "logq_brings.py").write_text(
        "from logq.formats import Format\nSHOP = Format.regex('shop_brought', r'^(?P<message>.*)$')\n"
    )
    info = tmp_path / "logq_brings-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: logq-brings\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[logq.formats]\nshop = logq_brings:SHOP\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert Registry(group="logq.formats")["shop_brought"].groups == ("message",)
