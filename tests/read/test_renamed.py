"""Formats that name and type the fields of JSON and of separated values."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

import logq as lq
from logq.formats import FORMATS
from logq.read.detect import detect

JOURNAL = (
    b'{"__REALTIME_TIMESTAMP":"1709630042518231","_BOOT_ID":"1","PRIORITY":"6","_PID":"7","MESSAGE":"up"}\n'
    b'{"__REALTIME_TIMESTAMP":"1709630042518232","_BOOT_ID":"1","PRIORITY":"3","_PID":"x","MESSAGE":"down"}\n'
)
IIS = b"#Software: IIS\n#Fields: date time cs-method cs-uri-stem sc-status\n2024-03-05 09:14:02 GET /a 200\n"


def test_fields_have_the_names_and_types_the_format_gives() -> None:
    """Text that is no number where one should be is null and named, its row otherwise whole."""
    frame = lq.scan(JOURNAL).collect()
    assert set(frame["format"]) == {"journald_json"}
    assert frame["pid"].to_list() == [7, None]
    assert frame["level"].to_list() == ["INFO", "ERROR"]
    assert frame["message"].to_list() == ["up", "down"]
    assert frame["parse_error"].to_list() == [None, "pid: not Int64"]


def test_renamed_fields_can_be_asked_for_and_filtered() -> None:
    """Predicates on them are also tested on the raw text."""
    assert lq.scan(JOURNAL).filter(pl.col("pid") == 7).select("message").collect()["message"].to_list() == ["up"]
    assert lq.scan(JOURNAL).level("ERROR").select("boot_id").collect()["boot_id"].to_list() == ["1"]


def test_a_renamed_field_that_the_sample_lacks_is_found_by_its_new_name() -> None:
    """The head of a file need not show every field."""
    late = JOURNAL * 1000 + JOURNAL.splitlines()[0].replace(b"_PID", b"_GID") + b"\n"
    frame = lq.scan(late, "journald_json").select("gid").collect()
    assert frame["gid"].cast(pl.Int64).drop_nulls().to_list() == [7]


def test_of_two_fields_that_would_have_one_name_the_second_keeps_its_own() -> None:
    """Nothing is lost by renaming."""
    frame = lq.scan(
        b'{"EventID":1,"Id":2,"Channel":"System","Hostname":"a","EventTime":"2024-03-05 09:14:02"}\n',
        "windows_event_json",
    ).collect()
    assert frame.select("event_id", "Id").rows() == [(1, 2)]
    iis = lq.scan(b"#Fields: date time cs-host cs(Host)\n2024-03-05 09:14:02 a b\n", "iis_w3c").collect()
    assert iis.select("authority", "cs(Host)").rows() == [("a", "b")]


def test_marks_part_one_kind_of_json_from_another() -> None:
    """Lines without them are plain JSON, as are those of which fewer than the rest have them."""
    assert detect(pl.Series(['{"log":"a","stream":"x"}'])).name == "json"
    docker = '{"log":"a\\n","stream":"stdout","time":"2024-03-05T09:14:02Z"}'
    assert detect(pl.Series([docker])).name == "docker_json"
    assert detect(pl.Series([docker, '{"a":1}', '{"a":2}'])).name == "json"


def test_comments_are_no_entries_wherever_they_stand() -> None:
    """Lines keep the numbers they have in the file; a row of another width says so, as does one that only looks alike."""
    log = IIS + IIS + b"2024-03-05 09:14:03 GET /b\n# 1\n"
    frame = lq.scan(log).select("line", "message", "timestamp", "parse_error").collect()
    assert frame["line"].to_list() == [3, 6, 7, 8]
    assert frame["message"].to_list() == ["GET /a", "GET /a", None, None]
    assert frame["parse_error"].to_list() == [None, None, "4 values for 5 columns", "2 values for 5 columns"]
    assert frame["timestamp"][0] == dt.datetime(2024, 3, 5, 9, 14, 2, tzinfo=dt.UTC)


def test_columns_come_from_the_format_where_no_comment_names_them() -> None:
    """A piece of a CloudFront log without its head is read by the columns of the present version."""
    sample = FORMATS["aws_cloudfront"].samples[0]
    frame = lq.scan(sample.text.split("\n")[-1].encode(), "aws_cloudfront").collect()
    assert frame.select("status", "edge_location", "client_port").rows() == [(200, "FRA56-P1", 11040)]
    assert lq.scan(b"", "iis_w3c").collect().height == 0
    assert lq.scan(b"a b\n", "iis_w3c").collect()["column_2"].to_list() == ["b"]


def test_a_column_without_a_date_or_a_method_has_no_derived_ones() -> None:
    """What a comment does not name cannot be computed from; times of day alone are marked."""
    frame = lq.scan(b"#Fields: time sc-status\n09:14:02 200\n").collect()
    assert frame["format"].to_list() == ["iis_w3c"]
    assert frame["message"].to_list() == [None]
    assert frame["time_quality"].to_list() == ["year_inferred"]


def test_older_csvlogs_lack_the_last_columns() -> None:
    """A log of PostgreSQL 12 has 23 columns; those that came later are null."""
    line, *_ = (s.text for s in FORMATS["postgresql_csv"].samples[1:])
    older = line.removesuffix(',""') + ',"psql"\n'
    older = older.replace(",,,,,,,,,", ",,,,,,,,", 1)
    frame = lq.scan(older.encode()).collect()
    assert frame["format"].to_list() == ["postgresql_csv"]
    assert frame["parse_error"].to_list() == [None]
    assert frame["backend_type"].to_list() == [None]
    assert frame.schema["query_id"] == pl.Int64


def test_a_later_head_that_names_other_columns_is_reported() -> None:
    """Its rows would be read under wrong names: the scan says so, and gives the rows to those who want them."""
    log = lq.scan(IIS + IIS.replace(b"cs-method cs-uri-stem", b"cs-uri-stem cs-method"), "iis_w3c")
    with pytest.raises(lq.errors.PartialResultError, match="names other columns"):
        log.collect()
    assert log.collect(on_failure="partial").height == 2
    late = b"2024-03-05 09:14:02\n" * 10_000 + b"#Fields: date time\n"
    with pytest.raises(lq.errors.PartialResultError, match="names other columns"):
        lq.scan(late, "iis_w3c").collect()
