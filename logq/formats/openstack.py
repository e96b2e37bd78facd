"""OpenStack's services (oslo.log): process, level, module, and in brackets the request, its user and its project."""

from __future__ import annotations

from typing import Final

import polars as pl

from logq.formats.base import Format, Sample, Stamp

TIME: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}"
WORDS: Final = "TRACE|DEBUG|INFO|AUDIT|WARNING|ERROR|CRITICAL"
ENTRY: Final = rf"(?P<timestamp>{TIME}) (?P<pid>[0-9]+) (?P<level>{WORDS}) (?P<logger>[A-Za-z0-9_.-]+) "
FILE: Final = r"(?P<file_name>[^ ]+) "
HEAD: Final = rf"^(?:{FILE})?{ENTRY}"
USUAL: Final = r"\[(?P<request_id>req-[0-9a-f-]+) (?P<user>[^ \]r][^ \]]*) (?P<project>[^ \]]+)(?: [^\]]*)?\] "
REQUEST: Final = r"\[(?:(?P<global_request_id>req-[0-9a-f-]+) )?(?P<request_id>req-[0-9a-f-]+)(?: (?P<user>[^ \]]+))?(?: (?P<project>[^ \]]+))?[^\]]*\] "

OPENSTACK: Final = Format(
    name="openstack",
    title="OpenStack log (oslo.log)",
    patterns=(
        # The usual shapes, with one way to go on at every byte; the next two take any.
        rf"^{ENTRY}{USUAL}(?P<message>(?s:.*))$",
        rf"^{FILE}{ENTRY}{USUAL}(?P<message>(?s:.*))$",
        rf"{HEAD}{REQUEST}(?P<message>(?s:.*))$",
        rf"{HEAD}(?:\[-\] )?(?P<message>(?s:.*))$",
    ),
    stamp=Stamp(layouts=("%Y-%m-%d %H:%M:%S%.f",)),
    severities={"critical": 21, "audit": 9},
    dtypes={"pid": pl.Int64()},
    nulls=("-", "None"),
    start=rf"^(?:[^ ]+ )?{TIME} [0-9]+ [A-Z]",
    reference="https://docs.openstack.org/oslo.log/latest/configuration/index.html",
    samples=(
        Sample(
            "2024-03-05 09:14:02.518 25746 INFO nova.osapi_compute.wsgi.server [req-38101a0b-2096-447d-96ea-a692162415ae 113d3a99c3da 54fadb412c4e - - -] "
            '10.11.10.1 "GET /v2/servers HTTP/1.1" status: 200',
            {
                "timestamp": "2024-03-05T09:14:02.518Z",
                "time_quality": "zone_assumed",
                "level": "INFO",
                "message": '10.11.10.1 "GET /v2/servers HTTP/1.1" status: 200',
                "file_name": None,
                "pid": 25746,
                "logger": "nova.osapi_compute.wsgi.server",
                "request_id": "req-38101a0b-2096-447d-96ea-a692162415ae",
                "user": "113d3a99c3da",
                "project": "54fadb412c4e",
            },
        ),
        Sample(
            "nova-compute.log 2024-03-05 09:14:03.018 2931 WARNING nova.virt.libvirt.imagecache [-] Unknown base file",
            {
                "level": "WARN",
                "message": "Unknown base file",
                "file_name": "nova-compute.log",
                "request_id": None,
            },
        ),
        Sample(
            "nova-api.log 2024-03-05 09:14:04.018 25746 INFO nova.api [req-38101a0b-2096-447d-96ea-a692162415ae 113d 54fa - - -] up",
            {"file_name": "nova-api.log", "project": "54fa", "message": "up"},
        ),
        Sample(
            "2024-03-05 09:14:05.018 25746 ERROR nova.api [req-1a0b-20 req-9615-ae None None] down",
            {"global_request_id": "req-1a0b-20", "request_id": "req-9615-ae", "user": None, "message": "down"},
        ),
    ),
)
