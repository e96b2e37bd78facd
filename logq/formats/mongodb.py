"""MongoDB's server log from 4.4 on: JSON lines whose level is a letter."""

from __future__ import annotations

from typing import Final

from logq.formats._names import ISO
from logq.formats.base import Format, Sample, Stamp

MONGODB: Final = Format(
    name="mongodb",
    title="MongoDB server log (JSON)",
    kind="json",
    marks=(r'^\{"t":\{"\$date":"', r'"s":"[FEWID]'),
    stamp=Stamp(layouts=ISO, fields=("t.$date",)),
    level=("s",),
    message=("msg",),
    renames={"c": "component", "ctx": "context"},
    severities={"f": 21, "e": 17, "w": 13, "i": 9, **{f"d{n}": 6 - n for n in range(1, 6)}},
    reference="https://www.mongodb.com/docs/manual/reference/log-messages/",
    samples=(
        Sample(
            '{"t":{"$date":"2024-03-05T10:14:02.518+01:00"},"s":"E","c":"STORAGE","id":4118,"ctx":"till-3","msg":"drawer is stuck",'
            '"attr":{"drawer":7}}',
            {
                "timestamp": "2024-03-05T09:14:02.518Z",
                "time_quality": "exact",
                "level": "ERROR",
                "severity": 17,
                "message": "drawer is stuck",
                "component": "STORAGE",
                "context": "till-3",
                "attr.drawer": 7,
            },
        ),
        Sample(
            '{"t":{"$date":"2024-03-05T09:14:03.018+00:00"},"s":"D2","c":"QUERY","id":4119,"ctx":"till-3","msg":"looking"}',
            {"level": "TRACE", "severity": 4},
        ),
    ),
)
