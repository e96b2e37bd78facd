"""Android's log as `logcat` prints it: `threadtime`, `time` and `brief`."""

from __future__ import annotations

from typing import Final

import polars as pl

from logq.formats.base import Format, Sample, Stamp

TIME: Final = r"(?:[0-9]{4}-)?[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3,6}"
LEVEL: Final = "(?P<level>[VDIWEFA])"
MESSAGE: Final = "(?P<message>(?s:.*))$"

LOGCAT: Final = Format(
    name="logcat",
    title="Android logcat",
    patterns=(
        # The usual shape, with one way to go on at every byte; the next takes any.
        (
            rf"^(?P<timestamp>[0-9]{{2}}-[0-9]{{2}} [0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}\.[0-9]{{3,6}}) +(?P<pid>[0-9]+) +(?P<tid>[0-9]+)"
            rf" {LEVEL} (?P<tag>[^ :]+) *: {MESSAGE}"
        ),
        rf"^(?P<timestamp>{TIME})(?: +(?P<uid>[a-z0-9_]+))? +(?P<pid>[0-9]+) +(?P<tid>[0-9]+) {LEVEL} (?:(?P<tag>[^:]*[^ :]) *: )?{MESSAGE}",
        rf"^(?:(?P<timestamp>{TIME}) )?{LEVEL}/(?P<tag>[^(]*?) *\( *(?P<pid>[0-9]+)\): {MESSAGE}",
    ),
    stamp=Stamp(layouts=("%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f")),
    severities={"v": 1, "d": 5, "i": 9, "w": 13, "e": 17, "f": 21, "a": 21},
    dtypes=dict.fromkeys(("pid", "tid"), pl.Int64()),
    start=rf"^(?:{TIME} |[VDIWEFA]/[^(]*\( *[0-9]+\): )",
    reference="https://developer.android.com/tools/logcat#outputFormat",
    samples=(
        Sample(
            "03-05 09:14:02.518  1702  2395 D WindowManager: printFreezingDisplayLogsopening app",
            {
                "time_quality": "year_inferred",
                "level": "DEBUG",
                "severity": 5,
                "message": "printFreezingDisplayLogsopening app",
                "uid": None,
                "pid": 1702,
                "tid": 2395,
                "tag": "WindowManager",
            },
        ),
        Sample(
            "2024-03-05 09:14:03.018  root  1215  1216 W battery stats: at 15 %\nstill charging",
            {
                "timestamp": "2024-03-05T09:14:03.018Z",
                "level": "WARN",
                "uid": "root",
                "tag": "battery stats",
                "message": "at 15 %\nstill charging",
            },
        ),
        Sample(
            "03-05 09:14:04.018 V/Configuration( 1766): locales updated",
            {"level": "TRACE", "tag": "Configuration", "pid": 1766, "tid": None, "message": "locales updated"},
        ),
    ),
)
