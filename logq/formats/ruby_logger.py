"""Ruby's `Logger`, as Rails and Puppet use it."""

from __future__ import annotations

from typing import Final

import polars as pl

from logq.formats.base import Format, Sample, Stamp

TIME: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?"

RUBY_LOGGER: Final = Format(
    name="ruby_logger",
    title="Ruby Logger (Rails)",
    patterns=(
        (
            rf"^[A-Z], \[(?P<timestamp>{TIME}) #(?P<pid>[0-9]+)\] +(?P<level>DEBUG|INFO|WARN|ERROR|FATAL|ANY) -- (?P<program>[^:]*): "
            r"(?:\[(?P<request_id>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\] )?(?P<message>(?s:.*))$"
        ),
    ),
    stamp=Stamp(layouts=("%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f")),
    dtypes={"pid": pl.Int64()},
    nulls=("",),
    start=rf"^[A-Z], \[{TIME} #",
    reference="https://docs.ruby-lang.org/en/3.4/Logger/Formatter.html",
    samples=(
        Sample(
            "I, [2024-03-05T09:14:02.518231 #1266]  INFO -- : [4eebb5e2-2f13-42f8-8644-d6c9a9e244f0] Completed 200 OK in 180ms",
            {
                "timestamp": "2024-03-05T09:14:02.518231Z",
                "time_quality": "zone_assumed",
                "level": "INFO",
                "message": "Completed 200 OK in 180ms",
                "pid": 1266,
                "program": None,
                "request_id": "4eebb5e2-2f13-42f8-8644-d6c9a9e244f0",
            },
        ),
        Sample(
            "E, [2024-03-05T09:14:03 #1266] ERROR -- till: drawer is stuck (RuntimeError)\ntill.rb:7:in 'open'",
            {"level": "ERROR", "program": "till", "message": "drawer is stuck (RuntimeError)\ntill.rb:7:in 'open'"},
        ),
    ),
)
