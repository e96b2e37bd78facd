"""Messages in JSON and in a journal that are lines of other logs are read on; those that are not stay as they are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

import logq as lq
from logq.formats import FORMATS
from logq.plan import Scan
from logq.read import FileRef, resolve_file
from logq.schema import CANONICAL

if TYPE_CHECKING:
    from logq.formats import Format

LOG4J = "2024-03-05 08:00:00,000 WARN  [main] a.B: slow query"
KLOG = "E0305 09:14:02.518231    2101 server.go:12] pod gone"
PAIRS = 'time="2024-03-05T09:14:02Z" level=warning msg="slow query" n=1'
PROSE = "session opened for user root(uid=0) by (uid=0)"


def objects(*members: dict[str, Any]) -> bytes:
    """JSON lines."""
    return "".join(json.dumps(one) + "\n" for one in members).encode()


def journal(*said: tuple[str, str], priority: int = 6, pid: int = 2101) -> bytes:
    """What `journalctl -o json` prints of programs' lines."""
    return objects(
        *(
            {
                "__REALTIME_TIMESTAMP": f"{1709630042518231 + i}",
                "__CURSOR": f"s={i}",
                "_PID": f"{pid}",
                "PRIORITY": f"{priority}",
                "SYSLOG_IDENTIFIER": program,
                "MESSAGE": text,
            }
            for i, (program, text) in enumerate(said)
        )
    )


def held(form: Format) -> bool:
    """Whether lines of a format may be read on that stand in a message."""
    return not (form.wraps or form.general or form.kind in ("csv", "plain"))


@pytest.mark.parametrize("name", [one.name for one in FORMATS.values() if held(one)])
def test_a_message_is_read_as_the_line_alone(name: str) -> None:
    """In a format that has a time, or a level and a text: fields, level and what is wrong are the same."""
    text = FORMATS[name].samples[0].text
    file = resolve_file(FileRef("a", buffer=f"{text}\n".encode() * 3), Scan(sources=("a",)))
    alone = lq.scan(f"{text}\n".encode() * 3).collect()
    found = lq.scan(objects(*[{"@timestamp": "2024-03-05T09:14:02Z", "node": "a", "message": text}] * 3)).collect()
    assert set(found["node"]) == {"a"}
    assert found["timestamp"].dt.to_string("%H:%M:%S").unique().to_list() == ["09:14:02"]
    if not held(file.format) or not (file.stamp or (file.level and file.message)):
        assert found["message"].to_list() == [text] * 3
        return
    told = ["level", "severity", "parse_error", *(n for n in alone.columns if n not in CANONICAL)]
    names = {n: f"fields.{n}" if n in ("node", "extra", "@timestamp") else n for n in told}
    assert found.select(names.values()).rename({v: k for k, v in names.items()}).equals(alone.select(told))
    assert found["message"].to_list() == [own or text for own in alone["message"]]


def test_programs_of_a_journal_have_formats_of_their_own() -> None:
    """Levels are those inside, or else the journal's; what is in no format is as it was, and no error."""
    said = [("kubelet", KLOG), ("containerd", PAIRS), ("sshd", PROSE), ("kubelet", "goroutine 1 [running]:")]
    found = lq.scan(journal(*said * 3)).collect().head(4)
    assert set(found["format"]) == {"journald_json"}
    assert found["level"].to_list() == ["ERROR", "WARN", "INFO", "INFO"]
    assert found["severity"].to_list() == [17, 13, 9, 9]
    assert found["message"].to_list() == ["pod gone", "slow query", PROSE, "goroutine 1 [running]:"]
    assert found["parse_error"].null_count() == 4
    assert found["n"].to_list() == [None, 1, None, None]
    assert found["file_name"].to_list() == ["server.go", None, None, None]
    assert found["app_name"].to_list() == [program for program, _ in said]


def test_a_journal_without_identifiers_is_one_program() -> None:
    """Whose lines are whose is not told."""
    log = objects(*[{"__REALTIME_TIMESTAMP": "1709630042518231", "__CURSOR": "s", "MESSAGE": KLOG}] * 2)
    assert lq.scan(log).select("level", "message").collect().rows() == [("ERROR", "pod gone")] * 2


def test_what_is_wrong_inside_a_line_that_is_read_on_is_said() -> None:
    """A value of another type than the sample showed, among lines that fit."""
    said = [("app", f'{{"level":"info","msg":"up","n":{i}}}') for i in range(1000)]
    found = lq.scan(journal(*said, ("app", '{"level":"info","msg":"up","n":"x"}'), ("app", "{torn"))).collect().tail(2)
    assert found["parse_error"].to_list() == ["n: not Int64", None]
    assert found["message"].to_list() == ["up", "{torn"]


@pytest.mark.parametrize("size", [300, 1 << 20])
def test_names_inside_that_the_journal_has_too_are_kept_apart(size: int) -> None:
    """And what no sample showed is found by name, and in `extra`, inside and outside."""
    said = [("app", json.dumps({"level": "info", "msg": "up", "pid": f"p{i}", "n": i})) for i in range(400)]
    late = json.dumps({"level": "info", "msg": "x", "late": "yes"})
    log = journal(*said, ("app", late)) + journal(("app", late)).replace(b'"PRIORITY"', b'"UNSEEN":"1","PRIORITY"')
    frame = lq.scan(log, block_size=size)
    found = frame.collect()
    assert found["pid"].unique().to_list() == [2101]
    assert found["fields.pid"].to_list()[:2] == ["p0", "p1"]
    assert found["fields.extra"].drop_nulls().to_list() == ['{"late":"yes"}'] * 2
    assert found["extra"].drop_nulls().to_list() == ['{"UNSEEN":"1"}']
    both = frame.filter(pl.col("late") == "yes").select("line", "late", "UNSEEN").collect()
    assert both.rows() == [(401, "yes", None), (402, "yes", "1")]
    assert frame.filter(pl.col("fields.pid") == "p7").select("line").collect().rows() == [(8,)]
    assert frame.filter(pl.col("UNSEEN") == "1").select("line", "message").collect().rows() == [(402, "x")]


def test_filters_see_levels_and_messages_of_both() -> None:
    """A text that stands in the journal's line otherwise than in the message loses nothing."""
    said = [("app", json.dumps({"level": "error", "msg": 'a "b" \u00e9'})), ("sshd", PROSE)] * 3
    frame = lq.scan(journal(*said, priority=4))
    assert frame.level("ERROR").select("line").collect()["line"].to_list() == [1, 3, 5]
    assert frame.level("WARN").select("line").collect()["line"].to_list() == [2, 4, 6]
    assert frame.filter(pl.col("message") == 'a "b" \u00e9').collect().height == 3
    assert frame.filter(pl.col("message").str.contains("root(uid", literal=True)).collect().height == 3
    assert frame.filter(pl.col("app_name") == "sshd").select("line").collect().height == 3


def test_entries_of_a_journal_go_on_where_asked() -> None:
    """By default each is one; with `multiline`, a trace of one process is one entry."""
    trace = ["boom: x", "\tat a.B.c(B.java:7)", "\tat a.B.d(B.java:9)"]
    log = journal(*(("app", text) for text in trace)) + journal(("other", trace[1]), pid=7)
    assert lq.scan(log).select("message").collect()["message"].to_list() == [*trace, trace[1]]
    found = lq.scan(log, multiline=True).select("line", "message", "app_name").collect()
    assert found.rows() == [(1, "\n".join(trace), "app"), (4, trace[1], "other")]


def test_text_that_only_looks_like_a_line_now_and_then_is_left_alone() -> None:
    """Messages of JSON that are prose, or mostly so, or pairs that say nothing of a log, stay as they are."""
    for texts in ([PROSE] * 4, [LOG4J, PROSE] * 4, ["a=1 b=2"] * 4, [""] * 4):
        found = lq.scan(objects(*({"level": "info", "message": text} for text in texts)))
        assert set(found.schema) == {*CANONICAL, "extra"}
        assert found.collect()["message"].to_list() == texts


def test_wrappers_compose() -> None:
    """A container's line around JSON around a line of a log; a newline at its end is no part of that."""
    inner = [json.dumps({"log": f"{LOG4J}\n", "pod": i}) for i in range(3)]
    log = "".join(f"2024-03-05T09:14:02.5Z stdout F {line}\n" for line in inner).encode()
    found = lq.scan(log).collect()
    assert set(found["format"]) == {"cri"}
    assert found["message"].to_list() == ["slow query"] * 3
    assert found["level"].to_list() == ["WARN"] * 3
    assert found["logger"].to_list() == ["a.B"] * 3
    assert found["pod"].to_list() == [0, 1, 2]
    assert found["timestamp"].dt.hour().to_list() == [9] * 3


@pytest.mark.parametrize(("line", "hour"), [(LOG4J, 8), ("Mar  5 08:00:00 web-1 cron[7]: run", None)])
def test_time_is_that_inside_where_there_is_no_other(line: str, hour: int | None) -> None:
    """If it has a year: without one it would be a guess."""
    found = lq.scan(objects(*[{"message": line}] * 9, {"message": PROSE})).collect()
    assert found["timestamp"].dt.hour().to_list() == [hour] * 9 + [None]
    assert found["time_quality"].to_list() == ["zone_assumed" if hour else "missing"] * 9 + ["missing"]


def test_objects_inside_stay_whole_on_request() -> None:
    """As in JSON that stands alone."""
    line = '2024-03-05T09:14:02.5Z stdout F {"level":"info","msg":"up","order":{"id":1}}\n'
    assert lq.scan(line.encode(), nested="struct").select("order").collect().rows() == [({"id": 1},)]
