"""Grok's named patterns, in the two sets of field names there are: ECS and legacy.

A line is `NAME definition`. In it `%{NAME:ecs|legacy}` gives the field its name in either set (one name alone: the same
in both; an empty one: no field), and `?` after a name lets a hyphen stand for no value. A shape that differs has two
lines, `NAME[ecs]` and `NAME[legacy]`. The names, their fields and the lines they match are those of
logstash-patterns-core (Apache-2.0, see NOTICE); the definitions use no look-around.
"""

from __future__ import annotations

import re
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from logq.formats.custom.library import bacula, cisco, core, nagios, network, services, web, zeek

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["library"]

TEXTS: Final = (core, web, services, network, cisco, nagios, bacula, zeek)
REFERENCE: Final = re.compile(r"%\{(\w+):([^}|]*)(?:\|([^}]*))?\}|\(\?<([\w.]+)(?:\|(\w*))?>")
DIALECTS: Final = ("ecs", "legacy")


def _ipv6() -> str:
    """The shapes of RFC 4291: eight groups, or fewer around `::`; the last two may be an IPv4 address."""
    group = "[0-9A-Fa-f]{1,4}"
    last = f"(?:{group}:{group}|%{{IPV4}})"
    shapes = [f"(?:{group}:){{6}}{last}"]
    for after in range(5, -1, -1):
        left = f"(?:{group}(?::{group}){{0,{4 - after}}})?" if after < 5 else ""  # noqa: PLR2004 (of six groups before the last two)
        shapes.append(f"{left}::(?:{group}:){{{after}}}{last}")
    shapes += [f"(?:{group}(?::{group}){{0,{more}}})?::{end}" for more, end in ((5, group), (6, ""))]
    return "|".join(shapes)


@cache
def library(*, ecs: bool) -> Mapping[str, str]:
    """Name → definition, in ordinary grok.

    >>> library(ecs=True)["SYSLOGPROG"]
    '%{PROG:process.name}(?:\\\\[%{POSINT:process.pid:int}\\\\])?'
    """
    mine, other = DIALECTS if ecs else DIALECTS[::-1]
    found: dict[str, str] = {}
    for line in filter(None, "\n".join(module.PATTERNS for module in TEXTS).splitlines()):
        head, definition = line.split(" ", 1)
        name, _, dialect = head.partition("[")
        if dialect.rstrip("]") != other:
            found[name] = REFERENCE.sub(lambda m: _field(m, legacy=mine == "legacy"), definition)
    found["IPV6"] = found["IPV6"].replace("@@IPV6@@", _ipv6())
    return MappingProxyType(found)


def _field(found: re.Match[str], *, legacy: bool) -> str:
    """One reference or named group with the field of the set."""
    name, ecs_field, legacy_field, ecs_group, legacy_group = found.groups()
    if name is None:
        group = legacy_group if legacy and legacy_group is not None else ecs_group
        return f"(?<{group}>" if group else "(?:"
    field = legacy_field if legacy and legacy_field is not None else ecs_field
    plain = field.replace("?", "")
    reference = f"%{{{name}:{plain}}}" if plain else f"%{{{name}}}"
    return f"(?:-|{reference})" if plain != field else reference
