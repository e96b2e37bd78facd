"""Stack traces of eight languages that fluentd's plugin for exceptions tests: which lines are one event."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

import logq as lq

EXCEPTIONS: Final[dict[str, str]] = {}
"""Case → why it is read otherwise."""


def groups(case: dict[str, Any], block: int) -> list[list[int]]:
    """First and last line of each entry, from 0."""
    text = "".join(f"{line}\n" for line in case["lines"])
    firsts = lq.scan(text.encode(), block_size=block).collect()["line"].to_list()
    return [[first - 1, then - 2] for first, then in zip(firsts, [*firsts[1:], len(case["lines"]) + 1], strict=True)]


@pytest.mark.parametrize("block", [8 << 20, 64])
def test_traces(shared_data: Path, block: int) -> None:
    """All cases have the expected entries, without being told what they are and wherever blocks end."""
    cases = [json.loads(line) for line in (shared_data / "multiline" / "cases.jsonl").read_text("utf-8").splitlines()]
    failed = {case["id"]: found for case in cases if (found := groups(case, block)) != case["expected_groups"]}
    print(f"multiline: {len(cases) - len(failed)}/{len(cases)}")  # noqa: T201 (the score)
    assert failed.keys() == EXCEPTIONS.keys(), failed
    assert len(cases) == 14
