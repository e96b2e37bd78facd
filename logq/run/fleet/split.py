"""Which steps run on the hosts: what reads, and as much of the first step after that as can be done in parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from logq.optimise.partials import partials
from logq.plan import Drop, Extract, Head, Rename, Select, Sort, Tail, Unique, WithColumns

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from logq.compile import Stages
    from logq.plan import Step

__all__ = ["Parted", "part"]

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
    kept = next((i for i, s in enumerate(after) if stages.context and _looks(s)), len(after))
    reading = (*stages.before, *((stages.context,) if stages.context else ()), *after[:kept])
    if kept < len(after):
        return Parted(reading, (), (*after[kept:], *stages.rest))
    first, second = (*stages.rest[:2], None, None)[:2]
    if first is None or (stages.context and _looks(first)):
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


def _looks(step: Step) -> bool:
    """Whether a step looks at the number of a context's group, more than to hand it on."""
    match step:
        case Select() | WithColumns():
            roots = [e.roots for e in step.exprs]
            handed = [e.json == {"Column": GROUP} for e in step.exprs]
            made = isinstance(step, WithColumns) and any(e.output in (GROUP, None) for e in step.exprs)
            return made or any((r is None or GROUP in r) and not h for r, h in zip(roots, handed, strict=True))
        case Rename():
            return GROUP in step.mapping or GROUP in step.mapping.values()
        case Extract():
            return GROUP in (step.column, *step.groups)
        case Drop() | Head() | Tail():
            return False
        case _:
            wanted = step.required(frozenset())
            return wanted is None or GROUP in wanted


def described(steps: Sequence[Step]) -> list[str]:
    """One line a step."""
    return [f"  .{step.describe()}" for step in steps]
