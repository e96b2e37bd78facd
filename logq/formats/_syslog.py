"""What both generations of syslog make of the number in angle brackets, PRI = 8 × facility + severity."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping

    from polars._typing import PolarsDataType

__all__ = ["BSD", "DERIVED", "DTYPES", "ISO", "LONG", "PRI", "START"]

PRI: Final = r"<(?P<priority>1(?:[0-8][0-9]?|9[01]?)?|[02-9][0-9]?)>"
"""0 to 191; anything above names no facility."""

BSD: Final = r"[A-Z][a-z]{2} {1,2}[0-9]{1,2} [0-9]{2}:[0-9]{2}:[0-9]{2}"
LONG: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[^ ]+"
START: Final = rf"^(?:<[0-9]{{1,3}}>)?(?:{BSD}|[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T[0-9])"
"""Of a line of BSD syslog: its stamp, as the protocol or as rsyslog writes it, and how the line begins."""

ISO: Final = "%Y-%m-%dT%H:%M:%S%.f%#z"

FACILITIES: Final = (
    "kern",
    "user",
    "mail",
    "daemon",
    "auth",
    "syslog",
    "lpr",
    "news",
    "uucp",
    "cron",
    "authpriv",
    "ftp",
    "ntp",
    "audit",
    "alert",
    "clock",
    *(f"local{n}" for n in range(8)),
)
SEVERITIES: Final = (21, 19, 18, 17, 13, 10, 9, 5)
"""emerg, alert, crit, err, warning, notice, info, debug on OpenTelemetry's scale."""

NUMBER: Final = pl.col("priority").cast(pl.Int64, strict=False)
DERIVED: Final[Mapping[str, pl.Expr]] = MappingProxyType(
    {
        "facility": (NUMBER // 8).replace_strict(dict(enumerate(FACILITIES)), default=None, return_dtype=pl.String),
        "severity": (NUMBER % 8).replace_strict(dict(enumerate(SEVERITIES)), default=None, return_dtype=pl.UInt8),
    }
)
DTYPES: Final[Mapping[str, PolarsDataType]] = MappingProxyType({"priority": pl.Int64()})
