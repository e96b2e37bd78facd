"""Grok's names for the tables of Zeek, and of Bro as it was called before."""

from __future__ import annotations

from typing import Final

__all__ = ["PATTERNS"]

ENDS: Final = "NUMBER:timestamp|ts NOTSPACE:zeek.session_id|uid IP:source.ip|orig_h INT:source.port:int|orig_p IP:destination.ip|resp_h INT:destination.port:int|resp_p"
FILES: Final = "zeek.files.session_ids? zeek.files.source? INT:zeek.files.depth?:int zeek.files.analyzers? file.mime_type? file.name? NUMBER:zeek.files.duration?:float zeek.files.local_orig? BOOL:zeek.files.is_orig? INT:zeek.files.seen_bytes?:int INT:file.size?:int INT:zeek.files.missing_bytes?:int INT:zeek.files.overflow_bytes?:int BOOL:zeek.files.timedout? zeek.files.parent_fuid? file.hash.md5? file.hash.sha1? file.hash.sha256? zeek.files.extracted?"
PEERS: Final = "INT:source.packets?:int INT:source.bytes?:int INT:destination.packets?:int INT:destination.bytes?:int"
CONN: Final = "WORD:network.transport network.protocol? NUMBER:zeek.connection.duration?:float INT:zeek.connection.orig_bytes?:int INT:zeek.connection.resp_bytes?:int zeek.connection.state? BOOL:zeek.connection.local_orig?"
SENT: Final = "NUMBER:http.request.body.bytes?:int NUMBER:http.response.body.bytes?:int POSINT:http.response.status_code?:int DATA:zeek.http.status_msg? POSINT:zeek.http.info_code?:int DATA:zeek.http.info_msg?"
LOGIN: Final = "url.username? url.password? zeek.http.proxied? zeek.http.orig_fuids?"
ASKED: Final = (
    "INT:zeek.http.trans_depth:int WORD:http.request.method? url.domain? url.original? http.request.referrer?"
)
QUERY: Final = "dns.question.name? INT:zeek.dns.qclass?:int zeek.dns.qclass_name? INT:zeek.dns.qtype?:int dns.question.type? INT:zeek.dns.rcode?:int dns.response_code?"
FLAGS: Final = "BOOL:zeek.dns.AA? BOOL:zeek.dns.TC? BOOL:zeek.dns.RD? BOOL:zeek.dns.RA? NONNEGINT:zeek.dns.Z?:int zeek.dns.answers? DATA:zeek.dns.TTLs? BOOL:zeek.dns.rejected?"


def _table(columns: str, kind: str) -> str:
    """Columns, each `NAME:field` or a field of text, as one pattern with tabs between; `+…` is a pattern's name."""
    named = (
        column if column[0] == "+" or column.split(":")[0].isupper() else f"DATA_:{column}"
        for column in columns.split()
    )
    cells = (f"%{{{c[1:]}}}" if c[0] == "+" else f"%{{{c}}}" for c in named)
    return r"\t".join(cells).replace("%{DATA_", f"%{{{kind}_DATA").replace("%{BOOL", f"%{{{kind}_BOOL")


def _old(columns: str) -> str:
    """Columns of Bro as they were named then."""
    return r"\t".join(f"%{{{c if ':' in c else f'GREEDYDATA:{c}'}}}" for c in columns.split())


OLD_ENDS: Final = "NUMBER:ts NOTSPACE:uid IP:orig_h INT:orig_p IP:resp_h INT:resp_p"
EMPTY: Final = r"(?:\(empty\)|%{BRO_DATA:zeek.connection.tunnel_parents})"
TAGS: Final = r"(?:\(empty\)|%{ZEEK_DATA:zeek.http.tags})"

PATTERNS: Final = rf"""
BRO_BOOL [TF]
BRO_DATA [^\t]+
ZEEK_BOOL [TF]
ZEEK_DATA [^\t]+
ZEEK_TAGS {TAGS}

BRO_HTTP[ecs] {_table(f"{ENDS} {ASKED} user_agent.original? {SENT} zeek.http.filename? +ZEEK_TAGS {LOGIN} http.request.mime_type? zeek.http.resp_fuids? http.response.mime_type?", "BRO")}
BRO_HTTP[legacy] {_old(f"{OLD_ENDS} INT:trans_depth method domain uri referrer user_agent NUMBER:request_body_len NUMBER:response_body_len status_code status_msg info_code info_msg filename bro_tags username password proxied orig_fuids orig_mime_types resp_fuids resp_mime_types")}
BRO_DNS[ecs] {_table(f"{ENDS} WORD:network.transport INT:dns.id?:int {QUERY} {FLAGS}", "BRO")}
BRO_DNS[legacy] {_old(f"{OLD_ENDS} WORD:proto INT:trans_id query qclass qclass_name qtype qtype_name rcode rcode_name AA TC RD RA Z answers TTLs rejected")}
BRO_CONN[ecs] {_table(f"{ENDS} {CONN}", "BRO")}\t(?:%{{BRO_BOOL:zeek.connection.local_resp?}}\t)?{_table(f"INT:zeek.connection.missed_bytes?:int zeek.connection.history? {PEERS}", "BRO")}\t{EMPTY}
BRO_CONN[legacy] {_old(f"{OLD_ENDS} WORD:proto service NUMBER:duration NUMBER:orig_bytes NUMBER:resp_bytes conn_state local_orig missed_bytes history orig_pkts orig_ip_bytes resp_pkts resp_ip_bytes tunnel_parents")}
BRO_FILES[ecs] {_table(f"NUMBER:timestamp NOTSPACE:zeek.files.fuid IP:server.ip? IP:client.ip? {FILES}", "BRO")}
BRO_FILES[legacy] {_old("NUMBER:ts NOTSPACE:fuid IP:tx_hosts IP:rx_hosts NOTSPACE:conn_uids source depth analyzers mime_type filename duration local_orig is_orig seen_bytes total_bytes missing_bytes overflow_bytes timedout parent_fuid md5 sha1 sha256 extracted")}

ZEEK_HTTP {_table(f"{ENDS} {ASKED} NUMBER:http.version? user_agent.original? zeek.http.origin? {SENT} +ZEEK_TAGS {LOGIN} zeek.http.orig_filenames? http.request.mime_type? zeek.http.resp_fuids? zeek.http.resp_filenames? http.response.mime_type?", "ZEEK")}
ZEEK_DNS {_table(f"{ENDS} WORD:network.transport INT:dns.id?:int NUMBER:zeek.dns.rtt?:float {QUERY} {FLAGS}", "ZEEK")}
ZEEK_CONN {_table(f"{ENDS} {CONN} BOOL:zeek.connection.local_resp? INT:zeek.connection.missed_bytes?:int zeek.connection.history? {PEERS} zeek.connection.tunnel_parents?", "ZEEK")}(?:\t%{{COMMONMAC:source.mac?}}\t%{{COMMONMAC:destination.mac?}})?
ZEEK_FILES_TX_HOSTS (?:%{{IP:server.ip}}|-|(?<zeek.files.tx_hosts>%{{IP:server.ip}}(?:[\s,]%{{IP}})+))
ZEEK_FILES_RX_HOSTS (?:%{{IP:client.ip}}|-|(?<zeek.files.rx_hosts>%{{IP:client.ip}}(?:[\s,]%{{IP}})+))
ZEEK_FILES {_table(f"NUMBER:timestamp NOTSPACE:zeek.files.fuid +ZEEK_FILES_TX_HOSTS +ZEEK_FILES_RX_HOSTS {FILES}", "ZEEK")}(?:\t%{{ZEEK_BOOL:zeek.files.extracted_cutoff?}}\t%{{INT:zeek.files.extracted_size?:int}})?
"""
