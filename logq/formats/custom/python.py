"""The format string of a Python `logging.Formatter` → a pattern."""

from __future__ import annotations

import re
from typing import Any, Final

import polars as pl

from logq.errors import FormatError
from logq.formats._stamp import Stamp
from logq.formats.custom.rewrite import escape

__all__ = ["parts"]

FIELD: Final = {
    "{": re.compile(r"\{\{|\}\}|\{(\w+)(?:![rsa])?((?::[^}]*)?)\}"),
    "%": re.compile(r"%%|%\((\w+)\)([-#0+ ]*[0-9]*(?:\.[0-9]+)?)[diouxXeEfFgGcrsa]"),
    "$": re.compile(r"\$\$|\$(?:\{(\w+)\}|([A-Za-z_]\w*))"),
}
DOUBLED: Final = {"{": ("{{", "}}"), "%": ("%%",), "$": ("$$",)}
NAMES: Final = {"asctime": "timestamp", "levelname": "level", "name": "logger"}
NUMBERS: Final = ("levelno", "lineno", "process", "thread")
FLOATS: Final = ("created", "msecs", "relativeCreated")
DATE: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}(?:[,.][0-9]{3,6})?"
LAYOUTS: Final = ("%Y-%m-%d %H:%M:%S,%3f", "%Y-%m-%d %H:%M:%S%.f")


def parts(layout: str, *, datefmt: str | None) -> dict[str, Any]:
    """What a format for lines written by `layout` consists of; its style is the one of the three that fits.

    >>> parts("%(levelname)s %(message)s", datefmt=None)["patterns"]
    ('^(?P<level>[A-Za-z]+(?: [0-9]+)?) (?P<message>(?s:.*))$',)
    """
    order = "%${" if "${" in layout else "%{$"
    style = next((s for s in order if any(m[1] or m[2] for m in FIELD[s].finditer(layout))), None)
    if style is None:
        msg = f"{layout!r} names no field as {{name}}, %(name)s or $name"
        raise FormatError(msg)
    patterns, names, at = ["^"], [], 0
    for found in FIELD[style].finditer(layout):
        name = found[1] or found[2]
        if not name:
            continue
        padding = " *" if style != "$" and re.search("[0-9]", found[2]) else ""
        last = found.end() == len(layout)
        group = f"(?P<{NAMES.get(name, name)}>{_body(name, datefmt, last=last)})"
        patterns += [_literal(layout[at : found.start()], style), f"{padding}{group}{padding}"]
        names.append(name)
        at = found.end()
    patterns.append(_literal(layout[at:], style) + "$")
    head = "".join(patterns[: 1 + 2 * names.index("message")]) if "message" in names else ""
    return {
        "patterns": ("".join(patterns),),
        "stamp": Stamp(layouts=(datefmt,) if datefmt else LAYOUTS) if "asctime" in names else None,
        "severities": {"critical": 21},
        "dtypes": {n: pl.Int64() if n in NUMBERS else pl.Float64() for n in names if n in NUMBERS + FLOATS},
        "start": re.sub(r"\(\?P<\w+>", "(?:", head) if head not in ("", "^") else None,
        "reference": "https://docs.python.org/3/library/logging.html#logrecord-attributes",
    }


def _literal(text: str, style: str) -> str:
    for pair in DOUBLED[style]:
        text = text.replace(pair, pair[0])
    return escape(text)


def _body(name: str, datefmt: str | None, *, last: bool) -> str:
    if name == "asctime" and datefmt is None:
        return DATE
    if name == "levelname":
        return "[A-Za-z]+(?: [0-9]+)?"
    if name in NUMBERS:
        return "[0-9]+"
    if name in FLOATS:
        return r"[0-9]+(?:\.[0-9]+)?"
    return "(?s:.*)" if last else "(?s:.*?)" if name == "message" else ".*?"
