"""Methods that find events in an order, and what such an order is made of."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final, Self

import msgspec

from logq.errors import BuildError
from logq.frame.base import Base
from logq.frame.folded import folded
from logq.frame.keys import keys_of
from logq.plan import Aggregate, EventSequence, Expression, RowPattern, SessionLinks, Sessions, SessionSummary, Stage
from logq.time import microseconds

if TYPE_CHECKING:
    from collections.abc import Iterable

    import polars as pl

    from logq.frame.keys import IntoKey
    from logq.plan import Answer, Policy
    from logq.time import IntoDuration

__all__ = ["Sequences", "absent", "step"]

KEY: Final = "sequence_key"


def step(
    name: str,
    predicate: pl.Expr,
    *,
    by: IntoKey | Iterable[IntoKey] = (),
    repeat: int = 1,
    gap_between: tuple[IntoDuration, IntoDuration] | None = None,
    ignore_case: bool = False,
) -> tuple[Stage, ...]:
    """One step of a sequence: an entry for which `predicate` is true.

    Parameters
    ----------
    name
        What `step` is called in the answer.
    by
        The step's own key, as many as the other steps have; they are joined by position.
    repeat
        So many entries in a row of the sequence.
    gap_between
        Least and most time since the step before (of `repeat`: each).
    ignore_case
        `==` and `!=` with a text take no heed of case, as EQL's `:` does.

    Raises
    ------
    BuildError
        A predicate or a key that is not row-wise, `repeat` below 1, a negative gap, `ignore_case` where no text is
        compared.

    >>> import logq as lq, polars as pl
    >>> [stage.name for stage in lq.step("retry", pl.col("message") == "again", repeat=2)]
    ['retry', 'retry']
    """
    if repeat < 1:
        msg = f"step {name!r}: repeat={repeat}; it is at least 1"
        raise BuildError(msg)
    gap = None if gap_between is None else (microseconds(gap_between[0]), microseconds(gap_between[1]))
    keys, _ = keys_of(by, method="step", default=KEY)
    test = folded(predicate, where=f"step {name!r}") if ignore_case else predicate
    stage = Stage(name=name, predicate=Expression.of(test), by=keys, gap=gap)
    return (stage,) * repeat


def absent(predicate: pl.Expr, *, by: IntoKey | Iterable[IntoKey] = ()) -> tuple[Stage, ...]:
    """No entry for which `predicate` is true: between two steps, or within the time before the first or after the last.

    >>> import logq as lq, polars as pl
    >>> lq.absent(pl.col("message") == "ok")[0].absent
    True
    """
    keys, _ = keys_of(by, method="absent", default=KEY)
    return (Stage(name="absent", predicate=Expression.of(predicate), by=keys, absent=True),)


class Sequences(Base):
    """sequence, matches, near_misses, funnel."""

    def sequence(
        self,
        *steps: tuple[Stage, ...],
        by: IntoKey | Iterable[IntoKey] | None = None,
        within: IntoDuration | None = None,
        until: pl.Expr | tuple[Stage, ...] | None = None,
        policy: Policy = "latest",
        limit: int = 1_000_000,
    ) -> Self:
        """Find entries that follow one another, each step strictly after the one before in time order.

        For each key one partial match is kept per step, the latest: an entry that matches a step takes on the newest
        match that waits for it, and a newer one takes the place of an older. An entry that matches several steps is
        tested from the last to the first. Entries without a time or a key never match.

        Parameters
        ----------
        steps
            `lq.step(…)`, and `lq.absent(…)` for what must not stand there. An absence before the first or after the
            last step needs `within`, and where its time reaches beyond the data there is no match.
        by
            Keys that all entries of a match share: as for `sessions`. Default: the sessions in force, else none.
        within
            Longest time from the first step to the last; an attempt over it uses the partial match up.
        until
            Ends every partial match of its key; then the same entry may begin one. Where steps have keys of their
            own it is `lq.step("until", …, by=…)`.

        policy
            Which entries go together. `"latest"`: as above. `"first"`: what waits is kept, a newer partial match
            is not. `"strict"`: as the latest, but each step is the entry of the key right behind the one before.
            `"non_overlapping"`: of the latest, those that begin behind the end of the one before. `"all"`: every
            combination within the rules, where no `until` stands between the first and the last.
        limit
            With `"all"`, the most combinations of a step; where there are more, none is given.

        Returns
        -------
        The rows of matches with `match_id` (Int64, from 0, by last then first row), `step` and `step_index` (from 0),
        in this order. An entry may serve two matches. `.matches()`, `.near_misses()` and `.funnel()` right behind
        ask for other views.

        Raises
        ------
        BuildError
            No step, negative lengths, unequal numbers of own keys, an absence at an end without `within`.
        MatchError
            When it runs: more combinations than `limit`.

        >>> import logq as lq, polars as pl
        >>> log = b'{"ts":1,"req":"a","msg":"in"}\\n{"ts":2,"req":"b","msg":"out"}\\n{"ts":9,"req":"a","msg":"out"}'
        >>> steps = [lq.step(word, pl.col("message") == word) for word in ("in", "out")]
        >>> lq.scan(log).sequence(*steps, by="req", within="10s").collect().select("line", "step").rows()
        [(1, 'in'), (3, 'out')]
        """
        keys, names = keys_of(self._keys(by), method="sequence", default=KEY)
        end = (
            until[0]
            if isinstance(until, tuple)
            else None
            if until is None
            else Stage(name="until", predicate=Expression.of(until))
        )
        return self._then(
            EventSequence(
                stages=_merged(list(chain.from_iterable(steps))),
                keys=keys,
                names=names,
                within=None if within is None else microseconds(within),
                until=end,
                policy=policy,
                limit=limit,
            )
        )

    def matches(self) -> Self:
        """One row a match of the sequence or pattern right before.

        Returns
        -------
        match_id, the keys, start, end and duration, and for each step `<step>.timestamp`, `.host`, `.source` and
        `.line` (the second step of a name is `<step>_2`). Of a pattern: match_id, the keys, start, end, duration,
        entries, host, source and line of the first row, and the measures.

        >>> import logq as lq, polars as pl
        >>> log = b'{"ts":1,"msg":"in"}\\n{"ts":9,"msg":"out"}'
        >>> steps = [lq.step(word, pl.col("message") == word) for word in ("in", "out")]
        >>> lq.scan(log).sequence(*steps).matches().select("duration", "in.line", "out.line").collect().rows()
        [(datetime.timedelta(seconds=8), 1, 2)]
        """
        return self._answer("matches")

    def near_misses(self) -> Self:
        """Partial matches that became none: how far each came, and why no further.

        Returns
        -------
        The keys, start, end and duration, step and step_index (the last that was reached), `why` (Enum: span: the next
        step came too late, or not in its `gap_between`; until; absent; superseded by a newer partial match, with policy
        `"first"` by an older; foreign: with `"strict"` another entry came; overlap: with `"non_overlapping"` a match
        that began before the last had ended; undetermined: an absence reaches beyond the data; end_of_data), and the
        time and name of the row it reached.

        >>> import logq as lq, polars as pl
        >>> log = b'{"ts":1,"msg":"in"}\\n{"ts":9,"msg":"out"}'
        >>> steps = [lq.step(word, pl.col("message") == word) for word in ("in", "out")]
        >>> lq.scan(log).sequence(*steps, within="5s").near_misses().collect().select("step", "why").rows()
        [('in', 'span')]
        """
        return self._answer("near_misses")

    def funnel(self) -> Self:
        """How many partial matches reached each step, and of how many keys; of the last step, how many matches.

        >>> import logq as lq, polars as pl
        >>> log = b'{"ts":1,"msg":"in"}\\n{"ts":9,"msg":"out"}'
        >>> steps = [lq.step(word, pl.col("message") == word) for word in ("in", "out")]
        >>> lq.scan(log).sequence(*steps, within="5s").funnel().collect().select("step", "reached").rows()
        [('in', 1), ('out', 0)]
        """
        return self._answer("funnel")

    def _answer(self, answer: Answer) -> Self:
        *before, last = self._plan.steps or [None]
        asked = msgspec.structs.replace(self._plan, steps=tuple(s for s in before if s is not None))
        if isinstance(last, EventSequence) and last.answer == "rows":
            return self._with(asked.then(msgspec.structs.replace(last, answer=answer)))
        if isinstance(last, RowPattern) and last.answer == "rows" and answer == "matches":
            return self._with(asked.then(msgspec.structs.replace(last, answer=answer)))
        other = " or .match_pattern(…)" if answer == "matches" else ""
        msg = f".{answer}() stands right behind .sequence(…){other}, whose matches it tells of"
        raise BuildError(msg)

    def _keys(self, by: IntoKey | Iterable[IntoKey] | None) -> IntoKey | Iterable[IntoKey]:
        """What was given; else the sessions in force, if there are any."""
        if by is not None:
            return by
        for made in reversed(self._plan.steps):
            if isinstance(made, Sessions):
                return "session_id"
            if isinstance(made, Aggregate | SessionSummary | SessionLinks | EventSequence | RowPattern):
                break
        return ()


def _merged(stages: list[Stage]) -> tuple[Stage, ...]:
    """Absences that stand side by side become one."""
    found: list[Stage] = []
    for stage in stages:
        if found and stage.absent and found[-1].absent and stage.by == found[-1].by:
            either = found[-1].predicate.expr | stage.predicate.expr
            found[-1] = msgspec.structs.replace(stage, predicate=Expression.of(either))
        else:
            found.append(stage)
    return tuple(found)
