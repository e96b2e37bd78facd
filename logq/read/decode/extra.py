"""The members of JSON objects that no column has: those no sample showed, and values of other types than it showed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import polars as pl

from logq.read.decode.casts import cast_text
from logq.read.decode.inferred import leaves, schema_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from polars._typing import PolarsDataType

__all__ = ["EXTRA", "behind", "extra", "pointer", "spread", "unexplained"]

EXTRA: Final = "extra"
OPENED: Final = r"^\s*\{"
MOST: Final = 256
"""Where a block has more members than this that no column has, the objects are given whole."""


def behind(raw: pl.Series) -> pl.Series:
    """Entries from their first brace on; as they are where they have none.

    >>> behind(pl.Series(['INFO {"a":1}', "up"])).to_list()
    ['{"a":1}', 'up']
    """
    return raw.str.replace(r"^[^{]+\{", "{")


def pointer(path: Iterable[str]) -> str:
    """Path of keys → JSONPath.

    >>> pointer(("a", "b.c"))
    '$["a"]["b.c"]'
    """
    return "$" + "".join(f"[{json.dumps(key, ensure_ascii=False)}]" for key in path)


def unexplained(raw: pl.Series, keys: Mapping[str, tuple[str, ...]], values: pl.DataFrame) -> pl.Series:
    """Which objects may have members beside those whose `values` were read.

    Each member has a name, and each name a quote and a colon behind it; an object with as many of these as there are
    values, and objects around values, has no other member. Where a blank is ahead of a colon, names are not counted.

    >>> objects = pl.Series(['{"a":1}', '{"a":2,"b":{"c":"x"}}', '{"a" :3}'])
    >>> unexplained(objects, {"a": ("a",)}, pl.DataFrame({"a": [1, 2, 3]})).to_list()
    [False, True, True]
    """
    paths: dict[tuple[str, ...], list[pl.Expr]] = {}
    for name in values.columns:
        for depth in range(1, len(keys[name]) + 1):
            paths.setdefault(keys[name][:depth], []).append(pl.col(name).is_not_null())
    known = pl.sum_horizontal(pl.lit(0), *(pl.any_horizontal(some).cast(pl.UInt32) for some in paths.values()))
    rows = raw.str.contains(r"[ \t\r]:").arg_true()
    apart = rows.filter(raw.gather(rows).str.contains(r'"[ \t\r]+:'))
    names = raw.str.count_matches('":', literal=True)
    return values.select(names != known).to_series().scatter(apart, values=True)


def extra(
    raw: pl.Series, keys: Mapping[str, tuple[str, ...]], types: Mapping[str, PolarsDataType], *, fits: bool
) -> pl.Series:
    """Entries → a JSON object (String) of the members that the columns `keys` do not hold in `types`; null for none.

    Nested members have dotted names. `fits` tells that all values are of the types. Null for what is no object.

    >>> objects = pl.Series(['{"a":1}', '{"a":2,"b":{"c":"x"}}'])
    >>> extra(objects, {"a": ("a",)}, {"a": pl.Int64()}, fits=True).to_list()
    [None, '{"b.c":"x"}']
    """
    pieces = _unknown(raw, keys, types) + ([] if fits else _misfits(raw, keys, types))
    if not pieces:
        return pl.Series([None], dtype=pl.String).new_from_index(0, len(raw))
    whole = pl.concat_str(pieces, separator=",", ignore_nulls=True)
    return pl.select(pl.when(whole != "").then(pl.concat_str(pl.lit("{"), whole, pl.lit("}")))).to_series()


def _unknown(
    raw: pl.Series, keys: Mapping[str, tuple[str, ...]], types: Mapping[str, PolarsDataType]
) -> list[pl.Series]:
    """Members no column has, each as text."""
    rows = (raw.str.contains(OPENED) & raw.str.json_path_match("$").is_not_null()).fill_null(value=False).arg_true()
    text = raw.gather(rows)
    paths = {path: name for name, path in keys.items()}
    seen = leaves(schema_of(text)) if len(text) else {}
    found = [(path, dtype, names) for path, dtype in seen.items() if (names := _news(path, dtype, paths, types))]
    if len(found) > MOST:
        return [spread(text.str.strip_chars().str.slice(1).str.head(-1), rows, len(raw))]
    pieces = []
    for path, dtype, names in found:
        has = text.str.contains_any([json.dumps(n, ensure_ascii=False) for n in names]) | text.str.contains(
            "\\", literal=True
        )
        pieces.append(spread(_pieces(text.filter(has), path, dtype), rows.filter(has), len(raw)))
    return pieces


def _news(
    path: tuple[str, ...],
    dtype: PolarsDataType,
    paths: Mapping[tuple[str, ...], str],
    types: Mapping[str, PolarsDataType],
) -> frozenset[str]:
    """Names of what is in a member and in no column."""
    outer = next((path[:n] for n in range(len(path), 0, -1) if path[:n] in paths), None)
    if outer is None:
        return frozenset(path[-1:])
    for key in reversed(path[len(outer) :]):
        dtype = pl.Struct({key: dtype})
    return frozenset(_lacking(dtype, types.get(paths[outer], pl.String())))


def _lacking(dtype: PolarsDataType, own: PolarsDataType) -> list[str]:
    """Names of members in a nested type that one of its columns has no place for; a text holds all there is."""
    if isinstance(dtype, pl.List) and isinstance(own, pl.List):
        return _lacking(dtype.inner, own.inner)
    if not (isinstance(dtype, pl.Struct) and isinstance(own, pl.Struct)):
        return []
    known = {f.name: f.dtype for f in own.fields}
    found = [_lacking(f.dtype, known[f.name]) if f.name in known else [f.name] for f in dtype.fields]
    return [name for names in found for name in names]


def _pieces(text: pl.Series, path: tuple[str, ...], dtype: PolarsDataType) -> pl.Series:
    """`"name":value` of one member, null where an entry has none."""
    name = ".".join(path)
    found = text.str.json_path_match(pointer(path))
    if dtype != pl.String:
        label = json.dumps(name, ensure_ascii=False)
        return pl.select(pl.concat_str(pl.lit(f"{label}:"), found)).to_series()
    quoted = found.to_frame(name).select(pl.struct(name).struct.json_encode().str.slice(1).str.head(-1)).to_series()
    return pl.select(pl.when(found.is_not_null()).then(quoted)).to_series()


def _misfits(
    raw: pl.Series, keys: Mapping[str, tuple[str, ...]], types: Mapping[str, PolarsDataType]
) -> list[pl.Series]:
    """Values that are not of the type of their column, as text."""
    pieces = []
    for name, dtype in types.items():
        if dtype == pl.String:
            continue
        found = raw.str.json_path_match(pointer(keys[name])).alias(name)
        odd = found.to_frame().select(pl.col(name).is_not_null() & cast_text(name, dtype).is_null()).to_series()
        rows = odd.arg_true()
        if len(rows):
            pieces.append(spread(_pieces(raw.gather(rows), keys[name], pl.String()), rows, len(raw)))
    return pieces


def spread(values: pl.Series, rows: pl.Series, height: int) -> pl.Series:
    """Texts at their rows, null elsewhere.

    >>> spread(pl.Series(["x"]), pl.Series([1]), 3).to_list()
    [None, 'x', None]
    """
    return pl.Series([None], dtype=pl.String).new_from_index(0, height).scatter(rows, values)
