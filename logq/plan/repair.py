"""The step that fills missing times."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias, get_args

from logq.errors import BuildError
from logq.plan.base import Step, Wanted

__all__ = ["CLOCK", "RepairTime", "Repairing"]

Repairing: TypeAlias = Literal["carry"]

CLOCK: Final = frozenset({"timestamp", "time_quality"})
"""Columns that it changes."""


class RepairTime(Step, frozen=True, tag="repair_time", kw_only=True):
    """Give entries without a time that of the last entry before them in their file that has one."""

    method: Repairing = "carry"

    def __post_init__(self) -> None:
        if self.method not in get_args(Repairing):
            msg = f"repair_time({self.method!r}): the method is {' or '.join(map(repr, get_args(Repairing)))}"
            raise BuildError(msg)

    def describe(self) -> str:
        """Name the method."""
        return f"repair_time({self.method})"

    def required(self, wanted: Wanted) -> Wanted:
        """What is wanted, the time and how it was obtained."""
        return None if wanted is None else wanted | CLOCK
