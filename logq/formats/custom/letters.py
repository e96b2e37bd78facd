"""Sets of characters, as far as a regex can be judged by them: each ASCII character by itself, the others in four kinds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

__all__ = ["ALL", "NONE", "Letters", "class_of", "escape_of", "literal"]

KINDS: Final = 4
EVERY: Final = (1 << (128 + KINDS)) - 1
MEMBER: Final = re.compile(
    r"\[:(\^?)(\w+):\]|(\\[pP](?:\{[^}]*\}|.))|(\\x\{[0-9A-Fa-f]+\}|\\x[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\.|.)",
    re.DOTALL,
)
ESCAPED: Final = re.compile(r"\\.", re.DOTALL)
CONTROLS: Final = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "a": "\a"}
POSIX: Final = {
    "alnum": r"0-9A-Za-z",
    "alpha": "A-Za-z",
    "digit": "0-9",
    "lower": "a-z",
    "upper": "A-Z",
    "word": "0-9A-Za-z_",
    "xdigit": "0-9A-Fa-f",
    "space": " \t\n\r\f\v",
    "blank": " \t",
}


@dataclass(frozen=True, slots=True)
class Letters:
    """Characters that may be in a set, and those that surely are; the two differ where a kind is held in part."""

    may: int
    must: int

    def __or__(self, other: Letters) -> Letters:
        return Letters(self.may | other.may, self.must | other.must)

    def __invert__(self) -> Letters:
        return Letters(EVERY & ~self.must, EVERY & ~self.may)

    def meets(self, other: Letters) -> bool:
        """Whether some character may be in both."""
        return bool(self.may & other.may)

    def within(self, other: Letters) -> bool:
        """Whether every character of this is surely in the other."""
        return not self.may & ~other.must

    def folded(self) -> Letters:
        """The same where case does not count; beyond ASCII there are letters that fold to one of it."""
        may, must = self.may, self.must
        for upper in range(ord("A"), ord("Z") + 1):
            both = 1 << upper | 1 << upper + 32
            may |= both | 1 << 129 if may & both else 0
            must &= EVERY if must & both == both else ~both
        return Letters(may, must)

    def members(self) -> str | None:
        """The characters, if they are of ASCII and known."""
        known = self.may == self.must and not self.may >> 128
        return "".join(chr(i) for i in range(128) if self.may >> i & 1) if known else None


def _kind(char: str) -> int:
    return 0 if char.isdecimal() else 1 if char.isalnum() else 2 if char.isspace() else 3


@cache
def literal(char: str) -> Letters:
    """One character.

    >>> literal("a").within(escape_of("w")), literal("ä").within(literal("ä"))
    (True, False)
    """
    return Letters(1 << ord(char), 1 << ord(char)) if char.isascii() else Letters(1 << 128 + _kind(char), 0)


def _span(first: str, last: str) -> Letters:
    bits = sum(1 << i for i in range(ord(first), min(ord(last), 127) + 1))
    return Letters(bits | (0 if last.isascii() else EVERY >> 128 << 128), bits)


ALL: Final = Letters(EVERY, EVERY)
NONE: Final = Letters(0, 0)
DIGITS: Final = Letters(1 << 128, 1 << 128) | _span("0", "9")
# A mark or a connector beyond ASCII is of a word too, but no kind of its own.
WORDS: Final = Letters(1 << 129 | 1 << 131, 1 << 129) | DIGITS | _span("a", "z") | _span("A", "Z") | literal("_")
SPACES: Final = Letters(1 << 130, 1 << 130) | _span("\t", "\r") | literal(" ")
SHORT: Final = {"d": DIGITS, "w": WORDS, "s": SPACES}


def escape_of(letter: str) -> Letters | None:
    """What a backslash and a letter stand for; None if for no character."""
    if letter in CONTROLS:
        return literal(CONTROLS[letter])
    if letter.lower() in SHORT:
        return SHORT[letter] if letter.islower() else ~SHORT[letter.lower()]
    return None if letter.isalnum() else literal(letter)


@cache
def class_of(text: str) -> Letters:
    """What is between brackets, with the caret of a negated class.

    >>> class_of("^a-z").meets(literal("q")), class_of(r"\\\\d.").within(class_of("0-9."))
    (False, False)
    """
    if any(operator in text for operator in ("&&", "--", "~~")) or "[" in ESCAPED.sub("", text).replace("[:", ""):
        return Letters(EVERY, 0)
    negated, body = text.startswith("^"), text.removeprefix("^")
    found = NONE
    tokens = list(MEMBER.finditer(body))
    at = 0
    while at < len(tokens):
        one = _member(tokens[at])
        ranged = at + 2 < len(tokens) and tokens[at + 1][0] == "-" and isinstance(one, str)
        last = _member(tokens[at + 2]) if ranged else None
        if isinstance(one, str) and isinstance(last, str):
            found |= _span(one, last)
            at += 3
            continue
        found |= literal(one) if isinstance(one, str) else one
        at += 1
    return ~found if negated else found


def _member(token: re.Match[str]) -> str | Letters:
    """One character of a class, or the set that an escape or a name stands for."""
    negated, posix, unicode, char = token.groups()
    if posix:
        named = class_of(POSIX[posix]) if posix in POSIX else Letters(EVERY, 0)
        return ~named if negated else named
    if unicode:
        return Letters(EVERY, 0)
    if len(char) == 1:
        return str(char)
    if char[1] in "xu":
        return chr(int(char[2:].strip("{}"), 16))
    if char[1] in CONTROLS:
        return CONTROLS[char[1]]
    known = escape_of(char[1])
    return char[1] if not char[1].isalnum() else known if known is not None else Letters(EVERY, 0)
