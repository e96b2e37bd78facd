"""What Java's own logger, `java.util.logging`, prints unless told otherwise: two lines, the level in the second."""

from __future__ import annotations

from typing import Final

from logq.formats.base import Format, Sample, Stamp

CLOCK: Final = r"[A-Z][a-z]{2} [0-9]{2}, [0-9]{4} [0-9]{1,2}:[0-9]{2}:[0-9]{2}[ \x{202F}][AP]M"
LEVEL: Final = "SEVERE|WARNING|INFO|CONFIG|FINE|FINER|FINEST"

JAVA_UTIL_LOGGING: Final = Format(
    name="java_util_logging",
    title="Java's own logger (java.util.logging)",
    patterns=(
        # The second line need not be there for the first to be known by.
        (
            rf"^(?P<timestamp>{CLOCK}) (?P<logger>[^ :\n]+)(?: (?P<method>[^ :\n]+))?"
            rf"(?:\n(?:(?P<level>{LEVEL}): )?(?P<message>(?s:.*)))?$"
        ),
    ),
    stamp=Stamp(layouts=("%b %d, %Y %I:%M:%S %p", "%b %d, %Y %I:%M:%S\u202f%p")),
    start=rf"^{CLOCK} [^ :]+(?: [^ :]+)?$",
    reference="https://docs.oracle.com/en/java/javase/21/docs/api/java.logging/java/util/logging/SimpleFormatter.html",
    samples=(
        Sample(
            "Mar 05, 2024 9:14:02 PM com.acme.shop.Till open\nSEVERE: drawer is stuck\njava.io.IOException: slot 7\n\tat a.B",
            {
                "timestamp": "2024-03-05T21:14:02Z",
                "time_quality": "zone_assumed",
                "level": "ERROR",
                "severity": 17,
                "message": "drawer is stuck\njava.io.IOException: slot 7\n\tat a.B",
                "logger": "com.acme.shop.Till",
                "method": "open",
            },
        ),
        Sample(
            "Mar 05, 2024 12:14:03 AM till\nFINE: drawer opens",
            {"timestamp": "2024-03-05T00:14:03Z", "level": "DEBUG", "severity": 6, "logger": "till", "method": None},
        ),
        Sample(
            "Mar 05, 2024 9:14:04\u202fAM com.acme.shop.Till open",
            {"timestamp": "2024-03-05T09:14:04Z", "level": None, "message": None},
        ),
    ),
)
