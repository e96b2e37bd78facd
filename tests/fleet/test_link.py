"""A coordinator's side of the conversation, against agents that break their word; and corners of the agent's side."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import msgspec
import polars as pl
import pytest

import logq as lq
from logq.errors import BuildError, FleetError, PlanDecodeError, SourceError
from logq.plan import Plan, Scan, Table, encode
from logq.run.agent.files import Roots
from logq.run.agent.limits import Limits, anonymous_memory
from logq.run.agent.serve import Agent
from logq.run.fleet import dispatch
from logq.run.fleet.faults import Fault, RefusedError, raised
from logq.run.fleet.host import _end
from logq.run.fleet.link import Link
from logq.run.fleet.runner import OnFleet
from logq.run.fleet.transport import Ring
from logq.run.local import Local
from logq.run.report import Report
from logq.run.wire.frames import MAGIC, Frame, Kind
from logq.run.wire.messages import (
    PROTOCOL,
    Failure,
    FileEntry,
    Hello,
    Manifest,
    Pong,
    Resolve,
    Run,
    Span,
    UnitEnd,
    write,
)
from logq.run.wire.tables import pack_schema

HELLO = Hello(protocol=PROTOCOL, logq=lq.__version__, polars=pl.__version__, python="3", machine="m", pid=1, roots=())
GREETING = [Frame(Kind.HELLO, write(HELLO)), Frame(Kind.PONG, write(Pong(clock=time.time())), 1)]
MANIFEST = Manifest(files=(), formats=(), whole=(), fields=pack_schema({}))
RESOLVE = Resolve(plan=encode(Plan(source=Scan(sources=("a",)))))
RUN = Run(plan=b"", host="h", files=(), first=0, units=(), fields=b"", schema=b"")


class Script:
    """A transport that says what it is told to, whatever is asked."""

    said = "last words"

    def __init__(self, frames: Sequence[Frame], noise: bytes = MAGIC) -> None:
        self._data = [noise, *(f.encode() for f in frames)]

    async def read(self) -> bytes:
        """The next piece."""
        return self._data.pop(0) if self._data else b""

    async def write(self, data: bytes) -> None:
        """Hear nothing."""

    async def close(self) -> None:
        """Go."""


def fault(frames: Sequence[Frame], ask: str = "greet", noise: bytes = MAGIC) -> Fault:
    """What a conversation with such an agent ends in."""

    async def talked() -> None:
        link = Link(Script(frames, noise), "h", lq.Patience())
        await link.greet()
        if ask == "resolve":
            await link.resolve(RESOLVE)
        if ask == "run":
            await link.run(RUN, 0, lambda _: None)

    with pytest.raises(Fault) as caught:
        asyncio.run(talked())
    return caught.value


STRANGE: dict[str, tuple[list[Frame], str, str]] = {
    "no hello": ([Frame(Kind.BEAT)], "greet", "BEAT 0.0.0 was not to come"),
    "a hello that is none": ([Frame(Kind.HELLO, b"\x80")], "greet", "corrupt stream: not a Hello"),
    "no time": ([GREETING[0], Frame(Kind.PONG, b"", 1)], "greet", "corrupt stream: not a Pong"),
    "an answer to something else": ([GREETING[0], Frame(Kind.PONG, b"", 9)], "greet", "PONG 9.0.0 was not to come"),
    "an older answer": ([*GREETING, Frame(Kind.END, b"", 2, 7)], "run", "END 2.7.0 was not to come"),
    "a frame left out": ([*GREETING, Frame(Kind.END, b"", 2, 0, 0, 1)], "run", "END 2.0.1 was not to come"),
    "no manifest": ([*GREETING, Frame(Kind.END, b"", 2)], "resolve", "END 2.0.0 was not to come"),
    "no rows": ([*GREETING, Frame(Kind.MANIFEST, b"", 2)], "run", "MANIFEST 2.0.0 was not to come"),
    "an end": (GREETING, "run", "the agent ended: last words"),
}


@pytest.mark.parametrize("name", STRANGE)
def test_agents_that_break_their_word_are_found_out(name: str) -> None:
    """Another attempt may go better."""
    frames, ask, words = STRANGE[name]
    found = fault(frames, ask)
    assert words in found.why
    assert found.again


def test_what_is_no_agent_is_shown() -> None:
    """With what it said to standard error; another attempt would be no better."""
    found = fault([], noise=b"x" * 70_000)
    assert "no agent spoke" in found.why
    assert "last words" in found.why
    assert not found.again


def test_an_end_of_a_unit_must_be_one() -> None:
    """Else the stream is corrupt."""
    with pytest.raises(Fault, match="not a UnitEnd"):
        _end(Frame(Kind.UNIT_END, b"\x80"))


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("SourceError", SourceError),
        ("PlanDecodeError", PlanDecodeError),
        ("InvalidOperationError", pl.exceptions.InvalidOperationError),
        ("TypeError", TypeError),
        ("ColumnNotFoundError", FleetError),
        ("NoSuchError", FleetError),
    ],
)
def test_errors_of_a_query_are_those_raised_here(kind: str, expected: type[Exception]) -> None:
    """Where the class is known and is made of its words alone."""
    found = raised(Failure(kind=kind, text="why"), "h")
    assert isinstance(found, RefusedError)
    assert type(found.error) is expected
    assert "why" in str(found.error)


def test_errors_of_a_host_are_faults() -> None:
    """The others may answer yet."""
    for kind, again in (("LimitError", False), ("OSError", False), ("CorruptFrameError", True)):
        found = raised(Failure(kind=kind, text="why"), "h")
        assert isinstance(found, Fault)
        assert found.again is again


# --- shares


def share(files: int = 2) -> dispatch.Share:
    """A share of one unit."""
    import threading

    entries = tuple(FileEntry(name=str(i), set=0) for i in range(files))
    request = msgspec.structs.replace(RUN, files=entries)
    return dispatch.Share(request, [Span(number=0, first=0, last=files)], threading.Condition())


def test_units_that_nobody_asked_for_are_refused() -> None:
    """Unknown ones, settled ones, and ends that tell of another number of files."""
    end = UnitEnd(files=(), rows=0, groups=0)
    with pytest.raises(Fault, match="unit 5 was not asked for"):
        share().take(Frame(Kind.ROWS, unit=5), None)
    with pytest.raises(Fault, match="unit 0 was not asked for"):
        share().take(Frame(Kind.UNIT_END), end)


def test_rows_that_come_after_a_stop_are_let_go() -> None:
    """Who wants no more closes what was kept, while the loop may still take a frame that was on its way."""
    made = share()
    made.take(Frame(Kind.ROWS, body=b"early"), None)
    made.drop()
    made.take(Frame(Kind.ROWS, body=b"late"), None)
    assert [(unit.store, unit.rows) for unit in made.left()] == [(None, [])]


def test_one_rotation_set_is_not_parted() -> None:
    """A unit of it stays whole, and is given up whole; a fault after the last unit costs nothing."""
    made = share()
    for _ in range(3):
        made.failed(Fault("failed", "why", again=True), 3)
    assert made.left() == []
    assert made.units == (1, 0)
    made.failed(Fault("failed", "why", again=True), 3)
    made.finish()
    assert [u.fault is not None for u in made.in_order()] == [True]


def test_the_last_words_are_kept_and_made_harmless() -> None:
    """A ring of the last bytes, control characters escaped."""
    ring = Ring(10)
    for part in (b"a" * 30, b"\x1b[31m\n", b"red"):
        ring.add(part)
    assert len(ring.text) < 60
    assert ring.text.endswith("red")
    assert "\x1b" not in ring.text


# --- runners


def test_a_table_is_not_on_a_fleet() -> None:
    """Nor is a local plan a dispatched one."""
    fleet = lq.Fleet.local(1)
    runner = fleet.scan("a")._runner
    assert isinstance(runner, OnFleet)
    with pytest.raises(BuildError, match="a table is here"):
        runner.prepare(Plan(source=Table(name="t")))
    local = Local(buffers={"a": b"x"}).prepare(Plan(source=Scan(sources=("a",))))
    with pytest.raises(TypeError):
        next(runner.reading(local, Report()))
    with pytest.raises(TypeError):
        runner.whereabouts(local)
    fleet.close()


def test_hosts_send_what_is_asked_of_them(tmp_path: Any) -> None:
    """Columns that Polars does not want do not travel; parts of an aggregate always do."""
    (tmp_path / "a.log").write_text("one\ntwo\n")
    with lq.Fleet.local({"a": tmp_path}) as fleet:
        frame = fleet.scan("a.log", "plain")
        runner, plan = frame._runner, frame.plan
        prepared = runner.prepare(plan)
        some = list(runner.source(prepared, prepared.report(), ["raw"], pl.col("line") > 1, None))
        assert pl.concat(some).rows() == [("two",)]
        assert prepared.narrowed(None, None) is prepared
        counted = runner.prepare(frame.group_by("raw").agg(pl.len()).plan)
        assert counted.narrowed(["raw"], None) is counted
        assert frame.lazy().collect(engine="streaming").height == 2


# --- the agent's threads


class Ended(Exception):  # noqa: N818 (the end of a process, not an error)
    """In place of the end of the process."""


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the end of the process raise."""

    def ended(code: int) -> None:
        raise Ended(code)

    monkeypatch.setattr("logq.run.agent.serve.os._exit", ended)
    monkeypatch.setattr("logq.run.agent.serve.time.sleep", lambda _: None)


@pytest.mark.usefixtures("ends")
def test_a_request_that_hangs_is_given_up_by_the_heartbeat() -> None:
    """It says so, and the process ends; a pipe that nobody reads any more ends it as well."""
    import os

    source, sink = os.pipe()
    agent = Agent(source, sink, Roots([]), Limits(seconds=0.0))
    agent._current = Frame(Kind.RUN, query=3)
    with pytest.raises(Ended, match="3"):
        agent._beat()
    assert b"max_seconds" in os.read(source, 4096)
    os.close(source)
    with pytest.raises(Ended, match="4"):
        agent._beat()
    os.close(sink)


@pytest.mark.usefixtures("ends")
def test_an_agent_ends_with_its_input() -> None:
    """At its end, when it is garbage, and when it cannot be read."""
    import os

    for data, code in ((b"", "0"), (b"\xff" * 99, "4")):
        source, feed = os.pipe()
        out, sink = os.pipe()
        os.write(feed, data)
        os.close(feed)
        with pytest.raises(Ended, match=code):
            Agent(source, sink, Roots([]), Limits())._listen()
        for fd in (source, out, sink):
            os.close(fd)
    with pytest.raises(Ended, match="0"):
        Agent(source, sink, Roots([]), Limits())._listen()


def test_machines_have_names_and_memory_if_the_system_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the network's name, and nothing."""
    from pathlib import Path

    from logq.run.agent.serve import _machine

    assert anonymous_memory() > 0
    assert _machine() == _machine() != ""

    def nothing(*_: object, **__: object) -> bytes:
        raise OSError

    monkeypatch.setattr(Path, "read_bytes", nothing)
    monkeypatch.setattr(Path, "read_text", nothing)
    assert anonymous_memory() == 0
    assert isinstance(_machine(), str)
