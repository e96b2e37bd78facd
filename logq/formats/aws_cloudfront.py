"""CloudFront's standard access log: columns as `#Fields` names them, parted by tabs; its durations are seconds already."""

from __future__ import annotations

from typing import Final

from logq.formats._w3c import DERIVED, DTYPES, RENAMES, STAMP
from logq.formats.base import Format, Sample

COLUMNS: Final = (
    "date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query "
    "cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken x-forwarded-for ssl-protocol "
    "ssl-cipher x-edge-response-result-type cs-protocol-version fle-status fle-encrypted-fields c-port time-to-first-byte "
    "x-edge-detailed-result-type sc-content-type sc-content-len sc-range-start sc-range-end"
)
NAMES: Final = {
    **RENAMES,
    "x-edge-location": "edge_location",
    "x-edge-result-type": "result_type",
    "x-edge-request-id": "request_id",
    "x-host-header": "host_header",
    "x-forwarded-for": "forwarded_for",
    "ssl-protocol": "tls_protocol",
    "ssl-cipher": "tls_cipher",
    "x-edge-response-result-type": "response_result_type",
    "fle-status": "field_encryption_status",
    "fle-encrypted-fields": "encrypted_fields",
    "time-to-first-byte": "first_byte_s",
    "x-edge-detailed-result-type": "detailed_result_type",
    "sc-content-type": "content_type",
    "sc-content-len": "content_bytes",
    "sc-range-start": "range_start",
    "sc-range-end": "range_end",
}

AWS_CLOUDFRONT: Final = Format(
    name="aws_cloudfront",
    title="CloudFront access log",
    kind="csv",
    separator="\t",
    header=False,
    quoted=False,
    directive=r"^#Fields:[ \t]+(.*x-edge-.*)$",
    columns=tuple(NAMES.get(name, name) for name in COLUMNS.split()),
    renames=NAMES,
    stamp=STAMP,
    level=(),
    dtypes={NAMES.get(name, name): dtype for name, dtype in DTYPES.items()},
    derived=DERIVED,
    nulls=("-",),
    reference="https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html",
    samples=(
        Sample(
            f"#Version: 1.0\n#Fields: {COLUMNS}\n"
            "2024-03-05\t09:14:02\tFRA56-P1\t2390\t203.0.113.9\tGET\td111111abcdef8.cloudfront.net\t/cart/index.html\t200\t-\t"
            "Mozilla/5.0%20(Windows%20NT%2010.0)\tid=8\t-\tHit\tSOX4xwn4XV6Q4rgb7XiVGOHms_BGlTAC==\tshop.example\thttps\t23\t0.014\t-\t"
            "TLSv1.3\tTLS_AES_128_GCM_SHA256\tHit\tHTTP/2.0\t-\t-\t11040\t0.012\tHit\ttext/html\t78\t-\t-",
            {
                "timestamp": "2024-03-05T09:14:02Z",
                "time_quality": "exact",
                "level": None,
                "message": "GET /cart/index.html",
                "edge_location": "FRA56-P1",
                "bytes": 2390,
                "client_ip": "203.0.113.9",
                "method": "GET",
                "authority": "d111111abcdef8.cloudfront.net",
                "path": "/cart/index.html",
                "status": 200,
                "referrer": None,
                "user_agent": "Mozilla/5.0%20(Windows%20NT%2010.0)",
                "query": "id=8",
                "cookie": None,
                "result_type": "Hit",
                "request_id": "SOX4xwn4XV6Q4rgb7XiVGOHms_BGlTAC==",
                "host_header": "shop.example",
                "scheme": "https",
                "bytes_received": 23,
                "duration_s": 0.014,
                "forwarded_for": None,
                "tls_protocol": "TLSv1.3",
                "tls_cipher": "TLS_AES_128_GCM_SHA256",
                "protocol": "HTTP/2.0",
                "client_port": 11040,
                "first_byte_s": 0.012,
                "content_type": "text/html",
                "content_bytes": 78,
                "range_start": None,
            },
        ),
    ),
)
