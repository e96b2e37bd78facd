"""BSD syslog (RFC 3164) and the files syslog daemons write, which leave the priority out."""

from __future__ import annotations

from typing import Final

import polars as pl

from logq.formats._syslog import BSD, DERIVED, DTYPES, ISO, LONG, PRI, START
from logq.formats.base import Format, Sample, Stamp

HEAD: Final = rf"^(?:{PRI})?(?P<timestamp>{BSD}|{LONG}) "
OLD: Final = rf"^(?:{PRI})?(?P<timestamp>{BSD}) "
NEW: Final = rf"(?P<timestamp>{LONG}) "
"""Lines of many other logs begin with such a time, and go on with a word and perhaps a colon."""

NODE: Final = r"(?P<hostname>(?:[A-Za-z][^ \[]*[-.0-9]|[0-9]+\.[0-9]+\.)[^ \[]*) "
"""What is more than a word."""

HOST: Final = r"(?P<hostname>[^ :\[]+) "
TAG: Final = r"(?P<app_name>[^ :\[]+)(?:\[(?P<pid>[0-9]+)\])?"

SYSLOG_RFC3164: Final = Format(
    name="syslog_rfc3164",
    title="Syslog, BSD (RFC 3164)",
    patterns=(
        rf"{HEAD}{HOST}{TAG}: (?P<message>(?s:.*))$",
        rf"{HEAD}{HOST}{TAG}:(?P<message>(?:[^ ](?s:.*))?)$",
        rf"{OLD}{TAG}: (?P<message>(?s:.*))$",
        rf"{HEAD}(?P<hostname>[^ \[]*[^ :\[]) {TAG}: (?P<message>(?s:.*))$",
        rf"{HEAD}(?P<message>--- (?s:.*))$",
        rf"{OLD}(?P<hostname>[^ \[]*) (?P<message>(?s:.*))$",
        rf"^{PRI}{NEW}(?:{TAG}:|(?P<hostname>[^ \[]+)) (?P<message>(?s:.*))$",
        rf"^{NEW}(?P<app_name>[^ :\[]+)\[(?P<pid>[0-9]+)\]: (?P<message>(?s:.*))$",
        rf"^{NEW}{NODE}(?P<message>(?s:.*))$",
        rf"^{NEW}(?P<hostname>[^ \[]+) (?P<message>(?:last message |-- MARK )(?s:.*))$",
    ),
    stamp=Stamp(layouts=("%b %e %H:%M:%S", ISO)),
    level=(),
    dtypes={**DTYPES, "pid": pl.Int64()},
    derived=DERIVED,
    reference="https://www.rfc-editor.org/rfc/rfc3164",
    start=START,
    samples=(
        Sample(
            "Mar  5 09:14:02 till-3 sshd[2101]: Accepted publickey for ines from 203.0.113.9 port 50412 ssh2",
            {
                "time_quality": "year_inferred",
                "level": None,
                "severity": None,
                "message": "Accepted publickey for ines from 203.0.113.9 port 50412 ssh2",
                "priority": None,
                "facility": None,
                "hostname": "till-3",
                "app_name": "sshd",
                "pid": 2101,
            },
        ),
        Sample(
            "<34>Oct 15 22:14:15 till-3 su(pam_unix): authentication failure for root",
            {
                "level": "ERROR",
                "severity": 18,
                "message": "authentication failure for root",
                "priority": 34,
                "facility": "auth",
                "hostname": "till-3",
                "app_name": "su(pam_unix)",
                "pid": None,
            },
        ),
        Sample(
            "2024-03-05T10:14:02.518231+01:00 till-3 systemd[1]: Started backup.service.",
            {
                "timestamp": "2024-03-05T09:14:02.518231Z",
                "time_quality": "exact",
                "app_name": "systemd",
                "pid": 1,
                "message": "Started backup.service.",
            },
        ),
        Sample(
            "<14>Mar  5 09:14:05 till-3 dhcpd:lease renewed",
            {"level": "INFO", "severity": 9, "facility": "user", "app_name": "dhcpd", "message": "lease renewed"},
        ),
        Sample(
            "<133>Mar  5 09:14:07 haproxy[2101]: Proxy shop started.",
            {
                "level": "INFO",
                "facility": "local0",
                "hostname": None,
                "app_name": "haproxy",
                "pid": 2101,
                "message": "Proxy shop started.",
            },
        ),
        Sample(
            "Mar  5 09:14:08 2001:db8::7 sshd[2101]: Connection closed",
            {"hostname": "2001:db8::7", "app_name": "sshd", "message": "Connection closed"},
        ),
        Sample(
            "Mar  5 09:14:09 till-3 last message repeated 3 times",
            {"hostname": "till-3", "app_name": None, "pid": None, "message": "last message repeated 3 times"},
        ),
        Sample(
            "2024-03-05T09:14:09.518Z till last message repeated 3 times",
            {"hostname": "till", "app_name": None, "message": "last message repeated 3 times"},
        ),
        Sample(
            "2024-03-05T09:14:09.518Z till-3 drawer is stuck",
            {"hostname": "till-3", "app_name": None, "message": "drawer is stuck"},
        ),
        Sample(
            "2024-03-05T09:14:09.518Z sshd[2101]: Connection closed",
            {"hostname": None, "app_name": "sshd", "pid": 2101, "message": "Connection closed"},
        ),
        Sample(
            "<13>2024-03-05T09:14:09.518Z till-3 drawer is stuck",
            {"level": "INFO", "hostname": "till-3", "app_name": None, "message": "drawer is stuck"},
        ),
        Sample(
            "Mar  5 09:14:10 --- last message repeated 1 time ---",
            {"hostname": None, "app_name": None, "message": "--- last message repeated 1 time ---"},
        ),
    ),
)
