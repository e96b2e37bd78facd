"""What the lines of a sample show: the format they are in, and where entries start if not as that has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from logq.formats import FORMATS, get
from logq.read.decode.extra import behind
from logq.read.decode.json import objects
from logq.read.detect import ENOUGH, detect
from logq.read.lines import entries
from logq.read.traces import Traces, head_of

if TYPE_CHECKING:
    import polars as pl

    from logq.formats.base import Format
    from logq.read.rules import Rule

__all__ = ["Settled", "prefixed", "shown", "spread"]

Settled: TypeAlias = "Rule | Literal[False] | None"
"""Where entries start, if not as the format has it; False: at every line."""


def shown(raw: pl.Series, head: bytes, rule: Settled, formats: list[Format] | None = None) -> tuple[Format, Settled]:
    """Format of the lines of a sample, and where its entries start if not as the format has it."""
    found = detect(raw, formats)
    if found.kind != "plain" or rule is not None:
        return found, rule
    rule = spread(raw, head)
    if rule is None:
        return (get("json"), None) if prefixed(raw) else (found, head_of(raw) or Traces())
    return detect(entries(head, rule)[0]["raw"], [f for f in FORMATS.values() if f.kind == "json"]), rule


def prefixed(raw: pl.Series) -> bool:
    """Whether most lines are JSON objects behind other text."""
    whole = objects(behind(raw)) & ~objects(raw)
    return 2 * whole.sum() > len(raw)


def spread(raw: pl.Series, head: bytes) -> Rule | None:
    """Where entries start in JSON that is printed over several lines; None where it is not."""
    most, best = raw.str.len_bytes().filter(objects(raw)).sum(), None
    for rule in (Traces(), r"^\{"):
        joined = entries(head, rule)[0]["raw"] if most < len(head) * ENOUGH and b"{" in head else raw.clear()
        read = joined.str.len_bytes().filter(objects(joined)).sum()
        if read > max(most, len(head) * ENOUGH):
            most, best = read, rule
    return best
