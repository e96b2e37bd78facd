"""The slow query log of MariaDB, and of MySQL before 5.7.

A line `# Time:` stands there only where the second has changed; it stays with the entry before it, and the time of an
entry is what `SET timestamp=` says: when the query began.
"""

from __future__ import annotations

from typing import Final

from logq.formats._slow import DATABASE, HEADER, MORE, QUERY, TYPES, USER, USUAL, statement
from logq.formats.base import Format, Sample, Stamp

QUERIED: Final = rf"{DATABASE}SET timestamp=(?P<timestamp>[0-9.]+);\n{statement(but='#')}(?:\n# Time: [0-9: ]+)?$"

MARIADB_SLOW: Final = Format(
    name="mariadb_slow",
    title="MariaDB slow query log (and MySQL's before 5.7)",
    patterns=(
        rf"^{USUAL}(?P<statistics>{MORE}\n#[^\n]*){QUERIED}",
        rf"^{USUAL}(?P<statistics>{MORE}){QUERIED}",
        (
            rf"^{USER}(?:{QUERY}(?:\nSET timestamp=(?P<timestamp>[0-9.]+);)?"
            rf"(?:\n(?P<message>(?s:.*?)))?(?:{HEADER})?(?:\n# Time: [0-9: ]+)?)?$"
        ),
    ),
    stamp=Stamp(layouts=("epoch_s",)),
    level=(),
    dtypes=TYPES,
    nulls=("",),
    start=r"^# User@Host: ",
    reference="https://mariadb.com/docs/server/server-management/server-monitoring-logs/slow-query-log",
    samples=(
        Sample(
            "# User@Host: shop[shop] @ web-1 [10.0.0.5]\n# Thread_id: 8  Schema: shop  QC_hit: No\n"
            "# Query_time: 2.000217  Lock_time: 0.000012  Rows_sent: 1  Rows_examined: 48213\n# Rows_affected: 0  Bytes_sent: 67\n"
            "SET timestamp=1709630042;\nSELECT *\nFROM cart;\n# Time: 240305  9:14:05",
            {
                "timestamp": "2024-03-05T09:14:02Z",
                "time_quality": "exact",
                "level": None,
                "message": "SELECT *\nFROM cart;",
                "user": "shop",
                "client": "web-1",
                "client_ip": "10.0.0.5",
                "thread": None,
                "thread_id": 8,
                "schema": "shop",
                "query_s": 2.000217,
                "lock_s": 0.000012,
                "rows_sent": 1,
                "rows_examined": 48213,
                "statistics": "\n# Rows_affected: 0  Bytes_sent: 67",
            },
        ),
        Sample(
            "# User@Host: root[root] @ localhost []  Id:     9\n"
            "# Query_time: 1.000217  Lock_time: 0.000000 Rows_sent: 1  Rows_examined: 0\nuse shop;\n"
            "SET timestamp=1709630042;\nselect sleep(1);",
            {
                "timestamp": "2024-03-05T09:14:02Z",
                "message": "select sleep(1);",
                "client": "localhost",
                "client_ip": None,
                "thread": 9,
                "rows_examined": 0,
                "statistics": None,
                "database": "shop",
            },
        ),
        Sample(
            "# User@Host: root[root] @ localhost []\n"
            "# Query_time: 1.000217  Lock_time: 0.000000 Rows_sent: 1  Rows_examined: 0\n"
            "SET timestamp=1709630042;\nselect sleep(1);\n"
            "/usr/sbin/mysqld, Version: 5.6.51 (MySQL Community Server (GPL)). started with:\n"
            "Tcp port: 3306  Unix socket: (null)\nTime                 Id Command    Argument",
            {"timestamp": "2024-03-05T09:14:02Z", "message": "select sleep(1);", "thread": None, "database": None},
        ),
    ),
)
