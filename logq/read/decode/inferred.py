"""Types of JSON objects as their values tell them, also where they do not agree."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Final

import polars as pl

from logq.read.resolved import common

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from polars._typing import PolarsDataType

__all__ = ["either", "leaves", "schema_of"]

ALIKE: Final = (
    (r'"(?:[^"\\]|\\.)*"(\s*[,}\]])', '""$1'),
    (r"([:,\[]\s*)-?[0-9]+(\s*[,}\]])", "${1}0$2"),
    (r"([:,\[]\s*)-?[0-9][0-9.eE+-]*[.eE][0-9eE+-]*(\s*[,}\]])", "${1}0.5$2"),
)
"""What makes objects of one shape one text: strings, integers and other numbers."""


def leaves(schema: Mapping[str, PolarsDataType], path: tuple[str, ...] = ()) -> dict[tuple[str, ...], PolarsDataType]:
    """Types of nested objects → those of the paths of keys in them that are no objects.

    >>> leaves({"a": pl.Struct({"b": pl.Int64()}), "c": pl.Null()})
    {('a', 'b'): Int64, ('c',): String}
    """
    found: dict[tuple[str, ...], PolarsDataType] = {}
    for key, dtype in schema.items():
        here = (*path, key)
        if isinstance(dtype, pl.Struct) and dtype.fields:
            found |= leaves({f.name: f.dtype for f in dtype.fields}, here)
        else:
            found[here] = pl.String() if dtype == pl.Null else dtype
    return found


def schema_of(objects: pl.Series) -> Mapping[str, PolarsDataType]:
    """Texts of whole JSON objects → the members they have between them, and a type for each; a String if they disagree.

    >>> dict(schema_of(pl.Series(['{"a":1}', '{"a":"x","b":{"c":2}}'])))
    {'a': String, 'b': Struct({'c': Int64})}
    """
    flat = objects.str.replace_all("\n", " ", literal=True)
    if not len(flat):
        return {}
    try:
        return _read(flat)
    except pl.exceptions.PolarsError:
        shapes = flat
        for pattern, text in ALIKE:
            shapes = shapes.str.replace_all(pattern, text)
        return _halved(flat.filter(shapes.is_first_distinct()))


def _read(lines: pl.Series) -> Mapping[str, PolarsDataType]:
    """Types of lines that agree."""
    text = (lines.str.join("\n").item() + "\n").encode()
    return pl.read_ndjson(io.BytesIO(text), infer_schema_length=None).schema


def _halved(lines: pl.Series) -> Mapping[str, PolarsDataType]:
    """Types of lines that may not agree, from those of halves; a line that Polars has no types for is all text."""
    try:
        return _read(lines)
    except pl.exceptions.PolarsError:
        if len(lines) == 1:
            return dict.fromkeys(json.loads(lines[0]), pl.String())
        half = len(lines) // 2
        return _union([_halved(lines[:half]), _halved(lines[half:])])


def _union(schemas: Iterable[Mapping[str, PolarsDataType]]) -> dict[str, PolarsDataType]:
    merged: dict[str, PolarsDataType] = {}
    for schema in schemas:
        merged |= {n: either(merged.get(n, t), t) for n, t in schema.items()}
    return merged


def either(one: PolarsDataType, other: PolarsDataType) -> PolarsDataType:
    """Type of a member that is of either: objects have the members of both, anything else that differs is text.

    >>> either(pl.Struct({"a": pl.Int64()}), pl.Struct({"b": pl.Null()})), either(pl.Int64(), pl.Boolean())
    (Struct({'a': Int64, 'b': Null}), String)
    """
    if pl.Null in (one, other):
        return other if one == pl.Null else one
    if isinstance(one, pl.Struct) and isinstance(other, pl.Struct):
        return pl.Struct(_union([{f.name: f.dtype for f in each.fields} for each in (one, other)]))
    return common(one, other)
