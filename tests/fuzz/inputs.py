"""Inputs: lines of every format's samples, and what happens to logs."""

from __future__ import annotations

from random import Random
from typing import Final

from logq.formats import FORMATS

__all__ = ["BY", "FORMS", "HEADED", "logs"]

BY: Final = "^([^ ]) ?"
"""As if the first sign of a line named its process."""

FORMS: Final = ("auto", *FORMATS)
HEADED: Final = ("auto", "csv", "tsv", *(n for n, form in FORMATS.items() if form.directive))
"""Those in which some lines tell what others mean, and are no entries."""

LINES: Final = tuple(sample.text.encode() for form in FORMATS.values() for sample in form.samples)
SCRAPS: Final = (
    b"", b"\r", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xf0\x9f\x98\x80", b"{", b"}", b"[]", b"\\",
    b'{"a":', b'{"a":1e999}', b'{"a":{"b":[1,{}]}}', b"null", b'a=1 b="', b",,,", b"\t", b"  at x(Y.java:1)",
    b"Caused by: z", "\u2028\u00e9\ufffd".encode(), b"<999>", b"#Fields: a b", b"1e400", b"-", b"\x1b[31mred",
)  # fmt: skip


def logs(chance: Random) -> bytes:
    """A log of some lines, most of them whole."""
    lines = [_line(chance) for _ in range(chance.choice([0, 1, 2, 5, 20, 60]))]
    return chance.choice([b"\n", b"\n", b"\n", b"\r\n", b"\n\n"]).join(lines) + chance.choice([b"", b"\n"])


def _line(chance: Random) -> bytes:
    line = chance.choice(LINES)
    kind = chance.random()
    if kind < 0.6:
        return line
    if kind < 0.7:
        return line[: chance.randrange(len(line) + 1)]
    if kind < 0.8:
        return line[: chance.randrange(len(line) + 1)] + chance.choice(LINES)
    if kind < 0.9:
        place = chance.randrange(len(line) + 1)
        return line[:place] + chance.choice(SCRAPS) + line[place:]
    return chance.choice(SCRAPS) if kind < 0.97 else chance.randbytes(chance.randrange(30))
