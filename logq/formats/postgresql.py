"""PostgreSQL's log on stderr, with the prefixes that are common: `%m [%p] `, `%m [%p] %q%u@%d ` and `%t [%p]: [%l-1] user=…`.

DETAIL, HINT, STATEMENT and their like have a prefix of their own and are entries of their own, without a level. The
name of a zone, but UTC, says no offset: it is shown, and the time is taken in `tz=`.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from logq.formats.base import Format, Sample, Stamp

TIME: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?"
PID: Final = r"\[(?P<pid>[0-9]+)\]"
OFFSET: Final = rf"^(?P<timestamp>{TIME} (?P<zone>UTC|GMT|[+-][0-9:]+)) {PID}"
NAME: Final = rf"^(?P<timestamp>{TIME}) (?P<zone>[A-Z]{{1,6}}) {PID}"
WORDS: Final = "DEBUG[1-5]?|INFO|NOTICE|WARNING|ERROR|LOG|FATAL|PANIC|DETAIL|HINT|QUERY|CONTEXT|STATEMENT|LOCATION"
BODY: Final = rf"(?P<level>{WORDS}):  ?(?P<message>(?s:.*))$"
NAMED: Final = (
    r"user=(?P<user>[^,]*),db=(?P<database>[^, ]*)(?:,app=(?P<application>[^,]*))?(?:,client=(?P<client>[^ ]*))? "
)

POSTGRESQL: Final = Format(
    name="postgresql",
    title="PostgreSQL log",
    patterns=tuple(
        rf"{head}{rest}{BODY}"
        for head in (OFFSET, NAME)
        for rest in (
            r" (?:(?P<user>[^@ ]+)@(?P<database>[^ ]+) )?",
            rf":? (?:\[(?P<session_line>[0-9]+)-[0-9]+\] )?(?:{NAMED})?",
        )
    ),
    stamp=Stamp(layouts=tuple(f"%Y-%m-%d %H:%M:%S%.f{zone}" for zone in (" UTC", "", " GMT", "%#z"))),
    severities={"log": 9, "panic": 24, **{f"debug{n}": 6 - n for n in range(1, 6)}},
    dtypes={"pid": pl.Int64(), "session_line": pl.Int64()},
    nulls=("[unknown]", ""),
    reference="https://www.postgresql.org/docs/current/runtime-config-logging.html#GUC-LOG-LINE-PREFIX",
    start=rf"^{TIME} (?:[A-Z]{{1,6}}|[+-][0-9:]+) \[[0-9]+\]",
    samples=(
        Sample(
            '2024-03-05 09:14:02.518 UTC [4118] ERROR:  relation "cart" does not exist at character 15',
            {
                "timestamp": "2024-03-05T09:14:02.518Z",
                "time_quality": "exact",
                "level": "ERROR",
                "message": 'relation "cart" does not exist at character 15',
                "zone": "UTC",
                "pid": 4118,
                "user": None,
                "database": None,
                "session_line": None,
            },
        ),
        Sample(
            "2024-03-05 09:14:02.518 CET [4118] ines@shop FATAL:  terminating connection due to administrator command",
            {"time_quality": "zone_assumed", "level": "FATAL", "user": "ines", "database": "shop", "zone": "CET"},
        ),
        Sample(
            "2024-03-05 09:14:02.518 CET [4118]: [3-1] user=ines,db=shop LOG:  checkpoint complete",
            {"level": "INFO", "session_line": 3, "user": "ines", "zone": "CET"},
        ),
        Sample(
            "2024-03-05 09:14:02 -03 [4118] LOG:  checkpoint complete",
            {"timestamp": "2024-03-05T12:14:02Z", "time_quality": "exact", "zone": "-03"},
        ),
        Sample(
            "2024-03-05 09:14:02 UTC [4118]: [3-1] user=ines,db=[unknown],app=psql,client=10.0.0.5 LOG:  duration: 812.4 "
            "ms  statement: SELECT 1\n\tFROM cart",
            {
                "level": "INFO",
                "severity": 9,
                "message": "duration: 812.4 ms  statement: SELECT 1\n\tFROM cart",
                "session_line": 3,
                "user": "ines",
                "database": None,
                "application": "psql",
                "client": "10.0.0.5",
            },
        ),
        Sample(
            "2024-03-05 09:14:02.518 UTC [4118] STATEMENT:  SELECT * FROM cart",
            {"level": None, "severity": None, "message": "SELECT * FROM cart"},
        ),
    ),
)
