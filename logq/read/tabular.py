"""Names and types of the fields of logfmt and of separated values, as a sample shows them."""

from __future__ import annotations

import re
from itertools import chain, repeat
from typing import TYPE_CHECKING, Final

import polars as pl

from logq.read.decode import logfmt
from logq.read.decode.csv import BLANK, COMMENT, named, split, widths, without

if TYPE_CHECKING:
    from collections.abc import Mapping

    from polars._typing import PolarsDataType

    from logq.formats.base import Format

__all__ = ["csv_fields", "logfmt_fields"]

LOGFMT_KEY: Final = r"(?:^|[\s,])([A-Za-z_@][\w.@/-]*)="
NAME: Final = re.compile(r"^[A-Za-z_@][\w .@/()-]*$")
NATURAL: Final = (pl.Int64, pl.Float64, pl.Boolean)
"""Types that values are taken for; anything else stays text."""


def logfmt_fields(lines: pl.Series) -> tuple[dict[str, tuple[str, ...]], dict[str, PolarsDataType]]:
    """Keys and types of logfmt.

    >>> logfmt_fields(pl.Series(["a=1 b=x"]))
    ({'a': ('a',), 'b': ('b',)}, {'a': Int64, 'b': String})
    """
    pairs = lines.str.extract_all(LOGFMT_KEY).explode().drop_nulls()
    names = pairs.str.extract(LOGFMT_KEY).unique(maintain_order=True)
    keys: dict[str, tuple[str, ...]] = {n: (n,) for n in names}
    return keys, _inferred(logfmt.values(lines, {n: n for n in names}))


def _inferred(values: pl.DataFrame) -> dict[str, PolarsDataType]:
    """Types of columns of text: integer, float or Boolean where every value reads so and none loses a leading zero."""
    if not values.width or not values.height:
        return dict.fromkeys(values.columns, pl.String())
    read = pl.read_csv(values.write_csv(include_header=False).encode(), has_header=False, infer_schema_length=None)
    zeros = values.select(pl.all().str.contains(r"^[+-]?0[0-9]").any()).row(0)
    empty = values.select(pl.all().is_null().all() | (pl.all() == "").any()).row(0)
    typed = zip(values.columns, read.dtypes, zeros, empty, strict=True)
    return {n: t if t in NATURAL and not zero and not blank else pl.String() for n, t, zero, blank in typed}


def csv_fields(found: Format, lines: pl.Series) -> tuple[dict[str, tuple[str, ...]], dict[str, PolarsDataType], bool]:
    """Names, types and whether the first line is a header.

    >>> from logq.formats import get
    >>> csv_fields(get("csv"), pl.Series(["a,b", "1,x"]))
    ({'a': ('a',), 'b': ('b',)}, {'a': Int64, 'b': String}, True)
    """
    said = named(lines, found.directive) if found.directive else lines.clear()
    lines = lines.filter(~lines.str.contains(COMMENT)) if found.directive else lines
    width: int = widths(lines, found.separator, quoted=found.quoted)[0] if len(lines) else 1
    rows, whole = split(lines, found.separator, width, {i: f"{i}" for i in range(width)}, quoted=found.quoted)
    first = [(value or "").strip() for value in rows.row(0)] if rows.height else []
    header = (
        found.header
        if found.header is not None
        else bool(first) and all(map(_is_name, first)) and len(set(first)) == len(first)
    )
    names = _said(said, found.renames) or list(found.columns)[: width if found.fixed else None]
    names = names or _headed(first if header else [""] * len(first))
    if found.fixed:
        return {n: (n,) for n in names}, dict(found.fields), header
    types = _inferred(without(rows.filter(whole).slice(int(header)), found.nulls)).values()
    fields = {n: found.dtypes.get(n, t) for n, t in zip(names, chain(types, repeat(pl.String())), strict=False)}
    return {n: (n,) for n in names}, fields, header


def _headed(first: list[str]) -> list[str]:
    """Names of columns from those in a header; one without a name is numbered, of two alike the second is marked."""
    names: list[str] = []
    for number, said in enumerate(first, 1):
        name = said or f"column_{number}"
        while name in names:
            name += "_"
        names.append(name)
    return names


def _said(lines: pl.Series, renames: Mapping[str, str]) -> list[str]:
    """Names of columns from the first line that says them; where two would be one, the second keeps its own."""
    names: list[str] = []
    for name in re.split(BLANK, lines[0]) if len(lines) else ():
        names.append(renames[name] if name in renames and renames[name] not in names else name)
    return names


def _is_name(value: str) -> bool:
    return NAME.match(value) is not None
