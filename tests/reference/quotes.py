"""Lines of separated values as entries, character by character."""

from __future__ import annotations

from collections.abc import Sequence

OUT, PLAIN, QUOTED, CLOSED, TORN = range(5)


def walked(line: str, separator: str, *, inside: bool) -> tuple[int, bool]:
    """How a line ends, and whether it closed a quote that was open ahead of it."""
    state, closed = (QUOTED if inside else OUT), False
    at = 0
    while at < len(line):
        char = line[at]
        if state == QUOTED and char == '"':
            if line[at + 1 : at + 2] == '"':
                at += 1
            else:
                state, closed = CLOSED, True
        elif state == CLOSED:
            if char != separator:
                return TORN, closed
            state = OUT
        elif state == OUT:
            state = OUT if char == separator else QUOTED if char == '"' else PLAIN
        elif state == PLAIN and char == separator:
            state = OUT
        at += 1
    return state, closed


def legit(lines: Sequence[str], at: int, separator: str, farthest: int) -> bool:
    """Whether the quote that line `at` leaves open is closed well."""
    for line in lines[at + 1 : at + 1 + farthest]:
        state, closed = walked(line, separator, inside=True)
        if state == TORN:
            return False
        if closed:
            return True
    return False


def starts(lines: Sequence[str], separator: str, farthest: int) -> list[bool]:
    """Which lines start an entry."""
    found, inside = [], False
    for at, line in enumerate(lines):
        found.append(not inside)
        state, _ = walked(line, separator, inside=inside)
        inside = state == QUOTED and (inside_only(line, inside=inside) or legit(lines, at, separator, farthest))
    return found


def inside_only(line: str, *, inside: bool) -> bool:
    """Whether a line only goes on in an open quote."""
    return inside and '"' not in line.replace('""', "")
