"""What a format is: data that says how one line of text becomes the canonical columns and fields of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

import polars as pl

from logq.errors import FormatError, PatternError
from logq.formats._stamp import EPOCHS, Stamp
from logq.formats.custom.builders import Builders
from logq.schema import CANONICAL, SEVERITY_OF

if TYPE_CHECKING:
    from collections.abc import Mapping

    from polars._typing import PolarsDataType

__all__ = ["EPOCHS", "Format", "Kind", "Sample", "Stamp", "check_pattern", "distinct", "group_names", "keep_groups"]

Kind = Literal["regex", "json", "logfmt", "csv", "plain"]

FLAGS: Final = re.compile(r"\(\?[A-Za-z]*[ixU]")
WORDS: Final = re.compile(r"(?:[A-Za-z0-9|+*]|\(\?:|\)\??|\[[A-Za-z0-9-]+\]\??)+")
GROUP: Final = re.compile(r"(?<!\\)((?:\\\\)*)\(\?P?<([A-Za-z_][A-Za-z0-9_.]*)>")
UNSUPPORTED: Final = (
    (re.compile(r"(?<!\\)\(\?="), "look-ahead (?=…)"),
    (re.compile(r"(?<!\\)\(\?!"), "negative look-ahead (?!…)"),
    (re.compile(r"(?<!\\)\(\?<="), "look-behind (?<=…)"),
    (re.compile(r"(?<!\\)\(\?<!"), "negative look-behind (?<!…)"),
    (re.compile(r"(?<!\\)\(\?>"), "atomic group (?>…)"),
    (re.compile(r"(?<!\\)(?:\\\\)*\\[1-9]"), "back-reference \\1"),
    (re.compile(r"(?<!\\)\(\?P=|(?<!\\)(?:\\\\)*\\k<"), "named back-reference"),
)


@dataclass(frozen=True, slots=True)
class Sample:
    """One real entry and what it must parse to; `expected` names only the columns it asserts."""

    text: str
    expected: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Format(Builders):
    """A log format.

    Parameters
    ----------
    name, title
        The name users write and the line documentation shows.
    kind
        `regex` reads `patterns`; `json` and `logfmt` are open (fields come from the data);
        `csv` splits on `separator`; `plain` takes any line as its own message.
    patterns
        Rust regexes with named groups, tried in order on the whole entry.
    stamp
        Where the time stands. None: the format has no time.
    level, message
        Fields that hold the severity word and the human part, first present one wins.
    severities
        This format's own words for severities (lower case), over the common table.
    dtypes
        Types of its own fields; a field not named here is a String.
    derived
        Further columns (or `severity`) computed from the captured fields. In an open format one whose fields the data
        lacks is left out. Of a name that begins with `_` it is no column, but a step on the way to others.
    renames
        For `json`/`csv`: names as the data has them (paths joined by dots) → names of columns.
    marks
        For `json`/`csv`: regexes that each line of this format matches, and those of others seldom do; for detection.
    nulls
        Texts that mean "no value".
    start
        Regex that the first line of an entry matches; lines that do not are continuations.
        None: every line is an entry.
    continued
        Regex of a line whose entry goes on in the next line; any other ends its entry.
    whose
        Regex whose first group tells whose a line is. An entry does not go on in the line of another.
    least
        With `continued`: only lines of so many bytes or more may go on.
    general
        Whether detection takes it only where no other format accounts for a file.
    wraps
        Regex whose first group is the message, as it stands in a line: a line of another log, to be read on in the
        format it is in. Entries start where those inside do.
    programs
        With `wraps`, of kind `json`: column that tells which program a message is of. Each program may have a format of
        its own, or none, and a line is an entry.
    separator, header
        For `csv`: one ASCII character, or any text if not `quoted`. `header=None` lets the sample decide.
    columns
        For `csv` without a header: the names.
    directive
        For `csv`: regex of the line of a head, such as `#Fields: …`, which names the columns in its first group. Lines
        that begin like it (`#Version:`, `#path` and a tab) are no entries, wherever they stand.
    quoted
        For `csv`: whether a value that begins with a quote goes on to the next one.
    fixed
        For `json`/`csv`: the schema is closed, nothing is inferred.
    samples
        Entries with expected values: test, documentation and detector at once.
    """

    name: str
    title: str
    kind: Kind = "regex"
    patterns: tuple[str, ...] = ()
    stamp: Stamp | None = None
    level: tuple[str, ...] = ("level",)
    message: tuple[str, ...] = ("message",)
    severities: Mapping[str, int] = field(default_factory=dict)
    dtypes: Mapping[str, PolarsDataType] = field(default_factory=dict)
    derived: Mapping[str, pl.Expr] = field(default_factory=dict)
    renames: Mapping[str, str] = field(default_factory=dict)
    marks: tuple[str, ...] = ()
    nulls: tuple[str, ...] = ()
    start: str | None = None
    continued: str | None = None
    whose: str | None = None
    least: int = 0
    general: bool = False
    wraps: str | None = None
    programs: str | None = None
    separator: str = ","
    header: bool | None = None
    columns: tuple[str, ...] = ()
    directive: str | None = None
    quoted: bool = True
    fixed: bool = False
    reference: str = ""
    samples: tuple[Sample, ...] = ()

    def __post_init__(self) -> None:
        self._check_types()
        if not re.fullmatch(r"[a-z][a-z0-9_]*", self.name):
            msg = f"format name {self.name!r} must be lower-case letters, digits and underscores"
            raise FormatError(msg)
        if (self.kind == "regex") != bool(self.patterns):
            msg = f"format {self.name!r}: patterns belong to kind 'regex' and only there"
            raise FormatError(msg)
        for pattern in (
            *self.patterns,
            *self.marks,
            *filter(None, (self.start, self.continued, self.whose, self.wraps, self.directive)),
        ):
            check_pattern(pattern, where=f"format {self.name!r}")
        if self.programs is not None and (self.wraps is None or self.kind != "json"):
            msg = f"format {self.name!r}: programs={self.programs!r} belongs to `wraps` of kind 'json' and only there"
            raise FormatError(msg)
        if self.kind == "csv":
            self._check_columns()
        clash = {n for p in self.patterns for n in group_names(p)} & (
            CANONICAL.keys() - {"timestamp", "level", "message"}
        )
        if clash:
            msg = f"format {self.name!r}: groups {sorted(clash)} collide with canonical columns; rename them"
            raise FormatError(msg)

    def _check_types(self) -> None:
        """Refuse what is no text where one belongs, and a text where several do."""
        for name in (
            "name",
            "title",
            "kind",
            "start",
            "continued",
            "whose",
            "wraps",
            "programs",
            "separator",
            "directive",
        ):
            value = getattr(self, name)
            if not isinstance(value, str) and (value is not None or name in ("name", "title", "kind", "separator")):
                msg = f"format {self.name!r}: {name}={value!r} is no text"
                raise FormatError(msg)
        for name in ("patterns", "level", "message", "marks", "nulls", "columns"):
            value = getattr(self, name)
            several = isinstance(value, Sequence) and not isinstance(value, str)
            if not several or not all(isinstance(one, str) for one in value):
                msg = f"format {self.name!r}: {name}={value!r} is no tuple of texts"
                raise FormatError(msg)

    def _check_columns(self) -> None:
        one = len(self.separator.encode()) == 1 and self.separator != '"'
        if not self.separator or {*self.separator} & {"\r", "\n"} or (self.quoted and not one):
            msg = f"format {self.name!r}: {self.separator!r} separates no values; write one ASCII character, no quote"
            raise FormatError(msg)
        if len({*self.columns}) < len(self.columns):
            msg = f"format {self.name!r}: columns {list(self.columns)} have a name twice"
            raise FormatError(msg)

    @property
    def open(self) -> bool:
        """Whether the fields are known only from the data."""
        return self.kind in ("json", "logfmt", "csv") and not self.fixed

    @property
    def carries(self) -> bool:
        """Whether a message is but a line of one log, and nothing by itself."""
        return self.wraps is not None and self.programs is None

    @property
    def heads(self) -> tuple[str, ...]:
        """Regexes of which a line that starts an entry matches one; none where any line may."""
        if self.start is not None:
            return (self.start,)
        return {"json": (r"^\s*\{",), "regex": tuple(keep_groups(p, frozenset()) for p in self.patterns)}.get(
            self.kind, ()
        )

    @property
    def severity_table(self) -> Mapping[str, int]:
        """Word, as `error`, `ERROR` or `Error`, → severity number; the format's own words over the common ones."""
        words = {**SEVERITY_OF, **self.severities}
        return MappingProxyType(
            {case(word): number for word, number in words.items() for case in (str.lower, str.upper, str.capitalize)}
        )

    def may_say(self, word: str) -> bool:
        """Whether an entry's level may be written as `word`: not if every pattern spells out what it takes, and not this.

        >>> from logq.formats import FORMATS
        >>> FORMATS["log4j"].may_say("ERROR"), FORMATS["log4j"].may_say("err"), FORMATS["json"].may_say("err")
        (True, False, True)
        """
        bodies = [_body(p, n) for p in self.patterns for n in self.level if n in group_names(p)]
        return not bodies or any(body is None or body.fullmatch(word) for body in bodies)

    @property
    def groups(self) -> tuple[str, ...]:
        """Every named group of the patterns, in order of appearance."""
        return tuple(dict.fromkeys(n for p in self.patterns for n in group_names(p)))

    @property
    def fields(self) -> dict[str, PolarsDataType]:
        """The format's own columns in order, canonical ones left out."""
        captured = {n: self.dtypes.get(n, pl.String()) for n in self.groups if n not in CANONICAL}
        computed = {n: self.dtypes.get(n, pl.String()) for n in self.derived if n not in CANONICAL and n[0] != "_"}
        named = {n: t for n, t in self.dtypes.items() if self.fixed and n not in CANONICAL}
        return {**captured, **computed, **named}


@cache
def _body(pattern: str, group: str) -> re.Pattern[str] | None:
    """Regex inside a named group, if it is of letters and digits only and so matches nothing but words."""
    opened = re.search(rf"\(\?P?<{re.escape(group)}>", pattern)
    if opened is None or FLAGS.search(pattern) or len(distinct(pattern)[1][group]) > 1:
        return None
    depths = accumulate(({"(": 1, ")": -1}.get(c, 0) for c in pattern[opened.end() :]), initial=1)
    length = next((i for i, depth in enumerate(depths) if not depth), len(pattern)) - 1
    body = pattern[opened.end() : opened.end() + length]
    return re.compile(body) if WORDS.fullmatch(body) else None


@cache
def group_names(pattern: str) -> tuple[str, ...]:
    """Named groups of `pattern`, in order, each once.

    >>> group_names(r"(?P<a>x)(?:y)(?<b>z)")
    ('a', 'b')
    """
    return tuple(dict.fromkeys(m[2] for m in GROUP.finditer(pattern)))


@cache
def distinct(pattern: str) -> tuple[str, Mapping[str, tuple[str, ...]]]:
    """Tell repeated groups apart, which the engine refuses: the pattern for it, and the groups each name stands for.

    >>> distinct(r"(?P<a>x)|(?P<a>y)")
    ('(?P<a>x)|(?P<a[2]>y)', mappingproxy({'a': ('a', 'a[2]')}))
    """
    groups: dict[str, tuple[str, ...]] = {}

    def one(found: re.Match[str]) -> str:
        name = found[2]
        known = groups.get(name, ())
        groups[name] = (*known, f"{name}[{len(known) + 1}]" if known else name)
        return f"{found[1]}(?P<{groups[name][-1]}>"

    return GROUP.sub(one, pattern), MappingProxyType(groups)


@cache
def keep_groups(pattern: str, wanted: frozenset[str]) -> str:
    """The same pattern, capturing only `wanted`: every other named group becomes `(?:…)`.

    >>> keep_groups(r"(?P<a>x)(?P<b>y)", frozenset({"b"}))
    '(?:x)(?P<b>y)'
    """
    return GROUP.sub(lambda m: m[0] if m[2] in wanted else f"{m[1]}(?:", pattern)


def check_pattern(pattern: str, *, where: str) -> None:
    """Refuse a pattern that a linear-time engine cannot run, naming the construct.

    Raises
    ------
    PatternError
        No text, look-around, back-references, atomic groups, or a syntax error (Polars' own words are quoted).

    >>> check_pattern(r"a(?=b)", where="here")
    Traceback (most recent call last):
    ...
    logq.errors.PatternError: here: look-ahead (?=…) is not supported by a linear-time regex engine in 'a(?=b)'
    """
    try:
        odd = next((name for construct, name in UNSUPPORTED if construct.search(pattern)), None)
    except TypeError as error:
        msg = f"{where}: {pattern!r} is no pattern, which is a text"
        raise PatternError(msg) from error
    if odd is not None:
        msg = f"{where}: {odd} is not supported by a linear-time regex engine in {pattern!r}"
        raise PatternError(msg)
    try:
        pl.select(pl.lit("").str.contains(distinct(pattern)[0]))
    except pl.exceptions.ComputeError as error:
        msg = f"{where}: {error}"
        raise PatternError(msg) from error
