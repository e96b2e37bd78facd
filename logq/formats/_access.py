"""Parts that the access logs of web servers share.

Each pattern is written so that at every byte one continuation is possible: the engine then captures
in a single pass, three times as fast as with a choice. Hence two patterns rather than one with an
alternative: a request that is no HTTP request line (`-`, bytes of a TLS handshake) takes the second.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from logq.formats._stamp import Stamp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from polars._typing import PolarsDataType

__all__ = ["BYTES", "COMMON", "DTYPES", "HEAD", "LOOSE_REQUEST", "PERSON", "QUOTED", "REQUEST", "STAMP", "TAIL"]

QUOTED: Final = r'(?:[^"\\]|\\.)*'
"""Text between quotes, where a backslash escapes the next character."""

PERSON: Final = r"(?P<ident>[^ ]+) (?P<user>[^ ]+) \[(?P<timestamp>[^\]]*)\] "
HEAD: Final = rf"^(?P<client_ip>[^ ]+) {PERSON}"
REQUEST: Final = (
    r'"(?P<request>(?P<method>[A-Z][A-Z_-]*) (?P<path>(?:[^ "\\]|\\.)+)(?: (?P<protocol>[A-Z]+/[0-9.]+))?)"'
)
LOOSE_REQUEST: Final = rf'"(?P<request>{QUOTED})"'
BYTES: Final = r" (?P<status>[0-9]{3}|-) (?P<bytes>[0-9]+|-)"
TAIL: Final = rf' "(?P<referrer>{QUOTED})" "(?P<user_agent>{QUOTED})'
"""Referrer and user agent, up to the user agent's closing quote: a line cut there is still read."""

COMMON: Final = (rf"{HEAD}{REQUEST}{BYTES}$", rf"{HEAD}{LOOSE_REQUEST}{BYTES}$")
"""The common log format."""

STAMP: Final = Stamp(layouts=("%d/%b/%Y:%H:%M:%S %z",))
DTYPES: Final[Mapping[str, PolarsDataType]] = {"status": pl.Int64(), "bytes": pl.Int64()}
