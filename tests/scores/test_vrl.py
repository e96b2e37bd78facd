"""The parsers of vector's remap language whose input is a line of a log; syslog's are in `test_syslog.py`."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import logq as lq

FUNCTIONS: Final[dict[str, str]] = {
    "bytes": "sizes as text are no lines of a log",
    "duration": "durations as text are no lines of a log",
    "influxdb": "a protocol of metrics, not of logs",
    "regex": "all matches of a line are rows of their own there; `extract` takes the first",
    "timestamp": "an argument that is refused by name here too, when the scan is built",
    "syslog": "see test_syslog.py",
}
"""Format → why its cases are left out."""

DELIMITED: Final = "delimiters other than `=` and a space: no logfmt, but a call of another function"
OTHER: Final[dict[str, str]] = {
    **{
        f"vrl/parse_key_value/{name}": DELIMITED
        for name in ("delimited", "delimited_with_spaces", "error", "missing_separator", "multi_line_with_quotes")
    },
    "vrl/parse_groks/datadog_nginx": "Datadog's dialect of grok (`notSpace`, `scale`, `nullIf`)",
    "vrl/parse_groks/error3": "an argument of another type than the call takes",
}
"""Case → why it is no case of ours."""

EXCEPTIONS: Final[dict[str, str]] = {
    "vrl/parse_cef/missing_key": "an equals sign without a key stays in the value before it: unescaped ones are common",
}
"""Case → why it is read otherwise."""

ALB: Final = {
    "actions_executed": "actions",
    "chosen_cert_arn": "certificate",
    "domain_name": "domain",
    "elb": "load_balancer",
    "elb_status_code": "status",
    "matched_rule_priority": "rule_priority",
    "request_creation_time": "request_created",
    "request_method": "method",
    "request_protocol": "protocol",
    "request_url": "url",
    "request_processing_time": "request_processing_s",
    "response_processing_time": "response_processing_s",
    "target_processing_time": "target_processing_s",
    "ssl_cipher": "tls_cipher",
    "ssl_protocol": "tls_protocol",
    "target_group_arn": "target_group",
    "target_status_code": "target_status",
    "target_port_list": "targets",
    "target_status_code_list": "target_statuses",
    "traceability_id": "connection_trace_id",
}
NGINX: Final = {
    "client": "client_ip",
    "remote_addr": "client_ip",
    "remote_user": "user",
    "size": "bytes",
    "body_bytes_size": "bytes",
    "referer": "referrer",
    "http_referer": "referrer",
    "agent": "user_agent",
    "http_user_agent": "user_agent",
    "http_x_forwarded_for": "forwarded_for",
    "request_length": "request_bytes",
    "request_time": "request_s",
    "proxy_upstream_name": "upstream",
    "proxy_alternative_upstream_name": "alternative_upstream",
    "upstream_addr": "upstream_address",
    "upstream_response_length": "upstream_bytes",
    "upstream_response_time": "upstream_s",
    "req_id": "request_id",
}
NAMES: Final[Mapping[str, Mapping[str, str]]] = {
    "apache_error": {"thread": "tid", "client": "client_ip", "port": "client_port"},
    "apache_common": {},
    "nginx_combined": NGINX,
    "nginx_main": NGINX,
    "nginx_ingress_upstreaminfo": NGINX,
    "nginx_error": {"cid": "connection", "referer": "referrer", "host": "request_host"},
    "klog": {"id": "tid", "file": "file_name", "line": "file_line"},
    "glog": {"id": "tid", "file": "file_name", "line": "file_line"},
    "aws_alb": ALB,
    "cef": {
        "cefVersion": "version",
        "deviceVendor": "device_vendor",
        "deviceProduct": "device_product",
        "deviceVersion": "device_version",
        "deviceEventClassId": "event_class",
        "name": "message",
    },
}
"""Their names → ours, where they differ."""

FORMATS: Final = {
    "nginx_combined": "nginx_access",
    "nginx_main": "nginx_access",
    "nginx_ingress_upstreaminfo": "nginx_ingress",
    "klog": "glog",
}
WORDS: Final = {"alert": "ERROR", "error": "ERROR", "notice": "INFO", "warn": "WARN", "info": "INFO"}
NOTHING: Final = ("", "-")


def row_of(line: str, form: str, tz: str = "UTC") -> dict[str, Any]:
    """The one entry of a line."""
    rows = lq.scan(line.encode(), form, year=dt.datetime.now(dt.UTC).year, tz=tz).collect().rows(named=True)
    assert len(rows) == 1
    return dict(rows[0])


def own(case: dict[str, Any]) -> str:
    """A name for a format of the case's own."""
    return str(case["id"]).replace("/", "_")


def listed(value: str | None) -> list[str]:
    """Addresses and states stand parted by spaces."""
    return value.split() if value else []


def ours(name: str, row: dict[str, Any], of: str) -> Any:
    """Our value for their field, as they write it."""
    if of == "cef" and name not in NAMES["cef"]:
        return row["level"] if name == "severity" else row["extensions"].get(name)
    if of == "aws_alb" and name in ("client_host", "target_host"):
        end = name.removesuffix("_host")
        return None if row[f"{end}_ip"] is None else f"{row[f'{end}_ip']}:{row[f'{end}_port']}"
    value = row["level"] if name == "severity" else row[NAMES[of].get(name, name)]
    return listed(value) if name in ("target_port_list", "target_status_code_list") else value


def same(name: str, theirs: Any, value: Any) -> bool:
    """Whether the values are equal: numbers as numbers, an absent value however it is written."""
    if name in ("severity", "level"):
        return bool(value == WORDS.get(theirs))
    if name == "timestamp":
        year = dt.datetime.now(dt.UTC).year
        return bool(value == dt.datetime.fromisoformat(theirs.replace("{year}", str(year))))
    if theirs == -1.0 or theirs in NOTHING:
        return value in (None, "")
    if isinstance(theirs, str) and isinstance(value, int):
        return int(theirs) == value
    return bool(value == theirs)


def built_in(case: dict[str, Any]) -> bool:
    """Whether a built-in format reads the case as vector does, which trims it, or flags it as vector does."""
    of = case["format"]
    row = row_of(case["line"].strip(), FORMATS.get(of, of), case.get("tz", "UTC"))
    if not case["valid"]:
        return row["parse_error"] is not None
    return row["parse_error"] is None and all(same(n, v, ours(n, row, of)) for n, v in case["expected"].items())


def pairs(case: dict[str, Any]) -> bool:
    """Logfmt: every key has its value; one without an equals sign is no pair."""
    row = row_of(case["line"], "logfmt")
    message, level = {"msg": "message"}, ("level", "at")
    wanted = {message.get(n, n): v for n, v in case["expected"].items() if v is not True and n not in (*level, "'")}
    names = {"host": "fields.host"}
    return row["parse_error"] is None and all(str(row[names.get(n, n)]) == v for n, v in wanted.items())


def json_object(case: dict[str, Any]) -> bool:
    """JSON: the tree, its keys joined by dots."""
    row = row_of(case["line"], "json")
    if not case["valid"]:
        return row["parse_error"] is not None
    tree = case["expected"]["object"]
    return row["parse_error"] is None and {n: row[f"object.{n}"] for n in tree} == tree


def values(case: dict[str, Any]) -> bool:
    """Separated values: those of the first line."""
    form = lq.Format.csv(own(case), separator=case["args"].get("delimiter", ","), header=False)
    frame = lq.scan(case["line"].encode(), form).collect()
    return bool([frame[n][0] for n in frame.columns if n.startswith("column_")] == case["expected"])


def grok(case: dict[str, Any]) -> bool:
    """The first pattern that matches, of a line that one does."""
    patterns = case["args"].get("patterns") or [case["args"]["pattern"]]
    more = case["args"].get("aliases") or {}
    try:
        forms = [lq.Format.grok(f"{own(case)}_{n}", p, patterns=more) for n, p in enumerate(patterns)]
    except lq.errors.FormatError:
        return not case["valid"]
    (row,) = lq.scan(case["line"].encode(), formats=forms).collect().rows(named=True)
    if not case["valid"]:
        return row["parse_error"] is not None
    return all(same(n, v, row[n]) if n != "level" else row["level"] == v.upper() for n, v in case["expected"].items())


READERS: Final[Mapping[str, Callable[[dict[str, Any]], bool]]] = {
    "logfmt": pairs,
    "json": json_object,
    "csv": values,
    "grok": grok,
}


def test_vrl(shared_data: Path) -> None:
    """What vector reads from a line is read, what it refuses is flagged."""
    every = [json.loads(line) for line in (shared_data / "vrl" / "cases.jsonl").read_text("utf-8").splitlines()]
    chosen = [case for case in every if case["format"] not in FUNCTIONS and case["id"] not in OTHER]
    failed = [case["id"] for case in chosen if not READERS.get(case["format"], built_in)(case)]
    print(f"vrl: {len(chosen) - len(failed)}/{len(chosen)}")  # noqa: T201 (the score)
    assert failed == list(EXCEPTIONS)
    assert len(failed) < 0.03 * len(chosen)
    assert len(every) == 91
