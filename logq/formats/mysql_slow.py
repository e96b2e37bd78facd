"""The slow query log of MySQL since 5.7, whose entries all begin with their time."""

from __future__ import annotations

from typing import Final

from logq.formats._slow import DATABASE, HEADER, MORE, QUERY, TYPES, USER, USUAL, statement
from logq.formats.base import Format, Sample, Stamp

START: Final = r"^# Time: [0-9]{4}-[0-9]{2}-[0-9]{2}T"
TIME: Final = r"# Time: (?P<timestamp>[0-9T:.Z+-]+)"

MYSQL_SLOW: Final = Format(
    name="mysql_slow",
    title="MySQL slow query log (5.7 and later)",
    patterns=(
        rf"^{TIME}\n{USUAL}(?P<statistics>{MORE}){DATABASE}SET timestamp=(?P<started>[0-9]+);\n{statement()}$",
        # The first line alone must match too: that is what detection sees.
        (
            rf"^{TIME}(?:\n{USER}{QUERY}(?:\nSET timestamp=(?P<started>[0-9]+);)?"
            rf"(?:\n(?P<message>(?s:.*?)))?(?:{HEADER})?)?$"
        ),
    ),
    stamp=Stamp(layouts=("%Y-%m-%dT%H:%M:%S%.f%#z",)),
    level=(),
    dtypes=TYPES,
    nulls=("",),
    start=START,
    reference="https://dev.mysql.com/doc/refman/8.4/en/slow-query-log.html",
    samples=(
        Sample(
            "# Time: 2024-03-05T09:14:02.678222Z\n# User@Host: shop[shop] @ web-1 [10.0.0.5]  Id:     8\n"
            "# Query_time: 2.000217  Lock_time: 0.000012 Rows_sent: 1  Rows_examined: 48213\nuse shop;\n"
            "SET timestamp=1709630040;\nSELECT *\nFROM cart;",
            {
                "timestamp": "2024-03-05T09:14:02.678222Z",
                "time_quality": "exact",
                "level": None,
                "message": "SELECT *\nFROM cart;",
                "user": "shop",
                "client": "web-1",
                "client_ip": "10.0.0.5",
                "thread": 8,
                "query_s": 2.000217,
                "lock_s": 0.000012,
                "rows_sent": 1,
                "rows_examined": 48213,
                "statistics": None,
                "database": "shop",
                "started": "1709630040",
            },
        ),
        Sample(
            "# Time: 2024-03-05T10:14:03.018+01:00\n# User@Host: root[root] @ localhost []  Id:     9\n"
            "# Query_time: 1.000217  Lock_time: 0.000000 Rows_sent: 1  Rows_examined: 1 Thread_id: 9 Errno: 0\n"
            "SET timestamp=1709630042;\nselect sleep(1);\n"
            "/usr/sbin/mysqld, Version: 8.0.36 (MySQL Community Server - GPL). started with:\n"
            "Tcp port: 3306  Unix socket: /var/run/mysqld.sock\nTime                 Id Command    Argument",
            {
                "timestamp": "2024-03-05T09:14:03.018Z",
                "client": "localhost",
                "client_ip": None,
                "statistics": " Thread_id: 9 Errno: 0",
                "message": "select sleep(1);",
            },
        ),
        Sample("# Time: 2024-03-05T09:14:04.000001Z", {"timestamp": "2024-03-05T09:14:04.000001Z", "message": None}),
    ),
)
