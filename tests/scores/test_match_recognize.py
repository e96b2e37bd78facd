"""Trino's tests of MATCH_RECOGNIZE, asked of `match_pattern`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import polars as pl

import logq as lq

EXCEPTIONS: Final[dict[str, str]] = {}
"""Case → why the answer differs."""

SKIPS: Final[dict[str, tuple[str, ...]]] = {
    "PAST LAST ROW": ("past_last_row",),
    "TO NEXT ROW": ("next_row",),
    "TO FIRST C": ("first", "C"),
    "TO LAST B": ("last", "B"),
    "TO U": ("last", "B", "C"),  # SUBSET U = (B, C)
}
"""SQL's words for where the search goes on; TO A is TO LAST A."""

ROWS: Final = {"OMIT EMPTY MATCHES": "omit_empty", "WITH UNMATCHED ROWS": "with_unmatched"}


def condition(sql: str) -> pl.Expr:
    """`B.value < PREV(B.value)`, or a literal."""
    if sql in ("true", "false"):
        return pl.lit(sql == "true")
    value = pl.col("value")
    return {"<": value.lt, "<=": value.le, ">": value.gt, "=": value.eq}[sql.split()[1]](value.shift(1))


def frame(case: dict[str, Any]) -> lq.LogFrame:
    """The case's rows and pattern."""
    rows = pl.DataFrame(case["data"], schema={"id": pl.Int64, "value": pl.Int64}, orient="row")
    skip = case["after_match_skip"]
    shown = next((word for words, word in ROWS.items() if case["rows_per_match"].endswith(words)), "show_empty")
    return lq.from_polars(rows.with_columns(timestamp=pl.from_epoch("id"))).match_pattern(
        case["pattern"],
        {name: condition(sql) for name, sql in case["define"].items()},
        after_match=SKIPS.get(skip, ("last", *skip.split()[1:])),
        rows=shown,  # type: ignore[arg-type]
        measures={"last": pl.col("value").last(), "label": pl.col("classifier").last()},
    )


def answer(case: dict[str, Any]) -> list[list[Any]]:
    """Rows as the case has them: id, number from 1, running last value, running classifier."""
    asked = frame(case)
    number = pl.col("match_id") + 1
    if case["rows_per_match"].startswith("ONE"):
        return [[None, *row] for row in asked.matches().collect().select(number, "last", "label").rows()]
    value = pl.when(pl.col("classifier").is_not_null()).then("value")
    unnamed = "not selected" in case["test"]
    key = pl.lit(None, pl.Int64).alias("id") if unnamed else pl.col("id")
    return [list(row) for row in asked.collect().select(key, number, value, "classifier").rows()]


def holds(case: dict[str, Any]) -> bool:
    """Whether the answer, or the error, is that of the case."""
    try:
        return bool(answer(case) == case["expected"])
    except lq.errors.MatchError as error:
        wanted = {"cannot skip to first row of match": "would not go on", "not present in match": "has no row"}
        told = next((ours for sql, ours in wanted.items() if sql in str(case["expected"])), "no error")
        return told in str(error)


def test_match_recognize(shared_data: Path) -> None:
    """All cases: patterns, quantifiers, exclusion, empty matches, skips, output modes."""
    lines = (shared_data / "sql_sequences" / "cases.jsonl").read_text("utf-8").splitlines()
    cases = [case for line in lines if (case := json.loads(line))["suite"] == "match_recognize"]
    failed = {case["id"] for case in cases if not holds(case)}
    print(f"match_recognize: {len(cases) - len(failed)}/{len(cases)}")  # noqa: T201 (the score)
    assert failed == EXCEPTIONS.keys()
    assert len(cases) == 82
