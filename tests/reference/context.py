"""Context by its rules alone: every row asks every match of its set. Slow, and obvious."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

__all__ = ["Entry", "Kept", "surround"]


@dataclass(frozen=True)
class Entry:
    """One entry of the universe, in row order; `time` is in any unit that `span` shares."""

    set: Hashable
    match: bool
    key: Hashable = ()
    time: int | None = None


@dataclass(frozen=True)
class Kept:
    """A row of the answer; `position` is the entry's place in the universe."""

    position: int
    is_match: bool
    group: int
    distance: int


def surround(entries: Sequence[Entry], *, before: int = 0, after: int = 0, span: int | None = None) -> list[Kept]:
    """Every match, and every entry near a match of its own set and key, once and in row order.

    Near is: at most `after` entries of the key behind a match, or `before` ahead of one; with `span`,
    at most that far from a match in time, on either side. The distance is to the nearest match of the
    key in entry order, positive behind it; at a tie, to the earlier match. A group is a run of rows
    that also stand side by side in their set.
    """
    kept: list[Kept] = []
    for position, entry in enumerate(entries):
        if not entry.match and not _near(entries, position, before, after, span):
            continue
        adjacent = bool(kept) and kept[-1].position == position - 1 and entries[position - 1].set == entry.set
        group = (kept[-1].group + (not adjacent)) if kept else 0
        kept.append(Kept(position, entry.match, group, _distance(entries, position)))
    return kept


def _near(entries: Sequence[Entry], position: int, before: int, after: int, span: int | None) -> bool:
    if span is None:
        return any(-before <= d <= after for d in _distances(entries, position))
    mine = entries[position].time
    times = [entries[m].time for m in _matches(entries, position)]
    return mine is not None and any(t is not None and abs(mine - t) <= span for t in times)


def _distance(entries: Sequence[Entry], position: int) -> int:
    return min(_distances(entries, position), key=lambda d: (abs(d), -d))


def _distances(entries: Sequence[Entry], position: int) -> list[int]:
    """Signed distances to all matches of the same set and key, counted in entries of that key."""
    peers = _peers(entries, position)
    return [peers.index(position) - peers.index(m) for m in _matches(entries, position)]


def _matches(entries: Sequence[Entry], position: int) -> list[int]:
    return [p for p in _peers(entries, position) if entries[p].match]


def _peers(entries: Sequence[Entry], position: int) -> list[int]:
    one = entries[position]
    return [p for p, other in enumerate(entries) if (other.set, other.key) == (one.set, one.key)]
