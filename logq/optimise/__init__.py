"""Plan → better plan with the same result: rules in order, each one file and tested alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from logq.optimise.limit import limit
from logq.optimise.literals import literals
from logq.optimise.projection import projection
from logq.plan import Table

if TYPE_CHECKING:
    from collections.abc import Callable

    from logq.plan import Plan

__all__ = ["RULES", "optimise"]

RULES: Final[tuple[Callable[[Plan], Plan], ...]] = (projection, literals, limit)


def optimise(plan: Plan) -> Plan:
    """Apply every rule once, in order; a table is left to Polars' own optimiser.

    >>> from logq.plan import Head, Plan, Scan
    >>> optimise(Plan(source=Scan(sources=("a.log",)), steps=(Head(n=3),))).source.limit
    3
    """
    if isinstance(plan.source, Table):
        return plan
    for rule in RULES:
        plan = rule(plan)
    return plan
