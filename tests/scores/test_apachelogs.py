"""Lines and stamps that apachelogs tests, read by formats built from the same LogFormat strings."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

import logq as lq
from logq.formats import FORMATS


@pytest.fixture(autouse=True)
def _registry() -> Iterator[None]:
    """What a scan registers is forgotten after each test."""
    before = FORMATS.now
    yield
    FORMATS._formats = before


EXCEPTIONS: Final[dict[str, str]] = {}
"""Case → why it is read otherwise."""

COLUMNS: Final = {
    "%h": "client_ip",
    "%a": "client_ip",
    "%A": "server_ip",
    "%l": "ident",
    "%u": "user",
    "%r": "request",
    "%!400r": "request_unless_400",
    "%s": "status",
    "%<s": "original_status",
    "%>s": "status",
    "%b": "bytes",
    "%{Referer}i": "referrer",
    "%{User-Agent}i": "user_agent",
    "%T": "request_time_s",
    "%{ms}T": "request_time_ms",
    "%200<T": "request_time_s",
    "%{s}!200>T": "request_time_s",
    "%><{s}!200>T": "request_time_s",
    "%{remote}p": "client_port",
    "%{REMOTE}p": "client_port",
    "%p": "server_port",
    "%m": "method",
    "%U": "path",
    "%q": "query",
    "%H": "protocol",
    "%f": "filename",
    "%200f": "filename",
    "%P": "pid",
    "%{hextid}P": "tid",
    "%R": "handler",
}
"""Their directives → our columns, where one directive of a kind stands alone."""

PARTS: Final = {"Y": "year", "m": "month", "d": "day", "H": "hour", "M": "minute", "S": "second"}


def part(stamp: dt.datetime | None, directive: str) -> object:
    """The piece of our timestamp that a directive of theirs wrote; the zone is lost to UTC, and the instant tested."""
    if stamp is None:
        return None
    word = re.sub(r"^%[0-9<>!,]*\{?%?|\}?t$", "", directive)
    if word in PARTS:
        return getattr(stamp, PARTS[word])
    return {"msec_frac": stamp.microsecond // 1000, "usec_frac": stamp.microsecond}.get(word, stamp)


def seen(case: dict[str, Any]) -> tuple[dict[str, object], dict[str, object]]:
    """What we read of the case's line and what is expected, by directive."""
    rows = lq.scan(case["line"].encode(), lq.Format.from_apache_log_format(case["log_format"])).collect()
    row = rows.row(0, named=True)
    assert row["parse_error"] is None, case["id"]
    expected = dict(case["expected"])
    zone = next((v for k, v in expected.items() if k.endswith("{%z}t")), None)
    named = case["expected_named"]
    stamp = row["timestamp"]
    if zone is not None:
        assert stamp == dt.datetime.fromisoformat(named.get("request_time") or named["final_request_time"]), case["id"]
        stamp = dt.datetime.fromisoformat(named.get("request_time") or named["final_request_time"])
    ours: dict[str, object] = {}
    for directive, value in expected.items():
        if directive.endswith("t"):
            ours[directive] = value if directive.endswith("{%z}t") else part(stamp, directive)
            expected[directive] = dt.datetime.fromisoformat(value) if directive == "%t" else value
        else:
            ours[directive] = plain(row[column(directive, case["expected"])])
    return ours, expected


def column(directive: str, beside: dict[str, Any]) -> str:
    """Our column; of three statuses that of the final request is called so."""
    return "final_status" if directive == "%>s" and "%s" in beside else COLUMNS[directive]


def plain(value: object) -> object:
    """Text with Apache's escapes undone byte by byte, as apachelogs does; ours stays as it was written."""
    if not isinstance(value, str):
        return value
    return re.sub(r"\\x([0-9a-f]{2})", lambda m: chr(int(m[1], 16)), value)


def stamped(case: dict[str, Any]) -> bool:
    """Whether a stamp gives the instant, or is flagged if it is none; its brackets are text of the format."""
    left, right = "[" * case["line"].startswith("["), "]" * case["line"].endswith("]")
    layout = "%t" if left and right else f"{left}%{{%d/%b/%Y:%H:%M:%S %z}}t{right}"
    row = lq.scan(case["line"].encode(), lq.Format.from_apache_log_format(layout)).collect().row(0, named=True)
    if not case["valid"]:
        return row["timestamp"] is None and row["parse_error"] is not None
    return bool(row["timestamp"] == dt.datetime.fromisoformat(case["expected"]["ts"]))


def test_apachelogs(shared_data: Path) -> None:
    """Every directive gives its value, every stamp its instant; what is no stamp is flagged."""
    cases = [json.loads(line) for line in (shared_data / "apachelogs" / "cases.jsonl").read_text("utf-8").splitlines()]
    failed = {}
    for case in cases:
        if case["format"] == "timestamp_apache":
            wrong: object = not stamped(case)
        else:
            ours, expected = seen(case)
            wrong = {k: (ours[k], v) for k, v in expected.items() if ours[k] != v}
        if wrong:
            failed[case["id"]] = wrong
    print(f"apachelogs: {len(cases) - len(failed)}/{len(cases)}")  # noqa: T201 (the score)
    assert failed.keys() == EXCEPTIONS.keys(), failed
    assert len(cases) == 59


def test_vhost_combined(shared_data: Path) -> None:
    """Debian's vhost_combined is known by its name; the one bad line is kept and flagged."""
    path = shared_data / "apachelogs" / "vhost_combined.log"
    rows = lq.scan(path, lq.Format.from_apache_log_format("vhost_combined")).collect()
    assert [row["raw"] for row in rows.filter(rows["parse_error"].is_not_null()).to_dicts()] == ["Bad line"]
    good = rows.filter(rows["parse_error"].is_null())
    assert good["server_name"].unique().to_list() == ["www.varonathe.org"]
    assert good["server_port"].unique().to_list() == [80]
    assert good["path"][0] == "/"
    assert good.height == path.read_text("utf-8").count('"GET ') + path.read_text("utf-8").count('"POST ')
