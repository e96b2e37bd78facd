"""Lines of Python's `logging`: `basicConfig`'s default and the layouts its documentation shows."""

from __future__ import annotations

from typing import Final

from logq.formats.base import Format, Sample, Stamp

DATE: Final = r"(?P<timestamp>[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}(?:[,.][0-9]{3,6})?)"
LEVEL: Final = r"(?P<level>DEBUG|INFO|WARNING|ERROR|CRITICAL)"
LOGGER: Final = r"(?P<logger>[\w.-]+)"
MESSAGE: Final = r"(?P<message>(?s:.*))$"

PYTHON_LOGGING: Final = Format(
    name="python_logging",
    title="Python logging",
    patterns=(
        rf"^{DATE} - {LOGGER} - {LEVEL} - {MESSAGE}",
        rf"^{DATE} \[{LEVEL} *\] {LOGGER}: {MESSAGE}",
        rf"^{LEVEL}:{LOGGER}:{MESSAGE}",
    ),
    stamp=Stamp(layouts=("%Y-%m-%d %H:%M:%S,%3f", "%Y-%m-%d %H:%M:%S%.f")),
    severities={"critical": 21},
    start=r"^(?:[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:|(?:DEBUG|INFO|WARNING|ERROR|CRITICAL):)",
    reference="https://docs.python.org/3/howto/logging.html#changing-the-format-of-displayed-messages",
    samples=(
        Sample(
            "2024-03-05 09:14:02,518 - shop.ledger - CRITICAL - ledger locked\nTraceback (most recent call last):",
            {
                "timestamp": "2024-03-05T09:14:02.518Z",
                "time_quality": "zone_assumed",
                "level": "FATAL",
                "severity": 21,
                "message": "ledger locked\nTraceback (most recent call last):",
                "logger": "shop.ledger",
            },
        ),
        Sample(
            "2024-03-05 09:14:02 [WARNING ] shop.cart: two carts merged",
            {
                "timestamp": "2024-03-05T09:14:02Z",
                "level": "WARN",
                "severity": 13,
                "message": "two carts merged",
                "logger": "shop.cart",
            },
        ),
        Sample(
            "WARNING:root:disk almost full",
            {
                "timestamp": None,
                "time_quality": "missing",
                "level": "WARN",
                "severity": 13,
                "message": "disk almost full",
                "logger": "root",
            },
        ),
    ),
)
