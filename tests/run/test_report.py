"""What a run tells of itself."""

from __future__ import annotations

import datetime as dt

import polars as pl

import logq as lq
from logq.run import FileReport, Report

FIRST, LAST = dt.datetime(2024, 1, 1, tzinfo=dt.UTC), dt.datetime(2024, 1, 2, tzinfo=dt.UTC)


def decoded(stamps: list[dt.datetime | None], errors: list[str | None]) -> pl.DataFrame:
    """A frame as it comes from decoding."""
    times = pl.Series(stamps, dtype=pl.Datetime("us", "UTC"))
    return pl.DataFrame({"timestamp": times, "parse_error": pl.Series(errors, dtype=pl.String)})


def test_a_fresh_report_knows_nothing() -> None:
    """Counts are 0, what was not looked at is None, and nothing failed."""
    file = FileReport(source="a.log", format="plain")
    assert (file.bytes, file.entries, file.rows, file.unparsed, file.start, file.end) == (0, 0, 0, None, None, None)
    assert file.status == "ok"
    report = Report(files=[file])
    assert (report.bytes, report.entries, report.failed, report.looked_for) == (0, 0, [], ())
    assert (Report().bytes, Report().entries) == (0, 0)


def test_frames_are_counted_in() -> None:
    """Unparsed rows add up; start and end are the extremes over all frames, nulls apart."""
    file = FileReport(source="a.log", format="json")
    file.saw(decoded([LAST, None], [None, "no object"]))
    assert (file.unparsed, file.start, file.end) == (1, LAST, LAST)
    file.saw(decoded([FIRST], ["x"]))
    assert (file.unparsed, file.start, file.end) == (2, FIRST, LAST)
    file.saw(decoded([None], [None]))
    file.saw(decoded([], []))
    assert (file.unparsed, file.start, file.end) == (2, FIRST, LAST)


def test_columns_that_were_not_decoded_leave_it_unknown() -> None:
    """Neither 0 nor a time: nobody looked."""
    file = FileReport(source="a.log", format="json")
    file.saw(pl.DataFrame({"raw": ["a"]}))
    assert (file.unparsed, file.start, file.end) == (None, None, None)
    file.saw(decoded([None], [None]).drop("parse_error"))
    assert (file.unparsed, file.start, file.end) == (None, None, None)
    file.saw(decoded([FIRST], [None]).drop("timestamp"))
    assert (file.unparsed, file.start) == (0, None)


def test_a_sum_over_files() -> None:
    """Bytes and entries add up; the failed are those with an error."""
    good = FileReport(source="a", format="plain", bytes=3, entries=2)
    lost = FileReport(source="b", format="plain", bytes=4, entries=1, error="gone")
    report = Report(files=[good, lost])
    assert (report.bytes, report.entries) == (7, 3)
    assert report.failed == [lost]
    assert (good.status, lost.status) == ("ok", "failed")


def test_a_run_tells_of_each_file() -> None:
    """In row order, with its own format, counts and span of time."""
    logs = [
        b'{"ts":"2024-01-02T00:00:00Z"}\n{"ts":"2024-01-01T00:00:00Z"}\n',
        b"words\n",
        b'{"ts":"2024-01-01T12:00:00Z"}\nno object\n{"ts":null}\n',
    ]
    first, second, third = lq.scan(logs).run().report.files
    assert (first.format, first.entries, first.rows, first.unparsed) == ("json", 2, 2, 0)
    assert (first.start, first.end) == (FIRST, LAST)
    assert (second.format, second.entries, second.start, second.end) == ("plain", 1, None, None)
    assert (third.entries, third.rows, third.unparsed) == (3, 3, 1)
    assert third.start == third.end == dt.datetime(2024, 1, 1, 12, tzinfo=dt.UTC)
    assert [f.bytes for f in (first, second, third)] == list(map(len, logs))


def test_rows_are_those_that_came_out_of_reading() -> None:
    """After the filters, before sorting and grouping; entries are all that were read."""
    log = b"a\nb\nab\n"
    found = lq.scan(log, "plain").grep("a")
    for chain in (found, found.sort("line"), found.group_by().agg(pl.len())):
        (file,) = chain.run().report.files
        assert (file.entries, file.rows) == (3, 2)


def test_a_run_that_needs_no_time_knows_none() -> None:
    """`unparsed`, `start` and `end` are None where the query needed no such column."""
    (file,) = lq.scan(b'{"ts":"2024-01-01T00:00:00Z"}', "json").select("raw").run().report.files
    assert (file.unparsed, file.start, file.end) == (None, None, None)
