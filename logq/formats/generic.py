"""Any line that tells its time at its head: for the logs of programs that nobody has described.

The level is a word in capitals near the head, or in any case where brackets, a colon or `level=` set it off. What
follows the time is the message; where words stand ahead of the time, it is the whole line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from logq.formats._names import ISO
from logq.formats.base import Format, Sample, Stamp
from logq.schema import SEVERITY_OF

if TYPE_CHECKING:
    from collections.abc import Sequence

CLOCK: Final = "[0-9]{2}:[0-9]{2}:[0-9]{2}"
ZONE: Final = "(?: ?(?:Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2}))?"
TIMES: Final = (
    rf"[0-9]{{4}}[/-][0-9]{{2}}[/-][0-9]{{2}}[T ][ 0-9]?[0-9]:[0-9]{{2}}:[0-9]{{2}}(?:[.,:][0-9]{{1,9}})?(?: [AP]M)?{ZONE}",
    r"[0-9]{8}[T. -](?:[0-9]{6}|[0-9]{2}:[0-9]{2}:[0-9]{2})(?:[.,][0-9]{1,9})?",
    rf"[A-Z][a-z]{{2}},? [A-Z][a-z]{{2}} [ 0-9][0-9] {CLOCK}(?:[.:][0-9]{{1,9}})?(?: [A-Z]{{3,4}})? [0-9]{{4}}",
    rf"[0-9]{{2}}[/ -][A-Z][a-z]{{2}}[/ -][0-9]{{4}}[: ]{CLOCK}(?:[.,][0-9]{{1,9}})?(?: (?:UTC|GMT|[+-][0-9]{{4}}))?",
    rf"[0-9]{{2}}[/.][0-9]{{2}}[/.][0-9]{{4}},? {CLOCK}(?:[.,:][0-9]{{1,9}})?(?: [AP]M)?(?: UTC)?",
    rf"[A-Z][a-z]{{2}} [ 0-9][0-9] [0-9]{{4}} {CLOCK}(?:\.[0-9]{{1,9}})?(?: UTC)?",
    rf"(?:[A-Z][a-z]{{2}}-[0-9]{{2}}|[A-Z][a-z]{{2}} [ 0-9][0-9]|[0-9]{{2}}[-.][0-9]{{2}}) {CLOCK}(?:\.[0-9]{{1,9}})?",
    r"1[0-9]{9}(?:\.[0-9]{1,9}|[0-9]{3})?",
)
"""ISO 8601 and its like; digits alone; asctime's; the month as a word; day, month and year; the month first; no year;
seconds since 1970."""

NAMED: Final = ("", "%#z", " UTC", " GMT")
"""How a zone may be written, if it is."""

LAYOUTS: Final = (
    *ISO,
    *(
        f"{date}{between}%H:%M:%S{fraction}{zone}"
        for date in ("%Y-%m-%d", "%Y/%m/%d")
        for between in (" ", "T")
        for fraction in ("%.f", ",%f", ":%3f")
        for zone in NAMED
    ),
    *(
        f"%d{between}%b{between}%Y{behind}%H:%M:%S{fraction}{zone}"
        for between in "/- "
        for behind in ": "
        for fraction in ("%.f", ",%f")
        for zone in NAMED
    ),
    "%b %d %Y %H:%M:%S%.f",
    "%b %d %Y %H:%M:%S%.f UTC",
)

ENDS: Final = r"[\])>]?(?:[ \t:,|;\])-]+|$)"
MESSAGE: Final = "(?P<message>(?s:.*))$"
AHEAD: Final = r"[\[(<]?(?:[^ \n]+ +){0,3}(?:[^ \n]*?[\[(:|])??"
"""A few words, and what a time may be glued to."""

WORDS: Final = (
    "TRACE|DEBUG|INFO(?:RMATION)?|NOTICE|WARN(?:ING)?|ERR(?:OR)?|CRIT(?:ICAL)?|SEVERE|FATAL|ALERT|EMERG(?:ENCY)?|PANIC"
    "|VRB|TRC|DBG|INF|WRN|FTL"
)
SHORT: Final = {"vrb": 1, "trc": 1, "dbg": 5, "inf": 9, "wrn": 13, "ftl": 21}
"""What Serilog and zerolog write to a console."""

CAPITALS: Final = rf"(?-u:\b)(?:{WORDS})(?-u:\b)"
SET_OFF: Final = rf'(?:[\[(<|]|(?:lvl|level)="?)((?i:{WORDS}))[\])>|" ]'
COLON: Final = rf"^((?i:{WORDS})):"
FAR: Final = 64
HEAD: Final = pl.col("message").str.head(FAR)


NUMBERS: Final = {**SEVERITY_OF, **SHORT}
SEVERITIES: Final = pl.Series([*NUMBERS.values()], dtype=pl.UInt8)
UPPER: Final = pl.Enum([*map(str.upper, NUMBERS)])


def _severity(columns: Sequence[pl.Series]) -> pl.Series:
    """Words in capitals and heads of messages → number of the word that says how severe an entry is, null for none.

    Heads are searched only where there is no such word.
    """
    capitals, heads = columns
    found = SEVERITIES.gather(capitals.cast(UPPER, strict=False).to_physical().cast(pl.UInt32))
    rows = capitals.is_null().arg_true()
    others = heads.gather(rows).to_frame("head")
    word = pl.coalesce(pl.col("head").str.extract(SET_OFF), pl.col("head").str.extract(COLON)).str.to_lowercase()
    number = word.replace_strict(NUMBERS, default=None, return_dtype=pl.UInt8)
    return found.scatter(rows, others.select(number).to_series()) if len(rows) else found


GENERIC: Final = Format(
    name="generic",
    title="Lines that begin with a time",
    patterns=(
        # The usual shape, with one way to go on at every byte; the others take any.
        (
            rf"^\[?(?P<timestamp>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}[T ]{CLOCK}(?:[.,][0-9]{{1,9}})?(?:Z|[+-][0-9]{{2}}:?[0-9]{{2}})?)\]?"
            r" (?P<message>[^ \t:,|;\])>AGPUZ+-](?s:.*))$"
        ),
        *(rf"^[\[(<]?(?P<timestamp>{time}){ENDS}{MESSAGE}" for time in TIMES),
        rf"^(?P<message>{AHEAD}(?P<timestamp>{'|'.join(TIMES[:5])})(?:[^0-9A-Za-z](?s:.*))?)$",
    ),
    stamp=Stamp(
        layouts=(
            *dict.fromkeys(LAYOUTS),
            "%Y-%m-%d %k:%M:%S%.f",
            *(f"%Y{d}%m{d}%d{b}%I:%M:%S%.f %p{z}" for d in "-/" for b in " T" for z in ("", " UTC")),
            "%Y%m%d %H:%M:%S%.f",
            "%Y%m%d.%H%M%S,%3f",
            "%Y%m%dT%H%M%S%.f",
            "%Y%m%d-%H%M%S%.f",
            "%a %b %e %H:%M:%S%.f %Y",
            "%a %b %e %H:%M:%S:%6f %Y",
            "%a %b %e %H:%M:%S UTC %Y",
            "%a %b %e %H:%M:%S %Z %Y",
            "%m/%d/%Y %I:%M:%S:%3f %p UTC",
            "%m/%d/%Y %I:%M:%S %p",
            "%m/%d/%Y %H:%M:%S%.f",
            "%d.%m.%Y %H:%M:%S%.f",
            "%b-%d %H:%M:%S%.f",
            "%b %e %H:%M:%S%.f",
            "%m-%d %H:%M:%S%.f",
            "%m.%d %H:%M:%S%.f",
            "epoch_s",
            "epoch_ms",
        )
    ),
    level=(),
    general=True,
    derived={
        "_capitals": HEAD.str.extract(CAPITALS, 0),
        "severity": pl.map_batches(["_capitals", HEAD], _severity, pl.UInt8()),
    },
    start=rf"^{AHEAD}(?:{'|'.join(TIMES)})",
    samples=(
        Sample(
            "2024-03-05 09:14:02.518 [main] ERROR till: drawer is stuck\n  at slot 7",
            {
                "timestamp": "2024-03-05T09:14:02.518Z",
                "time_quality": "zone_assumed",
                "level": "ERROR",
                "severity": 17,
                "message": "[main] ERROR till: drawer is stuck\n  at slot 7",
            },
        ),
        Sample(
            "2024-03-05 09:14:02,918: drawer opens",
            {"timestamp": "2024-03-05T09:14:02.918Z", "message": "drawer opens"},
        ),
        Sample("20240305.091403,018:DEBUG:shelf is empty", {"level": "DEBUG", "message": "DEBUG:shelf is empty"}),
        Sample(
            "(Tue Mar 05 09:14:04 2024) [till] [open] (0x0010): drawer is stuck",
            {"timestamp": "2024-03-05T09:14:04Z", "level": None, "message": "[till] [open] (0x0010): drawer is stuck"},
        ),
        Sample(
            "[05/Mar/2024:10:14:05 +0100] [warning] drawer is stuck",
            {"timestamp": "2024-03-05T09:14:05Z", "time_quality": "exact", "level": "WARN"},
        ),
        Sample("05.03.2024 09:14:06 drawer is stuck", {"timestamp": "2024-03-05T09:14:06Z", "level": None}),
        Sample(
            "Mar-05 09:14:07.018 [main] DEBUG till - drawer opens",
            {"time_quality": "year_inferred", "level": "DEBUG", "message": "[main] DEBUG till - drawer opens"},
        ),
        Sample(
            "2024-03-05T09:14:07Z WRN drawer is stuck till=3",
            {"timestamp": "2024-03-05T09:14:07Z", "level": "WARN", "message": "WRN drawer is stuck till=3"},
        ),
        Sample(
            "[05-Mar-2024 09:14:07 UTC] PHP Warning:  drawer is stuck",
            {"timestamp": "2024-03-05T09:14:07Z", "time_quality": "exact", "message": "PHP Warning:  drawer is stuck"},
        ),
        Sample(
            "Mar 05 2024 09:14:07 UTC: %TILL-4-STUCK: drawer is stuck",
            {"timestamp": "2024-03-05T09:14:07Z", "time_quality": "exact", "message": "%TILL-4-STUCK: drawer is stuck"},
        ),
        Sample(
            "1709630048.018 error: drawer is stuck",
            {"timestamp": "2024-03-05T09:14:08.018Z", "time_quality": "exact", "level": "ERROR"},
        ),
        Sample(
            "[INFO:till] till:47 2024-03-05 09:14:09,018: drawer opens",
            {
                "timestamp": "2024-03-05T09:14:09.018Z",
                "level": "INFO",
                "message": "[INFO:till] till:47 2024-03-05 09:14:09,018: drawer opens",
            },
        ),
    ),
)
