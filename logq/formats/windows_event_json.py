"""Windows events as JSON lines: of Winlogbeat (old and new), NXLog and evtx_dump."""

from __future__ import annotations

from typing import Final

import polars as pl

from logq.formats._names import ISO
from logq.formats.base import Format, Sample, Stamp

SYSTEM: Final = "Event.System."
NAMES: Final = {
    "timestamp": ("@timestamp", f"{SYSTEM}TimeCreated.#attributes.SystemTime", "EventTime", "TimeCreated"),
    "level": ("log.level", f"{SYSTEM}Level", "Severity", "LevelDisplayName", "Level"),
    "message": ("Message",),
    "event_id": ("winlog.event_id", f"{SYSTEM}EventID", f"{SYSTEM}EventID.#text", "EventID", "Id"),
    "channel": ("winlog.channel", f"{SYSTEM}Channel", "Channel", "log_name", "LogName"),
    "provider": (
        "winlog.provider_name",
        f"{SYSTEM}Provider.#attributes.Name",
        "SourceName",
        "source_name",
        "ProviderName",
    ),
    "computer": ("winlog.computer_name", f"{SYSTEM}Computer", "Hostname", "computer_name", "MachineName"),
    "record_id": (
        "winlog.record_id",
        f"{SYSTEM}EventRecordID",
        "RecordNumber",
        "record_number",
        "RecordId",
    ),
    "process_id": (
        "winlog.process.pid",
        f"{SYSTEM}Execution.#attributes.ProcessID",
        "ProcessID",
        "process_id",
        "ProcessId",
    ),
    "thread_id": ("winlog.process.thread.id", f"{SYSTEM}Execution.#attributes.ThreadID", "ThreadID", "ThreadId"),
}

WINDOWS_EVENT_JSON: Final = Format(
    name="windows_event_json",
    title="Windows events as JSON (Winlogbeat, NXLog, evtx_dump)",
    kind="json",
    marks=(
        r'"(?:event_id|EventID|Id)"\s*:\s*["{0-9]',
        r'"(?:channel|Channel|log_name|LogName)"\s*:\s*"',
        r'"(?:computer_name|Computer|Hostname|MachineName)"\s*:\s*"',
    ),
    renames={name: column for column, names in NAMES.items() for name in names},
    stamp=Stamp(layouts=(*ISO, "%Y-%m-%d %H:%M:%S%.f UTC")),
    severities={
        "0": 9,
        "1": 21,
        "2": 17,
        "3": 13,
        "4": 9,
        "5": 5,
        "critical": 21,
        "verbose": 5,
        "audit_success": 9,
        "audit_failure": 13,
    },
    dtypes=dict.fromkeys(("event_id", "record_id", "process_id", "thread_id"), pl.Int64()),
    reference="https://learn.microsoft.com/en-us/windows/win32/wes/eventschema-systempropertiestype-complextype",
    samples=(
        Sample(
            '{"@timestamp":"2024-03-05T09:14:02.518Z","winlog":{"channel":"Security","event_id":"4625","provider_name":'
            '"Microsoft-Windows-Security-Auditing","computer_name":"till-3.shop.example","record_id":8123,'
            '"process":{"pid":612,"thread":{"id":4100}},"event_data":{"TargetUserName":"ines"}},'
            '"log":{"level":"information"},"message":"An account failed to log on."}',
            {
                "timestamp": "2024-03-05T09:14:02.518Z",
                "time_quality": "exact",
                "level": "INFO",
                "severity": 9,
                "message": "An account failed to log on.",
                "event_id": 4625,
                "channel": "Security",
                "provider": "Microsoft-Windows-Security-Auditing",
                "computer": "till-3.shop.example",
                "record_id": 8123,
                "process_id": 612,
                "thread_id": 4100,
                "winlog.event_data.TargetUserName": "ines",
            },
        ),
        Sample(
            '{"Event":{"System":{"Provider":{"#attributes":{"Name":"Disk"}},"EventID":7,"Level":2,'
            '"TimeCreated":{"#attributes":{"SystemTime":"2024-03-05T09:14:03.018231Z"}},"EventRecordID":8124,"Channel":"System",'
            '"Computer":"till-3"},"EventData":{"Device":"Harddisk0"}}}',
            {
                "timestamp": "2024-03-05T09:14:03.018231Z",
                "level": "ERROR",
                "event_id": 7,
                "channel": "System",
                "provider": "Disk",
                "computer": "till-3",
                "record_id": 8124,
                "Event.EventData.Device": "Harddisk0",
            },
        ),
        Sample(
            '{"EventTime":"2024-03-05 09:14:04","Hostname":"till-3","Severity":"WARNING","EventID":1014,"SourceName":"DNS",'
            '"ProcessID":612,"Channel":"System","Message":"Name resolution timed out."}',
            {
                "timestamp": "2024-03-05T09:14:04Z",
                "time_quality": "zone_assumed",
                "level": "WARN",
                "message": "Name resolution timed out.",
                "event_id": 1014,
                "computer": "till-3",
                "provider": "DNS",
                "process_id": 612,
            },
        ),
    ),
)
