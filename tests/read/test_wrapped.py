"""Container logs: their messages are read on in the format they are in, and lines that came in parts are one entry."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

import logq as lq
from logq.plan import Scan
from logq.read import FileRef, blocks, entries, resolve_file

STAMP = "2024-03-05T09:14:%02d.5Z"
INSIDE = {
    "json": ['{"level":"warn","msg":"slow \\u0071uery","n":1}', '{"level":"error","msg":"gone","n":2,"stream":"mine"}'],
    "logfmt": ['level=warn msg="slow query" n=1', "level=error msg=gone n=2"],
    "log4j": [
        "2024-03-05 08:00:00,000 WARN  [main] a.B: slow query",
        "2024-03-05 08:00:01,000 ERROR [main] a.B: gone",
    ],
}


def cri(lines: list[str]) -> bytes:
    """Messages as the kubelet files them."""
    return "".join(f"{STAMP % (i % 60)} stdout F {line}\n" for i, line in enumerate(lines)).encode()


def docker(lines: list[str]) -> bytes:
    """Messages as Docker files them."""
    return "".join(
        json.dumps({"log": line + "\n", "stream": "stdout", "time": STAMP % (i % 60)}, separators=(",", ":")) + "\n"
        for i, line in enumerate(lines)
    ).encode()


WRAPPERS = {"cri": cri, "docker_json": docker}


@pytest.mark.parametrize("inside", INSIDE)
@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_messages_are_read_on(wrapper: str, inside: str) -> None:
    """Level, message and fields are those inside, time and stream the wrapper's."""
    frame = lq.scan(WRAPPERS[wrapper](INSIDE[inside])).collect()
    assert set(frame["format"]) == {wrapper}
    assert frame["level"].to_list() == ["WARN", "ERROR"]
    assert frame["message"].to_list() == ["slow query", "gone"]
    assert frame["parse_error"].to_list() == [None, None]
    assert frame["stream"].to_list() == ["stdout", "stdout"]
    assert frame["timestamp"].dt.second().to_list() == [0, 1]
    assert set(frame["time_quality"]) == {"exact"}
    if inside != "log4j":
        assert frame["n"].to_list() == [1, 2]


@pytest.mark.parametrize("inside", INSIDE)
@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_predicates_see_what_is_inside(wrapper: str, inside: str) -> None:
    """However a message is escaped, tests on the raw text lose nothing, and columns asked for later are right."""
    log = lq.scan(WRAPPERS[wrapper](INSIDE[inside]))
    assert log.level("ERROR").select("line", "message").collect().rows() == [(2, "gone")]
    assert log.filter(pl.col("message") == "slow query").collect()["line"].to_list() == [1]
    assert log.filter(pl.col("message").str.contains("query"), pl.col("stream") == "stdout").collect().height == 1
    assert log.select("timestamp").collect().width == 1


def test_what_cannot_be_read_on_stays_whole() -> None:
    """A line of another kind keeps its message and says what is wrong; so does one the wrapper cannot read."""
    log = cri([*INSIDE["json"] * 5, "Traceback"]) + b"torn\n"
    frame = lq.scan(log).select("format", "message", "level", "parse_error", "n").collect().tail(4)
    assert set(frame["format"]) == {"cri"}
    assert frame["message"].to_list() == ["slow query", "gone", "Traceback", None]
    assert frame["parse_error"].to_list() == [None, None, "not a JSON object", "no pattern of cri matches"]
    assert frame["n"].to_list() == [1, 2, None, None]


def test_plain_messages_are_left_as_they_are() -> None:
    """Without a format inside, nothing is read on."""
    frame = lq.scan(cri(["up", "down"])).select("message", "level", "parse_error").collect()
    assert frame.rows() == [("up", None, None), ("down", None, None)]


def test_a_field_inside_that_no_sample_showed_can_be_asked_for() -> None:
    """As in JSON that stands alone."""
    log = cri(INSIDE["json"] * 1000 + ['{"level":"info","late":"yes"}'])
    assert lq.scan(log).filter(pl.col("late") == "yes").select("late").collect().rows() == [("yes",)]


def test_wrappers_may_stand_among_several_formats() -> None:
    """Row by row, each in the format that reads it, and on from there."""
    log = cri(INSIDE["json"]) + b"level=info msg=mine\n"
    frame = lq.scan(log, formats=["cri", "logfmt"]).select("format", "message", "level").collect()
    assert frame.rows() == [("cri", "slow query", "WARN"), ("cri", "gone", "ERROR"), ("logfmt", "mine", "INFO")]


def test_parts_are_one_entry() -> None:
    """However many; the line number is that of the first, the message has no seam."""
    parts = [("P", "a"), ("P", "b"), ("F", "c"), ("F", "d"), ("P", "e")]
    log = "".join(f"{STAMP % (i % 60)} stderr {tag} {text}\n" for i, (tag, text) in enumerate(parts)).encode()
    frame = lq.scan(log).select("line", "message", "timestamp").collect()
    assert frame["message"].to_list() == ["abc", "d", "e"]
    assert frame["line"].to_list() == [1, 4, 5]
    assert frame["timestamp"].dt.second().to_list() == [0, 3, 4]


@pytest.mark.parametrize("size", [40, 100, 333])
def test_blocks_are_cut_between_entries(tmp_path: Path, size: int) -> None:
    """Parts of a line never fall into two blocks, from a file as from a stream."""
    tags = ["P" if i % 7 in (1, 2, 5) else "F" for i in range(59)] + ["F"]
    log = "".join(f"{STAMP % (i % 60)} stdout {tag} {i}\n" for i, tag in enumerate(tags)).encode()
    (tmp_path / "a.log").write_bytes(log)
    for file in (FileRef(str(tmp_path / "a.log")), FileRef("a", buffer=log)):
        start = resolve_file(file, Scan(sources=("a",))).start
        cut = [entries(block.load(), start)[0]["raw"] for block in blocks(file, start=start, size=size)]
        assert len(cut) > 1
        assert pl.concat(cut).to_list() == entries(log, start)[0]["raw"].to_list()
        assert sum(map(len, cut)) == tags.count("F")


INTERLEAVED = (
    b"2024-03-05T09:14:02.1Z stdout P one, \n"
    b"2024-03-05T09:14:02.2Z stderr F two\n"
    b"2024-03-05T09:14:02.3Z stdout F three\n"
    b"2024-03-05T09:14:02.4Z stdout P four, \n"
    b"2024-03-05T09:14:02.5Z stdout F five\n"
)


@pytest.mark.parametrize("size", [1, 40, 90, 1 << 20])
def test_streams_are_not_mixed(size: int) -> None:
    """A line of the other stream between two parts is an entry of its own, and ends the first part's."""
    frame = lq.scan(INTERLEAVED, block_size=size).collect()
    assert frame.select("line", "stream", "message").rows() == [
        (1, "stdout", "one, "),
        (2, "stderr", "two"),
        (3, "stdout", "three"),
        (4, "stdout", "four, five"),
    ]


@pytest.mark.parametrize("size", [1, 40, 90, 1 << 20])
def test_streams_are_put_together_apart(size: int) -> None:
    """Told apart as processes are, the parts find each other across lines of the other stream."""
    frame = lq.scan(INTERLEAVED, block_size=size, by=" (stdout|stderr) [FP]").collect()
    assert frame.select("line", "message").rows() == [(1, "one, three"), (2, "two"), (4, "four, five")]
