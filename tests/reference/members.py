"""The members of a JSON object by a plain walk through it."""

from __future__ import annotations

from typing import Any

__all__ = ["members"]


def members(value: dict[str, Any], path: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    """Path of keys → value, for all that is no object and not null; an empty object has none."""
    found: dict[tuple[str, ...], Any] = {}
    for key, inner in value.items():
        if isinstance(inner, dict):
            found |= members(inner, (*path, key))
        elif inner is not None:
            found[*path, key] = inner
    return found
