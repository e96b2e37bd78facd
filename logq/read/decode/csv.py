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

BREAK: Final = "\x1e"
"""Stands for a line end in a quoted value while a reader is at work that would take it for the end of a row."""

WIDE: Final = 200
"""A pattern that counts more values would be too large."""

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
    return values, _error(raw, whole, resolved) if explain else None


def _error(raw: pl.Series, whole: pl.Series, resolved: Resolved) -> pl.Series:
    """Why lines are not whole; null where they are."""
    error = pl.Series([None], dtype=pl.String).new_from_index(0, len(raw))
    rows = (~whole).arg_true()
    if not len(rows):
        return error
    form, columns = resolved.format, len(resolved.keys)
    width = widths(raw.gather(rows), form.separator, quoted=form.quoted)
    counted = pl.format(f"{{}} values for {columns} columns", "width")
    reason = pl.when(pl.col("width") == columns).then(pl.lit("a quote is not closed")).otherwise(counted)
    return error.scatter(rows, pl.DataFrame({"width": width}).select(reason).to_series())


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
    if quoted and raw.str.contains('"', literal=True).any():
        return _unquoted(raw, separator, width, names)
    whole = raw.str.count_matches(separator, literal=True) == width - 1
    parts = raw.to_frame("raw").select(pl.col("raw").str.split_exact(separator, width - 1)).unnest("raw")
    return parts.select(pl.when(whole).then(f"field_{place}").alias(name) for place, name in names.items()), whole


def _unquoted(raw: pl.Series, separator: str, width: int, names: Mapping[int, str]) -> tuple[pl.DataFrame, pl.Series]:
    """Split lines of which some hold quotes: the plain ones by Polars' own reader, which would take others wrongly."""
    plain = _plain(raw, separator, width)
    if plain.all():
        return _read(raw, separator, names), plain
    values, whole = _taken_apart(raw.filter(~plain), separator, width, names)
    if not plain.any():
        return values, whole
    order = pl.concat([plain.arg_true(), (~plain).arg_true()]).arg_sort()
    read = _read(raw.filter(plain), separator, names).select(values.columns)
    return pl.concat([read, values])[order], pl.concat([plain.filter(plain), whole])[order]


def _plain(raw: pl.Series, separator: str, width: int) -> pl.Series:
    """Which lines hold so many values, quoted or without a quote, and nothing that another reader may trip over."""
    if not 1 < width <= WIDE:
        return pl.Series([False]).new_from_index(0, len(raw))
    mark, odd = re.escape(separator), rf'"\r{BREAK}\x{{FEFF}}'
    value = rf'(?:"(?:[^{odd}]|"")*"|[^{odd}\n{mark}]*)'
    return raw.str.contains(rf"^{value}(?:{mark}{value}){{{width - 1}}}$").fill_null(value=False)


def _read(raw: pl.Series, separator: str, names: Mapping[int, str]) -> pl.DataFrame:
    """Values of plain lines."""
    places = sorted(names)
    several = raw.str.contains("\n", literal=True).any()
    lines = raw.str.replace_all("\n", BREAK, literal=True) if several else raw
    text = lines.str.join("\n").item().encode()
    found = pl.read_csv(
        text,
        has_header=False,
        columns=places or [0],
        separator=separator,
        infer_schema=False,
        empty_string_is_null=False,
    )
    found = found.select(pl.col(found.columns[i]).alias(names[place]) for i, place in enumerate(places))
    broken = [n for n in found.columns if found[n].str.contains(BREAK, literal=True).any()] if several else []
    return found.with_columns(pl.col(broken).str.replace_all(BREAK, "\n", literal=True)) if broken else found


def _taken_apart(
    raw: pl.Series, separator: str, width: int, names: Mapping[int, str]
) -> tuple[pl.DataFrame, pl.Series]:
    """Split any lines: each separator with the value behind it; what that leaves over is wrong."""
    mark = re.escape(separator)
    value = rf'{mark}(?:{QUOTED}|[^"{mark}][^{mark}]*)?'
    frame = raw.to_frame("raw").with_columns(raw=pl.lit(separator) + pl.col("raw"))
    frame = frame.with_columns(parts=pl.col("raw").str.extract_all(value))
    covered = pl.col("parts").list.eval(pl.element().str.len_bytes()).list.sum() == pl.col("raw").str.len_bytes()
    whole = frame.select((pl.col("parts").list.len() == width) & covered).to_series()
    values = [pl.when(whole).then(_value(place, separator)).alias(name) for place, name in names.items()]
    return frame.select(values), whole


def _value(place: int, separator: str) -> pl.Expr:
    """One of `parts`, without its separator and its quotes; of two quotes within one is left."""
    part = pl.col("parts").list.get(place, null_on_oob=True).str.strip_prefix(separator)
    inner = part.str.strip_prefix('"').str.strip_suffix('"').str.replace_all('""', '"', literal=True)
    return pl.when(part.str.starts_with('"')).then(inner).otherwise(part)
