"""Where an entry's time stands, and how it is written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

__all__ = ["EPOCHS", "Stamp"]

EPOCHS: Final = ("epoch_s", "epoch_ms", "epoch_us", "epoch_ns")


@dataclass(frozen=True, slots=True)
class Stamp:
    """Where an entry's time stands and in which layouts (chrono's strftime, or `epoch_s|ms|us|ns`).

    Layouts are tried in order. One without an offset directive is zone-less, one without a year is
    year-less; both are resolved by the reader, which marks the rows in `time_quality`.
    """

    layouts: tuple[str, ...]
    fields: tuple[str, ...] = ("timestamp",)

    @staticmethod
    def zoned(layout: str) -> bool:
        """Whether `layout` says which instant it means.

        >>> Stamp.zoned("%d/%b/%Y:%H:%M:%S %z"), Stamp.zoned("%Y-%m-%d %H:%M:%S")
        (True, False)
        """
        return layout in (*EPOCHS, "%+") or re.search(r"%[:#]*z", layout.replace("%%", "")) is not None

    @staticmethod
    def yearless(layout: str) -> bool:
        """Whether `layout` lacks the year.

        >>> Stamp.yearless("%b %e %H:%M:%S"), Stamp.yearless("epoch_ms")
        (True, False)
        """
        return layout not in EPOCHS and layout != "%+" and not re.search(r"%[YyCGgFDs]|%c", layout)
