"""A chain as DESIGN §4 has it: a universe of rows and a mask over it, step by step in plain Python."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace

from tests.reference.context import Entry, surround
from tests.reference.logs import Event, Row

__all__ = ["Model"]

Test = Callable[[Event], bool]


@dataclass(frozen=True)
class Model:
    """Rows there are, which of them are shown, and what the last context said of these."""

    universe: tuple[Row, ...]
    mask: frozenset[Row]
    said: dict[Row, tuple[object, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Sequence[Row], said: dict[Row, tuple[object, ...]] | None = None) -> Model:
        """A new universe, all of it shown."""
        return cls(tuple(rows), frozenset(rows), said or {})

    @property
    def shown(self) -> list[Row]:
        """What collect gives."""
        return [row for row in self.universe if row in self.mask]

    @property
    def answer(self) -> list[tuple[object, ...]]:
        """What collect gives, as `logs.answer` tells it."""
        return [(row.file, row.line, *self.said.get(row, ())) for row in self.shown]

    def filter(self, test: Test) -> Model:
        """Narrow the mask."""
        return Model(self.universe, frozenset(r for r in self.mask if test(r.event)), self.said)

    def scope(self, test: Test) -> Model:
        """Narrow the universe."""
        universe = tuple(r for r in self.universe if test(r.event))
        return Model(universe, self.mask & set(universe), self.said)

    def renew(self, change: Callable[[list[Row]], Sequence[Row]]) -> Model:
        """Make what a method gives of the shown rows the universe."""
        return Model.of(change(self.shown), self.said)

    def repair_time(self) -> Model:
        """Give each row without a time that of the last row before it in its file that has one."""
        last: dict[str, int] = {}
        now: dict[Row, Row] = {}
        for row in sorted(self.universe, key=lambda r: r.place):
            second = row.event.second if row.event.second is not None else last.get(row.file)
            last |= {row.file: second} if second is not None else {}
            now[row] = replace(row, event=replace(row.event, second=second))
        said = {now[row]: words for row, words in self.said.items() if row in now}
        return Model(tuple(now[row] for row in self.universe), frozenset(now[row] for row in self.mask), said)

    def context(
        self,
        before: int = 0,
        after: int = 0,
        *,
        span: int | None = None,
        key: Callable[[Event], Hashable] = lambda _: (),
    ) -> Model:
        """Show the neighbours of what was shown, in row order; the universe stays."""
        universe = sorted(self.universe, key=lambda r: r.place)
        entries = [Entry(r.set, r in self.mask, key(r.event), r.event.second) for r in universe]
        kept = surround(entries, before=before, after=after, span=span)
        said: dict[Row, tuple[object, ...]] = {universe[k.position]: (k.is_match, k.group, k.distance) for k in kept}
        return Model(tuple(universe), frozenset(said), said)
