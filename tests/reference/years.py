"""Years of year-less stamps by a plain loop over the rows of a file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

HALF = dt.timedelta(days=183)
LEAP = 2000


def dated(
    stamps: Sequence[dt.datetime | None], *, last: int | None = None, near: dt.datetime | None = None
) -> list[dt.datetime | None]:
    """Stamps (their year is ignored) in file order → with the year inferred.

    A step back of more than half a year is +1 year, a step forward of more than half a year -1. The
    last stamp lies in the year `last`, or in the latest that puts it no more than a day after `near`.
    """
    years: list[int | None] = []
    year, previous = 0, None
    for stamp in stamps:
        if stamp is None:
            years.append(None)
            continue
        pseudo = stamp.replace(year=LEAP)
        if previous is not None:
            year += (previous - pseudo > HALF) - (pseudo - previous > HALF)
        previous = pseudo
        years.append(year)
    if previous is None:
        return [None] * len(stamps)
    if last is None:
        assert near is not None
        moved = [(year, dt.timedelta(366 * (year - near.year))) for year in range(near.year - 1, near.year + 2)]
        last = max(y for y, ahead in moved if previous + ahead <= near.replace(year=LEAP) + dt.timedelta(days=1))
    return [None if s is None or y is None else in_year(s, y + last - year) for s, y in zip(stamps, years, strict=True)]


def in_year(stamp: dt.datetime, year: int) -> dt.datetime | None:
    """29 February of a year that has none is no time."""
    try:
        return stamp.replace(year=year)
    except ValueError:
        return None
