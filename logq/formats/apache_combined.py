"""Apache's combined log format: the common one, then referrer and user agent."""

from __future__ import annotations

from typing import Final

from logq.formats._access import BYTES, DTYPES, HEAD, LOOSE_REQUEST, REQUEST, STAMP, TAIL
from logq.formats.base import Format, Sample

APACHE_COMBINED: Final = Format(
    name="apache_combined",
    title="Apache combined log",
    patterns=(
        rf'{HEAD}{REQUEST}{BYTES}{TAIL}"$',
        rf'{HEAD}{LOOSE_REQUEST}{BYTES}{TAIL}"$',
        rf"{HEAD}{REQUEST}{BYTES}{TAIL}$",
        rf"{HEAD}{LOOSE_REQUEST}{BYTES}{TAIL}$",
    ),
    stamp=STAMP,
    message=("request",),
    dtypes=DTYPES,
    nulls=("-",),
    reference="https://httpd.apache.org/docs/2.4/logs.html#combined",
    samples=(
        Sample(
            '203.0.113.9 - - [05/Mar/2024:10:14:02 +0100] "GET /shelf?id=17 HTTP/2.0" 200 5120'
            r' "https://shop.example/?q=\"tea\"" "Mozilla/5.0 (X11; Linux x86_64) \"Kiosk\"/2"',
            {
                "timestamp": "2024-03-05T09:14:02Z",
                "time_quality": "exact",
                "level": None,
                "message": "GET /shelf?id=17 HTTP/2.0",
                "client_ip": "203.0.113.9",
                "user": None,
                "method": "GET",
                "path": "/shelf?id=17",
                "protocol": "HTTP/2.0",
                "status": 200,
                "bytes": 5120,
                "referrer": r"https://shop.example/?q=\"tea\"",
                "user_agent": r"Mozilla/5.0 (X11; Linux x86_64) \"Kiosk\"/2",
            },
        ),
        Sample(
            '203.0.113.9 - - [05/Mar/2024:09:14:22 +0000] "-" 408 - "-" ""',
            {
                "timestamp": "2024-03-05T09:14:22Z",
                "message": None,
                "request": None,
                "method": None,
                "status": 408,
                "bytes": None,
                "referrer": None,
                "user_agent": "",
            },
        ),
        Sample(
            '198.51.100.4 - ann [05/Mar/2024:09:14:24 +0000] "HEAD /a HTTP/1.1" 200 - "-" "cut in the mid',
            {"user": "ann", "method": "HEAD", "path": "/a", "protocol": "HTTP/1.1", "user_agent": "cut in the mid"},
        ),
        Sample(
            '198.51.100.4 - - [05/Mar/2024:09:14:25 +0000] "GET /a b HTTP/1.1" 404 12 "-" "cut in the mid',
            {
                "request": "GET /a b HTTP/1.1",
                "method": None,
                "path": None,
                "protocol": None,
                "status": 404,
                "user_agent": "cut in the mid",
            },
        ),
    ),
)
