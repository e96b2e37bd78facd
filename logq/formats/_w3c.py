"""What logs in the W3C's extended format share: names of columns, and a date and a time of day in UTC."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import polars as pl

from logq.formats._stamp import Stamp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from polars._typing import PolarsDataType

__all__ = ["DERIVED", "DTYPES", "RENAMES", "STAMP"]

RENAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "c-ip": "client_ip",
        "c-port": "client_port",
        "cs-username": "user",
        "s-ip": "server_ip",
        "s-port": "server_port",
        "s-computername": "computer",
        "s-sitename": "site",
        "cs-method": "method",
        "cs-uri-stem": "path",
        "cs-uri-query": "query",
        "cs-uri": "url",
        "cs-version": "protocol",
        "cs-protocol-version": "protocol",
        "cs-protocol": "scheme",
        "cs-host": "authority",
        "cs(Host)": "authority",
        "cs(User-Agent)": "user_agent",
        "cs(Referer)": "referrer",
        "cs(Cookie)": "cookie",
        "sc-status": "status",
        "sc-substatus": "substatus",
        "sc-win32-status": "win32_status",
        "sc-bytes": "bytes",
        "cs-bytes": "bytes_received",
        "time-taken": "duration_s",
    }
)
DTYPES: Final[Mapping[str, PolarsDataType]] = MappingProxyType(
    {
        **dict.fromkeys(
            (
                *("client_port", "server_port", "status", "substatus", "win32_status", "bytes", "bytes_received"),
                *("sc-content-len", "sc-range-start", "sc-range-end"),
            ),
            pl.Int64(),
        ),
        **dict.fromkeys(("duration_s", "time-to-first-byte"), pl.Float64()),
    }
)
DERIVED: Final[Mapping[str, pl.Expr]] = MappingProxyType(
    {
        "timestamp": pl.format("{}T{}Z", "date", "time"),
        "message": pl.format("{} {}", "method", "path"),
    }
)
STAMP: Final = Stamp(layouts=("%Y-%m-%dT%H:%M:%S%.fZ", "%H:%M:%S%.f"), fields=("timestamp", "time"))
