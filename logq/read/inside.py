"""How messages are read on that are lines of other logs, as a sample shows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, Protocol

import polars as pl

from logq.formats import FORMATS
from logq.plan import HIDDEN
from logq.read.decode.columns import values_of
from logq.read.decode.ways import speaks
from logq.read.decode.wrapped import messages
from logq.read.detect import ENOUGH, detect
from logq.read.lines import entries
from logq.read.resolved import common
from logq.read.rules import After, Inside
from logq.read.shown import shown

if TYPE_CHECKING:
    from polars._typing import PolarsDataType

    from logq.formats.base import Format
    from logq.read.resolved import Resolved
    from logq.read.shown import Settled

    class Settle(Protocol):
        """How to read a format, by the head of a file in it and where its entries start."""

        def __call__(self, found: Format, head: bytes, rule: Settled = None) -> Resolved: ...


__all__ = ["OWN", "opened"]

OWN: Final = "fields."
"""Prefix of a field whose name is taken: by a canonical column, or by what it came in."""

SURE: Final = 0.9
"""Messages of anything are lines of another log if so many are."""

PROGRAM: Final = f"{HIDDEN}program"
TEXT: Final = f"{HIDDEN}text"


def opened(outer: Resolved, lines: pl.Series, rule: Settled, settle: Settle) -> Resolved:
    """Settle how to read on in messages, as the lines of a sample have them; `rule` is where entries start inside.

    Those of a wrapper are all in one format. What else is open may hold lines of other logs, if not by design: one,
    or one for each program; but only lines with a time, or with a level and a text, and only if most are such.
    """
    form = outer.format
    if not form.carries:
        inside = _spoken(outer, outer.message, lines, settle) if _may_hold(form) and outer.message else []
        return _started(_around(outer, inside), rule) if form.wraps else _around(outer, inside)
    texts = messages(lines, outer).drop_nulls()
    head = _head(texts)
    raw = entries(head, None)[0]["raw"] if len(texts) else texts
    found, rule = shown(raw, head, rule, [f for f in FORMATS.values() if not f.wraps and f.kind != "csv"])
    if found.kind == "plain":
        return _started(outer, rule)
    inner = settle(found, head, rule)
    return _started(_around(outer, [inner]), inner.start)


def _spoken(outer: Resolved, message: str, sample: pl.Series, settle: Settle) -> list[Resolved]:
    """Ways to read messages that may be anything, each for those of a program or more."""
    program = outer.format.programs if outer.format.programs in outer.keys else None
    values = values_of(sample, outer, frozenset([message, program or message]))
    who = pl.col(program).cast(pl.String) if program else pl.lit("")
    said = values.select(who.alias(PROGRAM), pl.col(message).cast(pl.String).str.strip_suffix("\n").alias(TEXT))
    found: dict[str, list[pl.Series]] = {}
    for texts in said.filter(pl.col(TEXT) != "").partition_by(PROGRAM, maintain_order=True):
        lines = entries(_head(texts[TEXT]), None)[0]["raw"]
        form = detect(lines, [one for one in FORMATS.values() if _may_be_told(one)])
        if form.kind != "plain":
            found.setdefault(form.name, []).append(texts[TEXT])
    least = SURE if outer.format.programs is None else ENOUGH
    ways = [_way(FORMATS[name], pl.concat(texts), least, settle) for name, texts in found.items()]
    return [one for one in ways if one is not None]


def _way(form: Format, texts: pl.Series, least: float, settle: Settle) -> Resolved | None:
    """How to read texts in a format, if enough of them are lines that say when they were written, or how bad it is."""
    one = settle(form, _head(texts))
    telling = one.stamp is not None or (one.level is not None and one.message is not None)
    return one if telling and int(speaks(texts, one).sum()) >= least * len(texts) else None


def _head(texts: pl.Series) -> bytes:
    return ("\n".join(texts) + "\n").encode()


def _may_hold(form: Format) -> bool:
    return form.kind == "json" and form.open


def _may_be_told(form: Format) -> bool:
    return not (form.wraps or form.general or form.kind in ("csv", "plain"))


def _around(outer: Resolved, inside: list[Resolved]) -> Resolved:
    """Have messages read on; columns of the format itself keep their names."""
    fields: dict[str, PolarsDataType] = {}
    aliases: dict[str, str] = {}
    for one in inside:
        for name, dtype in one.fields.items():
            column = name
            while column in outer.own or (column != name and column in one.fields):
                column = OWN + column
            fields[column] = common(fields.get(column, dtype), dtype)
            aliases |= {column: name} if column != name else {}
    return replace(outer, inner=tuple(inside), aliases=aliases, fields={**outer.fields, **fields})


def _started(outer: Resolved, rule: Settled) -> Resolved:
    """Have entries of a wrapper start where those inside do."""
    form = outer.format
    if not rule or form.wraps is None or outer.rule is False:
        return outer
    parts = After(form.continued, form.whose, form.least) if form.continued else None
    return replace(outer, rule=Inside(form.wraps, rule, form.kind == "json", form.whose, parts))
