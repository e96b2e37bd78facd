"""Questions that nerdlog asks of rotated, year-less syslog: entries a minute, and the newest lines."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import shutil
from pathlib import Path
from typing import Any, Final

import polars as pl

import logq as lq

EXCEPTIONS: Final[dict[str, str]] = {}
"""Case → why it is answered otherwise."""

EVER: Final = (dt.datetime(1, 1, 1, tzinfo=dt.UTC), dt.datetime(9999, 1, 1, tzinfo=dt.UTC))
SHAPES: Final = {"-": "%Y-%m-%d-%H-%M", " ": "%b %e %H:%M"}


def logs(case: dict[str, Any], root: Path, folder: Path) -> Path:
    """A copy of the case's logs, last changed when the case says it is now."""
    name = case.get("logdir") or case["hosts"]["testhost-1"]
    copy = folder / str(case["id"]).replace("/", "_")
    shutil.copytree(root / "logs" / name, copy)
    now = dt.datetime.fromisoformat(case.get("now") or f"{case['now_year']}-{case['now_month']:02}-28T00:00:00Z")
    for path in copy.iterdir():
        os.utime(path, (now.timestamp(), now.timestamp()))
    return copy


def moment(text: str | None) -> dt.datetime | None:
    """`2025-03-10-09:30` or ISO 8601."""
    if not text:
        return None
    dashed = re.fullmatch(r"(\d{4}-\d\d-\d\d)-(\d\d:\d\d)", text)
    point = dt.datetime.fromisoformat("T".join(dashed.groups()) if dashed else text)
    return point.replace(tzinfo=point.tzinfo or dt.UTC)


def asked(case: dict[str, Any], folder: Path) -> lq.LogFrame:
    """The entries a case asks for."""
    params = case.get("params", case)
    frame = lq.scan(folder, "syslog_rfc3164")
    start, end = moment(params["from"]), moment(params["to"])
    if start or end:
        frame = frame.between(start or EVER[0], end or EVER[1])
    for term in filter(None, (params.get("pattern_awk") or "").split(" && ")):
        wanted, pattern = not term.startswith("!"), term.strip("!/")
        frame = frame.grep(pattern) if wanted else frame.filter(~pl.col("raw").str.contains(pattern))
    return frame


def histogram(frame: lq.LogFrame, layout: str) -> dict[str, int]:
    """Entries a minute."""
    minutes = frame.group_by(pl.col("timestamp").dt.truncate("1m")).agg(pl.len().alias("n")).collect()
    return dict(minutes.select(pl.col("timestamp").dt.strftime(layout), "n").rows())


def total_line(folder: Path) -> pl.Expr:
    """Number of a line in all files, oldest first: nerdlog counts on from file to file."""
    older = folder / "syslog.1"
    ahead = len(older.read_bytes().splitlines()) if older.exists() else 0
    return pl.col("line") + pl.when(pl.col("source").str.ends_with(".1")).then(0).otherwise(ahead)


def newest(case: dict[str, Any], frame: lq.LogFrame, folder: Path) -> list[tuple[int, str]]:
    """The newest lines, or those ahead of a line."""
    numbered = frame.with_columns(number=total_line(folder))
    until = case["other_args"].get("lines-until")
    numbered = numbered if until is None else numbered.filter(pl.col("number") < int(until))
    return numbered.tail(case["max_num_lines"]).select("number", "raw").collect().rows()


def shown(case: dict[str, Any], frame: lq.LogFrame, pages: int) -> list[dict[str, Any]]:
    """The newest lines after some pages of earlier ones were loaded, as nerdlog shows them."""
    size = int(case["params"]["max_num_lines"]) * pages
    rows = frame.tail(size).select("timestamp", "message", "hostname", "pid", "app_name", "raw").collect()
    return [
        {
            "ts": f"{row['timestamp']:%Y-%m-%dT%H:%M:%S}.000000000Z",
            "message": row["message"],
            "context": {"hostname": row["hostname"], "pid": str(row["pid"]), "program": row["app_name"]},
            "orig": row["raw"],
        }
        for row in rows.rows(named=True)
    ]


def answered(case: dict[str, Any], folder: Path) -> bool:
    """Whether the chain answers as nerdlog does; its level is read from the message, which is the user's to extract."""
    frame, expected = asked(case, folder), case["expected"]
    layout = SHAPES["-" if "params" in case else " "]
    counts = histogram(frame, layout)
    if (counts, sum(counts.values())) != (expected["minute_hist"], expected["total"]):
        return False
    if "last_lines" in expected:
        return newest(case, frame, folder) == [tuple(line) for line in expected["last_lines"]]
    told = [
        {k: v for k, v in entry.items() if k != "level"}
        | {"context": {k: v for k, v in entry["context"].items() if k != "lstream"}}
        for entry in expected["logs"]
    ]
    pages = int(case["id"].rsplit("/", 1)[1]) + 1
    return shown(case, frame, pages) == told


def test_nerdlog(shared_data: Path, tmp_path: Path) -> None:
    """Histograms, totals and the newest lines of every case, the year inferred from when the files were last changed."""
    root = shared_data / "nerdlog"
    cases = [json.loads(line) for line in (root / "cases.jsonl").read_text("utf-8").splitlines()]
    failed = [case["id"] for case in cases if not answered(case, logs(case, root, tmp_path))]
    print(f"nerdlog: {len(cases) - len(failed)}/{len(cases)}")  # noqa: T201 (the score)
    assert failed == list(EXCEPTIONS)
    assert len(cases) == 21
