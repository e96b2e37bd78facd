"""Where an entry's time stands, and how it is written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

__all__ = ["EPOCHS", "Stamp"]

EPOCHS: Final = ("epoch_s", "epoch_ms", "epoch_us", "epoch_ns")


INSTANT: Final = re.compile(r"%[:#]*z|\b(?:UTC|GMT)\b|(?<!%)Z$")
YEAR: Final = re.compile(r"%[YyCGgFDs]|%c")
DAY: Final = re.compile(r"%[-_0]?[demjuwaAbBhUWVvx]")


@dataclass(frozen=True, slots=True)
class Stamp:
    """Where an entry's time stands and in which layouts (chrono's strftime, or `epoch_s|ms|us|ns`).

    Layouts are tried in order. One without an offset directive, `UTC`, `GMT` or a final `Z` is zone-less, one without
    a year is year-less, one without any date is date-less too; all are resolved by the reader, which marks the rows
    in `time_quality`. `,%f` stands for a comma and a fraction of any length, as `%.f` does for a dot and one.

    Of numbers, `epoch_s` reads those below 1e11 (till the year 5138), `epoch_ms` those from there to 1e14, `epoch_us`
    to 1e17, `epoch_ns` to 1e20, so that all four may stand side by side. What is finer than a microsecond is cut off.
    """

    layouts: tuple[str, ...]
    fields: tuple[str, ...] = ("timestamp",)

    @staticmethod
    def zoned(layout: str) -> bool:
        """Whether `layout` says which instant it means.

        >>> Stamp.zoned("%d/%b/%Y:%H:%M:%S %z"), Stamp.zoned("%H:%M:%S GMT"), Stamp.zoned("%Y-%m-%d %H:%M:%S")
        (True, True, False)
        """
        return layout in (*EPOCHS, "%+") or INSTANT.search(layout.replace("%%", "")) is not None

    @staticmethod
    def yearless(layout: str) -> bool:
        """Whether `layout` lacks the year.

        >>> Stamp.yearless("%b %e %H:%M:%S"), Stamp.yearless("epoch_ms")
        (True, False)
        """
        return layout not in EPOCHS and layout != "%+" and not YEAR.search(layout)

    @staticmethod
    def dateless(layout: str) -> bool:
        """Whether `layout` is a time of day alone.

        >>> Stamp.dateless("%H:%M:%S"), Stamp.dateless("%b %e %H:%M:%S")
        (True, False)
        """
        return Stamp.yearless(layout) and not DAY.search(layout)
