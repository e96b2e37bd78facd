"""How messages are read on that are lines of other logs, as a sample shows."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Protocol

import polars as pl

from logq.formats import FORMATS
from logq.plan import HIDDEN
from logq.read.decode.ways import speaks
from logq.read.decode.wrapped import decode_wrapped, messages, unended
from logq.read.detect import ENOUGH, detect
from logq.read.lines import entries, joined
from logq.read.resolved import OWN, common
from logq.read.rules import After, Inside, starts
from logq.read.shown import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from polars._typing import PolarsDataType

    from logq.formats.base import Format
    from logq.read.resolved import Resolved
    from logq.read.shown import Settled

    class Settle(Protocol):
        """How to read a format, by the head of a file in it and where its entries start."""

        def __call__(self, found: Format, head: bytes, rule: Settled = None) -> Resolved: ...


__all__ = ["opened"]

BEFORE: Final = dt.datetime(1990, 1, 1, tzinfo=dt.UTC)
"""Of a log nobody reads any more; a small number that is called `time` is no time."""

SURE: Final = 0.9
"""Messages of anything are lines of another log if so many are."""

PROGRAM: Final = f"{HIDDEN}program"
TEXT: Final = f"{HIDDEN}text"


def opened(outer: Resolved, sample: pl.Series, rule: Settled, settle: Settle) -> Resolved:
    """Settle how to read on in messages, as the entries of a sample have them; `rule` is where entries start inside.

    Those of a wrapper are all in one format. What else is open may hold lines of other logs, if not by design: one,
    or one for each program; but only lines with a time, or with a level and a text, and only if most are such.
    """
    form = outer.format
    if not form.carries:
        outer = _started(outer, rule)
        return _around(outer, _spoken(outer, sample, settle)) if _may_hold(form) and outer.message else outer
    texts = messages(sample, outer).drop_nulls()
    head = _head(texts)
    raw = entries(head, None)[0]["raw"] if len(texts) else texts
    found, rule = shown(raw, head, rule, [f for f in FORMATS.values() if not f.carries and f.kind != "csv"])
    if found.kind == "plain":
        return _started(outer, rule)
    inner = settle(found, head, rule)
    return _started(_around(outer, [inner]), inner.start)


def _spoken(outer: Resolved, sample: pl.Series, settle: Settle) -> list[Resolved]:
    """Ways to read messages that may be anything, each for those of a program or more."""
    program = outer.format.programs if outer.format.programs in outer.keys else None
    if isinstance(outer.start, Inside):
        sample = joined(sample.to_frame("raw"), starts(sample, outer.start))["raw"]
    asked = frozenset({"message", program or "message"})
    said = decode_wrapped(sample.to_frame("raw"), outer, asked, "UTC")
    who = pl.col(program).cast(pl.String).fill_null("") if program else pl.lit("")
    said = said.select(who.alias(PROGRAM), pl.lit(unended(said["message"])).alias(TEXT)).filter(pl.col(TEXT) != "")
    found: dict[str, dict[str, pl.Series]] = {}
    for texts in said.partition_by(PROGRAM, maintain_order=True):
        lines = entries(_head(texts[TEXT]), None)[0]["raw"]
        form = detect(lines, sorted(filter(_may_be_told, FORMATS.values()), key=lambda one: one == outer.format))
        if form.kind != "plain":
            found.setdefault(form.name, {})[texts[PROGRAM][0]] = texts[TEXT]
    ways = [
        _way(FORMATS[name], by_program, SURE if program is None else ENOUGH, settle)
        for name, by_program in found.items()
    ]
    return [replace(one, programs=one.programs if program else None) for one in ways if one.programs]


def _way(form: Format, texts: Mapping[str, pl.Series], least: float, settle: Settle) -> Resolved:
    """How to read texts in a format, and those of which programs: where enough are lines that tell something."""
    one = settle(form, _head(pl.concat(texts.values())))
    return replace(one, programs=frozenset(n for n, said in texts.items() if _telling(said, one) >= least * len(said)))


def _telling(texts: pl.Series, one: Resolved) -> int:
    """How many texts say when they were written, or how bad it is and what."""
    told = decode_wrapped(texts.to_frame("raw"), one, frozenset({"timestamp", "level", "message"}), "UTC")
    dated, rated = pl.col("timestamp") > BEFORE, pl.col("level").is_not_null() & pl.col("message").is_not_null()
    return int((told.select(dated.fill_null(value=False) | rated).to_series() & speaks(texts, one)).sum())


def _head(texts: pl.Series) -> bytes:
    return ("\n".join(texts) + "\n").encode()


def _may_hold(form: Format) -> bool:
    return form.kind == "json" and form.open


def _may_be_told(form: Format) -> bool:
    return not (form.carries or form.general or form.kind in ("csv", "plain"))


def _around(outer: Resolved, inside: list[Resolved]) -> Resolved:
    """Have messages read on; columns of the format itself keep their names."""
    names = dict.fromkeys(name for one in inside for name in one.fields)
    taken, columns = {*outer.own, *names}, dict[str, str]()
    for name in names:
        column = name
        while column in taken and (column != name or name in outer.own):
            column = OWN + column
        taken.add(column)
        columns[name] = column
    fields: dict[str, PolarsDataType] = {}
    for name, dtype in (item for one in inside for item in one.fields.items()):
        fields[columns[name]] = common(fields.get(columns[name], dtype), dtype)
    aliases = {column: name for name, column in columns.items() if column != name}
    return replace(outer, inner=tuple(inside), aliases=aliases, fields={**outer.fields, **fields})


def _started(outer: Resolved, rule: Settled) -> Resolved:
    """Have entries of a wrapper start where those inside do."""
    form = outer.format
    if not rule or form.wraps is None or outer.rule is not None:
        return outer
    parts = After(form.continued, form.whose, form.least) if form.continued else None
    return replace(outer, rule=Inside(form.wraps, rule, form.kind == "json", form.whose, parts))
