"""nginx's error log; what follows the message in commas becomes columns."""

from __future__ import annotations

from typing import Final

import polars as pl

from logq.formats.base import Format, Sample, Stamp

DATE: Final = r"[0-9]{4}/[0-9]{2}/[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}"
QUOTED: Final = r'[^"\\]*(?:\\.[^"\\]*)*'
LIMIT: Final = r'(?:, excess: (?P<excess>[0-9.]+),? by zone "(?P<zone>[^"]*)")?'
TAIL: Final = (
    LIMIT + r"(?:, client: (?P<client>[^,\s]+))?(?:, server: (?P<server>[^,]*))?"
    rf'(?:, request: "(?P<request>{QUOTED})")?(?:, subrequest: "(?P<subrequest>{QUOTED})")?'
    rf'(?:, upstream: "(?P<upstream>{QUOTED})")?(?:, host: "(?P<request_host>{QUOTED})")?'
    rf'(?:, referrer: "(?P<referrer>{QUOTED})")?'
)
HEAD: Final = rf"^(?P<timestamp>{DATE}) \[(?P<level>[a-z]+)\] (?P<pid>[0-9]+)#(?P<tid>[0-9]+): "
WHO: Final = rf', client: (?P<client>[^,\s]+), server: (?P<server>[^,]*), request: "(?P<request>{QUOTED})"'
UPSTREAM: Final = rf', upstream: "(?P<upstream>{QUOTED})"'
REFERRER: Final = rf', host: "(?P<request_host>{QUOTED})"(?:, referrer: "(?P<referrer>{QUOTED})")?'

NGINX_ERROR: Final = Format(
    name="nginx_error",
    title="nginx error log",
    patterns=(
        # The usual shapes, each with one way to go on at every byte: four times as fast as the last, which takes any.
        rf"{HEAD}\*(?P<connection>[0-9]+) (?P<message>[^,]*){WHO}{UPSTREAM}{REFERRER}$",
        rf"{HEAD}\*(?P<connection>[0-9]+) (?P<message>[^,]*){WHO}{REFERRER}$",
        rf"{HEAD}(?P<message>[^,*][^,]*)$",
        rf"{HEAD}(?:\*(?P<connection>[0-9]+) )?(?P<message>(?s:.*?)){TAIL}$",
    ),
    stamp=Stamp(layouts=("%Y/%m/%d %H:%M:%S",)),
    dtypes={**dict.fromkeys(("pid", "tid", "connection"), pl.Int64()), "excess": pl.Float64()},
    reference="https://nginx.org/en/docs/ngx_core_module.html#error_log",
    start=rf"^{DATE} \[",
    samples=(
        Sample(
            "2024/03/05 09:14:02 [error] 4118#4119: *17 upstream timed out (110: Connection timed out) while reading "
            "response header from upstream, client: 203.0.113.9, server: shop.example, "
            'request: "GET /cart HTTP/1.1", upstream: "http://10.0.0.5:8080/cart", host: "shop.example", '
            'referrer: "https://shop.example/"',
            {
                "timestamp": "2024-03-05T09:14:02Z",
                "time_quality": "zone_assumed",
                "level": "ERROR",
                "message": "upstream timed out (110: Connection timed out) while reading response header from upstream",
                "pid": 4118,
                "tid": 4119,
                "connection": 17,
                "client": "203.0.113.9",
                "server": "shop.example",
                "request": "GET /cart HTTP/1.1",
                "upstream": "http://10.0.0.5:8080/cart",
                "request_host": "shop.example",
                "referrer": "https://shop.example/",
            },
        ),
        Sample(
            "2024/03/05 09:14:02 [notice] 1#1: signal process started",
            {
                "level": "INFO",
                "severity": 10,
                "message": "signal process started",
                "connection": None,
                "client": None,
                "request": None,
            },
        ),
        Sample(
            '2024/03/05 09:14:02 [error] 4118#4119: *19 open() "/srv/favicon.ico" failed (2: No such file or directory), '
            'client: 203.0.113.9, server: shop.example, request: "GET /favicon.ico HTTP/1.1", host: "shop.example"',
            {"connection": 19, "upstream": None, "request_host": "shop.example", "referrer": None},
        ),
        Sample(
            '2024/03/05 09:14:03 [error] 4118#4119: *18 limiting requests, excess: 50.416 by zone "api", client: 203.0.113.9, '
            'server: shop.example, request: "GET / HTTP/2.0", host: "shop.example"',
            {"message": "limiting requests", "excess": 50.416, "zone": "api", "client": "203.0.113.9"},
        ),
    ),
)
