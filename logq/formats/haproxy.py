"""HAProxy's logs: HTTP, HTTPS and TCP, errors of connections and notices, as it sends them and as syslog files them."""

from __future__ import annotations

from typing import Final

import polars as pl

from logq.formats._syslog import BSD, DERIVED, ISO, LONG, PRI
from logq.formats._units import seconds
from logq.formats.base import Format, Sample, Stamp

TAG: Final = r"(?:(?P<hostname>[^ ]+) )?haproxy\[(?P<pid>[0-9]+)\]: "
HEAD: Final = rf"^(?:(?:{PRI})?(?:{BSD}|{LONG}) {TAG})?"
CLIENT: Final = r"(?P<client_ip>[^ ]+):(?P<client_port>[0-9]+)"
ROUTE: Final = r"\[(?P<timestamp>[^\]]+)\] (?P<frontend>[^ ]+) (?P<backend>[^ /]+)/(?P<server>[^ ]+)"
TARGET: Final = rf"{CLIENT} {ROUTE}"
COUNTS: Final = (
    r"(?P<connections>[0-9]+)/(?P<frontend_connections>[0-9]+)/(?P<backend_connections>[0-9]+)"
    r"/(?P<server_connections>[0-9]+)/\+?(?P<retries>[0-9]+) (?P<server_queue>[0-9]+)/(?P<backend_queue>[0-9]+)"
)
TIMES: Final = (
    r"(?P<request_s>-?[0-9]+)/(?P<queue_s>-?[0-9]+)/(?P<connect_s>-?[0-9]+)/(?P<response_s>-?[0-9]+)"
    r"/\+?(?P<duration_s>-?[0-9]+)"
)
ANSWER: Final = (
    r"(?P<status>-?[0-9]+) \+?(?P<bytes>[0-9]+) (?P<request_cookie>[^ ]+) (?P<response_cookie>[^ ]+) (?P<termination>[^ ]{4})"
    rf" {COUNTS}"
)
REQUEST: Final = r'(?P<method>[A-Z]+) (?P<path>[^ "]+)(?: (?P<protocol>HTTP/[0-9.]+))?'
SECONDS: Final = ("request_s", "queue_s", "connect_s", "response_s", "duration_s")
WHOLE: Final = (
    *("priority", "pid", "client_port", "status", "bytes", "retries", "server_queue", "backend_queue"),
    *(f"{of}connections" for of in ("", "frontend_", "backend_", "server_")),
)

HAPROXY: Final = Format(
    name="haproxy",
    title="HAProxy log (HTTP and TCP)",
    patterns=(
        # The usual shape, with one way to go on at every byte; the next takes any.
        (
            rf"^(?:{PRI})?(?:{BSD}|{LONG}) (?P<hostname>[^ ]+) haproxy\[(?P<pid>[0-9]+)\]: (?P<client_ip>[^ :]+):(?P<client_port>[0-9]+)"
            rf" {ROUTE} {TIMES} {ANSWER} (?:\{{(?P<request_headers>[^}}]*)\}} (?:\{{(?P<response_headers>[^}}]*)\}} )?)?"
            rf'"(?P<message>{REQUEST})"(?: (?P<trailing>.*))?$'
        ),
        (
            rf"{HEAD}{TARGET} {TIMES} {ANSWER} (?:\{{(?P<request_headers>[^}}]*)\}} )?"
            rf'(?:\{{(?P<response_headers>[^}}]*)\}} )?"(?P<message>{REQUEST}|[^"]*)(?:"(?: (?P<trailing>.*))?)?$'
        ),
        (
            rf"{HEAD}{TARGET} (?P<queue_s>-?[0-9]+)/(?P<connect_s>-?[0-9]+)/\+?(?P<duration_s>-?[0-9]+) "
            rf"\+?(?P<bytes>[0-9]+) (?P<termination>[^ ]{{2}}) {COUNTS}(?: (?P<trailing>.*))?$"
        ),
        rf"{HEAD}{CLIENT} \[(?P<timestamp>[^\]]+)\] (?P<frontend>[^ /]+)/(?P<bind>[^ :]+): (?P<message>.*)$",
        rf"^(?:{PRI})?(?P<timestamp>{BSD}|{LONG}) {TAG}(?P<message>.*)$",
    ),
    stamp=Stamp(layouts=("%d/%b/%Y:%H:%M:%S%.f", "%b %e %H:%M:%S", ISO)),
    level=(),
    dtypes={**dict.fromkeys(WHOLE, pl.Int64()), **dict.fromkeys(SECONDS, pl.Float64())},
    derived={**{name: seconds(name) for name in SECONDS}, "severity": DERIVED["severity"]},
    nulls=("-", "-1"),
    reference="https://docs.haproxy.org/3.0/configuration.html#8.2",
    samples=(
        Sample(
            "Mar  5 09:14:02 edge-1 haproxy[14389]: 203.0.113.9:33317 [05/Mar/2024:09:14:01.655] shop~ static/img-2 "
            '10/0/30/69/109 200 2750 - - ---- 7/5/3/2/0 1/0 {shop.example} {} "GET /cart?id=8 HTTP/1.1"',
            {
                "timestamp": "2024-03-05T09:14:01.655Z",
                "time_quality": "zone_assumed",
                "level": None,
                "message": "GET /cart?id=8 HTTP/1.1",
                "hostname": "edge-1",
                "pid": 14389,
                "client_ip": "203.0.113.9",
                "client_port": 33317,
                "frontend": "shop~",
                "backend": "static",
                "server": "img-2",
                "request_s": 0.01,
                "queue_s": 0.0,
                "connect_s": 0.03,
                "response_s": 0.069,
                "duration_s": 0.109,
                "status": 200,
                "bytes": 2750,
                "request_cookie": None,
                "termination": "----",
                "connections": 7,
                "frontend_connections": 5,
                "backend_connections": 3,
                "server_connections": 2,
                "retries": 0,
                "server_queue": 1,
                "backend_queue": 0,
                "request_headers": "shop.example",
                "response_headers": "",
                "method": "GET",
                "path": "/cart?id=8",
                "protocol": "HTTP/1.1",
            },
        ),
        Sample(
            '203.0.113.9:33318 [05/Mar/2024:09:14:02.018] shop shop/<NOSRV> -1/-1/-1/-1/+5000 408 +212 - - cR-- 7/5/0/0/+0 0/0 "<BADREQ>"',
            {
                "message": "<BADREQ>",
                "method": None,
                "request_s": None,
                "duration_s": 5.0,
                "status": 408,
                "bytes": 212,
                "server": "<NOSRV>",
                "termination": "cR--",
                "hostname": None,
                "request_headers": None,
            },
        ),
        Sample(
            '2001:db8::7:33318 [05/Mar/2024:09:14:02.018] shop~ shop/a 0/0/1/2/3 200 17 - - ---- 1/1/0/0/0 0/0 "GET / HTTP/2.0" '
            "0/0000000000000000/0/0/0 shop.example/TLSv1.3/TLS_AES_256_GCM_SHA384",
            {
                "client_ip": "2001:db8::7",
                "client_port": 33318,
                "trailing": "0/0000000000000000/0/0/0 shop.example/TLSv1.3/TLS_AES_256_GCM_SHA384",
            },
        ),
        Sample(
            "<134>Mar  5 09:14:02 haproxy[14387]: 10.0.1.2:33313 [05/Mar/2024:09:14:01.543] sql bck/db-1 0/12/5007 212 -- 3/2/1/1/0 0/0",
            {
                "timestamp": "2024-03-05T09:14:01.543Z",
                "severity": 9,
                "priority": 134,
                "message": None,
                "hostname": None,
                "queue_s": 0.0,
                "connect_s": 0.012,
                "duration_s": 5.007,
                "bytes": 212,
                "termination": "--",
                "status": None,
            },
        ),
        Sample(
            "10.0.1.2:34549 [05/Mar/2024:09:14:07.101] shop/https: Connection error during SSL handshake",
            {"message": "Connection error during SSL handshake", "frontend": "shop", "bind": "https", "backend": None},
        ),
        Sample(
            "Mar  5 09:14:07 edge-1 haproxy[14387]: Proxy shop started.",
            {"time_quality": "year_inferred", "message": "Proxy shop started.", "hostname": "edge-1", "pid": 14387},
        ),
    ),
)
