"""Syslog (RFC 5424), its structured data as a map of maps."""

from __future__ import annotations

from typing import Final

import polars as pl

from logq.formats._syslog import DERIVED, DTYPES, ISO, PRI
from logq.formats.base import Format, Sample, Stamp

TIME: Final = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?"
    r"(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
VALUE: Final = r'"(?:[^"\\\]]|\\.)*"'
NAME: Final = r"[!#-<>-\\^-~]{1,32}"
ELEMENT: Final = rf"\[{NAME}(?: {NAME}= ?{VALUE})*\]"
HEAD: Final = (
    rf"^{PRI}(?P<version>[1-9][0-9]{{0,2}}) (?P<timestamp>-|{TIME}) (?P<hostname>[!-~]{{1,255}})"
    rf" (?P<app_name>[!-~]{{1,48}}) (?P<proc_id>[!-~]{{1,128}}) (?P<msg_id>[!-~]{{1,32}}) (?P<sd>-|(?:{ELEMENT})+)"
)
PARAMS: Final = pl.Map(pl.String(), pl.String())


def _structured(text: pl.Expr) -> pl.Expr:
    """`[id name="value"]…` → {id: {name: value}}, escapes undone; null → null."""
    item = pl.element()
    halves = item.str.splitn("=", 2).struct
    quoted = halves.field("field_1").str.strip_prefix(" ").str.strip_prefix('"').str.strip_suffix('"')
    param = pl.struct(
        halves.field("field_0").str.strip_prefix(" ").alias("key"),
        quoted.str.replace_all(r'\\(["\\\]])', "$1").alias("value"),
    )
    element = pl.struct(
        item.str.extract(rf"^\[({NAME})").alias("key"),
        item.str.extract_all(rf" {NAME}= ?{VALUE}").list.eval(param).alias("value"),
    )
    return text.str.extract_all(ELEMENT).list.eval(element).cast(pl.Map(pl.String(), PARAMS))


SYSLOG_RFC5424: Final = Format(
    name="syslog_rfc5424",
    title="Syslog (RFC 5424)",
    patterns=(
        # Characters that share their first byte with the byte order mark go to the second pattern.
        rf"{HEAD}(?: (?P<message>(?:[^\x{{F000}}-\x{{FFFF}}](?s:.*))?))?$",
        rf"{HEAD} \x{{FEFF}}?(?P<message>(?s:.*))$",
    ),
    stamp=Stamp(layouts=(ISO,)),
    level=(),
    dtypes={**DTYPES, "version": pl.Int64(), "structured_data": pl.Map(pl.String(), PARAMS)},
    derived={**DERIVED, "structured_data": _structured(pl.col("sd"))},
    nulls=("-",),
    reference="https://www.rfc-editor.org/rfc/rfc5424",
    start=r"^<[0-9]{1,3}>[1-9][0-9]* ",
    samples=(
        Sample(
            '<165>1 2024-03-05T10:14:02.518231+01:00 till-3 stockd 2101 ID17 [origin ip="192.0.2.44"]'
            '[item@32473 name="green \\"tea\\" [loose\\]" shelf="17"] \ufeffshelf is empty',
            {
                "timestamp": "2024-03-05T09:14:02.518231Z",
                "time_quality": "exact",
                "level": "INFO",
                "severity": 10,
                "message": "shelf is empty",
                "priority": 165,
                "facility": "local4",
                "version": 1,
                "hostname": "till-3",
                "app_name": "stockd",
                "proc_id": "2101",
                "msg_id": "ID17",
                "structured_data": {
                    "origin": {"ip": "192.0.2.44"},
                    "item@32473": {"name": 'green "tea" [loose]', "shelf": "17"},
                },
            },
        ),
        Sample(
            "<30>1 2024-03-05T09:14:02Z till-3 stockd - - - shelf\nis full",
            {
                "message": "shelf\nis full",
                "level": "INFO",
                "severity": 9,
                "facility": "daemon",
                "structured_data": None,
            },
        ),
        Sample(
            "<8>1 - - - - - -",
            {
                "timestamp": None,
                "time_quality": "missing",
                "level": "FATAL",
                "severity": 21,
                "message": None,
                "facility": "user",
                "hostname": None,
                "app_name": None,
                "proc_id": None,
                "msg_id": None,
                "sd": None,
                "structured_data": None,
            },
        ),
    ),
)
