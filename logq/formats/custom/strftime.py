"""Apache's `%{…}t` → a layout, and a pattern for what it writes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from logq.errors import FormatError
from logq.formats.custom.rewrite import escape

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["layout_of"]

APACHE: Final = "%d/%b/%Y:%H:%M:%S %z"
WORD: Final = r"[^\W\d_]+\.?"
TWO: Final = "[0-9]{2}"
PADDED: Final = "[ 0-9][0-9]"
BODIES: Final = {
    **dict.fromkeys("CdgHImMSUVWy", TWO),
    **dict.fromkeys("aAbBh", WORD),
    **dict.fromkeys("ekl", PADDED),
    **dict.fromkeys("uw", "[0-9]"),
    "G": "[0-9]{4}",
    "Y": "[0-9]{4}",
    "j": "[0-9]{3}",
    "p": "[AP]M",
    "P": "[ap]m",
    "s": "[0-9]+",
    "z": r"[+-][0-9]{4}",
    "Z": "[A-Za-z]+|[+-][0-9]{2,4}",
    "%": "%",
    "n": r"\n",
    "t": r"\t",
}
COMPOSED: Final = {"c": "%a %b %e %H:%M:%S %Y", "D": "%m/%d/%y", "F": "%Y-%m-%d", "r": "%I:%M:%S %p", "R": "%H:%M", "T": "%H:%M:%S", "x": "%m/%d/%y", "X": "%H:%M:%S"}  # fmt: skip
TOKENS: Final = {
    "sec": ("epoch_s", "[0-9]+"),
    "msec": ("epoch_ms", "[0-9]+"),
    "usec": ("epoch_us", "[0-9]+"),
    "msec_frac": ("%3f", "[0-9]{3}"),
    "usec_frac": ("%6f", "[0-9]{6}"),
}
DIRECTIVE: Final = re.compile("%[EO_0^#-]?(.)", re.DOTALL)


def layout_of(pieces: Sequence[tuple[str | None, str]], log_format: str) -> tuple[str, str]:
    """Arguments of neighbouring `%{…}t`, each with the text before it → the layout of the whole, and its pattern.

    >>> layout_of([("%F %H:%M:%S", ""), ("msec_frac", ".")], "")[0]
    '%Y-%m-%d %H:%M:%S.%3f'
    """
    layout = body = ""
    for argument, before in pieces:
        one, pattern = _one(argument, log_format)
        layout += before.replace("%", "%%") + one
        body += escape(before) + f"(?:{pattern})"
    if layout.startswith("epoch_s") and len(pieces) > 1 and re.fullmatch(r"epoch_s\.%[36]f", layout):
        return "epoch_s", body
    if "epoch_" in layout and len(pieces) > 1:
        msg = f"LogFormat {log_format!r} writes the time twice over"
        raise FormatError(msg)
    return layout, body


def _one(argument: str | None, log_format: str) -> tuple[str, str]:
    if argument is None:
        return APACHE, r"[^\]]*"
    argument = re.sub("^(?:begin|end):", "", argument)
    if argument in TOKENS:
        return TOKENS[argument]
    argument = re.sub("%[EO]?([cDFrRTxX])", lambda m: COMPOSED[m[1]], argument)
    layout, body, at = "", "", 0
    for found in DIRECTIVE.finditer(argument):
        if found[1] not in BODIES:
            msg = f"%{{…}}t in LogFormat {log_format!r} holds {found[0]!r}, which cannot be read"
            raise FormatError(msg)
        text = argument[at : found.start()]
        layout += text + f"%{found[1]}"
        body += escape(text) + f"(?:{BODIES[found[1]]})"
        at = found.end()
    if not at:
        msg = f"%{{{argument}}}t in LogFormat {log_format!r} writes no time"
        raise FormatError(msg)
    return ("epoch_s" if layout == "%s" and at == len(argument) else layout + argument[at:]), body + escape(
        argument[at:]
    )
