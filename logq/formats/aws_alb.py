"""Access logs of AWS load balancers: Application, as they have grown over the years, and Classic."""

from __future__ import annotations

from typing import Final

import polars as pl

from logq.formats.base import Format, Sample, Stamp

TEXT: Final = r'[^"]*'
WHEN: Final = r"(?P<timestamp>[0-9]{4}-[0-9]{2}-[0-9]{2}T[^ ]+) (?P<load_balancer>[^ ]+)"
ENDS: Final = r" (?P<client_ip>[^ ]+):(?P<client_port>[0-9]+) (?:-|(?P<target_ip>[^ ]+):(?P<target_port>[0-9]+))"
REQUEST: Final = (
    rf'"(?P<request>(?P<method>[^ "]+) (?P<url>[^ "]+) (?P<protocol>[^ "]+) ?|{TEXT})" "(?P<user_agent>{TEXT})"'
)
FIGURES: Final = (
    r" (?P<request_processing_s>-?[0-9.]+) (?P<target_processing_s>-?[0-9.]+) (?P<response_processing_s>-?[0-9.]+)"
    r" (?P<status>[0-9]+|-) (?P<target_status>[0-9]+|-) (?P<received_bytes>[0-9]+) (?P<sent_bytes>[0-9]+) "
)
TLS: Final = r" (?P<tls_cipher>[^ ]+) (?P<tls_protocol>[^ ]+)"
BODY: Final = rf"{WHEN}{ENDS}{FIGURES}{REQUEST}{TLS}"
TARGETS: Final = (
    rf'(?: "(?P<actions>{TEXT})" "(?P<redirect_url>{TEXT})" "(?P<error_reason>{TEXT})")?'
    rf'(?: "?(?P<targets>[^"]*?)"? "?(?P<target_statuses>[0-9 ]+|-)"?)?'
    rf'(?: "(?P<classification>{TEXT})" "(?P<classification_reason>{TEXT})")?'
)

AWS_ALB: Final = Format(
    name="aws_alb",
    title="AWS load balancer access log (Application, Classic)",
    patterns=(
        # The usual shape, with one way to go on at every byte; the others take any.
        (
            rf"^(?P<type>[a-z0-9]+) {WHEN} (?P<client_ip>[^ :]+):(?P<client_port>[0-9]+)"
            rf" (?:-|(?P<target_ip>[^ :-][^ :]*):(?P<target_port>[0-9]+)){FIGURES}"
            rf'"(?P<request>(?P<method>[^ "]+) (?P<url>[^ "]+) (?P<protocol>[^ "]+) ?)" "(?P<user_agent>{TEXT})"{TLS}'
            rf' (?P<target_group>[^ ]+) "(?P<trace_id>{TEXT})" "(?P<domain>{TEXT})" "(?P<certificate>{TEXT})"'
            rf' (?P<rule_priority>-?[0-9]+) (?P<request_created>[^ ]+) "(?P<actions>{TEXT})" "(?P<redirect_url>{TEXT})"'
            rf' "(?P<error_reason>{TEXT})" "(?P<targets>{TEXT})" "(?P<target_statuses>[0-9 ]+|-)"'
            rf' "(?P<classification>{TEXT})" "(?P<classification_reason>{TEXT})"(?: (?P<connection_trace_id>[^ ]+)(?: .*)?)?$'
        ),
        (
            rf"^(?P<type>[a-z0-9]+) {BODY} (?P<target_group>[^ ]+) \"(?P<trace_id>{TEXT})\""
            rf'(?: "(?P<domain>{TEXT})" "(?P<certificate>{TEXT})")?(?: (?P<rule_priority>-?[0-9]+|-) (?P<request_created>[^ ]+))?'
            rf"{TARGETS}(?: (?P<connection_trace_id>[^ ]+))?(?: .*)?$"
        ),
        rf"^{BODY}$",
    ),
    stamp=Stamp(layouts=("%Y-%m-%dT%H:%M:%S%.fZ",)),
    level=(),
    message=("request",),
    dtypes={
        **dict.fromkeys(
            ("client_port", "target_port", "status", "target_status", "received_bytes", "sent_bytes", "rule_priority"),
            pl.Int64(),
        ),
        **dict.fromkeys(("request_processing_s", "target_processing_s", "response_processing_s"), pl.Float64()),
    },
    nulls=("-", "-1", "- - - "),
    reference="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html",
    samples=(
        Sample(
            "https 2024-03-05T09:14:02.186641Z app/shop/50dc6c495c0c9188 203.0.113.9:2817 10.0.0.1:80 0.086 0.048 0.037 502 200 34 366 "
            '"GET https://shop.example:443/cart?id=8 HTTP/1.1" "curl/8.5.0" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 '
            'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/shop/73e2d6bc24d8a067 "Root=1-58337281-1d84f3d7" '
            '"shop.example" "arn:aws:acm:eu-west-1:123456789012:certificate/12" 1 2024-03-05T09:14:01.364000Z "waf,forward" "-" "-" '
            '"10.0.0.1:80" "200" "-" "-" TID_dc57cebed65b444ebc8177bb698fe166',
            {
                "timestamp": "2024-03-05T09:14:02.186641Z",
                "time_quality": "exact",
                "level": None,
                "message": "GET https://shop.example:443/cart?id=8 HTTP/1.1",
                "type": "https",
                "load_balancer": "app/shop/50dc6c495c0c9188",
                "client_ip": "203.0.113.9",
                "client_port": 2817,
                "target_ip": "10.0.0.1",
                "target_port": 80,
                "request_processing_s": 0.086,
                "target_processing_s": 0.048,
                "response_processing_s": 0.037,
                "status": 502,
                "target_status": 200,
                "received_bytes": 34,
                "sent_bytes": 366,
                "method": "GET",
                "url": "https://shop.example:443/cart?id=8",
                "protocol": "HTTP/1.1",
                "user_agent": "curl/8.5.0",
                "tls_cipher": "ECDHE-RSA-AES128-GCM-SHA256",
                "tls_protocol": "TLSv1.2",
                "target_group": "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/shop/73e2d6bc24d8a067",
                "trace_id": "Root=1-58337281-1d84f3d7",
                "domain": "shop.example",
                "certificate": "arn:aws:acm:eu-west-1:123456789012:certificate/12",
                "rule_priority": 1,
                "request_created": "2024-03-05T09:14:01.364000Z",
                "actions": "waf,forward",
                "redirect_url": None,
                "error_reason": None,
                "targets": "10.0.0.1:80",
                "target_statuses": "200",
                "classification": None,
                "connection_trace_id": "TID_dc57cebed65b444ebc8177bb698fe166",
            },
        ),
        Sample(
            'http 2024-03-05T09:14:03.216357Z app/shop/50dc6c495c0c9188 203.0.113.9:15070 - -1 -1 -1 400 - 0 272 "- http://shop.example:80- -" '
            '"-" - - - "-" "-" "-" - 2024-03-05T09:14:02.967000Z "-" "-" "-" "-" "-" "-" "-"',
            {
                "target_ip": None,
                "request_processing_s": None,
                "status": 400,
                "target_status": None,
                "method": None,
                "user_agent": None,
                "target_group": None,
                "rule_priority": None,
                "targets": None,
                "connection_trace_id": None,
            },
        ),
        Sample(
            "2024-03-05T09:14:04.945958Z shop-classic 203.0.113.9:2817 10.0.0.1:80 0.001069 0.000028 0.000041 - - 82 305 "
            '"- - - " "-" - -',
            {"message": None, "type": None, "status": None, "sent_bytes": 305, "target_processing_s": 0.000028},
        ),
    ),
)
