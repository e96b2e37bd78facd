"""What logstash-patterns-core expects of its named patterns."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import polars as pl
import pytest

import logq as lq
from logq.errors import BuildError, FormatError, PatternError
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
        **dict.fromkeys(("MONGO_QUERY", "MONGO_SLOWQUERY", "IPTABLES4_FRAG", "IPTABLES4_PART"), "look-behind (?<=…)"),
        **dict.fromkeys(("IPTABLES", "SHOREWALL"), "look-behind (?<=…)"),
        **dict.fromkeys(("SFW2", "BACULA_LOG", "BACULA_LOGLINE", "BACULA_LOG_NO_AUTH"), "negative look-ahead (?!…)"),
        "SYSLOGPAMSESSION": "look-ahead (?=…)",
        **dict.fromkeys(("CISCOFW106023", "CISCOFW106100", "CISCOFW106100_2_3", "CISCOFW713172"), "cannot be a column"),
        **dict.fromkeys(("HTTPD24_ERRORLOG", "HTTPD_ERRORLOG"), "cannot be a column"),
        "CISCOFW302013_302014_302015_302016": "cannot be a column",
    },
    "legacy": {
        **dict.fromkeys(("MONGO_QUERY", "MONGO_SLOWQUERY"), "look-behind (?<=…)"),
        **dict.fromkeys(("RAILS3FOOT", "RAILS3"), "atomic group (?>…)"),
        **dict.fromkeys(("SYSLOGBASE2", "SYSLOGLINE"), "negative look-behind (?<!…)"),
        **dict.fromkeys(("SHOREWALL", "SFW2"), "negative look-ahead (?!…)"),
        "SYSLOGPAMSESSION": "look-ahead (?=…)",
        **dict.fromkeys(("RT_FLOW1", "RT_FLOW2", "RT_FLOW3"), "cannot be a column"),
    },
}
"""Published definitions that are refused, and why: what stands beside the construct does not decide it, or a name that
Rust's regex cannot give a group (`@metadata`, a hyphen, a slip in the dictionary). The library has its own for all."""


@pytest.mark.parametrize("folder", FOREIGN)
def test_published_definitions(shared_data: Path, folder: str) -> None:
    """The published dictionary itself, as definitions of one's own: all but the named run, and give the cases' fields."""
    files = (shared_data / "grok" / "patterns" / folder).iterdir()
    lines = [line for file in files for line in file.read_text("utf-8").splitlines() if line and line[0] != "#"]
    own = dict(line.split(None, 1) for line in lines)
    refused = {}
    for name in own:
        try:
            lq.Format.grok("x", f"^%{{{name}}}$", patterns=own)
        except (FormatError, PatternError) as error:
            refused[name] = str(error)
    print(f"published {folder}: {len(own) - len(refused)}/{len(own)}")  # noqa: T201 (the score)
    assert refused.keys() == FOREIGN[folder].keys()
    assert all(why in refused[name] for name, why in FOREIGN[folder].items())
    cases = [json.loads(line) for line in (shared_data / "grok" / "cases.jsonl").read_text("utf-8").splitlines()]
    for case in cases:
        if case["mode"] == folder and case["pass"] and case["pattern"] in own.keys() - refused.keys():
            grok = f"^%{{DATA}}%{{{case['pattern']}}}$" if "IPV" in case["pattern"] else f"%{{{case['pattern']}}}"
            try:
                frame = lq.from_polars(pl.LazyFrame({"raw": [case["line"]]})).extract(grok, column="raw", patterns=own)
            except (BuildError, PatternError):
                continue
            row, told = frame.collect().row(0, named=True), flat(case["expected"])
            assert {name: row[name] for name in told} == told, case["id"]


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
