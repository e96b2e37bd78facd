"""Chains over tables: events that are in a frame already are asked the same questions."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

import logq as lq

DAY = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
EVENTS = pl.DataFrame(
    {
        "timestamp": [DAY + dt.timedelta(seconds=n) for n in range(4)],
        "level": ["info", "ERR", "odd", None],
        "user": ["a", "b", "a", "b"],
    }
)


def test_canonical_columns_are_added_and_typed() -> None:
    """Missing ones are null, words of severities are levels, the rest stays."""
    found = lq.from_polars(EVENTS).collect()
    assert found.columns[:3] == ["timestamp", "level", "severity"]
    assert found.select("level", "severity", "line", "user").rows() == [
        ("INFO", 9, None, "a"),
        ("ERROR", 17, None, "b"),
        (None, None, None, "a"),
        (None, None, None, "b"),
    ]
    assert found.schema["timestamp"] == pl.Datetime("us", "UTC")


@pytest.mark.parametrize(
    "times",
    [
        pl.Series([DAY.replace(tzinfo=None)], dtype=pl.Datetime("ns")),
        pl.Series([DAY]).dt.convert_time_zone("Europe/Berlin"),
        pl.Series([DAY.date()]),
    ],
)
def test_times_of_any_unit_and_zone_are_taken(times: pl.Series) -> None:
    """UTC in microseconds; a time without a zone is UTC."""
    assert lq.from_polars(pl.DataFrame({"timestamp": times})).collect()["timestamp"].to_list() == [DAY]


def test_arrow_and_lazy_tables_are_taken(tmp_path: Path) -> None:
    """Parquet by its scan, Arrow by its interface; other things are refused by name."""
    EVENTS.write_parquet(tmp_path / "e.parquet")
    lazy = lq.from_polars(pl.scan_parquet(tmp_path / "e.parquet")).filter(pl.col("user") == "a")
    arrow = lq.from_polars(EVENTS.to_arrow()).filter(pl.col("user") == "a")
    assert lazy.collect().equals(arrow.collect())
    assert sum(batch.num_rows for batch in lazy.batches()) == 2
    assert lazy.lazy().select("user").collect().height == 2
    assert "table(table)" in lazy.explain()
    with pytest.raises(lq.errors.BuildError, match="not list"):
        lq.from_polars([1])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ({"timestamp": ["x"]}, "no time"),
        ({"severity": ["x"]}, "canonical column"),
        ({"line": [1.5]}, "canonical column"),
    ],
)
def test_canonical_columns_of_other_types_are_refused(column: dict[str, list[object]], message: str) -> None:
    """The error names the column and both types."""
    with pytest.raises(lq.errors.BuildError, match=message):
        lq.from_polars(pl.DataFrame(column)).collect()


def test_a_table_has_context_sessions_and_sequences() -> None:
    """Row order is the table's; its rows have names as entries of a file have."""
    frame = lq.from_polars(EVENTS)
    assert frame.level("ERROR").context(1).collect()["context_distance"].to_list() == [-1, 0, 1]
    assert frame.sessions("user").summary().collect()["entries"].to_list() == [2, 2]
    steps = [lq.step("bad", pl.col("level") == "ERROR"), lq.step("next", pl.col("level").is_null())]
    assert frame.sequence(*steps).matches().collect()["duration"].to_list() == [dt.timedelta(seconds=1)]
    assert frame.collect().height == 4
    assert frame.schema["user"] == pl.String


def test_a_table_is_no_scan() -> None:
    """What reads files says so if it is handed a table."""
    with pytest.raises(TypeError, match="no scan"):
        _ = lq.from_polars(EVENTS).plan.scan
