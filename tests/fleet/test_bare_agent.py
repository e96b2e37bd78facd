"""Tier B: the agent of the standard library, and what cannot be asked of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

import logq as lq
from logq.errors import NothingToScanError, PartialResultError, SourceError
from logq.run.bare import agent
from logq.run.fleet.node import BARE
from logq.run.wire.bare import Fetched, Found, read_json
from logq.run.wire.frames import Decoder, Frame, Kind
from logq.run.wire.messages import Failure
from tests.fleet.bare import FAST, SOURCE, bare, fleet_of


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
def test_what_lies_behind_a_link_that_leads_out_is_not_told(tmp_path: Path, tier: str) -> None:
    """Not even by name: the link is lost; one that leads to a root is none of these."""
    root, secret = tmp_path / "logs", tmp_path / "secret"
    for folder in (root / "in", secret / "deep"):
        folder.mkdir(parents=True)
        (folder / "a.log").write_text("one\n")
    (secret / "b.log").write_text("two\n")
    os.mkfifo(secret / "pipe")
    (root / "out").symlink_to(secret)
    (root / "round").symlink_to(root)
    node = lq.Node(name="a", address="pipe:", folder=str(root), roots=(str(root),), tiers=("A",))
    with lq.Fleet([bare(root) if tier == "B" else node], patience=FAST) as fleet:
        for source in ("out", "out/*", "*/*.log", "out/../secret/*", "out/deep/*", "out/b.log", f"{root}/out/b.log"):
            report = fleet.scan(source, "plain").run(on_failure="partial").report
            told = [f.source for f in report.failed] + [s.source for s in report.skipped]
            assert [Path(t).name for t in told] == ["out"]
            assert (report.failed[0].error or "").startswith("leads outside the roots")
        assert fleet.scan("round/in/a.log", "plain").collect().height == 1


@pytest.mark.parametrize("tier", ["A", "B"])
def test_names_are_those_of_one_machine(tmp_path: Path, tier: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of folders as they are given, of what is listed twice, of what is passed over."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.log").write_text("one\n")
    os.mkfifo(tmp_path / "in" / "z")
    os.mkfifo(tmp_path / "in" / "y")
    monkeypatch.chdir(tmp_path)
    with lq.Fleet([bare(tmp_path)], patience=FAST) if tier == "B" else lq.Fleet.local({"a": tmp_path}) as fleet:
        for sources in ([".", "in"], ["./in//"], ["in/*", "./in"], [f"{tmp_path}/./in", "in/a.log"]):
            here, there = (ask(sources, "plain").run().report for ask in (lq.scan, fleet.scan))
            assert [f.source for f in there.files] == [f.source for f in here.files]
            assert [(s.source, s.kind) for s in there.skipped] == [(s.source, s.kind) for s in here.skipped]


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

    def __init__(self, *arguments: str, source: Path = SOURCE) -> None:
        made = subprocess.PIPE
        self.process = subprocess.Popen([sys.executable, str(source), *arguments], stdin=made, stdout=made, stderr=made)
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


def test_a_regex_that_never_ends_ends_the_agent(tmp_path: Path) -> None:
    """It holds the interpreter, so that no thread could; an alarm that is no longer put off asks nobody."""
    path, source = tmp_path / "a.log", tmp_path / "agent.py"
    path.write_text("one\n" + "a" * 60 + "\nneedle\n")
    source.write_text(SOURCE.read_text().replace("HUNG = 30\n", "HUNG = 1\n"))
    hung = Talk(source=source)
    assert hung.next().kind is Kind.HELLO
    hung.ask(Kind.RESOLVE, {"type": "Look", "sources": [str(path)], "sample": 0})
    seen = read_json(hung.next().body, Found).files[0]
    entry = {n: getattr(seen, n) for n in ("name", "device", "inode", "size", "head")}
    search = {"type": "Search", "file": entry, "texts": ["needle"], "begins": "^(?:a+)+:", "cap": None}
    hung.say(Frame(Kind.RUN, json.dumps(search).encode(), 2).encode())
    assert hung.process.wait(20) == -signal.SIGALRM
    hung.end()


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
