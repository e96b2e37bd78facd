"""Which lines of separated values go on with a value that was quoted in a line ahead of them.

A line leaves a quote open, or, where one is open, closes it, goes on in it or closes it and leaves another open: four
regexes tell, whatever stands around it. So the state behind a line is one that it settles, or that ahead of it, or the
other one. Most quotes that are never closed are mistakes: one that is not closed well within some lines counts as none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import polars as pl

__all__ = ["FARTHEST", "Quoted"]

FARTHEST: Final = 1000
"""Lines within which a quote is closed."""

INSIDE: Final = '(?:[^"]|"")*'


@dataclass(frozen=True, slots=True)
class Quoted:
    """Entries of values between separators start where no quote is open; one opens only at the beginning of a value."""

    separator: str

    def starts(self, raw: pl.Series, *, goes_on: bool = False) -> pl.Series:
        """Which lines start an entry, the first among them; `goes_on`: more lines may follow, and close a quote.

        >>> Quoted(",").starts(pl.Series(['1,"a', 'b"', '2,"c', "3"])).to_list()
        [True, False, True, True]
        """
        every = pl.repeat(value=True, n=len(raw), eager=True)
        if not raw.str.contains('"', literal=True).any():
            return every
        mark = re.escape(self.separator)
        value = f'(?:"{INSIDE}"|[^"{mark}][^{mark}]*)?'
        # From the end of a line the engine soon sees that the last quote in it closes one.
        rows = raw.str.contains(f'(?:^|{mark})"{INSIDE}$').arg_true()
        rows = rows.filter(raw.gather(rows).str.contains(f'^(?:{value}{mark})*"{INSIDE}$'))
        if not len(rows):
            return every
        closed = f'^{INSIDE}"(?:{mark}{value})*'
        told = pl.DataFrame(
            {
                "opens": (every & False).scatter(rows, values=True),
                "stays": raw.str.contains(f"^{INSIDE}$"),
                "closes": raw.str.contains(f"{closed}$"),
                "again": raw.str.contains(f'{closed}{mark}"{INSIDE}$'),
            }
        )
        return told.select(~_states(goes_on=goes_on).shift(1, fill_value=False)).to_series()


def _states(*, goes_on: bool) -> pl.Expr:
    """Whether a quote is open behind each line."""
    row = pl.int_range(pl.len())
    # The next line that does more than to go on in a quote, and whether it closes one.
    next_row = pl.when(~pl.col("stays")).then(row).shift(-1).backward_fill()
    well = pl.when(~pl.col("stays")).then(pl.col("closes") | pl.col("again")).shift(-1).backward_fill()
    near = next_row.fill_null(pl.len()) - row <= FARTHEST
    kept = near & well.fill_null(goes_on)
    outside = pl.col("opens") & kept
    inside = pl.col("stays") | (pl.col("again") & kept) | (~pl.col("closes") & ~pl.col("again") & outside)
    settles = outside == inside
    turned = (outside & ~inside).cast(pl.Int64).cum_sum()
    known = pl.when(settles).then(outside).forward_fill().fill_null(value=False)
    since = turned - pl.when(settles).then(turned).forward_fill().fill_null(0)
    return known ^ (since % 2 == 1)
