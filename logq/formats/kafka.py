"""Kafka's own logs (server, controller, state changes): the component in brackets ahead of the message, the class at its end."""

from __future__ import annotations

from typing import Final

from logq.formats.base import Format, Sample, Stamp

TIME: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2},[0-9]{3}"
HEAD: Final = rf"^\[(?P<timestamp>{TIME})\] (?P<level>TRACE|DEBUG|INFO|WARN|ERROR|FATAL) "
COMPONENT: Final = r"\[(?P<component>[^\]]+)\][:,]? "
LOGGER: Final = r" \((?P<logger>[A-Za-z0-9_.$-]+)\)"
PLAIN: Final = r"(?P<message>[^\[\n][^\n]*)"

KAFKA: Final = Format(
    name="kafka",
    title="Kafka log",
    patterns=(
        rf"{HEAD}{COMPONENT}(?P<message>[^\n]*){LOGGER}\s*$",
        rf"{HEAD}{PLAIN}{LOGGER}\s*$",
        # Where a trace follows, the class stands at the end of the first line, which the message keeps whole.
        rf"{HEAD}{COMPONENT}(?P<message>[^\n]*{LOGGER}\n(?s:.*))$",
        rf"{HEAD}(?P<message>[^\n]*{LOGGER}\n(?s:.*))$",
    ),
    stamp=Stamp(layouts=("%Y-%m-%d %H:%M:%S,%3f",)),
    start=rf"^\[{TIME}\] ",
    reference="https://github.com/apache/kafka/blob/trunk/config/log4j2.yaml",
    samples=(
        Sample(
            "[2024-03-05 09:14:02,518] INFO [Controller 0]: Broker 0 starts as controller (kafka.controller.KafkaController)",
            {
                "timestamp": "2024-03-05T09:14:02.518Z",
                "time_quality": "zone_assumed",
                "level": "INFO",
                "message": "Broker 0 starts as controller",
                "component": "Controller 0",
                "logger": "kafka.controller.KafkaController",
            },
        ),
        Sample(
            "[2024-03-05 09:14:03,018] WARN session timed out (org.apache.zookeeper.ClientCnxn)",
            {"level": "WARN", "message": "session timed out", "component": None},
        ),
        Sample(
            "[2024-03-05 09:14:04,018] ERROR [ReplicaManager broker=2] append failed (kafka.server.ReplicaManager)\njava.io.IOException: disk full",
            {
                "level": "ERROR",
                "message": "append failed (kafka.server.ReplicaManager)\njava.io.IOException: disk full",
                "component": "ReplicaManager broker=2",
                "logger": "kafka.server.ReplicaManager",
            },
        ),
        Sample(
            "[2024-03-05 09:14:05,018] FATAL shutting down (kafka.Kafka$)\njava.lang.Error: gone",
            {"level": "FATAL", "component": None, "logger": "kafka.Kafka$"},
        ),
    ),
)
