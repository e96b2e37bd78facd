"""Regexes of other dialects, rewritten for a linear-time engine where the meaning is provably the same."""

from __future__ import annotations

import re
from typing import Final

from logq.errors import PatternError

__all__ = ["escape", "rewrite"]

TOKEN: Final = re.compile(r"\\.|\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]|[*+?]\+|\{[0-9]+(?:,[0-9]*)?\}\+|.", re.DOTALL)
SET: Final = re.compile(r"\[\^([^\\\]\[&~-]+)\]")
POSSESSIVE: Final = re.compile(r"(?:[*+?]|\{[0-9,]+\})\+")
LITERAL: Final = re.compile(r"[^\\.\[\](){}*+?|^$]")


def rewrite(pattern: str) -> str:
    r"""Return `pattern` without possessive quantifiers, which say no more than greedy ones where nothing could be given back.

    Raises
    ------
    PatternError
        A possessive quantifier for which that is not certain: only `[^…]` before one of the characters it excludes is.

    >>> rewrite(r'"(?P<a>[^"]*+)"')
    Traceback (most recent call last):
    ...
    logq.errors.PatternError: possessive quantifier *+ is not supported by a linear-time regex engine in '"(?P<a>[^"]*+)"'
    >>> rewrite('"[^"]*+"')
    '"[^"]*"'
    """
    tokens = TOKEN.findall(pattern)
    extended = re.search(r"\(\?[a-zA-Z]*[ixU]", pattern) is not None
    for at, token in enumerate(tokens):
        if not POSSESSIVE.fullmatch(token):
            continue
        excluded = SET.fullmatch(tokens[at - 1]) if at else None
        following = tokens[at + 1 : at + 3]
        repeated = len(following) > 1 and following[1][0] in "*+?{"
        safe = excluded and following and LITERAL.fullmatch(following[0]) and following[0] in excluded[1]
        if not safe or repeated or extended:
            msg = f"possessive quantifier {token} is not supported by a linear-time regex engine in {pattern!r}"
            raise PatternError(msg)
        tokens[at] = token[:-1]
    return "".join(tokens)


def escape(text: str) -> str:
    r"""Return the regex that matches `text` alone; blanks and quotes stay legible, unlike with `re.escape`.

    >>> print(escape('[a b] "c"'))
    \[a b\] "c"
    """
    return re.sub(r"[\\.+*?()|\[\]{}^$&~#-]", r"\\\g<0>", text)
