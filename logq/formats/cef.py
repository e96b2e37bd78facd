"""ArcSight's Common Event Format, bare or behind a syslog head.

The severity of an event, 0 to 10 or a word, is its level: low INFO, medium WARN, high ERROR, very high FATAL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from logq.formats._maps import value_of, where
from logq.formats._syslog import BSD, ISO, LONG, PRI
from logq.formats.base import Format, Sample, Stamp

if TYPE_CHECKING:
    from collections.abc import Mapping

PART: Final = r"(?:[^|\\]|\\.)*"
HEAD: Final = (
    rf"CEF: ?(?P<version>[0-9]+)\|(?P<device_vendor>{PART})\|(?P<device_product>{PART})\|(?P<device_version>{PART})"
    rf"\|(?P<event_class>{PART})\|(?P<message>{PART})\|(?P<level>[A-Za-z0-9 -]*)"
)
SYSLOG: Final = r"(?P<hostname>[^ ]+) (?:[^ |]* )?"
KEY: Final = r"[A-Za-z0-9_.\[\]-]+="
PAIR: Final = rf"{KEY}(?:[^=\\]|\\.)*(?: |$)"
RT: Final = value_of("extensions", "rt")
RECEIVED: Final = r"^(?:[0-9]{10,}|[A-Z][a-z]{2} [0-9]+ [^=]*)$"
"""The time at which an event was received, which goes before that of the syslog head."""

MARK: Final = "\ue003"
ESCAPES: Final = {"\\\\": "\ue000", "\\=": "\ue001", "\\|": "\ue002"}
UNESCAPED: Final = {"\ue000": "\\", "\ue001": "=", "\ue002": "|"}
FEW: Final = 64
"""Entries of which the keys are learnt that most of a block have."""

PORTS: Final = {"source_port": "spt", "destination_port": "dpt"}
WORDS: Final = {"source_ip": "src", "destination_ip": "dst", "protocol": "proto"}
PHRASES: Final = {"source_user": "suser", "destination_user": "duser", "action": "act", "outcome": "outcome"}
MAP: Final = pl.Map(pl.String(), pl.String())


def _unescaped(text: pl.Expr) -> pl.Expr:
    r"""Undo `\|`, `\=` and `\\`."""
    return where("\\", text, _without_escapes)


def _without_escapes(text: pl.Series) -> pl.Series:
    return text.str.replace_many({escape: UNESCAPED[stand_in] for escape, stand_in in ESCAPES.items()})


def _first_word(text: pl.Series) -> pl.Series:
    return text.str.splitn(" ", 2).struct.field("field_0")


def _received(texts: pl.Series) -> pl.Series:
    """Times among texts."""
    other = ~texts.str.contains(RECEIVED)
    return texts.set(other, None) if other.any() else texts


def _pairs(extension: pl.Series) -> pl.Series:
    r"""`key=value key=value` → {key: value}; a value goes on to the last space before the next key.

    Where each `=` stands behind a key that the first entries have, the text is parted there; other texts are searched.
    """
    if extension.str.contains_any([MARK, *UNESCAPED]).any():
        return _listed(_searched(extension))
    slashed = extension.str.contains("\\", literal=True)
    texts = _parted(extension.set(slashed, None), {})
    rows = slashed.arg_true()
    if len(rows) and texts is not None:
        others = _parted(extension.gather(rows), ESCAPES)
        texts = None if others is None else texts.scatter(rows, others)
    return _listed(_searched(extension) if texts is None else texts.str.split(MARK))


def _parted(extension: pl.Series, escapes: Mapping[str, str]) -> pl.Series | None:
    """Texts with a mark between pairs, unescaped; None where one of them holds no pair."""
    keys = (extension.head(FEW) + " ").str.extract_all(f"(?:^| ){KEY}").explode().str.strip_chars_start(" ").unique()
    marks = {f" {key}": f"{MARK}{key}" for key in keys.drop_nulls()}
    hidden = " " + extension.str.strip_suffix(" ")
    hidden = hidden.str.replace_many(escapes) if escapes else hidden
    marked = hidden.str.replace_many(marks) if marks else hidden
    longer = (marked.str.len_bytes() - hidden.str.len_bytes()) // (len(MARK.encode()) - 1)
    apart = marked.str.starts_with(MARK) & (marked.str.count_matches("=", literal=True) == longer)
    texts = marked.str.strip_prefix(MARK)
    if escapes:
        apart &= ~marked.str.contains("\\", literal=True)
        texts = texts.str.replace_many(UNESCAPED)
    rows = (~apart & extension.is_not_null()).arg_true()
    if not len(rows):
        return texts
    searched = _searched(extension.gather(rows))
    return None if (searched.list.len() == 0).any() else texts.scatter(rows, searched.list.join(MARK))


def _searched(extension: pl.Series) -> pl.Series:
    """The pairs of each text, unescaped."""
    pair = _unescaped(pl.element().str.strip_suffix(" "))
    return extension.to_frame("text").select(pl.col("text").str.extract_all(PAIR).list.eval(pair)).to_series()


def _listed(pairs: pl.Series) -> pl.Series:
    pair = pl.element().str.splitn("=", 2).struct.rename_fields(["key", "value"])
    return pairs.to_frame("pairs").select(pl.col("pairs").list.eval(pair).cast(MAP)).to_series()


CEF: Final = Format(
    name="cef",
    title="ArcSight Common Event Format (CEF)",
    patterns=(
        rf"^(?:{PRI})?(?P<timestamp>{BSD}|{LONG}) (?P<hostname>[^ ]+) {HEAD}\|(?P<extension>(?s:.*))$",
        rf"^(?:{PRI})?(?P<timestamp>{BSD}|{LONG}) {SYSLOG}{HEAD}\|(?P<extension>(?s:.*))$",
        rf"^(?:{PRI})?{HEAD}\|(?P<extension>(?s:.*))$",
    ),
    stamp=Stamp(
        layouts=("epoch_ms", "epoch_s", ISO, "%b %d %Y %H:%M:%S%.f", "%b %d %Y %H:%M:%S%.f UTC", "%b %e %H:%M:%S")
    ),
    severities={
        **{f"{n}": 9 for n in range(4)},
        **{f"{n}": 13 for n in range(4, 7)},
        **{f"{n}": 17 for n in range(7, 9)},
        **{f"{n}": 21 for n in range(9, 11)},
        "low": 9,
        "medium": 13,
        "high": 17,
        "very-high": 21,
        "very high": 21,
    },
    dtypes={
        **dict.fromkeys(("version", "priority", *PORTS), pl.Int64()),
        "extensions": MAP,
    },
    derived={
        "message": _unescaped(pl.col("message")),
        **{
            name: _unescaped(pl.col(name))
            for name in ("device_vendor", "device_product", "device_version", "event_class")
        },
        **{name: value_of("extensions", key).cast(pl.Int64, strict=False) for name, key in PORTS.items()},
        **{name: where(" ", value_of("extensions", key), _first_word) for name, key in WORDS.items()},
        "request_url": _unescaped(pl.col("extension").str.extract("(?:^| )request=([^ ]+)")),
        **{name: value_of("extensions", key) for name, key in PHRASES.items()},
        "timestamp": pl.coalesce(RT.map_batches(_received, return_dtype=pl.String(), is_elementwise=True), "timestamp"),
        "extensions": pl.col("extension").map_batches(_pairs, return_dtype=MAP),
    },
    nulls=("",),
    reference="https://www.microfocus.com/documentation/arcsight/arcsight-smartconnectors-8.4/pdfdoc/cef-implementation-standard/cef-implementation-standard.pdf",
    samples=(
        Sample(
            "Mar  5 09:14:01 fw-1 CEF:0|Security|threatmanager|1.0|100|worm successfully stopped|10|src=10.0.0.1 dst=2.1.2.2 "
            "spt=1232 dpt=443 suser=Ines Ko act=blocked rt=1709630041518 msg=Nothing was sent",
            {
                "timestamp": "2024-03-05T09:14:01.518Z",
                "level": "FATAL",
                "device_product": "threatmanager",
                "source_port": 1232,
                "source_user": "Ines Ko",
                "extensions": {
                    "src": "10.0.0.1",
                    "dst": "2.1.2.2",
                    "spt": "1232",
                    "dpt": "443",
                    "suser": "Ines Ko",
                    "act": "blocked",
                    "rt": "1709630041518",
                    "msg": "Nothing was sent",
                },
            },
        ),
        Sample(
            "Mar  5 09:14:02 fw-1 CEF:0|Security|threat\\|guard|1.0|100|worm successfully stopped|10|src=10.0.0.1 dst=2.1.2.2 "
            "spt=1232 dpt=443 suser=Ines Ko act=blocked rt=1709630042518 msg=a\\=b",
            {
                "timestamp": "2024-03-05T09:14:02.518Z",
                "time_quality": "exact",
                "level": "FATAL",
                "severity": 21,
                "message": "worm successfully stopped",
                "hostname": "fw-1",
                "version": 0,
                "device_vendor": "Security",
                "device_product": "threat|guard",
                "device_version": "1.0",
                "event_class": "100",
                "source_ip": "10.0.0.1",
                "source_port": 1232,
                "destination_ip": "2.1.2.2",
                "destination_port": 443,
                "source_user": "Ines Ko",
                "action": "blocked",
                "extensions": {
                    "src": "10.0.0.1",
                    "dst": "2.1.2.2",
                    "spt": "1232",
                    "dpt": "443",
                    "suser": "Ines Ko",
                    "act": "blocked",
                    "rt": "1709630042518",
                    "msg": "a=b",
                },
            },
        ),
        Sample(
            "CEF:0|Shop|guard|2|login|Logged in|Low|rt=Mar 05 2024 09:14:03.018 duser=mara outcome=success",
            {
                "timestamp": "2024-03-05T09:14:03.018Z",
                "time_quality": "zone_assumed",
                "level": "INFO",
                "destination_user": "mara",
                "outcome": "success",
                "hostname": None,
            },
        ),
        Sample(
            "<134>2024-03-05T10:14:04+01:00 fw-1 CEF:0|Shop|guard|2|login|Refused|7|src=2001:db8::7",
            {"timestamp": "2024-03-05T09:14:04Z", "level": "ERROR", "priority": 134, "source_ip": "2001:db8::7"},
        ),
        Sample(
            "CEF:0|Shop|guard|2|tick|Alive|Unknown|",
            {"timestamp": None, "level": None, "message": "Alive", "extension": None, "source_ip": None},
        ),
        Sample(
            "Mar  5 09:14:05 fw-1 guard: CEF:0|Shop|guard|2|tick|Alive|3|src=10.0.0.1",
            {"time_quality": "year_inferred", "hostname": "fw-1", "level": "INFO", "source_ip": "10.0.0.1"},
        ),
    ),
)
