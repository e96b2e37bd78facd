"""Tests and keys of a sequence on a frame: what may stand where, and which rows may begin and end a match."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from logq.compile.chains import UNTIL, Link
from logq.compile.order import CODE, ROW, ROW_NAMES
from logq.plan import HIDDEN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from logq.plan import EventSequence, Expression, Stage

__all__ = ["Ends", "Tests", "ended", "may_begin", "tested"]

TIME: Final = "timestamp"


@dataclass
class Ends:
    """The least and the greatest time of the data, where an absence looks beyond the steps.

    `unknown`: rows are missing, and what was absent among the others may have been among those.
    """

    first: object = None
    last: object = None
    unknown: bool = False

    def saw(self, times: pl.Series) -> None:
        """Take in more times."""
        known = pl.Series([self.first, self.last], dtype=times.dtype)
        self.first, self.last = (f(pl.concat([known, times])) for f in (pl.Series.min, pl.Series.max))


@dataclass(frozen=True)
class Tests:
    """Columns of tests: one a stage, absences that stand together as one, and those of each key of the stages' own."""

    columns: dict[str, Stage]
    links: list[Link]
    before: str | None
    after: str | None
    until: Stage | None

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
        return cls(columns, links, before, absent, step.until)

    @property
    def names(self) -> list[str]:
        """Columns of all tests, that of `until` with them."""
        return [*self.columns, UNTIL]

    @property
    def own(self) -> list[str]:
        """Columns of the steps' own keys: one for each key of each group of steps."""
        return [c for columns in self.groups.values() for c in columns]

    @property
    def groups(self) -> dict[tuple[Expression, ...], list[str]]:
        """The steps' own keys → the columns in which they are shown."""
        distinct = dict.fromkeys(s.by for s in (*self.columns.values(), *([self.until] if self.until else [])))
        return {by: [f"{HIDDEN}by_{g}_{n}" for n in range(len(by))] for g, by in enumerate(distinct)}

    def on(self, frame: pl.LazyFrame, step: EventSequence) -> pl.LazyFrame:
        """Rows with a column for each test and each own key; but for `strict`, those on which a test is true."""
        until = pl.lit(value=False) if step.until is None else step.until.predicate.expr
        tests = {**{n: s.predicate.expr for n, s in self.columns.items()}, UNTIL: until}
        keys = [e.expr.alias(c) for by, cs in self.groups.items() for e, c in zip(by, cs, strict=True)]
        return frame.with_columns(*(e.fill_null(value=False).alias(n) for n, e in tests.items()), *keys)

    def hits(
        self,
        rows: pl.LazyFrame,
        step: EventSequence,
        ends: Ends,
        batches: Callable[[pl.LazyFrame], Iterator[pl.DataFrame]],
    ) -> Iterator[pl.DataFrame]:
        """Rows that count, as they come; the ends of the data are noted where they matter."""
        timed = pl.col(TIME).is_not_null()
        counts = timed if step.policy == "strict" else timed & pl.any_horizontal(self.names)
        if self.before is None and self.after is None:
            yield from batches(rows.filter(counts))
            return
        for batch in batches(rows):
            ends.saw(batch[TIME])
            yield batch.filter(counts)


def tested(frame: pl.DataFrame, step: EventSequence, tests: Tests) -> tuple[pl.DataFrame, list[str]]:
    """Rows with ROW and tests → one for each key of an entry, with its tests; and the columns of keys."""
    keys = [f"{HIDDEN}key_{i}" for i in range(len(step.keys))]
    common = [pl.col(c).alias(k) for c, k in zip(step.key_columns, keys, strict=True)]
    names = [pl.col(n) for n in ROW_NAMES if n in frame.columns]
    wide = len(next(iter(tests.groups)))
    keys += [f"{HIDDEN}own_{i}" for i in range(wide)]
    parts = []
    for by, columns in tests.groups.items():
        hits = [pl.col(n) if s.by == by else pl.lit(value=False).alias(n) for n, s in tests.columns.items()]
        here = step.until is None or step.until.by == by
        hits.append(pl.col(UNTIL) if here else pl.lit(value=False).alias(UNTIL))
        own = [pl.col(c).alias(k) for c, k in zip(columns, keys[len(keys) - wide :], strict=True)]
        part = frame.select(ROW, TIME, *common, *own, *names, *hits)
        if len(tests.groups) > 1 and step.policy != "strict":
            part = part.filter(pl.any_horizontal(tests.names))
        parts.append(part)
    return parts[0] if len(parts) == 1 else _together(parts, keys, tests.names), keys


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
        return rows.select(test).to_series(), pl.Series([False]).new_from_index(0, rows.height)
    within = pl.duration(microseconds=step.within)
    since = pl.when(tests.before).then(TIME).forward_fill().shift(1).over(CODE)
    clear = (pl.col(TIME) - since > within).fill_null(value=True)
    seen = pl.col(TIME) - within >= pl.lit(began, pl.Datetime("us", "UTC"))
    return rows.select((test & clear & seen).alias("first")).to_series(), rows.select(
        (test & clear & ~seen).alias("unsure")
    ).to_series()


def ended(
    rows: pl.DataFrame, bounds: tuple[pl.Series, pl.Series], step: EventSequence, tests: Tests, ends: Ends
) -> tuple[pl.Series, pl.Series]:
    """Of matches by their first and last rows: which are ended, and which may be were there more data."""
    begin, last = bounds
    if ends.unknown:
        return last.is_null(), last.is_not_null()
    if tests.after is None:
        return last.is_not_null(), last.is_null()
    limit = rows[TIME].gather(begin) + pl.Series([step.within], dtype=pl.Duration("us"))
    spoilt = rows.select(pl.when(tests.after).then(TIME).backward_fill().shift(-1).over(CODE)).to_series()
    told = (spoilt.gather(last) > limit).fill_null(value=True)
    seen = (limit <= pl.Series([ends.last], dtype=limit.dtype)).fill_null(value=False)
    return told & seen, told & ~seen
