"""What Docker's `json-file` driver keeps of a container's output; the messages are read on in the format they are in."""

from __future__ import annotations

from typing import Final

import polars as pl

from logq.formats.base import Format, Sample, Stamp

DOCKER_JSON: Final = Format(
    name="docker_json",
    title="Docker container log (json-file)",
    kind="json",
    marks=(r'"log"\s*:\s*"', r'"stream"\s*:\s*"std(?:out|err)"', r'"time"\s*:\s*"'),
    renames={"log": "message", "time": "timestamp"},
    stamp=Stamp(layouts=("%Y-%m-%dT%H:%M:%S%.f%#z",)),
    level=(),
    wraps=True,
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
    ),
)
