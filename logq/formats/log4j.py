"""Log4j, Logback and their kin: the pattern layouts Java services print by default."""

from __future__ import annotations

from typing import Final

import polars as pl

from logq.formats._names import ISO
from logq.formats.base import Format, Sample, Stamp

DAY: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
CLOCK: Final = r"[0-9]{2}:[0-9]{2}:[0-9]{2}"
DATE: Final = rf"(?P<timestamp>{DAY}[ T]{CLOCK}(?:[,.][0-9]{{1,9}})?(?:Z|[+-][0-9]{{2}}:?[0-9]{{2}})?)"
SHORT: Final = rf"(?P<timestamp>[0-9]{{2}}(?:/[0-9]{{2}}/[0-9]{{2}} {CLOCK}|[0-9]{{4}} [0-9]{{6}}))"
LEVEL: Final = r"(?P<level>TRACE|DEBUG|INFO|WARN(?:ING)?|ERROR|SEVERE|FATAL)"
LOGGER: Final = r"(?P<logger>[A-Za-z0-9_.$/-]+)"
DOTTED: Final = r"(?P<logger>[A-Za-z0-9_$-]+\.[A-Za-z0-9_.$/-]+)"
THREAD: Final = r"\[(?P<thread>[^\]]*)\]"
SEPARATOR: Final = r"(?: +--?|:) "
MESSAGE: Final = r"(?P<message>(?s:.*))$"

LOG4J: Final = Format(
    name="log4j",
    title="Log4j / Logback pattern layouts",
    patterns=(
        # %d %p [%t] %c - %m; Hadoop puts a colon after the logger
        rf"^\[?{DATE}\]? +{LEVEL} +{THREAD} +{LOGGER}{SEPARATOR}{MESSAGE}",
        # %d [%t] %p %c - %m
        rf"^\[?{DATE}\]? +{THREAD} +{LEVEL} +{LOGGER}{SEPARATOR}{MESSAGE}",
        # Spring Boot: pid, then application (optional) and thread
        rf"^{DATE} +{LEVEL} (?P<pid>[0-9]+) --- (?:\[[^\]]*\] )?\[ *(?P<thread>[^\]]*)\] {LOGGER} +: {MESSAGE}",
        # ZooKeeper: thread, class and code line in one bracket
        rf"^{DATE} +- +{LEVEL} +\[(?P<thread>[^@]*):{LOGGER}@[0-9]+\] - {MESSAGE}",
        # Elasticsearch
        rf"^\[{DATE}\]\[{LEVEL} *\]\[(?P<logger>[^\] ]*) *\] ?{MESSAGE}",
        # Kafka: the logger stands at the end of the line
        rf"^\[{DATE}\] {LEVEL} (?P<message>[^\n]*) \({LOGGER}\)$",
        rf"^\[{DATE}\] {LEVEL} (?P<message>[^\n]* \({LOGGER}\)\n(?s:.*))$",
        # Spark, and Hadoop before it, with a thread number
        rf"^{SHORT} (?:(?P<thread>[0-9]+) )?{LEVEL} +{LOGGER}: {MESSAGE}",
        rf"^\[?{DATE}\]? +{LEVEL} +{DOTTED}{SEPARATOR}{MESSAGE}",
        rf"^\[?{DATE}\]? +(?:- )?{LEVEL} +{MESSAGE}",
    ),
    stamp=Stamp(layouts=(*ISO, "%y/%m/%d %H:%M:%S", "%y%m%d %H%M%S")),
    dtypes={"pid": pl.Int64()},
    start=rf"^(?:\[?{DAY}[ T][0-9]{{2}}:|[0-9]{{2}}/[0-9]{{2}}/[0-9]{{2}} |[0-9]{{6}} [0-9]{{6}} )",
    reference="https://logging.apache.org/log4j/2.x/manual/pattern-layout.html",
    samples=(
        Sample(
            "2023-11-14 22:13:20,123 ERROR [worker-4] com.acme.shop.Cart - checkout failed\njava.io.IOException: gone",
            {
                "level": "ERROR",
                "severity": 17,
                "thread": "worker-4",
                "logger": "com.acme.shop.Cart",
                "message": "checkout failed\njava.io.IOException: gone",
                "timestamp": "2023-11-14T22:13:20.123Z",
                "time_quality": "zone_assumed",
            },
        ),
        Sample(
            "2023-11-14 22:13:20.123 [main] WARN  com.acme.shop.Till -- drawer is open",
            {
                "timestamp": "2023-11-14T22:13:20.123Z",
                "level": "WARN",
                "thread": "main",
                "logger": "com.acme.shop.Till",
                "message": "drawer is open",
            },
        ),
        Sample(
            "2023-11-14 22:13:20,123 INFO [IPC Server 4] org.acme.dfs.Store$Mover: moved 12 blocks",
            {
                "level": "INFO",
                "thread": "IPC Server 4",
                "logger": "org.acme.dfs.Store$Mover",
                "message": "moved 12 blocks",
            },
        ),
        Sample(
            "2023-11-14T23:13:20.123+01:00  INFO 4118 --- [shop] [  exec-2] c.acme.shop.Orders      : order 8123 is paid",
            {
                "timestamp": "2023-11-14T22:13:20.123Z",
                "time_quality": "exact",
                "pid": 4118,
                "thread": "exec-2",
                "logger": "c.acme.shop.Orders",
                "message": "order 8123 is paid",
            },
        ),
        Sample(
            "2023-11-14 22:13:20,123 - WARN  [Peer[myid=2]/0.0.0.0:2181:Quorum@774] - vote timed out",
            {"level": "WARN", "thread": "Peer[myid=2]/0.0.0.0:2181", "logger": "Quorum", "message": "vote timed out"},
        ),
        Sample(
            "[2023-11-14T22:13:20,123][WARN ][o.a.s.Shards    ] [node-2] shard 3 moved",
            {
                "timestamp": "2023-11-14T22:13:20.123Z",
                "level": "WARN",
                "logger": "o.a.s.Shards",
                "message": "[node-2] shard 3 moved",
            },
        ),
        Sample(
            "[2023-11-14 22:13:20,123] INFO [Broker 2]: elected as leader of 7 partitions (kafka.acme.Elections)",
            {
                "timestamp": "2023-11-14T22:13:20.123Z",
                "thread": None,
                "logger": "kafka.acme.Elections",
                "message": "[Broker 2]: elected as leader of 7 partitions",
            },
        ),
        Sample(
            "[2023-11-14 22:13:20,123] ERROR append failed (kafka.acme.Log)\njava.io.IOException: disk full",
            {
                "level": "ERROR",
                "logger": "kafka.acme.Log",
                "message": "append failed (kafka.acme.Log)\njava.io.IOException: disk full",
            },
        ),
        Sample(
            "23/11/14 22:13:20 INFO executor.Runner: finished task 3.0 in stage 1.0",
            {
                "timestamp": "2023-11-14T22:13:20Z",
                "level": "INFO",
                "logger": "executor.Runner",
                "message": "finished task 3.0 in stage 1.0",
            },
        ),
        Sample(
            "231114 221320 148 WARN dfs.Receiver: slow packet",
            {"timestamp": "2023-11-14T22:13:20Z", "thread": "148", "logger": "dfs.Receiver", "message": "slow packet"},
        ),
        Sample(
            "2023-11-14 22:13:20,123 INFO acme.Node (Adapter.java:info(51)) - signal handlers set",
            {"logger": None, "message": "acme.Node (Adapter.java:info(51)) - signal handlers set"},
        ),
        Sample(
            "2023-11-14 22:13:20,123 INFO acme.Node: ready",
            {"logger": "acme.Node", "message": "ready"},
        ),
    ),
)
