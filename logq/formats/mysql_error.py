"""The error log of MySQL, 5.1 to 9, and of MariaDB."""

from __future__ import annotations

from typing import Final

import polars as pl

from logq.formats.base import Format, Sample, Stamp

LONG: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ] ?[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9:]+)?"
SHORT: Final = r"[0-9]{6} {1,2}[0-9]{1,2}:[0-9]{2}:[0-9]{2}"
REST: Final = r"(?:\[(?P<level>[A-Za-z]+)\] )?(?:\[(?P<code>MY-[0-9]+)\] )?(?:\[(?P<subsystem>[A-Za-z]+)\] )?(?P<message>(?s:.*))$"

MYSQL_ERROR: Final = Format(
    name="mysql_error",
    title="MySQL and MariaDB error log",
    patterns=(
        rf"^(?P<timestamp>{LONG}) +(?P<thread>[0-9]+) {REST}",
        rf"^(?P<timestamp>{SHORT}) {{1,2}}{REST}",
        # A server that is ready tells its version on a line without a time.
        r"^(?P<message>Version: '(?s:.*))$",
    ),
    stamp=Stamp(
        layouts=("%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%d %k:%M:%S", "%y%m%d %k:%M:%S"),
    ),
    severities={"note": 9, "system": 9},
    dtypes={"thread": pl.Int64()},
    reference="https://dev.mysql.com/doc/refman/8.4/en/error-log-format.html",
    start=rf"^(?:{LONG} +[0-9]+ \[|{SHORT} |Version: ')",
    samples=(
        Sample(
            "2024-03-05T09:14:02.335060Z 0 [Warning] [MY-010068] [Server] CA certificate ca.pem is self signed.",
            {
                "timestamp": "2024-03-05T09:14:02.335060Z",
                "time_quality": "exact",
                "level": "WARN",
                "message": "CA certificate ca.pem is self signed.",
                "thread": 0,
                "code": "MY-010068",
                "subsystem": "Server",
            },
        ),
        Sample(
            "2016-12-09T12:08:33.336610Z 3 [Note] mysqld (mysqld 5.7.10) starting as process 61571 ...",
            {
                "level": "INFO",
                "message": "mysqld (mysqld 5.7.10) starting as process 61571 ...",
                "thread": 3,
                "code": None,
                "subsystem": None,
            },
        ),
        Sample(
            "161209  8:08:33 [ERROR] Can't start server: Bind on TCP/IP port: Address already in use",
            {
                "timestamp": "2016-12-09T08:08:33Z",
                "time_quality": "zone_assumed",
                "level": "ERROR",
                "message": "Can't start server: Bind on TCP/IP port: Address already in use",
                "thread": None,
            },
        ),
        Sample(
            "161209 13:08:33 mysqld_safe Starting mysqld daemon with databases from /var/lib/mysql",
            {"level": None, "message": "mysqld_safe Starting mysqld daemon with databases from /var/lib/mysql"},
        ),
        Sample(
            "2023-05-05 12:00:00 0 [Note] InnoDB: Buffer pool(s) load completed",
            {"timestamp": "2023-05-05T12:00:00Z", "thread": 0, "message": "InnoDB: Buffer pool(s) load completed"},
        ),
        Sample(
            "Version: '5.7.10'  socket: '/tmp/mysql.sock'  port: 3306  Homebrew",
            {
                "timestamp": None,
                "time_quality": "missing",
                "message": "Version: '5.7.10'  socket: '/tmp/mysql.sock'  port: 3306  Homebrew",
            },
        ),
    ),
)
