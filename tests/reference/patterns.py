"""Row patterns as SQL's rules say them: a backtracking matcher that tries what is preferred first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Entry", "Found", "StuckError", "found"]

Tree = Any
"""("var", name) | ("start",) | ("end",) | ("series", …) | ("choice", …) | ("hide", t) | ("repeat", t, least, most, greedy)"""


@dataclass(frozen=True)
class Entry:
    """An entry: letters that say which variables it fits, its second and its key."""

    letters: str
    second: int | None
    key: str | None = "k"


@dataclass(frozen=True)
class Found:
    """A match that begins at an entry: the entries it took, each with its variable and whether it is shown."""

    first: int
    rows: tuple[tuple[int, str, bool], ...]


class StuckError(Exception):
    """The search cannot go on as asked."""


@dataclass(frozen=True)
class Part:
    """Entries of a partition in order, of which a match may take those ahead of `limit`."""

    entries: Sequence[Entry]
    limit: int

    def runs(  # noqa: C901 (one rule a kind of pattern)
        self, tree: Tree, at: int, *, shown: bool = True
    ) -> Iterator[tuple[tuple[str, bool], ...]]:
        """All ways the pattern matches from `at` on, in the order of preference."""
        kind, *parts = tree
        if kind == "var":
            if at < self.limit and parts[0] in self.entries[at].letters:
                yield ((parts[0], shown),)
        elif kind in ("start", "end"):
            if at == (0 if kind == "start" else len(self.entries)):
                yield ()
        elif kind == "hide":
            yield from self.runs(parts[0], at, shown=False)
        elif kind == "choice":
            for part in parts:
                yield from self.runs(part, at, shown=shown)
        elif kind == "series":
            if not parts:
                yield ()
                return
            for one in self.runs(parts[0], at, shown=shown):
                for rest in self.runs(("series", *parts[1:]), at + len(one), shown=shown):
                    yield one + rest
        else:
            yield from self.rounds(parts, at, 0, shown=shown)

    def rounds(self, repeat: Tree, at: int, count: int, *, shown: bool) -> Iterator[tuple[tuple[str, bool], ...]]:
        """A round more or none; beyond the least number a round takes an entry."""
        tree, least, most, greedy = repeat

        def more() -> Iterator[tuple[tuple[str, bool], ...]]:
            if most is None or count < most:
                for one in self.runs(tree, at, shown=shown):
                    if one or count < least:
                        for rest in self.rounds(repeat, at + len(one), count + 1, shown=shown):
                            yield one + rest

        if count >= least and not greedy:
            yield ()
        yield from more()
        if count >= least and greedy:
            yield ()


def found(
    entries: Sequence[Entry], tree: Tree, *, skip: tuple[str, ...] = ("past_last_row",), within: int | None = None
) -> list[Found]:
    """Entries in input order → the matches by first entry in time order."""
    order = sorted(
        (i for i, e in enumerate(entries) if e.second is not None and e.key is not None),
        key=lambda i: (entries[i].second or 0, i),
    )
    matches: list[Found] = []
    for key in {entries[i].key for i in order}:
        matches += of_partition(entries, [i for i in order if entries[i].key == key], tree, skip, within)
    return sorted(matches, key=lambda m: order.index(m.first))


def of_partition(
    entries: Sequence[Entry], order: Sequence[int], tree: Tree, skip: tuple[str, ...], within: int | None
) -> list[Found]:
    """Go through one partition from its first entry."""
    rows = [entries[i] for i in order]
    matches: list[Found] = []
    at = 0
    while at < len(rows):
        began = rows[at].second or 0
        limit = sum(within is None or (r.second or 0) <= began + within for r in rows)
        run = next(Part(rows, limit).runs(tree, at), None)
        if run is not None:
            labels = [(at + n, name) for n, (name, _) in enumerate(run)]
            matches.append(Found(order[at], tuple((order[at + n], *told) for n, told in enumerate(run))))
            if run:
                at = onward(at, labels, skip)
                continue
        at += 1
    return matches


def onward(at: int, labels: list[tuple[int, str]], skip: tuple[str, ...]) -> int:
    """Where the search goes on behind a match that has entries."""
    mode, *names = skip
    if mode == "past_last_row":
        return labels[-1][0] + 1
    if mode == "next_row":
        return at + 1
    goals = [n for n, name in labels if name in names]
    if not goals or (goal := goals[0] if mode == "first" else goals[-1]) == at:
        raise StuckError
    return goal
