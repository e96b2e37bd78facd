"""Which lines go on with the entry before them, in text whose format has no rule of its own.

What the runtimes of common languages print about an error is told by its shape: frames are indented or numbered, and
`Caused by:`, `... 7 more`, `goroutine 4 [running]:` or the last line of a traceback follow what they belong to. So are
the inner lines of JSON that is printed over several lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import polars as pl

__all__ = ["ANYWHERE", "HEADS", "QUOTED", "Traces", "bases", "continues", "head_of", "traced"]

BLANK: Final = r"^\s*$"
INDENT: Final = r"^(?:\t| {2}| at | \.\.\. | ?---> )"
GOROUTINE: Final = r"^goroutine [0-9]+ .*\]:\s*$"
PLACE: Final = r"^\t\S+:[0-9]+(?: |\s*$)"
"""Where in the source a frame of Go is."""

FOLLOWS: Final = (
    r"^(?:Caused by: |Suppressed: |\.\.\. [0-9]+ |Stack trace:\s*$|stack backtrace:\s*$|#[0-9]+ .*[()}]"
    r"|\[signal |note: |--- End of |[\]})]+[;,]?\s*$)"
)
"""Lines that go on with whatever is before them, though they are not indented."""

LINKS: Final = r"^(?:During handling of the above exception|The above exception was the direct cause)"
"""Between two tracebacks of Python, of one event."""

TRACEBACK: Final = r"^Traceback \(most recent call last\):\s*$"
OPENS: Final = r"^(?:Unhandled exception:|thread '.*' panicked at .*:|thread '.*' \([0-9]+\) panicked at .*:)\s*$"
"""Lines that only announce the next."""

PANIC: Final = r"^(?:panic: |fatal error: )"
SHAPES: Final = (BLANK, INDENT, GOROUTINE, FOLLOWS, LINKS, TRACEBACK, OPENS, PANIC)
SPECIAL: Final = "|".join(SHAPES)
ANYWHERE: Final = "|".join(shape.removeprefix("^") for shape in SHAPES)
"""The same, of what stands behind something."""

QUOTED: Final = "|".join(
    (
        r'(?:\\[nrt]|\\u000[9ad]|\s)*"',
        *(
            shape.removeprefix("^").replace(r"\s*$", "").replace(r"\t", r"\\(?:t|u0009)").replace(">", r"(?:>|\\u003e)")
            for shape in SHAPES[1:]
        ),
    )
)
"""What begins so in a JSON string, and more."""

RAISED: Final = r"^[A-Za-z_][\w.]*(?::|\s*$)"
"""What stands below the frames of a traceback."""

CALLED: Final = r"^(?:created by \S|[\w./*()\[\]{}·,%~$-]+\(.*\)\s*$)"
"""A function of Go, whose place is in the indented line below it."""

BASE, BLANKS, PLACED, INDENTED, CALLS, FOLLOWING, LINK, TRACE, OPENING, PANICKED = range(10)
KINDS: Final = (
    (BLANK, BLANKS),
    (PLACE, PLACED),
    (INDENT, INDENTED),
    (GOROUTINE, CALLS),
    (FOLLOWS, FOLLOWING),
    (LINKS, LINK),
    (TRACEBACK, TRACE),
    (OPENS, OPENING),
    (PANIC, PANICKED),
)

HEADS: Final = (
    r"^\[?[0-9]{4}[-/.][0-9]{2}[-/.][0-9]{2}[ T_]",
    r"^\[?[0-9]{2}[-/.][0-9]{2}[-/.][0-9]{2,4} ",
    r"^\[?[0-9]{2}[/ -][A-Z][a-z]{2}[/ -][0-9]{4}[: ]",
    r"^\[?[A-Z][a-z]{2},? (?:[A-Z][a-z]{2} )?[ 0-9][0-9] ",
    r"^\[?[0-9]{2}:[0-9]{2}:[0-9]{2}",
    r"^\[? *[0-9]{9,}(?:\.[0-9]+)?[\] ]",
    r"^<[0-9]{1,3}>",
    r"^[\[<]?(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL)\b",
)
"""How lines of logs begin: by a date, a time, a number of seconds, a priority or a level."""

USUAL: Final = 0.8
"""Of the lines that no trace explains, so many must begin alike for the others to be taken for continuations."""


@dataclass(frozen=True, slots=True)
class Traces:
    """Entries start where `continues` does not say that a line goes on with the one before."""


def continues(raw: pl.Series) -> pl.Series:
    """Which lines go on with the entry before them; the first is taken to follow nothing that matters.

    >>> lines = ["up", "Traceback (most recent call last):", '  File "a.py", line 1', "KeyError: 'x'", "down"]
    >>> continues(pl.Series(lines)).to_list()
    [False, False, True, True, False]
    """
    return traced(raw)[0]


def traced(raw: pl.Series, fresh: pl.Series | None = None) -> tuple[pl.Series, pl.Series]:
    """Which lines go on with the entry before them, and which are bases (see there).

    Those that are `fresh` (Boolean) are taken, as is the first, to follow nothing that matters.
    """
    special = raw.str.contains(SPECIAL)
    if not special.any():
        return special, ~special
    rows = special.arg_true()
    kind = pl.Series("kind", [BASE], pl.UInt8).new_from_index(0, len(raw)).scatter(rows, _kinds(raw.gather(rows)))
    new = pl.lit(False) if fresh is None else pl.lit(fresh)  # noqa: FBT003 (a value, not an option)
    before = pl.when(new).then(pl.lit(BASE)).otherwise(pl.col("kind").shift(1, fill_value=BASE))
    # Of the lines that are neither blank nor indented, the last one ahead of each.
    base = ~pl.col("kind").is_in([BLANKS, PLACED, INDENTED])
    based = pl.when(base).then("kind")
    ahead = pl.when(new).then(pl.lit(BASE)).otherwise(based.shift(1)).forward_fill().fill_null(BASE)
    frame = pl.DataFrame({"kind": kind, "raw": raw}).select("raw", "kind", base=base, before=before, ahead=ahead)
    plain = pl.col("kind") == BASE
    known = (
        pl.col("kind").is_in([PLACED, INDENTED, CALLS, FOLLOWING, LINK])
        | ((pl.col("kind") == TRACE) & (pl.col("ahead") == LINK))
        | ((pl.col("before") == OPENING) & (pl.col("kind") != BLANKS))
    )
    raised = plain & (pl.col("ahead") == TRACE) & pl.col("before").is_in([PLACED, INDENTED])
    called = plain & pl.col("before").is_in([PLACED, CALLS])
    found = frame.select("kind", "base", known=known, raised=raised, called=called)
    rows = (found["raised"] | found["called"]).arg_true()
    text, asked = raw.gather(rows), found[rows]
    own = (asked["raised"] & text.str.contains(RAISED)) | (asked["called"] & text.str.contains(CALLED))
    goes_on = found["known"] | pl.int_range(len(raw), eager=True).is_in(rows.filter(own).implode())
    # A blank line belongs to what it stands in: to an entry of several lines, or to the report of a panic.
    told = pl.when(pl.col("kind") != BLANKS).then(pl.col("on") | (pl.col("kind") == PANICKED))
    inside = told.when(new).then(pl.lit(False)).forward_fill()  # noqa: FBT003 (a value, not an option)
    blank = pl.when(pl.col("kind") == BLANKS).then(inside.fill_null(value=False)).otherwise("on")
    return found.select("kind", on=goes_on).select(blank.alias("continues")).to_series(), found["base"]


def _kinds(lines: pl.Series) -> pl.Series:
    kind = pl.lit(BASE)
    for pattern, number in reversed(KINDS):
        kind = pl.when(pl.col("raw").str.contains(pattern)).then(pl.lit(number)).otherwise(kind)
    return lines.to_frame("raw").select(kind.cast(pl.UInt8)).to_series()


def bases(raw: pl.Series) -> pl.Series:
    """Lines that are neither blank nor indented: what follows one depends on nothing ahead of it.

    >>> bases(pl.Series(["a", "  b", ""])).to_list()
    [True, False, False]
    """
    return ~raw.str.contains(rf"{BLANK}|{INDENT}")


def head_of(raw: pl.Series) -> str | None:
    """Regex by which the lines of a sample begin that start an entry; None where they have nothing in common.

    >>> head_of(pl.Series(["2024-01-01 up", "what follows", "  more", "2024-01-01 down", "2024-01-02 up"])) is None
    True
    >>> head_of(pl.Series(["[2024-01-01 09:00:00] up", "[2024-01-01 09:00:01] down"]))[:13]
    '^\\\\[?[0-9]{4}['
    """
    first = raw.filter(~continues(raw) & (raw.str.strip_chars() != ""))
    for head in HEADS:
        share = first.str.contains(head).mean()
        if isinstance(share, float) and share >= USUAL:
            return head
    return None
