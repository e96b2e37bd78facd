"""The loss of a file is told after everything else was read."""

from __future__ import annotations

import gzip
import os
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

import logq as lq
from logq.errors import PartialResultError
from logq.read import FileRef
from logq.run import Local

GOOD = b"".join(b"good %d\n" % i for i in range(50))
ERROR = OSError(13, "Permission denied")


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """a.log and c.log can be read, b.log cannot (root may read anything, so the system call fails)."""
    for name in "abc":
        (tmp_path / f"{name}.log").write_bytes(GOOD)
    opened = os.open

    def refuse(path: str, *args: int, **options: int) -> int:
        if str(path).endswith("b.log"):
            raise ERROR
        return opened(path, *args, **options)

    monkeypatch.setattr(os, "open", refuse)
    return tmp_path


def test_an_unreadable_file_raises_after_the_rest(files: Path) -> None:
    """`.partial` has the rows of the others in order, `.report` names the loss, the message tells the way out."""
    with pytest.raises(
        PartialResultError, match=r'1 of 3 files .*b\.log: Permission denied.*on_failure="partial"'
    ) as caught:
        lq.scan(files / "*.log").collect()
    error = caught.value
    assert error.partial["raw"].to_list() == GOOD.decode().splitlines() * 2
    assert [f.status for f in error.report.files] == ["ok", "failed", "ok"]
    assert [f.entries for f in error.report.files] == [50, 0, 50]
    assert error.report.entries == 100
    assert error.report.bytes == 2 * len(GOOD)


def test_partial_is_asked_for_in_words(files: Path) -> None:
    """`on_failure="partial"` returns the same rows and the same report, without an exception."""
    result = lq.scan(files / "*.log").run(on_failure="partial")
    assert result.frame.height == 100
    assert [Path(f.source).name for f in result.report.failed] == ["b.log"]
    assert lq.scan(files / "*.log").sort("line").collect(on_failure="partial").height == 100


@pytest.mark.parametrize(
    "chain",
    [lambda f: f, lambda f: f.sort("line"), lambda f: f.context(1), lambda f: f.group_by("source").agg(pl.len())],
    ids=["rows", "sort", "context", "groups"],
)
def test_every_chain_raises(files: Path, chain: Callable[[lq.LogFrame], lq.LogFrame]) -> None:
    """While reading, through a context, or after the stream: the loss is not lost."""
    frame = chain(lq.scan(files / "*.log"))
    with pytest.raises(PartialResultError):
        frame.collect()
    assert frame.collect(on_failure="partial").height > 0


@pytest.mark.parametrize("chain", [lambda f: f, lambda f: f.sort("line")], ids=["rows", "sort"])
def test_batches_raise_at_the_end(files: Path, chain: Callable[[lq.LogFrame], lq.LogFrame]) -> None:
    """All batches come first."""
    batches = chain(lq.scan(files / "*.log")).batches()
    seen: list[int] = []
    with pytest.raises(PartialResultError):
        seen.extend(batch.num_rows for batch in batches)
    assert sum(seen) == 100
    assert sum(b.num_rows for b in lq.scan(files / "*.log").batches(on_failure="partial")) == 100


def test_lazy_raises_when_collected(files: Path) -> None:
    """Polars hands the error on, in its own wrapping or not; under `partial` it collects."""
    with pytest.raises(Exception, match="1 of 3 files could not be read"):
        lq.scan(files / "*.log").lazy().collect()
    assert lq.scan(files / "*.log").lazy(on_failure="partial").collect().height == 100


@pytest.mark.parametrize(
    ("kind", "read"),
    [("parquet", pl.read_parquet), ("ipc", pl.read_ipc), ("csv", pl.read_csv), ("ndjson", pl.read_ndjson)],
)
def test_what_there_is_is_written_then_it_raises(files: Path, kind: str, read: Callable[[Path], pl.DataFrame]) -> None:
    """The file is whole and holds the rows of the readable files; nothing half-written stays beside it."""
    target = files / "out"
    write = getattr(lq.scan(files / "*.log").select("raw"), f"write_{kind}")
    with pytest.raises(PartialResultError):
        write(target)
    assert read(target).height == 100
    assert write(target, on_failure="partial").failed
    assert sorted(p.name for p in files.iterdir()) == ["a.log", "b.log", "c.log", "out"]


def meanwhile(monkeypatch: pytest.MonkeyPatch, do: Callable[[], object]) -> None:
    """Let `do` happen between looking at the files and reading them."""
    prepare = Local.prepare

    def prepared(self: Local, plan: object) -> object:
        found = prepare(self, plan)  # type: ignore[arg-type]
        do()
        return found

    monkeypatch.setattr(Local, "prepare", prepared)


@pytest.mark.parametrize("log", [GOOD, b"Mar  5 09:14:02 h a[1]: x\n" * 50], ids=["plain", "yearless"])
@pytest.mark.parametrize("ending", ["log", "log.gz"])
def test_a_file_that_vanishes_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log: bytes, ending: str) -> None:
    """Seen when the files were listed, gone when its turn comes; the next one is read."""
    for name in "ab":
        (tmp_path / f"{name}.{ending}").write_bytes(gzip.compress(log) if ending.endswith("gz") else log)
    meanwhile(monkeypatch, (tmp_path / f"a.{ending}").unlink)
    with pytest.raises(PartialResultError, match=r"1 of 2 files .*No such file") as caught:
        lq.scan(tmp_path / f"*.{ending}").collect()
    assert caught.value.partial.height == 50


@pytest.mark.parametrize(
    ("text", "form", "passes"), [(b"good\n", "plain", 1), (b"Mar  5 09:14:02 h a[1]: x\n", "syslog_rfc3164", 2)]
)
def test_a_file_that_shrinks_while_read_is_lost_from_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: bytes, form: str, passes: int
) -> None:
    """The blocks that were still there come out, the rest is reported as changed; year-less stamps take two passes."""
    path = tmp_path / "a.log"
    path.write_bytes(text * 1000)
    handle = sys.modules["logq.read.blocks"].Handle
    begun = handle.__init__

    opened: list[FileRef] = []

    def shrunk(self: object, file: FileRef) -> None:
        begun(self, file)
        opened.append(file)
        if len(opened) == passes:
            os.truncate(file.where, 500 * len(text))

    monkeypatch.setattr(handle, "__init__", shrunk)
    with pytest.raises(PartialResultError, match="changed while read") as caught:
        lq.scan(path, form, block_size=100 * len(text), year=2024).collect()
    assert 0 < caught.value.partial.height <= 500


def test_a_truncated_gzip_gives_its_rows_in_its_format(tmp_path: Path) -> None:
    """Detection works on what precedes the damage; so do numbers and fields."""
    rows = b"".join(b'{"n":%d,"level":"info"}\n' % i for i in range(2000))
    packed = gzip.compress(rows)
    (tmp_path / "a.log.gz").write_bytes(packed[: len(packed) // 2])
    result = lq.scan(tmp_path / "a.log.gz").run(on_failure="partial")
    assert "truncated gzip" in (result.report.files[0].error or "")
    assert set(result.frame["format"]) == {"json"}
    whole = result.frame.filter(pl.col("parse_error").is_null())
    assert whole.height >= result.frame.height - 1
    assert whole["n"].to_list() == list(range(whole.height))


def test_a_file_that_only_grew_lost_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Appending is what logs do."""
    path = tmp_path / "a.log"
    path.write_bytes(GOOD)

    def grow() -> None:
        with path.open("ab") as file:
            file.write(b"later\n")

    meanwhile(monkeypatch, grow)
    assert lq.scan(path).collect().height in (50, 51)


def test_a_long_list_of_losses_is_cut_in_the_message(tmp_path: Path) -> None:
    """Five are named, the others counted; the report has them all."""
    for i in range(7):
        (tmp_path / f"{i}.log").symlink_to(tmp_path / "gone")
    with pytest.raises(PartialResultError, match=r"7 of 7 files .* and 2 more") as caught:
        lq.scan(tmp_path / "*.log").collect()
    assert len(caught.value.report.failed) == 7


def test_a_defect_of_ours_is_no_lost_file_and_does_not_hang(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that is none of the file's comes out as it is, though blocks behind it wait for its line count."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    (tmp_path / "a.log").write_bytes(GOOD)
    logs = lq.scan(tmp_path / "a.log", block_size=20)
    assert logs.schema
    monkeypatch.setattr("logq.run.reading.entries", broken)
    with pytest.raises(ZeroDivisionError):
        logs.collect()


@pytest.mark.parametrize("becomes", [500, 1000, 3000])
@pytest.mark.parametrize("begins", [1000])
def test_a_year_less_file_may_change_between_its_two_passes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begins: int, becomes: int
) -> None:
    """The pass that finds the years leaves the telling of damage to the pass that reads, and its years reach what was appended."""
    path = tmp_path / "a.log"
    line = b"Mar  5 09:14:02 h a[1]: x\n"
    path.write_bytes(line * begins)
    handle = sys.modules["logq.read.blocks"].Handle
    begun = handle.__init__

    def changed(self: object, name: str) -> None:
        begun(self, name)
        path.write_bytes(line * becomes)

    monkeypatch.setattr(handle, "__init__", changed)
    frame = lq.scan([path], "syslog_rfc3164", block_size=2600, year=2024).collect()
    assert frame["timestamp"].dt.year().to_list() == [2024] * becomes
