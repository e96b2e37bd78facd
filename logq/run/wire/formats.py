"""Formats that users made, as data: agents know logq's own only."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

from logq.formats import BUILT_IN, FORMATS, Format, Stamp, register
from logq.plan import Expression
from logq.run.wire.messages import FormatSpec
from logq.run.wire.tables import pack_schema, unpack_schema

if TYPE_CHECKING:
    from collections.abc import Iterable

    from logq.formats import Kind

__all__ = ["learn", "specs", "told"]


def specs(names: Iterable[str]) -> tuple[FormatSpec, ...]:
    """Formats that are not logq's own and that a scan of `names` may meet: those, or all if it detects.

    In the order in which they were registered: who learns them one after another breaks ties as is done here.
    """
    wanted = frozenset(names)
    foreign = [f for n, f in FORMATS.items() if BUILT_IN.get(n) is not f and (n in wanted or "auto" in wanted)]
    return tuple(told(f) for f in reversed(foreign))


def told(form: Format) -> FormatSpec:
    """Format → what goes over the wire; samples and reference stay."""
    stamp = None if form.stamp is None else (tuple(form.stamp.layouts), tuple(form.stamp.fields))
    return FormatSpec(
        name=form.name,
        title=form.title,
        kind=form.kind,
        patterns=tuple(form.patterns),
        stamp=stamp,
        level=tuple(form.level),
        message=tuple(form.message),
        severities=dict(form.severities),
        dtypes=pack_schema(form.dtypes),
        derived={n: Expression.of(e).tree for n, e in form.derived.items()},
        renames=dict(form.renames),
        marks=tuple(form.marks),
        nulls=tuple(form.nulls),
        start=form.start,
        continued=form.continued,
        whose=form.whose,
        least=form.least,
        general=form.general,
        wraps=form.wraps,
        programs=form.programs,
        separator=form.separator,
        header=form.header,
        columns=tuple(form.columns),
        directive=form.directive,
        quoted=form.quoted,
        fixed=form.fixed,
    )


def learn(known: Iterable[FormatSpec]) -> None:
    """Have logq's own formats and those that came, and no others: an agent knows what its coordinator does.

    Patterns and expressions are checked as a user's are.
    """
    FORMATS.restore(BUILT_IN)
    for spec in known:
        register(
            Format(
                name=spec.name,
                title=spec.title,
                kind=cast("Kind", spec.kind),
                patterns=spec.patterns,
                stamp=None if spec.stamp is None else Stamp(*spec.stamp),
                level=spec.level,
                message=spec.message,
                severities=spec.severities,
                dtypes=unpack_schema(spec.dtypes),
                derived={n: Expression.decode(json.loads(tree)).expr for n, tree in spec.derived.items()},
                renames=spec.renames,
                marks=spec.marks,
                nulls=spec.nulls,
                start=spec.start,
                continued=spec.continued,
                whose=spec.whose,
                least=spec.least,
                general=spec.general,
                wraps=spec.wraps,
                programs=spec.programs,
                separator=spec.separator,
                header=spec.header,
                columns=spec.columns,
                directive=spec.directive,
                quoted=spec.quoted,
                fixed=spec.fixed,
            ),
            replace=True,
        )
