"""The console layout of Go's zap, which parts its columns by tabs, as the OpenTelemetry collector and many operators print it."""

from __future__ import annotations

from typing import Final

from logq.formats.base import Format, Sample, Stamp

TIME: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.,][0-9]+(?:Z|[+-][0-9]{2}:?[0-9]{2})"

HEAD: Final = rf"^(?P<timestamp>{TIME})\t(?P<level>[A-Za-z]+)"
LOGGER: Final = r"\t(?P<logger>[A-Za-z0-9_.-]+)"
CALLER: Final = r"\t(?P<caller>[^ \t\n:]+:[0-9]+)"
MESSAGE: Final = r"\t(?P<message>[^\t\n{][^\t\n]*)"
REST: Final = r"(?:\t(?P<context>\{(?:[^\n}]*\})+))?(?:\n(?P<stacktrace>(?s:.*)))?$"

ZAP: Final = Format(
    name="zap",
    title="zap console log (Go)",
    patterns=(
        # The usual shapes, each with one way to go on at every byte; the next takes any.
        f"{HEAD}{CALLER}{MESSAGE}{REST}",
        f"{HEAD}{LOGGER}{MESSAGE}{REST}",
        f"{HEAD}(?:{LOGGER})?(?:{CALLER})?{MESSAGE}{REST}",
        rf"{HEAD}\t(?P<message>(?s:.*))$",
    ),
    stamp=Stamp(layouts=("%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M:%S,%3f%#z")),
    severities={"dpanic": 18, "panic": 21},
    start=rf"^{TIME}\t",
    reference="https://pkg.go.dev/go.uber.org/zap/zapcore#NewConsoleEncoder",
    samples=(
        Sample(
            '2024-03-05T09:14:02.518Z\tinfo\tsync/service.go:87\tstarting flag sync\t{"component": "FlagSync"}',
            {
                "timestamp": "2024-03-05T09:14:02.518Z",
                "time_quality": "exact",
                "level": "INFO",
                "message": "starting flag sync",
                "logger": None,
                "caller": "sync/service.go:87",
                "context": '{"component": "FlagSync"}',
                "stacktrace": None,
            },
        ),
        Sample(
            "2024-03-05T10:14:03.018+0100\tERROR\tsetup\tproblem running manager\nmain.main\n\t/workspace/main.go:88",
            {
                "level": "ERROR",
                "logger": "setup",
                "caller": None,
                "message": "problem running manager",
                "stacktrace": "main.main\n\t/workspace/main.go:88",
            },
        ),
        Sample(
            '2024-03-05T09:14:03.518Z\twarn\tflags\tsync/service.go:91\tretrying sync\t{"attempt": 2}',
            {
                "level": "WARN",
                "logger": "flags",
                "caller": "sync/service.go:91",
                "message": "retrying sync",
                "context": '{"attempt": 2}',
            },
        ),
        Sample(
            "2024-03-05T09:14:04.018Z\tDEBUG\tone\ttwo\tthree\tfour",
            {"level": "DEBUG", "message": "one\ttwo\tthree\tfour", "context": None},
        ),
    ),
)
