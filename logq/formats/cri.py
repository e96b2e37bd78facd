"""Container logs as the kubelet's runtimes (containerd, CRI-O) write them."""

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
    ),
)
