"""Tier B: hosts with any Python give the same answer, by a source of the standard library that is piped to them."""

from __future__ import annotations

import ast
import bz2
import gzip
import io
import json
import lzma
import os
import shlex
import shutil
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

import logq as lq
from logq.errors import FleetError, NothingToScanError, PartialResultError, SourceError
from logq.read import entries
from logq.run.bare import agent, receive
from logq.run.bare.streams import expanded
from logq.run.fleet.node import BARE
from logq.run.wire.bare import RECORD, Fetched, Found, read_json
from logq.run.wire.frames import Decoder, Frame, Kind
from logq.run.wire.messages import Failure
from tests.fleet.chaos import Mishap, mishaps
from tests.fleet.test_faults import ONCE
from tests.fleet.test_law import CHAINS, here
from tests.fleet.test_law import hosts as hosts_of_the_law

C = pl.col
FAST = lq.Patience(start=10, silence=5, retries=3, pause=0.01)
SOURCE = Path(agent.__file__)
hosts = hosts_of_the_law


def as_a_file(*arguments: str) -> str:
    """An interpreter that runs the agent from its file, as a forced command would, whatever it is asked to run."""
    command = shlex.join([sys.executable, str(SOURCE), "--nice", "0", *arguments])
    return shlex.join(["sh", "-c", f"exec {command}"])


def bare(folder: Path, name: str = "a", **options: Any) -> lq.Node:
    """A node of this machine that is asked by tier B."""
    given = {"address": "pipe:", "folder": str(folder), "tiers": ("B",), "python": as_a_file("--root", str(folder))}
    return lq.Node(name=name, **{**given, **options})


def fleet_of(folder: Path, **options: Any) -> lq.Fleet:
    """A fleet of one such node."""
    return lq.Fleet([bare(folder, **options)], patience=FAST)


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
        "argparse", "bz2", "glob", "hashlib", "io", "json", "lzma", "os", "platform", "queue", "re", "shutil", "stat",
        "struct", "sys", "threading", "time", "zlib",
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


# --- what breaks


@pytest.fixture
def small_units(monkeypatch: pytest.MonkeyPatch) -> None:
    """One file a unit."""
    monkeypatch.setattr("logq.run.fleet.dispatch.UNIT", 1)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A host with four files."""
    root = tmp_path_factory.mktemp("four")
    for number in range(4):
        (root / f"f{number}.log").write_text("".join(f"E {number} {n} {os.urandom(9).hex()}\n" for n in range(4000)))
    return root


@pytest.mark.usefixtures("small_units")
@pytest.mark.parametrize("name", ["cut in the hello", "cut in the rows", "a byte twisted", "a byte doubled", "stopped"])
def test_what_happens_once_is_made_good(files: Path, name: str) -> None:
    """As with tier A: another agent is asked for what did not come."""
    mishap = ONCE[name]
    mishap = Mishap(mishap.kind, mishap.at * 50 if mishap.at == 1500 else mishap.at)
    with mishaps({"a": [mishap]}), lq.Fleet([bare(files)], patience=lq.Patience(silence=2.5, pause=0.01)) as fleet:
        result = fleet.scan("*.log", "plain").run()
    assert_frame_equal(
        result.frame.drop("host", "source"), lq.scan(files / "*.log", "plain").collect().drop("host", "source")
    )
    assert (result.report.hosts[0].status, result.report.hosts[0].units_done) == ("ok", 4)
    assert result.report.hosts[0].attempts >= 2


@pytest.mark.usefixtures("small_units")
@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    plan=st.lists(
        st.one_of(
            st.none(),
            st.builds(Mishap, st.sampled_from(["cut", "flip", "drop", "double", "kill"]), st.integers(0, 250_000)),
        ),
        max_size=4,
    )
)
def test_nothing_is_lost_in_silence_and_nothing_counted_twice(files: Path, plan: list[Mishap | None]) -> None:
    """Under any schedule of faults the rows are those of exactly the files that the report calls whole."""
    with mishaps({"a": plan}), lq.Fleet([bare(files)], patience=FAST) as fleet:
        try:
            result = fleet.scan("*.log", "plain").select("source", "line", "raw").run(on_failure="partial")
        except PartialResultError as error:
            assert error.report.lost_hosts  # noqa: PT017 (either outcome will do)
            return
    kept = [f.source for f in result.report.files if f.error is None]
    expected = [(s, n + 1, line) for s in kept for n, line in enumerate((files / s).read_text().splitlines())]
    assert result.frame.rows() == expected
    assert result.report.incomplete == (len(kept) < 4)


@pytest.mark.parametrize("change", ["appended", "rotated", "truncated", "deleted"])
@pytest.mark.parametrize("searched", [False, True], ids=["whole", "searched"])
def test_files_that_change_between_the_question_and_its_answer(tmp_path: Path, change: str, searched: bool) -> None:
    """Appends and rotation change nothing; what was cut or is gone is named."""
    path = tmp_path / "a.log"
    path.write_text("one\ntwo\n")
    with fleet_of(tmp_path) as fleet:
        frame = fleet.scan("*.log", "plain").select("line", "raw")
        frame = frame.grep("o", literal=True) if searched else frame
        runner = frame._runner
        prepared = runner.prepare(frame.plan)
        match change:
            case "appended":
                with path.open("a") as more:
                    more.write("three o\n")
            case "rotated":
                path.rename(tmp_path / "a.log.1")
                path.write_text("new o\n")
            case "truncated":
                os.truncate(path, 4)
            case _:
                path.unlink()
        report = prepared.report()
        frames = list(runner.rows(prepared, report))
    if change in ("appended", "rotated"):
        assert pl.concat(frames).rows() == [(1, "one"), (2, "two")]
        assert not report.incomplete
    else:
        assert frames == []
        assert (report.hosts[0].status, report.files[0].status) == ("changed", "failed")


DAMAGED = {
    "truncated gzip": ("a.log.gz", lambda t: gzip.compress(t, mtime=0)[: len(gzip.compress(t, mtime=0)) // 2]),
    "twisted gzip": ("a.log.gz", lambda t: _twisted(gzip.compress(t, mtime=0))),
    "two members and padding": ("a.log.gz", lambda t: gzip.compress(t) + gzip.compress(t) + b"\0" * 99),
    "truncated bzip2": ("a.log.bz2", lambda t: bz2.compress(t)[:-40]),
    "twisted xz": ("a.log.xz", lambda t: _twisted(lzma.compress(t))),
    "no gzip": ("a.log.gz", lambda _: b"plain text\n"),
    "empty": ("a.log.gz", lambda _: b""),
    "bad bytes": ("a.log", lambda t: t.replace(b"line 7\n", b"line \xff7\n")),
    "UTF-16": ("a.log", lambda t: t.decode().encode("utf-16")),
    "a mark": ("a.log", lambda t: b"\xef\xbb\xbf" + t),
    "no last line end": ("a.log", lambda t: t[:-1]),
    "carriage returns": ("a.log", lambda t: t.replace(b"\n", b"\r\n")),
}


def _twisted(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 0x55]) + data[middle + 1 :]


@pytest.mark.parametrize("name", DAMAGED)
@pytest.mark.parametrize("searched", [False, True], ids=["whole", "searched"])
def test_damage_costs_what_it_costs_here(tmp_path: Path, name: str, searched: bool) -> None:
    """The same rows before it, the same words for it."""
    file, make = DAMAGED[name]
    (tmp_path / file).write_bytes(make("".join(f"line {n}\n" for n in range(40_000)).encode()))
    with fleet_of(tmp_path) as fleet:
        frames = [fleet.scan("a*", "plain"), lq.scan(tmp_path / "a*", "plain")]
        there, local = ((f.grep("7", literal=True) if searched else f).run(on_failure="partial") for f in frames)
    assert_frame_equal(there.frame.drop("host", "source"), local.frame.drop("host", "source"))
    assert [f.error for f in there.report.files] == [f.error for f in local.report.files]
    assert [f.bytes for f in there.report.files] == [f.bytes for f in local.report.files]


def test_zstd_is_unfolded_here(tmp_path: Path) -> None:
    """The standard library has none: its bytes are sent as they are stored."""
    import pyarrow as pa

    text = "".join(f"line {n}\n" for n in range(50_000)).encode()
    with pa.CompressedOutputStream(str(tmp_path / "a.log.zst"), "zstd") as sink:
        sink.write(text)
    with fleet_of(tmp_path) as fleet:
        found = fleet.scan("a*", "plain").grep("line 49", literal=True).collect()
    assert found["raw"].to_list() == [line for line in text.decode().splitlines() if "line 49" in line]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--max-scan-bytes", "1000"], "LimitError: max_scan_bytes"),
        (["--max-seconds", "0"], "LimitError: max_seconds"),
        (["--max-memory", "1"], "LimitError: max_memory"),
    ],
)
@pytest.mark.parametrize("searched", [False, True], ids=["whole", "searched"])
def test_limits_hold(tmp_path: Path, options: list[str], words: str, searched: bool) -> None:
    """On the host, whoever asks."""
    (tmp_path / "a.log").write_text("a line\n" * 200_000)
    with fleet_of(tmp_path, python=as_a_file(*options)) as fleet:
        frame = fleet.scan("*.log", "plain")
        frame = frame.grep("nowhere", literal=True) if searched else frame
        with pytest.raises(PartialResultError, match=words):
            frame.collect()


def test_what_unfolds_here_counts_too(tmp_path: Path) -> None:
    """A small archive of a large file passes the host's limit on bytes, and not the one here."""
    (tmp_path / "a.log.gz").write_bytes(gzip.compress(b"a line\n" * 200_000))
    piped = {"python": "python3", "limits": lq.Limits(max_scan_bytes=100_000)}
    with fleet_of(tmp_path, **piped) as fleet, pytest.raises(PartialResultError, match="LimitError: max_scan_bytes"):
        fleet.scan("a*", "plain").collect()


def test_a_bomb_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it unfolds there or here."""
    monkeypatch.setattr("logq.run.agent.files.FREE", 1 << 20)
    monkeypatch.setattr("logq.run.agent.files.RATIO", 10)
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as bomb:
        bomb.write(b"0123456789abcde\n" * (1 << 18))
    (tmp_path / "bomb.gz").write_bytes(packed.getvalue())
    with fleet_of(tmp_path) as fleet:
        for frame, rows in (
            (fleet.scan("bomb.gz", "plain"), 1 << 16),
            (fleet.scan("bomb.gz", "plain").grep("zz", literal=True), 0),
        ):
            result = frame.run(on_failure="partial")
            assert "decompression bomb: unfolds to more than 1048576 bytes" in (result.report.files[0].error or "")
            assert result.frame.height == rows


def test_whoever_stops_early_leaves_a_usable_agent(files: Path) -> None:
    """What nobody wants any more is left; the next question goes to the same agent."""
    with fleet_of(files) as fleet:
        frame = fleet.scan("*.log", "plain")
        assert frame.head(3).collect().height == 3
        again = frame.grep("E 2 7", literal=True).run()
        assert again.frame.height == sum("E 2 7" in line for line in (files / "f2.log").read_text().splitlines())
        batches = frame.batches()
        next(iter(batches))
        batches.close()  # type: ignore[attr-defined]
        assert frame.collect().height == 16_000


def test_an_error_of_the_query_is_raised_as_it_is_here(fleet: lq.Fleet) -> None:
    """Though it is met in a thread."""
    with pytest.raises(pl.exceptions.InvalidOperationError, match="conversion"):
        fleet.scan("app.json").with_columns(x=C("msg").cast(pl.Int64)).collect()
    assert fleet.scan("app.json").collect().height == 600


# --- what cannot be asked


def test_paths_are_held_below_the_roots(tmp_path: Path) -> None:
    """By `..`, by name, by link; pipes and devices are not opened; unreadable names are told."""
    root = tmp_path / "logs"
    root.mkdir()
    (tmp_path / "secret").write_text("secret\n")
    (root / "a.log").write_text("one\n")
    (root / "out.log").symlink_to(tmp_path / "secret")
    (root / "gone.log").symlink_to(root / "nowhere")
    os.mkfifo(root / "pipe.log")
    (root / "folder").mkdir()
    Path(os.fsdecode(os.fsencode(root) + b"/bad\xff.log")).write_text("x\n")
    with lq.Fleet([bare(root)], patience=FAST) as fleet:
        for source in ("../secret", "/etc/hostname", f"{root}/../secret"):
            with pytest.raises(SourceError, match="outside the roots"):
                fleet.scan(source).collect()
        with pytest.raises(SourceError, match="is a URL"):
            fleet.scan("s3://bucket/key").collect()
        with pytest.raises(SourceError, match="no regular file"):
            fleet.scan("pipe.log").collect()
        with pytest.raises(NothingToScanError):
            fleet.scan("none*").collect()
        report = fleet.scan(str(root / "*.log"), "plain").run(on_failure="partial").report
    errors = {Path(f.source).name: f.error for f in report.files}
    assert [(s.kind, s.host) for s in report.skipped] == [("a pipe", "a")]
    assert errors == {
        "a.log": None,
        "out.log": f"leads outside the roots ['{root}']",
        "gone.log": "No such file or directory",
        "bad\ufffd.log": "its name is no UTF-8",
    }


@pytest.mark.parametrize("tier", ["A", "B"])
def test_folders_tell_what_is_lost_in_them_and_what_is_no_file(tmp_path: Path, tier: str) -> None:
    """A dangling link is a loss and a device is none, by either tier."""
    (tmp_path / "a.log").write_text("one\n")
    (tmp_path / "gone.log").symlink_to(tmp_path / "nowhere")
    (tmp_path / "null.log").symlink_to("/dev/null")
    made = lq.Fleet([bare(tmp_path)], patience=FAST) if tier == "B" else lq.Fleet.local({"a": tmp_path})
    with made as fleet:
        report = fleet.scan(str(tmp_path), "plain").run(on_failure="partial").report
    assert {Path(f.source).name: f.error for f in report.files} == {
        "a.log": None,
        "gone.log": "No such file or directory",
    }
    assert [(Path(s.source).name, s.kind, s.host) for s in report.skipped] == [("null.log", "a device", "a")]


@pytest.mark.parametrize("tier", ["A", "B"])
def test_processes_are_told_apart_by_either_tier(tmp_path: Path, tier: str) -> None:
    """Their entries lie anywhere in a file, so that is one unit, and none of it is passed over on the host."""
    lines = [f"{'ab'[i % 2]} | {'2024-05-01 12:00:00,1 ERROR x' if i % 6 < 2 else '  at f'} {i}\n" for i in range(600)]
    (tmp_path / "a.log").write_text("".join(lines))
    by = r"^(?P<who>\S+) \| "
    made = lq.Fleet([bare(tmp_path)], patience=FAST) if tier == "B" else lq.Fleet.local({"a": tmp_path})
    with made as fleet:
        there = (
            fleet.scan(str(tmp_path / "a.log"), by=by, block_size=512).grep("at f 5", literal=True).context(1).collect()
        )
    here = lq.scan(tmp_path / "a.log", by=by).grep("at f 5", literal=True).context(1).collect()
    assert here.height > 20
    assert there.drop("host").equals(here.drop("host"))


class Talk:
    """A conversation with an agent of the standard library, byte by byte."""

    def __init__(self, *arguments: str) -> None:
        made = subprocess.PIPE
        self.process = subprocess.Popen([sys.executable, str(SOURCE), *arguments], stdin=made, stdout=made, stderr=made)
        self._decoder, self._frames = Decoder(preamble=True), []  # type: ignore[var-annotated]
        self.say(b"a source that is passed over\0")

    def say(self, data: bytes) -> None:
        """Send bytes."""
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def ask(self, kind: Kind, body: object, query: int = 1) -> Frame:
        """Send a request; return the first frame of the answer."""
        self.say(Frame(kind, body if isinstance(body, bytes) else json.dumps(body).encode(), query).encode())
        return self.next()

    def next(self, *, beats: bool = False) -> Frame:
        """Return the next frame."""
        assert self.process.stdout is not None
        while True:
            while not self._frames:
                data = os.read(self.process.stdout.fileno(), 1 << 16)
                assert data
                self._frames += self._decoder.feed(data)
            frame: Frame = self._frames.pop(0)
            if beats or frame.kind is not Kind.BEAT:
                return frame

    def end(self) -> int:
        """Close its input; return its exit code."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        code = self.process.wait(5)
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()
        return code


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Talk]:
    """An agent that may read a folder."""
    (tmp_path / "a.log").write_text("one\ntwo\n")
    made = Talk("--root", str(tmp_path))
    assert made.next().kind is Kind.HELLO
    yield made
    made.end()


HOSTILE: dict[str, tuple[Kind, object, str]] = {
    "no JSON": (Kind.RUN, b"\xff", "PlanDecodeError"),
    "no object": (Kind.RUN, [1], "PlanDecodeError"),
    "an unknown request": (Kind.RUN, {"type": "Shell", "command": "id"}, "PlanDecodeError"),
    "an unknown field": (Kind.RESOLVE, {"type": "Look", "sources": [], "sample": 1, "exec": "id"}, "PlanDecodeError"),
    "a field left out": (Kind.RESOLVE, {"type": "Look", "sources": []}, "PlanDecodeError"),
    "deep nesting": (Kind.RUN, b"[" * 200_000, "PlanDecodeError"),
    "another frame": (Kind.RUN, {"type": "Look", "sources": [], "sample": 1}, "PlanDecodeError"),
    "an answer": (Kind.PONG, {}, "PlanDecodeError"),
    "a path of a wrong type": (Kind.RESOLVE, {"type": "Look", "sources": [3], "sample": 1}, "AttributeError"),
    "a path with a NUL": (Kind.RESOLVE, {"type": "Look", "sources": ["a\0b"], "sample": 1}, "ValueError"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_requests_are_refused(talk: Talk, name: str) -> None:
    """With a typed error; the agent goes on."""
    kind, body, error = HOSTILE[name]
    answer = talk.ask(kind, body)
    assert answer.kind is Kind.ERROR
    assert read_json(answer.body, Failure).kind in (error, "SourceError")
    assert talk.ask(Kind.PING, b"", 2).kind is Kind.PONG


def test_files_outside_the_roots_are_not_read_by_their_entry(talk: Talk, tmp_path: Path) -> None:
    """A coordinator may make entries up; what it gets of such files is an error."""
    status = Path("/etc/passwd").stat()
    entry = {"name": "/etc/passwd", "device": status.st_dev, "inode": status.st_ino, "size": 1, "head": ""}
    answer = talk.ask(Kind.RUN, {"type": "Fetch", "file": entry, "start": 0, "stop": 99})
    assert "outside the roots" in (read_json(answer.body, Fetched).error or "")
    assert talk.next().kind is Kind.END
    replaced = {**entry, "name": str(tmp_path / "a.log")}
    answer = talk.ask(Kind.RUN, {"type": "Fetch", "file": replaced, "start": 0, "stop": 99}, 2)
    assert read_json(answer.body, Fetched).changed


def test_a_file_that_ends_early_is_changed(talk: Talk, tmp_path: Path) -> None:
    """Cut between the question and the last of its bytes."""
    talk.ask(Kind.RESOLVE, {"type": "Look", "sources": [str(tmp_path / "a.log")], "sample": 3})
    seen = read_json(talk.next().body, Found).files[0]
    entry = {n: getattr(seen, n) for n in ("name", "device", "inode", "size", "head")}
    rows = talk.ask(Kind.RUN, {"type": "Fetch", "file": entry, "start": 4, "stop": 99}, 2)
    assert zlib.decompress(rows.body) == b"two\n"
    told = read_json(talk.next().body, Fetched)
    assert told.error == f"changed while read: {tmp_path}/a.log ended 91 bytes early"


@pytest.mark.parametrize(
    "data",
    [b"\xff" * 100, Frame(Kind.PING, b"x").encode()[:-1] + b"y", agent.SEAL.pack(zlib.crc32(h := agent.HEADER.pack(1 << 30, 2, 0, 0, 0, 0, 0))) + h],
    ids=["header", "body", "length"],
)  # fmt: skip
def test_garbage_ends_the_agent(talk: Talk, data: bytes) -> None:
    """With an error and a code of its own."""
    talk.say(data)
    assert read_json(talk.next().body, Failure).kind == "CorruptFrameError"
    assert talk.end() == 4


def test_an_agent_ends_with_its_input_or_its_reader() -> None:
    """Within a second, and by its heartbeat."""
    talk = Talk()
    assert talk.next().kind is Kind.HELLO
    assert talk.next(beats=True).kind is Kind.BEAT
    begun = time.monotonic()
    assert talk.end() == 0
    assert time.monotonic() - begun < 1
    talk = Talk()
    assert talk.next().kind is Kind.HELLO
    assert talk.process.stdout is not None
    talk.process.stdout.close()
    assert talk.process.wait(5) == 4
    talk.end()


def test_a_source_that_is_cut_off_runs_nothing() -> None:
    """The interpreter ends with its input."""
    for sent in (b"", b"print('half", SOURCE.read_bytes()[:-60] + b"\n"):
        done = subprocess.run([sys.executable, *BARE], input=sent, capture_output=True, timeout=10, check=False)
        assert done.stdout == b""


def test_what_would_leave_unredacted_is_refused(tmp_path: Path) -> None:
    """Tier B sends entries as they are: a plan that redacts never gets that far."""
    (tmp_path / "a.log").write_text("card 4111111111111111\n")
    with fleet_of(tmp_path) as fleet, pytest.raises(PartialResultError, match="redact") as caught:
        fleet.scan("a.log", format="plain").redact(r"\d{16}").collect()
    assert caught.value.report.hosts[0].bytes_sent < 2000
