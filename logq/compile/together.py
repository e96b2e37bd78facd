"""Steps that take less as one: sessions, and the summary, the timeline or the parts of a summary right behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logq.compile.session_parts import Parted
from logq.compile.summed import Summed
from logq.compile.timelines import Timelined
from logq.plan import SESSION_COLUMNS, Sessions, SessionSummary, Timeline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from logq.plan import Step

__all__ = ["together"]


def together(steps: Sequence[Step]) -> list[Step]:
    """Steps with each summary or timeline and the sessions right ahead of it as one, where that takes less.

    Sessions that are linked or take orphans in are left as they are.
    """
    made: list[Step] = []
    for step in steps:
        before = made[-1] if made else None
        if not isinstance(before, Sessions) or before.linked or before.orphans == "attach":
            made.append(step)
        elif isinstance(step, Timeline):
            made[-1] = Timelined(sessions=before)
        elif isinstance(step, SessionSummary) and step.part == "parts":
            made[-1] = Parted(sessions=before, summary=step)
        elif isinstance(step, SessionSummary) and step.part == "whole" and step.service not in SESSION_COLUMNS:
            made[-1] = Summed(sessions=before, summary=step)
        else:
            made.append(step)
    return made
