"""The end of a pattern that takes all that is left of a text, which no regex need go through."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from logq.formats.base import distinct
from logq.read.decode.atoms import GROUP, Opaque, atoms

__all__ = ["Ending", "ending"]

ALL: Final = "(?s:.*)"
MAY_END: Final = re.compile(r"\(\?:(?P<first>.+)\(\?s:\.\*\)\)\?")
"""Nothing, or all the rest behind something."""


@dataclass(frozen=True, slots=True)
class Ending:
    """A pattern is `^`, `ahead`, the group `name` of which `inside` is the beginning, and any text up to the end."""

    ahead: str
    name: str | None = None
    inside: str = ""


@cache
def ending(pattern: str) -> Ending | None:
    r"""Part a pattern that ends with any text; None for others.

    Any text matches whatever is left, so the pattern matches where its beginning does, in the same way.

    >>> ending(r"^(?P<n>\d) (?P<text>(?P<word>\w+)(?s:.*))$")
    Ending(ahead='(?P<n>\\d) ', name='text', inside='(?P<word>\\w+)')
    >>> ending(r"^(?P<n>\d)(?: (?s:.*))?$"), ending(r"^(?P<n>\d)$")
    (Ending(ahead='(?P<n>\\d)(?: |$)', name=None, inside=''), None)
    """
    if not (pattern.startswith("^") and pattern.endswith("$")):
        return None
    try:
        row = atoms(pattern[1:-1])
        if (begun := _begun(row)) is not None:
            return Ending("".join(begun))
        group = GROUP.fullmatch(row[-1]) if row else None
        inside = _begun(atoms(group["body"])) if group else None
    except Opaque:
        return None
    if group is None or inside is None or len(distinct(pattern)[1][group["name"]]) > 1:
        return None
    return Ending("".join(row[:-1]), group["name"], "".join(inside))


def _begun(row: list[str]) -> list[str] | None:
    """What stands ahead of any text."""
    if not row:
        return None
    may = MAY_END.fullmatch(row[-1])
    if may is not None and len(atoms(may["first"])) == 1:
        return [*row[:-1], f"(?:{may['first']}|$)"]
    return row[:-1] if row[-1] == ALL else None
