"""Fields of JSON lines, of any shape, in the fastest way found that loses no row.

Polars' `read_ndjson` is strict, and nearly twice as fast as `json_decode`: it stops at a line that is no
object or holds another type than asked. Where it does not stop, it is right, but for objects and lists
in a text column, which it does not write as JSON. So: read; if that will not do, null the lines that
are no objects and decode; if that stops too, take each field by itself, where a value of another type
is nulled and reported. Lists and structs are read by `read_ndjson` either way, which has values that
`json_decode` refuses or changes. Numbers are decoded as text and then cast: asked for an integer, `json_decode`
would cut 1.5 down to 1, and take true for 1.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from polars import selectors as cs

from logq.read.decode.casts import cast_text, read_at
from logq.read.decode.extra import behind, extra, pointer, spread, unexplained
from logq.read.lines import lines_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from polars._typing import PolarsDataType

    from logq.read.resolved import Resolved

__all__ = ["capture", "objects", "whole"]

ANY: Final = "__logq_any"
OPENED: Final = r"^\s*\{"
ESCAPED_KEY: Final = r'\\u[0-9A-Fa-f]{4}(?:[^"\\]|\\.)*"\s*:'
NO_OBJECT: Final = "not a JSON object"


def capture(
    raw: pl.Series, resolved: Resolved, wanted: frozenset[str], *, explain: bool
) -> tuple[pl.DataFrame, pl.Series | None]:
    """Entries → (the wanted fields in their types, what is wrong with an entry: null if nothing)."""
    if resolved.start is not None and not resolved.lined:
        raw = raw.str.replace_all("\n", " ", literal=True)
    if resolved.prefixed:
        raw = behind(raw)
    known = {**resolved.fields, **resolved.written}
    types = {n: known.get(n, pl.String()) for n in resolved.keys if n in wanted}
    rest = resolved.rest if resolved.rest in wanted else None
    asked = {n: known.get(n, pl.String()) for n in resolved.keys} if rest else types
    found, error, fits = _captured(raw, resolved.keys, asked, explain=explain)
    if rest:
        rows = unexplained(raw, resolved.keys, found).arg_true() if fits else pl.int_range(len(raw), eager=True)
        more = extra(raw.gather(rows), resolved.keys, asked, fits=fits)
        found = found.select(*types, spread(more, rows, len(raw)).alias(rest))
    return found, error


def _captured(
    raw: pl.Series, keys: Mapping[str, tuple[str, ...]], types: Mapping[str, PolarsDataType], *, explain: bool
) -> tuple[pl.DataFrame, pl.Series | None, bool]:
    """Fields of entries, what is wrong with each, and whether all are objects with values of these types."""
    found = _read(raw, keys, types)
    if found is not None:
        return found, pl.Series([None], dtype=pl.String).new_from_index(0, len(raw)) if explain else None, True
    hit = raw.str.contains(OPENED) & raw.str.json_path_match("$").is_not_null()
    text = pl.DataFrame({"hit": hit, "raw": raw}).select(pl.when("hit").then("raw")).to_series()
    flat = {n: t for n, t in types.items() if not t.is_nested()}
    try:
        values = _decoded(text, keys, flat)
    except pl.exceptions.ComputeError:
        values = pl.DataFrame([text.str.json_path_match(pointer(keys[n])).alias(n) for n in flat])
    found, error = _typed(values, flat, _error(hit))
    deep = {n: read_at(text, keys[n], t) for n, t in types.items() if t.is_nested()}
    for name, value in deep.items():
        odd = value.is_null() & text.str.json_path_match(pointer(keys[name])).is_not_null()
        error = _or(error, odd, f"{name}: not {types[name]}")
    return pl.DataFrame({n: deep[n] if n in deep else found[n] for n in types}), error, False


def _or(error: pl.Series, odd: pl.Series, why: str) -> pl.Series:
    """Reasons, and this one for those that are `odd`."""
    return pl.select(pl.coalesce(error, pl.when(odd).then(pl.lit(why)))).to_series()


def whole(data: bytes, resolved: Resolved, wanted: frozenset[str]) -> tuple[pl.DataFrame, int] | None:
    """Lines → the wanted fields in their types, and how many lines there are; None if one does not fit.

    Each must be an object with values of these types. Most files are so, and then nobody has to take them apart.

    >>> from logq.plan import Scan
    >>> from logq.read import FileRef, resolve_file
    >>> file = resolve_file(FileRef("a", buffer=b'{"n":1}'), Scan(sources=("a",)))
    >>> values, height = whole(b'{"n":1}\\n{"n":2}\\n', file, frozenset({"n"}))
    >>> values["n"].to_list(), height, whole(b"{\\n", file, frozenset({"n"}))
    ([1, 2], 2, None)
    """
    if resolved.rule or resolved.prefixed or resolved.rest in wanted or not data.startswith(b"{"):
        return None
    known = {**resolved.fields, **resolved.written}
    types = {n: known.get(n, pl.String()) for n in resolved.keys if n in wanted}
    height = data.count(b"\n") + (not data.endswith(b"\n"))
    values = _parsed(data, height, resolved.keys, types, lambda: lines_of(data)["raw"])
    return None if values is None else (values, height)


def objects(raw: pl.Series) -> pl.Series:
    """Which entries are whole JSON objects.

    >>> import polars as pl
    >>> objects(pl.Series(['{"a":1}', '{"a":', "[1]", None])).to_list()
    [True, False, False, False]
    """
    return (raw.str.contains(OPENED) & raw.str.json_path_match("$").is_not_null()).fill_null(value=False)


def _error(hit: pl.Series) -> pl.Series:
    return (
        hit.to_frame("hit").select(pl.when(~pl.col("hit").fill_null(value=False)).then(pl.lit(NO_OBJECT))).to_series()
    )


def _read(
    raw: pl.Series, keys: Mapping[str, tuple[str, ...]], types: Mapping[str, PolarsDataType]
) -> pl.DataFrame | None:
    """Read all fields of entries that are all objects with values of these types; None where that is not so."""
    if not len(raw):
        return pl.DataFrame(schema=types)
    text = raw.str.join("\n").cast(pl.Binary).item()
    if raw.null_count() or text.count(b"\n") >= len(raw):
        return None  # the reader would take two lines of a text for two texts
    return _parsed(text, len(raw), keys, types, lambda: raw)


def _parsed(
    text: bytes,
    height: int,
    keys: Mapping[str, tuple[str, ...]],
    types: Mapping[str, PolarsDataType],
    lines: Callable[[], pl.Series],
) -> pl.DataFrame | None:
    columns: list[pl.Series] = []
    try:
        for names in _apart(keys, types):
            read = pl.read_ndjson(text, schema=_schema(keys, {n: types[n] for n in names}))
            columns += read.select(_at(keys[n]).alias(n) for n in names).get_columns()
    except (pl.exceptions.ComputeError, pl.exceptions.SchemaError):
        return None
    if any(len(column) != height for column in columns or [read[:, 0]]):
        return None
    frame = pl.DataFrame(columns)
    opens = frame.select(pl.col(pl.String).str.contains(r"^[{\[]"))
    odd = [name for name in opens.columns if opens[name].any()]
    return frame if not odd or _texts(lines(), [(keys[n][-1], opens[n]) for n in odd]) else None


def _texts(lines: pl.Series, opens: Iterable[tuple[str, pl.Series]]) -> bool:
    """Whether what begins like an object or a list is a text in the data, as it can be told from the keys there."""
    for key, opened in opens:
        rows, name = lines.filter(opened), re.escape(json.dumps(key, ensure_ascii=False))
        if not rows.str.contains(rf'{name}\s*:\s*"').all() or rows.str.contains(rf"{name}\s*:\s*[{{\[]").any():
            return False
        if rows.str.contains(ESCAPED_KEY).any():
            return False
    return True


def _apart(keys: Mapping[str, tuple[str, ...]], names: Iterable[str]) -> list[list[str]]:
    """Part fields so that none is asked for as a value where another is asked for inside it.

    >>> _apart({"a": ("a",), "a.b": ("a", "b"), "c": ("c",)}, ["a", "a.b", "c"])
    [['a.b', 'c'], ['a']]
    """
    names = list(names)
    outer = {keys[n][:depth] for n in names for depth in range(1, len(keys[n]))}
    parted = [[n for n in names if keys[n] not in outer]]
    above = [n for n in names if keys[n] in outer]
    return parted + _apart(keys, above) if above else parted


def _decoded(text: pl.Series, keys: Mapping[str, tuple[str, ...]], types: Mapping[str, PolarsDataType]) -> pl.DataFrame:
    """Decode all fields in one pass.

    `json_decode` passes over blank texts and makes two values of two on a line; the former never
    come here, so equal lengths mean that every value stands at its line.
    """
    plain = {n: pl.String() if t.is_numeric() else t for n, t in types.items()}
    columns: list[pl.Series] = []
    for names in _apart(keys, types):
        struct = text.str.json_decode(pl.Struct(_schema(keys, {n: plain[n] for n in names})))
        if len(struct) != len(text):
            msg = "a line holds more than one value"
            raise pl.exceptions.ComputeError(msg)
        columns += struct.struct.unnest().select(_at(keys[n]).alias(n) for n in names).get_columns()
    return pl.DataFrame(columns)


def _schema(keys: Mapping[str, tuple[str, ...]], types: Mapping[str, PolarsDataType]) -> dict[str, PolarsDataType]:
    """Nest the types of fields as their keys are; without a field there is one that no object has."""
    tree: dict[str, Any] = {}
    for name, dtype in types.items():
        branch = tree
        for key in keys[name][:-1]:
            branch = branch.setdefault(key, {})
        branch[keys[name][-1]] = dtype
    return dict(_struct(tree or {ANY: pl.String()}))


def _typed(
    frame: pl.DataFrame, types: Mapping[str, PolarsDataType], error: pl.Series
) -> tuple[pl.DataFrame, pl.Series]:
    """Cast what is still text; a value that does not fit is nulled and named in the error."""
    late = [n for n, t in types.items() if frame.schema[n] != t]
    cast = frame.with_columns(cast_text(n, types[n]) for n in late)
    conflicts = [pl.when(frame[n].is_not_null() & cast[n].is_null()).then(pl.lit(f"{n}: not {types[n]}")) for n in late]
    return cast, cast.select(pl.coalesce(pl.lit(error), *conflicts)).to_series() if conflicts else error


def _struct(tree: Mapping[str, Any]) -> pl.Struct:
    return pl.Struct({key: _struct(node) if isinstance(node, dict) else node for key, node in tree.items()})


def _at(path: tuple[str, ...]) -> pl.Expr:
    column = cs.by_name(path[0]).as_expr()
    for key in path[1:]:
        column = column.struct.field(key)
    return column
