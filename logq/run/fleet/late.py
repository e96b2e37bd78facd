"""Late materialisation: rows are chosen here by keys, times and tests; the rest of them comes after."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import msgspec
import polars as pl

from logq.plan import (
    CONTEXT_COLUMNS,
    PATTERN_COLUMNS,
    SEQUENCE_COLUMNS,
    Drop,
    EventSequence,
    Expression,
    Filter,
    Having,
    Head,
    RowPattern,
    Sessions,
    Sort,
    Tail,
    Timeline,
    Unique,
    WithColumns,
    is_shift,
)
from logq.plan.expressions import nodes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from logq.plan import Stage, Step
    from logq.plan.base import Wanted
    from logq.plan.expressions import Json

__all__ = ["Late", "late"]

CHOOSING: Final = (Sessions, Having, Timeline, EventSequence, RowPattern, Sort, Head, Tail, Unique, Filter)
"""Steps after which rows are still those that were read."""

LIGHT: Final = {*CONTEXT_COLUMNS, "line"}
"""Numbers that units count for themselves: they are sent at once, if they are wanted."""


@dataclass(frozen=True)
class Late:
    """How a plan goes on after reading.

    Hosts do `there` as well, row by row, and send `sent`; here `choosing` runs on these. Then the columns `fetched` of
    the rows that are left come from the hosts, and `finishing` runs on whole rows, whose columns are `columns` again.
    """

    there: tuple[Step, ...]
    choosing: tuple[Step, ...]
    finishing: tuple[Step, ...]
    sent: tuple[str, ...]
    fetched: tuple[str, ...]
    columns: tuple[str, ...] = ()


def late(home: Sequence[Step], schema: pl.Schema, hidden: frozenset[str]) -> Late | None:
    """Part what runs here on rows of `schema`, if it chooses few of them by little of each; None if it does not.

    `hidden` are columns that hosts must not look at.

    >>> from logq.plan import Stage
    >>> tests = [Stage(name=w, predicate=Expression.of(pl.col("raw") == w)) for w in ("in", "out")]
    >>> schema = pl.Schema({"timestamp": pl.Datetime("us", "UTC"), "raw": pl.String()})
    >>> made = late([EventSequence(stages=tuple(tests))], schema, frozenset())
    >>> [type(step).__name__ for step in made.there], made.sent, made.fetched
    (['WithColumns', 'Filter'], ('timestamp', 'test 0', 'test 1'), ('raw',))
    """
    ends = [i for i, s in enumerate(home) if _chooses(s)]
    kept = next((i for i, s in enumerate(home) if not isinstance(s, CHOOSING) or _answers(s)), len(home))
    told = kept < len(home) and _answers(home[kept])
    last = max((i for i in ends if i < kept), default=-1)
    if last < 0 and not told:
        return None
    moved = _Moved(schema, hidden, frozenset().union(*map(_made_by, home)))
    choosing = [moved.step(s) for s in home[: kept + 1 if told else last + 1]]
    finishing = tuple(home[len(choosing) :])
    wanted: Wanted = frozenset()
    for step in reversed(choosing):
        wanted = step.required(wanted)
    after: Wanted = frozenset() if told else None
    for step in reversed(() if told else finishing):
        after = step.required(after)
    if wanted is None:
        return None
    known = {**schema, **dict.fromkeys(moved.names, pl.Boolean())}
    wide = [n for n in schema if n not in wanted | moved.changed and (after is None or n in after)]
    sent = tuple(n for n in known if n in wanted or (n in wide and n in LIGHT))
    fetched = tuple(n for n in wide if n not in LIGHT)
    made = [WithColumns(exprs=tuple(map(Expression.of, moved.made)))] if moved.made else []
    drop = [Drop(columns=tuple(moved.temporary))] if moved.temporary and not told else []
    return Late((*made, *moved.filter(choosing[0])), (*choosing, *drop), finishing, sent, fetched)


def _chooses(step: Step) -> bool:
    """Whether a step leaves few of the rows."""
    return isinstance(step, Having | EventSequence) or (isinstance(step, RowPattern) and step.rows != "with_unmatched")


def _answers(step: Step) -> bool:
    """Whether a sequence or a pattern tells of its matches in other rows than those read."""
    return isinstance(step, EventSequence | RowPattern) and step.answer != "rows"


def _made_by(step: Step) -> frozenset[str]:
    """Columns that a step makes, be it in the place of others of their names."""
    match step:
        case Sessions():
            return frozenset(step.made)
        case EventSequence():
            return frozenset({*SEQUENCE_COLUMNS, *filter(None, step.names)})
        case RowPattern():
            measures = (str(e.output) for e in step.measures)
            return frozenset({*PATTERN_COLUMNS, *filter(None, step.names), *measures})
        case Timeline():
            return frozenset({"offset", "delta"})
    return frozenset()


@dataclass
class _Moved:
    """Expressions that are worked out on the hosts, each as a column."""

    schema: pl.Schema
    hidden: frozenset[str]
    later: frozenset[str] = frozenset()
    made: list[pl.Expr] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    temporary: list[str] = field(default_factory=list)
    changed: set[str] = field(default_factory=set)

    def step(self, step: Step) -> Step:
        """Return a step with columns in place of what hosts can work out for it."""
        made = step
        match step:
            case Sessions():
                keys, names = self._keys(step.keys, step.names)
                start, end = (None if e is None else self._test(e) for e in (step.start, step.end))
                made = msgspec.structs.replace(step, keys=keys, names=names, start=start, end=end)
            case EventSequence():
                keys, names = self._keys(step.keys, step.names)
                stages = tuple(map(self._stage, step.stages))
                until = None if step.until is None else self._stage(step.until)
                made = msgspec.structs.replace(step, keys=keys, names=names, stages=stages, until=until)
            case RowPattern():
                keys, names = self._keys(step.keys, step.names)
                define = {n: Expression.decode(self._parted(e.json)) for n, e in step.define.items()}
                order = tuple(map(self._test, step.order))
                made = msgspec.structs.replace(step, keys=keys, names=names, define=define, order=order)
        self.changed |= _made_by(step)
        return made

    def filter(self, first: Step) -> list[Step]:
        """Rows on which no test is true need not be sent, if only rows that a test is true of are looked at."""
        if not isinstance(first, EventSequence) or first.policy == "strict":
            return []
        stages = (*first.stages, *([first.until] if first.until is not None else []))
        tests = [s.predicate.output for s in stages]
        if first.stages[0].absent or first.stages[-1].absent or any(t not in self.temporary for t in tests):
            return []
        return [Filter(predicates=(Expression.of(pl.any_horizontal(*(pl.col(str(t)) for t in tests))),))]

    def _stage(self, stage: Stage) -> Stage:
        return msgspec.structs.replace(
            stage, predicate=self._test(stage.predicate), by=tuple(map(self._test, stage.by))
        )

    def _keys(
        self, keys: tuple[Expression, ...], names: tuple[str | None, ...]
    ) -> tuple[tuple[Expression, ...], tuple[str | None, ...]]:
        """Have keys that are worked out stand in columns of their names."""
        if not all(n is None or (self._moves(k) and n not in self.schema) for k, n in zip(keys, names, strict=True)):
            return keys, names
        shown = []
        for key, name in zip(keys, names, strict=True):
            if name is not None:
                self.made.append(key.expr.alias(name))
                self.names.append(name)
            shown.append(key if name is None else Expression.of(pl.col(name)))
        return tuple(shown), (None,) * len(keys)

    def _parted(self, tree: Json) -> Json:
        """Have columns in the place of what a condition asks of single rows; its shifts remain."""
        match tree:
            case {"Function": {"input": [inner, *rest], "function": function}} if is_shift(tree):
                return {"Function": {"input": [self._parted(inner), *rest], "function": function}}
            case {"BinaryExpr": both} if _shifts(tree):
                sides = {side: self._parted(both[side]) for side in ("left", "right")}
                return {"BinaryExpr": {**both, **sides}}
        return tree if _shifts(tree) else self._test(Expression.decode(tree)).json

    def _test(self, test: Expression) -> Expression:
        if "Column" in test.json or not test.roots or not self._moves(test):
            return test
        name = f"test {len(self.made)}"
        while name in self.schema.keys() | self.later:
            name = f"{name}'"
        self.made.append(test.expr.alias(name))
        self.names.append(name)
        self.temporary.append(name)
        return Expression.of(pl.col(name))

    def _moves(self, expression: Expression) -> bool:
        """Whether hosts have all that an expression reads."""
        roots = expression.roots
        return roots is not None and roots <= self.schema.keys() - self.changed - self.hidden


def _shifts(tree: Json) -> bool:
    """Whether an expression looks at other rows than its own."""
    return any(is_shift(node) for _, _, node in nodes(tree))
