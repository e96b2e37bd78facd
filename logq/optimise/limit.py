"""Limit: `head(n)` over steps that run while reading means that reading may stop after n rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from logq.plan import Context, Head

if TYPE_CHECKING:
    from logq.plan import Plan

__all__ = ["limit"]


def limit(plan: Plan) -> Plan:
    """Annotate the scan with the first `head` that stands on row-wise steps and at most one context.

    >>> from logq.plan import Head, Plan, Scan, Tail
    >>> limit(Plan(source=Scan(sources=("a.log",)), steps=(Tail(n=9), Head(n=3)))).source.limit is None
    True
    """
    contexts = 0
    for position, step in enumerate(plan.steps):
        if isinstance(step, Head):
            again = any(isinstance(s, Context) for s in plan.steps[position:])
            return plan if again else plan.with_source(msgspec.structs.replace(plan.source, limit=step.n))
        contexts += isinstance(step, Context)
        if contexts > 1 or not (step.rowwise or isinstance(step, Context)):
            break
    return plan
