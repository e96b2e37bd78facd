"""systemd's journal as `journalctl -o json` prints it; all its values are text."""

from __future__ import annotations

from typing import Final

import polars as pl

from logq.formats.base import Format, Sample, Stamp

RENAMES: Final = {
    "__REALTIME_TIMESTAMP": "timestamp",
    "MESSAGE": "message",
    "PRIORITY": "level",
    "SYSLOG_IDENTIFIER": "app_name",
    "SYSLOG_FACILITY": "facility",
    "_HOSTNAME": "hostname",
    "_SYSTEMD_UNIT": "unit",
    "_TRANSPORT": "transport",
    "_COMM": "command",
    "_CMDLINE": "command_line",
    "_EXE": "executable",
    "_PID": "pid",
    "_UID": "uid",
    "_GID": "gid",
    "_BOOT_ID": "boot_id",
    "_MACHINE_ID": "machine_id",
}

JOURNALD_JSON: Final = Format(
    name="journald_json",
    title="systemd journal (journalctl -o json)",
    kind="json",
    marks=(r'"__REALTIME_TIMESTAMP"\s*:', r'"(?:__CURSOR|_BOOT_ID|MESSAGE)"\s*:'),
    renames=RENAMES,
    whose=r'"_PID"\s*:\s*"([^"]*)"',
    wraps=r'"MESSAGE"\s*:\s*"((?:[^"\\]|\\.)*)"',
    programs="app_name",
    stamp=Stamp(layouts=("epoch_us",)),
    severities=dict(zip("01234567", (21, 19, 18, 17, 13, 10, 9, 5), strict=True)),
    dtypes={**dict.fromkeys(("facility", "pid", "uid", "gid"), pl.Int64()), "app_name": pl.String()},
    reference="https://www.freedesktop.org/software/systemd/man/latest/systemd.journal-fields.html",
    samples=(
        Sample(
            '{"__REALTIME_TIMESTAMP":"1709630042518231","__CURSOR":"s=1;i=2","_BOOT_ID":"6f1a","PRIORITY":"3","_PID":"2101","_UID":"0",'
            '"SYSLOG_IDENTIFIER":"stockd","SYSLOG_FACILITY":"3","_HOSTNAME":"till-3","_SYSTEMD_UNIT":"stockd.service",'
            '"MESSAGE":"card reader gone","SHELF":"017"}',
            {
                "timestamp": "2024-03-05T09:14:02.518231Z",
                "time_quality": "exact",
                "level": "ERROR",
                "severity": 17,
                "message": "card reader gone",
                "hostname": "till-3",
                "app_name": "stockd",
                "facility": 3,
                "unit": "stockd.service",
                "pid": 2101,
                "uid": 0,
                "boot_id": "6f1a",
                "SHELF": "017",
            },
        ),
    ),
)
