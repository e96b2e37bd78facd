"""Apache's common log format, `%h %l %u %t "%r" %>s %b`, and what servers of Python's make of it."""

from __future__ import annotations

from typing import Final

from logq.formats._access import COMMON, DTYPES, STAMP
from logq.formats.base import Format, Sample, Stamp

APACHE_COMMON: Final = Format(
    name="apache_common",
    title="Apache common log",
    patterns=COMMON,
    # ISO is what `%{%FT%TZ}t` makes; the last is `http.server`'s and Werkzeug's, in local time.
    stamp=Stamp(layouts=(*STAMP.layouts, "%Y-%m-%dT%H:%M:%S%.f%#z", "%d/%b/%Y %H:%M:%S")),
    message=("request",),
    dtypes=DTYPES,
    nulls=("-",),
    reference="https://httpd.apache.org/docs/2.4/logs.html#common",
    samples=(
        Sample(
            '203.0.113.9 - ines [05/Mar/2024:10:14:02 +0100] "PUT /stock/17 HTTP/1.1" 204 -',
            {
                "timestamp": "2024-03-05T09:14:02Z",
                "time_quality": "exact",
                "level": None,
                "message": "PUT /stock/17 HTTP/1.1",
                "client_ip": "203.0.113.9",
                "ident": None,
                "user": "ines",
                "request": "PUT /stock/17 HTTP/1.1",
                "method": "PUT",
                "path": "/stock/17",
                "protocol": "HTTP/1.1",
                "status": 204,
                "bytes": None,
            },
        ),
        Sample(
            r'2001:db8::5 - - [05/Mar/2024:09:14:03 +0000] "\x16\x03\x01\x02" 400 226',
            {
                "timestamp": "2024-03-05T09:14:03Z",
                "message": r"\x16\x03\x01\x02",
                "client_ip": "2001:db8::5",
                "user": None,
                "request": r"\x16\x03\x01\x02",
                "method": None,
                "path": None,
                "protocol": None,
                "status": 400,
                "bytes": 226,
            },
        ),
        Sample(
            '203.0.113.9 - - [05/Mar/2024 09:14:04] "GET / HTTP/1.1" 200 -',
            {"timestamp": "2024-03-05T09:14:04Z", "time_quality": "zone_assumed", "status": 200, "bytes": None},
        ),
    ),
)
