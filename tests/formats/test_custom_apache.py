"""Formats from Apache's LogFormat."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest

import logq as lq
from logq.errors import FormatError
from logq.formats import FORMATS
from logq.formats.custom.apache import NICKNAMES


@pytest.fixture(autouse=True)
def _registry() -> Iterator[None]:
    """What a scan registers is forgotten after each test."""
    before = list(FORMATS.values())
    yield
    FORMATS._formats = {f.name: f for f in before}


def _row(log_format: str, text: str) -> dict[str, Any]:
    rows = lq.scan(text.encode(), format=lq.Format.from_apache_log_format(log_format)).collect()
    assert rows["parse_error"].to_list() == [None] * len(rows)
    return rows.row(0, named=True)


def test_combined() -> None:
    """Apache's own combined format gives what the built-in reader gives, as it stands in a configuration too."""
    text = r'203.0.113.9 - - [05/Mar/2024:10:14:02 +0100] "GET /a?q=\"x\" HTTP/1.1" 502 - "-" "curl/8.5.0"'
    want = lq.scan(text.encode(), format="apache_combined").collect().row(0, named=True)
    for layout in ("combined", NICKNAMES["combined"].replace('"', r"\"")):
        got = _row(layout, text)
        shared = got.keys() & want.keys() - {"format"}
        assert {"client_ip", "method", "path", "status", "bytes", "user", "timestamp", "user_agent"} <= shared
        assert {k: got[k] for k in shared} == {k: want[k] for k in shared}


def test_a_request_that_is_none() -> None:
    """It is kept whole."""
    got = _row("common", r'::1 - - [05/Mar/2024:10:14:02 +0100] "\x16\x03" 400 226')
    assert (got["request"], got["method"], got["message"]) == (r"\x16\x03", None, r"\x16\x03")


@pytest.mark.parametrize("name", NICKNAMES)
def test_usual_names(name: str) -> None:
    """Formats that Apache and Debian ship are known by name."""
    assert lq.Format.from_apache_log_format(name).groups


@pytest.mark.parametrize(
    ("layout", "text", "fields"),
    [
        ("%h %a", "web.example 10.0.0.1", {"client_host": "web.example", "client_ip": "10.0.0.1"}),
        ("%{c}a %{c}h %A", "::1 lb 10.0.0.2", {"peer_ip": "::1", "peer_host": "lb", "server_ip": "10.0.0.2"}),
        ("%D", "1500", {"request_time_us": 1500, "request_time_s": 0.0015}),
        ("%{us}T %{ms}T", "1500 1", {"request_time_us": 1500, "request_time_ms": 1, "request_time_s": 0.0015}),
        ("%T %D", "0 15", {"request_time_s": 0, "request_time_us": 15}),
        ("%B %I %O %S %k %X", "1 2 3 4 0 +", {"bytes": 1, "bytes_received": 2, "bytes_sent": 3, "bytes_transferred": 4, "keepalive_requests": 0, "connection_status": "+"}),
        ("%P %{tid}P %{hextid}P", "7 140 7fb9", {"pid": 7, "tid": 140, "hextid": "7fb9"}),
        ("%{hextid}P", "7fb9", {"tid": 0x7FB9}),
        ("%p %{canonical}p|%{local}p", "80 443|8080", None),
        ("%{canonical}p %{local}p %{remote}p", "443 8080 51000", {"server_port": 443, "local_port": 8080, "client_port": 51000}),
        ('"%{Foo-Bar}i" "%{X-Forwarded-For}i" "%{ETag}o"', '"a b" "::1, ::2" "-"', {"http_foo_bar": "a b", "forwarded_for": "::1, ::2", "sent_http_etag": None}),
        ("%{id}C %{HOME}e %{x}n %{a}^ti %{b}^to", "1 2 3 4 5", {"cookie_id": "1", "env_home": "2", "note_x": "3", "trailer_a": "4", "sent_trailer_b": "5"}),
        ("%{SSL_PROTOCOL}x %{cipher}c %L %R %V %v", "TLSv1.3 AES - h a b", {"ssl_protocol": "TLSv1.3", "ssl_cipher": "AES", "log_id": None, "handler": "h", "server_host": "a", "server_name": "b"}),
        ("%400,501{User-agent}i|%{User-agent}i", "-|x", {"user_agent_if_400_501": None, "user_agent": "x"}),
        ("%r - %s", "GET / HTTP/1.1 - 200", {"request": "GET / HTTP/1.1", "status": 200, "message": "GET / HTTP/1.1"}),
        ('%s "%>r"', '200 "GET / HTTP/1.1"', {"method": "GET", "path": "/", "protocol": "HTTP/1.1"}),
        ("100%% %m%%\\t%H", "100% GET%\tHTTP/2.0", {"method": "GET", "protocol": "HTTP/2.0"}),
        ("%U%q %s", "/a?b=c 200", {"path": "/a", "query": "?b=c", "status": 200}),
        ("%s%X", "200+", {"status": 200, "connection_status": "+"}),
    ],
)  # fmt: skip
def test_directives(layout: str, text: str, fields: dict[str, object] | None) -> None:
    """Every directive has its column and type."""
    if fields is None:
        with pytest.raises(FormatError, match="server_port more than once"):
            lq.Format.from_apache_log_format(layout)
        return
    got = _row(layout, text)
    assert {n: got[n] for n in fields} == fields


@pytest.mark.parametrize(
    ("layout", "text", "stamp"),
    [
        ("%t", "[05/Mar/2024:10:14:02 +0100]", "2024-03-05 09:14:02+00:00"),
        ("%{sec}t", "1709629442", "2024-03-05 09:04:02+00:00"),
        ("%{sec}t.%{usec_frac}t", "1709629442.000250", "2024-03-05 09:04:02.000250+00:00"),
        ("%{msec}t %s", "1709629442250 200", "2024-03-05 09:04:02.250000+00:00"),
        ("%{begin:usec}t", "1709629442000250", "2024-03-05 09:04:02.000250+00:00"),
        ("%{%s}t", "1709629442", "2024-03-05 09:04:02+00:00"),
        ("%{%FT%T}t.%{msec_frac}t%{%z}t", "2024-03-05T10:14:02.250+0100", "2024-03-05 09:14:02.250000+00:00"),
        ("[%{%d/%b/%Y %T}t.%{usec_frac}t %{%z}t]", "[05/Mar/2024 10:14:02.000250 +0100]", "2024-03-05 09:14:02.000250+00:00"),
        ("%{%c}t", "Tue Mar  5 09:14:02 2024", "2024-03-05 09:14:02+00:00"),
        ("%{%a, %e %B %Y %I:%M:%S %p}t", "Tue,  5 March 2024 09:14:02 PM", "2024-03-05 21:14:02+00:00"),
        ("%{%Y-%j 100%% %H:%M:%S}t", "2024-065 100% 09:14:02", "2024-03-05 09:14:02+00:00"),
    ],
)  # fmt: skip
def test_times(layout: str, text: str, stamp: str) -> None:
    """A time in one piece or in several is the row's."""
    assert str(_row(layout, text)["timestamp"]) == stamp


def test_a_second_time() -> None:
    """The end of the request, and fractions that stand apart, are columns of their own."""
    got = _row("%{begin:%F %T}t %{end:%F %T}t %s %{usec_frac}t", "2024-03-05 09:14:02 2024-03-05 09:14:03 200 000250")
    assert (str(got["timestamp"]), got["end_time"]) == ("2024-03-05 09:14:02+00:00", "2024-03-05 09:14:03")
    assert got["usec_frac"] == 250


@pytest.mark.parametrize(
    ("layout", "why"),
    [
        ("plain", "no %directive"),
        ("%y", "'%y' .* is no directive"),
        ("%h 50% %s", "'% ' .* is no directive|is no directive"),
        ("%{x}h", "is no directive"),
        ("%i", "is no directive"),
        ("%40s", "is no directive"),
        ("%{a}{b}i", "is no directive"),
        ("%s %s", "status more than once"),
        ("%h%u", "'%h' has nothing after it"),
        ("%s%b", "'%s' has nothing after it"),
        ("%t %s %t", "two places"),
        ("%{sec}t %{%T}t", "twice over"),
        ("%{%Q}t", "'%Q', which cannot be read"),
        ("%{now}t", "writes no time"),
    ],
)
def test_refused(layout: str, why: str) -> None:
    """What is no LogFormat, or cannot be told apart, is named."""
    with pytest.raises(FormatError, match=why):
        lq.Format.from_apache_log_format(layout)


def test_the_types() -> None:
    """Numbers are integers, seconds that are computed floats."""
    fields = lq.Format.from_apache_log_format("%>s %D").fields
    assert fields == {"status": pl.Int64(), "request_time_us": pl.Int64(), "request_time_s": pl.Float64()}
