"""Keys as users give them: columns, expressions, regexes on the message."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeAlias

import polars as pl

from logq.errors import BuildError
from logq.formats.base import check_pattern, group_names
from logq.plan import Expression

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["IntoKey", "keys_of"]

IntoKey: TypeAlias = "str | pl.Expr | re.Pattern[str]"
FLAGS: Final = ((re.IGNORECASE, "i"), (re.MULTILINE, "m"), (re.DOTALL, "s"), (re.VERBOSE, "x"))


def keys_of(
    given: IntoKey | Iterable[IntoKey], *, method: str, default: str
) -> tuple[tuple[Expression, ...], tuple[str | None, ...]]:
    """What was given as keys → expressions, and the columns those are shown in that are none yet.

    >>> [names for _, names in [keys_of(["a", pl.col("b").alias("c")], method="sessions", default="key")]]
    [(None, 'c')]

    Raises
    ------
    BuildError
        A regex without a group, or an expression that stands for several columns.
    """
    items = [given] if isinstance(given, (str, pl.Expr, re.Pattern)) else list(given)
    keys: list[Expression] = []
    names: list[str | None] = []
    for item in items:
        key = Expression.of(
            _extracted(item, method)
            if isinstance(item, re.Pattern)
            else pl.col(item)
            if isinstance(item, str)
            else item
        )
        group = next(iter(group_names(item.pattern)), default) if isinstance(item, re.Pattern) else key.output
        if group is None:
            msg = f"{method}: {key} stands for several columns; list them"
            raise BuildError(msg)
        plain = set(key.json) == {"Column"}
        name = None if plain else group if group not in (key.roots or ()) else default
        keys.append(key)
        names.append(f"{name}_{len(names) + 1}" if name is not None and name in names else name)
    return tuple(keys), tuple(names)


def _extracted(pattern: re.Pattern[str], method: str) -> pl.Expr:
    """First group of a regex on the message."""
    if not pattern.groups:
        msg = f"{method}: {pattern.pattern!r} has no group; put the id in one, as in 'req=(\\w+)'"
        raise BuildError(msg)
    flags = "".join(letter for flag, letter in FLAGS if pattern.flags & flag)
    text = f"(?{flags}){pattern.pattern}" if flags else pattern.pattern
    check_pattern(text, where=method)
    return pl.col("message").str.extract(text, 1)
