"""The work done by logq, loaded as a whole before it is timed, as every peer is."""

from __future__ import annotations

from pathlib import Path

import polars as pl

import logq as lq
from benchmarks.fields import TEXT_FIELDS

lq.scan(b"up\n").collect()
"""logq imports most of itself when it is first used; that is no part of what is measured."""


def filter_lines(path: Path) -> int:
    """Lines that match the pattern, by the streaming engine."""
    matches = lq.scan(path, format="plain").grep(r"ERROR .*Service1\d")
    return int(matches.lazy().select(pl.len()).collect(engine="streaming").item())


def filter_count(path: Path) -> int:
    """Entries that match the pattern, by the streaming engine."""
    matches = lq.scan(path, format="log4j").grep(r"ERROR .*Service1\d")
    return int(matches.lazy().select(pl.len()).collect(engine="streaming").item())


def filter_traces(path: Path) -> int:
    """The same in text of no known format, where traces are told by their shape."""
    matches = lq.scan(path, format="plain", multiline=True).grep(r"ERROR .*Service1\d")
    return int(matches.lazy().select(pl.len()).collect(engine="streaming").item())


def context_rows(path: Path) -> int:
    """Errors with three entries either side; rows are counted as they come, none is kept."""
    shown = lq.scan(path, format="log4j").level("ERROR").context(3).select("line", "raw")
    return sum(batch.num_rows for batch in shown.batches())


def parse_by_status(path: Path) -> list[list[object]]:
    """Every field of the combined format, read and used, by status."""
    text = [pl.col(field) for field in TEXT_FIELDS]
    by_status = (
        lq.scan(path, format="apache_combined")
        .group_by("status")
        .agg(
            pl.len().alias("requests"),
            pl.col("bytes").sum(),
            pl.col("timestamp").max().dt.epoch("s"),
            *(field.str.len_bytes().sum() for field in text),
        )
        .collect()
    )
    return [list(row) for row in by_status.sort("status").rows()]


def json_by_service(path: Path) -> list[list[object]]:
    """Requests and the 95th percentile of their duration, by service."""
    by_service = (
        lq.scan(path, format="json")
        .group_by("service")
        .agg(
            pl.len().alias("requests"),
            pl.col("duration_ms").quantile(0.95, interpolation="linear"),
        )
        .collect()
    )
    return [list(row) for row in by_service.sort("service").rows()]


def json_mean_by_service(path: Path) -> list[list[object]]:
    """Requests and mean duration by service, which need not hold the values."""
    by_service = (
        lq.scan(path, format="json")
        .group_by("service")
        .agg(pl.len().alias("requests"), pl.col("duration_ms").mean())
        .collect()
    )
    return [list(row) for row in by_service.sort("service").rows()]


def every_field(path: Path) -> int:
    """Each column of a format's file, read in it; the name of the file begins with that of the format."""
    frame = lq.scan(path, format=path.name.partition("-")[0])
    nulls = frame.lazy().select(pl.len(), pl.all().null_count().name.suffix(" nulls")).collect(engine="streaming")
    return int(nulls["len"].item())
