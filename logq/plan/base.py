"""The base of plan steps: frozen, serialisable structs that say what is done and need nothing to say it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeAlias

import msgspec

from logq.errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

__all__ = ["Step", "Wanted", "check_keys"]

Wanted: TypeAlias = "AbstractSet[str] | None"
"""Names of columns; None stands for all of them."""


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="op", kw_only=True):
    """One operation on the rows below it."""

    rowwise: ClassVar[bool] = False
    """Each output row depends on its own input row alone, and rows keep their names and order."""

    def describe(self) -> str:
        """One line for `explain`: the operation and its arguments."""
        raise NotImplementedError

    def required(self, wanted: Wanted) -> Wanted:
        """Columns needed below to yield `wanted` above."""
        raise NotImplementedError


def check_keys(method: str, keys: Iterable[str], told: Iterable[str]) -> None:
    """Refuse keys that are called as what a method tells beside them."""
    taken = sorted({*keys} & {*told})
    if taken:
        msg = f"{method} tells {taken[0]!r}; call a key of that name otherwise: pl.col({taken[0]!r}).alias('own')"
        raise BuildError(msg)
