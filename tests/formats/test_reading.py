"""The reader gives what samples say, and public logs of a system go to its format."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Final

import pytest

import logq as lq
from logq.formats import FORMATS, Format, Sample

CLOSED: Final = [f for f in FORMATS.values() if not f.open or f.dtypes]
SAMPLES: Final = [pytest.param(f, s, id=f"{f.name}-{i}") for f in CLOSED for i, s in enumerate(f.samples)]
FAMILIES: Final = {
    "filebeat/elasticsearch/gc/test.log": ("elasticsearch_gc", 0),
    "filebeat/elasticsearch/server/test.log": ("elasticsearch_server", 0),
    "filebeat/logstash/log/logstash-plain.log": ("log4j", 0),
    "filebeat/traefik/access/test.log": ("traefik", 0),
    "lnav/logfiles/logfile_w3c.0": ("iis_w3c", 0),
    "lnav/logfiles/logfile_w3c.2": ("iis_w3c", 0),
    "real/beats_auth_ubuntu1204.log": ("auth", 0),
}
"""File → format, and how many of its entries are of another."""

LENIENT: Final = {"vrl/parse_cef/missing_key"}
"""An equals sign without a key stays in the value before it: values with unescaped ones are too common to refuse."""


@pytest.mark.parametrize(("form", "sample"), SAMPLES)
def test_a_sample_is_read_as_it_says(form: Format, sample: Sample) -> None:
    """A scan of the sample alone gives each expected value, and nothing is wrong with its entry."""
    row = lq.scan(sample.text.encode() + b"\n", format=form.name).collect().row(-1, named=True)
    expected = {**sample.expected, "parse_error": None}
    when = expected.pop("timestamp", None)
    assert {name: row[name] for name in expected} == expected
    if when is not None:
        assert row["timestamp"].astimezone(dt.UTC) == dt.datetime.fromisoformat(when)


@pytest.mark.parametrize(("form", "sample"), SAMPLES)
def test_an_error_is_told_whatever_else_is_asked_for(form: Format, sample: Sample) -> None:
    """Asked for alone, `parse_error` is what it is beside all columns: null."""
    errors = lq.scan(sample.text.encode() + b"\n", format=form.name).select("parse_error").collect()
    assert errors["parse_error"].null_count() == errors.height


@pytest.mark.parametrize("path", FAMILIES)
def test_a_public_log_goes_to_its_system(shared_data: Path, path: str) -> None:
    """Detected without being told, each entry read and dated, but for those of another format."""
    name, other = FAMILIES[path]
    frame = lq.scan(shared_data / path).select("format", "parse_error", "timestamp").collect()
    assert set(frame["format"]) == {name}
    assert len(frame["parse_error"].drop_nulls()) == other
    assert frame["timestamp"].null_count() == other


@pytest.mark.parametrize(
    ("suite", "of", "name"),
    [
        ("vrl", "aws_alb", "aws_alb"),
        ("lnav", "elb_log", "aws_alb"),
        ("vrl", "cef", "cef"),
        ("grok", "HAPROXYHTTP", "haproxy"),
        ("grok", "HAPROXYHTTPBASE", "haproxy"),
    ],
)
def test_lines_of_other_parsers_tests_are_read(shared_data: Path, suite: str, of: str, name: str) -> None:
    """Detected one by one, and read where the other parser reads them."""
    cases = map(json.loads, (shared_data / suite / "cases.jsonl").read_text().splitlines())
    chosen = [case for case in cases if of in (case["format"], case.get("pattern")) and case["id"] not in LENIENT]
    assert chosen
    for case in chosen:
        row = lq.scan(case["line"].encode() + b"\n").collect().row(0, named=True)
        assert (row["format"] == name, row["parse_error"]) == (case.get("valid", True), None), case["id"]
