"""Envoy: its default access log, the one Istio configures, and its own application log."""

from __future__ import annotations

from typing import Final

import polars as pl

from logq.formats._units import seconds
from logq.formats.base import Format, Sample, Stamp

TEXT: Final = r'[^"]*'
REQUEST: Final = r'(?P<request>(?P<method>[^ "]+) (?P<path>[^ "]+) (?P<protocol>[^ "]+))'
HEAD: Final = rf'^\[(?P<timestamp>[^\]]+)\] "{REQUEST}" (?P<status>[0-9]+) (?P<response_flags>[^ ]+)'
COUNTS: Final = (
    r" (?P<bytes_received>[0-9]+) (?P<bytes>[0-9]+) (?P<duration_s>[0-9]+|-) (?P<upstream_duration_s>[0-9]+|-)"
    rf' "(?P<forwarded_for>{TEXT})" "(?P<user_agent>{TEXT})" "(?P<request_id>{TEXT})" "(?P<authority>{TEXT})"'
    rf' "(?P<upstream_host>{TEXT})"'
)
SECONDS: Final = ("duration_s", "upstream_duration_s")

ENVOY: Final = Format(
    name="envoy",
    title="Envoy access log (default, Istio) and application log",
    patterns=(
        rf"{HEAD}{COUNTS}$",
        (
            rf'{HEAD} (?P<response_details>[^ ]+) (?P<termination_details>[^ ]+) "(?P<transport_failure>{TEXT})"{COUNTS}'
            r" (?P<upstream_cluster>[^ ]+) (?P<upstream_local_address>[^ ]+) (?P<downstream_local_address>[^ ]+)"
            r" (?P<downstream_remote_address>[^ ]+) (?P<server_name>[^ ]+) (?P<route>[^ ]+)$"
        ),
        (
            r"^\[(?P<timestamp>[^\]]+)\]\[(?P<thread>[0-9]+)\]\[(?P<level>[a-z]+)\]\[(?P<logger>[^\]]+)\]"
            r" (?:\[(?P<location>[^\]]+:[0-9]+)\] )?(?P<request>.*)$"
        ),
    ),
    stamp=Stamp(layouts=("%Y-%m-%dT%H:%M:%S%.fZ", "%Y-%m-%d %H:%M:%S%.f")),
    message=("request",),
    dtypes={
        **dict.fromkeys(("status", "bytes", "bytes_received", "thread"), pl.Int64()),
        **dict.fromkeys(SECONDS, pl.Float64()),
    },
    derived={name: seconds(name) for name in SECONDS},
    nulls=("-",),
    reference="https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage",
    samples=(
        Sample(
            '[2024-03-05T09:14:02.310Z] "POST /api/v1/locations HTTP/2" 204 - 154 0 226 100 "10.0.35.28" "nsq2http" '
            '"cc21d9b0-cf5c-432b-8c7e-98aeb7988cd2" "locations" "tcp://10.0.2.1:80"',
            {
                "timestamp": "2024-03-05T09:14:02.310Z",
                "time_quality": "exact",
                "level": None,
                "message": "POST /api/v1/locations HTTP/2",
                "method": "POST",
                "path": "/api/v1/locations",
                "protocol": "HTTP/2",
                "status": 204,
                "response_flags": None,
                "bytes_received": 154,
                "bytes": 0,
                "duration_s": 0.226,
                "upstream_duration_s": 0.1,
                "forwarded_for": "10.0.35.28",
                "user_agent": "nsq2http",
                "request_id": "cc21d9b0-cf5c-432b-8c7e-98aeb7988cd2",
                "authority": "locations",
                "upstream_host": "tcp://10.0.2.1:80",
            },
        ),
        Sample(
            '[2024-03-05T09:14:03.018Z] "GET /cart HTTP/1.1" 503 UF upstream_reset_before_response_started{connection_failure} - '
            '"delayed connect error: 111" 0 91 12 - "-" "curl/8.5.0" "6f1a" "shop:8000" "10.44.1.27:80" '
            "outbound|8000||shop.default.svc.cluster.local - 10.44.1.27:80 10.44.1.23:37652 - default",
            {
                "status": 503,
                "response_flags": "UF",
                "response_details": "upstream_reset_before_response_started{connection_failure}",
                "termination_details": None,
                "transport_failure": "delayed connect error: 111",
                "upstream_duration_s": None,
                "forwarded_for": None,
                "upstream_cluster": "outbound|8000||shop.default.svc.cluster.local",
                "downstream_remote_address": "10.44.1.23:37652",
                "route": "default",
            },
        ),
        Sample(
            "[2024-03-05 09:14:02.518][7][warning][config] [source/common/config/grpc_stream.h:92] StreamListeners closed: 14",
            {
                "timestamp": "2024-03-05T09:14:02.518Z",
                "time_quality": "zone_assumed",
                "level": "WARN",
                "message": "StreamListeners closed: 14",
                "thread": 7,
                "logger": "config",
                "location": "source/common/config/grpc_stream.h:92",
            },
        ),
    ),
)
