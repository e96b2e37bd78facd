"""Stamps that other projects test, read as a user would read them."""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path
from typing import Any, Final

import logq as lq

EXCEPTIONS: Final[dict[str, str]] = {}
"""Case → why it is read otherwise."""

RENDERED: Final = {
    "2023-001T00:59:36.208491Z": "2023-01-01T00:59:36.208491Z",
    "2022-08-27 17:22:01.694554 GMT": "2022-08-27T17:22:01.694554Z",
    "2017 May 08 Mon 18:57:57.578": "2017-05-08T18:57:57.578Z",
    "05/18/2018 12:00:53 PM": "2018-05-18T12:00:53Z",
}
"""Stamps that the cases give no instant for and `datetime` does not read."""


def instant(case: dict[str, Any]) -> dt.datetime | None:
    """What the case expects, to the microsecond; a case that only asks for recognition is checked against ISO 8601."""
    if not case["valid"]:
        return None
    if "epoch_ns" in case:
        return dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=case["epoch_ns"] // 1000)
    return dt.datetime.fromisoformat(case.get("ts") or RENDERED.get(case["line"], case["line"])).astimezone(dt.UTC)


def lines(case: dict[str, Any]) -> dict[str, str]:
    """The stamp in a line of each format that reads it by its own layouts."""
    text = case["line"]
    found = {"json": json.dumps({"time": text}), "logfmt": f"level=info time={json.dumps(text)}"}
    number = text.lstrip("-").replace(".", "", 1).isdigit()
    return found | ({"json number": f'{{"time":{text}}}', "logfmt bare": f"level=info time={text}"} if number else {})


def layout(case: dict[str, Any]) -> str:
    """The case's strftime in chrono's words."""
    return str(case["strftime"]).replace(".%3N", "%.3f")


def read(case: dict[str, Any], folder: Path) -> dict[str, lq.LogFrame]:
    """Scans of the stamp: in a format of its own where the case names a layout, else in the open formats."""
    zone = case.get("tz", "UTC")
    if "strftime" not in case:
        return {name: lq.scan(line.encode(), name.split()[0], tz=zone) for name, line in lines(case).items()}
    name = case["id"].replace("/", "_")
    path = folder / name
    path.write_text(f"[{case['line']}] up\n", encoding="utf-8")
    changed = dt.datetime.fromisoformat(case["now"]).timestamp()
    os.utime(path, (changed, changed))
    pattern = r"^\[(?P<timestamp>[^\]]*)\] (?P<message>.*)$"
    return {"regex": lq.scan(path, lq.Format.regex(name, pattern, stamp=layout(case)), tz=zone)}


def fails(case: dict[str, Any], folder: Path) -> list[str]:
    """The formats in which the case is read otherwise, or its quality or the error of its row is not as it should be."""
    expected = instant(case)
    wrong: list[str] = []
    for name, frame in read(case, folder).items():
        row = frame.select("timestamp", "time_quality", "parse_error").collect().row(0, named=True)
        sure = row["time_quality"] == "missing" if expected is None else row["time_quality"] != "missing"
        told = (row["parse_error"] is None) == (expected is not None)
        if row["timestamp"] != expected or not sure or not told:
            wrong.append(f"{name}: {row}")
    return wrong


def test_timestamps(shared_data: Path, tmp_path: Path) -> None:
    """All cases give the instant that they name, in every format that may hold them; what is no time is flagged."""
    cases = [json.loads(line) for line in (shared_data / "timestamps" / "cases.jsonl").read_text("utf-8").splitlines()]
    failed = {case["id"]: wrong for case in cases if (wrong := fails(case, tmp_path))}
    print(f"timestamps: {len(cases) - len(failed)}/{len(cases)}")  # noqa: T201 (the score)
    assert failed.keys() == EXCEPTIONS.keys(), failed
    assert len(cases) == 32
