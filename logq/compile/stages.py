"""Where each step runs: while files are read, block by block, or on the stream of all their rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from logq.plan import (
    CLOCK,
    Context,
    Drop,
    Extract,
    Filter,
    Plan,
    Redact,
    Rename,
    RepairTime,
    Scope,
    Step,
    WithColumns,
)
from logq.plan.columns import roots_of

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Stages", "split"]


@dataclass(frozen=True, slots=True)
class Stages:
    """A plan in parts.

    `before` runs on each block, row by row, but for repairs of times, which are carried from block to block; `context`,
    if any, on the blocks of a rotation set in order; `after`, row-wise, on the rows it gives; `rest` on the stream of
    all rows.
    """

    before: tuple[Step, ...]
    context: Context | None
    after: tuple[Step, ...]
    rest: tuple[Step, ...]

    @property
    def reading(self) -> tuple[Step, ...]:
        """Steps that run while files are read, in order."""
        return (*self.before, *((self.context,) if self.context else ()), *self.after)


def split(plan: Plan) -> Stages:
    """Cut a plan at its first step that is not row-wise, one context apart.

    A second context looks at the universe of the first; then both run on the stream, together with the filters ahead
    of them. So do a repair behind a context, and one behind steps that look at times.

    >>> from logq.plan import Context, Head, Plan, Scan
    >>> parts = split(Plan(source=Scan(sources=("a.log",)), steps=(Context(before=1), Head(n=3))))
    >>> parts.context.before, [step.n for step in parts.rest]
    (1, [3])
    """
    steps = plan.steps
    cut = _rowwise(steps, 0)
    while cut < len(steps) and isinstance(steps[cut], RepairTime) and _repairable(steps[:cut]):
        cut = _rowwise(steps, cut + 1)
    if cut == len(steps) or not isinstance(steps[cut], Context | RepairTime):
        return Stages(steps[:cut], None, (), steps[cut:])
    end = _rowwise(steps, cut + 1)
    if isinstance(steps[cut], RepairTime) or _seen_ahead(steps, cut + 1):
        first = next((i for i, s in enumerate(steps[:cut]) if isinstance(s, Filter)), cut)
        return Stages(steps[:first], None, (), steps[first:])
    context = steps[cut]
    return Stages(steps[:cut], context if isinstance(context, Context) else None, steps[cut + 1 : end], steps[end:])


def _rowwise(steps: Sequence[Step], position: int) -> int:
    while position < len(steps) and steps[position].rowwise:
        position += 1
    return position


def _repairable(ahead: Sequence[Step]) -> bool:
    """Whether times can as well be repaired ahead of these steps, in the scopes among them."""
    shaped = False
    for step in ahead:
        if isinstance(step, Scope):
            if shaped:
                return False
        elif not isinstance(step, Filter | RepairTime):
            shaped = True
        if not isinstance(step, Scope | RepairTime) and _looks_at_times(step):
            return False
    return True


def _looks_at_times(step: Step) -> bool:
    """Whether a row-wise step reads or makes times; true where that cannot be told."""
    match step:
        case Filter():
            seen = roots_of(step.predicates)
        case Redact():
            seen = set()  # it leaves both columns as they are
        case WithColumns():
            roots, made = roots_of(step.exprs), [e.output for e in step.exprs]
            seen = None if roots is None or None in made else roots | {name for name in made if name is not None}
        case Extract():
            seen = {step.column, *step.groups}
        case Drop():
            seen = {*step.columns}
        case Rename():
            seen = {*step.mapping, *step.mapping.values()}
        case _:
            seen = None
    return seen is None or bool(seen & CLOCK)


def _seen_ahead(steps: Sequence[Step], position: int) -> bool:
    """Whether a step that sees the universe follows with none between that makes a new one."""
    for step in steps[position:]:
        if isinstance(step, Context | RepairTime):
            return True
        if not step.rowwise:
            return False
    return False
