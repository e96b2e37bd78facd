"""Elasticsearch's server log: bracketed head, node, and the index that an entry is about."""

from __future__ import annotations

from typing import Final

from logq.formats.base import Format, Sample, Stamp

TIME: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2},[0-9]+"
LOGGER: Final = r"(?:[a-z][a-z0-9]?|org|deprecation|index|xpack)\.[A-Za-z0-9_.$-]+"
"""Packages are cut to their first letter, which tells this log from others of the same layout, such as Logstash's."""

INDEX: Final = r"(?:\[(?P<index>[a-z0-9._-]+)(?:/(?P<index_id>[A-Za-z0-9_-]{20,22}))?\] )?"

ELASTICSEARCH_SERVER: Final = Format(
    name="elasticsearch_server",
    title="Elasticsearch server log",
    patterns=(
        (
            rf"^\[(?P<timestamp>{TIME})\]\[(?P<level>[A-Z]+) *\]\[(?P<logger>{LOGGER}) *\]"
            rf" (?:\[(?P<node>[^\[\]]*)\] {INDEX})?(?P<message>(?s:.*))$"
        ),
    ),
    stamp=Stamp(layouts=("%Y-%m-%dT%H:%M:%S,%3f",)),
    nulls=("",),
    reference="https://www.elastic.co/docs/deploy-manage/monitor/logging-configuration/elasticsearch-log4j-configuration-self-managed",
    start=rf"^\[{TIME}\]\[[A-Z]+ *\]\[",
    samples=(
        Sample(
            "[2024-03-05T09:14:02,177][INFO ][o.e.c.m.MetaDataMappingService] [till-3] [cart/aOGgDwbURfCV57AScqbCgw] update_mapping [doc]",
            {
                "timestamp": "2024-03-05T09:14:02.177Z",
                "time_quality": "zone_assumed",
                "level": "INFO",
                "message": "update_mapping [doc]",
                "logger": "o.e.c.m.MetaDataMappingService",
                "node": "till-3",
                "index": "cart",
                "index_id": "aOGgDwbURfCV57AScqbCgw",
            },
        ),
        Sample(
            "[2024-03-05T09:14:03,666][WARN ][r.suppressed             ] path: /_bulk, params: {}\n"
            "org.elasticsearch.cluster.block.ClusterBlockException: blocked by: [no master];\n\tat org.elasticsearch.A.b(A.java:165)",
            {
                "level": "WARN",
                "message": "path: /_bulk, params: {}\norg.elasticsearch.cluster.block.ClusterBlockException: blocked by: "
                "[no master];\n\tat org.elasticsearch.A.b(A.java:165)",
                "logger": "r.suppressed",
                "node": None,
                "index": None,
            },
        ),
        Sample(
            "[2024-03-05T09:14:04,939][INFO ][o.e.n.Node               ] [] initializing ...",
            {"node": None, "message": "initializing ..."},
        ),
    ),
)
