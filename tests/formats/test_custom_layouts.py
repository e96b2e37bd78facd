"""Formats from nginx's log_format, from Python's logging layouts, and for CSV and JSON."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest

import logq as lq
from logq.errors import FormatError
from logq.formats import FORMATS
from logq.run.wire.formats import learn, told

COMBINED = (
    '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"'
)


@pytest.fixture(autouse=True)
def _registry() -> Iterator[None]:
    """What a scan registers is forgotten after each test."""
    before = list(FORMATS.values())
    yield
    FORMATS._formats = {f.name: f for f in before}


def _row(form: lq.Format, text: str) -> dict[str, object]:
    rows = lq.scan(text.encode(), format=form).collect()
    assert rows["parse_error"].null_count() == len(rows)
    return rows.row(0, named=True)


def test_nginx_combined() -> None:
    """Nginx's own combined format gives what the built-in reader gives."""
    text = '203.0.113.9 - - [05/Mar/2024:10:14:02 +0100] "POST /cart HTTP/1.1" 502 157 "-" "curl/8.5.0"'
    got = _row(lq.Format.from_nginx_log_format(COMBINED), text)
    want = lq.scan(text.encode(), format="nginx_access").collect().row(0, named=True)
    shared = got.keys() & want.keys() - {"format"}
    assert {"method", "path", "status", "bytes", "user", "timestamp"} <= shared
    assert {k: got[k] for k in shared} == {k: want[k] for k in shared}


def test_nginx_loose() -> None:
    """A request that is none is kept whole; upstream lists, braces, ISO times and unquoted requests are read."""
    assert _row(lq.Format.from_nginx_log_format('"$request" $status'), r'"\x16\x03" 400')["request"] == r"\x16\x03"
    form = lq.Format.from_nginx_log_format("[$time_iso8601] $upstream_response_time ${request} | $host")
    got = _row(form, "[2024-03-05T10:14:02+01:00] 0.1, 0.2 GET / | example.org")
    assert (got["upstream_response_time"], got["message"]) == ("0.1, 0.2", "GET /")
    assert (got["server_host"], str(got["timestamp"])) == ("example.org", "2024-03-05 09:14:02+00:00")


def test_nginx_times() -> None:
    """`$msec` is the time where no other is written."""
    assert (
        str(_row(lq.Format.from_nginx_log_format("$msec $status"), "1709629442.250 200")["timestamp"])[11:23]
        == "09:04:02.250"
    )
    both = _row(lq.Format.from_nginx_log_format("[$time_local] $msec"), "[05/Mar/2024:10:14:02 +0100] 1709629442.250")
    assert (str(both["timestamp"])[11:], both["msec"]) == ("09:14:02+00:00", 1709629442.25)


def test_nginx_whole_directive() -> None:
    """The directive as it stands in a configuration: its name, its pieces in quotes, its escaping."""
    text = r"""log_format  main  '$remote_addr [$time_local] "$request" '
                      "$status \"$http_referer\" it\'s" ;"""
    got = _row(
        lq.Format.from_nginx_log_format(text), """::1 [05/Mar/2024:10:14:02 +0100] "GET / HTTP/2.0" 200 "-" it's"""
    )
    assert (got["client_ip"], got["path"], got["status"], got["referrer"]) == ("::1", "/", 200, None)
    none = lq.Format.from_nginx_log_format("log_format a escape=none '\"$http_referer\" $status';")
    assert _row(none, '"a "b" c" 200')["referrer"] == 'a "b" c'
    assert _row(lq.Format.from_nginx_log_format('"$http_referer" $status', escape="json"), '"" 200')["referrer"] is None


JSON_LOG = """log_format js escape=json '{"time":"$time_iso8601","st":$status,"ref":"$http_referer",'
    '"up":{"t":"${upstream_response_time}"},"len":"$content_length","request":"$request","rt":$request_time,"n":[$pid],"app":"x"}';"""


def test_nginx_json() -> None:
    """A format that writes an object is JSON lines whose fields are the variables; nothing is null, escapes are undone."""
    form = lq.Format.from_nginx_log_format(JSON_LOG)
    text = r'{"time":"2024-03-05T10:14:02+01:00","st":404,"ref":"a \"b\"","up":{"t":"0.1"},"len":"","request":"GET / HTTP/1.1","rt":0.5,"n":[7],"app":"x"}'
    got = _row(form, text)
    assert (str(got["timestamp"])[11:], got["status"], got["referrer"]) == ("09:14:02+00:00", 404, 'a "b"')
    assert (got["upstream_response_time"], got["content_length"], got["app"]) == ("0.1", None, "x")
    assert (got["message"], got["request_time_s"]) == ("GET / HTTP/1.1", 0.5)
    learnt = told(form)
    learn([learnt])
    assert told(FORMATS[form.name]) == learnt


@pytest.mark.parametrize(
    ("text", "escape", "why"),
    [
        ("plain", "default", "no"),
        ("$a $a", "default", "more than once"),
        ("$a$b", "default", "nothing between"),
        ('{"a":$b', "json", "writes no JSON object"),
        ("log_format x escape=xml '$a';", "default", "escapes as 'xml'"),
    ],
)
def test_nginx_refused(text: str, escape: Any, why: str) -> None:
    """What cannot be told apart is refused."""
    with pytest.raises(FormatError, match=why):
        lq.Format.from_nginx_log_format(text, escape=escape)


@pytest.mark.parametrize(
    ("style", "layout"),
    [
        ("{", "{{x}} {asctime} {levelname:<8} [{name}] {lineno} {msecs} {funcName}: {message}"),
        ("%", "100%% %(asctime)s %(levelname)-8s [%(name)s] %(lineno)d %(msecs)d %(funcName)s: %(message)s"),
        ("$", "$$ $asctime $levelname [$name] ${lineno} $msecs $funcName: $message"),
    ],
)
def test_python_styles(style: str, layout: str) -> None:
    """What a Formatter writes is read back, continuation lines included."""
    record = logging.LogRecord("shop.cart", logging.CRITICAL, "x.py", 12, "gone\nfor good", None, None, "pay")
    text = logging.Formatter(layout, style=style).format(record)  # type: ignore[arg-type]
    got = _row(lq.Format.python(layout), text)
    assert (got["level"], got["severity"], got["logger"], got["lineno"]) == ("FATAL", 21, "shop.cart", 12)
    assert (got["message"], got["funcName"]) == ("gone\nfor good", "pay")
    assert got["timestamp"] is not None


def test_python_rest() -> None:
    """A date format of one's own, a message in front, no message, no field."""
    got = _row(lq.Format.python("{asctime}|{message}|{user}", datefmt="%d.%m.%Y %H:%M:%S"), "05.03.2024 09:14:02|a|b")
    assert (str(got["timestamp"]), got["message"], got["user"]) == ("2024-03-05 09:14:02+00:00", "a", "b")
    assert lq.Format.python("{message}").start is None
    assert lq.Format.python("{levelname}").stamp is None
    with pytest.raises(FormatError, match="no field"):
        lq.Format.python("hello")


def test_csv() -> None:
    """A table without a header takes the names it is given."""
    form = lq.Format.csv("x", columns=("level", "message"), separator=";", header=False)
    got = _row(form, "warn;low")
    assert (got["level"], got["message"]) == ("WARN", "low")


def test_json_schema() -> None:
    """With a schema the fields are those it names."""
    form = lq.Format.json("x", schema={"n": pl.Int64()})
    assert not form.open
    assert _row(form, '{"level":"error","n":3,"other":1}')["n"] == 3


def test_csv_options() -> None:
    """Types, layouts of the time, texts for nothing and bare quotes are said where the sample cannot know."""
    form = lq.Format.csv(
        "x", header=True, schema={"code": pl.String()}, stamp="%d.%m.%Y %H:%M", nulls=("n/a",), quoted=False
    )
    rows = lq.scan(b'time,code,n,lvl\n05.03.2024 09:14,17,n/a,err\n06.03.2024 09:14,"18,4,warn', format=form).collect()
    assert rows["timestamp"].dt.day().to_list() == [5, 6]
    assert (rows["code"].to_list(), rows["n"].to_list()) == (["17", '"18'], [None, 4])
    assert rows["level"].to_list() == ["ERROR", "WARN"]
    assert rows["parse_error"].to_list() == [None, None]


def test_json_options() -> None:
    """Fields renamed, severities of one's own, a layout of the time."""
    form = lq.Format.json("x", renames={"a.b": "b"}, severities={"bad": 17}, stamp="%d.%m.%Y %H:%M")
    got = _row(form, '{"time":"05.03.2024 09:14","level":"bad","a":{"b":1}}')
    assert (str(got["timestamp"]), got["level"], got["b"]) == ("2024-03-05 09:14:00+00:00", "ERROR", 1)


@pytest.mark.parametrize("separator", ["", ";;", "é", '"', "\n"])
def test_what_separates_no_values_is_refused(separator: str) -> None:
    """When the format is made, not by the first quote in a file."""
    with pytest.raises(FormatError, match="separates no values"):
        lq.Format.csv("x", separator=separator)


def test_separators_of_several_characters() -> None:
    """They do where quotes are characters like others; columns have names of their own."""
    form = lq.Format.csv("long_separator", separator="||", header=True, quoted=False)
    assert lq.scan(b'a||b\n1||"2\n', form).select("a", "b").collect().rows() == [(1, '"2')]
    with pytest.raises(FormatError, match="twice"):
        lq.Format.csv("x", columns=("a", "a"))
