"""Zeek's (Bro's) logs, columns as `#fields` names them."""

from __future__ import annotations

from typing import Final

import polars as pl

from logq.formats.base import Format, Sample, Stamp

COUNTS: Final = (
    *("source_port", "destination_port", "orig_bytes", "resp_bytes", "missed_bytes", "orig_pkts", "resp_pkts"),
    *("orig_ip_bytes", "resp_ip_bytes", "trans_depth", "request_body_len", "response_body_len", "status_code", "depth"),
    *(
        "info_code",
        "trans_id",
        "qclass",
        "qtype",
        "rcode",
        "seen_bytes",
        "total_bytes",
        "missing_bytes",
        "overflow_bytes",
    ),
)

ZEEK: Final = Format(
    name="zeek",
    title="Zeek log (tab-separated)",
    kind="csv",
    separator="\t",
    header=False,
    quoted=False,
    directive=r"^#fields\t(.*)$",
    renames={
        "ts": "timestamp",
        "id.orig_h": "source_ip",
        "id.orig_p": "source_port",
        "id.resp_h": "destination_ip",
        "id.resp_p": "destination_port",
        "duration": "duration_s",
        "rtt": "rtt_s",
        "msg": "message",
    },
    stamp=Stamp(layouts=("epoch_s", "%Y-%m-%dT%H:%M:%S%.f%#z")),
    level=(),
    dtypes={**dict.fromkeys(COUNTS, pl.Int64()), **dict.fromkeys(("duration_s", "rtt_s"), pl.Float64())},
    nulls=("-", "(empty)"),
    reference="https://docs.zeek.org/en/current/log-formats.html",
    samples=(
        Sample(
            "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n#open\t2024-03-05-09-14-00\n"
            "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration\torig_bytes\tresp_bytes\tconn_state"
            "\tlocal_orig\ttunnel_parents\n"
            "#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tstring\tinterval\tcount\tcount\tstring\tbool\tset[string]\n"
            "1709630042.518231\tC54zqz17PXuBv3HkLg\t192.168.0.26\t54855\t203.0.113.9\t443\ttcp\tssl\t0.153642\t1147\t589\tSF\tT\t(empty)",
            {
                "timestamp": "2024-03-05T09:14:02.518231Z",
                "time_quality": "exact",
                "level": None,
                "message": None,
                "uid": "C54zqz17PXuBv3HkLg",
                "source_ip": "192.168.0.26",
                "source_port": 54855,
                "destination_ip": "203.0.113.9",
                "destination_port": 443,
                "proto": "tcp",
                "service": "ssl",
                "duration_s": 0.153642,
                "orig_bytes": 1147,
                "resp_bytes": 589,
                "conn_state": "SF",
                "local_orig": "T",
                "tunnel_parents": None,
            },
        ),
    ),
)
