"""What the slow query logs of MySQL and MariaDB share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping

    from polars._typing import PolarsDataType

__all__ = ["QUERY", "TYPES", "USER"]

USER: Final = r"# User@Host: (?P<user>[^\[\n]*)\[[^\]\n]*\] @ (?P<client>[^ \[\n]*) *\[(?P<client_ip>[^\]\n]*)\](?: *Id: *(?P<thread>[0-9]+))?[^\n]*"
HEADER: Final = r"\n[^\n]*[Vv]ersion: [^\n]*\nTcp port: [^\n]*\nTime +Id[^\n]*"
"""What a server that starts puts there."""

QUERY: Final = (
    r"(?:\n# Thread_id: *(?P<thread_id>[0-9]+) +Schema: *(?P<schema>[^ \n]*)[^\n]*)?"
    r"\n# Query_time: *(?P<query_s>[0-9.]+) +Lock_time: *(?P<lock_s>[0-9.]+) +Rows_sent: *(?P<rows_sent>[0-9]+)"
    r" +Rows_examined: *(?P<rows_examined>[0-9]+)(?P<statistics>[^\n]*(?:\n#[^\n]*)*)"
    r"(?:\nuse (?P<database>[^;\n]+);)?"
)
TYPES: Final[Mapping[str, PolarsDataType]] = {
    **dict.fromkeys(("thread", "thread_id", "rows_sent", "rows_examined"), pl.Int64()),
    **dict.fromkeys(("query_s", "lock_s"), pl.Float64()),
}
