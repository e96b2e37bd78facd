"""The benchmarks' own promises: what they generate, measure and refuse."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

import logq as lq
from benchmarks import data, formats, harness, memory_sampler, table
from benchmarks.bars import Figures, Growth, Peak, Rate, Speed
from benchmarks.process import Contender, ContenderFailed, line_count, measure
from logq.formats import BUILT_IN, Format

if TYPE_CHECKING:
    from pathlib import Path

GENERATORS = [data.log4j, data.log4j_traces, data.combined, data.json_lines, data.logfmt]
SIZE = 2_500_000

ENGINE = """
import os

def count(path):
    return path.read_bytes().count(b"ERROR")

def miscount(path):
    return count(path) + 1

def hold(path):
    kept = bytearray(200_000_000)
    for place in range(0, len(kept), 4096):
        kept[place] = 1
    import time
    time.sleep(0.1)
    return len(kept)

def fail(path):
    raise OSError("the disk is gone")
"""


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a module that a fresh process can import."""
    (tmp_path / "tiny_engine.py").write_text(ENGINE)
    monkeypatch.syspath_prepend(tmp_path)
    return "tiny_engine"


@pytest.mark.parametrize("generate", GENERATORS)
def test_generator_is_set_by_its_seed(generate: harness.Generate, tmp_path: Path) -> None:
    """The same seed writes the same bytes, another seed writes others."""
    first, again, other = tmp_path / "first", tmp_path / "again", tmp_path / "other"
    generate(first, SIZE, 1)
    generate(again, SIZE, 1)
    generate(other, SIZE, 2)
    assert first.read_bytes() == again.read_bytes()
    assert first.read_bytes() != other.read_bytes()


@pytest.mark.parametrize("generate", GENERATORS)
def test_generator_keeps_to_the_size(generate: harness.Generate, tmp_path: Path) -> None:
    """Within one per cent of the size asked, never above it, and whole lines only."""
    path = tmp_path / "log"
    generate(path, SIZE, 1)
    assert 0.99 * SIZE < path.stat().st_size <= SIZE
    assert path.read_bytes().endswith(b"\n")


@pytest.mark.parametrize("generate", GENERATORS)
def test_no_placeholder_is_left(generate: harness.Generate, tmp_path: Path) -> None:
    """Each line got its time."""
    path = tmp_path / "log"
    generate(path, SIZE, 1)
    text = path.read_bytes()
    assert data.MINUTE not in text
    assert b"{}" not in text


def test_chunks_that_come_again_come_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Past the distinct chunks the time goes on and the rest repeats."""
    monkeypatch.setattr(data, "DISTINCT", 1)
    path = tmp_path / "log"
    data.log4j(path, SIZE, 1)
    lines = path.read_text().splitlines()
    times = [line[:23] for line in lines]
    assert times == sorted(times)
    assert times[0][:16] < times[-1][:16]
    assert lines[0][23:] in {line[23:] for line in lines[1:]}


def test_json_lines_are_json(tmp_path: Path) -> None:
    """Every line is an object with the fields the queries name."""
    path = tmp_path / "log"
    data.json_lines(path, 200_000, 1)
    for line in path.read_text().splitlines():
        assert {"timestamp", "level", "service", "duration_ms", "user"} <= json.loads(line).keys()


def test_level_stands_only_where_the_level_stands(tmp_path: Path) -> None:
    """A search for the word finds exactly the entries of the level, so contenders can agree."""
    path = tmp_path / "log"
    data.log4j(path, SIZE, 1)
    lines = path.read_text().splitlines()
    assert [" ERROR " in line for line in lines] == [line[24:29] == "ERROR" for line in lines]
    assert any(" ERROR " in line for line in lines)


def test_data_are_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second request finds the file; another seed is another file."""
    monkeypatch.setenv("LOGQ_BENCH_DIR", str(tmp_path))
    made: list[Path] = []

    def generate(path: Path, size: int, seed: int) -> None:
        made.append(path)
        path.write_bytes(bytes([seed]) * size)

    first = data.cached("tiny", generate, 10, 1)
    assert data.cached("tiny", generate, 10, 1) == first
    assert data.cached("tiny", generate, 10, 2) != first
    assert len(made) == 2
    assert first.parent == tmp_path


@pytest.mark.parametrize(("text", "size"), [("3GB", 3 * 10**9), ("1.5mb", 1_500_000), ("42", 42)])
def test_sizes_are_powers_of_ten(text: str, size: int) -> None:
    """KB, MB and GB as in MB/s, and bare bytes."""
    assert data.parse_size(text) == size


def test_bench_end_to_end(engine: str, tmp_path: Path) -> None:
    """Python and program do the same work, agree, and end as a table and as JSON."""
    bench = harness.Bench(
        "tiny",
        "log4j",
        data.log4j,
        contenders=(
            Contender("python", f"{engine}:count"),
            Contender("grep", ("grep", "-c", "ERROR", "{path}")),
            Contender("lines", ("grep", "ERROR", "{path}"), line_count),
            Contender("nobody", ("no-such-program", "{path}")),
        ),
        bars=(Rate("python", 1e-9), Speed("python", "nobody", 1), Peak("grep", 1e9)),
    )
    path = tmp_path / "log"
    data.log4j(path, SIZE, 1)
    outcome = harness.run(bench, path, seed=1, repeats=2)
    assert {name: len(runs) for name, runs in outcome.runs.items()} == {"python": 2, "grep": 2, "lines": 2}
    assert outcome.absent == ["nobody"]
    assert outcome.met
    shown = table.render(outcome)
    assert "met    python" in shown
    assert "python ≥ 1 × nobody: not measured" in shown
    saved = json.loads(outcome.save(tmp_path / "results").read_text())
    assert saved["size_bytes"] == path.stat().st_size
    assert saved["machine"]["cores"] >= 1
    assert [bar["met"] for bar in saved["bars"]] == [True, None, True]


def test_disagreement_is_an_error(engine: str, tmp_path: Path) -> None:
    """Two answers to one question stop the benchmark before it times anything."""
    contenders = (Contender("right", f"{engine}:count"), Contender("wrong", f"{engine}:miscount"))
    bench = harness.Bench("tiny", "log4j", data.log4j, contenders)
    path = tmp_path / "log"
    data.log4j(path, 100_000, 1)
    with pytest.raises(harness.Disagreement, match="wrong answers"):
        harness.run(bench, path, seed=1, repeats=1)


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ([["a", 1, 0.1 + 0.2]], [["a", 1, 0.3]], True),
        ([["a", 1, 0.30001]], [["a", 1, 0.3]], False),
        ([["a"], ["b"]], [["a"]], False),
        (3, 3.0, True),
        (None, 0.0, False),
    ],
)
def test_answers_agree_up_to_rounding(left: object, right: object, *, same: bool) -> None:
    """Floats may differ in the last digits, nothing else may."""
    if same:
        harness.agree({"left": left, "right": right})
        return
    with pytest.raises(harness.Disagreement):
        harness.agree({"left": left, "right": right})


def test_peak_memory_is_seen(engine: str, tmp_path: Path) -> None:
    """What a contender holds for a tenth of a second is in its peak; a file it merely reads is not."""
    assert measure(Contender("hold", f"{engine}:hold"), tmp_path).peak_anon > 200_000_000


def test_a_process_that_is_gone_holds_nothing() -> None:
    """The sampler outlives what it watches, so this is no error."""
    with subprocess.Popen(["true"]) as process:
        process.wait()
    assert memory_sampler.tree_bytes(process.pid) == 0


def test_failure_is_an_error_with_its_reason(engine: str, tmp_path: Path) -> None:
    """A contender that dies is named, with what it said."""
    with pytest.raises(ContenderFailed, match="the disk is gone"):
        measure(Contender("fail", f"{engine}:fail"), tmp_path)


def test_bars_read_the_figures() -> None:
    """Speed and growth are ratios, rate and peak absolute; without a contender there is no value."""
    figures = {"a": Figures(1, 100, 50), "b": Figures(3, 33, 100)}
    assert Speed("a", "b", 2).value(figures) == 3
    assert Growth("b", "a", 1.1).value(figures) == 2
    assert not Growth("b", "a", 1.1).met(2)
    assert Rate("a", 100).met(100)
    assert Peak("b", 99).value(figures) == 100
    assert Speed("a", "c", 2).value(figures) is None


def test_unknown_contender_is_refused(engine: str) -> None:
    """A misspelt name is not an empty run."""
    bench = harness.Bench("tiny", "log4j", data.log4j, (Contender("a", f"{engine}:count"),))
    with pytest.raises(ValueError, match="no contender b"):
        bench.only(["b"])


@pytest.mark.parametrize("form", BUILT_IN.values(), ids=lambda form: form.name)
def test_every_format_has_data(form: Format, tmp_path: Path) -> None:
    """Entries made of its samples are read in it, each of them and without an error."""
    path = tmp_path / f"{form.name}-small.log"
    formats.generate(form, path, 20_000, 1)
    frame = lq.scan(path, format=form.name).select("parse_error").collect()
    assert frame.height > 5
    assert frame["parse_error"].null_count() == frame.height
