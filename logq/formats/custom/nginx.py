"""nginx's `log_format` directive → a pattern."""

from __future__ import annotations

import re
from typing import Any, Final

import polars as pl

from logq.errors import FormatError
from logq.formats._access import QUOTED, REQUEST
from logq.formats._stamp import Stamp
from logq.formats.custom.rewrite import escape

__all__ = ["parts"]

VARIABLE: Final = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
NAMES: Final = {
    "remote_addr": "client_ip",
    "remote_user": "user",
    "time_local": "timestamp",
    "time_iso8601": "timestamp",
    "body_bytes_sent": "bytes",
    "http_referer": "referrer",
    "http_user_agent": "user_agent",
    "http_x_forwarded_for": "forwarded_for",
    "request_method": "method",
    "request_uri": "path",
    "server_protocol": "protocol",
    "host": "server_host",
    "request_time": "request_time_s",
}
LAYOUTS: Final = {"time_local": "%d/%b/%Y:%H:%M:%S %z", "time_iso8601": "%Y-%m-%dT%H:%M:%S%:z"}
BODIES: Final = {"time_local": r"[^ \]]+ [^ \]\"]+", "time_iso8601": r"[^ \]\"]+"}
TYPES: Final = {
    **dict.fromkeys(
        ("status", "body_bytes_sent", "bytes_sent", "request_length", "connection", "connection_requests"), pl.Int64()
    ),
    **dict.fromkeys(("request_time", "msec"), pl.Float64()),
}
UPSTREAM: Final = r"[^ ,]+(?:(?:,| :) [^ ,]+)*"


def parts(log_format: str) -> dict[str, Any]:
    """What a format for lines written by `log_format` consists of.

    >>> parts("$remote_addr $status")["patterns"]
    ('^(?P<client_ip>[^ ]*) (?P<status>[0-9]+|-)$',)
    """
    pieces = VARIABLE.split(log_format)
    literals, variables = pieces[::3], [a or b for a, b in zip(pieces[1::3], pieces[2::3], strict=True)]
    names = [NAMES.get(v, v) for v in variables]
    if not names:
        msg = f"log_format {log_format!r} holds no $variable"
        raise FormatError(msg)
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        msg = f"log_format {log_format!r} gives {', '.join(twice)} more than once"
        raise FormatError(msg)
    if any(not literal for literal in literals[1:-1]):
        msg = f"log_format {log_format!r} writes two variables with nothing between them"
        raise FormatError(msg)
    strict = loose = "^" + escape(literals[0])
    for variable, name, before, after in zip(variables, names, literals, literals[1:], strict=False):
        quoted = before.endswith('"') and after.startswith('"')
        split = variable == "request" and quoted and not {"method", "path", "protocol"} & {*names}
        group = f"(?P<{name}>{_body(variable, after, quoted=quoted)}){escape(after)}"
        strict += REQUEST[1:-1] + escape(after) if split else group
        loose += group
    stamps = [v for v in variables if v in LAYOUTS]
    return {
        "patterns": tuple(dict.fromkeys((f"{strict}$", f"{loose}$"))),
        "stamp": Stamp(layouts=(LAYOUTS[stamps[0]],)) if stamps else None,
        "message": ("request",),
        "dtypes": {NAMES.get(v, v): TYPES[v] for v in variables if v in TYPES},
        "nulls": ("-",),
        "reference": "https://nginx.org/en/docs/http/ngx_http_log_module.html#log_format",
    }


def _body(variable: str, after: str, *, quoted: bool) -> str:
    if variable in BODIES:
        return BODIES[variable]
    if variable in TYPES:
        return "[0-9]+|-" if TYPES[variable] == pl.Int64() else r"[0-9]+(?:\.[0-9]+)?|-"
    if quoted:
        return QUOTED
    if variable.startswith("upstream_"):
        return UPSTREAM
    if variable == "request":
        return ".*?"
    return f"[^{escape(after[0])}]*" if after else ".*"
