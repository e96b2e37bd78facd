"""Formats from nginx's log_format, from Python's logging layouts, and for CSV and JSON."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import polars as pl
import pytest

import logq as lq
from logq.errors import FormatError
from logq.formats import FORMATS

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


@pytest.mark.parametrize(("text", "why"), [("plain", "no"), ("$a $a", "more than once"), ("$a$b", "nothing between")])
def test_nginx_refused(text: str, why: str) -> None:
    """What cannot be told apart is refused."""
    with pytest.raises(FormatError, match=why):
        lq.Format.from_nginx_log_format(text)


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
