"""Grok expressions → a pattern. The definitions use no look-around: what they match is bounded by what stands around."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from logq.errors import FormatError, nearest
from logq.formats._names import STAMP
from logq.formats._stamp import Stamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from polars._typing import PolarsDataType

__all__ = ["GROK", "parts"]

REFERENCE: Final = re.compile(r"%\{(\w+)(?::([^:}]+))?(?::(int|float|string))?\}")
NESTED: Final = re.compile(r"\]\[")
FIELD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
TYPES: Final[Mapping[str, PolarsDataType]] = {"int": pl.Int64(), "float": pl.Float64()}

GROK: Final[Mapping[str, str]] = {
    "USERNAME": r"[\w.-]+",
    "USER": "%{USERNAME}",
    "INT": r"[+-]?[0-9]+",
    "NUMBER": r"[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)",
    "BASE10NUM": "%{NUMBER}",
    "POSINT": "[1-9][0-9]*",
    "NONNEGINT": "[0-9]+",
    "WORD": r"\w+",
    "NOTSPACE": r"\S+",
    "SPACE": r"\s*",
    "DATA": ".*?",
    "GREEDYDATA": ".*",
    "QUOTEDSTRING": r"""(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""",
    "QS": "%{QUOTEDSTRING}",
    "UUID": "[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}",
    "IPV4": r"(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})\.){3}(?:25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})",
    "IPV6": r"[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?:%{IPV4})?(?:%\w+)?",
    "IP": "(?:%{IPV4}|%{IPV6})",
    "HOSTNAME": r"[0-9A-Za-z][0-9A-Za-z-]{0,62}(?:\.[0-9A-Za-z][0-9A-Za-z-]{0,62})*\.?",
    "IPORHOST": "(?:%{IP}|%{HOSTNAME})",
    "HOSTPORT": "%{IPORHOST}:%{POSINT}",
    "MONTH": r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*",
    "MONTHNUM": "(?:0?[1-9]|1[0-2])",
    "MONTHDAY": "(?:0[1-9]|[12][0-9]|3[01]|[1-9])",
    "YEAR": "[0-9]{2}(?:[0-9]{2})?",
    "HOUR": "(?:2[0-3]|[01]?[0-9])",
    "MINUTE": "[0-5][0-9]",
    "SECOND": "(?:[0-5]?[0-9]|60)(?:[:.,][0-9]+)?",
    "TIME": "%{HOUR}:%{MINUTE}:%{SECOND}",
    "ISO8601_TIMEZONE": "(?:Z|[+-]%{HOUR}:?%{MINUTE})",
    "TIMESTAMP_ISO8601": "%{YEAR}-%{MONTHNUM}-%{MONTHDAY}[T ]%{HOUR}:?%{MINUTE}(?::?%{SECOND})?%{ISO8601_TIMEZONE}?",
    "HTTPDATE": "%{MONTHDAY}/%{MONTH}/%{YEAR}:%{TIME} %{INT}",
    "SYSLOGTIMESTAMP": "%{MONTH} +%{MONTHDAY} %{TIME}",
    "LOGLEVEL": "(?i:trace|debug|notice|info(?:rmation)?|warn(?:ing)?|err(?:or)?|crit(?:ical)?|fatal|severe|alert|emerg(?:ency)?)",
}


def parts(expression: str, patterns: Mapping[str, str] | str | Path | Sequence[str | Path]) -> dict[str, Any]:
    """What a format for lines that `expression` matches consists of.

    >>> parts("%{WORD:[cart][kind]} %{INT:n:int}", {})["patterns"]
    ('(?P<cart.kind>\\\\w+) (?P<n>[+-]?[0-9]+)',)
    """
    known = {**GROK, **_own(patterns)}
    dtypes: dict[str, PolarsDataType] = {}
    pattern = _expand(expression, known, dtypes, ())
    return {
        "patterns": (pattern,),
        "dtypes": dtypes,
        "stamp": Stamp(layouts=(*STAMP.layouts, "%b %e %H:%M:%S")) if "(?P<timestamp>" in pattern else None,
    }


def _own(patterns: Mapping[str, str] | str | Path | Sequence[str | Path]) -> Mapping[str, str]:
    if isinstance(patterns, Mapping):
        return patterns
    files = [patterns] if isinstance(patterns, (str, Path)) else patterns
    lines = [line.strip() for file in files for line in Path(file).read_text(encoding="utf-8").splitlines()]
    found = [line.split(None, 1) for line in lines if line and not line.startswith("#")]
    wrong = [" ".join(pair) for pair in found if len(pair) == 1]
    if wrong:
        msg = f"a pattern file holds `NAME regex` a line, not {wrong[0]!r}"
        raise FormatError(msg)
    return {pair[0]: pair[1] for pair in found}


def _expand(text: str, known: Mapping[str, str], dtypes: dict[str, PolarsDataType], within: tuple[str, ...]) -> str:
    def one(found: re.Match[str]) -> str:
        name, field, dtype = found.groups()
        if name in within:
            msg = f"grok pattern {name!r} refers to itself: {' → '.join((*within, name))}"
            raise FormatError(msg)
        if name not in known:
            close = ", ".join(map(repr, nearest(name, known) or known))
            msg = f"no grok pattern {name!r}; there are {close}"
            raise FormatError(msg)
        body = _expand(known[name], known, dtypes, (*within, name))
        if field is None:
            return f"(?:{body})"
        column = NESTED.sub(".", field).strip("[]")
        if not FIELD.fullmatch(column):
            msg = f"grok field {field!r} cannot be a column; use letters, digits, underscores and dots"
            raise FormatError(msg)
        if dtype in TYPES:
            dtypes[column] = TYPES[dtype]
        return f"(?P<{column}>{body})"

    return REFERENCE.sub(one, text)
