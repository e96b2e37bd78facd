"""LogHub's tables of eight systems: Linux and Apache by detection, the others by the patterns they are published with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import polars as pl
import pytest

import logq as lq
from logq.formats import BUILT_IN as OWN
from logq.formats import FORMATS

SYSTEMS: Final = ("HDFS", "Hadoop", "Spark", "Zookeeper", "Android", "OpenStack")
BUILT_IN: Final[dict[str, tuple[str, dict[str, pl.Expr]]]] = {
    "Linux": (
        "syslog_rfc3164",
        {
            "Month": pl.col("timestamp").dt.strftime("%b"),
            "Date": pl.col("timestamp").dt.day().cast(pl.String),
            "Time": pl.col("timestamp").dt.strftime("%H:%M:%S"),
            "Level": pl.col("hostname"),
            "Component": pl.col("app_name"),
            "PID": pl.col("pid").cast(pl.String),
            "Content": pl.col("message"),
        },
    ),
    "Apache": (
        "apache_error",
        {
            "Time": pl.col("timestamp").dt.strftime("%a %b %d %H:%M:%S %Y"),
            "Level": pl.col("raw").str.extract(r"^\[[^\]]*\] \[(\w+)\]"),
            "Severity": pl.col("level").cast(pl.String),
            "Content": pl.concat_str(pl.format("[client {}] ", "client_ip").fill_null(""), "message"),
        },
    ),
}
"""System → the format that must be found, and its columns in the words of LogHub's table."""

SEVERITIES: Final = {"error": "ERROR", "notice": "INFO"}
EXCEPTIONS: Final[dict[str, dict[str, int]]] = {
    # Seven lines of `syslogd 1.4.1: restart.` and one of ` -- root[2421]: ROOT LOGIN`: the table takes a tag with a
    # blank in it for the component; RFC 3164 knows none, so all of it is the message.
    "Linux": {"Component": 8, "Content": 8, "PID": 1},
}
"""System → column → rows that are read otherwise."""


@pytest.fixture(autouse=True)
def _registry() -> Iterator[None]:
    """Only logq's own formats take part, and what a scan registers is forgotten after each test."""
    before = FORMATS.now
    FORMATS._formats = OWN
    yield
    FORMATS._formats = before


def table(folder: Path, system: str) -> pl.DataFrame:
    """The published table; of Zookeeper, thread and class stand in two columns there."""
    rows = pl.read_csv(folder / f"{system}_2k.log_structured.csv", infer_schema=False)
    if system == "Zookeeper":
        return rows.with_columns(Where=pl.concat_str("Node", "Component", separator=":"))
    if system == "Apache":
        return rows.with_columns(Severity=pl.col("Level").replace_strict(SEVERITIES))
    return rows


def score(system: str, ours: pl.DataFrame, theirs: pl.DataFrame) -> dict[str, int]:
    """Column → rows that differ; blanks around a value are no part of it."""
    assert ours.height == theirs.height
    clean = {
        n: (ours[n].fill_null("").str.strip_chars(), theirs[n].fill_null("").str.strip_chars()) for n in ours.columns
    }
    wrong = {n: int((a != b).sum()) for n, (a, b) in clean.items()}
    fields = ours.width * ours.height
    print(f"loghub {system}: {fields - sum(wrong.values())}/{fields} fields")  # noqa: T201 (the score)
    assert sum(wrong.values()) <= 0.01 * fields
    return {n: count for n, count in wrong.items() if count}


@pytest.mark.parametrize("system", BUILT_IN)
def test_detected(shared_data: Path, system: str) -> None:
    """The built-in format is found, and every field of every row is the table's."""
    folder = shared_data / "loghub" / system
    name, columns = BUILT_IN[system]
    rows = lq.scan(folder / f"{system}_2k.log").collect()
    assert rows["format"].unique().to_list() == [name]
    assert score(system, rows.select(**columns), table(folder, system)) == EXCEPTIONS.get(system, {})


@pytest.mark.parametrize("system", SYSTEMS)
def test_by_pattern(shared_data: Path, system: str) -> None:
    """The published pattern gives every field of every row."""
    folder = shared_data / "loghub" / system
    pattern = json.loads((folder.parent / "patterns.json").read_text())[system]
    form = lq.Format.regex("hub", f"^{pattern}$")
    rows = lq.scan(folder / f"{system}_2k.log", form).collect()
    assert score(system, rows.select(*form.fields), table(folder, system)) == {}
