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

LONG_ISO: Final = (
    *(
        f"%Y-%m-%d{between}%H:%M:%S{rest}"
        for rest in (",%f%#z", ",%f", ",%f %#z", "%.f UTC", "%.f GMT", ",%f UTC", "%.f %z %Z")
        for between in ("T", " ")
    ),
    *(f"{day}T%H:%M:%S%.f{zone}" for day in ("%Y-%j", "%G-W%V-%u") for zone in ("%#z", "")),
    *(f"%Y%m%d{between}%H%M%S%.f{zone}" for between in ("T", " ") for zone in ("%#z", "")),
    "%Y-%m-%dT%H:%M%#z",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d %H:%M",
)
"""The rarer shapes of ISO 8601: ordinal and week dates, the basic form, fractions of any length, zones as words."""

MAIL: Final = (
    "%a, %d %b %Y %H:%M:%S %z",
    "%a, %d %b %Y %H:%M:%S GMT",
    "%a, %d %b %Y %H:%M:%S UTC",
    "%d %b %Y %H:%M:%S %z",
    "%A, %d-%b-%y %H:%M:%S GMT",
    "%a %b %e %H:%M:%S%.f %Y",
    "%a %b %e %H:%M:%S UTC %Y",
    "%a %b %e %H:%M:%S %z %Y",
)
"""RFC 2822, RFC 850, asctime and what `date` prints."""

WORDED: Final = (
    "%d/%b/%Y:%H:%M:%S%.f",
    "%d-%b-%Y %H:%M:%S%.f",
    "%d %b %Y %H:%M:%S%.f",
    "%d %b %Y %H:%M:%S,%f",
    "%b %d %Y %H:%M:%S%.f",
    "%b %d, %Y %H:%M:%S%.f",
    "%b %d %Y %I:%M:%S %p",
    "%b %d %Y %I:%M %p",
    "%b %d, %Y %I:%M:%S %p",
    "%Y %b %d %H:%M:%S%.f",
    "%Y %b %d %a %H:%M:%S%.f",
)

NUMERIC: Final = (
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y %I:%M %p",
    "%m/%d/%Y %H:%M:%S%.f",
    "%d.%m.%Y %H:%M:%S%.f",
    "%d.%m.%Y %H:%M:%S,%f",
)
"""Of dates with slashes the month comes first, as in the United States: no row could tell otherwise."""

STAMP: Final = Stamp(
    layouts=(
        *ISO,
        "%Y/%m/%d %H:%M:%S%.f",
        "%d/%b/%Y:%H:%M:%S %z",
        MAIL[0],
        *EPOCHS,
        *LONG_ISO,
        *MAIL[1:],
        *WORDED,
        *NUMERIC,
        "%b %e %H:%M:%S%.f",
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
        "timestamp_ns",
        "timeMillis",
        "created_at",
        "@t",
        "t.$date",
        "time_iso8601",
        "time_local",
        "requestReceivedTimestamp",
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
    "logEvent.message",
    "Message",
    "MESSAGE",
    "@m",
    "@mt",
)
