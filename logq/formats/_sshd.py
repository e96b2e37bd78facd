"""What OpenSSH's server says of users and their addresses, as it stands in its own log and in that of all logins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from logq.formats._stamp import Stamp
from logq.formats._syslog import BSD, DERIVED, DTYPES, ISO, LONG, PRI

if TYPE_CHECKING:
    from collections.abc import Mapping

    from polars._typing import PolarsDataType

__all__ = ["ANY", "PAM", "SEVERITY", "SSHD", "STAMP", "TYPES", "head"]

STAMP: Final = Stamp(layouts=("%b %e %H:%M:%S", ISO))
TYPES: Final[Mapping[str, PolarsDataType]] = {**DTYPES, "pid": pl.Int64(), "client_port": pl.Int64()}
SEVERITY: Final[Mapping[str, pl.Expr]] = {"severity": DERIVED["severity"]}
ADDRESS: Final = r"(?P<client_ip>[0-9A-Za-z](?:[^ ]*[^ :])?):?(?: port (?P<client_port>[0-9]+))?"
REST: Final = r"(?:[ :](?s:.*))?"

SSHD: Final = (
    rf"(?P<message>(?P<event>Accepted|Failed|Partial|Postponed) (?P<auth_method>[^ ]+) for (?:invalid user )?(?P<user>.*) from {ADDRESS}{REST})$",
    rf"(?P<message>(?P<event>Invalid user|Illegal user) (?P<user>.*) from {ADDRESS}{REST})$",
    (
        r"(?P<message>(?P<event>Connection closed|Connection reset|Connection|Disconnected|Received disconnect|Disconnecting"
        r"|Did not receive identification string) (?:by |from )?(?:(?:invalid |authenticating )?user (?P<user>[^ ]*) )?"
        rf"{ADDRESS}{REST})$"
    ),
)
"""Of log-ins, of unknown users, of connections."""

PAM: Final = (
    r"(?P<message>pam_[a-z_]+\([^)]*\): (?P<event>session opened|session closed) for user (?P<user>[^ (]+)(?s:.*))$",
    (
        r"(?P<message>(?:pam_[a-z_]+\([^)]*\)|PAM [0-9]+ more)?:? ?(?P<event>authentication failures?); [^\n]*"
        r"rhost=(?P<client_ip>[^ ]*)(?: +user=(?P<user>[^ ]*))?(?s:.*))$"
    ),
)
ANY: Final = r"(?P<message>(?s:.*))$"


def head(programs: str) -> str:
    """Regex of what syslog puts ahead of a message of one of `programs`.

    >>> head("sshd")[:6]
    '^(?:<('
    """
    return (
        rf"^(?:{PRI})?(?P<timestamp>{BSD}|{LONG}) (?:(?P<hostname>[^ ]*) )?"
        rf"(?P<app_name>{programs})(?:\[(?P<pid>[0-9]+)\])?: *"
    )
