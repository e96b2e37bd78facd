"""Steps that choose or order rows."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

from logq.errors import BuildError
from logq.plan.base import Step, Wanted
from logq.plan.columns import roots_of
from logq.plan.expressions import Expression

__all__ = ["Filter", "Head", "Scope", "Sort", "Tail", "Unique"]

Keep: TypeAlias = Literal["first", "last", "none", "any"]


class Filter(Step, frozen=True, tag="filter", kw_only=True):
    """AND predicates to the mask: rows that fail stop being matches, yet still surround them."""

    predicates: tuple[Expression, ...]

    @property
    def rowwise(self) -> bool:  # type: ignore[override]
        """Whether every predicate is."""
        return all(p.rowwise for p in self.predicates)

    def describe(self) -> str:
        """Name the predicates."""
        return f"filter({', '.join(map(str, self.predicates))})"

    def required(self, wanted: Wanted) -> Wanted:
        """What is wanted and what the predicates read."""
        return _with(wanted, self.predicates)


class Scope(Step, frozen=True, tag="scope", kw_only=True):
    """Bound the universe: nothing after this sees rows outside it."""

    predicates: tuple[Expression, ...]

    @property
    def rowwise(self) -> bool:  # type: ignore[override]
        """Whether every predicate is."""
        return all(p.rowwise for p in self.predicates)

    def describe(self) -> str:
        """Name the predicates."""
        return f"scope({', '.join(map(str, self.predicates))})"

    def required(self, wanted: Wanted) -> Wanted:
        """What is wanted and what the predicates read."""
        return _with(wanted, self.predicates)


class Sort(Step, frozen=True, tag="sort", kw_only=True):
    """Order rows; equal keys keep their order, nulls come last."""

    by: tuple[Expression, ...]
    descending: tuple[bool, ...]

    def __post_init__(self) -> None:
        if not self.by or len(self.descending) != len(self.by):
            msg = (
                f"sort takes at least one key and one direction per key, not {len(self.by)} and {len(self.descending)}"
            )
            raise BuildError(msg)

    def describe(self) -> str:
        """Name the keys."""
        keys = (f"{e}{' desc' if d else ''}" for e, d in zip(self.by, self.descending, strict=True))
        return f"sort({', '.join(keys)})"

    def required(self, wanted: Wanted) -> Wanted:
        """What is wanted and the keys."""
        return _with(wanted, self.by)


class Head(Step, frozen=True, tag="head", kw_only=True):
    """The first `n` rows."""

    n: int

    def __post_init__(self) -> None:
        _count("head", self.n)

    def describe(self) -> str:
        """Say how many."""
        return f"head({self.n})"

    def required(self, wanted: Wanted) -> Wanted:
        """The same."""
        return wanted


class Tail(Step, frozen=True, tag="tail", kw_only=True):
    """The last `n` rows."""

    n: int

    def __post_init__(self) -> None:
        _count("tail", self.n)

    def describe(self) -> str:
        """Say how many."""
        return f"tail({self.n})"

    def required(self, wanted: Wanted) -> Wanted:
        """The same."""
        return wanted


class Unique(Step, frozen=True, tag="unique", kw_only=True):
    """One row per value of `subset` (None: of all columns), in input order."""

    subset: tuple[str, ...] | None
    keep: Keep

    def __post_init__(self) -> None:
        if self.subset == ():
            msg = "unique() over no columns means nothing; name some, or leave subset out for all of them"
            raise BuildError(msg)
        if self.keep not in get_args(Keep):
            msg = f"unique(keep={self.keep!r}): keep is one of {', '.join(map(repr, get_args(Keep)))}"
            raise BuildError(msg)

    def describe(self) -> str:
        """Name the columns."""
        return f"unique({'all columns' if self.subset is None else ', '.join(self.subset)}, keep={self.keep})"

    def required(self, wanted: Wanted) -> Wanted:
        """What is wanted and the compared columns."""
        return None if wanted is None or self.subset is None else wanted | set(self.subset)


def _with(wanted: Wanted, exprs: tuple[Expression, ...]) -> Wanted:
    roots = roots_of(exprs)
    return None if wanted is None or roots is None else wanted | roots


def _count(name: str, n: object) -> None:
    if not isinstance(n, int) or n < 0:
        msg = f"{name}({n!r}): a number of rows is a whole number and not negative"
        raise BuildError(msg)
