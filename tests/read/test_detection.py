"""Which format a file is read in."""

from __future__ import annotations

import datetime as dt
import os
from itertools import product
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import logq as lq
from logq.formats import FORMATS
from logq.plan import Scan
from logq.read import FileRef, resolve_file
from logq.read.claims import Sample, claim
from logq.read.detect import ENOUGH, detect

LOGHUB = {
    "Android": "logcat",
    "Apache": "apache_error",
    "HDFS": "log4j",
    "Hadoop": "log4j",
    "Linux": "syslog_rfc3164",
    "OpenStack": "openstack",
    "Spark": "log4j",
    "Zookeeper": "log4j",
}
REAL = {
    "beats_auth_ubuntu1204.log": "auth",
    "beats_mysql_error_5.7.10.log": "mysql_error",
    "beats_redis_1.2.6.log": "redis",
    "elastic_apache_combined.log": "apache_combined",
    "hl_cafe_utf8.jsonl": "json",
    "hl_prometheus.jsonl": "json",
    "kafka_server.log.2016-12-19-18": "kafka",
}
EXPECTED = {**{f"loghub/{n}/{n}_2k.log": f for n, f in LOGHUB.items()}, **{f"real/{n}": f for n, f in REAL.items()}}
TABLES = [f"loghub/{n}/{n}_2k.log_structured.csv" for n in LOGHUB]


UNTIMED = {"real/beats_mysql_error_5.7.10.log": 2}
"""Entries that have no time: MySQL tells its version so."""


@pytest.mark.parametrize("file", EXPECTED)
def test_a_public_log_is_read_in_its_format(shared_data: Path, file: str) -> None:
    """Detected by its head, without a hint: every entry of it is read, and its time."""
    frame = lq.scan(shared_data / file).select("format", "parse_error", "timestamp").collect()
    assert set(frame["format"]) == {EXPECTED[file]}
    assert frame["parse_error"].null_count() == frame.height
    assert frame["timestamp"].null_count() == UNTIMED.get(file, 0)


def test_every_public_log_is_in_the_table(shared_data: Path) -> None:
    """No log was added unseen."""
    logs = {f"real/{path.name}" for path in (shared_data / "real").iterdir() if "LICENSE" not in path.name}
    logs |= {str(path.relative_to(shared_data)) for path in shared_data.glob("loghub/*/*_2k.log")}
    assert logs == EXPECTED.keys()


def test_detection_reads_the_head_alone(tmp_path: Path) -> None:
    """What stands behind the first 64 KiB, decoded, changes neither the format nor the fields."""
    head = b"level=info n=1 msg=up\n" * 4000
    tail = b'{"a":1}\n' * 4000
    for name, data in (("short", head), ("long", head + tail)):
        (tmp_path / name).write_bytes(data)
    short, long = (resolve_file(FileRef(str(tmp_path / n)), Scan(sources=(n,))) for n in ("short", "long"))
    assert (short.format, short.fields) == (long.format, long.fields)
    (tmp_path / "hole").write_bytes(head)
    os.truncate(tmp_path / "hole", 10**10)
    assert resolve_file(FileRef(str(tmp_path / "hole")), Scan(sources=("hole",))).fields == short.fields


@pytest.mark.parametrize(
    ("log", "form"),
    [
        (b"2024-03-05 09:14:02 up\n2024-03-05 09:14:03 down\n", "generic"),
        (b"2024-03-05 09:14:02 up\n2024-03-05 09:14:03 INFO shop.Till - ready\n", "log4j"),
        (b"2024-03-05 09:14:02,up\n2024-03-05 09:14:03,down\n", "generic"),
        (b"2024-03-05 09:14:02,up,1\n2024-03-05 09:14:03,down,2\n", "csv"),
        (b"noted 2024-03-05 09:14:02 in the book of the shop\n" * 3, "generic"),
        (b"the shop was shut on the day of 2024-03-05 09:14:02\n" * 3, "plain"),
        (b"done a=1 b=2\n" * 3, "plain"),
        (b"2024-03-05T09:14:02Z WRN drawer is stuck till=3\n" * 3, "generic"),
        (b"2024-03-05T09:14:02Z error: drawer is stuck\n" * 3, "generic"),
        (b"2024-03-05T09:14:02Z till-3 drawer is stuck\n" * 3, "syslog_rfc3164"),
        (b"2024-03-05T09:14:02.518Z [INFO]  shop: till is open: id=3\n" * 3, "generic"),
    ],
)
def test_general_formats_take_what_no_other_accounts_for(log: bytes, form: str) -> None:
    """A time near the head of the lines is enough for `generic`, if no other format accounts for half of them."""
    assert set(lq.scan(log).collect()["format"]) == {form}


SHAPES = [
    *product(
        ("2024-03-05 ", "2024-03-05T", "2024/03/05 "), ("", ".518", ",518123", ":518"), ("", "Z", " UTC", "+00:00")
    ),
    *product(("05/Mar/2024:", "05-Mar-2024 ", "05 Mar 2024 "), ("", ".518", ",518"), ("", " UTC", " GMT", " +0000")),
]


@pytest.mark.parametrize(("day", "fraction", "zone"), SHAPES)
def test_a_time_whose_shape_is_known_is_read(day: str, fraction: str, zone: str) -> None:
    """Whatever `generic` takes for a time it reads; one that names its zone is exact, whatever `tz` says."""
    log = f"{day}09:14:02{fraction}{zone} shop is open\n"
    logs = lq.scan(log.encode(), "generic", tz="Europe/Berlin")
    found = logs.select("timestamp", "time_quality").collect().row(0)
    here = dt.datetime(2024, 3, 5, 9, 14, 2, int(fraction[1:].ljust(6, "0")), dt.UTC)
    assert found == (here if zone else here - dt.timedelta(hours=1), "exact" if zone else "zone_assumed")


@pytest.mark.parametrize("file", TABLES)
def test_a_public_table_is_csv(shared_data: Path, file: str) -> None:
    """2,000 rows, quoted separators and all, each with as many values as the header has names."""
    frame = lq.scan(shared_data / file).collect()
    assert frame.height == 2000
    assert set(frame["format"]) == {"csv"}
    assert frame["parse_error"].null_count() == 2000
    reference = pl.read_csv(shared_data / file, infer_schema=False, empty_string_is_null=False)
    for name in ("EventId", "EventTemplate", "Content"):
        assert frame[name].to_list() == reference[name].to_list()


@pytest.mark.parametrize("form", [f for f in FORMATS.values() if f.kind == "regex"], ids=lambda f: f.name)
def test_a_format_detects_its_own_samples(form: lq.Format) -> None:
    """Each format's samples together are taken for it, or for one whose patterns read them as well."""
    lines = pl.Series([line for sample in form.samples for line in sample.text.split("\n")])
    assert detect(lines).kind == "regex"


@pytest.mark.parametrize(
    ("log", "form"),
    [
        (b"", "plain"),
        (b"\n\n", "plain"),
        (b"Hello, world, it is fine, fine\na day today, is it not\n", "plain"),
        (b"a=b\n", "plain"),
        (b"level=info msg=up\n", "logfmt"),
        (b"{}\n", "json"),
        (b'{"a":1}\nnoise\n{"a":2}\n', "json"),
        (b'[{"a":1}]\n', "plain"),
        (b"a\tb\tc\n1\t2\t3\n", "tsv"),
        (b"a,b,c\n1,2,3\n", "csv"),
        (b"a,b,c\n", "plain"),
    ],
)
def test_small_files_are_detected_too(log: bytes, form: str) -> None:
    """One line may suffice, except for separated values, which prose also has."""
    assert set(lq.scan(log).collect()["format"]) <= {form}


def test_given_formats_are_the_only_candidates(tmp_path: Path) -> None:
    """`formats=` bounds the choice row by row; what none of them reads has no format."""
    (tmp_path / "a.log").write_bytes(b'{"level":"info"}\n')
    (tmp_path / "b.log").write_bytes(b"level=info msg=x\n")
    frame = lq.scan(tmp_path, formats=["json", "syslog_rfc3164"]).collect()
    assert frame["format"].to_list() == ["json", None]
    assert lq.scan(tmp_path, "logfmt").collect()["format"].to_list() == ["logfmt", "logfmt"]


SAMPLED = tuple(line for form in FORMATS.values() for one in form.samples for line in one.text.split("\n"))


def asked(lines: pl.Series, sample: Sample, candidates: list[lq.Format]) -> lq.Format | None:
    """Every format asked, with every pattern, in order."""
    claims = [(claim(sample, form).checked().share, -order) for order, form in enumerate(candidates)]
    share, order = max(claims)
    return candidates[-order] if share >= ENOUGH and len(lines) else None


@given(st.lists(st.sampled_from(SAMPLED), min_size=1, max_size=6), st.integers(1, 3))
def test_formats_that_are_not_asked_would_not_have_been_taken(texts: list[str], times: int) -> None:
    """Passing over what cannot be, and stopping at what takes all, changes no answer."""
    lines = pl.Series(texts * times)
    lines = lines.filter(lines.str.strip_chars() != "")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Sample, "may_hold", lambda _, __: True)
        kinds = [[form for form in FORMATS.values() if form.general == general] for general in (False, True)]
        sample = Sample.of(lines) if len(lines) else Sample.of(pl.Series([""]))
        expected = asked(lines, sample, kinds[0]) or asked(lines, sample, kinds[1]) or FORMATS["plain"]
    assert detect(lines).name == expected.name


@pytest.mark.parametrize("pattern", ["up (?P<n>[0-9]+)$", "^(?P<a>x)?", "^(?i:UP) (?P<n>[0-9]+)$"])
def test_a_pattern_of_which_nothing_is_known_is_asked(pattern: str) -> None:
    """One that is not bound to the beginning, may be empty, or is not understood."""
    assert Sample.of(pl.Series(["up 7"])).may_hold(pattern)
