"""The main job on a real log: 10,000 requests, detected, counted, written and read back."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

import logq as lq

FILE = "real/elastic_apache_combined.log"


@pytest.fixture(scope="module")
def log(shared_data: Path) -> Path:
    """The log of a public web site."""
    return shared_data / FILE


@pytest.fixture(scope="module")
def frame(log: Path) -> pl.DataFrame:
    """All of it."""
    return lq.scan(log).collect()


def test_every_request_is_read(frame: pl.DataFrame) -> None:
    """10,000 entries in apache_combined by detection, all parsed, numbered as in the file, over the days the file covers."""
    assert frame.height == 10_000
    assert set(frame["format"]) == {"apache_combined"}
    assert frame["parse_error"].null_count() == 10_000
    assert frame["line"].to_list() == list(range(1, 10_001))
    assert set(frame["time_quality"]) == {"exact"}
    assert frame["timestamp"].min() == dt.datetime(2015, 5, 17, 10, 5, tzinfo=dt.UTC)
    assert frame["timestamp"].max() == dt.datetime(2015, 5, 20, 21, 5, 59, tzinfo=dt.UTC)


def test_status_counts_are_awks(frame: pl.DataFrame, log: Path) -> None:
    """awk, splitting at quotes, counts the same."""
    told = subprocess.run(
        ["awk", "-F", '"', '{split($3, a, " "); n[a[1]]++} END {for (s in n) print s, n[s]}', str(log)],
        capture_output=True,
        check=True,
        text=True,
    )
    counts = {int(line.split()[0]): int(line.split()[1]) for line in told.stdout.splitlines()}
    assert dict(frame.group_by("status").len().rows()) == counts


def test_the_aggregates_are_sqlites(frame: pl.DataFrame, shared_data: Path) -> None:
    """Per status (count, bytes), per hour, and the busiest clients, as computed with SQLite."""
    cases = map(json.loads, (shared_data / "oracles" / "expected.jsonl").read_text().splitlines())
    (case,) = [c for c in cases if c["suite"] == "aggregate"]
    expected = case["expected"]
    status = (
        frame.group_by("status")
        .agg(pl.len(), pl.col("bytes").sum(), pl.col("bytes").count().alias("known"))
        .sort("status")
    )
    assert [[s, n, b if known else None] for s, n, b, known in status.rows()] == expected["by_status"]
    hours = frame.group_by(pl.col("timestamp").dt.truncate("1h").dt.epoch("s")).len().sort("timestamp")
    assert [list(row) for row in hours.head(len(expected["by_hour"])).rows()] == expected["by_hour"]
    top = frame.group_by("client_ip").len().sort(["len", "client_ip"], descending=[True, False]).head(10)
    assert [list(row) for row in top.rows()] == expected["top_ip"]


@pytest.mark.parametrize(
    ("kind", "read"),
    [
        ("parquet", pl.read_parquet),
        ("ipc", pl.read_ipc),
        ("csv", lambda p: pl.read_csv(p, infer_schema=False, empty_string_is_null=True)),
        ("ndjson", lambda p: pl.read_ndjson(p, infer_schema_length=None)),
    ],
    ids=["parquet", "ipc", "csv", "ndjson"],
)
def test_what_is_written_reads_back_equal(
    frame: pl.DataFrame, log: Path, tmp_path: Path, kind: str, read: Callable[[Path], pl.DataFrame]
) -> None:
    """Parquet and IPC with their types; CSV and JSON lines, which have fewer, after casting back."""
    report = getattr(lq.scan(log), f"write_{kind}")(tmp_path / "out")
    back = read(tmp_path / "out")
    assert report.entries == 10_000
    assert back.columns == frame.columns
    if kind in ("parquet", "ipc"):
        assert back.equals(frame)
        return
    stamps = back["timestamp"].str.to_datetime(time_unit="us", time_zone="UTC", strict=True)
    assert stamps.to_list() == frame["timestamp"].to_list()
    for name in frame.columns[1:]:
        assert back[name].cast(frame.schema[name]).to_list() == [
            v if v != "" or kind != "csv" else back[name][i] for i, v in enumerate(frame[name])
        ]


def test_the_report_tells_of_the_run(log: Path) -> None:
    """Bytes, entries, rows, unparsed rows and the time covered; progress goes up to the file's size."""
    seen: list[int] = []
    result = lq.scan(log, progress=lambda done, _: seen.append(done), block_size=100_000).run()
    (file,) = result.report.files
    assert (file.status, file.entries, file.rows, file.unparsed) == ("ok", 10_000, 10_000, 0)
    assert file.bytes == log.stat().st_size == seen[-1] == result.report.bytes
    assert file.start == dt.datetime(2015, 5, 17, 10, 5, tzinfo=dt.UTC)
    assert len(seen) > 10
