"""Which process a line is of, in a file that several write into, and which lines of a process start its entries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from logq.errors import BuildError
from logq.plan import HIDDEN
from logq.read.lines import BODY, lines_of
from logq.read.rules import After, Inside, starts
from logq.read.traces import Traces, traced
from logq.schema import CANONICAL

if TYPE_CHECKING:
    from logq.read.rules import Rule

__all__ = ["AT", "PROCESS", "check_by", "fresh", "key_name", "keyed", "passed", "told", "untangled"]

PROCESS: Final = f"{HIDDEN}process"
"""Which process an entry is of; null ahead of the first line that names one."""

AT: Final = f"{HIDDEN}at"
"""Bytes of text ahead of a line."""

NEVER: Final = 1 << 62
"""Nothing lies out of reach of what is there."""


def check_by(by: str) -> None:
    r"""Refuse a regex that does not tell one process by one thing.

    Raises
    ------
    BuildError
        Several groups, or one of a name that a canonical column has.

    >>> check_by("^([a-z]+) ([0-9]+) ")
    Traceback (most recent call last):
    ...
    logq.errors.BuildError: scan(by='^([a-z]+) ([0-9]+) '): 2 groups; one, or else the whole match, names the process
    """
    groups = len(_groups(by)) - 1
    if groups > 1:
        msg = f"scan(by={by!r}): {groups} groups; one, or else the whole match, names the process"
        raise BuildError(msg)
    name = key_name(by)
    if name is not None and (name in CANONICAL or name.startswith(HIDDEN)):
        msg = f"scan(by={by!r}): {name!r} is a column of every scan; name the group otherwise"
        raise BuildError(msg)


def key_name(by: str) -> str | None:
    """Name of the group that names the process, if it has one.

    >>> key_name(r"^(?P<container>\\S+) +[|] "), key_name(r"^(\\d+) "), key_name(r"^\\d+ ")
    ('container', None, None)
    """
    names = _groups(by)[1:]
    return names[0] if names and not names[0].isdigit() else None


def _groups(by: str) -> list[str]:
    """Names, or numbers, of all that is captured: the match as a whole, and the groups in it."""
    return pl.Series([""]).str.extract_groups(f"({by})").struct.fields


def untangled(text: bytes, by: str) -> bytes:
    """Lines of a sample, process by process, without what names the process at their head.

    >>> untangled(b"a| x\\nb| y\\n  z\\na|   at f\\n", "^([a-z])[|] ")
    b'x\\n  at f\\ny\\n  z\\n'
    """
    lines = keyed(lines_of(text), by).with_columns(pl.col(PROCESS).forward_fill())
    return "".join(f"{line}\n" for line in lines.sort(PROCESS, maintain_order=True)[BODY]).encode()


def keyed(lines: pl.DataFrame, by: str) -> pl.DataFrame:
    """Add which process a line names, null where it names none, and the text that is left of it."""
    found = lines["raw"].str.extract_groups(f"({by})").struct.unnest()
    match, key = found.to_series(0), found.to_series(min(1, found.width - 1))
    body = pl.when(match.is_null()).then("raw").otherwise(pl.col("raw").str.strip_prefix(match))
    return lines.with_columns(key.alias(PROCESS), body.alias(BODY))


def fresh(lines: pl.DataFrame) -> pl.Series:
    """Which of the lines, sorted by process, are the first of their process."""
    return lines[PROCESS].ne_missing(lines[PROCESS].shift(1)) | (pl.int_range(lines.height, eager=True) == 0)


def told(lines: pl.DataFrame, rule: Rule | None, reach: int, *, whole: bool) -> tuple[pl.Series, pl.Series]:
    """Which lines, sorted by process, start an entry, and which of these do whatever stood before them.

    `whole`: nothing stood before the first of a process, which thus is one of both. So is one that lies out of reach of
    the last of the latter, which is found one after another: there are none but in files that hardly any line starts an
    entry in.
    """
    new = fresh(lines)
    forced = new if whole else new & False
    while True:
        first, sure = _starts(lines[BODY], rule, new, forced, whole=whole)
        first, sure = first | forced, sure | forced
        over = _out_of_reach(lines[AT], new, sure, reach)
        if over is None:
            return first, sure
        forced |= over


def _starts(
    body: pl.Series, rule: Rule | None, new: pl.Series, forced: pl.Series, *, whole: bool
) -> tuple[pl.Series, pl.Series]:
    match rule:
        case None:
            return new | True, new | True
        case Traces():
            on, settled = traced(body, new | forced)
            return ~on, ~on & settled & (True if whole else _behind(settled | forced, new))
        case Inside():
            (first, own), settled = rule.told(body, new | forced), rule.settled(body)
            return first, own & settled & (True if whole else _behind(settled | forced, new))
        case After():
            first = starts(body, rule) | new
            return first, first & ~new
    first = starts(body, rule) if len(body) else new
    return first, first


def _behind(known: pl.Series, new: pl.Series) -> pl.Series:
    """Which lines stand behind one that is `known`, of the same process."""
    seen = known.cast(pl.Int64).cum_sum().shift(1, fill_value=0)
    told = pl.DataFrame({"new": new, "seen": seen})
    return told.select(pl.col("seen") > pl.when("new").then("seen").forward_fill()).to_series()


def _out_of_reach(at: pl.Series, new: pl.Series, sure: pl.Series, reach: int) -> pl.Series | None:
    """Which lines are the first out of reach of the last sure start of their process; None where none is."""
    if not len(at) or int(at.max()) - int(at.min()) < reach:  # type: ignore[arg-type]
        return None
    lines = pl.DataFrame({"at": at, "new": new, "sure": sure})
    opened = pl.when("sure").then("at").when("new").then(pl.lit(NEVER)).forward_fill()
    over = lines.select(pl.col("at") - opened >= reach).to_series()
    return over & ~over.shift(1, fill_value=False) if over.any() else None


def passed(lines: pl.DataFrame, sure: pl.Series) -> tuple[pl.Series, pl.Series]:
    """How many sure starts of its process there are up to each line, and behind it."""
    new = fresh(lines)
    told = pl.DataFrame({"fresh": new, "last": new.shift(-1, fill_value=True), "seen": sure.cast(pl.Int64)})
    told = told.with_columns(pl.col("seen").cum_sum(), before=pl.col("seen").cum_sum() - pl.col("seen"))
    found = told.select(
        seen=pl.col("seen") - pl.when("fresh").then("before").forward_fill(),
        left=pl.when("last").then("seen").backward_fill() - pl.col("seen"),
    )
    return found["seen"], found["left"]
