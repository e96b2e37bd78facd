"""Elasticsearch's server log as JSON (7.x), whose stack traces go on over lines; OpenSearch's too."""

from __future__ import annotations

from typing import Final

import polars as pl

from logq.formats.base import Format, Sample, Stamp

INDEX: Final = r"^\[([a-z0-9._-]+)(?:/([A-Za-z0-9_-]{20,22}))?\] "

ELASTICSEARCH_JSON: Final = Format(
    name="elasticsearch_json",
    title="Elasticsearch server log as JSON",
    kind="json",
    marks=(
        r'^\{"type": ?"[a-z_]+"',
        r'"timestamp": ?"[0-9-]+T[0-9:]+,[0-9]+',
        r'"component": ?"',
        r'"(?:cluster|node)\.name": ?"',
    ),
    renames={
        "component": "logger",
        "cluster.name": "cluster",
        "cluster.uuid": "cluster_id",
        "node.name": "node",
        "node.id": "node_id",
    },
    stamp=Stamp(layouts=("%Y-%m-%dT%H:%M:%S,%3f%#z",)),
    dtypes={"stacktrace": pl.List(pl.String())},
    derived={
        "index": pl.col("message").str.extract(INDEX, 1),
        "index_id": pl.col("message").str.extract(INDEX, 2),
    },
    start=r"^\{",
    reference="https://www.elastic.co/docs/deploy-manage/monitor/logging-configuration/elasticsearch-log4j-configuration-self-managed",
    samples=(
        Sample(
            '{"type": "server", "timestamp": "2024-03-05T10:14:02,518+0100", "level": "WARN", "component": "o.e.c.m.MetaDataMappingService", '
            '"cluster.name": "shop", "node.name": "till-3", "cluster.uuid": "GmvrbHlNTiSVYiPf8kxg9g", "node.id": "WFhM7OPMScyc-25-pLM3cw",  '
            '"message": "[cart/aOGgDwbURfCV57AScqbCgw] update_mapping [doc]"  }',
            {
                "timestamp": "2024-03-05T09:14:02.518Z",
                "time_quality": "exact",
                "level": "WARN",
                "severity": 13,
                "message": "[cart/aOGgDwbURfCV57AScqbCgw] update_mapping [doc]",
                "type": "server",
                "logger": "o.e.c.m.MetaDataMappingService",
                "cluster": "shop",
                "cluster_id": "GmvrbHlNTiSVYiPf8kxg9g",
                "node": "till-3",
                "node_id": "WFhM7OPMScyc-25-pLM3cw",
                "index": "cart",
                "index_id": "aOGgDwbURfCV57AScqbCgw",
            },
        ),
        Sample(
            '{"type": "server", "timestamp": "2024-03-05T09:14:03,018Z", "level": "ERROR", "component": "o.e.b.Bootstrap", '
            '"cluster.name": "shop", "node.name": "till-3", "message": "gone" , \n"stacktrace": ["java.lang.Error: gone",\n"at o.e.A.b(A.java:7)"]  }',
            {
                "timestamp": "2024-03-05T09:14:03.018Z",
                "level": "ERROR",
                "message": "gone",
                "stacktrace": ["java.lang.Error: gone", "at o.e.A.b(A.java:7)"],
            },
        ),
    ),
)
