"""logfmt: `key=value` pairs, values quoted where they hold spaces."""

from __future__ import annotations

from typing import Final

from logq.formats._names import LEVELS, MESSAGES, STAMP
from logq.formats.base import Format, Sample

LOGFMT: Final = Format(
    name="logfmt",
    title="logfmt",
    kind="logfmt",
    stamp=STAMP,
    level=(*LEVELS, "at"),  # Heroku writes at=info
    message=MESSAGES,
    reference="https://brandur.org/logfmt",
    samples=(
        Sample(
            'ts=2024-03-05T09:14:02.518Z level=error caller=sync.go:88 msg="mirror \\"north\\" is behind" lag=41s',
            {
                "timestamp": "2024-03-05T09:14:02.518Z",
                "time_quality": "exact",
                "level": "ERROR",
                "severity": 17,
                "message": 'mirror "north" is behind',
                "caller": "sync.go:88",
                "lag": "41s",
            },
        ),
        Sample(
            "at=info method=GET path=/status dyno=web.2 connect=1ms service=7ms status=200",
            {
                "timestamp": None,
                "time_quality": "missing",
                "level": "INFO",
                "severity": 9,
                "message": None,
                "path": "/status",
                "status": "200",
            },
        ),
    ),
)
