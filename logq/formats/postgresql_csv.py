"""PostgreSQL's csvlog; its columns have grown from 23 (till 12) to 24 (13) and 26 (14)."""

from __future__ import annotations

from typing import Final

import polars as pl

from logq.formats.base import Format, Sample, Stamp

COLUMNS: Final = (
    *("timestamp", "user", "database", "pid", "client", "session_id", "session_line", "command_tag", "session_start"),
    *("virtual_transaction_id", "transaction_id", "level", "sql_state", "message", "detail", "hint", "internal_query"),
    *("internal_query_position", "context", "statement", "statement_position", "location", "application"),
    *("backend_type", "leader_pid", "query_id"),
)
WHOLE: Final = (
    *(
        "pid",
        "session_line",
        "transaction_id",
        "internal_query_position",
        "statement_position",
        "leader_pid",
        "query_id",
    ),
)
START: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3} [A-Z0-9+-]+,"

POSTGRESQL_CSV: Final = Format(
    name="postgresql_csv",
    title="PostgreSQL csvlog",
    kind="csv",
    header=False,
    fixed=True,
    columns=COLUMNS,
    marks=(
        rf'{START}(?:"[^"]*")?,(?:"[^"]*")?,[0-9]*,(?:"[^"]*")?,[0-9a-f]+\.[0-9a-f]+,[0-9]+,',
        r",(?:DEBUG[1-5]?|INFO|NOTICE|WARNING|ERROR|LOG|FATAL|PANIC),[0-9A-Z]{5},",
    ),
    stamp=Stamp(layouts=("%Y-%m-%d %H:%M:%S%.f UTC", "%Y-%m-%d %H:%M:%S%.f GMT", "%Y-%m-%d %H:%M:%S%.f %Z")),
    severities={"log": 9, "panic": 24, **{f"debug{n}": 6 - n for n in range(1, 6)}},
    dtypes={**dict.fromkeys(COLUMNS, pl.String()), **dict.fromkeys(WHOLE, pl.Int64())},
    nulls=("",),
    start=START,
    reference="https://www.postgresql.org/docs/current/runtime-config-logging.html#RUNTIME-CONFIG-LOGGING-CSVLOG",
    samples=(
        Sample(
            '2024-03-05 09:14:02.518 UTC,"ines","shop",4118,"10.0.0.5:50412",65e6d9a1.1016,3,"SELECT",2024-03-05 09:10:41 UTC,4/17,0,'
            'ERROR,42P01,"relation ""cart"" does not exist",,,,,,"SELECT *\nFROM cart",15,,"psql","client backend",,0',
            {
                "timestamp": "2024-03-05T09:14:02.518Z",
                "time_quality": "exact",
                "level": "ERROR",
                "severity": 17,
                "message": 'relation "cart" does not exist',
                "user": "ines",
                "database": "shop",
                "pid": 4118,
                "client": "10.0.0.5:50412",
                "session_id": "65e6d9a1.1016",
                "session_line": 3,
                "command_tag": "SELECT",
                "virtual_transaction_id": "4/17",
                "transaction_id": 0,
                "sql_state": "42P01",
                "detail": None,
                "statement": "SELECT *\nFROM cart",
                "statement_position": 15,
                "application": "psql",
                "backend_type": "client backend",
                "leader_pid": None,
                "query_id": 0,
            },
        ),
        Sample(
            "2024-03-05 10:14:03.018 CET,,,4119,,65e6d9a1.1017,1,,2024-03-05 10:10:41 CET,,0,LOG,00000,"
            '"checkpoint starting: time",,,,,,,,,""',
            {"time_quality": "zone_assumed", "level": "INFO", "user": None, "application": None, "backend_type": None},
        ),
    ),
)
