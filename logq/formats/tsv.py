"""Tab-separated values, with a header line or without."""

from __future__ import annotations

from typing import Final

from logq.formats._names import LEVELS, MESSAGES, STAMP
from logq.formats.base import Format, Sample

TSV: Final = Format(
    name="tsv",
    title="Tab-separated values",
    kind="csv",
    separator="\t",
    stamp=STAMP,
    level=LEVELS,
    message=MESSAGES,
    reference="https://www.iana.org/assignments/media-types/text/tab-separated-values",
    samples=(
        # The first line is the header, the second the entry.
        Sample(
            "timestamp\tlevel\tshelf\tmessage\n2024-03-05T09:14:02.518Z\tWARN\t17\tscanner slow, retrying",
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
