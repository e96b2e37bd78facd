"""Sequences as the rules say them: one partial match a key and stage, event by event in plain Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

__all__ = ["Event", "Missed", "Rules", "Stage", "combinations", "sequences"]


@dataclass(frozen=True)
class Event:
    """An entry: letters that say which tests it meets, its second, its common key and its own keys by letter."""

    letters: str
    second: int | None
    key: str | None = "k"
    own: tuple[str | None, str | None] = ("x", "x")


@dataclass(frozen=True)
class Stage:
    """A step or an absence that a letter meets; `own`: which of an event's own keys it goes by."""

    letter: str
    absent: bool = False
    gap: tuple[int, int] | None = None
    own: int | None = None


@dataclass(frozen=True)
class Rules:
    """A sequence."""

    stages: tuple[Stage, ...]
    within: int | None = None
    until: Stage | None = None
    policy: str = "latest"


@dataclass(frozen=True)
class Missed:
    """A partial match that became none: its first and last event, and why."""

    first: int
    last: int
    stage: int
    why: str


@dataclass
class State:
    """What is pending for one key."""

    pending: dict[int, tuple[int, ...]] = field(default_factory=dict)
    seen: list[int] = field(default_factory=list)


def sequences(events: Sequence[Event], rules: Rules) -> tuple[list[tuple[int, ...]], list[Missed]]:
    """Events in input order → the matches, by last then first event in time order; and the near misses."""
    order = sorted((i for i, e in enumerate(events) if e.second is not None), key=lambda i: (events[i].second or 0, i))
    place = {i: n for n, i in enumerate(order)}
    machine = Machine(events, rules, order)
    for i in order:
        for key in machine.keys(i):
            machine.take(i, key)
    matches = machine.finished()
    return (
        sorted(matches, key=lambda m: (place[m[-1]], place[m[0]])),
        sorted(machine.missed, key=lambda m: (place[m.first], m.stage)),
    )


class Machine:
    """EQL's state machine, with absences."""

    def __init__(self, events: Sequence[Event], rules: Rules, order: Sequence[int]) -> None:
        self.events, self.rules = events, rules
        self.states: dict[object, State] = {}
        self.missed: list[Missed] = []
        self.done: list[tuple[object, tuple[int, ...]]] = []
        self.began = min((self.time(i) for i in order), default=0)
        self.ended = max((self.time(i) for i in order), default=0)
        self.steps: list[tuple[Stage, list[Stage]]] = []
        absent: list[Stage] = []
        for stage in rules.stages:
            if stage.absent:
                absent.append(stage)
            else:
                self.steps.append((stage, absent))
                absent = []
        self.after = absent

    def place(self, i: int) -> tuple[int, int]:
        return self.time(i), i

    def time(self, i: int) -> int:
        return self.events[i].second or 0

    def key(self, i: int, stage: Stage) -> tuple[str | None, ...]:
        event = self.events[i]
        return (event.key,) if stage.own is None else (event.key, event.own[stage.own])

    def keys(self, i: int) -> list[tuple[str | None, ...]]:
        stages = [*self.rules.stages, *([self.rules.until] if self.rules.until else [])]
        return list(dict.fromkeys(k for s in stages if None not in (k := self.key(i, s))))

    def meets(self, i: int, stage: Stage, key: object) -> bool:
        return stage.letter in self.events[i].letters and self.key(i, stage) == key

    def take(self, i: int, key: object) -> None:
        state = self.states.setdefault(key, State())
        if self.rules.until is not None and self.meets(i, self.rules.until, key):
            for k, chain in state.pending.items():
                self.miss(chain, k, "until")
            state.pending.clear()
        for k in reversed(range(len(self.steps))):
            if self.meets(i, self.steps[k][0], key):
                self.advance(i, key, state, k)
        for k, (_, absent) in enumerate(self.steps[1:]):
            held = state.pending.get(k)
            if held is not None and held[-1] != i and any(self.meets(i, a, key) for a in absent):
                self.miss(state.pending.pop(k), k, "absent")
        for k in [k for k, held in state.pending.items() if self.rules.policy == "strict" and held[-1] != i]:
            self.miss(state.pending.pop(k), k, "foreign")
        state.seen.append(i)

    def advance(self, i: int, key: object, state: State, k: int) -> None:
        if k == 0:
            if not self.may_begin(i, key, state):
                return
            chain: tuple[int, ...] = (i,)
        else:
            waiting = state.pending.pop(k - 1, None)
            if waiting is None:
                return
            gap, within = self.steps[k][0].gap, self.rules.within
            late = within is not None and self.time(i) - self.time(waiting[0]) > within
            if late or (gap is not None and not gap[0] <= self.time(i) - self.time(waiting[-1]) <= gap[1]):
                self.miss(waiting, k - 1, "span")
                return
            chain = (*waiting, i)
        if k == len(self.steps) - 1:
            self.done.append((key, chain))
            return
        if k in state.pending and self.rules.policy == "first":
            if not any(self.meets(i, absent, key) for absent in self.steps[k + 1][1]):
                self.miss(chain, k, "superseded")
                return
            # What spoils the one that waits leaves its place to itself.
            self.miss(state.pending.pop(k), k, "absent")
        if k in state.pending:
            self.miss(state.pending[k], k, "superseded")
        state.pending[k] = chain

    def may_begin(self, i: int, key: object, state: State) -> bool:
        absent, within = self.steps[0][1], self.rules.within
        if not absent or within is None:
            return True
        since = self.time(i) - within
        if any(self.time(j) >= since and any(self.meets(j, a, key) for a in absent) for j in state.seen):
            return False
        if since < self.began:
            self.missed.append(Missed(i, i, 0, "undetermined"))
            return False
        return True

    def finished(self) -> list[tuple[int, ...]]:
        for state in self.states.values():
            for k, chain in state.pending.items():
                self.miss(chain, k, "end_of_data")
        found: list[tuple[int, ...]] = []
        taken: dict[object, tuple[int, int]] = {}
        for key, chain in self.done:
            why = self.spoilt(key, chain)
            apart = self.rules.policy == "non_overlapping"
            if apart and why is None and key in taken and self.place(chain[0]) <= taken[key]:
                why = "overlap"
            if why is None:
                taken[key] = self.place(chain[-1])
                found.append(chain)
            else:
                self.miss(chain, len(self.steps) - 1, why)
        return found

    def fits(self, chain: tuple[int, ...], i: int, k: int, key: object, of_key: list[int]) -> bool:
        """Whether an event goes on with a chain, whatever else there is."""
        stage, absent = self.steps[k]
        if not self.meets(i, stage, key):
            return False
        if not chain:
            return self.may_begin(i, key, State(seen=of_key[: of_key.index(i)]))
        first, last, this = (of_key.index(n) for n in (chain[0], chain[-1], i))
        if this <= last or any(self.meets(j, a, key) for j in of_key[last + 1 : this] for a in absent):
            return False
        until, within, gap = self.rules.until, self.rules.within, stage.gap
        if until is not None and any(self.meets(j, until, key) for j in of_key[first + 1 : this + 1]):
            return False
        late = within is not None and self.time(i) - self.time(chain[0]) > within
        return not late and (gap is None or gap[0] <= self.time(i) - self.time(chain[-1]) <= gap[1])

    def spoilt(self, key: object, chain: tuple[int, ...]) -> str | None:
        if not self.after or self.rules.within is None:
            return None
        limit = self.time(chain[0]) + self.rules.within
        seen = self.states[key].seen
        later = seen[seen.index(chain[-1]) + 1 :]
        if any(self.time(j) <= limit and any(self.meets(j, a, key) for a in self.after) for j in later):
            return "absent"
        return "undetermined" if limit > self.ended else None

    def miss(self, chain: tuple[int, ...], stage: int, why: str) -> None:
        self.missed.append(Missed(chain[0], chain[-1], stage, why))


def combinations(events: Sequence[Event], rules: Rules) -> list[tuple[int, ...]]:
    """Every combination of events that makes a sequence, by last, then first, then the others in time order."""
    order = sorted((i for i, e in enumerate(events) if e.second is not None), key=lambda i: (events[i].second or 0, i))
    place = {i: n for n, i in enumerate(order)}
    machine = Machine(events, rules, order)
    found: list[tuple[int, ...]] = []
    for key in dict.fromkeys(k for i in order for k in machine.keys(i)):
        of_key = [i for i in order if key in machine.keys(i)]
        chains: list[tuple[int, ...]] = [()]
        for k in range(len(machine.steps)):
            chains = [(*c, i) for c in chains for i in of_key if machine.fits(c, i, k, key, of_key)]
        machine.states[key] = State(seen=of_key)
        found += [c for c in chains if machine.spoilt(key, c) is None]
    return sorted(found, key=lambda c: (place[c[-1]], *(place[i] for i in c)))
