"""The work done by chdb, which is ClickHouse in the process."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import chdb

from benchmarks.fields import FIELDS, PATTERN, TEXT_FIELDS

# chdb has no types, so the type is said here.
query_chdb: Callable[[str, str], Any] = chdb.query


def parse_by_status(path: Path) -> list[list[object]]:
    """Every field captured by one ``extractGroups``."""
    field = {name: f"f[{place}]" for place, name in enumerate(FIELDS, start=1)}
    lengths = ", ".join(f"sumIf(length({field[name]}), {field[name]} != '-')" for name in TEXT_FIELDS)
    pattern = PATTERN.replace("\\", "\\\\")
    return _rows(
        f"""
        SELECT toInt64({field["status"]}) AS status, count(), sum(toInt64OrZero({field["bytes"]})),
            toUnixTimestamp(max(parseDateTime({field["timestamp"]}, '%d/%b/%Y:%H:%i:%s %z'))),
            {lengths}
        FROM (SELECT extractGroups(line, '{pattern}') AS f
              FROM file('{path}', LineAsString, 'line String'))
        GROUP BY status ORDER BY status
        """
    )


def json_by_service(path: Path) -> list[list[object]]:
    """Requests and exact p95 by service, from the two columns needed."""
    return _rows(
        f"""
        SELECT service, count(), quantileExactInclusive(0.95)(duration_ms)
        FROM file('{path}', JSONEachRow, 'service String, duration_ms Float64')
        GROUP BY service ORDER BY service
        SETTINGS input_format_skip_unknown_fields = 1
        """
    )


def _rows(query: str) -> list[list[object]]:
    """Rows as lists; 64-bit numbers as numbers, which ClickHouse's JSON would quote."""
    settings = " output_format_json_quote_64bit_integers = 0"
    joined = f"{query.rstrip()}{',' if 'SETTINGS' in query else ' SETTINGS'}{settings}"
    answer = json.loads(query_chdb(joined, "JSONCompact").bytes())
    return [list(row) for row in answer["data"]]
