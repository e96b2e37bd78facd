"""Log4j, Logback and their kin: the pattern layouts Java services print by default."""

from __future__ import annotations

from typing import Final

import polars as pl

from logq.formats._names import ISO
from logq.formats._units import seconds
from logq.formats.base import Format, Sample, Stamp

DAY: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
CLOCK: Final = r"[0-9]{2}:[0-9]{2}:[0-9]{2}"
DATE: Final = rf"(?P<timestamp>{DAY}[ T]{CLOCK}(?:[,.][0-9]{{1,9}})?(?:Z|[+-][0-9]{{2}}:?[0-9]{{2}})?)"
SHORT: Final = rf"(?P<timestamp>[0-9]{{2}}(?:/[0-9]{{2}}/[0-9]{{2}} {CLOCK}|[0-9]{{4}} [0-9]{{6}}))"
DASHED: Final = rf"(?P<timestamp>[0-9]{{2}}-[A-Z][a-z]{{2}}-[0-9]{{4}} {CLOCK}\.[0-9]{{3}})"
LEVEL: Final = "(?P<level>TRACE|DEBUG|INFO|WARN(?:ING)?|ERRO(?:R)?|S(?:EVERE|UCCESS)|F(?:ATAL|INE(?:R|ST)?)|C(?:RIT(?:ICAL)?|ONFIG)|NOTICE|VERBOSE)"
"""Those of Log4j and java.util.logging, and of Python's logging and loguru, and of Supervisor, whose lines may look alike."""

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
        # Spark, and Hadoop before it, with a thread number
        rf"^{SHORT} (?:(?P<thread>[0-9]+) )?{LEVEL} +{LOGGER}: {MESSAGE}",
        rf"^\[?{DATE}\]? +{LEVEL} +{DOTTED}{SEPARATOR}{MESSAGE}",
        # WildFly and JBoss
        rf"^{DATE} +{LEVEL} +\[{LOGGER}\] \((?P<thread>[^)]*)\) {MESSAGE}",
        # IntelliJ's platform: milliseconds since its start
        rf"^{DATE} \[ *(?P<uptime_s>[0-9]+)\] +{LEVEL} - #?{LOGGER} - {MESSAGE}",
        # vSphere's services
        rf"^\[?{DATE} \[?(?P<thread>[^ ]+)(?: [^ ]+)? +{LEVEL} +{DOTTED}(?: +opId=[^\]]*)?\] {MESSAGE}",
        rf"^{DATE} +{THREAD} +{LEVEL} +opId=[^ ]* {LOGGER}{SEPARATOR}{MESSAGE}",
        rf"^{DATE} +\| +{LEVEL} +\| {MESSAGE}",
        # %d %t %p %c %m
        rf"^{DATE} +(?P<thread>[A-Za-z][^ \[\]|]*)(?: +[A-Za-z]+=[^ ]*)? +{LEVEL} +{DOTTED} {MESSAGE}",
        # Tomcat
        rf"^{DASHED} {LEVEL} {THREAD} {LOGGER} {MESSAGE}",
        # OpenTelemetry's agent
        rf"^\[otel\.javaagent (?P<timestamp>{DAY} {CLOCK}:[0-9]{{3}} [+-][0-9]{{4}})\] {THREAD} {LEVEL} {LOGGER}{SEPARATOR}{MESSAGE}",
        rf"^\[?{DATE}\]? +(?:- )?{LEVEL} +{MESSAGE}",
    ),
    stamp=Stamp(
        layouts=(*ISO, "%y/%m/%d %H:%M:%S", "%y%m%d %H%M%S", "%d-%b-%Y %H:%M:%S%.f", "%Y-%m-%d %H:%M:%S:%3f %z")
    ),
    severities={"critical": 21, "success": 10, "erro": 17},
    dtypes={"pid": pl.Int64(), "uptime_s": pl.Float64()},
    derived={"uptime_s": seconds("uptime_s")},
    start=rf"^(?:\[?(?:otel\.javaagent )?{DAY}[ T][0-9]{{2}}:|[0-9]{{2}}/[0-9]{{2}}/[0-9]{{2}} |[0-9]{{6}} [0-9]{{6}} |[0-9]{{2}}-[A-Z][a-z]{{2}}-[0-9]{{4}} [0-9]{{2}}:)",
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
        Sample(
            "2023-11-14 22:13:20,123 INFO  [com.acme.shop.Cart] (default task-1) cart emptied",
            {"logger": "com.acme.shop.Cart", "thread": "default task-1", "message": "cart emptied"},
        ),
        Sample(
            "2023-11-14 22:13:20,123 [   4611]   INFO - #c.a.shop.Indexer - index is built",
            {"logger": "c.a.shop.Indexer", "uptime_s": 4.611, "thread": None, "message": "index is built"},
        ),
        Sample(
            "2023-11-14T22:13:20.123Z [exec-5  INFO  com.acme.shop.Lookup  opId=17] node is up",
            {"logger": "com.acme.shop.Lookup", "thread": "exec-5", "level": "INFO", "message": "node is up"},
        ),
        Sample(
            "2023-11-14T22:13:20.123Z [pool-26] INFO  opId=sps-9 com.acme.shop.Storage - volume is mounted",
            {"logger": "com.acme.shop.Storage", "thread": "pool-26", "message": "volume is mounted"},
        ),
        Sample(
            "2023-11-14T22:13:20.123Z | INFO  | state-1 | Sessions | ended 3 sessions",
            {"level": "INFO", "thread": None, "message": "state-1 | Sessions | ended 3 sessions"},
        ),
        Sample(
            "2023-11-14 22:13:20.123 | SUCCESS  | shop.till:open:47 - till is open",
            {"level": "INFO", "severity": 10, "message": "shop.till:open:47 - till is open"},
        ),
        Sample("2023-11-14 22:13:20,123 ERRO till is gone", {"level": "ERROR", "message": "till is gone"}),
        Sample(
            "2023-11-14 22:13:20,123 CRITICAL ledger is locked",
            {"level": "FATAL", "severity": 21, "message": "ledger is locked"},
        ),
        Sample(
            "2023-11-14T22:13:20.123Z exec-5  INFO  com.acme.shop.Trust store is read",
            {"logger": "com.acme.shop.Trust", "thread": "exec-5", "message": "store is read"},
        ),
        Sample(
            "[otel.javaagent 2023-11-14 23:13:20:123 +0100] [main] INFO com.acme.shop.Metrics - 12 counters",
            {"timestamp": "2023-11-14T22:13:20.123Z", "logger": "com.acme.shop.Metrics", "thread": "main"},
        ),
        Sample(
            "14-Nov-2023 22:13:20.123 SEVERE [main] org.acme.catalina.Server.await port 8005 is taken",
            {
                "timestamp": "2023-11-14T22:13:20.123Z",
                "level": "ERROR",
                "thread": "main",
                "logger": "org.acme.catalina.Server.await",
                "message": "port 8005 is taken",
            },
        ),
    ),
)
