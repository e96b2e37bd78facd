"""JSON lines: one object a line, of any schema."""

from __future__ import annotations

from typing import Final

from logq.formats._names import LEVELS, MESSAGES, STAMP
from logq.formats.base import Format, Sample

JSON: Final = Format(
    name="json",
    title="JSON lines",
    kind="json",
    stamp=STAMP,
    level=LEVELS,
    message=MESSAGES,
    # Bunyan and Pino write numbers.
    severities={"10": 1, "20": 5, "30": 9, "40": 13, "50": 17, "60": 21},
    reference="https://jsonlines.org/",
    samples=(
        Sample(
            '{"ts":"2024-03-05T09:14:02.518Z","level":"warn","msg":"retrying charge","order":{"id":8123},"attempt":2}',
            {
                "timestamp": "2024-03-05T09:14:02.518Z",
                "time_quality": "exact",
                "level": "WARN",
                "severity": 13,
                "message": "retrying charge",
                "order.id": 8123,
                "attempt": 2,
            },
        ),
        Sample(
            '{"level":50,"time":1709630042518,"pid":71,"hostname":"till-3","msg":"card reader gone"}',
            {
                "timestamp": "2024-03-05T09:14:02.518Z",
                "time_quality": "exact",
                "level": "ERROR",
                "severity": 17,
                "message": "card reader gone",
                "pid": 71,
                "hostname": "till-3",
            },
        ),
        Sample(
            '{"asctime":"2024-03-05 09:14:02,518","levelname":"CRITICAL","name":"billing","message":"ledger locked"}',
            {
                "timestamp": "2024-03-05T09:14:02.518Z",
                "time_quality": "zone_assumed",
                "level": "ERROR",
                "severity": 18,
                "message": "ledger locked",
                "name": "billing",
            },
        ),
    ),
)
