"""Entries of processes that write into one file, line after line with what each of them wrote before."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.reference.traces import indented, joined

Starts = Callable[[list[str]], bool]
"""Whether the last of some lines of one process starts an entry."""


@dataclass
class Entry:
    """Lines as they were read, and what is left of them behind the key."""

    line: int
    process: str | None
    raw: list[str] = field(default_factory=list)
    body: list[str] = field(default_factory=list)


@dataclass
class _Stretch:
    """Lines of a process from the last on whose entry depends on nothing ahead of it."""

    at: int
    lines: list[str]
    entry: Entry


def at_regex(pattern: str) -> Starts:
    """Start at lines that begin so."""
    return lambda lines: re.match(pattern, lines[-1]) is not None


def after(continued: str) -> Starts:
    """Start behind lines that do not match."""
    return lambda lines: re.search(continued, lines[-2]) is None


def after_own(continued: str, whose: str) -> Starts:
    """Start behind lines that do not match, or are of another."""
    own = re.compile(whose)
    return lambda lines: after(continued)(lines) or len({m and m[1] for m in map(own.search, lines[-2:])}) > 1


def behind_traces(lines: list[str]) -> bool:
    """Start where no trace goes on."""
    return not joined(lines)[-1]


def always(_: list[str]) -> bool:
    """Start at every line."""
    return True


def entries(lines: Sequence[str], by: str, starts: Starts, reach: int, *, traces: bool = False) -> list[Entry]:
    """Lines of a file → its entries, by their first lines."""
    open_: dict[str | None, _Stretch] = {}
    found: list[Entry] = []
    process: str | None = None
    at = 0
    for number, line in enumerate(lines):
        match = re.search(by, line)
        process = process if match is None else match[match.re.groups]
        body = line if match is None or match.start() else line[match.end() :]
        stretch = open_.get(process)
        if stretch is None or at - stretch.at >= reach:
            found.append(Entry(number, process))
            open_[process] = stretch = _Stretch(at, [body], found[-1])
        elif starts([*stretch.lines, body]):
            found.append(Entry(number, process))
            settled = not traces or bool(body.strip() and not indented(body))
            known = ([body], at) if settled else ([*stretch.lines, body], stretch.at)
            open_[process] = stretch = _Stretch(known[1], known[0], found[-1])
        else:
            stretch.lines.append(body)
        stretch.entry.raw.append(line)
        stretch.entry.body.append(body)
        at += len(line.encode()) + 1
    return found
