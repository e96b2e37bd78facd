"""Grok expressions → a pattern and the types of its fields."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from logq.errors import FormatError, nearest
from logq.formats._names import LEVELS, STAMP
from logq.formats._stamp import Stamp
from logq.formats.custom.library import library
from logq.formats.custom.rewrite import rewrite
from logq.schema import CANONICAL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from polars._typing import PolarsDataType

    Own = Mapping[str, str] | str | Path | Sequence[str | Path]

__all__ = ["Grok", "compiled", "is_grok", "parts"]

REFERENCE: Final = re.compile(r"%\{(\w+)(?::([^:}]+))?(?::(\w+))?\}")
GROUP: Final = re.compile(r"\(\?<(?![=!])([^>]+)>")
NESTED: Final = re.compile(r"\]\[")
FIELD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
TYPES: Final[Mapping[str, PolarsDataType]] = {
    "int": pl.Int64(),
    "long": pl.Int64(),
    "float": pl.Float64(),
    "string": pl.String(),
}
TAKEN: Final = CANONICAL.keys() - {"timestamp", "level", "message"}
TOKEN: Final = re.compile(
    r"\\[pPxu]\{[^}]*\}|\\.|\[\^?\]?|\{[0-9]+(?:,[0-9]*)?\}|\{,[0-9]+\}|\(\?[a-z]*m[a-z-]*[:)]|.", re.DOTALL
)
DIALECT: Final = {r"\h": "0-9A-Fa-f", r"\H": "^0-9A-Fa-f", r"\Z": r"\n?\z"}

TIMES: Final = Stamp(
    layouts=(
        *STAMP.layouts,
        "%Y-%m-%d\t%H:%M:%S%.f",
        "%d-%b-%Y %H:%M",
        "%d-%b %H:%M",
        "%d %b %H:%M:%S%.f",
    ),
    fields=(
        "timestamp",
        "timestamp8601",
        "syslog_timestamp",
        "syslog5424_ts",
        "ts",
        "bts",
        "date",
        "nagios_epoch",
        "haproxy.request_date",
        "accept_date",
    ),
)
TEXTS: Final = ("message", "logmessage", "nagios_message", "syslog5424_msg")


@dataclass(frozen=True, slots=True)
class Grok:
    """What an expression comes to: a pattern with named groups, and the types of those that are no Strings."""

    pattern: str
    dtypes: Mapping[str, PolarsDataType]


def is_grok(text: str) -> bool:
    r"""Whether a pattern is grok: no regex holds `%{NAME`.

    >>> is_grok("%{IP:client} in"), is_grok(r"%{2}\d+")
    (True, False)
    """
    return re.search(r"%\{[A-Za-z_]", text) is not None


def compiled(expression: str, patterns: Own = (), *, ecs: bool = True) -> Grok:
    """Expand an expression over the library and one's own `patterns`.

    >>> compiled("%{INT:[cart][number]:int} %{NOTSPACE:buyer}").pattern
    '(?P<cart.number>[+-]?[0-9]+) (?P<buyer>\\\\S+)'
    """
    known = {**library(ecs=ecs), **_own(patterns)}
    dtypes: dict[str, PolarsDataType] = {}
    return Grok(rewrite(_translated(_expand(expression, known, dtypes, ()))), dtypes)


def parts(expression: str, patterns: Own, *, ecs: bool) -> dict[str, Any]:
    """What a format for lines that `expression` matches consists of.

    >>> sorted(parts("%{SYSLOGLINE}", {}, ecs=True)["dtypes"])
    ['log.syslog.facility.code', 'log.syslog.priority', 'process.pid']
    """
    made = compiled(expression, patterns, ecs=ecs)
    return {
        "patterns": (made.pattern,),
        "dtypes": dict(made.dtypes),
        "stamp": TIMES if any(f"(?P<{field}>" in made.pattern for field in TIMES.fields) else None,
        "level": (*LEVELS, "event_level", "severity_"),
        "message": TEXTS,
        "nulls": ("",),
        "reference": "https://www.elastic.co/docs/reference/logstash/plugins/plugins-filters-grok",
    }


def _own(patterns: Own) -> Mapping[str, str]:
    if isinstance(patterns, Mapping):
        return patterns
    named = [Path(p) for p in ([patterns] if isinstance(patterns, (str, Path)) else patterns)]
    files = [file for p in named for file in (sorted(f for f in p.iterdir() if f.is_file()) if p.is_dir() else [p])]
    lines = [line.strip() for file in files for line in file.read_text(encoding="utf-8").splitlines()]
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
            close = nearest(name, known)
            hint = f"did you mean {', '.join(map(repr, close))}?" if close else "give it with patterns="
            msg = f"no grok pattern {name!r}; {hint}"
            raise FormatError(msg)
        if dtype is not None and dtype not in TYPES:
            msg = f"grok field {field!r} cannot be of type {dtype!r}; there are int, long, float and string"
            raise FormatError(msg)
        body = _expand(known[name], known, dtypes, (*within, name))
        if field is None:
            return f"(?:{body})"
        column = _column(field)
        if dtype is not None and TYPES[dtype] != pl.String:
            dtypes[column] = TYPES[dtype]
        return f"(?P<{column}>{body})"

    return GROUP.sub(lambda m: f"(?P<{_column(m[1])}>", REFERENCE.sub(one, text))


def _column(field: str) -> str:
    """Name of the column for a field: `[a][b]` is `a.b`; one that every scan has gets an underscore behind."""
    column = NESTED.sub(".", field).strip("[]")
    if not FIELD.fullmatch(column):
        msg = f"grok field {field!r} cannot be a column; use letters, digits, underscores and dots"
        raise FormatError(msg)
    return f"{column}_" if column in TAKEN else column


def _translated(pattern: str) -> str:
    r"""Oniguruma's words that mean something else in Rust: `(?m)`, `\h`, `\Z` and braces that stand for themselves.

    >>> print(_translated(r"(?m)\h{2} {a}[\h.]"))
    (?s)[0-9A-Fa-f]{2} \{a\}[0-9A-Fa-f.]
    """
    made: list[str] = []
    depth = 0
    for piece in TOKEN.findall(pattern):
        depth += piece.startswith("[") - (piece == "]" and depth > 0)
        if piece in DIALECT:
            word = DIALECT[piece]
            made.append(word if depth and piece == r"\h" else word if piece == r"\Z" else f"[{word}]")
        elif depth == 0 and piece in ("{", "}"):
            made.append(f"\\{piece}")
        elif depth == 0 and piece.startswith("{,"):
            made.append(f"{{0{piece[1:]}")
        elif piece.startswith("(?"):
            made.append(piece.replace("m", "s"))
        else:
            made.append(piece)
    return "".join(made)
