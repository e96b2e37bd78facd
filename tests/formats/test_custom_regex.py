"""Formats from a regex, and what a linear-time engine cannot take."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

import logq as lq
from logq.errors import PatternError
from logq.formats import FORMATS
from logq.formats.custom.rewrite import rewrite

SYSTEMS = ("Apache", "Linux", "HDFS", "Hadoop", "Spark", "Zookeeper", "Android", "OpenStack")


@pytest.fixture(autouse=True)
def _registry() -> Iterator[None]:
    """What a scan registers is forgotten after each test."""
    before = list(FORMATS.values())
    yield
    FORMATS._formats = {f.name: f for f in before}


@pytest.mark.parametrize("system", SYSTEMS)
def test_loghub_fields(shared_data: Path, system: str) -> None:
    """Each public system's fields come out as its published table has them, 99 % at least."""
    folder = shared_data / "loghub" / system
    pattern = json.loads((folder.parent / "patterns.json").read_text())[system]
    form = lq.Format.regex("hub", f"^{pattern}$")
    got = lq.scan(str(folder / f"{system}_2k.log"), format=form).collect()
    table = pl.read_csv(folder / f"{system}_2k.log_structured.csv", infer_schema=False)
    if system == "Zookeeper":
        table = table.with_columns(Where=pl.concat_str("Node", "Component", separator=":"))
    assert len(got) == len(table)
    right = {
        name: int((got[name].fill_null("").str.strip_chars() == table[name].fill_null("").str.strip_chars()).sum())
        for name in form.fields
    }
    print(f"loghub {system}: {sum(right.values())} of {len(right) * len(table)} fields")  # noqa: T201 (the score)
    assert sum(right.values()) >= 0.99 * len(right) * len(table), right


@pytest.mark.parametrize(
    ("pattern", "plain"),
    [
        ('"[^"]*+"', '"[^"]*"'),
        ('"[^"]{2,}+"', '"[^"]{2,}"'),
        (r"(?<a>\d+)\+", r"(?<a>\d+)\+"),
        (r"[*+]+", r"[*+]+"),
    ],
)
def test_rewritten(pattern: str, plain: str) -> None:
    """A possessive quantifier that could give nothing back is greedy; anything else stays as it is."""
    assert rewrite(pattern) == plain


@pytest.mark.parametrize("pattern", ["a*+a", "*+", '[^"]*+', '[^"]*+"?', "(?i)[^a]*+a", '"[^"]*+(x)', "[^a]*+b"])
def test_possessive_refused(pattern: str) -> None:
    """Where a greedy quantifier could match more, the construct is refused by name."""
    with pytest.raises(PatternError, match="possessive"):
        lq.Format.regex("x", pattern)


@pytest.mark.parametrize(("pattern", "named"), [("a(?=b)", "look-ahead"), (r"(a)\1", "back-ref"), ("(?>a)", "atomic")])
def test_constructs_refused(pattern: str, named: str) -> None:
    """What Rust's regex lacks is named."""
    with pytest.raises(PatternError, match=named):
        lq.Format.regex("x", [pattern])


def test_stamp() -> None:
    """A layout, or a stamp that names its field, reads the time."""
    text = b"05.03.2024 09:14:02 hello"
    for group, stamp in (
        ("timestamp", "%d.%m.%Y %H:%M:%S"),
        ("at", lq.Stamp(layouts=("%d.%m.%Y %H:%M:%S",), fields=("at",))),
    ):
        form = lq.Format.regex(f"x_{group}", rf"^(?P<{group}>\S+ \S+) (?P<message>.*)$", stamp=stamp)
        assert str(lq.scan(text, format=form).collect()["timestamp"][0]) == "2024-03-05 09:14:02+00:00"
