"""Entries of several processes in one file."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import logq as lq
from logq.errors import LogqError
from logq.read import BODY, LINE, PROCESS, FileRef, entry_blocks
from logq.read.rules import After, Rule
from logq.read.traces import Traces
from tests.reference import processes as slow

BY = r"^([abc])[|] "
TEXTS = st.sampled_from(
    (
        "S up", "down", "  at f", "", " ", "+", "x +", "Caused by: x", "Traceback (most recent call last):",
        '  File "a"', "KeyError: 1", "panic: x", "goroutine 1 [running]:", "main.f(1)", "\tm.go:1 +1", "Unhandled exception:",
        "The above exception was the direct cause", "ä",
    )
)  # fmt: skip
LINES = st.lists(st.tuples(st.sampled_from(("a| ", "b| ", "c| ", "")), TEXTS).map("".join), max_size=30)
RULES: dict[str, tuple[Rule | None, slow.Starts]] = {
    "every line": (None, slow.always),
    "regex": ("^S", slow.at_regex("^S")),
    "after": (After(r"[+]$"), slow.after(r"[+]$")),
    "after its own": (After(r"[+]$", "^(.)"), slow.after_own(r"[+]$", "^(.)")),
    "traces": (Traces(), slow.behind_traces),
}


def woven(data: bytes, rule: Rule | None, by: str, size: int, reach: int) -> list[tuple[object, ...]]:
    """Entries of all blocks, lines counted through the file."""
    found, ahead, lengths = [], 0, 0
    for block in entry_blocks(FileRef("a", buffer=data), start=rule, by=by, size=size, reach=reach):
        frame, lines = block.entries(rule)
        found += frame.select(pl.col(LINE) + ahead, PROCESS, "raw", BODY).rows()
        ahead, lengths = ahead + lines, lengths + block.size
    assert lengths == len(data)
    return found


@settings(max_examples=400)
@given(
    LINES, st.sampled_from(tuple(RULES)), st.sampled_from((1, 9, 40, 1 << 20)), st.sampled_from((1, 15, 60, 1 << 20))
)
def test_entries_of_processes_are_those_of_each_alone(lines: list[str], rule: str, size: int, reach: int) -> None:
    """Whatever the blocks: lines go to the entry that is open in their process, and entries go by their first lines."""
    fast, starts = RULES[rule]
    data = "".join(f"{line}\n" for line in lines).encode()
    expected = slow.entries(lines, BY, starts, reach, traces=isinstance(fast, Traces))
    rows = [(e.line, e.process, "\n".join(e.raw), "\n".join(e.body)) for e in expected]
    assert woven(data, fast, BY, size, reach) == rows


COMPOSE = (
    b"web  | 2024-05-01 12:00:00,123 ERROR boom\n"
    b"db   | 2024-05-01 12:00:00,200 INFO up\n"
    b"web  | Traceback (most recent call last):\n"
    b"db   | 2024-05-01 12:00:01,200 INFO still up\n"
    b'web  |   File "a.py", line 1\n'
    b"\n"
    b"web  | KeyError: 'x'\n"
)


@pytest.mark.parametrize("size", [1, 50, 1 << 20])
def test_a_format_sees_lines_without_the_name_of_their_process(size: int) -> None:
    """The format is told and read by what stands behind the name; `raw` has it; the group is a column."""
    found = lq.scan(COMPOSE, by=r"^(?P<container>\S+) +\| ", block_size=size).collect()
    assert found["container"].to_list() == ["web", "db", "db"]
    assert found["line"].to_list() == [1, 2, 4]
    assert found["level"].to_list() == ["ERROR", "INFO", "INFO"]
    assert found["timestamp"].null_count() == 0
    assert found["message"][0] == "boom\nTraceback (most recent call last):\n  File \"a.py\", line 1\n\nKeyError: 'x'"
    assert "\n".join(found["raw"]).count("\n") == COMPOSE.count(b"\n") - 1
    assert found["raw"][0].count("web  | ") == 4


def test_a_name_further_on_in_a_line_is_left_to_the_format() -> None:
    """Only what stands at the head of a line is taken off it."""
    data = b"2024-05-01 12:00:00,1 [7] a\n2024-05-01 12:00:00,1 [8] b\n[7]   at f\n[8]   at g\n"
    found = lq.scan(data, format="plain", multiline=True, by=r"\[(\d+)\]").collect()
    assert found["message"].to_list() == [
        "2024-05-01 12:00:00,1 [7] a\n   at f",
        "2024-05-01 12:00:00,1 [8] b\n   at g",
    ]


def test_filters_find_values_that_names_of_processes_stand_in() -> None:
    """A literal that goes on over lines is found, though `raw` has the name between them; so is one named by `by`."""
    logs = lq.scan(COMPOSE, by=r"^(?P<container>\S+) +\| ")
    found = logs.filter(pl.col("message").str.contains("boom\nTraceback", literal=True)).collect()
    assert found["line"].to_list() == [1]
    assert logs.filter(pl.col("container") == "db").collect().height == 2
    assert logs.select("container", "line").collect().rows() == [("web", 1), ("db", 2), ("db", 4)]
    plain = lq.scan(COMPOSE, format="plain", multiline=True, by=r"^(?P<container>\S+) +\| ")
    assert plain.filter(pl.col("message").str.contains("last):\n  File", literal=True)).collect()["line"].to_list() == [
        3
    ]
    assert logs.level("ERROR").context(after=1, by="container").collect()["line"].to_list() == [1]


def test_json_of_containers_is_read(tmp_path: Path) -> None:
    """JSON lines behind names of processes, compressed, with `infer="file"`; several formats; bad bytes."""
    rows = b"".join(b'%s | {"n": %d, "msg": "x"}\n' % (b"ab"[i % 2 : i % 2 + 1], i) for i in range(50))
    path = tmp_path / "a.log.gz"
    path.write_bytes(gzip.compress(rows))
    found = lq.scan(path, by=r"^(?P<who>\S+) \| ", infer="file", block_size=100).collect()
    assert found["n"].to_list() == list(range(50))
    assert found["who"].to_list() == ["a", "b"] * 25
    mixed = lq.scan(
        b'a | {"n": 1}\nb | x=1\na | ?\xff\n', formats=["json", "logfmt"], by=r"^(?P<who>\S+) \| "
    ).collect()
    assert mixed.select("who", "n", "x", "format").rows() == [
        ("a", 1, None, "json"),
        ("b", None, 1, "logfmt"),
        ("a", None, None, None),
    ]
    assert mixed["parse_error"][2] == "invalid UTF-8"


def test_separated_values_of_processes_have_one_header() -> None:
    """The first line of the file names the columns for all; `explain` says that processes are told apart."""
    logs = lq.scan(b"a | x,y,z\nb | 1,2,3\na | 4,5,6\n", "csv", by=r"^(?P<who>\S+) \| ")
    assert logs.select("line", "who", "x", "z").collect().rows() == [(2, "b", 1, 3), (3, "a", 4, 6)]
    assert r"by='^(?P<who>\\S+) \\| '" in logs.plan.scan.describe()


def test_what_was_read_ahead_of_damage_is_kept(tmp_path: Path) -> None:
    """A truncated archive loses its end, and says so; open entries come out."""
    path = tmp_path / "a.log.gz"
    path.write_bytes(gzip.compress(COMPOSE * 1000, mtime=0)[:-30])
    result = lq.scan(path, by=r"^(\S+) +\| ", block_size=1000).run(on_failure="partial")
    assert result.report.files[0].error == "truncated gzip: the file ends inside a member"
    assert result.frame.height > 2000


def test_years_are_told_in_order_of_first_lines(tmp_path: Path) -> None:
    """Stamps without a year take it from the entries as they come out."""
    path = tmp_path / "syslog"
    path.write_bytes(
        b"a | Dec 31 23:59:59 h p: one\nb | Dec 31 23:59:59 h p: two\na | Jan  1 00:00:00 h p: three\nb |   more\n"
    )
    found = lq.scan(path, by=r"^([ab]) \| ", year=2024, format="syslog_rfc3164", block_size=30).collect()
    assert found["timestamp"].dt.year().to_list() == [2023, 2023, 2024]


def test_a_fleet_gives_the_same_rows(tmp_path: Path) -> None:
    """Agents read such a file as one unit."""
    (tmp_path / "n").mkdir()
    (tmp_path / "n" / "a.log").write_bytes(COMPOSE * 50)
    by = r"^(?P<container>\S+) +\| "
    here = lq.scan(tmp_path / "n" / "a.log", by=by)
    with lq.Fleet.local({"n": tmp_path / "n"}) as fleet:
        there = fleet.scan("a.log", by=by, block_size=256)
        one, other = (logs.level("ERROR").context(2).drop("host", "source").collect() for logs in (here, there))
        assert one.height
        assert one.equals(other)


@pytest.mark.parametrize(
    ("by", "why"),
    [
        (r"^(\d+) (\w+)", "2 groups"),
        (r"^(?P<message>\w+)", "'message' is a column of every scan"),
        (r"^(?=a)", "look-ahead"),
        ("(", "unclosed group"),
    ],
)
def test_what_names_no_process_is_refused(by: str, why: str) -> None:
    """Before anything is read."""
    with pytest.raises(LogqError, match=why):
        lq.scan(b"a", by=by)


@pytest.mark.parametrize("kept", [0, 40])
def test_a_file_that_shrinks_while_it_is_read_keeps_what_was_there(tmp_path: Path, kept: int) -> None:
    """What was read is given, then the loss is raised; entries that were open come out."""
    path = tmp_path / "a.log"
    path.write_bytes(COMPOSE)

    def each(work: Callable[[Any], Any], items: Iterable[Any], /) -> Iterator[Any]:
        for i, item in enumerate(items):
            if i == 2:
                os.truncate(path, kept)
            yield work(item)

    found: list[str] = []
    with pytest.raises(OSError, match="changed while read"):  # noqa: PT012 (what came before it counts)
        for block in entry_blocks(FileRef(str(path)), start=Traces(), by=r"^(\S+) +\| ", size=100, each=each):
            found.extend(block.entries(None)[0]["raw"])
    assert sorted(line for entry in found for line in entry.split("\n")) == sorted(COMPOSE.decode().splitlines()[:4])
