"""nginx's access log: the combined format, and whatever a site appends to it (as the shipped `main` does)."""

from __future__ import annotations

from typing import Final

import polars as pl

from logq.formats._access import BYTES, DTYPES, HEAD, LOOSE_REQUEST, REQUEST, STAMP, TAIL
from logq.formats.base import Format, Sample

APPENDED: Final = r'"(?: (?P<trailing>.*))?$'

NGINX_ACCESS: Final = Format(
    name="nginx_access",
    title="nginx access log (combined, main)",
    patterns=(
        rf"{HEAD}{REQUEST}{BYTES}{TAIL}{APPENDED}",
        rf"{HEAD}{LOOSE_REQUEST}{BYTES}{TAIL}{APPENDED}",
        rf"{HEAD}{LOOSE_REQUEST}{BYTES}{TAIL}$",
    ),
    stamp=STAMP,
    message=("request",),
    dtypes=DTYPES,
    derived={"forwarded_for": pl.col("trailing").str.extract(r'^"([^"-][^"]*)"')},
    nulls=("-",),
    reference="https://nginx.org/en/docs/http/ngx_http_log_module.html",
    samples=(
        Sample(
            '203.0.113.9 - - [05/Mar/2024:10:14:02 +0100] "POST /cart HTTP/1.1" 502 157 "-" "curl/8.5.0"',
            {
                "timestamp": "2024-03-05T09:14:02Z",
                "time_quality": "exact",
                "level": None,
                "message": "POST /cart HTTP/1.1",
                "client_ip": "203.0.113.9",
                "ident": None,
                "user": None,
                "request": "POST /cart HTTP/1.1",
                "method": "POST",
                "path": "/cart",
                "protocol": "HTTP/1.1",
                "status": 502,
                "bytes": 157,
                "referrer": None,
                "user_agent": "curl/8.5.0",
                "trailing": None,
                "forwarded_for": None,
            },
        ),
        Sample(
            '10.2.0.7 - mara [05/Mar/2024:09:14:02 +0000] "GET / HTTP/1.1" 200 91 "-" "probe" "192.0.2.44, 10.2.0.1" 0.012',
            {
                "timestamp": "2024-03-05T09:14:02Z",
                "user": "mara",
                "user_agent": "probe",
                "trailing": '"192.0.2.44, 10.2.0.1" 0.012',
                "forwarded_for": "192.0.2.44, 10.2.0.1",
            },
        ),
        Sample(
            '198.51.100.4 - - [05/Mar/2024:09:14:05 +0000] "" 400 0 "-" "-" "-"',
            {
                "message": "",
                "request": "",
                "method": None,
                "status": 400,
                "bytes": 0,
                "user_agent": None,
                "trailing": '"-"',
                "forwarded_for": None,
            },
        ),
        Sample(
            '198.51.100.4 - - [05/Mar/2024:09:14:25 +0000] "GET / HTTP/1.1" 200 12 "-" "cut in the mid',
            {"request": "GET / HTTP/1.1", "status": 200, "user_agent": "cut in the mid", "trailing": None},
        ),
    ),
)
