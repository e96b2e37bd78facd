"""The work done by DuckDB."""

from __future__ import annotations

from pathlib import Path

import duckdb

from benchmarks.fields import FIELDS, PATTERN, TEXT_FIELDS


def parse_by_status(path: Path) -> list[list[object]]:
    """Every field captured by one ``regexp_extract`` into a struct, over one-column CSV."""
    lengths = ", ".join(f"sum(strlen(f.{name})) FILTER (f.{name} <> '-')" for name in TEXT_FIELDS)
    return _rows(
        f"""
        SELECT f.status::BIGINT AS status, count(*), sum(TRY_CAST(f.bytes AS BIGINT))::BIGINT,
            epoch(max(strptime(f.timestamp, '%d/%b/%Y:%H:%M:%S %z')))::BIGINT,
            {lengths}
        FROM (SELECT regexp_extract(line, '{PATTERN}', {list(FIELDS)}) AS f
              FROM read_csv('{path}', columns = {{'line': 'VARCHAR'}}, delim = '\x01', quote = '',
                            escape = '', header = false, auto_detect = false))
        GROUP BY 1 ORDER BY 1
        """
    )


def json_by_service(path: Path) -> list[list[object]]:
    """Requests and exact p95 by service, from the two columns needed."""
    return _rows(
        f"""
        SELECT service, count(*), quantile_cont(duration_ms, 0.95)
        FROM read_json('{path}', format = 'newline_delimited',
                       columns = {{'service': 'VARCHAR', 'duration_ms': 'DOUBLE'}})
        GROUP BY 1 ORDER BY 1
        """
    )


def _rows(query: str) -> list[list[object]]:
    """Rows with the hugeints of ``sum`` as ints and the nulls of an empty one as 0."""
    with duckdb.connect() as connection:
        found = connection.execute(query).fetchall()
    return [[0 if value is None else value for value in row] for row in found]
