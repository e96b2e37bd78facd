"""Files that change, or are damaged: what that costs, by agents of either tier."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import logq as lq
from tests.fleet.bare import fleet_of

WAYS = ("A", "B, whole", "B, searched")


def asked(folder: Path, way: str) -> tuple[lq.Fleet, bool]:
    """A fleet of one node, and whether a filter tells what is to be sent."""
    return lq.Fleet.local({"a": folder}) if way == "A" else fleet_of(folder), way == "B, searched"


@pytest.mark.parametrize("change", ["appended", "rotated", "truncated", "deleted"])
@pytest.mark.parametrize("way", WAYS)
def test_files_that_change_between_the_question_and_its_answer(tmp_path: Path, change: str, way: str) -> None:
    """Appends and rotation change nothing; what was cut or is gone is named."""
    path = tmp_path / "a.log"
    path.write_text("one\ntwo\n")
    fleet, searched = asked(tmp_path, way)
    with fleet:
        frame = fleet.scan("*.log", "plain").select("line", "raw")
        frame = frame.grep("o", literal=True) if searched else frame
        runner = frame._runner
        prepared = runner.prepare(frame.plan)
        match change:
            case "appended":
                with path.open("a") as more:
                    more.write("three o\n")
            case "rotated":
                path.rename(tmp_path / "a.log.1")
                path.write_text("new o\n")
            case "truncated":
                os.truncate(path, 4)
            case _:
                path.unlink()
        report = prepared.report()
        frames = list(runner.rows(prepared, report))
    if change in ("appended", "rotated"):
        assert pl.concat(frames).rows() == [(1, "one"), (2, "two")]
        assert not report.incomplete
    else:
        assert frames == []
        assert (report.hosts[0].status, report.files[0].status) == ("changed", "failed")
        assert "changed since" in report.missing


DAMAGED = {
    "truncated gzip": ("a.log.gz", lambda t: gzip.compress(t, mtime=0)[: len(gzip.compress(t, mtime=0)) // 2]),
    "twisted gzip": ("a.log.gz", lambda t: _twisted(gzip.compress(t, mtime=0))),
    "two members and padding": ("a.log.gz", lambda t: gzip.compress(t) + gzip.compress(t) + b"\0" * 99),
    "truncated bzip2": ("a.log.bz2", lambda t: bz2.compress(t)[:-40]),
    "twisted xz": ("a.log.xz", lambda t: _twisted(lzma.compress(t))),
    "no gzip": ("a.log.gz", lambda _: b"plain text\n"),
    "empty": ("a.log.gz", lambda _: b""),
    "bad bytes": ("a.log", lambda t: t.replace(b"line 7\n", b"line \xff7\n")),
    "UTF-16": ("a.log", lambda t: t.decode().encode("utf-16")),
    "a mark": ("a.log", lambda t: b"\xef\xbb\xbf" + t),
    "no last line end": ("a.log", lambda t: t[:-1]),
    "carriage returns": ("a.log", lambda t: t.replace(b"\n", b"\r\n")),
}


def _twisted(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 0x55]) + data[middle + 1 :]


@pytest.mark.parametrize("name", DAMAGED)
@pytest.mark.parametrize("way", WAYS)
def test_damage_costs_what_it_costs_here(tmp_path: Path, name: str, way: str) -> None:
    """The same rows before it, the same words for it."""
    file, make = DAMAGED[name]
    (tmp_path / file).write_bytes(make("".join(f"line {n}\n" for n in range(40_000)).encode()))
    fleet, searched = asked(tmp_path, way)
    with fleet:
        frames = [fleet.scan("a*", "plain"), lq.scan(tmp_path / "a*", "plain")]
        there, local = ((f.grep("7", literal=True) if searched else f).run(on_failure="partial") for f in frames)
    assert_frame_equal(there.frame.drop("host", "source"), local.frame.drop("host", "source"))
    assert [f.error for f in there.report.files] == [f.error for f in local.report.files]
    assert [f.bytes for f in there.report.files] == [f.bytes for f in local.report.files]


@pytest.mark.parametrize("way", WAYS)
def test_bytes_are_counted_through_all_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    """Each is below the limit of the host, all of them are not; the next question begins anew."""
    monkeypatch.setattr("logq.run.fleet.dispatch.UNIT", 1)
    for number in range(4):
        (tmp_path / f"{number}.log").write_text("a line\n" * 100_000)
    limits, tiers = lq.Limits(max_scan_bytes=2_000_000), ("A",) if way == "A" else ("B",)
    node = lq.Node(name="a", address="pipe:", folder=str(tmp_path), limits=limits, tiers=tiers)  # type: ignore[arg-type]
    with lq.Fleet([node]) as fleet:
        for source, fails in (("*.log", True), ("[01].log", False), ("[12].log", False), ("*.log", True)):
            frame = fleet.scan(source, "plain")
            frame = frame.grep("nowhere", literal=True) if way == "B, searched" else frame.group_by().agg(pl.len())
            report = frame.run(on_failure="partial").report
            assert ("max_scan_bytes" in (report.hosts[0].error or "")) == fails, source
