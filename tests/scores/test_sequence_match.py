"""ClickHouse's tests of sequenceMatch, sequenceCount and sequenceMatchEvents, by `match_pattern` and `sequence`."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

import polars as pl

import logq as lq

EXCEPTIONS: Final[dict[str, str]] = {}
"""Case → why the answer differs."""

TIMED: Final = re.compile(r"\(\?(\d)\)\(\?t(<=|>=|==|<|>)(\d+)\)\(\?(\d)\)")
SECOND: Final = 1_000_000
LONG: Final = float(1 << 30)


def table(case: dict[str, Any]) -> lq.LogFrame:
    """The case's events that meet any condition; ClickHouse sees no others."""
    rows = pl.DataFrame(case["data"]["rows"], schema=case["data"]["columns"], orient="row")
    scan = lq.from_polars(rows.with_columns(timestamp=pl.from_epoch("ts")))
    return scan.scope(pl.any_horizontal(condition(c) for c in case["conds"]))


def condition(text: str) -> pl.Expr:
    """`data=1`."""
    column, value = text.split("=")
    return pl.col(column) == int(value)


def found(case: dict[str, Any]) -> list[list[int]]:
    """Stamps of the conditions' events of each match."""
    conditions = {f"C{n}": condition(c) for n, c in enumerate(case["conds"], start=1)}
    if timed := TIMED.fullmatch(case["pattern"]):
        first, word, length, second = timed.groups()
        seconds = int(length)
        # Between the two any events may stand: all pairs, of which the first that ends counts.
        least = {">": seconds + 1 / SECOND, ">=": seconds, "==": seconds}.get(word, 0)
        most = {"<": seconds - 1 / SECOND, "<=": seconds, "==": seconds}.get(word, LONG)
        steps = [lq.step(first, conditions[f"C{first}"])]
        steps += [lq.step(second, conditions[f"C{second}"], gap_between=(least, most))]
        rows = table(case).sequence(*steps, policy="all").collect()
        pairs = rows.group_by("match_id", maintain_order=True).agg("ts")["ts"].to_list()
        kept: list[list[int]] = []
        for pair in pairs:
            if not kept or pair[0] > kept[-1][1]:
                kept.append(pair)
        return kept
    pattern = re.sub(r"\(\?(\d)\)", r" C\1", case["pattern"]).replace(".*", " E*?").replace(".", " E") or "()"
    define = {name: test for name, test in conditions.items() if name in pattern}
    events = pl.col("ts").filter(pl.col("classifier").str.starts_with("C"))
    matches = table(case).match_pattern(pattern, define, measures={"events": events}).matches().collect()
    return [list(stamps or []) for stamps in matches["events"].to_list()]


def holds(case: dict[str, Any]) -> bool:
    """Whether there is a match, how many there are, and of which events the first is."""
    matches = found(case)
    told = bool(matches) == bool(case["match"]) and len(matches) == case["count"]
    return told and (not case["full_match"] or matches[0] == case["match_events"])


def test_sequence_match(shared_data: Path) -> None:
    """All cases: match, count, and the events of the first full match; how far none came is no question of ours."""
    lines = (shared_data / "sql_sequences" / "cases.jsonl").read_text("utf-8").splitlines()
    cases = [case for line in lines if (case := json.loads(line))["suite"] == "sequenceMatch"]
    failed = {case["id"]: found(case) for case in cases if not holds(case)}
    print(f"sequenceMatch: {len(cases) - len(failed)}/{len(cases)}")  # noqa: T201 (the score)
    assert failed.keys() == EXCEPTIONS.keys(), failed
    assert len(cases) == 23
