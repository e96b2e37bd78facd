"""The log of OpenSSH's server, as syslog files it."""

from __future__ import annotations

from typing import Final

from logq.formats._sshd import ANY, PAM, SEVERITY, SSHD, STAMP, TYPES, head
from logq.formats._syslog import START
from logq.formats.base import Format, Sample

PROGRAM: Final = r"sshd(?:-[a-z]+)?"
HEAD: Final = head(PROGRAM)

OPENSSH: Final = Format(
    name="openssh",
    title="OpenSSH server log",
    patterns=(*(HEAD + tail for tail in (*SSHD, *PAM, ANY)), head(PROGRAM, hostname=False) + ANY),
    stamp=STAMP,
    level=(),
    dtypes=TYPES,
    derived=SEVERITY,
    nulls=("",),
    start=START,
    reference="https://man.openbsd.org/sshd.8",
    samples=(
        Sample(
            "Mar  5 09:14:02 till-3 sshd[2101]: Accepted publickey for ines from 203.0.113.9 port 50412 ssh2: ED25519 SHA256:q8Tz",
            {
                "time_quality": "year_inferred",
                "level": None,
                "message": "Accepted publickey for ines from 203.0.113.9 port 50412 ssh2: ED25519 SHA256:q8Tz",
                "hostname": "till-3",
                "app_name": "sshd",
                "pid": 2101,
                "event": "Accepted",
                "auth_method": "publickey",
                "user": "ines",
                "client_ip": "203.0.113.9",
                "client_port": 50412,
            },
        ),
        Sample(
            "Mar  5 09:14:03 till-3 sshd[2102]: Failed password for invalid user a b from 2001:db8::7 port 50413 ssh2",
            {
                "event": "Failed",
                "auth_method": "password",
                "user": "a b",
                "client_ip": "2001:db8::7",
                "client_port": 50413,
            },
        ),
        Sample(
            "Mar  5 09:14:03 till-3 sshd[2102]: Failed none for invalid user  from 203.0.113.9 port 50413 ssh2",
            {"event": "Failed", "auth_method": "none", "user": None, "client_ip": "203.0.113.9", "client_port": 50413},
        ),
        Sample(
            "Mar  5 09:14:04 till-3 sshd[2102]: Invalid user admin from 203.0.113.9",
            {"event": "Invalid user", "user": "admin", "client_ip": "203.0.113.9", "client_port": None},
        ),
        Sample(
            "2024-03-05T10:14:05.5+01:00 till-3 sshd-session[2102]: Connection closed by authenticating user root 203.0.113.9 port 50414 [preauth]",
            {
                "timestamp": "2024-03-05T09:14:05.500Z",
                "app_name": "sshd-session",
                "event": "Connection closed",
                "user": "root",
                "client_ip": "203.0.113.9",
                "client_port": 50414,
            },
        ),
        Sample(
            "Mar  5 09:14:06 till-3 sshd[2103]: Received disconnect from 203.0.113.9: 11: Bye Bye [preauth]",
            {"event": "Received disconnect", "client_ip": "203.0.113.9", "user": None},
        ),
        Sample(
            "Mar  5 09:14:06 till-3 sshd[2103]: pam_unix(sshd:session): session opened for user ines(uid=1000) by (uid=0)",
            {"event": "session opened", "user": "ines", "client_ip": None},
        ),
        Sample(
            "Mar  5 09:14:07 till-3 sshd[2104]: pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.9  user=root",
            {"event": "authentication failure", "user": "root", "client_ip": "203.0.113.9"},
        ),
        Sample(
            "Mar  5 09:14:08 till-3 sshd[2101]: Server listening on 0.0.0.0 port 22.",
            {"message": "Server listening on 0.0.0.0 port 22.", "event": None, "client_ip": None},
        ),
        Sample(
            "Mar  5 09:14:09 sshd[2101]: Received signal 15; terminating.",
            {"message": "Received signal 15; terminating.", "hostname": None, "pid": 2101},
        ),
    ),
)
