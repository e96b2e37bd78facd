"""Apache's `ssl_request_log`, as `mod_ssl`'s shipped configuration writes it: `%t %h %{SSL_PROTOCOL}x %{SSL_CIPHER}x "%r" %b`."""

from __future__ import annotations

from typing import Final

from logq.formats._access import DTYPES, LOOSE_REQUEST, REQUEST, STAMP
from logq.formats.base import Format, Sample

HEAD: Final = r"^\[(?P<timestamp>[^\]]*)\] (?P<client_ip>[^ ]+) (?P<tls_protocol>TLSv[0-9.]+|SSLv[0-9.]+|-) (?P<tls_cipher>[^ ]+) "
BYTES: Final = " (?P<bytes>[0-9]+|-)$"

APACHE_SSL_REQUEST: Final = Format(
    name="apache_ssl_request",
    title="Apache TLS request log",
    patterns=(rf"{HEAD}{REQUEST}{BYTES}", rf"{HEAD}{LOOSE_REQUEST}{BYTES}"),
    stamp=STAMP,
    level=(),
    message=("request",),
    dtypes={"bytes": DTYPES["bytes"]},
    nulls=("-",),
    reference="https://httpd.apache.org/docs/2.4/mod/mod_ssl.html#logformats",
    samples=(
        Sample(
            '[05/Mar/2024:10:14:02 +0100] 203.0.113.9 TLSv1.3 TLS_AES_256_GCM_SHA384 "GET /cart?id=8 HTTP/1.1" 1375',
            {
                "timestamp": "2024-03-05T09:14:02Z",
                "time_quality": "exact",
                "level": None,
                "message": "GET /cart?id=8 HTTP/1.1",
                "client_ip": "203.0.113.9",
                "tls_protocol": "TLSv1.3",
                "tls_cipher": "TLS_AES_256_GCM_SHA384",
                "request": "GET /cart?id=8 HTTP/1.1",
                "method": "GET",
                "path": "/cart?id=8",
                "protocol": "HTTP/1.1",
                "bytes": 1375,
            },
        ),
        Sample(
            '[05/Mar/2024:09:14:03 +0000] 2001:db8::5 - - "-" -',
            {"client_ip": "2001:db8::5", "tls_protocol": None, "message": None, "method": None, "bytes": None},
        ),
    ),
)
