"""The coordinator's side of tier B, against agents that break their word."""

from __future__ import annotations

import asyncio
import concurrent.futures
import json
import time
import zlib
from collections.abc import Callable, Sequence
from typing import Any

import pytest

import logq as lq
from logq.run.bare.link import BareLink
from logq.run.bare.streams import Stream
from logq.run.fleet.faults import Fault, RefusedError
from logq.run.wire.bare import Fetch
from logq.run.wire.frames import MAGIC, Frame, Kind
from logq.run.wire.messages import PROTOCOL, FileEntry

FILE = FileEntry(name="a", set=0, size=9)
FETCH = Fetch(file=FILE, start=0, stop=9)
DONE = {"type": "Fetched", "bytes": 9, "error": None, "changed": False}
SEEN = {"name": "a", "device": 1, "inode": 1, "size": 9, "head": "", "error": None}


def frame(kind: Kind, body: object, seq: int = 0, query: int = 2) -> Frame:
    """A frame of an answer."""
    return Frame(kind, body if isinstance(body, bytes) else json.dumps(body).encode(), query, 0, 0, seq)


HELLO = {"type": "Hello", "protocol": PROTOCOL, "logq": "", "polars": "", "python": "3.6.1", "machine": "m", "pid": 1, "roots": []}  # fmt: skip
GREETING = [frame(Kind.HELLO, HELLO, query=0), frame(Kind.PONG, {"type": "Pong", "clock": time.time()}, query=1)]


class Script:
    """A transport that says what it is told to, then nothing more."""

    said = ""

    def __init__(self, frames: Sequence[Frame]) -> None:
        self._data = [MAGIC, *(f.encode() for f in frames)]

    async def read(self) -> bytes:
        """The next piece; silence after the last."""
        if not self._data:
            await asyncio.sleep(3600)
        return self._data.pop(0)

    async def write(self, data: bytes) -> None:
        """Hear nothing."""

    async def close(self) -> None:
        """Go."""


async def greeted(frames: Sequence[Frame]) -> BareLink:
    """A link to such an agent."""
    link = BareLink(Script([*GREETING, *frames]), "h", lq.Patience(), lq.Limits())
    await link.greet()
    return link


def talk(frames: Sequence[Frame], work: Callable[[BareLink], Any]) -> Any:
    """What work with such an agent comes to."""

    async def talked() -> Any:
        link = await greeted(frames)
        return await link._aside(lambda: work(link))

    return asyncio.run(talked())


def drained(link: BareLink) -> bytes:
    """All that an agent sends of a file."""
    return b"".join(link.received_of(FETCH))


def looked(link: BareLink) -> object:
    """What an agent has."""
    return link.look(("a",), 9)


def checked(link: BareLink) -> object:
    """Which files are as they were."""
    return link.check((FILE,))


ROWS = frame(Kind.ROWS, zlib.compress(b"some"))
STRANGE: dict[str, tuple[Callable[[BareLink], object], list[Frame], str]] = {
    "an end without an outcome": (drained, [frame(Kind.END, b"")], "END 2.0.0 was not to come"),
    "rows behind the outcome": (drained, [frame(Kind.UNIT_END, DONE), frame(Kind.ROWS, b"", 1)], "ROWS 2.0.1"),
    "a manifest": (drained, [frame(Kind.MANIFEST, b"")], "MANIFEST 2.0.0 was not to come"),
    "an outcome that is none": (drained, [frame(Kind.UNIT_END, {})], "not a Fetched"),
    "a frame left out": (drained, [frame(Kind.ROWS, b"", 1)], "ROWS 2.0.1 was not to come"),
    "no zlib": (drained, [frame(Kind.ROWS, b"plain")], "corrupt stream: .*incorrect header"),
    "half of a body": (drained, [frame(Kind.ROWS, zlib.compress(b"x" * 99)[:-5])], "less than it should"),
    "no manifest": (looked, [frame(Kind.END, b"")], "END 2.0.0 was not to come"),
    "too few heads": (looked, [frame(Kind.MANIFEST, {"type": "Found", "files": [SEEN], "missing": []})], "MANIFEST"),
    "a manifest that is none": (looked, [frame(Kind.MANIFEST, b"{}")], "not a Found"),
    "no states": (checked, [frame(Kind.END, b""), frame(Kind.END, b"", 1)], "END 2.0.0 was not to come"),
    "too few states": (checked, [frame(Kind.UNIT_END, {"type": "Checked", "files": []}), frame(Kind.END, b"", 1)], "UNIT_END"),
}  # fmt: skip


@pytest.mark.parametrize("name", STRANGE)
def test_agents_that_break_their_word_are_found_out(name: str) -> None:
    """Another attempt may go better."""
    work, frames, words = STRANGE[name]
    with pytest.raises(Fault, match=words) as caught:
        talk(frames, work)
    assert caught.value.again


def test_frames_that_unfold_to_too_much_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host cannot fill the coordinator's memory by a small frame."""
    monkeypatch.setattr("logq.run.bare.link.LARGEST", 1000)
    with pytest.raises(Fault, match="unfolds to too much"):
        talk([frame(Kind.ROWS, zlib.compress(b"x" * 100_000))], drained)


def test_what_ended_the_work_is_told_whatever_it_passed_through() -> None:
    """Polars may wrap an error that comes up in a source; an error of the query is the query's."""

    def wrapped(link: BareLink) -> None:
        try:
            drained(link)
        except Fault as fault:
            raise ValueError from fault

    with pytest.raises(Fault, match="was not to come"):
        talk([frame(Kind.END, b"")], wrapped)

    def broken(_: BareLink) -> None:
        raise TypeError("why")  # noqa: EM101 (what it says is checked)

    with pytest.raises(RefusedError, match="why"):
        talk([], broken)


def test_what_nobody_wants_any_more_is_left() -> None:
    """Frames of a question given up are passed over, up to the answer to the next."""

    async def talked() -> None:
        stale = [frame(Kind.ROWS, zlib.compress(b"more"), 1), frame(Kind.UNIT_END, DONE, 2)]
        link = await greeted([ROWS, *stale, frame(Kind.PONG, {"type": "Pong", "clock": 1.0}, query=3)])

        def begun() -> bytes:
            return next(link.received_of(FETCH))

        assert await link._aside(begun) == b"some"
        assert link._unfinished
        await link._settled()
        assert not link._unfinished

    asyncio.run(talked())


def test_work_that_is_cancelled_has_ended_when_it_is() -> None:
    """Its thread waits no more, and asks no more."""

    async def talked() -> list[str]:
        link = await greeted([])
        ends: list[str] = []

        def work() -> None:
            for _ in range(2):
                try:
                    drained(link)
                except (concurrent.futures.CancelledError, asyncio.CancelledError) as error:
                    ends.append(type(error).__module__)

        task = asyncio.ensure_future(link._aside(work))
        await asyncio.sleep(0.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return ends

    assert asyncio.run(talked()) == ["concurrent.futures._base", "asyncio.exceptions"]


def test_nothing_of_cancelled_work_goes_on() -> None:
    """Whoever closes the streams then reads what is left of them, which two cannot; what comes too late is not begun."""

    async def talked() -> None:
        link = await greeted([])
        reading: list[str] = []

        async def read() -> bytes:
            reading.append("one")
            try:
                await asyncio.sleep(3600)
            finally:
                await asyncio.sleep(0.1)
                reading.clear()
            raise AssertionError

        link._transport.read = read  # type: ignore[method-assign]
        task = asyncio.ensure_future(link._aside(lambda: drained(link)))
        await asyncio.sleep(0.2)
        assert reading
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not reading
        told: concurrent.futures.Future[bytes] = concurrent.futures.Future()
        link._begin(read(), told)
        assert told.cancelled()
        assert not reading

    asyncio.run(talked())


def test_work_that_is_cancelled_before_it_asks_ends_too() -> None:
    """There is nothing to cancel then but itself."""

    async def talked() -> None:
        link = await greeted([])
        task = asyncio.ensure_future(link._aside(lambda: time.sleep(0.2)))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(talked())


def test_a_stream_gives_what_there_is() -> None:
    """Piece by piece, empty ones passed over, the rest of a piece at the next read."""
    stream = Stream(iter([b"", b"abc", b"", b"d"]))
    assert stream.readable()
    assert [stream.read(2) for _ in range(4)] == [b"ab", b"c", b"d", b""]
