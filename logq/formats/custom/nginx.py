"""nginx's `log_format` directive → a pattern, or the fields of JSON lines."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, Literal

import polars as pl

from logq.errors import FormatError
from logq.formats._access import QUOTED, REQUEST
from logq.formats._stamp import Stamp
from logq.formats.custom.rewrite import escape

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from polars._typing import PolarsDataType

__all__ = ["Escape", "parts"]

Escape = Literal["default", "json", "none"]

VARIABLE: Final = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
DIRECTIVE: Final = re.compile(r"\s*log_format\s+\w+\s+(?:escape=(\w+)\s+)?(.*?);?\s*", re.DOTALL)
PIECE: Final = re.compile(r"""'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([^\s'";]+)""")
NAMES: Final = {
    "remote_addr": "client_ip",
    "remote_user": "user",
    "time_local": "timestamp",
    "time_iso8601": "timestamp",
    "msec": "timestamp",
    "body_bytes_sent": "bytes",
    "http_referer": "referrer",
    "http_user_agent": "user_agent",
    "http_x_forwarded_for": "forwarded_for",
    "request_method": "method",
    "request_uri": "path",
    "server_protocol": "protocol",
    "host": "server_host",
    "request_time": "request_time_s",
}
LAYOUTS: Final = {"time_local": "%d/%b/%Y:%H:%M:%S %z", "time_iso8601": "%Y-%m-%dT%H:%M:%S%:z", "msec": "epoch_s"}
BODIES: Final = {
    "time_local": r"[^ \]]+ [^ \]\"]+",
    "time_iso8601": r"[^ \]\"]+",
    "msec": r"[0-9]+\.[0-9]+",
}
TYPES: Final[Mapping[str, PolarsDataType]] = {
    **dict.fromkeys(
        (
            "status",
            "body_bytes_sent",
            "bytes_sent",
            "request_length",
            "connection",
            "connection_requests",
            "content_length",
            "remote_port",
            "server_port",
            "pid",
        ),
        pl.Int64(),
    ),
    **dict.fromkeys(("request_time", "msec"), pl.Float64()),
}
BARE: Final = "#"
"""Put before a variable that the format writes without quotes, a number."""

UPSTREAM: Final = r"[^ ,]+(?:(?:,| :) [^ ,]+)*"
REFERENCE: Final = "https://nginx.org/en/docs/http/ngx_http_log_module.html#log_format"


def parts(log_format: str, escaped: Escape) -> dict[str, Any]:
    """What a format for lines written by `log_format` consists of.

    >>> parts("$remote_addr $status", "default")["patterns"]
    ('^(?P<client_ip>[^ ]*) (?P<status>[0-9]+|-)$',)
    """
    text, escaped = _directive(log_format, escaped)
    pieces = VARIABLE.split(text)
    literals, variables = pieces[::3], [a or b for a, b in zip(pieces[1::3], pieces[2::3], strict=True)]
    if not variables:
        msg = f"log_format {log_format!r} holds no $variable"
        raise FormatError(msg)
    names = _names(variables, log_format)
    if escaped == "json" and text.lstrip().startswith("{"):
        return _objects(text, dict(zip(variables, names, strict=True)), log_format)
    if any(not literal for literal in literals[1:-1]):
        msg = f"log_format {log_format!r} writes two variables with nothing between them"
        raise FormatError(msg)
    strict = loose = "^" + escape(literals[0])
    for variable, name, before, after in zip(variables, names, literals, literals[1:], strict=False):
        quoted = before.endswith('"') and after.startswith('"')
        split = variable == "request" and quoted and not {"method", "path", "protocol"} & {*names}
        body = ".*?" if quoted and escaped == "none" else _body(variable, after, quoted=quoted)
        group = f"(?P<{name}>{body}){escape(after)}"
        strict += REQUEST[1:-1] + escape(after) if split else group
        loose += group
    return {
        "patterns": tuple(dict.fromkeys((f"{strict}$", f"{loose}$"))),
        "stamp": _stamp(variables, names),
        "message": ("request",),
        "dtypes": {n: TYPES[v] for v, n in zip(variables, names, strict=True) if v in TYPES and n != "timestamp"},
        "nulls": ("-",) if escaped == "default" else ("", "-"),
        "reference": REFERENCE,
    }


def _directive(text: str, escaped: Escape) -> tuple[str, Escape]:
    """The format inside a whole `log_format name '…' '…';`, and how it escapes; or the text as it is."""
    found = DIRECTIVE.fullmatch(text)
    if found is None:
        return text, escaped
    if found[1] not in (None, "default", "json", "none"):
        msg = f"log_format {text!r} escapes as {found[1]!r}; nginx knows default, json and none"
        raise FormatError(msg)
    pieces = ("".join(p.groups("")) for p in PIECE.finditer(found[2]))
    return "".join(re.sub(r"\\(['\"\\])", r"\1", piece) for piece in pieces), found[1] or escaped  # type: ignore[return-value]


def _names(variables: list[str], log_format: str) -> list[str]:
    """Columns of the variables; `$msec` beside another time keeps its name."""
    clock = any(v in LAYOUTS and v != "msec" for v in variables)
    names = [v if v == "msec" and clock else NAMES.get(v, v) for v in variables]
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        msg = f"log_format {log_format!r} gives {', '.join(twice)} more than once"
        raise FormatError(msg)
    return names


def _stamp(variables: list[str], names: list[str]) -> Stamp | None:
    layouts = tuple(LAYOUTS[v] for v, n in zip(variables, names, strict=True) if n == "timestamp")
    return Stamp(layouts=layouts) if layouts else None


def _objects(text: str, names: Mapping[str, str], log_format: str) -> dict[str, Any]:
    """JSON lines: which of their fields is which variable, by the object that the format writes."""
    bare = re.sub(r"""(?<=[:\[,])(\s*)(\$\{?\w+\}?)(?=\s*[,}\]])""", rf'\1"{BARE}\2"', text)
    try:
        written = dict(_leaves(json.loads(bare), ()))
    except ValueError as error:
        msg = f"log_format {log_format!r} writes no JSON object: {error}"
        raise FormatError(msg) from error
    found = {path: VARIABLE.fullmatch(value.removeprefix(BARE)) for path, value in written.items()}
    variables = {path: m[1] or m[2] for path, m in found.items() if m}
    renames = {path: names[v] for path, v in variables.items()}
    return {
        "kind": "json",
        "renames": {path: name for path, name in renames.items() if path != name},
        "dtypes": {renames[p]: TYPES[v] for p, v in variables.items() if v in TYPES and renames[p] != "timestamp"},
        "derived": {n: _valued(n) for path, n in renames.items() if not written[path].startswith(BARE)},
        "stamp": _stamp([*variables.values()], [*renames.values()]),
        "message": ("request",),
        "reference": REFERENCE,
    }


def _valued(name: str) -> pl.Expr:
    """A value in quotes, null where nginx had none."""
    return pl.when(pl.col(name).cast(pl.String) != "").then(pl.col(name))


def _leaves(value: object, path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, (*path, key))
    else:
        yield ".".join(path), str(value)


def _body(variable: str, after: str, *, quoted: bool) -> str:
    if variable in BODIES:
        return BODIES[variable]
    if variable in TYPES:
        return "[0-9]+|-" if TYPES[variable] == pl.Int64() else r"[0-9]+(?:\.[0-9]+)?|-"
    if quoted:
        return QUOTED
    if variable.startswith("upstream_"):
        return UPSTREAM
    if variable == "request":
        return ".*?"
    return f"[^{escape(after[0])}]*" if after else ".*"
