"""Syslog lines that go-syslog and vector test."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path
from typing import Any, Final

import logq as lq

EXCEPTIONS: Final[dict[str, str]] = {}
"""Case → why it is read otherwise."""

FIELDS: Final = {
    "priority": "priority",
    "version": "version",
    "hostname": "hostname",
    "appname": "app_name",
    "msgid": "msg_id",
    "message": "message",
    "timestamp": "timestamp",
}
"""Their names → ours."""

FACILITIES: Final = {1: "user", 16: "local0", 20: "local4"}
SEVERITIES: Final = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")
YEAR: Final = 2024


def cases(path: Path) -> list[dict[str, Any]]:
    """One case a line."""
    return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]


def parsed(line: str, form: str) -> dict[str, Any] | None:
    """The row of a line, its nulls left out; None if it is flagged."""
    (row,) = lq.scan(line.encode(), form, year=YEAR).collect().rows(named=True)
    return None if row["parse_error"] else {name: value for name, value in row.items() if value is not None}


def instant(text: str) -> dt.datetime:
    """A stamp of a case; BSD's lacks the year."""
    if not text[0].isdigit() and not text.startswith("{year}"):
        return dt.datetime.strptime(f"{YEAR} {text}", "%Y %b %d %H:%M:%S").replace(tzinfo=dt.UTC)
    return dt.datetime.fromisoformat(text.format(year=YEAR)).astimezone(dt.UTC)


def common(row: dict[str, Any], expected: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What both projects name alike, ours and theirs; the byte order mark is an encoding, and no part of our text."""
    ours = {theirs: row[name] for theirs, name in FIELDS.items() if name in row}
    told = {name: expected[name] for name in FIELDS if name in expected}
    told |= {"timestamp": instant(told["timestamp"])} if "timestamp" in told else {}
    return ours, told | ({"message": told["message"].removeprefix("\ufeff")} if "message" in told else {})


def go_syslog(row: dict[str, Any], expected: dict[str, Any]) -> bool:
    """Whether a row is what go-syslog makes of it; that keeps the escapes in structured data."""
    ours, told = common(row, expected)
    data = {
        element: {name: re.sub(r'(["\\\]])', r"\\\1", value) for name, value in params.items()}
        for element, params in row.get("structured_data", {}).items()
    }
    number = divmod(row["priority"], 8)
    process = row.get("proc_id", row.get("pid"))
    return (ours, data, None if process is None else str(process)) == (
        told,
        expected.get("structured_data", {}),
        expected.get("procid"),
    ) and (expected.get("facility", number[0]), expected.get("severity", number[1])) == number


def vector(row: dict[str, Any], expected: dict[str, Any]) -> bool:
    """Whether a row is what vector's `parse_syslog` makes of it; elements stand beside the fields there."""
    ours, told = common(row, expected)
    del ours["priority"]
    data = {name: value for name, value in expected.items() if isinstance(value, dict)}
    process = row.get("proc_id", row.get("pid"))
    facility, severity = divmod(row["priority"], 8)
    return (ours, row.get("structured_data", {}), None if process is None else int(process)) == (
        told,
        data,
        expected.get("procid"),
    ) and (row["facility"], FACILITIES[facility], SEVERITIES[severity]) == (
        expected["facility"],
        expected["facility"],
        expected["severity"],
    )


def test_go_syslog(shared_data: Path) -> None:
    """Valid lines give their fields, every other line is flagged."""
    every = cases(shared_data / "syslog" / "cases.jsonl")
    failed = []
    for case in every:
        row = parsed(case["line"], case["format"])
        right = row is not None and go_syslog(row, case["expected"]) if case["valid"] else row is None
        failed += [] if right else [case["id"]]
    print(f"syslog: {len(every) - len(failed)}/{len(every)}")  # noqa: T201 (the score)
    assert failed == list(EXCEPTIONS)
    assert len(every) == 77


def test_vector(shared_data: Path) -> None:
    """Lines of both generations, each read as what its version says it is."""
    every = [case for case in cases(shared_data / "vrl" / "cases.jsonl") if case["format"] == "syslog"]
    failed = []
    for case in every:
        form = "syslog_rfc5424" if re.match(r"<\d+>1 ", case["line"]) else "syslog_rfc3164"
        row = parsed(case["line"], form)
        right = row is not None and vector(row, case["expected"]) if case["valid"] else row is None
        failed += [] if right else [case["id"]]
    print(f"vrl syslog: {len(every) - len(failed)}/{len(every)}")  # noqa: T201 (the score)
    assert failed == []
    assert len(every) == 6
