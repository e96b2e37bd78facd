"""On public logs, where every entry is one line, a context is what `grep -C` prints."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Final

import pytest

import logq as lq
from logq.formats import FORMATS

LOGHUB: Final = ("Android", "Apache", "HDFS", "Hadoop", "Linux", "OpenStack", "Spark", "Zookeeper")
REAL: Final = (
    "beats_auth_ubuntu1204.log",
    "beats_mysql_error_5.7.10.log",
    "beats_redis_1.2.6.log",
    "elastic_apache_combined.log",
    "hl_cafe_utf8.jsonl",
    "hl_prometheus.jsonl",
    "kafka_server.log.2016-12-19-18",
)
FILEBEAT: Final = (
    "apache/access/test.log",
    "elasticsearch/server/test.log",
    "kafka/log/controller.log",
    "kafka/log/server.log",
    "mysql/error/error.log",
    "nginx/access/test.log",
    "system/syslog/darwin-syslog-sample.log",
    "traefik/access/test.log",
)
LOGS: Final = (*(f"loghub/{n}/{n}_2k.log" for n in LOGHUB), *(f"real/{n}" for n in REAL))
ALL: Final = (*LOGS, *(f"filebeat/{n}" for n in FILEBEAT), "apachelogs/vhost_combined.log")
MANY_LINES: Final = {
    "filebeat/elasticsearch/server/test.log",
    "filebeat/system/syslog/darwin-syslog-sample.log",
}
"""Logs with entries of more than one line in the format they are detected as."""

PATTERNS: Final = ("error|fail|Exception", "[45][0-9][0-9]", "^[0-9A-Z]", "a.*e.*[0-9]$", "never in any of them")
ERRORS: Final = {
    "loghub/Apache/Apache_2k.log": r"^\[[^]]*\] \[error\]",
    "loghub/Hadoop/Hadoop_2k.log": r"^[0-9-]+ [0-9:,]+ ERROR ",
    "loghub/Zookeeper/Zookeeper_2k.log": r"^[0-9-]+ [0-9:,]+ - ERROR ",
    "real/hl_cafe_utf8.jsonl": r'"level": ?"error"',
}
"""What grep looks for where logq asks for the level."""

Lines = list[tuple[int, bool, int]]
"""Line number, whether it matches, and the number of the run of lines it stands in."""


def grepped(path: Path, pattern: str, size: int) -> Lines:
    """What grep prints: `12:` is a match, `12-` a neighbour, `--` a gap."""
    command = ["grep", "-a", "-n", "-E", f"-C{size}", "-e", pattern]
    text = path.read_bytes().replace(b"\r\n", b"\n")  # to grep a carriage return is part of the line
    run = subprocess.run(command, input=text, capture_output=True, check=False, env={**os.environ, "LC_ALL": "C"})
    assert run.returncode in {0, 1}, run.stderr
    found: Lines = []
    group = 0
    for line in run.stdout.splitlines():
        if line == b"--":
            group += 1
            continue
        number, mark = re.match(rb"(\d+)([:-])", line).groups()  # type: ignore[union-attr]
        found.append((int(number), mark == b":", group))
    return found


def surrounded(frame: lq.LogFrame, size: int) -> Lines:
    """The same of a chain."""
    rows = frame.context(size).select("line", "is_match", "context_group").collect()
    return rows.rows()


def one_line_entries(path: Path, form: str) -> bool:
    """Whether every line of a log is an entry."""
    last = lq.scan(path, form).select("line").collect()["line"].to_list()
    return last == list(range(1, len(last) + 1)) == list(range(1, len(path.read_bytes().splitlines()) + 1))


@pytest.mark.parametrize("log", ALL)
def test_which_logs_have_entries_of_one_line(shared_data: Path, log: str) -> None:
    """As plain text all of them, as what they are detected as all but those named."""
    assert one_line_entries(shared_data / log, "plain")
    assert one_line_entries(shared_data / log, "auto") == (log not in MANY_LINES)


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("log", ALL)
def test_a_grep_in_context_is_greps(shared_data: Path, log: str, pattern: str) -> None:
    """Lines, marks and gaps, in blocks of any size; as plain text, and in the format detected."""
    path = shared_data / log
    expected = grepped(path, pattern, 3)
    assert surrounded(lq.scan(path, "plain").grep(pattern), 3) == expected
    if log not in MANY_LINES:
        assert surrounded(lq.scan(path, block_size=2000, workers=2).grep(pattern), 3) == expected


@pytest.mark.parametrize("size", [0, 1, 3, 50])
@pytest.mark.parametrize("log", ERRORS)
def test_a_level_in_context_is_greps(shared_data: Path, log: str, size: int) -> None:
    """Where a level is a word at a place, grep for it there finds the same; there are some, and not all."""
    path = shared_data / log
    expected = grepped(path, ERRORS[log], size)
    assert 0 < sum(match for _, match, _ in expected) < len(path.read_bytes().splitlines())
    assert surrounded(lq.scan(path).level("ERROR"), size) == expected


@pytest.mark.parametrize("log", LOGS)
def test_errors_in_context_of_every_log(shared_data: Path, log: str) -> None:
    """It runs whatever the format; matches are the errors, and each stands with its neighbours in the file."""
    frame = lq.scan(shared_data / log).level("ERROR")
    found, errors = frame.context(3).collect(), frame.collect()
    assert set(found["format"]) <= FORMATS.keys()
    matches = found.filter("is_match").drop("is_match", "context_group", "context_distance")
    assert matches.equals(errors)
    assert found["line"].is_sorted()
    assert found["context_distance"].abs().max() in {None, 0, 1, 2, 3}
    lines = lq.scan(shared_data / log).select("line").collect()["line"].to_list()
    at = [lines.index(line) for line in errors["line"]]
    near = {place for i in at for place in range(max(i - 3, 0), min(i + 4, len(lines)))}
    assert found["line"].to_list() == [lines[place] for place in sorted(near)]


def test_contexts_that_grep_counted_before(shared_data: Path) -> None:
    """Counts, groups and line numbers, kept beside the logs, of sizes that differ by side."""
    cases = map(json.loads, (shared_data / "oracles" / "expected.jsonl").read_text().splitlines())
    checked = 0
    for case in cases:
        if case["suite"] != "context":
            continue
        frame = lq.scan(shared_data / case["file"]).grep(case["regex"])
        rows = frame.context(before=case["before"], after=case["after"]).collect()
        lines = rows["line"].to_list()
        found = {
            "matches": rows["is_match"].sum(),
            "context": (~rows["is_match"]).sum(),
            "groups": rows["context_group"].n_unique(),
            "first_lines": lines[:40],
            "sum_line_numbers": sum(lines),
        }
        assert found == case["expected"], case["id"]
        checked += 1
    assert checked == 20
