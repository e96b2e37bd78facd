"""QRadar's Log Event Extended Format, 1.0 and 2.0, bare or behind a syslog head.

Attributes are parted by tabs, or, in 2.0, by the character the head names, as it is or by its number (`x7C`).
The `sev` of an event, 1 to 10, is its level: to 3 INFO, to 6 WARN, to 8 ERROR, above FATAL.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from logq.formats._maps import value_of
from logq.formats._syslog import BSD, ISO, LONG, PRI
from logq.formats.base import Format, Sample, Stamp

DEVICE: Final = (
    r"\|(?P<device_vendor>[^|]*)\|(?P<device_product>[^|]*)\|(?P<device_version>[^|]*)\|(?P<event_id>[^|]*)\|"
)
HEAD: Final = (
    rf"LEEF:(?P<version>[0-9.]+){DEVICE}"
    r"(?:(?P<delimiter>[^|A-Za-z0-9]|0?x(?:00)?[0-9A-Fa-f]{1,2})?\|)?"
)
SYSLOG: Final = r"(?P<hostname>[^ ]+) (?:[^ |]* )?"
PORTS: Final = {"source_port": "srcPort", "destination_port": "dstPort"}
TEXTS: Final = {
    "source_ip": "src",
    "destination_ip": "dst",
    "protocol": "proto",
    "user": "usrName",
    "category": "cat",
    "resource": "resource",
}
SEVERITIES: Final = (9, 9, 9, 9, 13, 13, 13, 17, 17, 21, 21)
MAP: Final = pl.Map(pl.String(), pl.String())


def _pairs(entries: pl.Series) -> pl.Series:
    """Attributes, and what parts them if not tabs → {key: value}; what has no `=` is none."""
    item, parts = pl.element(), pl.col("parts")
    pair = item.str.splitn("=", 2).struct.rename_fields(["key", "value"])
    attributes, marks = entries.struct.field("attributes"), entries.struct.field("delimiter")
    for said in marks.drop_nulls().unique():
        mark = chr(int(said.rpartition("x")[2], 16)) if len(said) > 1 else said
        own = (marks == said).fill_null(value=False).arg_true()
        attributes = attributes.scatter(own, attributes.gather(own).str.replace_all(mark, "\t", literal=True))
    frame = attributes.str.split("\t").alias("parts").to_frame()
    pairs = frame.select(parts.list.eval(pair)).to_series()
    if pairs.explode().struct.field("value").null_count():
        pairs = frame.select(parts.list.eval(pair.filter(item.str.contains("=", literal=True)))).to_series()
    return pairs.cast(MAP)


LEEF: Final = Format(
    name="leef",
    title="QRadar Log Event Extended Format (LEEF)",
    patterns=(
        # The usual shape, with one way to go on at every byte; the others take any.
        rf"^(?:{PRI})?(?P<timestamp>{BSD}|{LONG}) (?P<hostname>[^ ]+) LEEF:(?P<version>1\.0){DEVICE}(?P<attributes>(?s:.*))$",
        rf"^(?:{PRI})?(?P<timestamp>{BSD}|{LONG}) (?P<hostname>[^ ]+) {HEAD}(?P<attributes>(?s:.*))$",
        rf"^(?:{PRI})?(?P<timestamp>{BSD}|{LONG}) {SYSLOG}{HEAD}(?P<attributes>(?s:.*))$",
        rf"^(?:{PRI})?{HEAD}(?P<attributes>(?s:.*))$",
    ),
    stamp=Stamp(
        layouts=("epoch_ms", "epoch_s", ISO, "%b %d %Y %H:%M:%S%.f", "%b %d %Y %H:%M:%S%.f UTC", "%b %e %H:%M:%S")
    ),
    level=(),
    message=("event_id",),
    dtypes={
        **dict.fromkeys(("priority", *PORTS), pl.Int64()),
        "attribute_map": MAP,
    },
    derived={
        **{name: value_of("attribute_map", key).cast(pl.Int64, strict=False) for name, key in PORTS.items()},
        **{name: value_of("attribute_map", key) for name, key in TEXTS.items()},
        "severity": value_of("attribute_map", "sev").replace_strict(
            {f"{n}": number for n, number in enumerate(SEVERITIES)},
            default=None,
            return_dtype=pl.UInt8,
        ),
        "timestamp": pl.coalesce(value_of("attribute_map", "devTime"), "timestamp"),
        "attribute_map": pl.struct("attributes", "delimiter").map_batches(_pairs, return_dtype=MAP),
    },
    nulls=("",),
    reference="https://www.ibm.com/docs/en/dsm?topic=leef-overview",
    samples=(
        Sample(
            "Mar  5 09:14:02 fw-1 LEEF:1.0|Shop|Guard|2.4|login-refused|devTime=1709630042518\tsrc=10.0.0.1\tdst=2.1.2.2\tsrcPort=1232"
            "\tdstPort=443\tusrName=Ines Ko\tcat=auth\tsev=7",
            {
                "timestamp": "2024-03-05T09:14:02.518Z",
                "time_quality": "exact",
                "level": "ERROR",
                "severity": 17,
                "message": "login-refused",
                "hostname": "fw-1",
                "version": "1.0",
                "device_vendor": "Shop",
                "device_product": "Guard",
                "device_version": "2.4",
                "event_id": "login-refused",
                "source_ip": "10.0.0.1",
                "source_port": 1232,
                "destination_ip": "2.1.2.2",
                "destination_port": 443,
                "user": "Ines Ko",
                "category": "auth",
                "attribute_map": {
                    "devTime": "1709630042518",
                    "src": "10.0.0.1",
                    "dst": "2.1.2.2",
                    "srcPort": "1232",
                    "dstPort": "443",
                    "usrName": "Ines Ko",
                    "cat": "auth",
                    "sev": "7",
                },
            },
        ),
        Sample(
            "<13>2024-03-05T10:14:03+01:00 fw-1 LEEF:2.0|Shop|Guard|2.4|login|^|src=10.0.0.1^usrName=mara^sev=2",
            {"timestamp": "2024-03-05T09:14:03Z", "level": "INFO", "delimiter": "^", "user": "mara"},
        ),
        Sample(
            "LEEF:2.0|Shop|Guard|2.4|login|x7C|src=10.0.0.1|usrName=m^ra",
            {"delimiter": "x7C", "source_ip": "10.0.0.1", "user": "m^ra"},
        ),
        Sample(
            "LEEF:2.0|Shop|Guard|2.4|login|;|src=10.0.0.1;usrName=mara",
            {"delimiter": ";", "source_ip": "10.0.0.1", "user": "mara"},
        ),
        Sample(
            "LEEF:2.0|Shop|Guard|2.4|tick||proto=tcp",
            {"timestamp": None, "level": None, "delimiter": None, "protocol": "tcp", "message": "tick"},
        ),
        Sample(
            "Mar  5 09:14:05 fw-1 guard: LEEF:1.0|Shop|Guard|2.4|tick|src=10.0.0.1\tsev=2",
            {"time_quality": "year_inferred", "hostname": "fw-1", "level": "INFO", "source_ip": "10.0.0.1"},
        ),
    ),
)
