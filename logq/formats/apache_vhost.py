"""Apache's access log of several virtual hosts (`vhost_combined`, and `vhost_common`): which host, then the combined format."""

from __future__ import annotations

from typing import Final

import polars as pl

from logq.formats._access import BYTES, DTYPES, LOOSE_REQUEST, PERSON, REQUEST, STAMP, TAIL
from logq.formats.base import Format, Sample

HEAD: Final = rf"^(?P<virtual_host>[^ :]+)(?::(?P<server_port>[0-9]+))? (?P<client_ip>[^ ]+) {PERSON}"

APACHE_VHOST: Final = Format(
    name="apache_vhost",
    title="Apache access log of virtual hosts",
    patterns=(
        rf'{HEAD}{REQUEST}{BYTES}{TAIL}"$',
        rf'{HEAD}{LOOSE_REQUEST}{BYTES}{TAIL}"$',
        rf"{HEAD}{REQUEST}{BYTES}$",
        rf"{HEAD}{LOOSE_REQUEST}{BYTES}$",
    ),
    stamp=STAMP,
    level=(),
    message=("request",),
    dtypes={**DTYPES, "server_port": pl.Int64()},
    nulls=("-",),
    reference="https://httpd.apache.org/docs/2.4/logs.html#virtualhost",
    samples=(
        Sample(
            'shop.example:443 203.0.113.9 - mara [05/Mar/2024:10:14:02 +0100] "POST /cart HTTP/2.0" 302 512 "-" "curl/8.5.0"',
            {
                "timestamp": "2024-03-05T09:14:02Z",
                "time_quality": "exact",
                "level": None,
                "message": "POST /cart HTTP/2.0",
                "virtual_host": "shop.example",
                "server_port": 443,
                "client_ip": "203.0.113.9",
                "ident": None,
                "user": "mara",
                "method": "POST",
                "path": "/cart",
                "protocol": "HTTP/2.0",
                "status": 302,
                "bytes": 512,
                "referrer": None,
                "user_agent": "curl/8.5.0",
            },
        ),
        Sample(
            'shop.example:80 203.0.113.9 - - [05/Mar/2024:09:14:03 +0000] "-" 408 0 "-" "-"',
            {"message": None, "method": None, "status": 408, "user_agent": None},
        ),
        Sample(
            'shop.example 203.0.113.9 - - [05/Mar/2024:09:14:04 +0000] "GET / HTTP/1.1" 200 91',
            {"virtual_host": "shop.example", "server_port": None, "path": "/", "referrer": None},
        ),
        Sample(
            r'shop.example 203.0.113.9 - - [05/Mar/2024:09:14:05 +0000] "\x16\x03" 400 226',
            {"message": r"\x16\x03", "method": None, "status": 400},
        ),
    ),
)
