"""Which format a file is read in."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import logq as lq
from logq.formats import FORMATS
from logq.read.detect import detect

LOGHUB = {
    "Android": {"plain", "logcat"},
    "Apache": {"apache_error"},
    "HDFS": {"log4j"},
    "Hadoop": {"log4j"},
    "Linux": {"syslog_rfc3164"},
    "OpenStack": {"plain", "openstack", "python_logging"},
    "Spark": {"log4j"},
    "Zookeeper": {"log4j"},
}
REAL = {
    "beats_auth_ubuntu1204.log": {"syslog_rfc3164", "openssh", "auth"},
    # MySQL writes ISO stamps and a thread number, which a syslog line may also begin with
    "beats_mysql_error_5.7.10.log": {"syslog_rfc3164", "mysql_error"},
    "beats_redis_1.2.6.log": {"plain", "redis"},
    "elastic_apache_combined.log": {"apache_combined"},
    "hl_cafe_utf8.jsonl": {"json"},
    "hl_prometheus.jsonl": {"json"},
    "kafka_server.log.2016-12-19-18": {"log4j"},
}
EXPECTED = {**{f"loghub/{n}/{n}_2k.log": f for n, f in LOGHUB.items()}, **{f"real/{n}": f for n, f in REAL.items()}}
TABLES = [f"loghub/{n}/{n}_2k.log_structured.csv" for n in LOGHUB]


@pytest.mark.parametrize("file", EXPECTED)
def test_a_public_log_is_read_in_its_format(shared_data: Path, file: str) -> None:
    """Detected by its head, nearly all of it parses, and time is read on all that does."""
    frame = lq.scan(shared_data / file).select("format", "parse_error", "timestamp").collect()
    assert set(frame["format"]) <= EXPECTED[file]
    assert frame["parse_error"].null_count() >= 0.99 * frame.height
    if frame["format"][0] != "plain":
        assert frame.filter(pl.col("parse_error").is_null())["timestamp"].null_count() <= 0.02 * frame.height


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
