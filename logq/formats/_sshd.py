"""What OpenSSH's server says of users and their addresses, as it stands in its own log and in that of all logins.

The most common shapes come first, in patterns that leave one way to go on at every byte: five times as fast.
"""

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

LOGIN: Final = r"(?P<event>Accepted|Failed|P(?:artial|ostponed)) (?P<auth_method>[^ ]+) for "
ENDS: Final = r" from (?P<client_ip>[^ ]+) port (?P<client_port>[0-9]+)(?:[ :](?s:.*))?"

SSHD: Final = (
    rf"(?P<message>{LOGIN}(?P<user>[^ ]+){ENDS})$",
    rf"(?P<message>{LOGIN}invalid user (?P<user>[^ ]*){ENDS})$",
    rf"(?P<message>{LOGIN}(?:invalid user )?(?P<user>.*) from {ADDRESS}{REST})$",
    rf"(?P<message>(?P<event>I(?:nvalid|llegal) user) (?P<user>.*) from {ADDRESS}{REST})$",
    (
        r"(?P<message>(?P<event>Connection(?: closed| reset)?|Disconnect(?:ed|ing)|Received disconnect"
        r"|Did not receive identification string) (?:by |from )?(?:(?:invalid |authenticating )?user (?P<user>[^ ]*) )?"
        rf"{ADDRESS}{REST})$"
    ),
)
"""Of log-ins, of unknown users, of connections."""

PAM: Final = (
    r"(?P<message>pam_[a-z_]+\([^)]*\): (?P<event>session (?:opened|closed)) for user (?P<user>[^ (]+)(?:[ (](?s:.*))?)$",
    (
        r"(?P<message>(?:pam_[a-z_]+\([^)]*\)|PAM [0-9]+ more)?:? ?(?P<event>authentication failures?); [^\n]*"
        r"rhost=(?P<client_ip>[^ ]*)(?: +user=(?P<user>[^ ]*))?(?s:.*))$"
    ),
)
ANY: Final = r"(?P<message>(?s:.*))$"


def head(programs: str, *, hostname: bool = True) -> str:
    """Regex of what syslog puts ahead of a message of one of `programs`.

    >>> import polars as pl
    >>> pl.Series(["Mar  5 09:14:02 till-3 sshd[7]: up"]).str.extract(head("sshd") + "(up)", 6).item()
    'up'
    """
    named = "(?P<hostname>[^ ]*) " if hostname else ""
    return rf"^(?:{PRI})?(?P<timestamp>{BSD}|{LONG}) {named}(?P<app_name>{programs})(?:\[(?P<pid>[0-9]+)\])?: *"
