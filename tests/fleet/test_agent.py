"""The agent: what it answers, and when it ends."""

from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

import logq as lq
from logq.errors import PartialResultError
from logq.plan import Plan, Scan, encode
from logq.read.streams import chunks
from logq.run.agent.files import Roots, listed, opened
from logq.run.wire.frames import Decoder, Frame, Kind
from logq.run.wire.messages import Failure, Hello, Manifest, Pong, Resolve, Run, Span, UnitEnd, read, write
from logq.run.wire.tables import pack_schema, unpack
from logq.schema import CANONICAL
from tests.fleet.test_agent_files import root as root_of_files

REPOSITORY = Path(__file__).parents[2]
root = root_of_files


# --- a process


class Talk:
    """A conversation with an agent process, byte by byte."""

    def __init__(self, *arguments: str) -> None:
        env = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "logq.run.agent", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=env,
        )
        self._decoder, self._frames = Decoder(preamble=True), []  # type: ignore[var-annotated]

    def say(self, data: bytes) -> None:
        """Send bytes."""
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def ask(self, kind: Kind, body: bytes = b"", query: int = 1, epoch: int = 0) -> Frame:
        """Send a request; return the first frame of the answer."""
        self.say(Frame(kind, body, query, epoch).encode())
        return self.next()

    def next(self, *, beats: bool = False) -> Frame:
        """Return the next frame."""
        assert self.process.stdout is not None
        while True:
            while not self._frames:
                data = os.read(self.process.stdout.fileno(), 1 << 16)
                assert data, self.process.stderr.read() if self.process.stderr else ""
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
            if stream is not None:
                stream.close()
        return code


@pytest.fixture
def talk(root: Path) -> Iterator[Talk]:
    """An agent that may read `root`."""
    made = Talk("--root", str(root))
    yield made
    made.end()


def resolve(*sources: str) -> bytes:
    """A request for the files of a scan."""
    return write(Resolve(plan=encode(Plan(source=Scan(sources=sources)))))


def test_an_agent_answers(talk: Talk, root: Path) -> None:
    """Hello, the time, the files, their rows, and at the end of its input it leaves at once."""
    hello = read(talk.next().body, Hello)
    assert (hello.polars, hello.roots) == (pl.__version__, (str(root),))
    assert abs(read(talk.ask(Kind.PING).body, Pong).clock - time.time()) < 5
    manifest = read(talk.ask(Kind.RESOLVE, resolve(f"{root}/*.log"), 2).body, Manifest)
    assert manifest.formats == (("plain",),)
    run = Run(
        plan=encode(Plan(source=Scan(sources=("x",)))),
        host="me",
        files=manifest.files,
        first=0,
        units=(Span(number=0, first=0, last=1),),
        fields=manifest.fields,
        schema=pack_schema(CANONICAL),
    )
    rows = talk.ask(Kind.RUN, write(run), 3, 7)
    assert (rows.kind, rows.query, rows.epoch, rows.unit, rows.seq) == (Kind.ROWS, 3, 7, 0, 0)
    assert unpack(rows.body).select("host", "source", "line", "raw").rows() == [
        ("me", f"{root}/a.log", 1, "one"),
        ("me", f"{root}/a.log", 2, "two"),
    ]
    end = read(talk.next().body, UnitEnd)
    assert (end.rows, end.files[0].entries) == (2, 2)
    assert talk.next().kind is Kind.END
    assert talk.next(beats=True).kind is Kind.BEAT
    begun = time.monotonic()
    assert talk.end() == 0
    assert time.monotonic() - begun < 1


HOSTILE = {
    "no message": b"\xc1",
    "another message": write(Pong(clock=1.0)),
    "no plan": write(Resolve(plan=b"{}")),
    "an unknown step": write(
        Resolve(
            plan=b'{"version":1,"plan":{"source":{"op":"scan","sources":["a"]},"steps":[{"op":"shell","command":"id"}]}}'
        )
    ),
    "an unknown field": write(
        Resolve(plan=b'{"version":1,"plan":{"source":{"op":"scan","sources":["a"],"exec":"id"}}}')
    ),
    "another version": write(Resolve(plan=b'{"version":99,"plan":{}}')),
    "deep nesting": write(Resolve(plan=b'{"version":1,"plan":' + b"[" * 100_000)),
    "a huge plan": write(Resolve(plan=b" " * (5 << 20))),
    "a table": write(Resolve(plan=b'{"version":1,"plan":{"source":{"op":"table","name":"x"}}}')),
    "no source": write(Resolve(plan=b'{"version":1,"plan":{"source":{"op":"scan","sources":[]}}}')),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_requests_are_refused(talk: Talk, name: str) -> None:
    """With a typed error; the agent goes on."""
    assert talk.next().kind is Kind.HELLO
    answer = talk.ask(Kind.RESOLVE, HOSTILE[name])
    assert answer.kind is Kind.ERROR
    assert read(answer.body, Failure).kind in ("PlanDecodeError", "BuildError", "TypeError")
    assert talk.ask(Kind.PING, query=2).kind is Kind.PONG


def expression(tree: object) -> bytes:
    """A plan that filters by a crafted expression."""
    plan = {
        "version": 1,
        "plan": {"source": {"op": "scan", "sources": ["a"]}, "steps": [{"op": "filter", "predicates": [tree]}]},
    }
    return json.dumps(plan).encode()


CRAFTED: dict[str, object] = {
    "a Python function": {"AnonymousFunction": {"input": [], "function": list(b"pickle" * 9), "options": {}}},
    "a plugin": {"Function": {"input": [], "function": {"FfiPlugin": {"lib": "/x.so", "symbol": "f"}}}},
    "a plan within": {"SubPlan": [{"Scan": {}}, []]},
    "an unknown node": {"Frobnicate": {"Column": "raw"}},
    "bytes": {"Function": {"input": [{"Column": "raw"}], "function": {"Mystery": list(range(200))}}},
}


@pytest.mark.parametrize("name", CRAFTED)
def test_code_never_comes_over_the_wire(talk: Talk, name: str, root: Path) -> None:
    """Functions, libraries, plans and bytes in an expression are refused before Polars reads it."""
    assert talk.next().kind is Kind.HELLO
    files, *_ = listed([str(root / "a.log")], Roots([]))
    run = Run(
        plan=expression(CRAFTED[name]),
        host="me",
        files=files,
        first=0,
        units=(Span(number=0, first=0, last=1),),
        fields=pack_schema({}),
        schema=pack_schema(CANONICAL),
    )
    answer = talk.ask(Kind.RUN, write(run))
    assert (answer.kind, read(answer.body, Failure).kind) == (Kind.ERROR, "PlanDecodeError")


def test_files_outside_the_roots_are_not_read_by_their_entry(talk: Talk, root: Path) -> None:
    """A coordinator may make manifests up; what it gets of such files is an error."""
    assert talk.next().kind is Kind.HELLO
    (entry,), *_ = listed([str(root.parent / "secret")], Roots([]))
    run = Run(
        plan=encode(Plan(source=Scan(sources=("x",)))),
        host="me",
        files=(entry,),
        first=0,
        units=(Span(number=0, first=0, last=1),),
        fields=pack_schema({}),
        schema=pack_schema(CANONICAL),
    )
    end = talk.ask(Kind.RUN, write(run))
    assert end.kind is Kind.UNIT_END
    assert "outside the roots" in (read(end.body, UnitEnd).files[0].error or "")


def test_garbage_ends_the_agent(root: Path) -> None:
    """With an error and a code of its own."""
    talk = Talk("--root", str(root))
    assert talk.next().kind is Kind.HELLO
    talk.say(b"\xff" * 100)
    assert read(talk.next().body, Failure).kind == "CorruptFrameError"
    assert talk.end() == 4


def test_an_answer_is_no_request(talk: Talk) -> None:
    """It is refused as corrupt."""
    assert talk.next().kind is Kind.HELLO
    assert read(talk.ask(Kind.PONG).body, Failure).kind == "CorruptFrameError"


def test_an_agent_that_nobody_hears_ends(root: Path) -> None:
    """Its heartbeat finds out within a second or two."""
    talk = Talk("--root", str(root))
    assert talk.next().kind is Kind.HELLO
    assert talk.process.stdout is not None
    talk.process.stdout.close()
    assert talk.process.wait(5) == 4
    talk.end()


def test_agents_start_with_polars_and_msgspec_alone() -> None:
    """No SSH, no Arrow, no fsspec: what a host must have is little."""
    code = "import sys, logq.run.agent.__main__; print([m for m in ('asyncssh', 'pyarrow', 'fsspec', 'asyncio', 'hypothesis') if m in sys.modules])"
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    shown = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


# --- limits


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (lq.Limits(max_scan_bytes=10), "max_scan_bytes"),
        (lq.Limits(max_seconds=0.0), "max_seconds"),
        (lq.Limits(max_memory=1), "max_memory"),
    ],
    ids=["bytes", "seconds", "memory"],
)
def test_limits_hold(root: Path, limits: lq.Limits, words: str) -> None:
    """The host is then out, and says why."""
    (root / "a.log").write_text("line\n" * 1000)
    with lq.Fleet.local({"a": root}, limits=limits) as fleet, pytest.raises(PartialResultError) as caught:
        fleet.scan("a.log").collect()
    assert f"LimitError: {words}" in str(caught.value)
    assert caught.value.report.hosts[0].status == "failed"


def test_a_gzip_bomb_is_stopped(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it unfolds to is bounded by its size; what came before counts."""
    monkeypatch.setattr("logq.run.agent.files.FREE", 1 << 20)
    monkeypatch.setattr("logq.run.agent.files.RATIO", 10)
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as bomb:
        bomb.write(b"0123456789abcde\n" * (1 << 20))
    (root / "bomb.gz").write_bytes(packed.getvalue())
    (entry,), *_ = listed([str(root / "bomb.gz")], Roots([]))
    with opened(entry, Roots([])) as file:
        blocks = chunks(file)
        seen: list[int] = []
        with pytest.raises(OSError, match="decompression bomb: unfolds to more than 1048576 bytes"):
            seen.extend(map(len, blocks))
        assert sum(seen) == 1 << 20
