"""The kernel's ring buffer as `dmesg` prints it; its clock counts from the start of the machine and names no time."""

from __future__ import annotations

from typing import Final

import polars as pl

from logq.formats._syslog import DERIVED
from logq.formats.base import Format, Sample

KERNEL: Final = Format(
    name="kernel",
    title="Kernel ring buffer (dmesg)",
    patterns=(
        (
            r"^(?:<(?P<priority>[0-9]+)>)?\[ *(?P<uptime_s>[0-9]+\.[0-9]+)\] (?:(?P<subsystem>[A-Za-z][^: ]*(?: [^: ]+)?): )?"
            r"(?P<message>(?s:.*))$"
        ),
    ),
    level=(),
    dtypes={"priority": pl.Int64(), "uptime_s": pl.Float64()},
    derived={"severity": DERIVED["severity"]},
    reference="https://man7.org/linux/man-pages/man1/dmesg.1.html",
    start=r"^(?:<[0-9]+>)?\[ *[0-9]+\.[0-9]+\] ",
    samples=(
        Sample(
            "[   12.345678] usb 1-1: new high-speed USB device number 2 using xhci_hcd",
            {
                "timestamp": None,
                "time_quality": "missing",
                "level": None,
                "uptime_s": 12.345678,
                "subsystem": "usb 1-1",
                "message": "new high-speed USB device number 2 using xhci_hcd",
                "priority": None,
            },
        ),
        Sample(
            "<3>[98231.000412] Out of memory: Killed process 4118 (java)",
            {
                "level": "ERROR",
                "severity": 17,
                "priority": 3,
                "uptime_s": 98231.000412,
                "subsystem": None,
                "message": "Out of memory: Killed process 4118 (java)",
            },
        ),
    ),
)
