"""Fields of separated values, by position; a line with another number of values keeps its text and says so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping

    from logq.read.resolved import Resolved

__all__ = ["BLANK", "COMMENT", "capture", "named", "split", "widths", "without"]

QUOTED: Final = r'"(?:[^"]|"")*"'

COMMENT: Final = r"^#(?:[A-Z][A-Za-z-]*:|[a-z_]+\t|separator )"
"""Lines of the W3C's and Zeek's heads, which are no entries of formats that have such."""

BLANK: Final = r"[ \t]+"
"""What stands between names of columns in such a line."""


def capture(
    raw: pl.Series, resolved: Resolved, wanted: frozenset[str], *, explain: bool
) -> tuple[pl.DataFrame, pl.Series | None]:
    """Entries → (the wanted columns as String, why an entry has none: null if it has as many values as columns)."""
    columns, separator, quoted = tuple(resolved.keys), resolved.format.separator, resolved.format.quoted
    names = {i: n for i, n in enumerate(columns) if n in wanted}
    values, whole = split(raw, separator, len(columns), names, quoted=quoted)
    values = without(values, resolved.format.nulls)
    if not explain:
        return values, None
    counted = pl.format(f"{{}} values for {len(columns)} columns", "width")
    reason = pl.when(pl.col("width") == len(columns)).then(pl.lit("a quote is not closed")).otherwise(counted)
    width = widths(raw, separator, quoted=quoted)
    error = pl.DataFrame({"whole": whole, "width": width}).select(pl.when(~pl.col("whole")).then(reason)).to_series()
    return values, error


def named(lines: pl.Series, directive: str) -> pl.Series:
    """Names of columns as each line says them that matches `directive`.

    >>> named(pl.Series(["#Fields: date time ", "a b"]), "^#Fields: (.*)$").to_list()
    ['date time']
    """
    return lines.str.extract(directive).drop_nulls().str.strip_chars()


def without(values: pl.DataFrame, nulls: tuple[str, ...]) -> pl.DataFrame:
    """Null the texts that mean no value.

    >>> without(pl.DataFrame({"a": ["-", "b"]}), ("-",))["a"].to_list()
    [None, 'b']
    """
    return values.with_columns(pl.when(~pl.col(n).is_in(nulls)).then(n) for n in values.columns) if nulls else values


def widths(raw: pl.Series, separator: str, *, quoted: bool = True) -> pl.Series:
    """Count the values of each line.

    >>> import polars as pl
    >>> widths(pl.Series(['a,"b,c"', "", 'a,5" disk,c']), ",").to_list()
    [2, 1, 3]
    """
    quoted = quoted and bool(raw.str.contains('"', literal=True).any())
    text = raw.str.replace_all(f"(^|{re.escape(separator)}){QUOTED}", "$1") if quoted else raw
    return text.str.count_matches(separator, literal=True) + 1


def split(
    raw: pl.Series, separator: str, width: int, names: Mapping[int, str], *, quoted: bool = True
) -> tuple[pl.DataFrame, pl.Series]:
    """Lines → (the values at the places in `names`, null where a line has not `width` values; which lines have).

    A quote opens a quoted value only where the value begins, as RFC 4180 and Python's reader have it.

    >>> import polars as pl
    >>> frame, whole = split(pl.Series(['1,"x, y"', "1,2,3"]), ",", 2, {1: "b"})
    >>> frame["b"].to_list(), whole.to_list()
    (['x, y', None], [True, False])
    """
    whole = raw.str.count_matches(separator, literal=True) == width - 1
    parts = raw.to_frame("raw").select(pl.col("raw").str.split_exact(separator, width - 1)).unnest("raw")
    values = parts.select(pl.when(whole).then(f"field_{place}").alias(name) for place, name in names.items())
    rows = raw.str.contains('"', literal=True).arg_true()
    if not quoted or not len(rows):
        return values, whole
    more, fits = _unquoted(raw.gather(rows), separator, width, names)
    return pl.DataFrame([values[n].scatter(rows, more[n]) for n in values.columns]), whole.scatter(rows, fits)


def _unquoted(raw: pl.Series, separator: str, width: int, names: Mapping[int, str]) -> tuple[pl.DataFrame, pl.Series]:
    """Split lines that hold quotes."""
    other = rf'[^"{re.escape(separator)}][^{re.escape(separator)}]*'
    taken, passed = rf'(?:"((?:[^"]|"")*)"|({other})?)', rf"(?:{QUOTED}|(?:{other})?)"
    pattern = f"(?s)^{re.escape(separator).join(taken if i in names else passed for i in range(width))}$"
    fits = raw.str.contains(pattern)
    if not names:
        return pl.DataFrame(), fits
    groups = raw.to_frame("raw").select(pl.col("raw").str.extract_groups(pattern)).unnest("raw")
    undone = [pl.col(f"{2 * i + 1}").str.replace_all('""', '"', literal=True) for i in range(len(names))]
    values = [pl.coalesce(quoted, f"{2 * i + 2}", pl.lit("")) for i, quoted in enumerate(undone)]
    return groups.select(
        pl.when(fits).then(v).alias(names[i]) for i, v in zip(sorted(names), values, strict=True)
    ), fits
