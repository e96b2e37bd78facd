"""The combined access log as the peers must spell it: logq has it as a format."""

from __future__ import annotations

PATTERN = (
    r"^(\S+) (\S+) (\S+) \[([^\]]+)\] "
    r'"(\S+) (\S+) (\S+)" (\d+) (\d+|-) "([^"]*)" "([^"]*)"'
)
"""Eleven groups, in the order of ``FIELDS``."""

FIELDS = (
    "client_ip",
    "ident",
    "user",
    "timestamp",
    "method",
    "path",
    "protocol",
    "status",
    "bytes",
    "referrer",
    "user_agent",
)

TEXT_FIELDS = tuple(field for field in FIELDS if field not in ("timestamp", "status", "bytes"))
"""The fields whose lengths are summed, so that no engine may skip capturing them."""
