"""What a question would cost, told before it is asked."""

from __future__ import annotations

import gzip
from pathlib import Path

import polars as pl
import pytest

import logq as lq
from logq import LogFrame
from logq.errors import PartialResultError
from logq.run.fleet.runner import OnFleet
from tests.fleet.beside import Beside, beside

C = pl.col


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Plain and packed logs."""
    for name in "ab":
        lines = "".join(
            f"2024-03-05 09:00:{n % 60:02},000 INFO [main] a.B - step {n} {n * 7919 % 1009}\n" for n in range(4000)
        )
        (tmp_path / f"{name}.log").write_text(lines)
    (tmp_path / "c.log.gz").write_bytes(gzip.compress(b"one\n" * 100, mtime=0))
    return tmp_path


def sent(frame: LogFrame) -> int:
    """Bytes of rows that a run sends; compressed as on the wire."""
    runner = frame._runner
    assert isinstance(runner, OnFleet)
    assert isinstance(runner.cluster, Beside)
    before = runner.cluster.bytes
    frame.collect()
    return runner.cluster.bytes - before


def test_sizes_are_told_and_sendings_expected(root: Path) -> None:
    """Within a factor of two of what is then sent; parts of aggregates are as many as units; little is read for it."""
    logs = lq.scan(root / "*.log", "log4j")
    size = sum(p.stat().st_size for p in root.glob("*.log"))
    for frame in (
        beside(logs),
        beside(logs.filter(C("message").str.contains("step 1"))),
        beside(logs.group_by("level").agg(pl.len())),
        beside(logs.sequence(lq.step("a", C("message").str.contains("7 ")), lq.step("b", C("level") == "ERROR"))),
    ):
        ((host, files, scan, send),) = frame.estimate().rows()
        assert (host, files, scan) == ("here", 2, size)
        real = sent(frame)
        assert real / 2.5 <= send <= 2.5 * real


def test_what_cannot_be_tried_is_not_known(root: Path) -> None:
    """Archives have no head to try; a host without files sends nothing."""
    packed = beside(lq.scan(root / "c.log.gz", "plain")).estimate()
    assert packed.rows() == [("here", 1, (root / "c.log.gz").stat().st_size, None)]
    with lq.Fleet.local({"a": root, "b": root.parent}) as fleet:
        assert fleet.scan("a.log").estimate()["bytes_to_send"].to_list()[1] == 0


def test_on_one_machine_nothing_is_sent(root: Path) -> None:
    """Archives count as they are stored; a vanished file is not known."""
    assert lq.scan(root / "*.log").estimate().rows() == [
        (None, 2, sum(p.stat().st_size for p in root.glob("*.log")), 0)
    ]
    assert lq.scan(root / "c.log.gz").estimate()["bytes_to_scan"][0] == (root / "c.log.gz").stat().st_size
    (root / "gone.log").symlink_to(root / "nowhere")
    assert lq.scan(root / "gone.log").estimate()["bytes_to_scan"][0] is None


def test_errors_are_raised(root: Path) -> None:
    """Of the question, and of hosts that do not answer."""
    wrong = beside(lq.scan(root / "a.log", "log4j").with_columns(x=C("message").cast(pl.Int64)))
    with pytest.raises(pl.exceptions.InvalidOperationError):
        wrong.estimate()
    node = lq.Node(name="x", address="pipe:", python="/nowhere")
    with lq.Fleet([lq.Node(name="a", address="pipe:"), node]) as fleet, pytest.raises(PartialResultError):
        fleet.scan(str(root / "a.log")).estimate()
