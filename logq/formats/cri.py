"""Container logs as the kubelet's runtimes (containerd, CRI-O) write them.

A long line comes in parts, all but the last tagged `P`: they are one entry, as are the lines of a stack trace, if no
line of the other stream is between them; `scan(by=" (stdout|stderr) [FP]")` joins those too. A message is read on in
the format it is in.
"""

from __future__ import annotations

from typing import Final

from logq.formats.base import Format, Sample, Stamp

TIME: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9:]{5,6})"

CRI: Final = Format(
    name="cri",
    title="Kubernetes container log (CRI)",
    patterns=(rf"^(?P<timestamp>{TIME}) (?P<stream>stdout|stderr) (?P<tag>[FP][^ ]*) (?P<message>(?s:.*))$",),
    stamp=Stamp(layouts=("%Y-%m-%dT%H:%M:%S%.f%#z",)),
    level=(),
    continued=rf"^{TIME} std(?:out|err) P ",
    whose=rf"^{TIME} (std(?:out|err)) ",
    wraps=rf"^{TIME} std(?:out|err) [FP][^ ]* (.*)$",
    reference="https://kubernetes.io/docs/concepts/cluster-administration/logging/",
    samples=(
        Sample(
            "2024-03-05T10:14:02.518231774+01:00 stderr F till: card reader gone",
            {
                "timestamp": "2024-03-05T09:14:02.518231Z",
                "time_quality": "exact",
                "level": None,
                "message": "till: card reader gone",
                "stream": "stderr",
                "tag": "F",
            },
        ),
        Sample(
            "2024-03-05T09:14:03.018231774Z stdout P a line too long for\n2024-03-05T09:14:03.018231975Z stdout F  one part",
            {"timestamp": "2024-03-05T09:14:03.018231Z", "message": "a line too long for one part", "tag": "P"},
        ),
        Sample(
            "2024-03-05T09:14:04.018231774Z stderr F java.io.IOException: gone\n"
            "2024-03-05T09:14:04.018231975Z stderr F \tat shop.Till.read(Till.java:7)",
            {"message": "java.io.IOException: gone\n\tat shop.Till.read(Till.java:7)", "stream": "stderr"},
        ),
    ),
)
