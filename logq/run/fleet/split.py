"""Which steps run on the hosts: what reads, and as much of the first step after that as can be done in parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from logq.optimise.partials import partials
from logq.plan import Aggregate, Drop, Extract, Head, Rename, Select, Sort, Tail, Unique, WithColumns

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
    first, second = (*stages.rest[:2], None, None)[:2]
    if first is None or (stages.context and looks(first, GROUP)):
        return Parted(reading, (), stages.rest)
    if isinstance(first, Head | Tail) or (isinstance(first, Unique) and first.keep != "none"):
        return Parted(reading, (first,), stages.rest)
    if isinstance(first, Sort) and isinstance(second, Head | Tail):
        return Parted(reading, (first, second), stages.rest)
    found = None if named else partials(first, schema)
    if found is not None:
        ahead, home = found
        return Parted(reading, (ahead,), (*home, *stages.rest[1:]))
    return Parted(reading, (), stages.rest)


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
