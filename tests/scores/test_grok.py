"""What logstash-patterns-core expects of its named patterns."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import polars as pl

import logq as lq
from logq.formats.base import distinct
from logq.formats.custom.grok import compiled

EXCEPTIONS: Final[dict[str, str]] = {}
"""Case → why it is read otherwise."""

MISNAMED: Final = {"302021": "CISCOFW302020_302021"}
"""A case that was transcribed with the heading above it for its pattern's name; its id holds the name."""


def flat(nested: dict[str, Any], above: str = "") -> dict[str, Any]:
    """Nested fields by the names of their columns."""
    found: dict[str, Any] = {}
    for name, value in nested.items():
        found |= flat(value, f"{above}{name}.") if isinstance(value, dict) else {f"{above}{name}": value}
    return found


def read(line: str, expression: str, *, ecs: bool) -> dict[str, Any]:
    """The fields of a line."""
    frame = lq.from_polars(pl.LazyFrame({"raw": [line]})).extract(expression, column="raw", ecs=ecs)
    return frame.collect().row(0, named=True)


def matches(line: str, expression: str, *, ecs: bool, exact: bool) -> bool:
    """Whether the pattern is found in the line, or is the whole of it."""
    pattern, _ = distinct(compiled(expression, ecs=ecs).pattern)
    return bool(pl.Series([line]).str.contains(rf"\A(?:{pattern})\z" if exact else pattern)[0])


def test_grok(shared_data: Path) -> None:
    """Lines match or not as they should, and give the fields asserted, in the types they should have."""
    cases = [json.loads(line) for line in (shared_data / "grok" / "cases.jsonl").read_text("utf-8").splitlines()]
    failed: dict[str, object] = {}
    for case in cases:
        ecs = case["mode"] == "ecs-v1"
        expression = f"%{{{MISNAMED.get(case['pattern'], case['pattern'])}}}"
        found = matches(case["line"], expression, ecs=ecs, exact=case["exact"])
        told = flat(case["expected"])
        row = read(case["line"], expression, ecs=ecs) if told else {}
        wrong = {name: row.get(name) for name, value in told.items() if row.get(name) != value}
        if wrong or found != case["pass"]:
            failed[case["id"]] = wrong or found
    print(f"grok: {len(cases) - len(failed)}/{len(cases)}")  # noqa: T201 (the score)
    assert failed.keys() == EXCEPTIONS.keys(), failed
    assert len(cases) == 135
