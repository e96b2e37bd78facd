"""Ranges of files: wherever units end, the answer is that of files read whole."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

import logq as lq
from logq import LogFrame
from logq.errors import PlanDecodeError
from logq.read import FileRef, entries
from logq.read.ranges import entry_start, reach_ahead, reach_back
from logq.read.rules import After, Inside, Rule
from logq.read.traces import Traces
from logq.run.fleet import dispatch
from logq.run.fleet.faults import Fault
from logq.run.wire.messages import FileEntry
from tests.fleet.beside import beside

C = pl.col
Chain = Callable[[LogFrame], LogFrame]
FORM = lq.Format.regex("ranged", r"^(?P<level>[A-Z]+) (?P<message>(?s:.*))$", start=r"^[A-Z]+ ")
LINES = st.lists(st.sampled_from(["ERROR a", "INFO b", "INFO c", "  at d", "", "WARN é", "x" * 40]), max_size=30)
RULES = (
    *(None, r"^[A-Z]+ ", After("^INFO")),
    *(Inside(r"^([ A-Z]+.*)$", rule, whose="(.)$") for rule in (r"^(?:ERROR|WARN)", Traces())),
)
FILES = st.lists(LINES, min_size=1, max_size=3)


# --- where entries start


@given(lines=LINES, at=st.integers(0, 400), start=st.sampled_from(RULES), ended=st.booleans())
def test_ranges_meet_at_entry_starts(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], at: int, start: Rule | None, ended: bool
) -> None:
    """The first line start at the byte or after it at which an entry starts; never inside one."""
    text = "\n".join(lines).encode() + (b"\n" if ended else b"")
    path = tmp_path_factory.getbasetemp() / "ranged.log"
    path.write_bytes(text)
    found = entry_start(FileRef(str(path)), min(at, len(text)), start)
    assert min(at, len(text)) <= found <= len(text)
    if 0 < found < len(text):
        assert text[found - 1 : found] == b"\n"
    parts = [entries(part, start)[0]["raw"] for part in (text[:found], text[found:])]
    if isinstance(start, str) and not entries(text, start)[0]["raw"].str.contains(start).any():
        return
    assert pl.concat(parts).to_list() == entries(text, start)[0]["raw"].to_list()


@given(lines=LINES, at=st.integers(0, 400), count=st.integers(1, 6))
def test_margins_hold_enough(tmp_path_factory: pytest.TempPathFactory, lines: list[str], at: int, count: int) -> None:
    """So many entries as are asked for, or all there are, on either side."""
    text = "".join(f"{line}\n" for line in lines).encode()
    path = tmp_path_factory.getbasetemp() / "margin.log"
    path.write_bytes(text)
    file = FileRef(str(path))
    cut = entry_start(file, min(at, len(text)), "^[A-Z]+ ")
    low, before = reach_back(file, cut, "^[A-Z]+ ", count)
    high, after = reach_ahead(file, cut, "^[A-Z]+ ", count)
    assert before == entries(text[low:cut], "^[A-Z]+ ")[0].height
    assert after == entries(text[cut:high], "^[A-Z]+ ")[0].height
    assert before >= count or low == 0
    assert after >= count or high == len(text)


def test_long_entries_are_found_past_any_window(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However far the next one is."""
    monkeypatch.setattr("logq.read.ranges.WINDOW", 16)
    monkeypatch.setattr("logq.read.ranges.WIDEST", 64)
    text = b"E one\n" + b"  more and more\n" * 50 + b"y" * 500 + b"\nE two\n" + b"E three\n" * 40
    path = tmp_path / "a.log"
    path.write_bytes(text)
    file = FileRef(str(path))
    assert entry_start(file, 3, "^E") == text.index(b"E two")
    assert entry_start(file, 3, After(r"[em]$")) == text.index(b"E two")
    assert entry_start(file, 3, "^Z") == len(text)
    low, count = reach_back(file, len(text), "^E", 20)
    assert count >= 20
    assert text[low:].startswith(b"E three")
    assert reach_ahead(file, text.index(b"E two"), "^E", 9)[1] >= 9


# --- the law


CHAINS: dict[str, Chain] = {
    "everything": lambda f: f,
    "filter": lambda f: f.level("ERROR").select("line", "raw"),
    "lines looked at": lambda f: f.filter(C("line") > 2).select("line"),
    "lines renamed": lambda f: f.rename({"line": "n"}),
    "lines made": lambda f: f.group_by("level").agg(line=C("message").max()),
    "context": lambda f: f.level("ERROR").context(1),
    "wide context": lambda f: f.level("ERROR").context(before=3, after=0),
    "context and on": lambda f: (
        f.level("ERROR").context(2).filter(C("context_distance") != 0).select("line", "context_group")
    ),
    "groups": lambda f: f.level("ERROR").context(1).group_by("context_group").agg(pl.len(), C("line").min()),
    "scope": lambda f: f.scope(C("level") != "INFO").level("ERROR").context(1),
    "by level": lambda f: f.level("WARN").context(1, by=["level"]),
    "head": lambda f: f.head(7),
    "head of a context": lambda f: f.level("ERROR").context(1).head(4),
    "tail": lambda f: f.select("line", "message").tail(3),
    "unique": lambda f: f.unique("message"),
    "counts": lambda f: f.group_by("level").agg(pl.len(), C("line").max()),
    "groups counted under their name": lambda f: (
        f.level("ERROR").context(1).group_by("level").agg(context_group=pl.len())
    ),
}


@pytest.mark.parametrize("name", CHAINS)
@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=FILES, packed=st.integers(-1, 2), large=st.integers(8, 90), unit=st.integers(0, 60))
@example(files=[["ERROR a"], [], ["INFO b"]], packed=-1, large=8, unit=0)
def test_units_may_end_anywhere(  # noqa: PLR0917 (fixtures and draws)
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    files: list[list[str]],
    packed: int,
    large: int,
    unit: int,
) -> None:
    """In a file, between files of a set, beside a compressed one: rows, lines and groups are those of one reading."""
    for old in tmp_path.iterdir():
        old.unlink()
    for number, lines in enumerate(files):
        text = "".join(f"{line}\n" for line in lines).encode()
        path = tmp_path / f"a.log{f'.{number}' if number else ''}"
        if number == packed:
            path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(text, mtime=0))
        else:
            path.write_bytes(text)
    monkeypatch.setattr(dispatch, "LARGE", large)
    monkeypatch.setattr(dispatch, "UNIT", unit)
    frame = CHAINS[name](lq.scan(str(tmp_path / "a.log*"), FORM))
    expected = frame.collect().with_columns(**({"host": pl.lit("here")} if "host" in frame.schema else {}))
    assert_frame_equal(beside(frame).collect(), expected)


def test_years_heads_and_archives_keep_files_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is told from all of a file makes it one unit: of years only where times are asked for."""
    monkeypatch.setattr(dispatch, "LARGE", 100)
    old = "".join(f"Dec 31 23:59:{n:02} h d[1]: said {n}\n" for n in range(30))
    new = "".join(f"Jan  1 00:00:{n:02} h d[1]: said {n}\n" for n in range(30))
    (tmp_path / "messages").write_text(old + new)
    os.utime(tmp_path / "messages", (1.7041e9, 1.7041e9))
    (tmp_path / "t.csv").write_text("n,word\n" + "".join(f"{n},w{n % 3}\n" for n in range(80)))
    (tmp_path / "w.log").write_text("#Version: 1.0\n#Fields: date time x-n\n" + "2024-01-01 00:00:00 7\n" * 30)
    (tmp_path / "m.log.gz").write_bytes(gzip.compress(b"one\ntwo\n" * 300, mtime=0))
    for name, unit_count in (("messages", 1), ("t.csv", 1), ("w.log", 1), ("m.log.gz", 1)):
        frame = lq.scan(tmp_path / name, "csv" if name == "t.csv" else "auto")
        result = beside(frame).run()
        assert_frame_equal(result.frame, frame.collect().with_columns(host=pl.lit("here")))
        assert result.report.hosts[0].units == unit_count
    untimed = lq.scan(tmp_path / "messages").select("line", "message")
    result = beside(untimed).run()
    assert result.report.hosts[0].units > 10
    assert_frame_equal(result.frame, untimed.collect())
    spanned = lq.scan(tmp_path / "messages").filter(C("message") == "said 29").context(span="2s")
    assert_frame_equal(beside(spanned).collect(), spanned.collect().with_columns(host=pl.lit("here")))
    near = lq.scan(tmp_path / "messages").between("2024-01-01", None).select("timestamp", "line").context(1)
    assert_frame_equal(beside(near).collect(), near.collect())


def test_the_report_adds_ranges_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes, entries, rows, unparsed and the span of time are those of the file."""
    monkeypatch.setattr(dispatch, "LARGE", 200)
    lines = [f"2024-03-05 09:00:{n:02},000 INFO [main] a.B - step {n}" for n in range(60)] + ["?"]
    (tmp_path / "a.log").write_text("".join(f"{line}\n" for line in lines))
    frame = lq.scan(tmp_path / "a.log", "log4j")
    whole, parts = frame.run().report.files[0], beside(frame).run().report
    part = parts.files[0]
    assert parts.hosts[0].units == parts.hosts[0].units_done > 5
    for name in ("bytes", "entries", "rows", "unparsed", "start", "end", "error", "format"):
        assert getattr(part, name) == getattr(whole, name)


def test_lines_behind_a_lost_range_are_not_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are there, in order, their `line` null: a number would be a guess. Groups do not go on over the gap."""
    monkeypatch.setattr(dispatch, "LARGE", 60)
    (tmp_path / "a.log").write_text("".join(f"ERROR line {n:02}\n" for n in range(40)))
    frame = beside(lq.scan(tmp_path / "a.log", FORM).level("ERROR").context(0).sort("message"))
    real = dispatch.Share.take

    def lossy(self: dispatch.Share, frame: object, end: object) -> None:
        unit = self._known[frame.unit]  # type: ignore[attr-defined]
        if unit.span.number == 2 and end is not None:
            unit.drop()
            unit.fault = Fault("failed", "lost", again=False)
            return
        real(self, frame, end)  # type: ignore[arg-type]

    monkeypatch.setattr(dispatch.Share, "take", lossy)
    rows = frame.run(on_failure="partial").frame
    assert 0 < rows.height < 40
    gap = rows["line"].null_count()
    assert 0 < gap < rows.height
    assert rows["line"][0] == 1
    assert rows["line"][-1] is None
    assert rows["context_group"].unique().to_list() == [0, 1]


def test_a_range_lies_in_one_file() -> None:
    """Whatever a coordinator asks for."""
    from contextlib import ExitStack

    from logq.plan import Scan
    from logq.run.agent.files import Roots
    from logq.run.agent.pieces import Pieces
    from logq.run.wire.messages import Run, Span

    request = Run(
        plan=b"", host="h", files=(FileEntry(name="a", set=0),) * 2, first=0, units=(), fields=b"", schema=b""
    )
    for span in (Span(number=0, first=0, last=2, high=4), Span(number=0, first=0, last=1, low=5, high=4)):
        with ExitStack() as stack, pytest.raises(PlanDecodeError, match="a range of bytes lies in one file"):
            Pieces.of(request, Scan(sources=("a",)), span, Roots([]), stack, reach=0, timed=False)
