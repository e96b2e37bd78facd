"""The access log of Kubernetes' ingress controller for nginx, in its default format `upstreaminfo`.

Where a request went to several upstreams, their figures stand in one text, parted by `, ` and ` : `; then the numbers are null.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from logq.formats._access import BYTES, DTYPES, HEAD, LOOSE_REQUEST, REQUEST, STAMP, TAIL
from logq.formats.base import Format, Sample

EACH: Final = r"[^ ]+(?:(?:, | : )[^ ]+)*"
INFO: Final = (
    r'" (?P<request_bytes>[0-9]+|-) (?P<request_s>[0-9.]+|-) \[(?P<upstream>[^\]]*)\] \[(?P<alternative_upstream>[^\]]*)\]'
    rf" (?P<upstream_address>{EACH}) (?P<upstream_bytes>{EACH}) (?P<upstream_s>{EACH}) (?P<upstream_status>{EACH})"
    r" (?P<request_id>[0-9a-f-]+)$"
)

NGINX_INGRESS: Final = Format(
    name="nginx_ingress",
    title="Kubernetes ingress-nginx access log",
    patterns=(rf"{HEAD}{REQUEST}{BYTES}{TAIL}{INFO}", rf"{HEAD}{LOOSE_REQUEST}{BYTES}{TAIL}{INFO}"),
    stamp=STAMP,
    level=(),
    message=("request",),
    dtypes={
        **DTYPES,
        **dict.fromkeys(("request_bytes", "upstream_bytes", "upstream_status"), pl.Int64()),
        **dict.fromkeys(("request_s", "upstream_s"), pl.Float64()),
    },
    derived={
        **{
            name: pl.col(name).str.extract("^([0-9]+)$").cast(pl.Int64, strict=False)
            for name in ("upstream_bytes", "upstream_status")
        },
        "upstream_s": pl.col("upstream_s").str.extract(r"^([0-9.]+)$").cast(pl.Float64, strict=False),
    },
    nulls=("-", ""),
    reference="https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/log-format/",
    samples=(
        Sample(
            '203.0.113.9 - mara [05/Mar/2024:10:14:02 +0100] "GET /cart HTTP/2.0" 200 12312 "-" "curl/8.5.0" 462 0.050 '
            "[shop-cart-9000] [] 10.0.50.80:9000 19437 0.049 200 752178adb17130b291aefd8c386279e7",
            {
                "timestamp": "2024-03-05T09:14:02Z",
                "time_quality": "exact",
                "level": None,
                "message": "GET /cart HTTP/2.0",
                "client_ip": "203.0.113.9",
                "user": "mara",
                "method": "GET",
                "path": "/cart",
                "protocol": "HTTP/2.0",
                "status": 200,
                "bytes": 12312,
                "referrer": None,
                "user_agent": "curl/8.5.0",
                "request_bytes": 462,
                "request_s": 0.05,
                "upstream": "shop-cart-9000",
                "alternative_upstream": None,
                "upstream_address": "10.0.50.80:9000",
                "upstream_bytes": 19437,
                "upstream_s": 0.049,
                "upstream_status": 200,
                "request_id": "752178adb17130b291aefd8c386279e7",
            },
        ),
        Sample(
            '203.0.113.9 - - [05/Mar/2024:09:14:03 +0000] "" 400 0 "-" "-" 0 0.001 [] [] '
            "10.0.50.80:9000, 10.0.50.81:9000 0, 12 0.001, 0.002 502, 200 752178adb17130b291aefd8c386279e8",
            {
                "method": None,
                "status": 400,
                "upstream": None,
                "upstream_address": "10.0.50.80:9000, 10.0.50.81:9000",
                "upstream_bytes": None,
                "upstream_s": None,
                "upstream_status": None,
            },
        ),
    ),
)
