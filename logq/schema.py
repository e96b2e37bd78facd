"""The canonical columns of every scan, and the severity scale they share (OpenTelemetry's)."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import polars as pl

from logq.errors import BuildError, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "CANONICAL",
    "LEVELS",
    "LEVEL_DTYPE",
    "SEVERITY_OF",
    "TIME_QUALITY",
    "level_of_severity",
    "parse_level",
]

LEVELS: Final = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")
LEVEL_DTYPE: Final = pl.Enum(LEVELS)
TIME_QUALITY: Final = pl.Enum(("exact", "year_inferred", "zone_assumed", "carried", "missing"))

CANONICAL: Final[Mapping[str, pl.DataType]] = MappingProxyType(
    {
        "timestamp": pl.Datetime("us", "UTC"),
        "level": LEVEL_DTYPE,
        "severity": pl.UInt8(),
        "message": pl.String(),
        "host": pl.String(),
        "source": pl.String(),
        "line": pl.Int64(),
        "raw": pl.String(),
        "format": pl.String(),
        "parse_error": pl.String(),
        "time_quality": TIME_QUALITY,
    }
)

_BASE: Final = {name: 4 * i + 1 for i, name in enumerate(LEVELS)}

# What Go's slog writes of levels between and beyond its four names.
_STEPS: Final = {
    "debug": (5, (-4, -3, -2, -1, 1, 2, 3)),
    "info": (9, (1, 2, 3)),
    "warn": (13, (1, 2, 3)),
    "error": (17, (1, 2, 3, 4, 5, 6, 7)),
}

# Words that name a severity in most systems; a format may override any of them in its own table.
SEVERITY_OF: Final[Mapping[str, int]] = MappingProxyType(
    {
        **{name.lower(): number for name, number in _BASE.items()},
        **{f"{name.lower()}{k}": number + k - 1 for name, number in _BASE.items() for k in (2, 3, 4)},
        **{f"{name}{step:+d}": number + step for name, (number, steps) in _STEPS.items() for step in steps},
        "finest": 1,
        "finer": 5,
        "verbose": 5,
        "fine": 6,
        "config": 7,
        "information": 9,
        "informational": 9,
        "notice": 10,
        "warning": 13,
        "err": 17,
        "severe": 17,
        "critical": 18,
        "crit": 18,
        "alert": 19,
        "emergency": 21,
        "emerg": 21,
        "panic": 21,
    }
)


def level_of_severity(severity: pl.Expr) -> pl.Expr:
    """Severity number (UInt8, 1-24) → level (Enum); null and out-of-scale numbers → null.

    >>> import polars as pl
    >>> numbers = pl.DataFrame({"severity": [1, 10, 17, None, 0]})
    >>> numbers.select(level_of_severity(pl.col("severity")))["severity"].to_list()
    ['TRACE', 'INFO', 'ERROR', None, None]
    """
    inside = pl.when(severity.is_between(1, 24)).then((severity.cast(pl.Int16) - 1) // 4)
    return inside.cast(pl.UInt8).cat.to(LEVEL_DTYPE)


def parse_level(name: str) -> tuple[int, int]:
    """Level name → the inclusive range of severities it stands for.

    A short name is its whole band (`ERROR` is 17-20), any other word one number (`CRITICAL` is 18).

    >>> parse_level("ERROR"), parse_level("critical")
    ((17, 20), (18, 18))
    """
    key = f"{name}".strip().lower()
    aliases = {"warning": "warn", "err": "error", "information": "info", "informational": "info"}
    key = aliases.get(key, key)
    if key.upper() in _BASE:
        low = _BASE[key.upper()]
        return low, low + 3
    if key in SEVERITY_OF:
        return SEVERITY_OF[key], SEVERITY_OF[key]
    close = nearest(key, SEVERITY_OF) or list(LEVELS)
    msg = f"unknown level {name!r}; did you mean one of {', '.join(c.upper() for c in close)}?"
    raise BuildError(msg)
