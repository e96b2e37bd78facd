"""Where each step runs: while files are read, block by block, or on the stream of all their rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from logq.plan import Context, Filter, Plan, Step

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Stages", "split"]


@dataclass(frozen=True, slots=True)
class Stages:
    """A plan in parts.

    `before` runs on each block; `context`, if any, on the blocks of a rotation set in order;
    `after` on the rows it gives; `rest` on the stream of all rows. `before` and `after` are row-wise.
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

    A second context looks at the universe of the first; then both run on the stream, together with
    the filters ahead of them.

    >>> from logq.plan import Context, Head, Plan, Scan
    >>> parts = split(Plan(source=Scan(sources=("a.log",)), steps=(Context(before=1), Head(n=3))))
    >>> parts.context.before, [step.n for step in parts.rest]
    (1, [3])
    """
    steps = plan.steps
    cut = _rowwise(steps, 0)
    if cut == len(steps) or not isinstance(steps[cut], Context):
        return Stages(steps[:cut], None, (), steps[cut:])
    end = _rowwise(steps, cut + 1)
    if _context_ahead(steps, cut + 1):
        first = next((i for i, s in enumerate(steps[:cut]) if isinstance(s, Filter)), cut)
        return Stages(steps[:first], None, (), steps[first:])
    context = steps[cut]
    return Stages(steps[:cut], context if isinstance(context, Context) else None, steps[cut + 1 : end], steps[end:])


def _rowwise(steps: Sequence[Step], position: int) -> int:
    while position < len(steps) and steps[position].rowwise:
        position += 1
    return position


def _context_ahead(steps: Sequence[Step], position: int) -> bool:
    """Whether a context follows with no step between that makes a new universe."""
    for step in steps[position:]:
        if isinstance(step, Context):
            return True
        if not step.rowwise:
            return False
    return False
