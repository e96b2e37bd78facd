"""What the Java Service Wrapper keeps of a program's output; the messages are read on in the format they are in."""

from __future__ import annotations

from typing import Final

from logq.formats.base import Format, Sample, Stamp

JAVA_WRAPPER: Final = Format(
    name="java_wrapper",
    title="Java Service Wrapper log",
    patterns=(
        (
            r"^(?P<status>[A-Z]+) *\| (?P<origin>[^|]*[^| ]) *\| (?P<timestamp>[0-9]{4}/[0-9]{2}/[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}) \|"
            r" (?P<message>(?s:.*))$"
        ),
    ),
    stamp=Stamp(layouts=("%Y/%m/%d %H:%M:%S",)),
    level=("status",),
    wraps=r"^(?:[^|\n]*\|){3} (.*)$",
    whose=r"^[^|]*\|([^|]*)\|",
    reference="https://wrapper.tanukisoftware.com/doc/english/prop-logfile-format.html",
    samples=(
        Sample(
            "INFO   | jvm 1    | 2024/03/05 09:14:02 | card reader gone",
            {
                "timestamp": "2024-03-05T09:14:02Z",
                "time_quality": "zone_assumed",
                "level": "INFO",
                "message": "card reader gone",
                "status": "INFO",
                "origin": "jvm 1",
            },
        ),
        Sample(
            "INFO   | jvm 1    | 2024/03/05 09:14:03 | java.io.IOException: gone\n"
            "INFO   | jvm 1    | 2024/03/05 09:14:03 | \tat shop.Till.read(Till.java:7)",
            {"message": "java.io.IOException: gone\n\tat shop.Till.read(Till.java:7)", "origin": "jvm 1"},
        ),
    ),
)
