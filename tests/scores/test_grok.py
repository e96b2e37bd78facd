"""What logstash-patterns-core expects of its named patterns."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import polars as pl
import pytest

import logq as lq
from logq.errors import FormatError, PatternError
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


FOREIGN: Final = {
    "ecs-v1": {
        "SHOREWALL": "look-behind (?<=…)",
        **dict.fromkeys(("SFW2", "BACULA_LOGLINE"), "negative look-ahead (?!…)"),
        "SYSLOGPAMSESSION": "look-ahead (?=…)",
        **dict.fromkeys(("CISCOFW106023", "CISCOFW713172", "HTTPD_ERRORLOG"), "cannot be a column"),
    },
    "legacy": {
        **dict.fromkeys(("SHOREWALL", "SFW2"), "negative look-ahead (?!…)"),
        **dict.fromkeys(("SYSLOGLINE",), "negative look-behind (?<!…)"),
        "SYSLOGPAMSESSION": "look-ahead (?=…)",
    },
}
"""Published definitions that are refused, and why: what stands beside the construct does not decide it, or a name that
Rust's regex cannot give a group (`@metadata`, a slip in the dictionary). The library has its own for all of them."""


@pytest.mark.parametrize("folder", FOREIGN)
def test_published_definitions(shared_data: Path, folder: str) -> None:
    """The published dictionary itself, as definitions of one's own: on whole lines it gives the cases' fields."""
    files = (shared_data / "grok" / "patterns" / folder).iterdir()
    lines = [line for file in files for line in file.read_text("utf-8").splitlines() if line and line[0] != "#"]
    own = dict(line.split(None, 1) for line in lines)
    cases = [json.loads(line) for line in (shared_data / "grok" / "cases.jsonl").read_text("utf-8").splitlines()]
    cases = [case for case in cases if case["mode"] == folder and case["pattern"] in own and case["expected"]]
    forms: dict[str, lq.Format] = {}
    refused = {}
    for name in dict.fromkeys(case["pattern"] for case in cases):
        try:
            forms[name] = lq.Format.grok("x", f"^%{{{name}}}$", patterns=own)
        except (FormatError, PatternError) as error:
            refused[name] = str(error)
    print(f"published {folder}: {len(forms)}/{len(forms) + len(refused)}")  # noqa: T201 (the score)
    assert refused.keys() == FOREIGN[folder].keys()
    assert all(why in refused[name] for name, why in FOREIGN[folder].items())
    whole = 0
    for case in (case for case in cases if case["pattern"] in forms):
        pattern, groups = distinct(forms[case["pattern"]].patterns[0])
        row = pl.Series([case["line"]]).str.extract_groups(pattern)[0]
        if row[next(iter(row))] is None:
            continue
        whole += 1
        told = {n: str(v) for n, v in flat(case["expected"]).items()}
        assert {n: next((row[g] for g in groups[n] if row[g]), None) for n in told} == told, case["id"]
    assert whole >= len(cases) / 3


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
