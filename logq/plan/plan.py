"""A whole plan: one source and the steps on it, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from logq.plan.columns import Drop, Extract, Rename, Select, WithColumns
from logq.plan.context import Context
from logq.plan.groups import Aggregate
from logq.plan.match_pattern import RowPattern
from logq.plan.redact import Redact
from logq.plan.repair import RepairTime
from logq.plan.rows import Filter, Head, Scope, Sort, Tail, Unique
from logq.plan.scan import Scan
from logq.plan.sequence import EventSequence
from logq.plan.sessions import Having, SessionLinks, Sessions, SessionSummary, Timeline
from logq.plan.table import Table

if TYPE_CHECKING:
    from logq.plan.base import Step, Wanted

__all__ = ["STEPS", "AnyStep", "Plan"]

AnyStep = (
    Filter
    | Scope
    | Context
    | Select
    | WithColumns
    | Extract
    | Drop
    | Rename
    | Redact
    | Sort
    | Head
    | Tail
    | Unique
    | Aggregate
    | Sessions
    | Having
    | SessionSummary
    | SessionLinks
    | Timeline
    | EventSequence
    | RowPattern
    | RepairTime
)
"""Every step there is; the codec reads no other."""

STEPS: Final[tuple[type[Step], ...]] = AnyStep.__args__


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a LogFrame means: `source` read, then each of `steps` applied."""

    source: Scan | Table
    steps: tuple[AnyStep, ...] = ()

    @property
    def scan(self) -> Scan:
        """The source, where that is files; a plan on a table has none."""
        if isinstance(self.source, Scan):
            return self.source
        msg = f"{self.source.describe()} is no scan of files"
        raise TypeError(msg)

    def then(self, step: AnyStep) -> Plan:
        """Return the plan with one more step."""
        return msgspec.structs.replace(self, steps=(*self.steps, step))

    def with_source(self, source: Scan | Table) -> Plan:
        """Return the same steps on another source."""
        return msgspec.structs.replace(self, source=source)

    def required(self, wanted: Wanted = None) -> Wanted:
        """Columns the source must give for the result to have `wanted`."""
        for step in reversed(self.steps):
            wanted = step.required(wanted)
        return wanted

    def describe(self) -> str:
        """One operation a line, source first."""
        return "\n".join([self.source.describe(), *(f"  .{step.describe()}" for step in self.steps)])
