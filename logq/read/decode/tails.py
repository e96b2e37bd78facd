"""The end of a pattern that takes all that is left of a text, which no regex need go through."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Final

from logq.formats.base import distinct
from logq.read.decode.atoms import GROUP, Opaque, atoms

if TYPE_CHECKING:
    from collections.abc import Container

__all__ = ["Ending", "ending"]

ALL: Final = "(?s:.*)"
MAY_END: Final = re.compile(r"\(\?:(?P<first>.+)\(\?s:\.\*\)\)\?")
"""Nothing, or all the rest behind something."""


@dataclass(frozen=True, slots=True)
class Ending:
    """A pattern is `^`, `ahead`, the group `name` of which `inside` is the beginning, and any text up to the end.

    That text is a group of its own if it has a name, `inner`.
    """

    ahead: str
    name: str | None = None
    inside: str = ""
    inner: str | None = None

    def among(self, names: Container[str]) -> Ending:
        """The same, without the groups that nobody wants."""
        inner = self.inner if self.inner in names else None
        if self.name in names:
            return replace(self, inner=inner)
        return Ending(self.ahead + self.inside, inner)


@cache
def ending(pattern: str) -> Ending | None:
    r"""Part a pattern that ends with any text; None for others.

    Any text matches whatever is left, so the pattern matches where its beginning does, in the same way.

    >>> ending(r"^(?P<n>\d) (?P<text>(?P<word>\w+)(?s:.*))$")
    Ending(ahead='(?P<n>\\d) ', name='text', inside='(?P<word>\\w+)', inner=None)
    >>> ending(r"^(?P<n>\d)(?: (?s:.*))?$"), ending(r"^(?P<n>\d)$")
    (Ending(ahead='(?P<n>\\d)(?: |$)', name=None, inside='', inner=None), None)
    """
    if not (pattern.startswith("^") and pattern.endswith("$")):
        return None
    try:
        row = atoms(pattern[1:-1])
        if (begun := _begun(row)) is not None:
            return Ending("".join(begun))
        group = GROUP.fullmatch(row[-1]) if row else None
        inside, inner = _opened(atoms(group["body"])) if group else (None, None)
    except Opaque:
        return None
    if group is None or inside is None or any(len(distinct(pattern)[1][n]) > 1 for n in (group["name"], inner) if n):
        return None
    return Ending("".join(row[:-1]), group["name"], "".join(inside), inner)


def _opened(row: list[str]) -> tuple[list[str] | None, str | None]:
    """What stands ahead of any text, and the group that this is."""
    group = GROUP.fullmatch(row[-1]) if row else None
    return (row[:-1], group["name"]) if group is not None and group["body"] == ALL else (_begun(row), None)


def _begun(row: list[str]) -> list[str] | None:
    """What stands ahead of any text."""
    if not row:
        return None
    may = MAY_END.fullmatch(row[-1])
    if may is not None and len(atoms(may["first"])) == 1:
        return [*row[:-1], f"(?:{may['first']}|$)"]
    return row[:-1] if row[-1] == ALL else None
