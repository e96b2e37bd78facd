"""nginx's access log: the combined format, and whatever a site appends to it (as the shipped `main` does).

Where a list of forwarded addresses stands in place of the client's, the client is the first of them that is public.
Lines of the common format among the others are read too, and those that Jetty writes, with spaces to spare.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from logq.formats._access import BYTES, COMMON, DTYPES, HEAD, LOOSE_REQUEST, PERSON, REQUEST, STAMP, TAIL
from logq.formats.base import Format, Sample

APPENDED: Final = r'"(?: (?P<trailing>.*))?$'
ADDRESS: Final = "[0-9A-Fa-f.:]+"
FORWARDED: Final = rf'^(?P<client_addresses>"?{ADDRESS}(?:"?,? {ADDRESS})+) {PERSON}'
PADDED: Final = r'"(?: +(?P<trailing>.*))?$'
SPACED: Final = r"^(?P<client_ip>[^ ]+) (?P<ident>[^ ]+) +(?P<user>[^ ]+) +\[(?P<timestamp>[^\]]*)\] "
PRIVATE: Final = (
    r"^(?:10\.|127\.|192\.168\.|169\.254\.|172\.(?:1[6-9]|2[0-9]|3[01])\.|::1$|[Ff][CcDd][0-9A-Fa-f]{2}:|[Ff][Ee]80:)"
)


def _client() -> pl.Expr:
    """The address that stands alone, else the first public one of the list, else the first."""
    every, item = pl.col("client_addresses").str.extract_all(ADDRESS), pl.element()
    public = every.list.eval(item.filter(~item.str.contains(PRIVATE))).list.first()
    return pl.coalesce("client_ip", public, every.list.first())


NGINX_ACCESS: Final = Format(
    name="nginx_access",
    title="nginx access log (combined, main)",
    patterns=(
        rf"{HEAD}{REQUEST}{BYTES}{TAIL}{APPENDED}",
        rf"{HEAD}{LOOSE_REQUEST}{BYTES}{TAIL}{APPENDED}",
        rf"{HEAD}{LOOSE_REQUEST}{BYTES}{TAIL}$",
        *COMMON,
        rf"{FORWARDED}{REQUEST}{BYTES}{TAIL}{APPENDED}",
        rf"{FORWARDED}{LOOSE_REQUEST}{BYTES}{TAIL}{APPENDED}",
        rf"{SPACED}{REQUEST}{BYTES}{TAIL}{PADDED}",
        rf"{SPACED}{LOOSE_REQUEST}{BYTES}{TAIL}{PADDED}",
    ),
    stamp=STAMP,
    message=("request",),
    dtypes=DTYPES,
    derived={"forwarded_for": pl.col("trailing").str.extract(r'^"([^"-][^"]*)"'), "client_ip": _client()},
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
        Sample(
            '198.51.100.4 - - [05/Mar/2024:09:14:26 +0000] "HEAD / HTTP/1.1" 200 -',
            {"client_ip": "198.51.100.4", "method": "HEAD", "bytes": None, "referrer": None},
        ),
        Sample('198.51.100.4 - - [05/Mar/2024:09:14:27 +0000] "-" 408 -', {"request": None, "status": 408}),
        Sample(
            '10.0.0.2, 203.0.113.9, 127.0.0.1 - - [05/Mar/2024:09:14:28 +0000] "GET / HTTP/1.1" 200 571 "-" "curl/8.5.0"',
            {"client_ip": "203.0.113.9", "client_addresses": "10.0.0.2, 203.0.113.9, 127.0.0.1", "status": 200},
        ),
        Sample(
            '"10.5.102.222, 10.0.0.7" 10.2.1.185 - - [05/Mar/2024:09:14:29 +0000] "" 400 0 "-" "-"',
            {"client_ip": "10.5.102.222", "client_addresses": '"10.5.102.222, 10.0.0.7" 10.2.1.185', "request": ""},
        ),
        Sample(
            '198.51.100.4 -  -  [05/Mar/2024:09:14:30 +0000] "POST /cart HTTP/1.1" 200 - "-" "-"  293',
            {"user": None, "method": "POST", "status": 200, "trailing": "293"},
        ),
        Sample('198.51.100.4 -  ines  [05/Mar/2024:09:14:31 +0000] "" 400 0 "-" "-"', {"user": "ines", "request": ""}),
    ),
)
