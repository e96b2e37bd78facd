"""Sessions as the rules say them, entry by entry in plain Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

__all__ = ["Item", "Made", "Rules", "sessions"]


@dataclass(frozen=True)
class Item:
    """An entry: its key (None: it has none), second, and which conditions it meets."""

    key: object | None
    second: int | None
    start: bool = False
    end: bool = False


@dataclass(frozen=True)
class Rules:
    """What parts sessions."""

    gap: int | None = None
    span: int | None = None
    start: bool = False
    end: bool = False
    most: int | None = None
    orphans: str = "keep"


@dataclass
class Made:
    """A session under way: positions of its entries, and how it ended."""

    key: object
    members: list[int] = field(default_factory=list)
    reason: str = "end_of_data"
    truncated: bool = False


def sessions(items: Sequence[Item], rules: Rules) -> list[Made]:
    """Entries in input order → sessions, by first entry in time order."""
    order = sorted(range(len(items)), key=lambda i: (items[i].second is None, items[i].second or 0, i))
    stamps = [item.second for item in items if item.second is not None]
    began = min(stamps, default=None)
    found: list[Made] = []
    current: dict[object, Made] = {}
    waiting: dict[object, bool] = {}
    for i in order:
        item = items[i]
        if item.key is None:
            continue
        new = item.key not in waiting
        waiting.setdefault(item.key, rules.start)
        starts, ends = rules.start and item.start, rules.end and item.end
        session = current.get(item.key)
        if session is not None and (why := _closed(session, items, item, rules, starts)):
            session.reason = why
            del current[item.key]
            session = None
        if session is None:
            if waiting[item.key] and not starts:
                continue
            near = (
                item.second is not None
                and began is not None
                and rules.gap is not None
                and item.second - began <= rules.gap
            )
            session = Made(item.key, truncated=not starts if rules.start else new and near)
            current[item.key] = session
            found.append(session)
            waiting[item.key] = False
        session.members.append(i)
        if ends:
            session.reason = "end_match"
            del current[item.key]
            waiting[item.key] = rules.start
    return _attached(found, items, order, rules) if rules.orphans == "attach" else found


def _closed(session: Made, items: Sequence[Item], item: Item, rules: Rules, starts: bool) -> str | None:
    """Why the session ends ahead of this entry, if it does."""
    first, last = items[session.members[0]].second, items[session.members[-1]].second
    now = item.second
    if rules.gap is not None and now is not None and last is not None and now - last > rules.gap:
        return "gap"
    if starts:
        return "start_match"
    if rules.most is not None and len(session.members) == rules.most:
        return "max_entries"
    if rules.span is not None and now is not None and first is not None and now - first > rules.span:
        return "span"
    return None


def _attached(found: list[Made], items: Sequence[Item], order: Sequence[int], rules: Rules) -> list[Made]:
    """Put each orphan to the nearest earlier entry that is in a session."""
    member = {i: session for session in found for i in session.members}
    nearest: int | None = None
    place = {i: n for n, i in enumerate(order)}
    more: list[tuple[int, Made]] = []
    for i in order:
        if i in member:
            nearest = i
            continue
        now, then = items[i].second, None if nearest is None else items[nearest].second
        if nearest is not None and now is not None and then is not None and now - then <= (rules.gap or 0):
            more.append((i, member[nearest]))
    for i, session in more:
        session.members.append(i)
    for session in found:
        session.members.sort(key=place.__getitem__)
    return found
