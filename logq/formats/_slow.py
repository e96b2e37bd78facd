"""What the slow query logs of MySQL and MariaDB share.

Their first patterns are of usual entries and leave one way to go on at every byte, for the regex engine to capture in one
pass; what they match, the last would match alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping

    from polars._typing import PolarsDataType

__all__ = ["DATABASE", "HEADER", "MORE", "QUERY", "TYPES", "USER", "USUAL", "statement"]

ACCOUNT: Final = r"# User@Host: (?P<user>[^\[\n]*)\[[^\]\n]*\] @ (?P<client>[^ \[\n]*) *\[(?P<client_ip>[^\]\n]*)\](?: *Id: *(?P<thread>[0-9]+))?"
THREAD: Final = r"Thread_id: *(?P<thread_id>[0-9]+) +Schema:"
FIGURES: Final = (
    r"Query_time: *(?P<query_s>[0-9.]+) +Lock_time: *(?P<lock_s>[0-9.]+) +Rows_sent: *(?P<rows_sent>[0-9]+)"
    r" +Rows_examined: *(?P<rows_examined>[0-9]+)"
)

USER: Final = rf"{ACCOUNT}[^\n]*"
QUERY: Final = (
    rf"(?:\n# {THREAD} ?(?P<schema>[^ \n]*)[^\n]*)?\n# {FIGURES}(?P<statistics>[^\n]*(?:\n#[^\n]*)*)"
    r"(?:\nuse (?P<database>[^;\n]+);)?"
)
HEADER: Final = r"\n[^\n]*[Vv]ersion: [^\n]*\nTcp port: [^\n]*\nTime +Id[^\n]*"
"""What a server that starts puts there."""

USUAL: Final = rf"{ACCOUNT}\n# (?:{THREAD} (?P<schema>[^ \n]*)(?: [^\n]*)?\n# )?{FIGURES}"
MORE: Final = r"(?:[^0-9\n][^\n]*)?"
"""What is left of a usual line of figures."""

DATABASE: Final = r"\n(?:use (?P<database>[^;\n]+);\n)?"
"""Behind the statistics of a usual entry."""

TYPES: Final[Mapping[str, PolarsDataType]] = {
    **dict.fromkeys(("thread", "thread_id", "rows_sent", "rows_examined"), pl.Int64()),
    **dict.fromkeys(("query_s", "lock_s"), pl.Float64()),
}


def statement(but: str = "") -> str:
    """Pattern of a message without a header of a server; its lines begin neither with `Ti` nor with `but`."""
    line = rf"(?:(?:[^T\n{but}]|T[^i\n])[^\n]*)?"
    return rf"(?P<message>{line}(?:\n{line})*)"
