"""How a pattern is best cut into pieces, planned from its text."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from logq.formats.base import group_names
from logq.read.decode.atoms import GROUP, Opaque, atoms, excludes, letter
from logq.read.decode.pieces import Cut, Named, Part, Regex, Word

__all__ = ["plan"]

MARKS: Final = '"|\t[]{}()<>;,=#@/: '
"""Characters to cut at, those that seldom stand in texts first."""

GAIN: Final = 0.9
"""A cut must cost less than this share of the regex."""

OPTIONAL: Final = re.compile(r"\(\?:(?P<body>.*)\)\?", re.DOTALL)
ESCAPED: Final = re.compile(r"\(\?:(?P<but>\[\^[^\[\]]*\\\\\])\|\\\\\.\)(?P<many>[*+])")
"""Any text without some characters, but for those behind a backslash."""


@cache
def plan(pattern: str) -> Cut | None:
    r"""Plan the cuts of a pattern; None if a regex over the whole entry does as well, or if a group stands twice.

    >>> cut = plan(r'^(?P<a>[^ ]+) (?P<b>[^ ]+) "(?P<c>[^"]*)" (?P<d>\d+)$')
    >>> cut.mark, [type(part).__name__ for part in cut.parts]
    ('"', ['Cut', 'Word', 'Word'])
    >>> plan(r'^(?i)(?P<a>\d+) "(?P<b>[^"]*)"$'), plan(r"^(?P<a>\d+)$")
    (None, None)
    """
    names = group_names(pattern)
    if not (pattern.startswith("^") and pattern.endswith("$")) or len({*names}) < len(names):
        return None
    try:
        part = _part(atoms(pattern[1:-1]), "")
    except Opaque:
        return None
    return part if isinstance(part, Cut) else None


def _part(row: list[str], gone: str) -> Part:
    """Plan a row of atoms on pieces that hold none of the marks in `gone`."""
    letters = [letter(atom) for atom in row]
    held = [place for place, char in enumerate(letters) if char is None]
    if not held:
        return Word(before="".join(filter(None, letters)))
    group = GROUP.fullmatch(row[held[0]]) if len(held) == 1 else None
    if group is not None and not group_names(group["body"]):
        before, after = ("".join(filter(None, some)) for some in (letters[: held[0]], letters[held[0] :]))
        return _word(group["name"], group["body"], before, after, gone)
    if group is not None and len(row) == 1:
        return Named(group["name"], _part(atoms(group["body"]), gone))
    cut, regex = _cut(row, gone), Regex("".join(row))
    return cut if cut is not None and cut.cost < GAIN * regex.cost else regex


def _cut(row: list[str], gone: str) -> Cut | None:
    """Cut a row at the first mark it has. A blank is one only where no group can hold it, for most texts do.

    What may be missing at the end is taken to be there, if then too no group can hold the mark.
    """
    last = OPTIONAL.fullmatch(row[-1])
    whole = [*row[:-1], *atoms(last["body"])] if last else row
    letters = [letter(atom) for atom in whole]
    for mark in (mark for mark in MARKS if mark in letters):
        if (last is None and mark != " ") or all(
            mark in _excluded(a) for a, c in zip(whole, letters, strict=True) if c is None
        ):
            parts = tuple(_part(some, gone + mark) for some in _parted(whole, mark))
            return Cut("".join(row), mark, parts, partial=last is not None)
    return None


def _excluded(atom: str) -> str:
    group = GROUP.fullmatch(atom)
    body = group["body"] if group else atom
    escaped = ESCAPED.fullmatch(body)
    return excludes(escaped["but"] + "*" if escaped else body)


def _parted(row: list[str], mark: str) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for atom in row:
        if letter(atom) == mark:
            parts.append([])
        else:
            parts[-1].append(atom)
    return parts


def _word(name: str, body: str, before: str, after: str, gone: str) -> Word:
    escaped = ESCAPED.fullmatch(body)
    free = escaped is not None or (body.startswith("[^") and body.endswith(("]*", "]+")))
    without = _excluded(body) if free else ""
    if not without:
        return Word(name, before, after, regex=body)
    checked = "".join(char for char in without if char not in gone and not (escaped and char == "\\"))
    return Word(name, before, after, without=checked, filled=body.endswith("+"), escapes=escaped is not None)
