"""Logback's and Log4j's fallback layout, which prints the time of day without a date."""

from __future__ import annotations

from typing import Final

from logq.formats.base import Format, Sample

PATTERN: Final = (
    r"^(?P<time_of_day>[0-9]{2}:[0-9]{2}:[0-9]{2}[.,][0-9]{3}) \[(?P<thread>[^\]]*)\]"
    r" (?P<level>TRACE|DEBUG|INFO|WARN|ERROR|FATAL) +(?P<logger>[A-Za-z0-9_.$/-]+) +--? (?P<message>(?s:.*))$"
)

LOGBACK: Final = Format(
    name="logback",
    title="Logback default (time of day, no date)",
    patterns=(PATTERN,),
    start=r"^[0-9]{2}:[0-9]{2}:[0-9]{2}[.,][0-9]{3} \[",
    reference="https://logback.qos.ch/manual/configuration.html#automaticConf",
    samples=(
        Sample(
            "22:13:20.123 [main] INFO  com.acme.shop.Till - ready\n  on port 8080",
            {
                "timestamp": None,
                "time_quality": "missing",
                "level": "INFO",
                "severity": 9,
                "message": "ready\n  on port 8080",
                "time_of_day": "22:13:20.123",
                "thread": "main",
                "logger": "com.acme.shop.Till",
            },
        ),
        Sample(
            "22:13:20.123 [exec-1] ERROR com.acme.shop.Till -- drawer is stuck",
            {"level": "ERROR", "thread": "exec-1", "message": "drawer is stuck"},
        ),
    ),
)
