"""Which steps run on the hosts: what reads, and as much of the first step after that as can be done in parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from logq.optimise.partials import partials
from logq.plan import (
    Aggregate,
    Drop,
    Extract,
    Head,
    Rename,
    Select,
    Sessions,
    SessionSummary,
    Sort,
    Tail,
    Unique,
    WithColumns,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from logq.compile import Stages
    from logq.plan import Step

__all__ = ["GROUP", "Parted", "described", "looks", "part"]

GROUP: Final = "context_group"
"""Numbered by each host for itself; the coordinator adds what came before, so no host may look at it."""


@dataclass(frozen=True, slots=True)
class Parted:
    """`reading` and `ahead` run on the hosts, `home` on the stream of what they send."""

    reading: tuple[Step, ...]
    ahead: tuple[Step, ...]
    home: tuple[Step, ...]


def part(stages: Stages, schema: pl.Schema, *, named: bool) -> Parted:
    """Part the stages of a plan; `schema` is that of the rows that come out of reading.

    Of what is not row-wise, hosts do the first step in part where the whole can be made of such parts: `head`, `tail`,
    `unique`, a sort of which an end is kept, and an aggregation of sums, counts, means, extremes and the like.

    >>> from logq.compile import split
    >>> from logq.plan import Head, Plan, Scan
    >>> import polars as pl
    >>> plan = Plan(source=Scan(sources=("a.log",)), steps=(Head(n=3),))
    >>> part(split(plan), pl.Schema({"raw": pl.String()}), named=False).ahead
    (Head(n=3),)
    """
    after = stages.after
    kept = next((i for i, s in enumerate(after) if stages.context and looks(s, GROUP)), len(after))
    reading = (*stages.before, *((stages.context,) if stages.context else ()), *after[:kept])
    if kept < len(after):
        return Parted(reading, (), (*after[kept:], *stages.rest))
    if not stages.rest or (stages.context and looks(stages.rest[0], GROUP)):
        return Parted(reading, (), stages.rest)
    ahead, home = _in_parts(stages.rest, schema, named=named)
    return Parted(reading, ahead, home)


def _in_parts(steps: Sequence[Step], schema: pl.Schema, *, named: bool) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
    """Steps on the rows of all hosts → what each host does on its own, and what is done with all of that."""
    rest = tuple(steps)
    match rest:
        case (Head() | Tail() as first, *_):
            return (first,), rest
        case (Unique() as first, *_) if first.keep != "none":
            return (first,), rest
        case (Sort() as first, Head() | Tail() as second, *_) if all(e.rowwise for e in first.by):
            return (first, second), rest
        case (Sessions() as first, SessionSummary() as second, *_) if _mergeable(first):
            whole = replace(second, part="merged", gap=first.gap)
            return (replace(first, orphans="keep"), replace(second, part="parts")), (whole, *rest[2:])
    found = None if named else partials(rest[0], schema)
    return ((), rest) if found is None else ((found[0],), (*found[1], *rest[1:]))


def _mergeable(step: Sessions) -> bool:
    """Whether nothing but keys and a gap tells sessions apart: what is between two stretches then needs no rows."""
    plain = Sessions(keys=step.keys, names=step.names, gap=step.gap, orphans=step.orphans)
    return step == plain and step.orphans != "attach"


def looks(step: Step, name: str) -> bool:
    """Whether a step looks at a column, or makes one of that name: more than to hand it on.

    >>> from logq.plan import Select, expressions
    >>> import polars as pl
    >>> [looks(Select(exprs=expressions([e])), "line") for e in ("line", pl.col("line") + 1, "raw")]
    [False, True, False]
    """
    match step:
        case Select() | WithColumns():
            roots = [e.roots for e in step.exprs]
            handed = [e.json == {"Column": name} for e in step.exprs]
            made = isinstance(step, WithColumns) and any(e.output in (name, None) for e in step.exprs)
            renamed = any(e.output == name and not h for e, h in zip(step.exprs, handed, strict=True))
            read = any((r is None or name in r) and not h for r, h in zip(roots, handed, strict=True))
            return made or renamed or read
        case Rename():
            return name in step.mapping or name in step.mapping.values()
        case Extract():
            return name in (step.column, *step.groups)
        case Drop() | Head() | Tail():
            return False
        case Aggregate():
            made = any(e.output in (name, None) for e in (*step.keys, *step.aggregates))
            wanted = step.required(frozenset())
            return made or wanted is None or name in wanted
        case _:
            wanted = step.required(frozenset())
            return wanted is None or name in wanted


def described(steps: Sequence[Step]) -> list[str]:
    """One line a step."""
    return [f"  .{step.describe()}" for step in steps]
