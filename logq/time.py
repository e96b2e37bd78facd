"""Lengths and points of time as users write them."""

from __future__ import annotations

import datetime as dt
import math
import re
import zoneinfo
from fractions import Fraction
from functools import cache
from typing import Final, TypeAlias

import polars as pl

from logq.errors import BuildError, nearest

__all__ = ["IntoDuration", "IntoInstant", "check_zone", "instant", "microseconds"]

IntoDuration: TypeAlias = "str | dt.timedelta | int | float"
IntoInstant: TypeAlias = "str | dt.datetime"

UNITS: Final = {
    "us": 1,
    "µs": 1,
    "ms": 1_000,
    "s": 1_000_000,
    "m": 60_000_000,
    "h": 3_600_000_000,
    "d": 86_400_000_000,
    "w": 604_800_000_000,
}
PART: Final = re.compile(r"(\d+(?:\.\d+)?)(us|µs|ms|s|m|h|d|w)")


def microseconds(length: IntoDuration) -> int:
    """Duration → microseconds; text is numbers with units, a bare number means seconds.

    >>> microseconds("1h30m"), microseconds("250ms"), microseconds(2)
    (5400000000, 250000, 2000000)

    Raises
    ------
    BuildError
        Not a duration.
    """
    if isinstance(length, dt.timedelta):
        return length // dt.timedelta(microseconds=1)
    if isinstance(length, (int, float)):
        if not math.isfinite(length):
            msg = f"{length!r} is no duration"
            raise BuildError(msg)
        return round(length * UNITS["s"])
    compact = str(length).replace(" ", "")
    parts = PART.findall(compact)
    if not parts or "".join(n + u for n, u in parts) != compact:
        units = ", ".join(UNITS)
        msg = f"{length!r} is no duration; write numbers with units, such as '30s', '1h30m' or '250ms' ({units})"
        raise BuildError(msg)
    return round(sum(Fraction(n) * UNITS[u] for n, u in parts))


def instant(point: IntoInstant, *, now: dt.datetime | None = None) -> dt.datetime:
    """Point of time → UTC datetime; `"-1h"` and `"now"` are taken from the caller's clock, at once.

    A text without an offset is UTC.

    >>> instant("2024-01-01T02:00:00+02:00").isoformat(), instant("2024-01-01").isoformat()
    ('2024-01-01T00:00:00+00:00', '2024-01-01T00:00:00+00:00')

    Raises
    ------
    BuildError
        Neither ISO 8601 nor a relative time.
    """
    if isinstance(point, str):
        text = point.strip()
        current = now or dt.datetime.now(dt.UTC)
        if text == "now":
            return current
        try:
            if text[:1] in ("+", "-"):
                length = dt.timedelta(microseconds=microseconds(text[1:]))
                return current - length if text[0] == "-" else current + length
            point = dt.datetime.fromisoformat(text)
        except (ValueError, OverflowError) as error:
            msg = f"{point!r} is no time; write ISO 8601 ('2024-01-31T12:00:00Z'), 'now' or a relative time ('-1h')"
            raise BuildError(msg) from error
    try:
        return point.replace(tzinfo=dt.UTC) if point.tzinfo is None else point.astimezone(dt.UTC)
    except AttributeError as error:
        msg = f"{point!r} is no time; give a datetime, ISO 8601 text or a relative time such as '-1h'"
        raise BuildError(msg) from error
    except OverflowError as error:
        msg = f"{point} lies outside the years 1 to 9999 in UTC"
        raise BuildError(msg) from error


@cache
def check_zone(name: str) -> None:
    """Refuse a time zone that Polars does not know.

    >>> check_zone("Europe/Berlin")

    Raises
    ------
    BuildError
        An unknown zone; the message names the nearest ones.
    """
    try:
        pl.Series([0]).cast(pl.Datetime("us")).dt.replace_time_zone(name or "none")
    except pl.exceptions.ComputeError as error:
        close = nearest(name, zoneinfo.available_timezones())
        hint = f"did you mean {', '.join(map(repr, close))}?" if close else "write one such as 'Europe/Berlin'"
        msg = f"no time zone {name!r}; {hint}"
        raise BuildError(msg) from error
