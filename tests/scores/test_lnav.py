"""The samples of lnav's formats, each detected alone, and its log files, of which no line may be lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

import logq as lq
from logq.schema import LEVELS, parse_level

JAVA: Final = frozenset({"log4j", "kafka", "java_wrapper", "elasticsearch_server"})
GENERIC: Final = frozenset({"generic"})
FAMILIES: Final[dict[str, frozenset[str]]] = {
    "access_log": frozenset({"apache_common", "apache_combined", "apache_vhost", "nginx_access"}),
    "candlepin_log": JAVA,
    "elb_log": frozenset({"aws_alb"}),
    "engine_log": JAVA,
    "env_logger_log": frozenset({"rust_log"}),
    "error_log": frozenset({"apache_error"}),
    "idea_log": JAVA,
    "java_log": JAVA,
    "logcat_log": frozenset({"logcat"}),
    "mysql_slow_log": frozenset({"mysql_slow", "mariadb_slow"}),
    "openstack_log": frozenset({"openstack", "python_logging"}),
    "otel_collector_log": frozenset({"json"}),
    "otlp_python_log": frozenset({"python_logging"}),
    "rails_log": frozenset({"ruby_logger"}),
    "redis_log": frozenset({"redis"}),
    "unifi_log": frozenset({"syslog_rfc3164"}),
    "uwsgi_log": frozenset({"uwsgi"}),
    "vmk_log": frozenset({"syslog_rfc3164"}),
    "vmw_py_log": frozenset({"python_logging"}),
    "zap_console_log": frozenset({"zap"}),
}
"""Their format → ours. To what is not here we have no counterpart: `generic` is right, which reads the time and the level."""

OTHER: Final[dict[str, frozenset[str]]] = {"lnav/vdsm_log/1": JAVA}
"""Cases laid out as another format than their fellows."""

NO_LOG: Final = "not Apache's, but a layout of one site"
LATE: Final = "the time stands far into the line"
NO_TIME: Final = "minutes and seconds without an hour are no time"
EXCEPTIONS: Final[dict[str, tuple[str, str]]] = {
    "lnav/access_log/2": ("generic", NO_LOG),
    "lnav/access_log/3": ("generic", NO_LOG),
    "lnav/cloudvm_ram_log/0": ("plain", LATE),
    "lnav/error_log/0": ("generic", "CUPS; its level is one letter"),
    "lnav/fsck_hfs_log/0": ("plain", LATE),
    "lnav/java_log/8": ("generic", "the level is glued to a number: a mistake in that pattern layout"),
    "lnav/java_log/20": ("generic", "neither a level nor a logger"),
    "lnav/java_log/29": ("generic", "neither a level nor a logger"),
    "lnav/mysql_slow_log/1": (
        "plain",
        "a line between entries, no entry: MySQL before 5.7 writes it where the second changes",
    ),
    "lnav/tcf_log/0": ("json", NO_TIME),
    "lnav/tcf_log/1": ("plain", NO_TIME),
    "lnav/tcf_log/2": ("plain", NO_TIME),
    "lnav/vmw_py_log/3": ("generic", "a clock of twelve hours, which `logging` has no layout for"),
}
"""Case → what it is taken for, and why."""

UNLEVELLED: Final = {"lnav/error_log/0", "lnav/sssd_log/3"}
"""Of these we do not know the level, which is a letter or a number of their own, though lnav does."""

LOGFILES: Final[dict[str, tuple[str, int]]] = {
    "logfile_access_log.0": ("apache_combined", 3),
    "logfile_access_log.1": ("apache_combined", 1),
    "logfile_crlf.0": ("python_logging", 2),
    "logfile_docker_compose.0": ("generic", 22),
    "logfile_ecs_log.json": ("json", 5),
    "logfile_empty.0": ("plain", 0),
    "logfile_generic.0": ("python_logging", 2),
    "logfile_generic.1": ("generic", 2),
    "logfile_generic.2": ("generic", 2),
    "logfile_generic.3": ("generic", 2),
    "logfile_glog.0": ("glog", 7),
    "logfile_invalid_utf8.0": ("python_logging", 1),
    "logfile_java.0": ("log4j", 20),
    "logfile_json.json": ("json", 14),
    "logfile_json2.json": ("json", 3),
    "logfile_logfmt.0": ("logfmt", 5),
    "logfile_multiline.0": ("python_logging", 2),
    "logfile_mysql_error.0": ("mysql_error", 4),
    "logfile_pino.0": ("json", 1),
    "logfile_postgres.0": ("postgresql", 21),
    "logfile_rollover.0": ("plain", 6),
    "logfile_shop_access_log.0": ("nginx_access", 1000),
    "logfile_spark.0": ("log4j", 399),
    "logfile_syslog.0": ("syslog_rfc3164", 4),
    "logfile_syslog.1": ("syslog_rfc3164", 4),
    "logfile_syslog.2": ("syslog_rfc3164", 3),
    "logfile_w3c.0": ("iis_w3c", 1),
    "logfile_w3c.2": ("iis_w3c", 14),
    "logfile_with_zones.0": ("syslog_rfc3164", 3),
}
"""File → the format it is in, and its entries."""


def right(case: dict[str, Any], row: dict[str, Any]) -> bool:
    """Whether a sample is read by a format of its family, its time too."""
    family = OTHER.get(case["id"], FAMILIES.get(case["format"], GENERIC))
    timed = row["timestamp"] is not None or row["format"] == "json"
    return row["format"] in family and row["parse_error"] is None and timed


def test_lnav_detection(shared_data: Path) -> None:
    """Nine of ten samples go to the right family, and their levels are lnav's; every other one is listed."""
    every = [json.loads(line) for line in (shared_data / "lnav" / "cases.jsonl").read_text("utf-8").splitlines()]
    failed, levels = {}, set()
    for case in every:
        frame = lq.scan(case["line"].encode()).collect()
        assert frame.height == 1 or frame["format"][0] == "plain"
        row = frame.row(0, named=True)
        if not right(case, row):
            failed[case["id"]] = row["format"]
        if case["level"] and case["format"] != "access_log":  # there it follows from the status
            known = LEVELS[(parse_level(case["level"])[0] - 1) // 4]
            levels |= set() if row["level"] == known else {case["id"]}
    print(f"lnav: {len(every) - len(failed)}/{len(every)}")  # noqa: T201 (the score)
    assert failed == {case: form for case, (form, _) in EXCEPTIONS.items()}
    assert levels == UNLEVELLED
    assert len(failed) <= 0.1 * len(every)
    assert len(every) == 132


@pytest.mark.parametrize("name", LOGFILES)
def test_lnav_logfiles(shared_data: Path, name: str) -> None:
    """Each file is read to its end in its format; the lines of its entries, and those of its head, are all there are."""
    path = shared_data / "lnav" / "logfiles" / name
    form, entries = LOGFILES[name]
    frame = lq.scan(path).collect()
    lines = [line for line in path.read_bytes().splitlines() if form != "iis_w3c" or not line.startswith(b"#")]
    assert set(frame["format"]) <= {form}
    assert frame.height == entries
    assert frame.height + frame["raw"].str.count_matches("\n").sum() == len(lines)


def test_every_logfile_of_lnav_is_tested(shared_data: Path) -> None:
    """No file was added unseen."""
    assert {path.name for path in (shared_data / "lnav" / "logfiles").iterdir()} == LOGFILES.keys()
