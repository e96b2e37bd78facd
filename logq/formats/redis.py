"""The log of Redis, from 1.2 on; its levels are single characters."""

from __future__ import annotations

from typing import Final

import polars as pl

from logq.formats.base import Format, Sample, Stamp

STAMP: Final = r"[0-9]{1,2} [A-Z][a-z]{2} [0-9]{2}(?:[0-9]{2} [0-9]{2})?:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?"

REDIS: Final = Format(
    name="redis",
    title="Redis log",
    patterns=(
        rf"^(?P<pid>[0-9]+):(?P<role>[A-Z]) (?P<timestamp>{STAMP}) (?P<level>[.*#-]) (?P<message>(?s:.*))$",
        rf"^(?:\[(?P<pid>[0-9]+)\] )?(?P<timestamp>{STAMP}) (?P<level>[.*#-]) (?P<message>(?s:.*))$",
        r"^(?P<pid>[0-9]+):signal-handler \((?P<timestamp>[0-9]+)\) (?P<message>(?s:.*))$",
    ),
    stamp=Stamp(layouts=("%d %b %Y %H:%M:%S%.f", "%d %b %H:%M:%S%.f", "epoch_s")),
    severities={".": 5, "-": 9, "*": 10, "#": 13},
    dtypes={"pid": pl.Int64()},
    derived={
        "role": pl.col("role").replace_strict(
            {"X": "sentinel", "C": "child", "S": "replica", "M": "master"}, default=None, return_dtype=pl.String
        )
    },
    reference="https://redis.io/docs/latest/operate/oss_and_stack/management/config-file/",
    start=rf"^(?:(?:[0-9]+:[A-Z] |\[[0-9]+\] )?{STAMP} [.*#-] |[0-9]+:signal-handler \()",
    samples=(
        Sample(
            "26571:M 27 Dec 2018 11:19:18.874 * Synchronization with replica 10.0.0.18:6023 succeeded",
            {
                "timestamp": "2018-12-27T11:19:18.874Z",
                "time_quality": "zone_assumed",
                "level": "INFO",
                "severity": 10,
                "message": "Synchronization with replica 10.0.0.18:6023 succeeded",
                "pid": 26571,
                "role": "master",
            },
        ),
        Sample(
            "[2932] 31 May 04:32:08 # Can't save in background: fork: Cannot allocate memory",
            {
                "time_quality": "year_inferred",
                "level": "WARN",
                "message": "Can't save in background: fork: Cannot allocate memory",
                "pid": 2932,
                "role": None,
            },
        ),
        Sample(
            "30 May 10:05:20 . 0 clients connected", {"level": "DEBUG", "message": "0 clients connected", "pid": None}
        ),
        Sample(
            "5092:signal-handler (1709630042) Received SIGINT scheduling shutdown...",
            {
                "timestamp": "2024-03-05T09:14:02Z",
                "time_quality": "exact",
                "level": None,
                "message": "Received SIGINT scheduling shutdown...",
                "pid": 5092,
            },
        ),
    ),
)
