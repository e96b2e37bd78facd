"""Google's glog, and klog, which is what Kubernetes writes; with and without the year."""

from __future__ import annotations

from typing import Final

import polars as pl

from logq.formats.base import Format, Sample, Stamp

STAMP: Final = r"[0-9]{4}(?:[0-9]{4})? [0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]+"

GLOG: Final = Format(
    name="glog",
    title="glog and klog (Kubernetes components)",
    patterns=(
        (
            rf"^(?P<level>[DIWEF])(?P<timestamp>{STAMP}) +(?P<tid>[0-9]+) (?P<file_name>[^ :\]]+):(?P<file_line>[0-9]+)\] "
            r"?(?P<message>(?s:.*))$"
        ),
    ),
    stamp=Stamp(layouts=("%m%d %H:%M:%S%.f", "%Y%m%d %H:%M:%S%.f")),
    severities={"d": 5, "i": 9, "w": 13, "e": 17, "f": 21},
    dtypes={"tid": pl.Int64(), "file_line": pl.Int64()},
    reference="https://github.com/google/glog#log-line-prefix",
    start=rf"^[DIWEF]{STAMP} ",
    samples=(
        Sample(
            "E0305 09:14:02.518231    4118 pod_workers.go:1301] Error syncing pod, skipping",
            {
                "time_quality": "year_inferred",
                "level": "ERROR",
                "message": "Error syncing pod, skipping",
                "tid": 4118,
                "file_name": "pod_workers.go",
                "file_line": 1301,
            },
        ),
        Sample(
            "I20240305 09:14:02.518231 4118 main.c++:9] up",
            {
                "timestamp": "2024-03-05T09:14:02.518231Z",
                "time_quality": "zone_assumed",
                "level": "INFO",
                "file_name": "main.c++",
            },
        ),
    ),
)
