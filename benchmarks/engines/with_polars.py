"""The work done by plain Polars: what logq's own layers may cost is seen against it."""

from __future__ import annotations

from pathlib import Path

import polars as pl


def filter_count(path: Path) -> int:
    """Lines that match the pattern."""
    lines = pl.scan_lines(path, name="line")
    matches = lines.filter(pl.col("line").str.contains(r"ERROR .*Service1\d"))
    return int(matches.select(pl.len()).collect(engine="streaming").item())


def json_by_service(path: Path) -> list[list[object]]:
    """Requests and exact p95 by service, from the two columns needed."""
    rows = pl.scan_ndjson(path, schema={"service": pl.String, "duration_ms": pl.Float64})
    by_service = rows.group_by("service").agg(
        pl.len().alias("requests"),
        pl.col("duration_ms").quantile(0.95, interpolation="linear"),
    )
    return [list(row) for row in by_service.sort("service").collect(engine="streaming").rows()]
