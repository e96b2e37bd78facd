"""Tier B: hosts with any Python give the same answer, by a source of the standard library that is piped to them."""

from __future__ import annotations

import ast
import bz2
import gzip
import lzma
import os
import shlex
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

import logq as lq
from logq.errors import FleetError, PartialResultError
from logq.read import entries
from logq.run.bare import agent, receive
from logq.run.bare.streams import expanded
from logq.run.wire.bare import RECORD
from tests.fleet.bare import FAST, bare, fleet_of
from tests.fleet.test_law import CHAINS, here
from tests.fleet.test_law import hosts as hosts_of_the_law

C = pl.col
hosts = hosts_of_the_law


@pytest.fixture(scope="module")
def fleet(hosts: Path) -> Iterator[lq.Fleet]:
    """A fleet of three."""
    with lq.Fleet([bare(hosts / name, name) for name in "abc"], patience=FAST) as made:
        yield made


@pytest.fixture(scope="module")
def other(hosts: Path) -> Iterator[lq.Fleet]:
    """The same three by tier A."""
    with lq.Fleet.local({n: hosts / n for n in "abc"}) as made:
        yield made


# --- the law


TYPICAL = (
    "everything",
    "year-less",
    "filter",
    "level",
    "grep",
    "a field to look for",
    "extract",
    "context over rotation",
    "context by span",
    "head",
    "unique",
    "sorted",
    "per host",
    "filtered sums",
    "nothing matches",
    "summary",
)
"""One chain of each kind: the work is done by the code of tier A, only the bytes come another way."""


@pytest.mark.parametrize("name", TYPICAL)
def test_the_answer_is_that_of_one_machine(hosts: Path, fleet: lq.Fleet, name: str) -> None:
    """Tier B ≡ local."""
    pattern, chain = CHAINS[name]
    asked = chain(fleet.scan(pattern))
    expected = chain(here(hosts, pattern)).collect()
    assert_frame_equal(asked.collect(), expected, check_exact=False)
    assert asked.schema == expected.schema


@pytest.mark.parametrize("name", ["filter", "context", "counts"])
def test_the_report_is_that_of_tier_a(other: lq.Fleet, fleet: lq.Fleet, name: str) -> None:
    """File by file, what was only searched on the host included; the tier stands in it."""
    pattern, chain = CHAINS[name]
    expected = chain(other.scan(pattern)).run().report
    report = chain(fleet.scan(pattern)).run().report
    assert report.files == expected.files
    assert [(h.status, h.files, h.rows, h.bytes, h.units_done) for h in report.hosts] == [
        (h.status, h.files, h.rows, h.bytes, h.units_done) for h in expected.hosts
    ]
    assert [h.tier for h in report.hosts] == ["B"] * 3


@pytest.mark.parametrize("tier", ["A", "B"])
def test_a_group_goes_on_from_unit_to_unit(tmp_path: Path, tier: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a rotation set that is read in several."""
    monkeypatch.setattr("logq.run.fleet.dispatch.UNIT", 1)
    (tmp_path / "a.log.1").write_text("one\ntwo\nhit\n")
    (tmp_path / "a.log").write_text("three\nhit\nfour\nfive\nsix\nhit\n")
    node = bare(tmp_path) if tier == "B" else lq.Node(name="a", address="pipe:", folder=str(tmp_path))
    with lq.Fleet([node], patience=FAST) as fleet:
        result = fleet.scan("a.log*", "plain").grep("hit").context(1).run()
    assert result.report.hosts[0].units_done == 2
    assert result.frame["context_group"].to_list() == [0] * 5 + [1] * 2


def test_only_what_can_match_is_sent(tmp_path: Path) -> None:
    """A rare word in entries of several lines: little of the bytes, compressed or not; a context needs them all."""
    lines = [
        f"2024-03-05 09:{n // 60 % 60:02}:{n % 60:02},000 {'ERROR' if n % 3000 == 7 else 'INFO'} [main] a.B - {os.urandom(20).hex()}\n"
        + ("\tat a.B.c(B.java:1)\n" if n % 3 == 0 else "")
        for n in range(9000)
    ]
    text = "".join(lines)
    (tmp_path / "app.log.1").write_text(text)
    for suffix, pack in ((".2.gz", gzip.compress), (".3.bz2", bz2.compress), (".4.xz", lzma.compress)):
        (tmp_path / f"app.log{suffix}").write_bytes(pack(text.encode()))
    with fleet_of(tmp_path) as fleet:
        frame = fleet.scan("app*", "log4j")
        found = frame.level("ERROR").run()
        local = lq.scan(tmp_path / "app*", "log4j").level("ERROR").run()
        assert found.frame["raw"].to_list() == local.frame["raw"].to_list()
        assert found.frame["line"].to_list() == local.frame["line"].to_list()
        assert [(f.bytes, f.entries, f.rows) for f in found.report.files] == [
            (f.bytes, f.entries, f.rows) for f in local.report.files
        ]
        around = frame.level("ERROR").context(1).run()
    assert around.frame.height > found.frame.height
    assert found.report.hosts[0].bytes_sent < around.report.hosts[0].bytes_sent / 2


def test_starts_that_may_take_for_ever_are_not_looked_for_there(tmp_path: Path) -> None:
    """Rust's engine takes no longer for a group of repeats that repeats; Python's tries all the ways to part a line."""
    (tmp_path / "a.log").write_text(("a" * 40 + "\n") * 9 + "aa: boom\n")
    form = replace(lq.Format.regex("repeating", r"^(?P<message>(?s:.*))$"), start="^(?:[a-z]+ ?)+: ")
    with fleet_of(tmp_path) as fleet:
        assert fleet.scan("a.log", form).grep("boom").collect()["line"].to_list() == [10]


TEXTS = st.lists(
    st.tuples(st.sampled_from(["E ", "  ", "E2", "", "é "]), st.sampled_from(["", "needle", "x", "nee", "ö"])),
    max_size=40,
)


@settings(max_examples=200)
@given(
    lines=TEXTS,
    size=st.integers(1, 50),
    begins=st.sampled_from([None, "^E", "^(?:E |E2)", "E"]),
    wanted=st.sampled_from([["needle"], ["x", "needle"], ["ö"]]),
    ended=st.booleans(),
)
def test_a_search_loses_no_match_and_no_count(
    lines: list[tuple[str, str]], size: int, begins: str | None, wanted: list[str], ended: bool
) -> None:
    """Whatever the pieces: entries with a text are as they were, on their lines; the others are as many as they were."""
    text = ("\n".join(map("".join, lines)) + ("\n" if ended else "")).encode()
    search = agent.Search([w.encode() for w in wanted], None if begins is None else begins.encode())
    records = b"".join(
        RECORD.pack(passed, starts, len(prefix), len(data)) + prefix + data
        for passed, starts, prefix, data in search.records(text[i : i + size] for i in range(0, len(text), size))
    )
    rebuilt = b"".join(expanded(records))
    first, second = (entries(one, begins)[0] for one in (text, rebuilt))
    holds = C("raw").str.contains_any(wanted)
    assert_frame_equal(first.filter(holds), second.filter(holds))
    assert first.height == second.height


def test_a_search_does_not_hold_what_never_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry of many megabytes is passed on in parts, all of it."""
    monkeypatch.setattr(agent, "LONGEST", 100)
    text = b"E one\n" + b"  more\n" * 100 + b"E needle\n" + b"no line end" * 30
    search = agent.Search([b"needle"], b"^E")
    records = list(search.records(text[i : i + 10] for i in range(0, len(text), 10)))
    assert b"".join(r[3] for r in records) == text
    assert max(len(r[3]) for r in records) < len(text)


@pytest.mark.parametrize("begins", ["^E", "^(?:E|F)"])
def test_entries_passed_over_are_counted_by_their_first_lines(begins: str) -> None:
    """Two ways to begin on one line are one entry."""
    assert agent.Search([b"x"], begins.encode()).count(b"E a\nE b\n  c\nE", 0, 12) == 2


# --- any Python


def interpreters() -> dict[str, str]:
    """Minor versions of Python that are at hand, by what runs them."""
    found: dict[str, str] = {}
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for path in sorted(versions.glob("3.*/bin/python3")):
        found[path.parts[-3].rsplit(".", 1)[0]] = str(path)
    for minor in range(6, 16):
        path_of = shutil.which(f"python3.{minor}")
        if path_of:
            found.setdefault(f"3.{minor}", path_of)
    return found


@pytest.mark.parametrize("version", sorted(interpreters()))
def test_any_python_will_do(tmp_path: Path, version: str) -> None:
    """Whole files, compressed ones and searches, piped to an interpreter of each version at hand."""
    python = interpreters()[version]
    text = "".join(f"2024-03-05 {'ERROR' if n % 50 == 0 else 'INFO'} step {n}\n  more\n" for n in range(2000))
    (tmp_path / "é.log").write_text(text)
    (tmp_path / "a.log.gz").write_bytes(gzip.compress(text.encode()))
    (tmp_path / "b.log.xz").write_bytes(lzma.compress(text.encode()))
    form = lq.Format.regex("bare_steps", r"^(?P<day>\S+) (?P<word>\w+) (?P<message>(?s:.*))", start=r"^\d{4}-")
    with fleet_of(tmp_path, python=f"env LC_ALL=C {python}", roots=(str(tmp_path),)) as fleet:
        for chain in (
            lambda f: f,
            lambda f: f.filter(C("word") == "ERROR"),
            lambda f: f.group_by("word").agg(pl.len()),
        ):
            expected, got = chain(lq.scan(tmp_path, form)).collect(), chain(fleet.scan(".", form)).collect()
            drop = [c for c in ("host", "source") if c in got.columns]
            assert_frame_equal(got.drop(drop), expected.drop(drop))
            assert got.height


@pytest.mark.parametrize("module", [agent, receive])
def test_sources_are_of_the_oldest_python_and_its_library(module: Any) -> None:
    """No syntax after 3.6, no module that 3.6 lacks, nothing of logq."""
    tree = ast.parse(Path(module.__file__).read_text(), feature_version=(3, 6))
    imported = {a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names}
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom | ast.NamedExpr | ast.Match)]
    assert imported <= {
        "argparse", "bz2", "glob", "hashlib", "io", "json", "lzma", "os", "platform", "queue", "re", "shutil", "signal",
        "stat", "struct", "sys", "threading", "time", "zlib",
    }  # fmt: skip
    later = {
        "removeprefix",
        "removesuffix",
        "read_text",
        "file_digest",
        "isascii",
        "fromisoformat",
        "cache",
        "dirs_exist_ok",
    }
    assert not later & {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def test_an_error_of_the_query_is_raised_as_it_is_here(fleet: lq.Fleet) -> None:
    """Though it is met in a thread."""
    with pytest.raises(pl.exceptions.InvalidOperationError, match="conversion"):
        fleet.scan("app.json").with_columns(x=C("msg").cast(pl.Int64)).collect()
    assert fleet.scan("app.json").collect().height == 600


# --- which tier


def test_where_there_is_no_logq_tier_b_answers(tmp_path: Path) -> None:
    """An interpreter without packages: found out once, and said in the report."""
    (tmp_path / "a.log").write_text("one\ntwo\n")
    node = bare(tmp_path, tiers=("A", "B"), python=f"env PYTHONPATH=/none {sys.executable} -S -E")
    with lq.Fleet([node], patience=FAST) as fleet:
        frame = fleet.scan("*.log", "plain")
        first, second = frame.run().report.hosts[0], frame.run().report.hosts[0]
    assert (first.tier, first.attempts, second.tier, second.attempts) == ("B", 2, "B", 0)


def test_where_logq_is_another_tier_b_answers(tmp_path: Path) -> None:
    """Polars of another version is as good as none."""
    (tmp_path / "a.log").write_text("one\ntwo\n")
    skewed = tmp_path / "skewed.py"
    skewed.write_text(
        "import msgspec, sys\n"
        "import logq.run.agent.serve as serve\n"
        "real = serve.Agent._hello\n"
        "serve.Agent._hello = lambda self: msgspec.structs.replace(real(self), polars='0.1')\n"
        "from logq.run.agent.__main__ import main\n"
        "main(sys.argv[3:])\n"
    )
    shell = f'case "$*" in *logq.run.agent*) exec {sys.executable} {skewed} "$@";; *) exec {sys.executable} "$@";; esac'
    node = bare(tmp_path, tiers=("A", "B"), python=shlex.join(["sh", "-c", shell, "sh"]))
    with lq.Fleet([node], patience=FAST) as fleet:
        report = fleet.scan("*.log", "plain").run().report
    assert (report.hosts[0].tier, report.hosts[0].attempts) == ("B", 2)


def test_where_neither_is_both_are_named(tmp_path: Path) -> None:
    """What is there instead is shown."""
    node = bare(tmp_path, tiers=("A", "B"), python="sh -c 'echo not a python >&2'")
    with lq.Fleet([node], patience=FAST) as fleet, pytest.raises(PartialResultError, match="not a python; tier B: the"):
        fleet.scan("*.log").collect()


def test_a_forced_agent_of_tier_a_is_not_taken_for_b(tmp_path: Path) -> None:
    """It says so at once, and there is no second attempt."""
    forced = shlex.join(["sh", "-c", f"exec {sys.executable} -m logq.run.agent"])
    with (
        fleet_of(tmp_path, python=forced) as fleet,
        pytest.raises(PartialResultError, match="corrupt stream") as caught,
    ):
        fleet.scan("*.log").collect()
    assert caught.value.report.hosts[0].attempts == 1


def test_an_agent_of_another_protocol_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its number."""
    monkeypatch.setattr("logq.run.bare.link.PROTOCOL", 9)
    with fleet_of(tmp_path) as fleet, pytest.raises(PartialResultError, match="version skew: there protocol 2, here 9"):
        fleet.scan("*.log").collect()


@pytest.mark.parametrize("tiers", [(), ("C",), ("A", "X")])
def test_unknown_tiers_are_refused(tiers: tuple[Any, ...]) -> None:
    """At birth."""
    with pytest.raises(FleetError, match="tiers="):
        lq.Node(name="a", tiers=tiers)
    with pytest.raises(FleetError, match="tiers="):
        lq.Fleet(["a"], tiers=tiers)
