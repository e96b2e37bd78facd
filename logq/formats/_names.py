"""Names and layouts that self-describing formats (JSON, logfmt, CSV) use for time, severity and text."""

from __future__ import annotations

from typing import Final

from logq.formats._stamp import EPOCHS, Stamp

__all__ = ["ISO", "LEVELS", "MESSAGES", "STAMP"]

ISO: Final = tuple(
    f"%Y-%m-%d{between}%H:%M:%S{rest}"
    for rest in ("%.f%#z", "%.f", "%.f %#z", ",%3f%#z", ",%3f", ",%6f")
    for between in ("T", " ")
)

STAMP: Final = Stamp(
    layouts=(
        *ISO,
        "%Y/%m/%d %H:%M:%S%.f",
        "%d/%b/%Y:%H:%M:%S %z",
        "%a, %d %b %Y %H:%M:%S %z",
        *EPOCHS,
        "%Y-%m-%dT%H:%M%#z",
        "%Y-%m-%d %H:%M",
    ),
    fields=(
        "timestamp",
        "@timestamp",
        "time",
        "ts",
        "t",
        "datetime",
        "date",
        "eventTime",
        "event_time",
        "asctime",
        "Timestamp",
        "TimeGenerated",
        "timeUnixNano",
        "time_unix_nano",
        "created_at",
        "@t",
        "t.$date",
    ),
)

LEVELS: Final = (
    "level",
    "lvl",
    "severity",
    "log.level",
    "loglevel",
    "log_level",
    "logLevel",
    "levelname",
    "severityText",
    "severity_text",
    "Level",
    "LogLevel",
    "@l",
)

MESSAGES: Final = (
    "message",
    "msg",
    "log",
    "event",
    "text",
    "body",
    "short_message",
    "Message",
    "MESSAGE",
    "@m",
    "@mt",
)
