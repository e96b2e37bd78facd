"""The optimiser's notes as tests on raw entries, given how a format writes values down."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import polars as pl

from logq.errors import BuildError
from logq.schema import parse_level

if TYPE_CHECKING:
    from logq.plan import Clause, Term
    from logq.read.resolved import Resolved

__all__ = ["prefilter", "texts"]

ESCAPED: Final = {
    "json": re.compile(r'[\\"/{}\[\],:\x00-\x1f]'),
    "logfmt": re.compile(r'[\\"\x00-\x1f]'),
    "csv": re.compile(r'["\r\n]'),
}
MARKS: Final = {"json": (r"\u",)}
"""Where a format may write any character in another way, what a line that does so holds."""

NUMBER: Final = re.compile(r"[0-9eE+.\-]*")
"""What may be part of a number. A JSON number in a text column is written anew: 1e3 becomes 1000.0."""

SHORT: Final = re.compile(r"[0-9]{1,15}")
"""What an integer alone is written as; from 1e16 on, other numbers look so too."""


def prefilter(clauses: tuple[Clause, ...], resolved: Resolved) -> pl.Expr | None:
    """Clauses → an expression on `raw` that every match satisfies; None if nothing can be said.

    Of several clauses the one with the longest texts stands for all: it most likely lets the fewest
    entries through, and a second test over all entries costs more than it saves.

    >>> from logq.plan import Scan, Term
    >>> from logq.read import FileRef, resolve_file
    >>> file = resolve_file(FileRef("a", buffer=b'{"msg":"disk full"}'), Scan(sources=("a",)))
    >>> test = prefilter(((Term("message", "disk full"),),), file)
    >>> raw = pl.DataFrame({"raw": ['{"msg":"disk full"}', '{"msg":"d\\\\u0069sk full"}', '{"msg":"up"}']})
    >>> raw.select(test)["raw"].to_list()
    [True, True, False]
    """
    longest = texts(clauses, resolved)
    if not longest:
        return None
    if len(longest) == 1:
        return pl.col("raw").str.contains(longest[0], literal=True)
    return pl.col("raw").str.contains("|".join(map(re.escape, longest)))


def texts(clauses: tuple[Clause, ...], resolved: Resolved) -> list[str]:
    """Clauses → texts of which a raw entry must hold one to match, those of the most telling clause; [] if unknown."""
    known = [found for clause in clauses if (found := _alternatives(clause, resolved))]
    return max(known, key=lambda found: min(map(len, found)), default=[])


def _alternatives(clause: Clause, resolved: Resolved) -> list[str] | None:
    """Texts of which a raw entry must hold one for the clause to be true; None if that is not known."""
    if resolved.mixed:
        each = [_alternatives(clause, one) for one in resolved.mixed]
        return None if None in each else list(dict.fromkeys(text for texts in each for text in texts or ()))
    alternatives: list[str] = []
    for term in clause:
        texts = _texts(term, resolved)
        if texts is None:
            return None
        alternatives += texts
    return list(dict.fromkeys(alternatives))


def _texts(term: Term, resolved: Resolved) -> list[str] | None:
    """Texts of which a raw entry must hold one for the term to be true; None if that is not known."""
    if resolved.inner and term.column != "raw" and not resolved.alone(term.column):
        return None
    if term.column in ("level", "severity"):
        return _words(term, resolved)
    field = resolved.message if term.column == "message" else term.column
    kind = resolved.format.kind
    if term.column == "raw" or (term.column == "message" and kind == "plain"):
        return [term.text if term.column == "raw" else max(_whole([term.text], resolved), key=len)]
    known = (resolved.keys or resolved.format.groups) if field != resolved.process else ()
    # Heads of lines may stand in the middle of a message that was wrapped.
    seamed = resolved.lined and resolved.start is not None and term.column == "message"
    if field is None or seamed or field in resolved.format.derived or field not in known:
        return None
    dtype = resolved.fields.get(field, pl.String())
    if dtype != pl.String and not dtype.is_integer():
        return None
    runs = ESCAPED[kind].split(term.text) if kind in ESCAPED else [term.text]
    if kind == "json" and dtype == pl.String and not (term.whole and SHORT.fullmatch(term.text)):
        # Objects and lists in a text column are written anew too, but not the strings in them.
        runs = [run for run in runs if not NUMBER.fullmatch(run)]
    run = max(_whole(runs, resolved), key=len, default="")
    return [run, *MARKS.get(kind, ())] if run else None


def _whole(runs: list[str], resolved: Resolved) -> list[str]:
    """Parts of a value that stand in `raw` as they are: what names the process may be between its lines."""
    return runs if resolved.by is None else [part for run in runs for part in run.split("\n")]


def _words(term: Term, resolved: Resolved) -> list[str] | None:
    """Every word the format has for the severities meant."""
    if resolved.level is None or "severity" in resolved.format.derived:
        return None
    try:
        low, high = parse_level(term.text) if term.column == "level" else (int(term.text), int(term.text))
    except (BuildError, ValueError):
        return None
    table = resolved.format.severity_table
    words = [w for w, severity in table.items() if low <= severity <= high and resolved.format.may_say(w)]
    shortest = [w for w in words if not any(o != w and o in w for o in words)]
    return [*shortest, *MARKS.get(resolved.format.kind, ())]
