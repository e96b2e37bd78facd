"""Typed errors: each names the thing that went wrong and says what to do about it."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "BuildError",
    "ColumnNotFoundError",
    "FleetError",
    "FormatError",
    "LogqError",
    "MatchError",
    "NothingToScanError",
    "PartialResultError",
    "PatternError",
    "PlanDecodeError",
    "SourceError",
    "nearest",
]


class LogqError(Exception):
    """Base of every error logq raises on purpose."""


class BuildError(LogqError, ValueError):
    """A chain that cannot mean anything: refused while it is built, before any file is opened."""


class ColumnNotFoundError(LogqError, KeyError):
    """A column that the frame does not have; the message lists the nearest names."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        close = nearest(name, known)
        hint = f"did you mean {', '.join(map(repr, close))}?" if close else f"known columns: {sorted(known)}"
        super().__init__(f"no column {name!r}; {hint}")

    def __str__(self) -> str:
        return str(self.args[0])


class FormatError(LogqError, ValueError):
    """A format that is unknown or whose definition contradicts itself."""


class PatternError(FormatError):
    """A pattern outside what a linear-time regex engine can run; the construct is named."""


class PlanDecodeError(LogqError, ValueError):
    """A serialised plan that is malformed, too large or asks for something not allowed."""


class SourceError(LogqError, OSError):
    """A source that cannot be scanned at all: nothing matches the path, or its scheme is unknown."""


class NothingToScanError(SourceError):
    """A path, glob or folder that matches no file."""


class FleetError(LogqError):
    """A fleet that cannot be asked at all: its options contradict each other, or an agent broke its word."""


class MatchError(LogqError, ValueError):
    """Matches that cannot be given as asked: the search cannot go on behind one, or there are more than `limit`."""


class PartialResultError(LogqError):
    """Some files could not be read to their end; everything else was.

    `partial` holds the rows that were read and `report` says, per file, what is missing. Pass
    `on_failure="partial"` to get the rows without the exception.
    """

    def __init__(self, message: str, *, partial: Any, report: Any) -> None:  # noqa: ANN401 (a frame or batches; a floor-6 report)
        super().__init__(message)
        self.partial = partial
        self.report = report


def nearest(name: str, known: Iterable[str]) -> list[str]:
    """Return up to three names of `known` close to `name`, best first.

    >>> nearest("mesage", ["message", "level", "line"])
    ['message']
    """
    return difflib.get_close_matches(name, list(known), n=3, cutoff=0.6)
