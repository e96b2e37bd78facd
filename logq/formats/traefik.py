"""Traefik's access log in its common format: Apache's combined, a count of requests, router, server and duration."""

from __future__ import annotations

from typing import Final

import polars as pl

from logq.formats._access import BYTES, COMMON, DTYPES, HEAD, LOOSE_REQUEST, QUOTED, REQUEST, STAMP
from logq.formats._units import seconds
from logq.formats.base import Format, Sample

TAIL: Final = (
    rf' (?:"(?P<referrer>{QUOTED})"|-) (?:"(?P<user_agent>{QUOTED})"|-) (?P<request_count>[0-9]+)'
    r' (?:"(?P<router>[^"]*)"|-) (?:"(?P<server_url>[^"]*)"|-)(?: (?P<duration_s>[0-9]+)ms)?$'
)

TRAEFIK: Final = Format(
    name="traefik",
    title="Traefik access log (common)",
    patterns=(rf"{HEAD}{REQUEST}{BYTES}{TAIL}", rf"{HEAD}{LOOSE_REQUEST}{BYTES}{TAIL}", *COMMON),
    stamp=STAMP,
    message=("request",),
    dtypes={**DTYPES, "request_count": pl.Int64(), "duration_s": pl.Float64()},
    derived={"duration_s": seconds("duration_s")},
    nulls=("-",),
    reference="https://doc.traefik.io/traefik/observability/access-logs/",
    samples=(
        Sample(
            '203.0.113.9 - mara [05/Mar/2024:10:14:02 +0100] "POST /cart HTTP/2.0" 502 157 "-" "curl/8.5.0" 262 "shop@docker" '
            '"http://172.19.0.3:5601" 247ms',
            {
                "timestamp": "2024-03-05T09:14:02Z",
                "time_quality": "exact",
                "level": None,
                "message": "POST /cart HTTP/2.0",
                "client_ip": "203.0.113.9",
                "ident": None,
                "user": "mara",
                "method": "POST",
                "path": "/cart",
                "protocol": "HTTP/2.0",
                "status": 502,
                "bytes": 157,
                "referrer": None,
                "user_agent": "curl/8.5.0",
                "request_count": 262,
                "router": "shop@docker",
                "server_url": "http://172.19.0.3:5601",
                "duration_s": 0.247,
            },
        ),
        Sample(
            '203.0.113.9 - - [05/Mar/2024:09:14:03 +0000] "-" 400 0 - - 263 - - 0ms',
            {
                "request": None,
                "method": None,
                "user_agent": None,
                "router": None,
                "server_url": None,
                "duration_s": 0.0,
            },
        ),
        Sample(
            '203.0.113.9 - mara [05/Mar/2024:09:14:04 +0000] "GET / HTTP/1.1" 200 91',
            {"user": "mara", "path": "/", "request_count": None, "duration_s": None},
        ),
        Sample('203.0.113.9 - - [05/Mar/2024:09:14:05 +0000] "" 400 0', {"request": "", "method": None}),
    ),
)
