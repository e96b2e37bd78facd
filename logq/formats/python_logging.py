"""Lines of Python's `logging`: `basicConfig`'s default, the layouts its documentation shows, and others much in use."""

from __future__ import annotations

from typing import Final

import polars as pl

from logq.formats.base import Format, Sample, Stamp

DAY: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
DATE: Final = rf"(?P<timestamp>{DAY}[ T][0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}(?:[,.][0-9]{{3,6}})?)"
LEVEL: Final = r"(?P<level>DEBUG|INFO|WARN(?:ING)?|ERROR|CRITICAL)"
LOGGER: Final = r"(?P<logger>[\w.-]+)"
MESSAGE: Final = r"(?P<message>(?s:.*))$"

PYTHON_LOGGING: Final = Format(
    name="python_logging",
    title="Python logging",
    patterns=(
        rf"^{DATE} - {LOGGER} - {LEVEL} - {MESSAGE}",
        rf"^{DATE} \[{LEVEL} *\] {LOGGER}: {MESSAGE}",
        rf"^{LEVEL}:{LOGGER}:{MESSAGE}",
        # OpenTelemetry's instrumentation
        (
            rf"^{DATE} {LEVEL} \[{LOGGER}\] \[(?P<file_name>[^\]:]+):(?P<file_line>[0-9]+)\] \[trace_id=(?P<trace_id>[^ \]]*)"
            rf" span_id=(?P<span_id>[^ \]]*)[^\]]*\] - {MESSAGE}"
        ),
        rf"^{DATE}(?: \[(?P<pid>[0-9]+)\])?:?{LEVEL}:(?:{LOGGER}:)?{MESSAGE}",
        rf"^\({LOGGER}\): {DATE} {LEVEL} {MESSAGE}",
    ),
    stamp=Stamp(
        layouts=("%Y-%m-%d %H:%M:%S,%3f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S,%3f", "%Y-%m-%dT%H:%M:%S%.f")
    ),
    dtypes=dict.fromkeys(("file_line", "pid"), pl.Int64()),
    nulls=("",),
    severities={"critical": 21},
    start=rf"^(?:(?:\([\w.-]+\): )?{DAY}[ T][0-9]{{2}}:|(?:DEBUG|INFO|WARNING|ERROR|CRITICAL):)",
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
        Sample(
            "2024-03-05 09:14:03,018 INFO [shop.cart] [cart.py:47] [trace_id=f63bcd6b2d5d4f23e5af1da51527c682 span_id=e7849fe8f2eabecd"
            " resource.service.name=shop trace_sampled=True] - two carts merged",
            {
                "timestamp": "2024-03-05T09:14:03.018Z",
                "logger": "shop.cart",
                "file_name": "cart.py",
                "file_line": 47,
                "trace_id": "f63bcd6b2d5d4f23e5af1da51527c682",
                "span_id": "e7849fe8f2eabecd",
                "message": "two carts merged",
            },
        ),
        Sample(
            "2024-03-05 09:14:04,018:WARN:shelf is empty",
            {"timestamp": "2024-03-05T09:14:04.018Z", "level": "WARN", "logger": None, "message": "shelf is empty"},
        ),
        Sample(
            "2024-03-05T09:14:05.018 [2101]INFO:shop.cart:emptied",
            {"timestamp": "2024-03-05T09:14:05.018Z", "pid": 2101, "logger": "shop.cart", "message": "emptied"},
        ),
        Sample(
            "(shop.orm.Mapper): 2024-03-05 09:14:06,018 INFO mapped 7 tables",
            {"timestamp": "2024-03-05T09:14:06.018Z", "logger": "shop.orm.Mapper", "message": "mapped 7 tables"},
        ),
    ),
)
