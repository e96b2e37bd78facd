"""What the programs that let users in write to syslog's facility `auth`: sudo, su, PAM, the tools for accounts, sshd."""

from __future__ import annotations

from typing import Final

from logq.formats._sshd import ANY, PAM, SEVERITY, SSHD, STAMP, TYPES, head
from logq.formats._syslog import BSD, LONG, START
from logq.formats.base import Format, Sample

# Written as a tree, so that each letter leaves one way to go on.
PROGRAMS: Final = (
    r"(?:s(?:u(?:do)?|shd(?:-[a-z]+)?|ddm|ystemd-(?:logind|user))|c(?:h(?:age|fn|sh)|rond?)|CRON|doas"
    r"|g(?:passwd|roup(?:add|mod|del)|dm(?:-[a-z-]*)?)|l(?:ogin|ast|ightdm)|newgrp|p(?:asswd|olkitd|kexec)|runuser"
    r"|u(?:ser(?:add|mod|del)|nix_chkpwd))(?:\([^)]*\))?"
)
HEAD: Final = head(PROGRAMS)
SIMPLE: Final = (
    r"(?P<user>[^ ]+) : (?P<message>TTY=(?P<tty>[^ ]*) ; PWD=(?P<cwd>[^ ;]*) ; USER=(?P<run_as>[^ ]*) ; "
    r"COMMAND=(?P<command>(?s:.*)))$"
)
SUDO: Final = (
    r"(?P<user>[^ ]+) : (?P<message>(?:(?P<event>[^=]+) ; )?(?:TTY=(?P<tty>[^ ]*) ; )?(?:PWD=(?P<cwd>[^;]*) ; )?"
    r"USER=(?P<run_as>[^ ]*) ; (?:GROUP=[^ ]* ; )?(?:ENV=[^;]* ; )?(?:COMMAND=(?P<command>(?s:.*)))?)$"
)
SU: Final = r"(?P<message>(?P<event>Successful|FAILED) su for (?P<run_as>[^ ]+) by (?P<user>[^ ]+))$"
ADDED: Final = r"(?P<message>(?P<event>new user|new group): name=(?P<user>[^,]+)(?s:.*))$"
BARE: Final = head(PROGRAMS, hostname=False) + ANY
REPEATED: Final = (
    rf"^(?P<timestamp>{BSD}|{LONG}) (?:(?P<hostname>[^ ]*) )?(?P<message>last message repeated [0-9]+ times)$"
)

AUTH: Final = Format(
    name="auth",
    title="Authentication log (sudo, su, PAM, sshd, accounts)",
    patterns=(*(HEAD + tail for tail in (SIMPLE, SUDO, *PAM, *SSHD, SU, ADDED, ANY)), BARE, REPEATED),
    stamp=STAMP,
    level=(),
    dtypes=TYPES,
    derived=SEVERITY,
    nulls=("",),
    start=START,
    reference="https://www.sudo.ws/docs/man/sudoers.man/#EVENT_LOGGING",
    samples=(
        Sample(
            "Mar  5 09:14:02 till-3 sudo:     ines : TTY=pts/0 ; PWD=/srv/shop ; USER=root ; COMMAND=/usr/bin/systemctl restart stockd",
            {
                "time_quality": "year_inferred",
                "level": None,
                "message": "TTY=pts/0 ; PWD=/srv/shop ; USER=root ; COMMAND=/usr/bin/systemctl restart stockd",
                "hostname": "till-3",
                "app_name": "sudo",
                "pid": None,
                "user": "ines",
                "event": None,
                "tty": "pts/0",
                "cwd": "/srv/shop",
                "run_as": "root",
                "command": "/usr/bin/systemctl restart stockd",
            },
        ),
        Sample(
            "Mar  5 09:14:03 till-3 sudo:     ines : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/srv ; USER=root ; COMMAND=/bin/sh",
            {"event": "3 incorrect password attempts", "user": "ines", "command": "/bin/sh"},
        ),
        Sample(
            "Mar  5 09:14:04 till-3 su[2101]: FAILED su for root by ines",
            {"event": "FAILED", "run_as": "root", "user": "ines", "pid": 2101},
        ),
        Sample(
            "Mar  5 09:14:05 till-3 useradd[2102]: new user: name=mara, UID=1002, GID=1002, home=/home/mara, shell=/bin/sh",
            {"event": "new user", "user": "mara"},
        ),
        Sample(
            "Mar  5 09:17:01 till-3 CRON[2103]: pam_unix(cron:session): session opened for user root by (uid=0)",
            {"app_name": "CRON", "event": "session opened", "user": "root"},
        ),
        Sample(
            "Mar  5 09:17:02 till-3 su(pam_unix)[2104]: authentication failure; logname= uid=0 euid=0 tty=tty1 ruser= rhost=",
            {"app_name": "su(pam_unix)", "event": "authentication failure", "user": None, "client_ip": None},
        ),
        Sample(
            "Mar  5 09:17:03 till-3 sshd[2105]: Accepted password for mara from 203.0.113.9 port 50412 ssh2",
            {"event": "Accepted", "auth_method": "password", "user": "mara", "client_port": 50412},
        ),
        Sample(
            "Mar  5 09:17:03 till-3 sshd[2105]: Failed password for invalid user guest from 203.0.113.9 port 50412 ssh2",
            {"event": "Failed", "user": "guest"},
        ),
        Sample(
            "Mar  5 09:17:03 till-3 sshd[2105]: Failed password for mara from 203.0.113.9",
            {"event": "Failed", "user": "mara", "client_ip": "203.0.113.9", "client_port": None},
        ),
        Sample(
            "Mar  5 09:17:04 till-3 sshd[2105]: Invalid user admin from 203.0.113.9 port 50413",
            {"event": "Invalid user", "user": "admin", "client_ip": "203.0.113.9"},
        ),
        Sample(
            "Mar  5 09:17:05 till-3 sshd[2105]: Disconnected from user mara 203.0.113.9 port 50412",
            {"event": "Disconnected", "user": "mara", "client_ip": "203.0.113.9"},
        ),
        Sample(
            "<86>Mar  5 09:17:06 till-3 systemd-logind[411]: Removed session 12.",
            {"level": "INFO", "severity": 9, "priority": 86, "message": "Removed session 12.", "event": None},
        ),
        Sample(
            "Mar  5 09:17:06 su[2106]: Successful su for mara by root",
            {"hostname": None, "app_name": "su", "message": "Successful su for mara by root"},
        ),
        Sample(
            "Mar  5 09:17:07 till-3 last message repeated 2 times",
            {"hostname": "till-3", "app_name": None, "message": "last message repeated 2 times"},
        ),
    ),
)
