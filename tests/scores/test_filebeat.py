"""Filebeat's modules: where the events of their test logs begin, and what is in them. No format is named: each is detected."""

from __future__ import annotations

import json
import re
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import pytest

import logq as lq
from logq.schema import LEVELS, parse_level

MERGED: Final = "filebeat/logstash/log/logstash-json.log"
"""Three JSON objects, which the module's rule for plain text takes for one event."""

CONTROLLER: Final = "the process of a controller stands where an index may; the message keeps it"
COLLECTION: Final = "figures inside a message are left to `extract`"
EXCEPTIONS: Final[dict[tuple[str, str], str]] = {
    ("elasticsearch/server/test-json.log/36", "elasticsearch.index.id"): CONTROLLER,
    ("elasticsearch/server/test-json.log/36", "elasticsearch.index.name"): CONTROLLER,
    ("elasticsearch/server/test-json.log/36", "message"): CONTROLLER,
    ("elasticsearch/server/test.log/15", "elasticsearch.server.gc.young.one"): COLLECTION,
    ("elasticsearch/server/test.log/15", "elasticsearch.server.gc.young.two"): COLLECTION,
    ("elasticsearch/server/test.log/15", "message"): COLLECTION,
    ("elasticsearch/server/test.log/16", "elasticsearch.server.gc.collection_duration.ms"): COLLECTION,
    ("elasticsearch/server/test.log/16", "elasticsearch.server.gc.observation_duration.ms"): COLLECTION,
    ("elasticsearch/server/test.log/16", "elasticsearch.server.gc.overhead_seq"): COLLECTION,
    ("elasticsearch/server/test.log/16", "message"): "theirs is the whole line here, and only here",
}
"""Case and field → why it is read otherwise."""

FORMATS: Final = {
    "apache/access/ssl-request.log": "apache_ssl_request",
    "apache/access/test.log": "nginx_access",  # both combined and common; the two servers write the same
    "elasticsearch/gc/test.log": "elasticsearch_gc",
    "elasticsearch/server/test-json.log": "elasticsearch_json",
    "elasticsearch/server/test.log": "elasticsearch_server",
    "kafka/log/controller.log": "kafka",
    "kafka/log/server.log": "kafka",
    "kafka/log/state-change-1.1.0.log": "kafka",
    "kafka/log/state-change-2.0.0.log": "kafka",
    "kafka/log/state-change.log": "kafka",
    "logstash/log/logstash-json.log": "json",
    "logstash/log/logstash-plain.log": "log4j",
    "mysql/error/error.log": "mysql_error",
    "nginx/access/test.log": "nginx_access",
    "redis/log/redis-5.0.3.log": "redis",
    "redis/log/test.log": "redis",
    "system/syslog/darwin-syslog-sample.log": "syslog_rfc3164",
    "system/syslog/suse-syslog.log": "syslog_rfc3164",
    "traefik/access/test.log": "traefik",
}

FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "@timestamp": ("timestamp",),
    "message": ("message",),
    "log.level": ("level",),
    "process.pid": ("pid",),
    "process.name": ("app_name",),
    "host.hostname": ("hostname",),
    "http.request.method": ("method",),
    "http.request.referrer": ("referrer",),
    "http.response.body.bytes": ("bytes",),
    "http.response.status_code": ("status",),
    "http.version": ("protocol",),
    "source.address": ("client_ip",),
    "source.domain": ("client_ip",),
    "source.ip": ("client_ip",),
    "url.original": ("path",),
    "user.name": ("user",),
    "user_agent.original": ("user_agent",),
    "event.duration": ("duration_s",),
    "nginx.access.remote_ip_list": ("client_addresses",),
    "apache.access.ssl.protocol": ("tls_protocol",),
    "apache.access.ssl.cipher": ("tls_cipher",),
    "traefik.access.backend_url": ("server_url",),
    "traefik.access.frontend_name": ("router",),
    "traefik.access.request_count": ("request_count",),
    "traefik.access.user_identifier": ("ident",),
    "redis.log.role": ("role",),
    "mysql.thread_id": ("thread",),
    "kafka.log.class": ("logger",),
    "kafka.log.component": ("component",),
    "logstash.log.module": ("logger", "loggerName"),
    "logstash.log.thread": ("thread",),
    "logstash.log.log_event.count": ("logEvent.count",),
    "logstash.log.log_event.running_pipelines": ("logEvent.running_pipelines",),
    "elasticsearch.component": ("logger",),
    "elasticsearch.node.name": ("node",),
    "elasticsearch.node.id": ("node_id",),
    "elasticsearch.cluster.name": ("cluster",),
    "elasticsearch.cluster.uuid": ("cluster_id",),
    "elasticsearch.index.name": ("index",),
    "elasticsearch.index.id": ("index_id",),
    "elasticsearch.server.stacktrace": ("stacktrace",),
    "elasticsearch.gc.jvm_runtime_sec": ("uptime_s",),
    "elasticsearch.gc.heap.size_kb": ("heap_size_kb",),
    "elasticsearch.gc.heap.used_kb": ("heap_used_kb",),
    "elasticsearch.gc.old_gen.size_kb": ("old_size_kb",),
    "elasticsearch.gc.old_gen.used_kb": ("old_used_kb",),
    "elasticsearch.gc.young_gen.size_kb": ("young_size_kb",),
    "elasticsearch.gc.young_gen.used_kb": ("young_used_kb",),
    "elasticsearch.gc.phase.name": ("phase",),
    "elasticsearch.gc.phase.duration_sec": ("duration_s",),
    "elasticsearch.gc.phase.cpu_time.real_sec": ("real_s",),
    "elasticsearch.gc.phase.cpu_time.sys_sec": ("system_s",),
    "elasticsearch.gc.phase.cpu_time.user_sec": ("user_s",),
    "elasticsearch.gc.phase.class_unload_time_sec": ("class_unloading_s",),
    "elasticsearch.gc.phase.parallel_rescan_time_sec": ("rescan_s",),
    "elasticsearch.gc.phase.scrub_string_table_time_sec": ("string_table_s",),
    "elasticsearch.gc.phase.scrub_symbol_table_time_sec": ("symbol_table_s",),
    "elasticsearch.gc.phase.weak_refs_processing_time_sec": ("weak_refs_s",),
    "elasticsearch.gc.stopping_threads_time_sec": ("stopping_s",),
    "elasticsearch.gc.threads_total_stop_time_sec": ("stopped_s",),
}
"""Their names → ours, the first that a scan has. Geography is looked up elsewhere, and not in the log."""

NOTHING: Final = ("-", "", "unknown")
"""What they keep, or put, where there is no value; ours is null."""

OWN_LEVELS: Final = {"Note": "INFO"}


def cases(root: Path) -> dict[str, list[dict[str, Any]]]:
    """File → its events in order."""
    every = [json.loads(line) for line in (root / "cases.jsonl").read_text("utf-8").splitlines()]
    of = "filebeat/([^.]+.*)/[0-9]+"
    grouped = groupby(every, lambda case: re.fullmatch(of, case["id"])[1])  # type: ignore[index]
    return {file: list(events) for file, events in grouped}


def ours(name: str, row: dict[str, Any], file: str) -> Any:
    """Our value for their field, as they write it."""
    if (name, file) == ("message", "elasticsearch/gc/test.log"):
        return row["raw"]
    value = next((row[field] for field in FIELDS.get(name, ()) if field in row), None)
    match name:
        case "@timestamp":
            return None if value is None else value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        case "http.version":
            return value and value.removeprefix("HTTP/")
        case "event.duration":
            return None if value is None else round(value * 1e9)
        case "nginx.access.remote_ip_list":
            return re.findall("[0-9A-Fa-f.:]+", value or row["client_ip"])
    return value


def same(name: str, theirs: Any, value: Any) -> bool:
    """Whether the values are equal: numbers as numbers, levels by their meaning."""
    if name == "log.level":
        return bool(value == (OWN_LEVELS.get(theirs) or LEVELS[(parse_level(theirs)[0] - 1) // 4]))
    if isinstance(theirs, str) and isinstance(value, int | float):
        return float(theirs) == value
    return bool(value == (None if theirs in NOTHING else theirs))


@pytest.fixture
def events(shared_data: Path) -> dict[str, list[dict[str, Any]]]:
    """All cases."""
    return cases(shared_data / "filebeat")


def test_events_begin_where_filebeat_says(shared_data: Path, events: dict[str, list[dict[str, Any]]]) -> None:
    """Detected without a hint, each entry begins in the line in which an event does."""
    found, wrong = 0, []
    for file, expected in events.items():
        path = shared_data / "filebeat" / file
        data = path.read_bytes()
        frame = lq.scan(path).select("line", "format", "parse_error").collect()
        assert set(frame["format"]) == {FORMATS[file]}
        assert frame["parse_error"].null_count() == frame.height
        begins = [data.count(b"\n", 0, event["offset"]) + 1 for event in expected]
        found += len(begins)
        wrong += [] if frame["line"].to_list() == begins else [f"filebeat/{file}"]
    print(f"filebeat: {found - 1}/{found} event boundaries")  # noqa: T201 (the score)
    assert wrong == [MERGED]
    assert found == 169


def test_fields_are_those_filebeat_reads(shared_data: Path, events: dict[str, list[dict[str, Any]]]) -> None:
    """Every field that a case holds, but those listed, has the value that the module reads."""
    total, failed = 0, set()
    for file, expected in events.items():
        rows = lq.scan(shared_data / "filebeat" / file).collect().rows(named=True)
        for number, (event, row) in enumerate(zip(expected, rows, strict=False)):
            for name, theirs in event["expected_full"].items():
                if ".geo." in name:
                    continue
                total += 1
                if not same(name, theirs, ours(name, row, file)):
                    failed.add((f"{file}/{number}", name))
    print(f"filebeat: {total - len(failed)}/{total} fields")  # noqa: T201 (the score)
    assert failed == EXCEPTIONS.keys()
    assert len(failed) < 0.03 * total
