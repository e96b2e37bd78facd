"""The step that finds events in an order."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias, get_args

import msgspec
import polars as pl

from logq.errors import BuildError
from logq.plan.base import Step, Wanted, check_keys
from logq.plan.columns import roots_of
from logq.plan.expressions import HIDDEN, Expression

__all__ = ["SEQUENCE_COLUMNS", "Answer", "EventSequence", "Policy", "Stage"]

Answer: TypeAlias = Literal["rows", "matches", "near_misses", "funnel"]
Policy: TypeAlias = Literal["latest", "first", "non_overlapping", "all", "strict"]

SEQUENCE_COLUMNS: Final = {"match_id": pl.Int64(), "step": pl.String(), "step_index": pl.Int64()}
TOLD: Final = {"matches": ("start", "end", "duration"), "near_misses": ("start", "end", "duration", "why")}
"""What answers tell of matches, beside their numbers, their keys and the names of rows."""


class Stage(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One event of a sequence, or with `absent` one that must not stand there.

    `gap` is [least, most] µs since the step before.
    """

    name: str
    predicate: Expression
    by: tuple[Expression, ...] = ()
    gap: tuple[int, int] | None = None
    absent: bool = False

    def __post_init__(self) -> None:
        if self.name.startswith(HIDDEN):
            msg = f"step {self.name!r}: names that begin with {HIDDEN} are logq's own"
            raise BuildError(msg)
        if not all(e.rowwise for e in (self.predicate, *self.by)):
            msg = f"step {self.name!r}: what it tests and its key are told of each entry by itself; one is not row-wise"
            raise BuildError(msg)
        if self.gap is not None and not 0 <= self.gap[0] <= self.gap[1]:
            msg = f"step {self.name!r}: gap_between is (least, most), neither negative, not {self.gap}"
            raise BuildError(msg)

    def describe(self) -> str:
        """What it tests, and by which key."""
        key = f" by {', '.join(map(str, self.by))}" if self.by else ""
        gap = f" after {self.gap[0]}–{self.gap[1]}us" if self.gap else ""
        return f"{'absent ' if self.absent else f'{self.name}: '}{self.predicate}{key}{gap}"


class EventSequence(Step, frozen=True, tag="sequence", kw_only=True):
    """Events in this order, of one key, within a time (µs); `policy` tells which entries go together.

    `names` are the columns the keys are shown in, None where a key is a column already. `limit` is the most
    combinations that policy `all` may give.
    """

    stages: tuple[Stage, ...]
    keys: tuple[Expression, ...] = ()
    names: tuple[str | None, ...] = ()
    within: int | None = None
    until: Stage | None = None
    policy: Policy = "latest"
    limit: int = 1_000_000
    answer: Answer = "rows"

    def __post_init__(self) -> None:
        if not self.steps:
            msg = "sequence takes at least one step, as in sequence(lq.step(…), lq.step(…))"
            raise BuildError(msg)
        if self.within is not None and self.within < 0:
            msg = f"sequence(within={self.within}us): a length of time is not negative"
            raise BuildError(msg)
        if self.within is None and (self.stages[0].absent or self.stages[-1].absent):
            msg = "an absence before the first step or after the last needs within=, the time in which it is looked for"
            raise BuildError(msg)
        widths = {len(s.by) for s in (*self.stages, *([self.until] if self.until else []))}
        if len(widths) > 1:
            msg = "sequence: steps with keys of their own have as many each, and so have absent(…) and until"
            raise BuildError(msg)
        if not all(key.rowwise for key in self.keys):
            msg = "sequence: a key is told of each entry by itself; one is not row-wise"
            raise BuildError(msg)
        check_keys("sequence", self.key_columns, (*SEQUENCE_COLUMNS, *TOLD.get(self.answer, ())))
        for word, given, kind in (("answer", self.answer, Answer), ("policy", self.policy, Policy)):
            if given not in get_args(kind):
                msg = f"sequence({word}={given!r}): it is one of {', '.join(map(repr, get_args(kind)))}"
                raise BuildError(msg)
        if self.limit < 1:
            msg = f"sequence(limit={self.limit}): at least one match"
            raise BuildError(msg)
        if self.policy == "all" and self.answer == "near_misses":
            msg = "near_misses of policy='all': there every partial match goes on; ask policy='latest'"
            raise BuildError(msg)

    @property
    def steps(self) -> tuple[Stage, ...]:
        """Stages that are events."""
        return tuple(s for s in self.stages if not s.absent)

    @property
    def key_columns(self) -> tuple[str, ...]:
        """Columns in which the common keys stand after the step."""
        return tuple(name or str(key.output) for name, key in zip(self.names, self.keys, strict=True))

    def describe(self) -> str:
        """Name steps and rules."""
        parts = [s.describe() for s in self.stages]
        parts += [f"by={', '.join(map(str, self.keys))}"] if self.keys else []
        parts += [f"within={self.within}us"] if self.within is not None else []
        parts += [f"until {self.until.predicate}"] if self.until is not None else []
        parts += [f"policy={self.policy}"] if self.policy != "latest" else []
        answer = f".{self.answer}()" if self.answer != "rows" else ""
        return f"sequence({'; '.join(parts)}){answer}"

    def required(self, wanted: Wanted) -> Wanted:
        """What is wanted and not made here, what steps and keys read, the time, and what names a row."""
        stages = (*self.stages, *([self.until] if self.until is not None else []))
        below = roots_of([*self.keys, *(e for s in stages for e in (s.predicate, *s.by))])
        if below is None or (wanted is None and self.answer == "rows"):
            return None
        if self.answer != "rows":
            return below | {"timestamp", "host", "source", "line"}
        made = {*SEQUENCE_COLUMNS, *(n for n in self.names if n is not None)}
        return ((wanted or frozenset()) - made) | below | {"timestamp"}
