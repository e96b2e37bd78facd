"""The work done by DuckDB."""

from __future__ import annotations

from pathlib import Path

import duckdb

from benchmarks.fields import FIELDS, PATTERN, TEXT_FIELDS
from logq.formats import FORMATS
from logq.formats.base import group_names


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


def every_group(path: Path) -> int:
    """All groups of a format's first pattern, of each line by itself: time, numbers and rarer shapes are not read."""
    form = FORMATS[path.name.partition("-")[0]]
    pattern = (form.patterns[0] if form.kind == "regex" else "").replace("'", "''")
    names = list(group_names(form.patterns[0]))
    used = ", ".join(f"count(f.{name})" for name in names)
    return _counted(
        f"""
        SELECT count(*), {used} FROM (SELECT regexp_extract(line, '{pattern}', {names}) AS f
        FROM read_csv('{path}', columns = {{'line': 'VARCHAR'}}, delim = '\x01', quote = '', escape = '',
                      header = false, auto_detect = false))
        """
    )


def every_key(path: Path) -> int:
    """All keys of JSON lines, as DuckDB finds and types them."""
    return _counted(f"SELECT count(*), count(COLUMNS(*)) FROM read_json('{path}', format = 'newline_delimited')")


def every_value(path: Path) -> int:
    """All columns of separated values, as DuckDB finds and types them."""
    return _counted(f"SELECT count(*), count(COLUMNS(*)) FROM read_csv('{path}')")


def _counted(query: str) -> int:
    with duckdb.connect() as connection:
        return int(connection.execute(query).fetchall()[0][0])


def _rows(query: str) -> list[list[object]]:
    """Rows with the hugeints of ``sum`` as ints and the nulls of an empty one as 0."""
    with duckdb.connect() as connection:
        found = connection.execute(query).fetchall()
    return [[0 if value is None else value for value in row] for row in found]
