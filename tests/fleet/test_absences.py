"""What is missing cannot be called absent: with a host or a file lost, absences are undetermined."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pytest

import logq as lq
from logq import LogFrame

IN, OUT = (lq.step(word, pl.col("message") == word) for word in ("in", "out"))
NO_ERROR = lq.absent(pl.col("level") == "ERROR")
SEQUENCES: dict[str, Callable[[LogFrame], LogFrame]] = {
    "between": lambda f: f.sequence(IN, NO_ERROR, OUT, within="9s"),
    "before": lambda f: f.sequence(NO_ERROR, IN, OUT, within="3s"),
    "after": lambda f: f.sequence(IN, OUT, NO_ERROR, within="3s"),
    "all": lambda f: f.sequence(IN, NO_ERROR, OUT, within="9s", policy="all"),
    "apart": lambda f: f.sequence(IN, NO_ERROR, OUT, within="9s", policy="non_overlapping"),
}
LINES = "".join(
    f'{{"ts":"2024-03-05T09:00:{second:02}Z","msg":"{word}","level":"info"}}\n'
    for second, word in ((0, "first"), (20, "in"), (22, "out"), (50, "last"))
)


@pytest.fixture
def hosts(tmp_path: Path) -> Path:
    """Two hosts; one has a broken archive as well."""
    for name in "ab":
        (tmp_path / name).mkdir()
    (tmp_path / "a" / "app.log").write_text(LINES)
    (tmp_path / "b" / "app.log").write_text("")
    packed = gzip.compress(LINES.replace("in", "other").encode() * 50, mtime=0)
    (tmp_path / "b" / "old.log.gz").write_bytes(packed[: len(packed) // 2])
    return tmp_path


@pytest.fixture(params=["host", "file", "here"])
def asked(hosts: Path, request: pytest.FixtureRequest) -> Iterator[tuple[LogFrame, LogFrame]]:
    """The same scan with something missing and with nothing."""
    if request.param == "here":
        yield lq.scan(hosts / "*" / "*.log*", "json"), lq.scan(hosts / "*" / "app.log", "json")
        return
    nodes = [lq.Node(name=n, address="pipe:", folder=str(hosts / n)) for n in "ab"]
    gone = lq.Node(name="c", address="pipe:", python="/no/such/python")
    patience = lq.Patience(pause=0.01)
    with lq.Fleet(nodes, patience=patience) as whole, lq.Fleet([*nodes, gone], patience=patience) as fleet:
        lacking = fleet.scan("app.log", "json") if request.param == "host" else whole.scan("*.log*", "json")
        yield lacking, whole.scan("app.log", "json")


def test_absences_are_undetermined_where_something_is_missing(asked: tuple[LogFrame, LogFrame]) -> None:
    """No match, and the near misses say why; without absences, matches are those of what there is."""
    lacking, whole = asked
    for chain in SEQUENCES.values():
        found = chain(lacking)
        assert chain(whole).matches().collect().height == 1
        assert found.matches().collect(on_failure="partial").height == 0
        assert found.collect(on_failure="partial").height == 0
        assert found.funnel().collect(on_failure="partial")["reached"].to_list()[-1] == 0
    misses = SEQUENCES["between"](lacking).near_misses().collect(on_failure="partial")
    assert misses.filter(pl.col("step") == "out")["why"].to_list() == ["undetermined"]
    assert lacking.sequence(IN, OUT).matches().collect(on_failure="partial").height == 1
