"""The members of JSON objects that no column has: those no sample showed, and values of other types than it showed."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Final

import polars as pl

from logq.read.decode.casts import cast_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from polars._typing import PolarsDataType

__all__ = ["EXTRA", "behind", "extra", "leaves", "pointer"]

EXTRA: Final = "extra"
KEY: Final = r'"((?:[^"\\]|\\.)*)"\s*:'
MOST: Final = 256
"""Where a block has more members than this that no column has, the objects are given whole."""


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
    return "$" + "".join(f"[{json.dumps(key)}]" for key in path)


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
    """Members no column has, each as text; read are only the entries that hold a key which no column's path has."""
    known = {key for path in keys.values() for key in path} | {k for t in types.values() for k in _keys_in(t)}
    holds = raw.str.extract_all(KEY).list.eval(~pl.element().str.extract(KEY).is_in(list(known))).list.any()
    rows = (holds.fill_null(value=False) & raw.str.json_path_match("$").is_not_null()).arg_true()
    if not len(rows):
        return []
    text = raw.gather(rows)
    paths = {path: name for name, path in keys.items()}
    found = [(path, dtype) for path, dtype in _seen(text).items() if _is_news(path, dtype, paths, types)]
    if len(found) > MOST:
        return [
            raw.clear().extend_constant(None, len(raw)).scatter(rows, text.str.strip_chars().str.slice(1).str.head(-1))
        ]
    return [_spread(_pieces(text, path, dtype), rows, len(raw)) for path, dtype in found]


def _keys_in(dtype: PolarsDataType) -> list[str]:
    """Names of members in a nested type."""
    if isinstance(dtype, pl.List):
        return _keys_in(dtype.inner)
    if isinstance(dtype, pl.Struct):
        return [name for f in dtype.fields for name in (f.name, *_keys_in(f.dtype))]
    return []


def _is_news(
    path: tuple[str, ...],
    dtype: PolarsDataType,
    paths: Mapping[tuple[str, ...], str],
    types: Mapping[str, PolarsDataType],
) -> bool:
    """Whether a member is in no column, or in one that has not all that is in it."""
    outer = next((paths[path[:n]] for n in range(len(path), 0, -1) if path[:n] in paths), None)
    if outer is None:
        return True
    own = types.get(outer, pl.String())
    return own.is_nested() and not set(_keys_in(dtype)) | set(path) <= set(_keys_in(own)) | set(paths_of(outer, paths))


def paths_of(name: str, paths: Mapping[tuple[str, ...], str]) -> tuple[str, ...]:
    """Path of keys that a column comes from.

    >>> paths_of("a.b", {("a", "b"): "a.b"})
    ('a', 'b')
    """
    return next(path for path, column in paths.items() if column == name)


def _seen(text: pl.Series) -> dict[tuple[str, ...], PolarsDataType]:
    """Paths in entries and their types; only the outermost, as text, where the entries do not agree."""
    flat = text.str.replace_all("\n", " ", literal=True)
    try:
        return leaves(pl.read_ndjson(io.BytesIO("\n".join(flat).encode()), infer_schema_length=None).schema)
    except pl.exceptions.PolarsError:
        names = flat.str.extract_all(KEY).explode().str.extract(KEY).drop_nulls().unique(maintain_order=True)
        return {(name,): pl.String() for name in names if flat.str.json_path_match(pointer([name])).count()}


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
            pieces.append(_spread(_pieces(raw.gather(rows), keys[name], pl.String()), rows, len(raw)))
    return pieces


def _spread(values: pl.Series, rows: pl.Series, height: int) -> pl.Series:
    """Texts at their rows, null elsewhere."""
    return pl.Series([None], dtype=pl.String).new_from_index(0, height).scatter(rows, values)
