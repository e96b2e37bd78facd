"""Messages in JSON and in a journal that are lines of other logs are read on; those that are not stay as they are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

import logq as lq
from logq.errors import FormatError
from logq.formats import BUILT_IN, FORMATS
from logq.plan import Scan
from logq.read import FileRef, resolve_file
from logq.schema import CANONICAL

if TYPE_CHECKING:
    from pathlib import Path

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


def test_each_program_keeps_its_format() -> None:
    """In whatever order the sample has them, and none is lent to a program that writes prose."""
    mongod = FORMATS["mongodb"].samples[0].text
    api = json.dumps({"level": "info", "ts": "2024-03-05T09:14:02Z", "msg": "up"})
    for said in ([("api", api), ("mongod", mongod)], [("mongod", mongod), ("api", api)]):
        found = lq.scan(journal(*said * 3)).filter(pl.col("app_name") == "mongod").collect()
        alone = lq.scan(f"{mongod}\n".encode()).collect()
        assert found["level"].to_list() == alone["level"].to_list() * 3
        assert found["component"].to_list() == alone["component"].to_list() * 3
    said = [("containerd", PAIRS), ("sshd", PROSE)] * 4 + [("sshd", "user=root level=fatal n=7")]
    last = lq.scan(journal(*said)).select("level", "n", "message").collect().row(-1)
    assert last == ("INFO", None, "user=root level=fatal n=7")


@pytest.mark.parametrize(
    "message", ["method=GET path=/ time=12", '{"time":"12ms","status":5}', "user=bob date=soon path=/x"]
)
def test_what_is_only_called_a_time_is_none(message: str) -> None:
    """Such messages are left alone."""
    found = lq.scan(objects(*[{"node": "a", "message": message}] * 5)).collect()
    assert found["message"].to_list() == [message] * 5
    assert found.select("timestamp", "parse_error").null_count().row(0) == (5, 5)
    assert set(found.columns) == {*CANONICAL, "node", "extra"}


def test_names_of_several_programs_do_not_meet() -> None:
    """A name that was made up is no other's own."""
    one = json.dumps({"level": "info", "msg": "x", "pid": "A", "fields": {"pid": "A fields"}})
    found = lq.scan(journal(*[("a", one), ("b", "level=info msg=y pid=B")] * 5)).collect().head(2)
    assert found.select("pid", "fields.pid", "fields.fields.pid").rows() == [(2101, "A fields", "A"), (2101, None, "B")]


def test_a_late_name_that_the_journal_has_too_is_found() -> None:
    """By the name that it has where a sample shows it."""
    said = [("app", '{"level":"info","msg":"up"}')] * 900 + [("app", '{"level":"info","msg":"up","pid":"late"}')]
    frame = lq.scan(journal(*said))
    assert frame.filter(pl.col("fields.pid") == "late").select("line", "pid").collect().rows() == [(901, 2101)]


def test_time_is_filled_in_row_by_row() -> None:
    """Where an object has none, or what it calls one cannot be read."""
    log = objects(*[{"@timestamp": "2024-03-05T09:14:02Z", "message": LOG4J}, {"message": LOG4J}] * 2)
    expected = pl.DataFrame({"hour": [9, 8] * 2, "time_quality": ["exact", "zone_assumed"] * 2})
    hour = pl.col("timestamp").dt.hour().cast(pl.Int64).alias("hour")
    quality = pl.col("time_quality").cast(pl.String)
    for asked in ([hour, quality], [hour], [quality]):
        found = lq.scan(log).select(asked).collect()
        assert found.equals(expected.select(found.columns))


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_line_ends_behind_a_message_are_no_part_of_it(end: str) -> None:
    """Of any kind."""
    line = FORMATS["nginx_access"].samples[0].text
    found = lq.scan(objects(*[{"message": line + end}] * 3)).collect()
    assert found["status"].null_count() == 0


def test_a_journal_that_is_printed_over_lines_is_read() -> None:
    """As `journalctl -o json-pretty` does, with the format told or not."""
    for line in (LOG4J, PROSE):
        pretty = "".join(
            json.dumps(json.loads(one), indent="\t") + "\n"
            for one in journal(*[("app", line)] * 5).decode().splitlines()
        )
        for form in ("auto", "journald_json"):
            found = lq.scan(pretty.encode(), form).select("message", "level", "pid").collect()
            assert found.rows() == [("slow query", "WARN", 2101) if line == LOG4J else (PROSE, "INFO", 2101)] * 5


@pytest.mark.parametrize("multiline", [True, r"^\{"])
def test_entries_of_a_printed_journal_start_where_objects_do(multiline: str | bool) -> None:
    """There `multiline` is not of the messages."""
    pretty = "".join(json.dumps(json.loads(one), indent=2) + "\n" for one in journal(*[("a", PROSE)] * 9).splitlines())
    found = lq.scan(pretty.encode(), "journald_json", multiline=multiline).select("message", "level").collect()
    assert found.rows() == [(PROSE, "INFO")] * 9


def test_traces_that_are_joined_are_read_on() -> None:
    """A message is the joined one, not its first line."""
    trace = [LOG4J, "\tat a.b(C.java:1)", "\tat a.b(C.java:2)"]
    found = lq.scan(journal(*[("a", text) for text in trace * 4]), multiline=True).select("level", "message").collect()
    assert found.rows() == [("WARN", "\n".join(["slow query", *trace[1:]]))] * 4


def test_nothing_moves_where_a_message_is_two_objects() -> None:
    """And another is none: each stays in its row."""
    made = [
        {"log": text, "stream": "stdout", "time": "2024-03-05T09:14:02.5Z"}
        for text in ['{"level":"info","msg":"a"}\n'] * 20
    ]
    double = {**made[0], "log": '{"level":"info","msg":"b"}\n{"level":"error","msg":"c"}\n'}
    none = {"stream": "stdout", "time": "2024-03-05T09:14:02.5Z"}
    found = lq.scan(objects(*made, double, none), "docker_json").select("message", "level").collect().tail(2)
    assert found.rows() == [(double["log"].rstrip(), None), (None, None)]


def test_a_fleet_reads_on_as_well(tmp_path: Path) -> None:
    """Whichever columns are asked for."""
    (tmp_path / "a.log").write_bytes(objects(*[{"message": LOG4J, "pid": 1}] * 5))
    with lq.Fleet.local({"one": tmp_path}) as fleet:
        frame = fleet.scan(str(tmp_path / "a.log"))
        assert frame.select("level").collect()["level"].to_list() == ["WARN"] * 5
        assert frame.filter(pl.col("pid") == 1).group_by("level").agg(pl.len()).collect().rows() == [("WARN", 5)]
        assert frame.select("fields.pid", "pid").collect().rows() == [(None, 1)] * 5


def test_programs_belong_to_wrapped_json() -> None:
    """Else they would be ignored."""
    with pytest.raises(FormatError, match="programs='who'"):
        lq.Format(name="mine", title="mine", kind="json", programs="who")


@pytest.mark.parametrize("wrap", ["2024-03-05T09:14:02Z stdout F {}", '{{"message":{}}}'])
def test_a_journal_may_be_inside(wrap: str) -> None:
    """Of a container, say, and other logs inside it."""
    lines = journal(*[("kubelet", KLOG)] * 5).decode().splitlines()
    log = "".join(wrap.format(line if wrap[0] == "2" else json.dumps(line)) + "\n" for line in lines)
    found = lq.scan(log.encode()).select("level", "message", "pid", "app_name").collect()
    assert found.rows() == [("ERROR", "pod gone", 2101, "kubelet")] * 5


@pytest.mark.parametrize(("who", "shown"), [(["a", "b"], '["a","b"]'), ([], "[]"), (7, "7"), (None, None)])
def test_who_writes_may_be_anything(who: object, shown: str | None) -> None:
    """A journal has a list where an entry has a field twice; a number is as it is written, whatever other files have."""
    one = json.loads(journal(("a", "ERROR:mod.x:up")))
    logs = [objects(*[{**one, "SYSLOG_IDENTIFIER": value, "_PID": ["1", "2"]}] * 3) for value in (who, 1.5)]
    for scanned in (logs[:1], logs):
        found = lq.scan(scanned).select("app_name", "logger", "pid", "message").collect().head(3)
        assert found.rows() == [(shown, "mod.x", None, "up")] * 3


def test_a_format_is_inside_itself_only_if_no_other_is() -> None:
    """One of the user's that takes any object reads the outer ones."""
    form = lq.Format.json("outer_only", message="body")
    inner = '{"ts":"2024-03-05T09:14:00Z","level":"error","msg":"gone"}'
    try:
        found = lq.scan(objects(*[{"body": inner}] * 9), form).select("message", "level").collect()
    finally:
        FORMATS.restore(BUILT_IN)
    assert found.rows() == [("gone", "ERROR")] * 9
