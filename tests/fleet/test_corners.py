"""Corners of agents and links that no chain of a user leads to for certain."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import logq as lq
from logq.plan import Plan, Scan, encode
from logq.run.agent.files import Roots
from logq.run.agent.work import manifest
from logq.run.bare import agent
from logq.run.bare.place import Place
from logq.run.fleet.transport import pipes
from logq.run.wire.bare import Fetch, Fetched
from logq.run.wire.frames import Kind
from logq.run.wire.messages import FileEntry, Resolve
from tests.fleet.test_bare_link import DONE, frame, greeted
from tests.fleet.test_link import Ended


class Deaf:
    """A stored file that cannot be read."""

    def read(self, _: int) -> bytes:
        """Fail."""
        raise OSError(5, "Input/output error")


def test_folders_are_walked_and_hidden_files_left(tmp_path: Path) -> None:
    """As they are here."""
    (tmp_path / "in").mkdir()
    for name in ("a.log", ".hidden", "in/b.log"):
        (tmp_path / name).touch()
    found, others = agent.expand(os.fsencode(tmp_path))
    assert [os.fsdecode(p) for p in found] == [f"{tmp_path}/a.log", f"{tmp_path}/in/b.log"]
    assert not others


def test_what_the_system_does_not_tell_is_done_without(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder that is gone, a machine without an id, memory that is not counted, a disk that fails."""
    assert agent.neighbours(os.fsencode(tmp_path / "gone" / "a"), 1) == []
    assert agent.machine() == agent.machine() != ""
    assert agent.memory() > 0
    with pytest.raises(OSError, match="Input/output error"):
        list(agent.opened(Deaf(), "a.log"))

    def nothing(*_: object, **__: object) -> Any:
        raise OSError

    monkeypatch.setattr("builtins.open", nothing)
    assert agent.memory() == 0
    assert agent.machine() == os.uname()[1]


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the end of the process raise, and nothing slept."""

    def ended(code: int) -> None:
        raise Ended(code)

    monkeypatch.setattr("logq.run.bare.agent.os._exit", ended)
    monkeypatch.setattr("logq.run.bare.agent.time.sleep", lambda _: None)


def limits(**given: Any) -> argparse.Namespace:
    """Limits as the command line gives them."""
    return argparse.Namespace(**{"max_memory": None, "max_seconds": None, "max_scan_bytes": None, **given})


@pytest.mark.usefixtures("ends")
def test_a_request_that_hangs_is_given_up_by_the_heartbeat() -> None:
    """It says so, and the process ends; an input that cannot be read ends it as well."""
    source, sink = os.pipe()
    made = agent.Agent(source, sink, agent.Roots([]), limits(max_seconds=0.0))
    made.current = (agent.RUN, 3, 0, 0, 0, b"")
    with pytest.raises(Ended, match="3"):
        made.beat()
    assert b"max_seconds" in os.read(source, 4096)
    os.close(source)
    with pytest.raises(Ended, match="0"):
        made.listen()
    with pytest.raises(Ended, match="4"):
        made.write(b"x")
    os.close(sink)


def test_a_question_that_comes_meanwhile_ends_the_answer_to_the_one_before(tmp_path: Path) -> None:
    """What was being read is abandoned without a word: nobody waits for it."""
    path = tmp_path / "a.log"
    path.write_bytes(b"x" * 100)
    entry, _ = agent.entry_of(os.fsencode(path), agent.Roots([]), 0)
    source, sink = os.pipe()
    made = agent.Agent(0, sink, agent.Roots([]), limits())
    asked = {"type": "Fetch", "file": {**entry, "set": 0, "compression": None}, "start": 0, "stop": 100}
    request = (agent.RUN, 1, 0, 0, 0, json.dumps(asked).encode())
    made.answer(request)
    whole = os.read(source, 4096)
    made.requests.put((agent.PING, 2, 0, 0, 0, b""))
    made.answer(request)
    os.set_blocking(source, False)
    with pytest.raises(BlockingIOError):
        os.read(source, 4096)
    made.answer(made.requests.get())
    assert b"Fetched" in whole
    assert b"Pong" in os.read(source, 4096)
    for end in (source, sink):
        os.close(end)


def test_memory_below_the_limit_is_none_of_its_business() -> None:
    """Nor is time."""
    made = agent.Agent(0, 1, agent.Roots([]), limits(max_memory=1 << 60, max_seconds=1e9))
    made.begun = time.monotonic()
    assert made.exceeded() is None


def test_a_process_that_may_not_be_nicer_runs_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """And one whose source was piped reads nothing first."""

    def refused(_: int) -> int:
        raise OSError

    class Made(agent.Agent):
        def serve(self) -> None:
            """Be there."""
            os.close(self.sink)

    monkeypatch.setattr("logq.run.bare.agent.os.nice", refused)
    monkeypatch.setattr("logq.run.bare.agent.os.dup2", lambda *_: None)
    monkeypatch.setattr(agent, "Agent", Made)
    agent.main(["--nice", "3"], True)


def test_a_file_that_went_is_told_of_without_its_columns(tmp_path: Path) -> None:
    """It is plain, for all that is known, and lost when it is read."""
    (tmp_path / "gone.log").symlink_to(tmp_path / "nowhere")
    told = manifest(Resolve(plan=encode(Plan(source=Scan(sources=(str(tmp_path / "gone.log"),))))), Roots([]))
    assert (told.formats, [f.error for f in told.files]) == ((("plain",),), ["No such file or directory"])


def test_a_unit_that_was_left_is_settled() -> None:
    """Before the next question."""

    async def talked() -> None:
        link = await greeted([frame(Kind.PONG, {"type": "Pong", "clock": 1.0})])
        link._unfinished = True

        async def nothing(_: object) -> None:
            return

        link._aside = nothing  # type: ignore[assignment,method-assign]
        await link.run(None, 1, lambda _: None)  # type: ignore[arg-type]
        assert not link._unfinished

    asyncio.run(talked())


def test_an_agent_that_is_new_is_asked_for_the_head_as_well() -> None:
    """What another one told is not known to its link."""
    asked: list[Fetch] = []

    class Asked:
        def received_of(self, request: Fetch) -> Any:
            """Note what is asked for."""
            asked.append(request)
            yield b"x" * (request.stop - request.start)
            return Fetched(**{k: v for k, v in DONE.items() if k != "type"})  # type: ignore[arg-type]

    place: Any = Place(Asked())  # type: ignore[arg-type]
    entry = FileEntry(name="a", set=0, size=100_000)
    for _ in range(2):
        with place.opened(entry) as file:
            assert file.size == 100_000
            stream = file.opener()
            assert sum(iter(lambda: len(stream.read(1 << 20)), 0)) == 100_000  # noqa: B023 (read at once)
    assert [(r.start, r.stop) for r in asked][:2] == [(0, 1 << 16), (1 << 16, 100_000)]
    assert (0, 1 << 16) not in [(r.start, r.stop) for r in asked][2:]


def test_a_process_is_ended_though_its_end_is_cancelled(tmp_path: Path) -> None:
    """Whoever waits for it no more has it killed."""

    async def closed() -> int | None:
        node = lq.Node(name="a", address="pipe:", folder=str(tmp_path))
        made = await pipes(node, [sys.executable, "-c", "import time; time.sleep(60)"])
        task = asyncio.ensure_future(made.close())
        await asyncio.sleep(0.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await made._process.wait()
        await asyncio.sleep(0.05)
        return made._process.returncode

    assert asyncio.run(closed()) == -9
