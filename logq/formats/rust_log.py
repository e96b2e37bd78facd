"""Rust's two usual layouts: `env_logger`'s and `tracing-subscriber`'s."""

from __future__ import annotations

from typing import Final

from logq.formats.base import Format, Sample, Stamp

TIME: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?Z"
LEVEL: Final = "(?P<level>TRACE|DEBUG|INFO|WARN|ERROR)"
TARGET: Final = "(?P<target>[a-z_][A-Za-z0-9_]*(?:::[A-Za-z0-9_]+)*)"
MESSAGE: Final = "(?P<message>(?s:.*))$"

RUST_LOG: Final = Format(
    name="rust_log",
    title="Rust env_logger and tracing",
    patterns=(
        rf"^\[(?P<timestamp>{TIME}) {LEVEL} +{TARGET}\] {MESSAGE}",
        rf"^(?P<timestamp>{TIME}) +{LEVEL} {TARGET}: {MESSAGE}",
        rf"^(?P<timestamp>{TIME}) +{LEVEL} (?P<spans>[a-z_][A-Za-z0-9_]*(?:\{{[^}}]*\}})?(?::[a-z_][A-Za-z0-9_]*(?:\{{[^}}]*\}})?)*): {TARGET}: {MESSAGE}",
    ),
    stamp=Stamp(layouts=("%Y-%m-%dT%H:%M:%S%.f%#z",)),
    start=rf"^\[?{TIME} ",
    reference="https://docs.rs/tracing-subscriber/latest/tracing_subscriber/fmt/index.html",
    samples=(
        Sample(
            "[2024-03-05T09:14:02Z ERROR shop::till] drawer is stuck",
            {
                "timestamp": "2024-03-05T09:14:02Z",
                "time_quality": "exact",
                "level": "ERROR",
                "message": "drawer is stuck",
                "target": "shop::till",
            },
        ),
        Sample(
            "2024-03-05T09:14:03.018231Z  WARN shop::cart: merged carts=2",
            {"timestamp": "2024-03-05T09:14:03.018231Z", "level": "WARN", "message": "merged carts=2", "spans": None},
        ),
        Sample(
            "2024-03-05T09:14:04.018231Z  INFO request{id=17}:checkout: shop::till: paid",
            {"spans": "request{id=17}:checkout", "target": "shop::till", "message": "paid"},
        ),
    ),
)
