"""Inputs: lines of every format's samples, and what happens to logs."""

from __future__ import annotations

import json
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


def _object(line: bytes, **members: object) -> bytes:
    return json.dumps({**members, "message": line.decode("utf-8", "replace")}).encode()


def _journal(line: bytes) -> bytes:
    text = line.decode("utf-8", "replace")
    of = {"__REALTIME_TIMESTAMP": "1709630042518231", "__CURSOR": "s", "SYSLOG_IDENTIFIER": text[:1], "_PID": "7"}
    return json.dumps({**of, "PRIORITY": "6", "MESSAGE": text}).encode()


def _docker(line: bytes) -> bytes:
    told = {"log": line.decode("utf-8", "replace") + "\n", "stream": "stdout", "time": "2024-03-05T09:14:02.5Z"}
    return json.dumps(told, separators=(",", ":")).encode()


WRAPPERS: Final = (
    _object,
    lambda line: _object(line, time="2024-03-05T09:14:02Z", level="info", extra=1, pid=7),
    _journal,
    _docker,
    lambda line: b"2024-03-05T09:14:02.5Z stdout F " + line.replace(b"\n", b" "),
)
"""What another log's lines may come in."""


def logs(chance: Random) -> bytes:
    """A log of some lines, most of them whole; of a few kinds in something else, one time in five."""
    number = chance.choice([0, 1, 2, 5, 20, 60])
    if chance.random() < 0.2:
        wrap, kinds = chance.choice(WRAPPERS), chance.sample(LINES, chance.choice([1, 1, 2]))
        lines = [wrap(chance.choice(kinds) if chance.random() < 0.95 else _line(chance)) for _ in range(number)]
    else:
        lines = [_line(chance) for _ in range(number)]
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
