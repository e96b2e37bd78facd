"""Container logs: their messages are read on in the format they are in, and lines that came in parts are one entry."""

from __future__ import annotations

import json
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import logq as lq
from logq.plan import Scan
from logq.read import FileRef, blocks, entries, resolve_file

if TYPE_CHECKING:
    from collections.abc import Callable

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


JAVA = [
    "2024-03-05 08:00:00,000 ERROR [main] a.B: gone",
    "java.io.IOException: gone",
    "\tat a.B.c(B.java:7)",
    "Caused by: x.Y: z",
    "\t... 3 more",
    "2024-03-05 08:00:01,000 INFO  [main] a.B: up",
]
PYTHON = ["starting", "Traceback (most recent call last):", '  File "a.py", line 1, in f', "KeyError: 'x'", "going on"]


def java(lines: list[str]) -> bytes:
    """Messages as the Java Service Wrapper files them."""
    return "".join(
        f"INFO   | jvm 1    | 2024/03/05 09:14:{i % 60:02} | {line}\n" for i, line in enumerate(lines)
    ).encode()


@pytest.mark.parametrize("wrapper", [cri, docker, java])
def test_a_trace_is_one_entry_inside_a_wrapper_too(wrapper: Callable[[list[str]], bytes]) -> None:
    """By the start of entries of the format inside, or by the shape of the lines where that is unknown."""
    found = lq.scan(wrapper(JAVA)).select("line", "level", "message", "parse_error").collect()
    assert found.rows() == [(1, "ERROR", "\n".join(["gone", *JAVA[1:5]]), None), (6, "INFO", "up", None)]
    found = lq.scan(wrapper(PYTHON)).select("line", "message", "parse_error").collect()
    assert found.rows() == [(1, "starting", None), (2, "\n".join(PYTHON[1:4]), None), (5, "going on", None)]
    apart = lq.scan(wrapper(PYTHON), multiline=False).select("message").collect()
    assert apart["message"].to_list() == PYTHON


@pytest.mark.parametrize("wrapper", [cri, docker, java])
@pytest.mark.parametrize("text", ["main]", "gone\njava", "f\nKeyError", "KeyError: 'x'"])
def test_a_text_that_goes_on_over_lines_is_found(wrapper: Callable[[list[str]], bytes], text: str) -> None:
    """Though heads of lines stand in it in `raw`: filters that look there first lose nothing."""
    for lines in (JAVA, PYTHON):
        log = lq.scan(wrapper(lines))
        holds = pl.col("message").str.contains(text, literal=True)
        assert log.filter(holds).collect().equals(log.collect().filter(holds))
    parts = lq.scan(f"{STAMP % 1} stdout P ab\n{STAMP % 1} stdout F cd\n".encode())
    assert parts.filter(pl.col("message") == "abcd").collect().height == 1


def test_a_torn_line_is_an_entry_by_itself() -> None:
    """Wherever it was cut; what stands before and behind it is read as before."""
    whole = docker(["boom: x", "\tat f(x)"]).decode()
    torn = whole.splitlines()[1][:-10]
    found = (
        lq.scan(f"{whole}{torn}\n{whole}".encode(), "docker_json").select("line", "message", "parse_error").collect()
    )
    assert found.rows() == [
        (1, "boom: x\n\tat f(x)", None),
        (3, None, "not a JSON object"),
        (4, "boom: x\n\tat f(x)", None),
    ]


def wrapped(kind: str, lines: list[tuple[str, str]]) -> bytes:
    """Lines of the streams of a container; of neither, a torn line."""
    made: list[str] = []
    for stream, text in lines:
        told = {"log": text + "\n", "stream": stream, "time": STAMP % 1}
        torn = text if kind == "docker_json" else f"x{text}"
        whole = json.dumps(told, separators=(",", ":")) if kind == "docker_json" else f"{STAMP % 1} {stream} F {text}"
        made.append(whole if stream else torn)
    return "".join(f"{line}\n" for line in made).encode()


def in_itself(texts: list[str], multiline: str | bool, *, ahead: bool) -> list[str]:
    """Entries of lines in a file of their own; `ahead`: the first starts one, whatever it is like."""
    start = "2024-x INFO up"
    plain = "".join(f"{text}\n" for text in ([start, *texts] if ahead else texts)).encode()
    found: list[str] = lq.scan(plain, "plain", multiline=multiline).collect()["message"].to_list()
    if not ahead:
        return found
    return [*([] if found[0] == start else [found[0].removeprefix(f"{start}\n")]), *found[1:]]


LINES = st.lists(
    st.tuples(
        st.sampled_from(["stdout", "stdout", "stderr", ""]),
        st.sampled_from(
            [
                *(
                    "2024-x INFO up",
                    "2024-y gone",
                    "Caused by: x.Y: z",
                    "\tat a.B.c(B.java:7)",
                    "panic: x",
                    "main.f(0x1)",
                ),
                *(*PYTHON, "", "goroutine 1 [running]:", "}", '  <x> "q" \\ \u00e9'),
            ]
        ),
    ),
    max_size=10,
)


@pytest.mark.parametrize("kind", ["cri", "docker_json"])
@pytest.mark.parametrize("multiline", [True, "^[0-9]{4}-", "^[0-9]{4}-.*INFO|^[sg]"])
@given(lines=LINES, size=st.sampled_from([1, 90, 300, 1 << 20]))
def test_entries_inside_a_wrapper_are_those_of_its_streams_alone(
    kind: str, multiline: str | bool, lines: list[tuple[str, str]], size: int
) -> None:
    """Lines of one stream that stand together read as they do without a wrapper, in whatever blocks they come."""
    runs = [(stream, [text for _, text in run]) for stream, run in groupby(lines, key=lambda line: line[0])]
    alone: list[str | None] = []
    for number, (stream, texts) in enumerate(runs):
        alone += in_itself(texts, multiline, ahead=number > 0) if stream else [None] * len(texts)
    found = lq.scan(wrapped(kind, lines), kind, multiline=multiline, block_size=size).select("message").collect()
    assert found["message"].to_list() == alone


@pytest.mark.parametrize(
    ("kind", "by"), [("cri", " (stdout|stderr) [FP] "), ("docker_json", '"stream":"(std(?:out|err))"')]
)
@given(lines=LINES, multiline=st.sampled_from([True, "^[0-9]{4}-"]), size=st.sampled_from([1, 90, 300, 1 << 20]))
def test_streams_that_alternate_are_told_apart_on_request(
    kind: str, by: str, lines: list[tuple[str, str]], multiline: str | bool, size: int
) -> None:
    """With `by`, an entry goes on behind lines of the other stream."""
    lines = [(stream, text) for stream, text in lines if stream]
    streams = {s: [text for stream, text in lines if stream == s] for s in ("stdout", "stderr")}
    alone = {s: in_itself(texts, multiline, ahead=True) for s, texts in streams.items()}
    log = lq.scan(wrapped(kind, lines), kind, by=by, multiline=multiline, block_size=size)
    found = log.select("stream", "message").collect()
    for stream, texts in alone.items():
        assert found.filter(pl.col("stream") == stream)["message"].to_list() == texts


def test_parts_of_a_long_line_are_one_entry_in_dockers_files_too() -> None:
    """Docker begins another part after 16 KiB; what ends without a newline for another reason stays as it is."""
    text = json.dumps({"level": "error", "msg": "x" * 40_000 + "\u00e9"}, ensure_ascii=False)
    pieces = [text[:16_384], text[16_384:32_768], text[32_768:] + "\n", '{"level":"warn","msg":"last"}']
    log = "".join(
        json.dumps({"log": piece, "stream": "stdout", "time": STAMP % i}, separators=(",", ":")) + "\n"
        for i, piece in enumerate(pieces)
    )
    for size in (1 << 14, 1 << 20):
        found = lq.scan(log.encode(), block_size=size).select("line", "level", "message", "parse_error").collect()
        assert found.rows() == [(1, "ERROR", "x" * 40_000 + "\u00e9", None), (4, "WARN", "last", None)]


@pytest.mark.parametrize("start", ["(?i)^e", "E(?-u:x)|^[e]", "^E|^e"])
def test_any_regex_may_say_where_entries_start_inside(start: str) -> None:
    """Those too that cannot be put behind the head of a line."""
    log = cri(["Ex", "a", "ex", "b"])
    expected = lq.scan(b"Ex\na\nex\nb\n", "plain", multiline=start).collect()["message"].to_list()
    assert lq.scan(log, "cri", multiline=start).collect()["message"].to_list() == expected
