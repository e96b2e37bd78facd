"""What agents know from one question to the next, and what they must not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

import logq as lq
from logq import FORMATS, LogFrame
from logq.read import resolve_file
from logq.run.agent import known
from logq.run.fleet import dispatch
from tests.fleet.beside import beside

MINE = lq.Format(
    name="mine_alone",
    title="mine",
    patterns=(r"^<(?P<code>\d+)> (?P<message>.*)$",),
    dtypes={"code": pl.Int64()},
    samples=(lq.Sample("<7> up", {"code": 7, "message": "up"}),),
)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A file in a format that nobody knows."""
    path = tmp_path / "app.log"
    path.write_text("<7> up\n<8> down\n" * 20)
    return path


def codes(frame: LogFrame) -> list[Any]:
    """Formats and columns of the first row."""
    found = frame.head(1).collect()
    return [found["format"].item(), found["code"].item() if "code" in found.columns else None]


def test_an_agent_knows_the_formats_of_each_question_alone(log: Path) -> None:
    """What was registered here when an earlier question was put takes no part in the detection of a later one."""
    with lq.Fleet.local(1) as fleet:
        before = FORMATS.now
        assert codes(fleet.scan(str(log), MINE)) == ["mine_alone", 7]
        assert codes(fleet.scan(str(log))) == ["mine_alone", 7]
        FORMATS.restore(before)
        assert codes(fleet.scan(str(log))) == codes(lq.scan(log)) == ["plain", None]


def test_a_format_of_ones_own_stays_what_it_is(log: Path) -> None:
    """Work of tier B that is done here leaves it as it was registered, samples and all."""
    node = lq.Node(name="here", address="pipe:", tiers=("B",))
    with lq.Fleet([node]) as fleet:
        for _ in range(2):
            assert codes(fleet.scan(str(log), MINE)) == ["mine_alone", 7]
    assert FORMATS["mine_alone"] is MINE


def test_files_are_looked_into_once_a_question(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many units they are read in: `infer="file"` would read them whole each time."""
    seen: list[str] = []

    def counted(file: Any, scan: Any) -> Any:
        seen.append(file.name)
        return resolve_file(file, scan)

    monkeypatch.setattr(known, "resolve_file", counted)
    monkeypatch.setattr(dispatch, "LARGE", 100)
    chain = lq.scan(log, "plain", infer="file").grep("down")
    assert beside(chain).collect().height == 20
    assert len(seen) == 1
