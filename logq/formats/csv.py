"""Comma-separated values, with a header line or without."""

from __future__ import annotations

from typing import Final

from logq.formats._names import LEVELS, MESSAGES, STAMP
from logq.formats.base import Format, Sample

CSV: Final = Format(
    name="csv",
    title="Comma-separated values",
    kind="csv",
    separator=",",
    stamp=STAMP,
    level=LEVELS,
    message=MESSAGES,
    reference="https://www.rfc-editor.org/rfc/rfc4180",
    samples=(
        # The first line is the header, the second the entry.
        Sample(
            'timestamp,level,shelf,message\n2024-03-05T09:14:02.518Z,WARN,17,"scanner slow, retrying"',
            {
                "timestamp": "2024-03-05T09:14:02.518Z",
                "time_quality": "exact",
                "level": "WARN",
                "severity": 13,
                "message": "scanner slow, retrying",
                "shelf": 17,
            },
        ),
    ),
)
