"""Projection: note on the scan which columns somebody needs, so that no other is captured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from logq.plan import Plan

__all__ = ["projection"]

FREE: Final = "raw"
"""A column that needs no decoding, to carry rows that are only counted."""


def projection(plan: Plan) -> Plan:
    """Annotate the scan with the columns the steps require.

    >>> from logq.plan import Plan, Scan, Select, expressions
    >>> plan = Plan(source=Scan(sources=("a.log",)), steps=(Select(exprs=expressions(["level"])),))
    >>> projection(plan).source.columns
    ('level',)
    """
    wanted = plan.required()
    if wanted is None:
        return plan
    return plan.with_source(msgspec.structs.replace(plan.source, columns=tuple(sorted(wanted)) or (FREE,)))
