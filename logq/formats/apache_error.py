"""Apache's error log, of 2.2 and of 2.4."""

from __future__ import annotations

from typing import Final

import polars as pl

from logq.formats.base import Format, Sample, Stamp

HEAD: Final = r"^\[(?P<timestamp>[^\]]+)\] "
LEVEL: Final = r"(?P<level>[a-z]+[0-8]?)\] "
CLIENT: Final = r"(?:\[client (?P<client_ip>[^\]]+?)(?::(?P<client_port>[0-9]+))?\] )?"
OLD_CLIENT: Final = r"(?:\[client (?P<client_ip>[^\]]+)\] )?"
MESSAGE: Final = r"(?P<message>(?s:.*))$"
WORDS: Final = r"emerg|alert|crit|error|warn|notice|info|debug|trace[1-8]"

APACHE_ERROR: Final = Format(
    name="apache_error",
    title="Apache error log",
    patterns=(
        rf"{HEAD}\[(?P<module>[\w.-]*):{LEVEL}\[pid (?P<pid>[0-9]+)(?::tid (?P<tid>[0-9]+))?\] {CLIENT}{MESSAGE}",
        rf"{HEAD}\[(?P<level>{WORDS})\] {OLD_CLIENT}{MESSAGE}",
        # A format of the site's own, in which dashes stand for level, module and process
        rf"{HEAD}-(?: -)*(?: {CLIENT}(?P<message>[^-\n](?s:.*)))?$",
    ),
    stamp=Stamp(
        layouts=(
            "%a %b %d %H:%M:%S%.f %Y",
            "%d/%b/%Y:%H:%M:%S %z",
            "%Y-%m-%d %H:%M:%S%.f",
            "%Y/%m/%d %H:%M:%S",
        )
    ),
    # trace1 is the coarsest of Apache's eight.
    severities={"trace1": 4, "trace2": 3, "trace3": 2, **{f"trace{n}": 1 for n in range(4, 9)}},
    dtypes=dict.fromkeys(("pid", "tid", "client_port"), pl.Int64()),
    reference="https://httpd.apache.org/docs/2.4/logs.html#errorlog",
    start=r"^\[[^\]]+\] [\[-]",
    samples=(
        Sample(
            "[Tue Mar 05 09:14:02.518231 2024] [proxy:error] [pid 4118:tid 140231] [client 203.0.113.9:50412] "
            "AH00898: Error reading from remote server returned by /cart",
            {
                "timestamp": "2024-03-05T09:14:02.518231Z",
                "time_quality": "zone_assumed",
                "level": "ERROR",
                "severity": 17,
                "message": "AH00898: Error reading from remote server returned by /cart",
                "module": "proxy",
                "pid": 4118,
                "tid": 140231,
                "client_ip": "203.0.113.9",
                "client_port": 50412,
            },
        ),
        Sample(
            "[Tue Mar 05 09:14:02.518231 2024] [ssl:trace4] [pid 4118] handshake: start",
            {
                "level": "TRACE",
                "severity": 1,
                "module": "ssl",
                "tid": None,
                "client_ip": None,
                "message": "handshake: start",
            },
        ),
        Sample(
            "[Tue Mar  5 09:14:02 2024] [crit] [client 2001:db8::5] (13)Permission denied: /srv/.htaccess unreadable",
            {
                "timestamp": "2024-03-05T09:14:02Z",
                "level": "ERROR",
                "severity": 18,
                "message": "(13)Permission denied: /srv/.htaccess unreadable",
                "module": None,
                "pid": None,
                "client_ip": "2001:db8::5",
                "client_port": None,
            },
        ),
        Sample("[2024/03/05 09:14:02] - - - -", {"timestamp": "2024-03-05T09:14:02Z", "level": None, "message": None}),
        Sample("[2024/03/05 09:14:03] - - [client 203.0.113.9:50412] lost", {"client_port": 50412, "message": "lost"}),
    ),
)
