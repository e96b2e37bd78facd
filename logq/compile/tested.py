"""Tests and keys of a sequence on a frame: what may stand where, and which rows may begin and end a match."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from logq.compile.chains import UNTIL, Link
from logq.compile.order import CODE, ROW, ROW_NAMES, by_key, in_time_order
from logq.plan import HIDDEN

if TYPE_CHECKING:
    from logq.plan import EventSequence, Stage

__all__ = ["Tests", "ended", "may_begin", "tested"]

TIME: Final = "timestamp"


@dataclass(frozen=True)
class Tests:
    """Columns of tests: one a stage, absences that stand together as one, and those of each key of the stages' own."""

    columns: dict[str, Stage]
    links: list[Link]
    before: str | None
    after: str | None

    @classmethod
    def of(cls, step: EventSequence) -> Tests:
        """Name the tests and tell which absence stands before which step."""
        columns = {f"{HIDDEN}test_{i}": stage for i, stage in enumerate(step.stages)}
        links: list[Link] = []
        absent: str | None = None
        before: str | None = None
        for name, stage in columns.items():
            if stage.absent:
                absent = name
                continue
            before = absent if not links else before
            links.append(Link(name, absent if links else None, stage.gap))
            absent = None
        return cls(columns, links, before, absent)


def tested(frame: pl.DataFrame, step: EventSequence, tests: Tests) -> pl.DataFrame:
    """Rows on which a test is true (`strict`: all), by key in time order; one for each key of an entry, with tests."""
    stages = {**tests.columns, **({UNTIL: step.until} if step.until is not None else {})}
    keys = [f"{HIDDEN}key_{i}" for i in range(len(step.keys))]
    common = [pl.col(c).alias(k) for c, k in zip(step.key_columns, keys, strict=True)]
    names = [pl.col(n) for n in ROW_NAMES if n in frame.columns]
    groups = dict.fromkeys(s.by for s in stages.values())
    wide = next(len(by) for by in groups)
    keys += [f"{HIDDEN}own_{i}" for i in range(wide)]
    parts = []
    for by in groups:
        hits = {
            n: s.predicate.expr.fill_null(value=False) if s.by == by else pl.lit(value=False) for n, s in stages.items()
        }
        hits.setdefault(UNTIL, pl.lit(value=False))
        own = [e.expr.alias(k) for e, k in zip(by, keys[len(keys) - wide :], strict=True)]
        part = frame.with_row_index(ROW).select(
            ROW, TIME, *common, *own, *names, *(e.alias(n) for n, e in hits.items())
        )
        part = part if step.policy == "strict" else part.filter(pl.any_horizontal(list(hits)))
        parts.append(part.filter(pl.col(TIME).is_not_null()))
    rows = pl.concat(parts, how="vertical_relaxed") if len(parts) == 1 else _together(parts, keys, [*stages, UNTIL])
    return by_key(in_time_order(rows), keys)


def _together(parts: list[pl.DataFrame], keys: list[str], tests: list[str]) -> pl.DataFrame:
    """One row for each entry and key, with every test that holds under this key."""
    rows = pl.concat(parts, how="vertical_relaxed")
    other = [c for c in rows.columns if c not in (ROW, *keys, *tests)]
    merged = rows.group_by(ROW, *keys, maintain_order=True).agg(
        pl.col(other).first(), pl.col(list(dict.fromkeys(tests))).any()
    )
    return merged.sort(ROW, maintain_order=True).select(rows.columns)


def may_begin(rows: pl.DataFrame, step: EventSequence, tests: Tests, began: object) -> tuple[pl.Series, pl.Series]:
    """Which rows may be a first step, and which might be if the data began earlier."""
    test = pl.col(tests.links[0].test)
    if tests.before is None:
        return rows.select(test).to_series(), rows.select(
            pl.lit(value=False).repeat_by(1).explode()
        ).to_series().new_from_index(0, rows.height)
    within = pl.duration(microseconds=step.within)
    since = pl.when(tests.before).then(TIME).forward_fill().shift(1).over(CODE)
    clear = (pl.col(TIME) - since > within).fill_null(value=True)
    seen = pl.col(TIME) - within >= pl.lit(began, pl.Datetime("us", "UTC"))
    return rows.select((test & clear & seen).alias("first")).to_series(), rows.select(
        (test & clear & ~seen).alias("unsure")
    ).to_series()


def ended(
    rows: pl.DataFrame, ends: tuple[pl.Series, pl.Series], step: EventSequence, tests: Tests, until: object
) -> tuple[pl.Series, pl.Series]:
    """Of matches by their first and last rows: which are ended, and which might be if the data went on."""
    begin, last = ends
    if tests.after is None:
        return last.is_not_null(), last.is_null()
    limit = rows[TIME].gather(begin) + pl.Series([step.within], dtype=pl.Duration("us"))
    spoilt = rows.select(pl.when(tests.after).then(TIME).backward_fill().shift(-1).over(CODE)).to_series()
    told = (spoilt.gather(last) > limit).fill_null(value=True)
    seen = (limit <= pl.Series([until], dtype=limit.dtype)).fill_null(value=False)
    return told & seen, told & ~seen
