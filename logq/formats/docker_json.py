"""What Docker's `json-file` driver keeps of a container's output; the messages are read on in the format they are in.

A line of more than 16 KiB comes in parts, of which only the last ends in a newline: they are one entry, as are the
lines of a stack trace, if no line of the other stream is between them; `scan(by='"stream":"(stdout|stderr)"')` joins
those too.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from logq.formats.base import Format, Sample, Stamp

LOG: Final = r'^\s*\{\s*"log"\s*:\s*"'
HEX: Final = "[0-9A-Fa-f]"
OTHER: Final = (
    rf'(?:[^"\\]|\\u(?:[1-9A-Fa-f]{HEX}{{3}}|0[1-9A-Fa-f]{HEX}{{2}}|00[1-9A-Fa-f]{HEX}|000[0-9B-Fb-f])|\\[^nu])'
)
"""A character of a JSON string, as it is written there, that is no newline."""

PART: Final = 16 << 10
"""Bytes of a line after which Docker begins another part."""

DOCKER_JSON: Final = Format(
    name="docker_json",
    title="Docker container log (json-file)",
    kind="json",
    marks=(r'"log"\s*:\s*"', r'"stream"\s*:\s*"std(?:out|err)"', r'"time"\s*:\s*"'),
    renames={"log": "message", "time": "timestamp"},
    stamp=Stamp(layouts=("%Y-%m-%dT%H:%M:%S%.f%#z",)),
    level=(),
    continued=rf'{LOG}(?:[^"\\]|\\.)*{OTHER}"',
    whose=r'"stream"\s*:\s*"(std(?:out|err))"',
    least=PART,
    wraps=rf'{LOG}((?:[^"\\]|\\.)*)".*\}}\s*$',
    derived={"message": pl.col("message").str.strip_suffix("\n").str.strip_suffix("\r")},
    reference="https://docs.docker.com/engine/logging/drivers/json-file/",
    samples=(
        Sample(
            '{"log":"card reader gone\\n","stream":"stderr","time":"2024-03-05T09:14:02.518231774Z"}',
            {
                "timestamp": "2024-03-05T09:14:02.518231Z",
                "time_quality": "exact",
                "level": None,
                "message": "card reader gone",
                "stream": "stderr",
            },
        ),
        Sample(
            '{"log":"java.io.IOException: gone\\n","stream":"stderr","time":"2024-03-05T09:14:04.018231774Z"}\n'
            '{"log":"\\tat shop.Till.read(Till.java:7)\\n","stream":"stderr","time":"2024-03-05T09:14:04.018231975Z"}',
            {"message": "java.io.IOException: gone\n\tat shop.Till.read(Till.java:7)", "stream": "stderr"},
        ),
    ),
)
