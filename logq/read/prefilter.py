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

__all__ = ["prefilter"]

ESCAPED: Final = {"json": re.compile(r'[\\"/\x00-\x1f]'), "logfmt": re.compile(r'[\\"\x00-\x1f]'), "csv": re.compile(r'["\r\n]')}
MARKS: Final = {"json": (r"\u",)}
"""Where a format may write any character in another way, what a line that does so holds."""


def prefilter(clauses: tuple[Clause, ...], resolved: Resolved) -> pl.Expr | None:
    """Clauses → an expression on `raw` that every match satisfies; None if nothing can be said."""
    tests = [test for clause in clauses if (test := _test(clause, resolved)) is not None]
    return pl.all_horizontal(tests) if tests else None


def _test(clause: Clause, resolved: Resolved) -> pl.Expr | None:
    alternatives: dict[str, bool] = {}
    for term in clause:
        texts = _texts(term, resolved)
        if texts is None:
            return None
        alternatives |= dict.fromkeys(texts, term.column in ("level", "severity"))
    if not alternatives:
        return None
    raw = pl.col("raw")
    if len(alternatives) == 1 and not any(alternatives.values()):
        return raw.str.contains(next(iter(alternatives)), literal=True)
    return raw.str.contains("|".join(f"(?i:{re.escape(t)})" if fold else re.escape(t) for t, fold in alternatives.items()))


def _texts(term: Term, resolved: Resolved) -> list[str] | None:
    """Texts of which a raw entry must hold one for the term to be true; None if that is not known."""
    if term.column in ("level", "severity"):
        return _words(term, resolved)
    field = resolved.message if term.column == "message" else term.column
    kind = resolved.format.kind
    if term.column == "raw" or (term.column == "message" and kind == "plain"):
        return [term.text]
    if field in resolved.format.derived or field not in (resolved.keys or resolved.format.groups):
        return None
    dtype = resolved.fields.get(field, pl.String())
    if dtype != pl.String and not dtype.is_integer():
        return None
    run = max(ESCAPED[kind].split(term.text), key=len) if kind in ESCAPED else term.text
    return [run, *MARKS.get(kind, ())] if run else None


def _words(term: Term, resolved: Resolved) -> list[str] | None:
    """Every word the format has for the severities meant."""
    if resolved.level is None or "severity" in resolved.format.derived:
        return None
    try:
        low, high = parse_level(term.text) if term.column == "level" else (int(term.text), int(term.text))
    except (BuildError, ValueError):
        return None
    words = [word for word, severity in resolved.format.severity_table.items() if low <= severity <= high]
    shortest = [w for w in words if not any(o != w and o in w for o in words)]
    return [*shortest, *MARKS.get(resolved.format.kind, ())]
