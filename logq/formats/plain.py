"""Any text: the fallback, where a line is its own message."""

from __future__ import annotations

from typing import Final

from logq.formats.base import Format, Sample

PLAIN: Final = Format(
    name="plain",
    title="Plain text",
    kind="plain",
    level=(),
    message=(),
    samples=(
        Sample(
            "listening on :8080 since 09:14",
            {
                "timestamp": None,
                "time_quality": "missing",
                "level": None,
                "severity": None,
                "message": "listening on :8080 since 09:14",
            },
        ),
    ),
)
