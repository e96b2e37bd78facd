"""Fields of logfmt: `key=value` and `key="quoted \\" value"`.

Most lines of a log have the same keys in the same order: a pattern made of those of the first line takes all values at
once, and again of the first line that this leaves. What a few such patterns leave is searched for each key by itself.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from logq.read.resolved import Resolved

__all__ = ["capture", "spoken", "value", "values"]

KEY: Final = r"[A-Za-z_@][\w.@/-]*"
PAIR: Final = rf"(?:^|[\s,]){KEY}="
"""A key and its equals sign; an entry without one is no logfmt."""

QUOTED: Final = r'"(?:[^"\\]|\\.)*"'
BARE: Final = r'(?:[^\s",]|,[^\s",=A-Za-z_@])*'
"""A value without quotes. A comma ahead of what may be a key is left to the search key by key."""

BEHIND: Final = rf",(?:{KEY}=.*)?$"
"""The comma behind a value and the pairs behind that, if any."""

WHOLE: Final = re.compile(rf"({KEY})=(?:{QUOTED}|{BARE})( +|$)")
FEW: Final = 2
OPENS: Final = rf"^\s*{PAIR}"
"""A line of pairs begins with one: prose may hold some."""

MANY: Final = 100
"""A pattern of more keys would be too large."""

SHAPES: Final = 8
"""So many orders of keys in a block are tried."""


def capture(
    raw: pl.Series, resolved: Resolved, wanted: frozenset[str], *, explain: bool
) -> tuple[pl.DataFrame, pl.Series | None]:
    """Entries → (the wanted keys as String columns, why an entry has none: null if it holds a pair)."""
    names = [n for n in resolved.keys if n in wanted]
    frame = values(raw, {n: resolved.keys[n][0] for n in names})
    if not explain:
        return frame, None
    error = pl.when(~pl.col("raw").str.contains(PAIR)).then(pl.lit("no key=value pair"))
    return frame, raw.to_frame("raw").select(error).to_series()


def spoken(lines: pl.Series) -> pl.Series:
    """Which lines are of pairs.

    >>> spoken(pl.Series(["a=1 b=2", "up a=1 b=2", "a=1"])).to_list()
    [True, False, False]
    """
    return (lines.str.count_matches(PAIR) >= FEW) & lines.str.contains(OPENS)


def values(raw: pl.Series, names: Mapping[str, str]) -> pl.DataFrame:
    """Entries → a column for each name, with the first value of its key; null where there is none.

    >>> values(pl.Series(["a=1 b=x", 'b="y z"', "no pair"]), {"a": "a", "text": "b"}).rows()
    [('1', 'x'), (None, 'y z'), (None, None)]
    """
    if not names:
        return pl.DataFrame()
    keys = tuple(names.values())
    left, odd = pl.int_range(len(raw), eager=True), []
    places: list[pl.Series] = []
    parts: list[pl.DataFrame] = []
    for _ in range(SHAPES):
        if not len(left):
            break
        order = _order(raw[left[0]])
        if order is None:
            odd.append(left.head(1))
            left = left.slice(1)
            continue
        lines = raw.gather(left)
        hit = lines.str.contains(_pattern(order, ())).fill_null(value=False)
        places.append(left.filter(hit))
        parts.append(_taken(lines.filter(hit), order, keys))
        left = left.filter(~hit)
    rest = pl.concat([*odd, left])
    frame = (
        raw.gather(rest).to_frame("raw").with_columns(stray=pl.col("raw").str.replace_all(QUOTED, "").str.contains('"'))
    )
    parts.append(frame.select(value(key).alias(f"{i}") for i, key in enumerate(keys)))
    return pl.concat(parts)[pl.concat([*places, rest]).arg_sort()].rename(
        dict(zip(parts[0].columns, names, strict=True))
    )


def _order(line: str | None) -> tuple[str, ...] | None:
    """Keys of a line that is nothing but pairs, in order; None for any other, and where they are too many."""
    keys: list[str] = []
    end = 0
    while line and end < len(line):
        found = WHOLE.match(line, end)
        if found is None or len(keys) == MANY:
            return None
        keys.append(found[1])
        end = found.end()
    return tuple(keys) or None


def _pattern(order: Sequence[str], wanted: Sequence[str]) -> str:
    """Regex of lines with just these keys in this order, which captures the first value of each of those wanted."""
    either = f"{QUOTED}|{BARE}"
    groups = [
        f"({either})" if key in wanted and key not in order[:i] else f"(?:{either})" for i, key in enumerate(order)
    ]
    return f"^{' +'.join(f'{re.escape(key)}={group}' for key, group in zip(order, groups, strict=True))} *$"


def _taken(lines: pl.Series, order: Sequence[str], keys: Sequence[str]) -> pl.DataFrame:
    """Values of lines whose keys are all in this order, null for keys that are not among them."""
    captured = [key for key in dict.fromkeys(order) if key in keys]
    if not captured:
        return pl.DataFrame(schema=dict.fromkeys(map(str, range(len(keys))), pl.String)).clear(len(lines))
    groups = lines.str.extract_groups(_pattern(order, captured)).struct.unnest()
    columns = {key: pl.col(name) for key, name in zip(captured, groups.columns, strict=True)}
    made = {key: pl.when(c.str.starts_with('"')).then(_undone(_inner(c))).otherwise(c) for key, c in columns.items()}
    return groups.select(made.get(key, pl.lit(None, pl.String)).alias(f"{i}") for i, key in enumerate(keys))


def _inner(text: pl.Expr) -> pl.Expr:
    return text.str.strip_prefix('"').str.strip_suffix('"')


def _undone(text: pl.Expr) -> pl.Expr:
    """Undo the escapes of a quoted value."""
    return (
        text.str.replace_all(r"\\", "\x00", literal=True)
        .str.replace_all(r"\"", '"', literal=True)
        .str.replace_all(r"\n", "\n", literal=True)
        .str.replace_all(r"\r", "\r", literal=True)
        .str.replace_all(r"\t", "\t", literal=True)
        .str.replace_all("\x00", "\\", literal=True)
    )


def value(key: str) -> pl.Expr:
    """First value of `key` in `raw`: text between quotes with escapes undone, else up to the next space or `,key=`.

    What stands between quotes holds no keys, unless the line has a quote too many, of which `stray` tells. A quote that
    is not closed holds all the rest.

    >>> frame = pl.DataFrame({"raw": ['a=1 msg="disk a=2 full"', 'msg="x a=2"'], "stray": [False, False]})
    >>> frame.select(value("a").alias("a"), value("msg").alias("msg")).rows()
    [('1', 'disk a=2 full'), (None, 'x a=2')]
    """
    found = rf'{re.escape(key)}=({QUOTED}|"(?s:.*)|[^\s"]*)'
    outside = pl.col("raw").str.extract(rf'^(?:(?:[^"]|{QUOTED})*?[\s,])??{found}')
    anywhere = pl.col("raw").str.extract(rf"(?:^|[\s,]){found}")
    text = pl.when("stray").then(anywhere).otherwise(outside)
    bare = text.str.replace(BEHIND, "")
    return pl.when(text.str.starts_with('"')).then(_undone(_inner(text))).otherwise(bare)
