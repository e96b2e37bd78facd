"""Slow query logs: usual entries, read by a pattern of their own."""

from __future__ import annotations

from itertools import chain

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import logq as lq
from logq.formats import FORMATS
from logq.formats.base import group_names

TIME = "# Time: 2024-03-05T09:14:02Z"
USERS = (
    "# User@Host: a[a] @ b [::1]",
    "# User@Host: a[a] @ b [] Id:  8",
    "# User@Host: a[] @ [::1]  Id: x",
    "# User@Host: a[a] @ b c [d]",
)
THREADS = (
    "# Thread_id: 8  Schema: s  QC_hit: No",
    "# Thread_id: 8  Schema:   QC_hit: No",
    "# Thread_id: 8  Schema:",
    "# Thread_id: 8  Schema:s x",
)
FIGURES = tuple(
    f"# Query_time: 2.0  Lock_time: 0.1 Rows_sent: 1  Rows_examined: 1{more}" for more in ("", " Errno: 0", "x", " ")
)
MORE = ("# Rows_affected: 0", "#")
DATABASES = ("use s;", "use s; ", "use ;")
SET = ("SET timestamp=1709630040;", "SET timestamp=1;x", "SET timestamp=1.5;")
STATEMENTS = ("SELECT 1;", "TABLE t;", "T", "", "use s;", "Time Id x", "# Time: x", "a Version: 8", "Tcp port: 1")
HEADER = ("mysqld, Version: 8. started with:", "Tcp port: 3306", "Time   Id Command")
ENDS = ("# Time: 240305  9:14:05", "# Time: 240305  9:14:05 ")  # fmt: skip
PARTS = (
    (TIME,),
    USERS,
    THREADS,
    FIGURES,
    MORE,
    DATABASES,
    SET,
    STATEMENTS,
    STATEMENTS,
    HEADER[:1],
    HEADER[1:2],
    HEADER[2:],
    ENDS,
)
ENTRIES = st.tuples(*(st.lists(st.sampled_from(some), max_size=1) for some in PARTS)).map(
    lambda parts: "\n".join(line for lines in parts for line in lines)
)
"""Lines that may stand in an entry, in their order, each there or not."""

USUAL = {
    "mysql_slow": (TIME, USERS[1], FIGURES[1], DATABASES[0], SET[0], "SELECT *", "FROM t;"),
    "mariadb_slow": (USERS[0], THREADS[0], FIGURES[0], MORE[0], SET[0], "SELECT *", "FROM t;", ENDS[0]),
}


@pytest.mark.parametrize("form", USUAL)
@given(st.data())
def test_what_a_usual_pattern_reads_the_general_one_reads_alike(form: str, data: st.DataObject) -> None:
    """Whatever stands in an entry or is missing: where both match, with the same groups, but for empty ones."""
    *usual, general = FORMATS[form].patterns
    kept = data.draw(st.lists(ENTRIES, min_size=1, max_size=8))
    lines = data.draw(st.just(HEADER) | st.lists(st.sampled_from([*chain(*PARTS)]), max_size=2))
    at = data.draw(st.integers(0, len(USUAL[form])))
    texts = pl.Series([*kept, "\n".join([*USUAL[form][:at], *lines, *USUAL[form][at:]]), "\n".join(USUAL[form])])
    names = sorted(group_names(general))
    wanted = captured(texts, general, names)
    assert captured(texts, usual[0], names)["hit"][-1] is not None
    for pattern in usual:
        found = captured(texts, pattern, names)
        match = found["hit"].is_not_null()
        assert found.filter(match).equals(wanted.filter(match))


def captured(texts: pl.Series, pattern: str, names: list[str]) -> pl.DataFrame:
    """Groups of a regex, an empty one taken for none."""
    found = texts.str.extract_groups(f"(?P<hit>){pattern}").struct.unnest()
    return found.select("hit", pl.col(names).replace("", None))


@pytest.mark.parametrize("more", ["# Rows_affected: 0\n", ""])
@pytest.mark.parametrize(("thread", "schema"), [(THREADS[0], "s"), (THREADS[1], None)])
def test_a_thread_may_have_no_database(thread: str, schema: str | None, more: str) -> None:
    """MariaDB leaves its name empty: what follows is none."""
    text = "\n".join([USERS[0], thread, FIGURES[0], f"{more}{SET[0]}", "SELECT *", "FROM t;"])
    row = lq.scan(text.encode(), "mariadb_slow").collect().row(0, named=True)
    assert (row["schema"], row["thread_id"], row["message"]) == (schema, 8, "SELECT *\nFROM t;")
