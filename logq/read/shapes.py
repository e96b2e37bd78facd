"""The fields of JSON objects: their paths, names and types, from a sample or from a whole file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from logq.read.decode.inferred import either, leaves, schema_of
from logq.read.decode.json import objects
from logq.read.lines import text_of
from logq.read.resolved import common
from logq.read.woven import entry_blocks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from polars._typing import PolarsDataType

    from logq.formats.base import Format
    from logq.read.files import FileRef
    from logq.read.rules import Rule

__all__ = ["Keys", "Types", "json_fields", "whole_file"]

Keys = dict[str, tuple[str, ...]]
Types = dict[str, "PolarsDataType"]


def json_fields(samples: Iterable[pl.Series], form: Format, *, nested: bool) -> tuple[Keys, Types]:
    """Texts of entries → (the path each column comes from, its type), over all samples.

    A member whose values do not agree is a String. Nested members are columns with dotted names; with `nested`, objects
    stay whole, and only what may be time, level or message is a column of its own besides.
    """
    tops: Types = {}
    found: dict[tuple[str, ...], PolarsDataType] = {}
    for sample in samples:
        schema = schema_of(sample.filter(objects(sample)))
        for path, dtype in leaves(schema).items():
            if not all(path):
                continue  # Polars gives a member without a name another one; it is read as one of the rest
            found[path] = common(found.get(path, dtype), dtype)
        if nested:
            tops = {**tops, **{n: either(tops.get(n, t), t) for n, t in schema.items()}}
    if nested:
        fed = {*(form.stamp.fields if form.stamp else ()), *form.level, *form.message}
        inside = {path: t for path, t in found.items() if len(path) > 1 and ".".join(path) in fed}
        found = {(n,): pl.String() if t == pl.Null else t for n, t in tops.items()} | inside
    keys: Keys = {}
    fields: Types = {}
    for path, dtype in found.items():
        name = ".".join(path)
        name = form.renames[name] if name in form.renames and form.renames[name] not in keys else name
        while name in keys:
            name += "_"
        keys[name] = path
        fields[name] = dtype
    return keys, fields


def whole_file(file: FileRef, encoding: str, start: Rule | None, by: str | None) -> Iterator[pl.Series]:
    """Entries of a file, block by block, as far as it can be read: reading proper reports the loss."""
    try:
        for block in entry_blocks(file, start=start, by=by, encoding=encoding):
            yield text_of(block.entries(start)[0])
    except OSError:
        return
