"""Elasticsearch's log of garbage collection: what Java 8 and, since Java 9, the JVM's unified logging write."""

from __future__ import annotations

from typing import Final

import polars as pl

from logq.formats.base import Format, Sample, Stamp

TIME: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}[+-][0-9]{4}"
HEAD: Final = rf"^(?P<timestamp>{TIME}): (?P<uptime_s>[0-9.]+): "
HEAP: Final = r"(?P<heap_used_kb>[0-9]+)K\((?P<heap_size_kb>[0-9]+)K\)"
TIMES: Final = r"user=(?P<user_s>[0-9.]+) sys=(?P<system_s>[0-9.]+), real=(?P<real_s>[0-9.]+) secs"
DONE: Final = rf"{HEAP}, (?P<duration_s>[0-9.]+) secs\] \[Times: {TIMES}\]) *$"
OLD: Final = r"(?P<old_used_kb>[0-9]+)K\((?P<old_size_kb>[0-9]+)K\)\] "
PARTS: Final = {
    "rescan_s": r"Rescan \(parallel\) ",
    "weak_refs_s": "weak refs processing",
    "class_unloading_s": "class unloading",
    "symbol_table_s": "scrub symbol table",
    "string_table_s": "scrub string table",
}
"""What a remark does, in this order, each behind the uptime."""

REMARK: Final = "".join(rf"[0-9.]+: \[{words}, (?P<{name}>[0-9.]+) secs\]" for name, words in PARTS.items())
MB: Final = 1024


def _heap(group: str, pattern: str) -> pl.Expr:
    """Kilobytes that Java 8 names, else the megabytes in the message of a later one."""
    return pl.coalesce(
        pl.col(group).cast(pl.Int64, strict=False), pl.col("message").str.extract(pattern).cast(pl.Int64) * MB
    )


ELASTICSEARCH_GC: Final = Format(
    name="elasticsearch_gc",
    title="Elasticsearch garbage collection log (JVM)",
    patterns=(
        rf"{HEAD}(?P<message>\[GC \((?P<phase>CMS Initial Mark)\) \[1 CMS-initial-mark: {OLD}{DONE}",
        (
            rf"{HEAD}(?P<message>\[GC \((?P<phase>CMS Final Remark)\) \[YG occupancy: (?P<young_used_kb>[0-9]+) K \((?P<young_size_kb>[0-9]+) K\)\]"
            rf"{REMARK}\[1 CMS-remark: {OLD}{DONE}"
        ),
        rf"{HEAD}(?P<message>\[(?:Full )?GC \((?P<phase>[^)]*)\) .* (?:[0-9]+K->)?{DONE}",
        (
            rf"{HEAD}(?P<message>Total time for which application threads were stopped: (?P<stopped_s>[0-9.]+) seconds, "
            r"Stopping threads took: (?P<stopping_s>[0-9.]+) seconds)$"
        ),
        rf"{HEAD}(?P<message>.*)$",
        (
            rf"^\[(?P<timestamp>{TIME})\](?:\[(?P<level>[a-z]+) *\])?\[(?P<pid>[0-9]+)\]\[(?P<tags>[a-z0-9,]+) *\] "
            r"(?:GC\((?P<gc_id>[0-9]+)\) )?(?P<message>.*)$"
        ),
    ),
    stamp=Stamp(layouts=("%Y-%m-%dT%H:%M:%S%.f%z",)),
    dtypes={
        **dict.fromkeys(
            ("pid", "gc_id", *(f"{of}_{what}_kb" for of in ("heap", "old", "young") for what in ("used", "size"))),
            pl.Int64(),
        ),
        **dict.fromkeys(
            ("uptime_s", "duration_s", "user_s", "system_s", "real_s", "stopped_s", "stopping_s", *PARTS), pl.Float64()
        ),
    },
    derived={
        "duration_s": pl.coalesce(
            pl.col("duration_s").cast(pl.Float64, strict=False),
            pl.col("message").str.extract(r" ([0-9.]+)ms$").cast(pl.Float64) / 1000,
        ),
        "phase": pl.coalesce("phase", pl.col("message").str.extract(r"^(Pause [A-Za-z ]+[A-Za-z])")),
        "heap_used_kb": _heap("heap_used_kb", r"->([0-9]+)M\([0-9]+M\)"),
        "heap_size_kb": _heap("heap_size_kb", r"->[0-9]+M\(([0-9]+)M\)"),
    },
    reference="https://docs.oracle.com/en/java/javase/21/docs/specs/man/java.html#enable-logging-with-the-jvm-unified-logging-framework",
    samples=(
        Sample(
            "2024-03-05T10:14:02.157+0100: 14597.826: [GC (CMS Initial Mark) [1 CMS-initial-mark: 131804K(174784K)] "
            "142444K(253440K), 0.0021716 secs] [Times: user=0.01 sys=0.00, real=0.00 secs] ",
            {
                "timestamp": "2024-03-05T09:14:02.157Z",
                "time_quality": "exact",
                "level": None,
                "uptime_s": 14597.826,
                "phase": "CMS Initial Mark",
                "heap_used_kb": 142444,
                "heap_size_kb": 253440,
                "old_used_kb": 131804,
                "old_size_kb": 174784,
                "duration_s": 0.0021716,
                "user_s": 0.01,
                "system_s": 0.0,
                "real_s": 0.0,
            },
        ),
        Sample(
            "2024-03-05T10:14:02.632+0100: 224.671: [GC (CMS Final Remark) [YG occupancy: 113198 K (157248 K)]224.671: [Rescan (parallel) , "
            "0.0148273 secs]224.686: [weak refs processing, 0.0003647 secs]224.687: [class unloading, 0.0188407 secs]224.705: [scrub symbol "
            "table, 0.0100207 secs]224.715: [scrub string table, 0.0005253 secs][1 CMS-remark: 277821K(349568K)] 391020K(506816K), "
            "0.0457689 secs] [Times: user=0.12 sys=0.00, real=0.04 secs] ",
            {
                "phase": "CMS Final Remark",
                "young_used_kb": 113198,
                "young_size_kb": 157248,
                "old_used_kb": 277821,
                "old_size_kb": 349568,
                "heap_used_kb": 391020,
                "rescan_s": 0.0148273,
                "weak_refs_s": 0.0003647,
                "class_unloading_s": 0.0188407,
                "symbol_table_s": 0.0100207,
                "string_table_s": 0.0005253,
                "duration_s": 0.0457689,
            },
        ),
        Sample(
            "2024-03-05T10:14:02.901+0100: 224.940: [GC (Allocation Failure) 224.940: [ParNew: 139776K->17472K(157248K), 0.0321 secs] "
            "391020K->268716K(506816K), 0.0322 secs] [Times: user=0.10 sys=0.00, real=0.03 secs] ",
            {"phase": "Allocation Failure", "heap_used_kb": 268716, "heap_size_kb": 506816, "duration_s": 0.0322},
        ),
        Sample(
            "2024-03-05T09:14:02.382+0000: 1396138.752: Total time for which application threads were stopped: "
            "0.0083760 seconds, Stopping threads took: 0.0000702 seconds",
            {"stopped_s": 0.008376, "stopping_s": 0.0000702, "duration_s": None},
        ),
        Sample(
            "2024-03-05T09:14:02.512+0000: 1396138.882: [CMS-concurrent-mark-start]",
            {"message": "[CMS-concurrent-mark-start]", "uptime_s": 1396138.882, "phase": None},
        ),
        Sample(
            "[2024-03-05T09:14:02.518+0000][7][gc          ] GC(52) Pause Young (Normal) (G1 Evacuation Pause) 39M->8M(1024M) 10.371ms",
            {
                "timestamp": "2024-03-05T09:14:02.518Z",
                "message": "Pause Young (Normal) (G1 Evacuation Pause) 39M->8M(1024M) 10.371ms",
                "pid": 7,
                "tags": "gc",
                "gc_id": 52,
                "phase": "Pause Young",
                "heap_used_kb": 8192,
                "heap_size_kb": 1048576,
                "duration_s": 0.010371,
            },
        ),
        Sample(
            "[2024-03-05T09:14:02.518+0000][info][7][safepoint] Entering safepoint region",
            {"level": "INFO", "tags": "safepoint"},
        ),
    ),
)
