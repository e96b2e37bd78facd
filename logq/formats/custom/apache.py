"""Apache's `LogFormat` directive → a pattern."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from itertools import dropwhile, takewhile
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from logq.errors import FormatError
from logq.formats._access import QUOTED, REQUEST
from logq.formats._stamp import Stamp
from logq.formats.custom.rewrite import escape
from logq.formats.custom.strftime import layout_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from polars._typing import PolarsDataType

__all__ = ["parts"]

DIRECTIVE: Final = re.compile(r"%((?:[!<>0-9,]|\{[^}]*\})*)(\^t[io]|[a-zA-Z%])")
ARGUMENT: Final = re.compile(r"\{([^}]*)\}")
STATUSES: Final = re.compile(r"!?[0-9]{3}(?:,[0-9]{3})*")

COMBINED: Final = r'%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"'
NICKNAMES: Final = {
    "common": '%h %l %u %t "%r" %>s %b',
    "combined": COMBINED,
    "combinedio": f"{COMBINED} %I %O",
    "vhost_common": '%v %h %l %u %t "%r" %>s %b',
    "vhost_combined": f"%v:%p {COMBINED.replace('%b', '%O')}",
    "referer": "%{Referer}i -> %U",
    "agent": "%{User-agent}i",
}
NAMES: Final = {
    "a": "client_ip",
    "A": "server_ip",
    "b": "bytes",
    "B": "bytes",
    "D": "request_time_us",
    "f": "filename",
    "h": "client_ip",
    "H": "protocol",
    "I": "bytes_received",
    "k": "keepalive_requests",
    "l": "ident",
    "L": "log_id",
    "m": "method",
    "O": "bytes_sent",
    "p": "server_port",
    "P": "pid",
    "q": "query",
    "r": "request",
    "R": "handler",
    "s": "status",
    "S": "bytes_transferred",
    "t": "timestamp",
    "T": "request_time_s",
    "u": "user",
    "U": "path",
    "v": "server_name",
    "V": "server_host",
    "X": "connection_status",
}
ARGUMENTS: Final = {
    ("a", "c"): "peer_ip",
    ("h", "c"): "peer_host",
    ("p", "canonical"): "server_port",
    ("p", "local"): "local_port",
    ("p", "remote"): "client_port",
    ("P", "pid"): "pid",
    ("P", "tid"): "tid",
    ("P", "hextid"): "hextid",
    ("T", "s"): "request_time_s",
    ("T", "ms"): "request_time_ms",
    ("T", "us"): "request_time_us",
    ("i", "referer"): "referrer",
    ("i", "user-agent"): "user_agent",
    ("i", "x-forwarded-for"): "forwarded_for",
}
VARIABLES: Final = {
    "i": "http_",
    "o": "sent_http_",
    "C": "cookie_",
    "e": "env_",
    "n": "note_",
    "^ti": "trailer_",
    "^to": "sent_trailer_",
    "x": "",
    "c": "ssl_",
}
"""Directives that take a name, and what the column is called before it; headers are called as nginx calls them."""

NUMBERS: Final = frozenset("bBDIkOpsST")
FRACTIONS: Final = ("msec_frac", "usec_frac")
REQUESTS: Final = frozenset({"method", "path", "protocol"})
ESCAPES: Final = {'\\"': '"', "\\t": "\t", "\\n": "\n"}
SCALES: Final = {"request_time_us": 1e6, "request_time_ms": 1e3}


@dataclass(frozen=True, slots=True)
class Directive:
    """One `%…`, its place, and the text before it."""

    at: int
    text: str
    kind: str
    argument: str | None
    which: str
    statuses: str
    before: str
    name: str = ""

    @property
    def number(self) -> bool:
        """Whether it writes an integer."""
        return self.kind in NUMBERS or (self.kind == "P" and self.argument != "hextid") or self.name in FRACTIONS


def parts(log_format: str) -> dict[str, Any]:
    """What a format for lines written by `log_format` consists of.

    >>> parts("%h %>s")["patterns"]
    ('^(?P<client_ip>[^ ]*) (?P<status>[0-9]+|-)$',)
    """
    text = NICKNAMES.get(log_format, log_format)
    for written, meant in ESCAPES.items():
        text = text.replace(written, meant)
    directives, after = _split(text)
    times = _times(directives)
    others = _told_apart([d for d in directives if d not in times], text)
    layout, stamp = _stamp(times, text)
    names = {d.name for d in others}
    dtypes: dict[str, PolarsDataType] = {d.name: pl.Int64() for d in others if d.number}
    derived = _derived(names)
    return {
        "patterns": tuple(dict.fromkeys(f"^{_joined(times, stamp, others, after, strict=s)}$" for s in (True, False))),
        "stamp": Stamp(layouts=(layout,)) if times else None,
        "message": tuple(d.name for d in others if d.kind == "r") or ("request",),
        "dtypes": dtypes | {n: pl.Float64() if n == "request_time_s" else pl.Int64() for n in derived},
        "derived": derived,
        "nulls": ("-",),
        "reference": "https://httpd.apache.org/docs/current/mod/mod_log_config.html#formats",
    }


def _joined(times: Sequence[Directive], stamp: str, others: Sequence[Directive], after: str, *, strict: bool) -> str:
    """The pattern of the whole line; the strict one splits the request."""
    names = {d.name for d in others}
    order = sorted([*others, *times[:1]], key=lambda d: d.at)
    ends = {d.at: d for d in (*others, *times)}
    pattern = ""
    for one in order:
        last = times[-1].at if one in times else one.at
        follower = ends.get(last + 1)
        following = after if follower is None else follower.before
        quoted = one.before.endswith('"') and following.startswith('"')
        split = strict and one.kind == "r" and quoted and not one.statuses and not REQUESTS & names
        body = stamp if one in times else REQUEST[1:-1] if split else _group(one, following, follower, quoted=quoted)
        pattern += escape(one.before) + body
    return pattern + escape(after)


def _derived(names: set[str]) -> dict[str, pl.Expr]:
    """Seconds where the time taken is written in a smaller unit alone, and the number of a thread written in hex."""
    unit = next((n for n in SCALES if n in names and "request_time_s" not in names), None)
    found = {"request_time_s": pl.col(unit).cast(pl.Float64, strict=False) / SCALES[unit]} if unit else {}
    if "hextid" in names and "tid" not in names:
        found["tid"] = pl.col("hextid").str.to_integer(base=16, strict=False)
    return found


def _split(text: str) -> tuple[list[Directive], str]:
    """Directives, each with the text before it, and the text after the last."""
    found: list[Directive] = []
    before, at = "", 0
    for match in DIRECTIVE.finditer(text):
        before += _literal(text[at : match.start()], text)
        at = match.end()
        if match[2] == "%":
            before += "%"
            continue
        arguments, flags = ARGUMENT.findall(match[1]), ARGUMENT.sub("", match[1])
        which, statuses = "".join(c for c in flags if c in "<>")[-1:], "".join(c for c in flags if c not in "<>")
        if len(arguments) > 1 or (statuses and not STATUSES.fullmatch(statuses)):
            msg = f"{match[0]!r} in LogFormat {text!r} is no directive"
            raise FormatError(msg)
        one = Directive(len(found), match[0], match[2], arguments[0] if arguments else None, which, statuses, before)
        found.append(replace(one, name=_name(one, text)))
        before = ""
    if not found:
        msg = f"LogFormat {text!r} holds no %directive"
        raise FormatError(msg)
    return found, before + _literal(text[at:], text)


def _literal(piece: str, text: str) -> str:
    if "%" in piece:
        msg = f"{piece[piece.index('%') :]!r} in LogFormat {text!r} is no directive"
        raise FormatError(msg)
    return piece


def _name(directive: Directive, text: str) -> str:
    """What its column is called, before clashes are settled."""
    kind, argument = directive.kind, directive.argument
    if kind == "t":
        late = (argument or "").startswith("end:")
        return argument if argument in FRACTIONS else "end_time" if late else "timestamp"
    if argument is not None and (kind, argument.lower()) in ARGUMENTS:
        return ARGUMENTS[kind, argument.lower()]
    if kind in VARIABLES and argument:
        return VARIABLES[kind] + re.sub(r"\W+", "_", argument.lower()).strip("_")
    if kind in NAMES and argument is None:
        return NAMES[kind]
    msg = f"{directive.text!r} in LogFormat {text!r} is no directive"
    raise FormatError(msg)


def _times(directives: Sequence[Directive]) -> list[Directive]:
    """The directives that write the time of the entry: the first, and those that follow it with text alone between."""
    run = list(dropwhile(lambda d: d.kind != "t", directives))
    return list(takewhile(lambda d: d.kind == "t" and (d.name == "end_time") == (run[0].name == "end_time"), run))


def _stamp(times: Sequence[Directive], text: str) -> tuple[str, str]:
    """The layout of the time and its group; none where there is none."""
    if not times:
        return "", ""
    layout, body = layout_of([(d.argument, d.before if at else "") for at, d in enumerate(times)], text)
    if times[0].argument is None and len(times) == 1:
        return layout, rf"(?:\[(?P<timestamp>{body})\]|-)"
    return layout, f"(?P<timestamp>{body}|-)"


def _told_apart(directives: Sequence[Directive], text: str) -> list[Directive]:
    """Names that clash, told apart: by the request they are of, then by their statuses."""
    found = list(directives)
    if any(d.name == "timestamp" for d in found):
        msg = f"LogFormat {text!r} writes the time in two places with other values between them"
        raise FormatError(msg)
    for rename in (_by_kind, _by_request, _by_status):
        counts = Counter(d.name for d in found)
        found = [replace(d, name=rename(d)) if counts[d.name] > 1 else d for d in found]
    twice = sorted(n for n, count in Counter(d.name for d in found).items() if count > 1)
    if twice:
        msg = f"LogFormat {text!r} gives {', '.join(twice)} more than once"
        raise FormatError(msg)
    return found


def _by_kind(directive: Directive) -> str:
    """`%h` beside `%a` is the name of the client."""
    return "client_host" if directive.kind == "h" else directive.name


def _by_request(directive: Directive) -> str:
    """`<` is of the original request, `>` of the final one."""
    return {"<": "original_", ">": "final_", "": ""}[directive.which] + directive.name


def _by_status(directive: Directive) -> str:
    """`400,501` is written for these statuses only, `!400` for others only."""
    codes = directive.statuses.lstrip("!").replace(",", "_")
    word = "unless" if directive.statuses.startswith("!") else "if"
    return f"{directive.name}_{word}_{codes}" if codes else directive.name


def _group(directive: Directive, after: str, follower: Directive | None, *, quoted: bool) -> str:
    """The group of a directive, bounded by the text after it or by what follows."""
    body = ".*" if follower is None else ""
    if directive.kind == "t" and not directive.number:
        body = layout_of([(directive.argument, "")], "")[1] + "|-"
    elif directive.number:
        body = "" if not after and follower is not None and follower.number else "[0-9]+|-"
    elif quoted:
        body = QUOTED
    elif directive.kind == "r":
        body = ".*?"
    elif after:
        body = f"[^{escape(after[0])}]*"
    elif follower is not None and (directive.kind, follower.kind) == ("U", "q"):
        body = "[^?]*"
    if not body:
        msg = f"{directive.text!r} has nothing after it by which to tell it from the next directive"
        raise FormatError(msg)
    return f"(?P<{directive.name}>{body})"
