"""Where entries start: at a head, behind lines that do not go on, where no trace does, or as wrapped logs have it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final, TypeAlias

import polars as pl

from logq.formats.custom.syntax import Seq, Unparsed, Zero, parse, render
from logq.read.quotes import Quoted
from logq.read.traces import ANYWHERE, QUOTED, Traces, bases, traced

__all__ = ["After", "Inside", "Rule", "settled", "starts", "sure_starts"]

LOOKS_PAST: Final = re.compile(r"\$|\\[bBzZ<>]")
STRING: Final = r'((?:[^"\\]|\\.)*)"'
"""Group of the text of a JSON string."""

ANCHORED: Final = re.compile(r"(?<![\[\\])\^|\\A|\(\?[a-zA-Z]*m")
"""What looks for a beginning."""

ESCAPED: Final = {
    "\\t": "\t",
    "\\n": "\n",
    "\\r": "\r",
    '\\"': '"',
    "\\\\": "\\",
    "\\/": "/",
    "\\u003c": "<",
    "\\u003e": ">",
    "\\u0026": "&",
    "\\u001b": "\x1b",
    "\\u0009": "\t",
}
"""What Docker, which is written in Go, puts for characters by which lines are told apart; others stand as they are."""


@dataclass(frozen=True, slots=True)
class After:
    """Where entries start: after a line that `continued` does not match, or of another by the group of `whose`.

    Only lines of at least so many bytes as `least` may go on.
    """

    continued: str
    whose: str | None = None
    least: int = 0

    def going_on(self, raw: pl.Series) -> pl.Series:
        """Rows of the lines that go on with the one before them; the first is taken to follow the end of an entry."""
        rows = (raw.str.len_bytes() >= self.least).arg_true() if self.least else pl.int_range(len(raw), eager=True)
        asked = raw if len(rows) == len(raw) else raw.gather(rows)
        rows = rows.filter(asked.str.contains(self.continued)).cast(pl.Int64) + 1
        rows = rows.filter(rows < len(raw))
        return rows.filter(~_others(raw, rows, self.whose))


@dataclass(frozen=True, slots=True)
class Inside:
    """Where entries start that come line by line, each in a wrapper: where `rule` has it of the messages.

    `message` is a regex whose first group is the message of a line, as it is `escaped` in JSON or as it is. Lines that
    are no wrapper's are entries by themselves, and none goes on in the line of another by the group of `whose`, nor
    starts where the line before comes in parts.
    """

    message: str
    rule: Rule
    escaped: bool = False
    whose: str | None = None
    parts: After | None = None

    def told(self, raw: pl.Series, fresh: pl.Series | None = None) -> tuple[pl.Series, pl.Series]:
        """Which lines start an entry, and which of these do by what they say, not by what stands before them.

        The first and those that are `fresh` are taken to follow what does not matter.
        """
        own, other = self._traced(raw, fresh) if isinstance(self.rule, Traces) else self._headed(raw)
        first = own.clone().scatter(other, values=True)
        if self.parts is None:
            return first, own
        parts = self.parts.going_on(raw)
        return first.scatter(parts, values=False), own.scatter(parts, values=False)

    def _traced(self, raw: pl.Series, fresh: pl.Series | None) -> tuple[pl.Series, pl.Series]:
        """Which lines start an entry by themselves, and rows of those behind lines of another."""
        head = _ahead(self.message)
        if head is not None and not raw.str.contains(f"{head}(?:{QUOTED if self.escaped else ANYWHERE})").any():
            return pl.repeat(value=True, n=len(raw), eager=True), raw.head(0).cast(pl.UInt32)
        texts = self.messages(raw)
        torn = texts.is_null()
        other = self._others(raw, pl.int_range(len(raw), eager=True), torn.arg_true())
        new = (torn & False).scatter(other, values=True)
        return ~traced(texts, new if fresh is None else new | fresh)[0] | torn, other

    def _headed(self, raw: pl.Series) -> tuple[pl.Series, pl.Series]:
        """The same, of lines whose messages a rule is asked of one by one."""
        head = None if self.escaped or not isinstance(self.rule, str) else _ahead(self.message)
        rest = None if head is None else _behind(str(self.rule))
        if rest is None:
            texts = self.messages(raw)
            first, torn = starts(texts, self.rule).fill_null(value=True), texts.is_null().arg_true()
        else:
            first = raw.str.contains(f"{head}(?:{rest})")
            rows = (~first).arg_true()
            torn = rows.filter(~raw.gather(rows).str.contains(self.message))
        first = first.scatter(torn, values=True)
        return first, self._others(raw, (~first).arg_true(), torn)

    def _others(self, raw: pl.Series, rows: pl.Series, torn: pl.Series) -> pl.Series:
        """Of some rows, those behind a line of another, or of no wrapper."""
        before = rows.cast(pl.Int64) - 1
        return rows.filter(_others(raw, rows, self.whose) | before.is_in(torn.cast(pl.Int64).implode()))

    def settled(self, raw: pl.Series) -> pl.Series:
        """Which lines leave no doubt about those behind them."""
        texts = self.messages(raw)
        return texts.is_null() | (bases(texts.fill_null("")) if isinstance(self.rule, Traces) else True)

    def messages(self, raw: pl.Series) -> pl.Series:
        """Messages of lines; null where a line is no wrapper's."""
        texts = raw.str.extract(self.message)
        if not self.escaped:
            return texts
        texts = texts.str.strip_suffix("\\n").str.strip_suffix("\\r")
        rows = texts.str.contains("\\", literal=True).arg_true()
        return texts.scatter(rows, texts.gather(rows).str.replace_many(ESCAPED)) if len(rows) else texts


Rule: TypeAlias = "str | After | Traces | Inside | Quoted"
"""Where entries start: at lines that a regex matches, or one of these."""


@cache
def _ahead(message: str) -> str | None:
    """What stands ahead of the message of a line, if that begins with any text."""
    head, group, _ = message.partition("(.*)$")
    if not group:
        head, group, _ = message.partition(STRING)
    return head if message.startswith("^") and group else None


@cache
def _behind(start: str) -> str | None:
    """The same regex, to stand behind another; None where it looks for more than the beginning of a text."""
    try:
        tree = parse(start)
    except Unparsed:
        return None
    first, *others = tree.items if isinstance(tree, Seq) else (tree,)
    rest = "".join(map(render, others))
    return rest if first == Zero("^") and not ANCHORED.search(rest) else None


def _others(raw: pl.Series, rows: pl.Series, whose: str | None) -> pl.Series:
    """Which of the lines at some rows are of another than those before them; not the first, as far as is known."""
    if whose is None:
        return pl.repeat(value=False, n=len(rows), eager=True)
    line, before = (raw.gather(at).str.extract(whose) for at in (rows, (rows.cast(pl.Int64) - 1).clip(0)))
    return line.ne_missing(before)


def starts(raw: pl.Series, start: Rule) -> pl.Series:
    """Which lines start an entry, the first taken to follow the end of one.

    >>> starts(pl.Series(["E a", "  at b"]), "^E").to_list()
    [True, False]
    >>> starts(pl.Series(["a+", "b", "c"]), After(r"[+]$")).to_list()
    [True, False, True]
    >>> inside = Inside(r"^\\d[|] (.*)", Traces(), whose=r"^(\\d)")
    >>> starts(pl.Series(["1| up", "1|   at f", "2|   at g"]), inside).to_list()
    [True, False, True]
    """
    match start:
        case Traces():
            return ~traced(raw)[0]
        case Quoted():
            return start.starts(raw)
        case Inside():
            return start.told(raw)[0]
        case After():
            return pl.repeat(value=True, n=len(raw), eager=True).scatter(start.going_on(raw), values=False)
    return _heads(raw, start)


def _heads(raw: pl.Series, start: str) -> pl.Series:
    """Lines that a regex matches.

    Most lines of a block begin alike (the same hour, say): what it matched at the head of the first line settles it for
    every line with that prefix, by comparison, at a fraction of the cost. Not so if it looks past what it matches.
    """
    prefix: str | None = (
        None if LOOKS_PAST.search(start) else next(iter(raw.head(1).str.extract(f"^({start})", 1)), None)
    )
    if not prefix:
        return raw.str.contains(start)
    alike = raw.str.starts_with(prefix)
    if alike.all():
        return alike
    if 2 * int(alike.sum()) < len(raw):
        return raw.str.contains(start)
    other = (~alike).arg_true()
    return alike.scatter(other, raw.gather(other).str.contains(start))


def settled(raw: pl.Series, start: Rule) -> pl.Series:
    """Which lines leave no doubt about whether those behind them start an entry.

    >>> settled(pl.Series(["a", "  b"]), Traces()).to_list(), settled(pl.Series(["a", "  b"]), "^a").to_list()
    ([True, False], [True, True])
    """
    match start:
        case Traces():
            return bases(raw)
        case Inside():
            return start.settled(raw)
    return pl.repeat(value=True, n=len(raw), eager=True)


def sure_starts(raw: pl.Series, start: Rule) -> pl.Series:
    """Which lines start an entry whatever stood before the first of them.

    >>> sure_starts(pl.Series(["a", "b", "  c", "d"]), Traces()).to_list()
    [False, True, False, True]
    """
    first = start.told(raw)[1] if isinstance(start, Inside) else starts(raw, start)
    if isinstance(start, str):
        return first
    known = settled(raw, start)
    return first & known & known.shift(1, fill_value=False).cum_max()
