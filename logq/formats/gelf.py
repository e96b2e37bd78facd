"""Graylog Extended Log Format, one object a line."""

from __future__ import annotations

from typing import Final

from logq.formats.base import Format, Sample, Stamp

GELF: Final = Format(
    name="gelf",
    title="Graylog Extended Log Format (GELF)",
    kind="json",
    marks=(r'"version"\s*:\s*"1\.[01]"', r'"short_message"\s*:', r'"host"\s*:'),
    renames={"host": "hostname", "short_message": "message"},
    stamp=Stamp(layouts=("epoch_s",)),
    severities=dict(zip("01234567", (21, 19, 18, 17, 13, 10, 9, 5), strict=True)),  # syslog's numbers
    reference="https://go2docs.graylog.org/current/getting_in_log_data/gelf.html",
    samples=(
        Sample(
            '{"version":"1.1","host":"till-3","short_message":"card reader gone","full_message":"card reader gone\\n at a.c:7",'
            '"timestamp":1709630042.518,"level":3,"_order_id":8123}',
            {
                "timestamp": "2024-03-05T09:14:02.518Z",
                "time_quality": "exact",
                "level": "ERROR",
                "severity": 17,
                "message": "card reader gone",
                "hostname": "till-3",
                "full_message": "card reader gone\n at a.c:7",
                "_order_id": 8123,
            },
        ),
    ),
)
