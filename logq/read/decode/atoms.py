"""A regex as a row of atoms, each with its quantifier: enough to tell which characters stand for themselves."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

__all__ = ["GROUP", "Opaque", "atoms", "excludes", "letter", "literals"]

QUANTIFIER: Final = re.compile(r"(?:[*+?]|\{[0-9]+(?:,[0-9]*)?\})\??")
OPENED: Final = re.compile(r"\((?:\?(?:P?<[\w.]+>|[s-]*:))?(?!\?)")
GROUP: Final = re.compile(r"\(\?P?<(?P<name>[\w.]+)>(?P<body>.*)\)", re.DOTALL)
"""A named group, without a quantifier."""

CLASSES: Final = frozenset("dDsSwWnrtfv")
"""Escapes that stand for one character, whatever is beside it."""

LETTER: Final = re.compile(r"(?s)\\?((?<=\\)[^\w]|(?<!\\)[^.])")
BUT: Final = re.compile(rf"\[\^((?:[^\\\[\]&~-]|\\[^\w])+)\](?:{QUANTIFIER.pattern})?")
"""A class of all characters but the ones it lists, one by one."""

ONE: Final = r"\[(?:[^\\\[\]&~^ ]|\\[^\w ])+\]|[^\\\[\](){}*+?.|^$ ]|\\[^\w ]|\\[dSw]"
BLANKLESS: Final = re.compile(rf"(?:(?:{ONE}|\((?:\?(?:P?<[\w.]+>|:))?|[)|])(?:{QUANTIFIER.pattern})?)*")
"""Atoms that are no blank, in groups or not."""


class Opaque(ValueError):  # noqa: N818 (it is no error of anybody's: the pattern is then used as it is)
    """A pattern of which one cannot say here what its parts match, each for itself."""


def atoms(pattern: str) -> list[str]:
    r"""Part a pattern into the atoms of its top level.

    Raises Opaque for alternatives on that level and for whatever looks beyond itself: anchors, word boundaries, flags.

    >>> atoms(r'(?P<a>x|y)+ "[^"]*"\.?')
    ['(?P<a>x|y)+', ' ', '"', '[^"]*', '"', '\\.?']
    """
    found, place = [], 0
    while place < len(pattern):
        if pattern[place] in "|)":
            raise Opaque
        end = _end(pattern, place)
        found.append(pattern[place:end])
        place = end
    return found


def letter(atom: str) -> str | None:
    r"""Character an atom stands for, if it stands for just one.

    >>> letter("a"), letter(r"\["), letter("."), letter(r"\d"), letter("a?")
    ('a', '[', None, None, None)
    """
    one = LETTER.fullmatch(atom)
    return one[1] if one else None


def excludes(pattern: str) -> str:
    r"""Characters that no match of a class with its quantifier can hold; of others, a blank if that can be told.

    >>> excludes(r'[^"\\]*'), excludes("[0-9]{3}|-"), excludes(".*"), excludes("(?: x)?")
    ('"\\', ' ', '', '')
    """
    but = BUT.fullmatch(pattern)
    if but is not None:
        return re.sub(r"\\(.)", r"\1", but[1])
    return " " if BLANKLESS.fullmatch(pattern) else ""


@cache
def literals(pattern: str) -> tuple[str, ...]:
    r"""Texts that every match holds, as far as that can be told.

    >>> literals(r"^\[(?P<pid>\d+)\] (?P<level>INFO|WARN): (?P<at>in (?P<name>.*))$"), literals("(?i)^ERROR|^WARN")
    (('[', '] ', ': ', 'in '), ())
    """
    try:
        row = atoms(pattern.removeprefix("^").removesuffix("$"))
    except Opaque:
        return ()
    found, text = [], ""
    for atom in [*row, ".*"]:
        char = letter(atom)
        if char is not None:
            text += char
            continue
        group = GROUP.fullmatch(atom)
        found += [text, *(literals(group["body"]) if group else ())]
        text = ""
    return tuple(filter(None, found))


def _end(pattern: str, place: int) -> int:
    """Where the atom that begins at `place` ends, its quantifier included."""
    match pattern[place]:
        case "^" | "$" | "*" | "+" | "?" | "{":
            raise Opaque
        case "\\":
            after = pattern[place + 1]
            if after in "<>" or (after.isalnum() and after not in CLASSES):
                raise Opaque
            end = place + 2
        case "[":
            end = _end_of_class(pattern, place)
        case "(":
            end = _end_of_group(pattern, place)
        case _:
            end = place + 1
    quantified = QUANTIFIER.match(pattern, end)
    return quantified.end() if quantified else end


def _end_of_class(pattern: str, place: int) -> int:
    depth, at = 0, place
    while True:
        match pattern[at]:
            case "\\":
                at += 1
            case "[":
                depth += 1
                at += pattern.startswith("^", at + 1)
                at += pattern.startswith("]", at + 1)
            case "]":
                depth -= 1
        at += 1
        if not depth:
            return at


def _end_of_group(pattern: str, place: int) -> int:
    opened = OPENED.match(pattern, place)
    if opened is None:
        raise Opaque
    at = opened.end()
    while pattern[at] != ")":
        at = at + 1 if pattern[at] == "|" else _end(pattern, at)
    return at + 1
