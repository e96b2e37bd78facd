"""Years of a block of year-less stamps, told from how its entries begin: a tenth of the work of reading them.

Entries that begin alike up to the month have stamps of that month, if the patterns leave no other way to read them.
Where all stamps of a block lie within half a year, across New Year or not, it does not matter when in its month each
is. Of times of day alone, the hour takes the place of the month, and the day that of the year. Where a stamp may stand
behind a bracket too, entries with a digit behind each of theirs have none there that begins with the name of a month.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from logq.formats import Stamp
from logq.formats.base import distinct, group_names
from logq.read.decode.columns import CAPTURES
from logq.read.decode.heads import begins_at
from logq.read.layouts import within
from logq.read.rules import starts
from logq.read.stamps import HALF_DAY, PSEUDO_YEAR, read_stamps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from logq.read import Resolved

__all__ = ["Settled", "pseudo_stamps", "settled"]

MONTHS: Final = tuple(calendar.month_abbr)[1:]
RULES: Final = (
    (re.compile("(?:%[de] )?%[bh]"), re.compile(rf"(?:(?P<day>[0-3]?[0-9]) )?(?P<month>{'|'.join(MONTHS)})[^A-Za-z]")),
    (re.compile("%m"), re.compile("(?P<month>0[1-9]|1[0-2])")),
    (re.compile("%H"), re.compile("(?P<hour>[01][0-9]|2[0-3])")),
)
"""How a layout may begin, and the beginning of a text in it that tells the month, or the hour."""

NAME: Final = re.compile("%[bh]")
SHOWN: Final = re.compile("%[bh] (?P<day>%[de] )?(?:%Y )?%H:")
"""In a layout whose month is followed by the day or not, and by the year, if there is one."""

MANY: Final = 1 << 10
"""Of fewer entries all are read."""

BRACKETED: Final = r"\[[^0-9]"
FEW: Final = 8
MORE: Final = 64
TRIES: Final = 3
BEGINNINGS: Final = 8
"""So many ways for entries to begin are looked for in a block."""

OTHERS: Final = 0.1
"""Share of a block whose entries may begin in yet other ways: these are read."""

FIRST_DAY: Final = dt.datetime(PSEUDO_YEAR, 1, 1, tzinfo=dt.UTC)

Span = tuple[dt.datetime, dt.datetime]
"""First and last moment that stamps may be of."""


@dataclass(frozen=True, slots=True)
class Settled:
    """First and last stamp of entries, None where there is none; and the years of all that have one.

    That of the first is 0, that of the last is `turns`.
    """

    first: dt.datetime | None
    last: dt.datetime | None
    turns: int
    years: pl.Series

    @classmethod
    def of(cls, first: pl.Series, last: pl.Series, turns: int, years: pl.Series) -> Settled:
        """From the stamps at the beginning and at the end."""
        return cls(first[0] if len(first) else None, last[-1] if len(last) else None, turns, years)


@dataclass(frozen=True, slots=True)
class Beginning:
    """How entries begin, when the stamps of such are, and a regex of those among them that may have other stamps."""

    head: str
    span: Span
    doubt: str | None

    def of(self, texts: pl.Series) -> pl.Series:
        """Which texts begin so and are in no doubt."""
        alike = texts.str.starts_with(self.head)
        return alike if self.doubt is None else alike & ~texts.str.contains(self.doubt)


def pseudo_stamps(raw: pl.Series, file: Resolved) -> pl.Series:
    """Stamps of entries, all read in one leap year, or on its first day."""
    form = file.yearless or file
    layouts = _layouts(form)
    rows = _candidates(raw, form)
    texts = _texts(raw if rows is None else raw.gather(rows), form)
    if all(NAME.match(layout) for layout in layouts):
        named = texts.str.contains("^[^0-9]").arg_true()
        texts, rows = texts.gather(named), named if rows is None else rows.gather(named)
    found = read_stamps(texts, layouts, "UTC").struct["timestamp"]
    return found if rows is None else found.clear(len(raw)).scatter(rows, found)


def _candidates(raw: pl.Series, form: Resolved) -> pl.Series | None:
    """Entries in which there may be a stamp; None for all, where it would not pay to tell."""
    if form.format.kind != "regex" or form.stamp in form.format.derived:
        return None
    trace = "|".join(map(within, _layouts(form)))
    sample = raw.gather_every(max(1, len(raw) // MORE))
    if len(raw) < MANY or 2 * int(sample.str.contains(trace).sum()) > len(sample):
        return None
    return raw.str.contains(trace).arg_true()


def settled(raw: pl.Series, file: Resolved, half: int) -> Settled | None:
    """Entries of which most begin alike → their years; None where that does not tell. `half`: of the period, in µs.

    >>> from logq.plan import Scan
    >>> from logq.read import FileRef, resolve_file
    >>> from logq.read.stamps import HALF_YEAR
    >>> log = pl.Series(["Mar  5 09:14:02 h a[1]: x"] * 20 + ["Dec 24 09:14:02 h a[1]: y"])
    >>> file = resolve_file(FileRef("a", buffer=chr(10).join(log).encode()), Scan(sources=("a",)))
    >>> settled(log, file, HALF_YEAR).years.to_list()[-3:], settled(log.head(20), file, HALF_YEAR).years.unique().item()
    ([0, 0, -1], 0)
    """
    kinds: list[tuple[Span, pl.Series]] = []
    dated: list[pl.Series] = []
    rows, left = pl.int_range(len(raw), eager=True), raw
    while len(rows) > OTHERS * len(raw):
        found = _beginning(left.head(FEW), file.yearless or file) if len(kinds) < BEGINNINGS else None
        if found is None:
            return None
        alike = found.of(left)
        bare = _without_year(left.filter(alike), found.head, file.yearless or file)
        if bare is None:
            return None
        kinds.append((found.span, rows.filter(alike).filter(bare)))
        dated.append(rows.filter(alike).filter(~bare))
        rows, left = rows.filter(~alike), left.filter(~alike)
    undated = raw if not any(map(len, dated)) else raw.gather(pl.concat([rows, *(some for _, some in kinds)]).sort())
    head, tail = undated.head(FEW), undated.tail(FEW)
    read = pseudo_stamps(pl.concat([head, tail, left]), file)
    others = read.slice(len(head) + len(tail))
    cut = _cut([*(span for span, some in kinds if len(some)), *_spans(others, half)], half)
    if cut is None:
        return None
    first, last = _known(read.head(len(head)), read.slice(len(head), len(tail)), undated, file)
    before = [some for (start, _), some in kinds if start >= cut]
    late = len(first) > 0 and bool(first[0] >= cut)
    before += [rows.filter((others >= cut).fill_null(late)), *(dated if late else [])]
    years = pl.Series([int(late)], dtype=pl.Int32).new_from_index(0, len(raw))
    turns = int(late) - int(len(last) > 0 and bool(last[-1] >= cut))
    return Settled.of(first, last, turns, years.scatter(pl.concat(before), int(late) - 1))


def _texts(raw: pl.Series, form: Resolved) -> pl.Series:
    values, _ = CAPTURES[form.format.kind](raw, form, frozenset({form.stamp or ""}), explain=False)
    return values[form.stamp or ""]


def _layouts(form: Resolved) -> tuple[str, ...]:
    return tuple(layout for layout in form.layouts if Stamp.yearless(layout))


def _beginning(few: pl.Series, form: Resolved) -> Beginning | None:
    """How entries begin, if that tells when their stamps are."""
    group = form.stamp or ""
    patterns = [pattern for pattern in form.patterns if group in group_names(pattern)]
    rule, *others = {_rule(layout) for layout in _layouts(form)}
    if rule is None or others or not patterns or any(len(distinct(pattern)[1][group]) > 1 for pattern in patterns):
        return None
    named = all(NAME.match(layout) for layout in _layouts(form))
    bracketed = re.compile(rf"(?<!\\)\\\[\(\?P?<{re.escape(group)}>")
    free = [pattern for pattern in patterns if not named or not bracketed.search(pattern)]
    doubt = BRACKETED if len(free) < len(patterns) else None
    tried = 0
    for text, stamp in zip(few, _texts(few, form), strict=True):
        found = rule.match(stamp or "")
        place = text.find(stamp) if found else 0
        found = found or (rule.search(text) if doubt else None)
        if found is None or tried == TRIES:
            continue
        tried += 1
        place += found.start()
        head = text[: place + len(found[0])]
        if all(begins_at(pattern, group, head, place) for pattern in free):
            return Beginning(head, _span(**found.groupdict()), doubt)
    return None


def _without_year(alike: pl.Series, head: str, form: Resolved) -> pl.Series | None:
    """Which of the entries that begin so lack the year; None where that does not show in what follows."""
    if all(Stamp.yearless(layout) or _rule(layout) is None for layout in form.layouts):
        return pl.Series([True]).new_from_index(0, len(alike))
    shown = {SHOWN.search(layout) for layout in form.layouts if _rule(layout) is not None}
    days = {found and bool(found["day"]) for found in shown}
    if len(days) > 1 or None in days:
        return None
    day = " ?[0-9]{1,2} " if True in days else ""
    bare, full = (f"^{re.escape(head)}{day}{rest}" for rest in ("[0-2][0-9]:", "[0-9]{4} "))
    with_year = starts(alike, full)
    return ~with_year if alike.filter(~with_year).str.contains(bare).all() else None


def _rule(layout: str) -> re.Pattern[str] | None:
    dateless = Stamp.dateless(layout)
    fitting = (text for begun, text in RULES if begun.match(layout) and ("hour" in text.groupindex) == dateless)
    return next(fitting, None)


def _span(*, day: str | None = None, month: str | None = None, hour: str | None = None) -> Span:
    """When stamps are that begin so."""
    if month is None:
        start = FIRST_DAY + dt.timedelta(hours=int(hour or 0))
        return start, start + dt.timedelta(hours=1)
    number = MONTHS.index(month) if month in MONTHS else int(month) - 1
    start, end = (FIRST_DAY.replace(year=PSEUDO_YEAR + n // 12, month=n % 12 + 1) for n in (number, number + 1))
    first = start + dt.timedelta(days=int(day or 1) - 1)
    return first, first + dt.timedelta(days=1) if day else end


def _spans(stamps: pl.Series, half: int) -> list[Span]:
    """Days on which stamps are, or hours of a day."""
    unit = dt.timedelta(hours=1) if half == HALF_DAY else dt.timedelta(days=1)
    return [(start, start + unit) for start in stamps.drop_nulls().dt.truncate(unit).unique()]


def _cut(spans: Sequence[Span], half: int) -> dt.datetime | None:
    """Where a period must be cut so that all spans, those from there on put ahead of it, lie within half of it.

    None where they do not, however it is cut.
    """
    wide, period = dt.timedelta(microseconds=half), 2 * dt.timedelta(microseconds=half)
    ordered = sorted(spans)
    for start, _ in ordered:
        ends = [end - period if first >= start else end for first, end in ordered]
        if max(ends) - (start - period) < wide:
            return start
    return None


def _known(first: pl.Series, last: pl.Series, raw: pl.Series, file: Resolved) -> tuple[pl.Series, pl.Series]:
    """Stamps of the entries at both ends, of as many as it takes to find any."""
    many = FEW * MORE
    while not (first.count() and last.count()) and 2 * many < len(raw):
        both = pseudo_stamps(pl.concat([raw.head(many), raw.tail(many)]), file)
        first, last = both.head(many), both.tail(many)
        many *= FEW
    if not (first.count() and last.count()):
        first = last = pseudo_stamps(raw, file)
    return first.drop_nulls(), last.drop_nulls()
