"""The patterns hold on public logs: nearly every line is read, by the format that should."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

import polars as pl
import pytest

from logq.formats import FORMATS, Format

if TYPE_CHECKING:
    from pathlib import Path

LOGS: Final = [
    ("real/elastic_apache_combined.log", "apache_combined"),
    ("real/elastic_apache_combined.log", "nginx_access"),
    ("real/beats_auth_ubuntu1204.log", "syslog_rfc3164"),
    ("real/kafka_server.log.2016-12-19-18", "log4j"),
    ("loghub/Apache/Apache_2k.log", "apache_error"),
    ("loghub/Linux/Linux_2k.log", "syslog_rfc3164"),
    ("loghub/Hadoop/Hadoop_2k.log", "log4j"),
    ("loghub/Zookeeper/Zookeeper_2k.log", "log4j"),
    ("loghub/Spark/Spark_2k.log", "log4j"),
    ("loghub/HDFS/HDFS_2k.log", "log4j"),
]


def lines(path: Path) -> pl.Series:
    """Non-empty lines of a file."""
    return pl.Series([line for line in path.read_text(errors="replace").split("\n") if line])


def capture(form: Format, texts: pl.Series) -> pl.DataFrame:
    """All groups, each row from the first pattern that matches it."""
    frame = texts.to_frame("raw")
    chain = pl.lit(None, pl.Struct(dict.fromkeys(form.groups, pl.String())))
    for pattern in reversed(form.patterns):
        groups = pl.col("raw").str.extract_groups(pattern)
        names = pl.Series(["x"]).str.extract_groups(pattern).struct.fields
        full = pl.struct(
            groups.struct.field(n) if n in names else pl.lit(None, pl.String).alias(n) for n in form.groups
        )
        chain = pl.when(pl.col("raw").str.contains(pattern)).then(full).otherwise(chain)
    return frame.select(chain.alias("all")).unnest("all")


@pytest.mark.parametrize(("path", "name"), LOGS)
def test_every_line_is_read(shared_data: Path, path: str, name: str) -> None:
    """Each line matches a pattern and the start rule, and its stamp fits a layout."""
    form, texts = FORMATS[name], lines(shared_data / path)
    assert texts.str.contains(form.start or "").all()
    assert texts.str.contains("|".join(f"(?:{p})" for p in _anonymous(form))).all()
    stamps = capture(form, texts)["timestamp"]
    assert form.stamp is not None
    missing = stamps
    for layout in form.stamp.layouts:
        year, texts_with_year = ("%Y ", "2000 " + missing) if form.stamp.yearless(layout) else ("", missing)
        missing = missing.filter(texts_with_year.str.to_datetime(year + layout, strict=False).is_null())
    assert missing.to_list() == []


def _anonymous(form: Format) -> list[str]:
    from logq.formats.base import keep_groups

    return [keep_groups(p, frozenset()) for p in form.patterns]


def test_a_known_log_adds_up(shared_data: Path) -> None:
    """Counts of the 10,000 requests agree with what grep and awk find."""
    frame = capture(FORMATS["apache_combined"], lines(shared_data / "real/elastic_apache_combined.log"))
    assert frame["status"].value_counts().sort("status").rows()[:3] == [("200", 9126), ("206", 45), ("301", 164)]
    assert frame["method"].unique().sort().to_list() == ["GET", "HEAD", "OPTIONS", "POST"]
    assert frame["client_ip"].n_unique() == 1753


def test_levels_of_a_known_log(shared_data: Path) -> None:
    """Every level word of the Apache error log is in the table."""
    form = FORMATS["apache_error"]
    words = capture(form, lines(shared_data / "loghub/Apache/Apache_2k.log"))["level"].unique()
    assert set(words) <= form.severity_table.keys()


def test_syslog_cases_of_another_parser(shared_data: Path) -> None:
    """What go-syslog accepts is read alike; the map of structured data holds the same values, escapes undone."""
    names = {"appname": "app_name", "procid": "proc_id", "msgid": "msg_id"}
    form = FORMATS["syslog_rfc5424"]
    for case in map(json.loads, (shared_data / "syslog/cases.jsonl").read_text().splitlines()):
        if case["format"] != form.name or not case["valid"]:
            continue
        row = (
            capture(form, pl.Series([case["line"]]))
            .select(pl.when(~pl.all().is_in(form.nulls)).then(pl.all()))
            .with_columns(**form.derived)
        )
        found = row.cast({n: t for n, t in form.dtypes.items() if n in form.groups}).row(0, named=True)
        expected = {names.get(k, k): v for k, v in case["expected"].items() if v is not None}
        if "message" in expected:
            expected["message"] = expected["message"].removeprefix("\ufeff")
        for params in expected.get("structured_data", {}).values():
            params.update({k: _unescaped(v) for k, v in params.items()})
        assert {k: found[k] for k in expected} == expected, case["id"]


def _unescaped(value: str) -> str:
    return re.sub(r'\\(["\\\]])', r"\1", value)
