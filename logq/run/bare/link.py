"""A conversation with an agent that only sends bytes: what it cannot do with them is done here, in a thread."""

from __future__ import annotations

import asyncio
import time
import zlib
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from logq.plan import Redact, decode
from logq.run.agent.limits import Limits
from logq.run.agent.work import Job, counted, manifest
from logq.run.bare.place import FetchedUnit, Place
from logq.run.fleet.faults import Fault, RefusedError, raised
from logq.run.fleet.link import Link
from logq.run.urls import install_openers
from logq.run.wire.bare import Check, Checked, Fetch, Fetched, Found, Look, Search, read_json, write_json
from logq.run.wire.frames import Frame, Kind
from logq.run.wire.messages import PROTOCOL, Failure, Hello, Message, write
from logq.run.wire.tables import pack, pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator, Sequence

    from logq.run.fleet import node
    from logq.run.fleet.transport import Transport
    from logq.run.wire.bare import State
    from logq.run.wire.messages import FileEntry, Manifest, Resolve, Run

__all__ = ["BareLink"]

T = TypeVar("T")
M = TypeVar("M", bound=Message)
E = TypeVar("E", bound=Fault | RefusedError)
SOURCE: Final = Path(__file__).with_name("agent.py").read_bytes()
LARGEST: Final = 64 << 20
"""Bytes that one frame may unfold to."""


class BareLink(Link):
    """As `Link`, with the work of an agent of Polars done on this side."""

    tier = "B"

    def __init__(self, transport: Transport, host: str, patience: node.Patience, limits: node.Limits) -> None:
        super().__init__(transport, host, patience)
        self._limits = Limits(seconds=limits.max_seconds, scan_bytes=limits.max_scan_bytes)
        self._place = Place(self)
        self._epoch = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._under_way: asyncio.Task[Any] | None = None
        self._failure: Fault | RefusedError | None = None
        self._left = self._unfinished = False

    async def greet(self) -> None:
        """Send the agent's source, then as ever."""
        await self._patiently(self._transport.write(SOURCE + b"\0"), self._patience.start)
        await super().greet()

    async def resolve(self, request: Resolve) -> Manifest:
        """Ask which files a scan covers, and find out here what is in them.

        Raises
        ------
        Fault
            The plan redacts: whole entries would have to leave the host for that.
        """
        if any(isinstance(step, Redact) for step in decode(request.plan).steps):
            why = "redact() needs logq on the host (tier A): without it, entries leave as they are; see Fleet.install"
            raise Fault("failed", why, again=False)
        return await self._aside(lambda: manifest(request, self._place))

    async def run(self, request: Run, epoch: int, take: Callable[[Frame], None]) -> None:
        """Read units here, of bytes from there; hand on ROWS and UNIT_END frames."""
        self._epoch = epoch
        await self._aside(lambda: self._units(request, take))
        if self._unfinished:
            await self._settled()

    # --- in a thread

    def look(self, sources: tuple[str, ...], sample: int) -> tuple[Found, list[bytes]]:
        """Tell what there is, and how each file begins (compressed by zlib)."""

        async def asked() -> tuple[Found, list[bytes]]:
            await self._ask(Kind.RESOLVE, write_json(Look(sources=sources, sample=sample)), 0)
            heads: list[bytes] = []
            while (frame := await self._answer()).kind is Kind.ROWS:
                heads.append(frame.body)
            if frame.kind is not Kind.MANIFEST:
                raise self._strange(frame)
            found = self._read(frame, Found)
            if len(found.files) != len(heads):
                raise self._strange(frame)
            return found, heads

        return self._call(asked())

    def check(self, files: tuple[FileEntry, ...]) -> Sequence[State]:
        """Tell which files are no longer what they were."""

        async def asked() -> Sequence[State]:
            await self._ask(Kind.RUN, write_json(Check(files=files)), self._epoch)
            frame = await self._answer()
            end = await self._answer()
            if (frame.kind, end.kind) != (Kind.UNIT_END, Kind.END):
                raise self._strange(frame)
            checked = self._read(frame, Checked).files
            if len(checked) != len(files):
                raise self._strange(frame)
            return checked

        return self._call(asked())

    def received_of(self, request: Fetch | Search) -> Generator[bytes, None, Fetched]:
        """Yield bytes as they come; return how it went."""
        self._unfinished = True
        self._call(self._ask(Kind.RUN, write_json(request), self._epoch))
        outcome: Fetched | None = None
        while (frame := self._call(self._answer())).kind is not Kind.END:
            if frame.kind is Kind.UNIT_END:
                outcome = self._read(frame, Fetched)
            elif frame.kind is Kind.ROWS and outcome is None:
                yield self._unfolded(frame)
            else:
                raise self._kept(self._strange(frame))
        self._unfinished = False
        if outcome is None:
            raise self._kept(self._strange(frame))
        return outcome

    def _unfolded(self, frame: Frame) -> bytes:
        unfold = zlib.decompressobj()
        try:
            data = unfold.decompress(frame.body, LARGEST)
        except zlib.error as error:
            raise self._kept(self._broken(ValueError(str(error)))) from error
        if not unfold.eof:
            raise self._kept(self._broken(ValueError("a frame that unfolds to too much, or to less than it should")))
        return data

    def _units(self, request: Run, take: Callable[[Frame], None]) -> None:
        install_openers()
        job, begun = Job.of(request), time.monotonic()

        # A share is written by the loop.
        async def taken(kind: Kind, body: bytes, unit: int) -> None:
            take(Frame(kind, body, unit=unit))

        def check(read: int) -> None:
            self._limits.check(read, begun)

        for unit in counted(FetchedUnit(job, span, self._place, check) for span in request.units):
            self._place.check(unit.files)
            for frame in unit.frames():
                for piece in pieces(frame):
                    self._call(taken(Kind.ROWS, pack(piece), unit.number))
            self._call(taken(Kind.UNIT_END, write(unit.end()), unit.number))

    def _call(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something in the loop, from the thread."""
        if self._left or self._loop is None:
            work.close()
            raise asyncio.CancelledError
        told: Future[T] = Future()
        self._loop.call_soon_threadsafe(self._begin, work, told)
        try:
            result = told.result()
        except (Fault, RefusedError) as error:
            self._kept(error)
            raise
        return result

    def _kept(self, error: E) -> E:
        """Note what ended the work: Polars, which it may pass through, tells its words only."""
        self._failure = error
        return error

    # --- in the loop

    def _begin(self, work: Coroutine[Any, Any, T], told: Future[T]) -> None:
        """Do what a thread asks for; it is told once that is over, be it cancelled: nothing of it then goes on."""
        if self._left:
            work.close()
            told.cancel()
            return
        task = self._under_way = asyncio.ensure_future(work)
        task.add_done_callback(partial(_tell, told))

    async def _aside(self, work: Callable[[], T]) -> T:
        """Work in a thread, which asks by `_call`; a loop that is told to stop waits until it has."""
        self._loop, self._failure, self._left = asyncio.get_running_loop(), None, False
        doing = asyncio.ensure_future(asyncio.to_thread(work))
        try:
            return await asyncio.shield(doing)
        except asyncio.CancelledError:
            self._left = True
            if self._under_way is not None:
                self._under_way.cancel()
            await asyncio.wait([doing])
            raise
        except (Fault, RefusedError):
            raise
        except Exception as error:
            if (kept := self._failed()) is not None:
                raise kept from error
            raise raised(Failure(kind=type(error).__name__, text=str(error)), self._host) from error

    def _failed(self) -> Fault | RefusedError | None:
        return self._failure

    async def _settled(self) -> None:
        """Have the agent leave what nobody wants any more."""
        await self._ask(Kind.PING, b"", 0)
        await self._answer()
        self._unfinished = False

    def _stale(self, frame: Frame) -> bool:
        return 0 < frame.query < self._asked[0]

    def _check(self, hello: Hello) -> None:
        if hello.protocol != PROTOCOL:
            raise Fault("failed", f"version skew: there protocol {hello.protocol}, here {PROTOCOL}", again=False)

    def _read(self, frame: Frame, kind: type[M]) -> M:
        try:
            return read_json(frame.body, kind)
        except ValueError as error:
            fault = self._broken(error)
            # What answers to a source with something else, as a forced command may, will do so again.
            fault.again = kind is not Hello
            raise self._kept(fault) from error


def _tell(told: Future[T], task: asyncio.Task[T]) -> None:
    if task.cancelled():
        told.cancel()
    elif (error := task.exception()) is not None:
        told.set_exception(error)
    else:
        told.set_result(task.result())
