"""Which entries belong together by shared ids, as union-find says it, entry by entry in plain Python."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

__all__ = ["Joined", "linked"]

Value: TypeAlias = tuple[int, object]
Joined: TypeAlias = tuple[int, Value, Value]
"""An entry, and the two values that it was the first to connect."""


def linked(ids: Sequence[Sequence[object]], seconds: Sequence[int | None]) -> tuple[list[int | None], list[Joined]]:
    """Ids of entries in input order → a number for what each belongs to (None: it has no id), and who joined what."""
    parent: dict[Value, Value] = {}

    def root(value: Value) -> Value:
        while parent[value] != value:
            value = parent[value]
        return value

    order = sorted(range(len(ids)), key=lambda i: (seconds[i] is None, seconds[i] or 0, i))
    joined: list[Joined] = []
    for i in order:
        values = [(field, v) for field, v in enumerate(ids[i]) if v is not None]
        for value in values:
            parent.setdefault(value, value)
        for value in values[1:]:
            if root(value) != root(values[0]):
                parent[root(value)] = root(values[0])
                joined.append((i, values[0], value))
    numbers: dict[Value, int] = {}
    found: list[int | None] = []
    for entry in ids:
        known = [(field, v) for field, v in enumerate(entry) if v is not None]
        found.append(numbers.setdefault(root(known[0]), len(numbers)) if known else None)
    return found, joined
