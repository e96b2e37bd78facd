"""uWSGI's request log."""

from __future__ import annotations

from typing import Final

import polars as pl

from logq.formats.base import Format, Sample, Stamp

UWSGI: Final = Format(
    name="uwsgi",
    title="uWSGI request log",
    patterns=(
        (
            r"^\[pid: (?P<pid>[0-9]+)\|app: (?P<app>[0-9-]+)\|req: (?P<app_requests>[0-9-]+)/(?P<requests>[0-9]+)\] (?P<client_ip>[^ ]+)"
            r" \((?P<user>[^)]*)\) \{(?P<vars>[0-9]+) vars in (?P<vars_bytes>[0-9]+) bytes\} \[(?P<timestamp>[^\]]+)\]"
            r" (?P<message>(?P<method>[A-Z]+) (?P<path>[^ ]+)) => generated (?P<bytes>[0-9]+) bytes in (?P<duration>[0-9]+ [a-z]+)"
            r" \((?P<protocol>[^ ]+) (?P<status>[0-9]+)\) (?P<headers>[0-9]+) headers in (?P<header_bytes>[0-9]+) bytes"
            r" \((?P<switches>[0-9]+) switches on core (?P<core>[0-9]+)\)$"
        ),
    ),
    stamp=Stamp(layouts=("%a %b %e %H:%M:%S %Y",)),
    level=(),
    dtypes={
        **dict.fromkeys(
            (
                *("pid", "app", "app_requests", "requests", "vars", "vars_bytes", "bytes"),
                *("status", "headers", "header_bytes", "switches", "core"),
            ),
            pl.Int64(),
        ),
        "duration_s": pl.Float64(),
    },
    derived={
        "duration_s": pl.col("duration").str.extract("^([0-9]+)").cast(pl.Float64)
        / pl.when(pl.col("duration").str.ends_with("micros")).then(1_000_000).otherwise(1_000)
    },
    nulls=("",),
    reference="https://uwsgi-docs.readthedocs.io/en/latest/LogFormat.html",
    samples=(
        Sample(
            "[pid: 2101|app: 0|req: 17/812] 203.0.113.9 () {44 vars in 1322 bytes} [Tue Mar  5 09:14:02 2024] GET /cart?id=8 => generated "
            "192 bytes in 21 msecs (HTTP/1.1 200) 4 headers in 188 bytes (1 switches on core 0)",
            {
                "timestamp": "2024-03-05T09:14:02Z",
                "time_quality": "zone_assumed",
                "level": None,
                "message": "GET /cart?id=8",
                "pid": 2101,
                "app": 0,
                "app_requests": 17,
                "requests": 812,
                "client_ip": "203.0.113.9",
                "user": None,
                "method": "GET",
                "path": "/cart?id=8",
                "bytes": 192,
                "duration_s": 0.021,
                "protocol": "HTTP/1.1",
                "status": 200,
                "headers": 4,
                "header_bytes": 188,
                "core": 0,
            },
        ),
    ),
)
