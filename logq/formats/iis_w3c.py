"""The log of Internet Information Services, and others in the W3C's extended format, columns as `#Fields` names them."""

from __future__ import annotations

from typing import Final

from logq.formats._units import seconds
from logq.formats._w3c import DERIVED, DTYPES, RENAMES, STAMP
from logq.formats.base import Format, Sample

IIS_W3C: Final = Format(
    name="iis_w3c",
    title="W3C extended log (IIS)",
    kind="csv",
    separator=" ",
    header=False,
    directive=r"^#Fields:[ \t]+((?:[^ \t]+[ \t]+)*(?:time|date)[ \t].*)$",
    renames=RENAMES,
    stamp=STAMP,
    level=(),
    dtypes=DTYPES,
    derived={**DERIVED, "duration_s": seconds("duration_s")},
    nulls=("-",),
    reference="https://learn.microsoft.com/en-us/windows/win32/http/w3c-logging",
    samples=(
        Sample(
            "#Software: Microsoft Internet Information Services 10.0\n#Version: 1.0\n#Date: 2024-03-05 09:14:00\n"
            "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status "
            "sc-substatus sc-win32-status time-taken\n"
            "2024-03-05 09:14:02 10.0.0.1 POST /cart.aspx id=8 443 - 203.0.113.9 Mozilla/5.0+(Windows+NT+10.0) - 500 19 5 247",
            {
                "timestamp": "2024-03-05T09:14:02Z",
                "time_quality": "exact",
                "level": None,
                "message": "POST /cart.aspx",
                "date": "2024-03-05",
                "time": "09:14:02",
                "server_ip": "10.0.0.1",
                "method": "POST",
                "path": "/cart.aspx",
                "query": "id=8",
                "server_port": 443,
                "user": None,
                "client_ip": "203.0.113.9",
                "user_agent": "Mozilla/5.0+(Windows+NT+10.0)",
                "referrer": None,
                "status": 500,
                "substatus": 19,
                "win32_status": 5,
                "duration_s": 0.247,
            },
        ),
    ),
)
