"""A conversation with one agent."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, TypeVar

import polars as pl

from logq import __version__
from logq.run.fleet.faults import Fault, raised
from logq.run.wire.frames import CorruptFrameError, Decoder, Frame, Kind
from logq.run.wire.messages import PROTOCOL, Failure, Hello, Manifest, Pong, read, write

if TYPE_CHECKING:
    from collections.abc import Callable

    from logq.errors import LogqError
    from logq.run.fleet.node import Patience
    from logq.run.fleet.transport import Transport
    from logq.run.wire.messages import Message, Resolve, Run

__all__ = ["Link"]

T = TypeVar("T", bound="Message")


class Link:
    """An agent that has said hello; asked one thing at a time."""

    tier = "A"

    def __init__(self, transport: Transport, host: str, patience: Patience) -> None:
        self._transport, self._host, self._patience = transport, host, patience
        self._decoder = Decoder(preamble=True)
        self._waiting: list[Frame] = []
        self._asked = (0, 0, 0)
        self.received = 0
        self.clock_offset = 0.0
        self.machine = ""

    async def greet(self) -> None:
        """Wait for the agent's hello and compare clocks.

        Raises
        ------
        Fault
            It does not speak, or is of another version.
        """
        frame = await self._next(self._patience.start)
        if frame.kind is not Kind.HELLO:
            raise self._strange(frame)
        hello = self._read(frame, Hello)
        self._check(hello)
        self.machine = hello.machine
        sent = time.time()
        await self._ask(Kind.PING, b"", 0)
        answer = await self._answer()
        self.clock_offset = self._read(answer, Pong).clock - (sent + time.time()) / 2

    def _check(self, hello: Hello) -> None:
        """Refuse an agent of another version."""
        ours = (PROTOCOL, __version__, pl.__version__)
        theirs = (hello.protocol, hello.logq, hello.polars)
        if ours != theirs:
            words = "protocol {}, logq {}, polars {}"
            why = f"version skew: there {words.format(*theirs)}; here {words.format(*ours)}; install the same there"
            raise Fault("failed", why, again=False, lacking=True)

    async def resolve(self, request: Resolve) -> Manifest:
        """Ask which files a scan covers."""
        await self._ask(Kind.RESOLVE, write(request), 0)
        frame = await self._answer()
        if frame.kind is not Kind.MANIFEST:
            raise self._strange(frame)
        return self._read(frame, Manifest)

    async def run(self, request: Run, epoch: int, take: Callable[[Frame], None]) -> None:
        """Ask for units and hand on their ROWS and UNIT_END frames, up to END."""
        await self._ask(Kind.RUN, write(request), epoch)
        while (frame := await self._answer()).kind is not Kind.END:
            if frame.kind not in (Kind.ROWS, Kind.UNIT_END):
                raise self._strange(frame)
            take(frame)

    async def close(self) -> None:
        """End the agent."""
        await self._transport.close()

    async def _ask(self, kind: Kind, body: bytes, epoch: int) -> None:
        self._asked = (self._asked[0] + 1, epoch, 0)
        query = self._asked[0]
        await self._patiently(self._transport.write(Frame(kind, body, query, epoch).encode()), self._patience.silence)

    async def _answer(self) -> Frame:
        """Return the next frame of the answer, which must be the one that is due."""
        while (frame := await self._next(self._patience.silence)).kind is Kind.BEAT or self._stale(frame):
            pass
        if frame.kind is Kind.ERROR:
            raise raised(self._read(frame, Failure), self._host)
        if (frame.query, frame.epoch, frame.seq) != self._asked:
            raise self._strange(frame)
        query, epoch, seq = self._asked
        self._asked = (query, epoch, seq + 1)
        return frame

    async def _next(self, seconds: float) -> Frame:
        """Return the next frame, any sign of life among them."""
        while not self._waiting:
            data = await self._patiently(self._transport.read(), seconds)
            if not data:
                said = self._transport.said
                lacking = bool(said) and not self._decoder.begun
                raise Fault("failed", f"the agent ended: {said or 'it said nothing'}", again=True, lacking=lacking)
            self.received += len(data)
            try:
                self._waiting += self._decoder.feed(data)
            except CorruptFrameError as error:
                said = f" ({self._transport.said})" if self._transport.said else ""
                begun = self._decoder.begun
                raise Fault("failed", f"corrupt stream: {error}{said}", again=begun, lacking=not begun) from error
        return self._waiting.pop(0)

    async def _patiently(self, work: object, seconds: float) -> bytes:
        try:
            return await asyncio.wait_for(work, seconds)  # type: ignore[arg-type]
        except TimeoutError as error:
            raise Fault("timeout", f"no sign of life for {seconds:g} s", again=True) from error

    def _read(self, frame: Frame, kind: type[T]) -> T:
        try:
            return read(frame.body, kind)
        except ValueError as error:
            raise self._broken(error) from error

    def _stale(self, _: Frame) -> bool:
        """Whether a frame answers what nobody wants to know any more."""
        return False

    def _strange(self, frame: Frame) -> Fault:
        what = f"{frame.kind.name} {frame.query}.{frame.epoch}.{frame.seq}"
        return Fault("failed", f"corrupt stream: {what} was not to come", again=True)

    def _broken(self, error: LogqError | ValueError) -> Fault:
        return Fault("failed", f"corrupt stream: {error}", again=True)
