"""The hosts of a fleet and the event loop that talks to them, in a thread of its own: callers may have loops too."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import weakref
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final, TypeVar

from logq.errors import FleetError
from logq.run.fleet.faults import Fault, RefusedError
from logq.run.fleet.host import Host
from logq.run.report import HostReport

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from logq.run.fleet.dispatch import Share
    from logq.run.fleet.node import Node, Patience
    from logq.run.ssh import Connection
    from logq.run.wire.messages import Manifest, Resolve

__all__ = ["Answer", "Cluster"]

T = TypeVar("T")
AT_ONCE: Final = 8
"""Logins at a time through one jump host or none (MaxStartups), agents of one host (MaxSessions): sshd takes ten."""

GOODBYE: Final = 5.0

Answer = tuple[HostReport, "Manifest | None", str]
"""What a host said of its files: its report so far, the manifest if it gave one, its machine."""


class Cluster:
    """Hosts and their loop; both begin with the first question and end with `close`, or with this object."""

    def __init__(self, nodes: Sequence[Node], patience: Patience, connect: Callable[[Node], Connection | None]) -> None:
        names = [n.name for n in nodes]
        twice = sorted({n for n in names if names.count(n) > 1})
        if not nodes or twice:
            msg = f"two nodes are called {twice[0]!r}; name them apart" if twice else "a fleet needs at least one node"
            raise FleetError(msg)
        self.nodes = tuple(nodes)
        self._loop = _Loop()
        self._gates: defaultdict[object, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(AT_ONCE))
        self._hosts = [Host(node, patience, connect(node), self._gates) for node in nodes]
        self._end = weakref.finalize(self, _close, self._loop, self._hosts, self._gates)

    def manifests(self, request: Resolve) -> list[Answer]:
        """Ask every host for its files; who does not tell is reported."""

        async def asked(host: Host) -> Answer:
            report = HostReport(host.node.name)
            try:
                manifest, machine = await host.resolve(request, report)
            except Fault as fault:
                report.status, report.error = fault.status, fault.why
                return report, None, ""
            return report, manifest, machine

        async def all_asked() -> list[Answer]:
            answers = await asyncio.gather(*map(asked, self._hosts), return_exceptions=True)
            for answer in answers:
                if isinstance(answer, RefusedError):
                    raise answer.error from answer
            return [_given(answer) for answer in answers]

        return self._loop.call(all_asked)

    def install(self, wheels: Path | None) -> dict[str, str]:
        """Push logq to every host; return the folders by name.

        Raises
        ------
        FleetError
            Hosts that did not take it; the others have it.
        """
        from logq.run.bare.install import Bundles  # noqa: PLC0415 (seldom needed)

        async def all_pushed() -> list[str | BaseException]:
            bundles = Bundles(wheels)
            return await asyncio.gather(*(host.install(bundles) for host in self._hosts), return_exceptions=True)

        done: dict[str, str] = {}
        lost: list[str] = []
        for node, folder in zip(self.nodes, self._loop.call(all_pushed), strict=True):
            if isinstance(folder, str):
                done[node.name] = folder
            elif isinstance(folder, Fault | FleetError):
                lost.append(f"{node.name}: {folder}")
            else:
                raise folder
        if lost:
            msg = f"{len(lost)} of {len(self.nodes)} hosts have no logq: {'; '.join(lost)}"
            raise FleetError(msg)
        return done

    def start(self, shares: dict[int, Share], reports: Sequence[HostReport]) -> Future[Any]:
        """Begin to read shares, by the number of their host; cancelling the future ends the agents at work."""

        async def all_read() -> None:
            await asyncio.gather(*(self._hosts[i].run(share, reports[i]) for i, share in shares.items()))

        return self._loop.start(all_read)

    def close(self) -> None:
        """End all agents and connections; asking again starts new ones."""
        _close(self._loop, self._hosts, self._gates)


class _Loop:
    """An event loop in a daemon thread, started when needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._work: set[asyncio.Task[Any]] = set()

    def start(self, work: Callable[[], Coroutine[Any, Any, T]]) -> Future[T]:
        async def known() -> T:
            task = asyncio.ensure_future(work())
            self._work.add(task)
            task.add_done_callback(self._work.discard)
            return await task

        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=_run, args=(self._loop,), name="logq fleet", daemon=True)
                self._thread.start()
            return asyncio.run_coroutine_threadsafe(known(), self._loop)

    def call(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        future = self.start(work)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def stop(self, last: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Cancel what is under way and let it tidy up, do `last`, end the loop and wait for its thread."""

        async def ended() -> None:
            for task in self._work:
                if not task.cancelling():
                    task.cancel()
            await _over(self._work)
            await last()
            await _over(asyncio.all_tasks() - {asyncio.current_task()})

        with self._lock:
            loop, thread = self._loop, self._thread
            self._loop = self._thread = None
        if loop is None or thread is None:
            return
        with contextlib.suppress(TimeoutError):
            asyncio.run_coroutine_threadsafe(ended(), loop).result(3 * GOODBYE)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(GOODBYE)


async def _over(tasks: Iterable[asyncio.Task[Any] | None]) -> None:
    """Wait for tasks to be over, but not for ever."""
    if under_way := [task for task in tasks if task is not None]:
        await asyncio.wait(under_way, timeout=GOODBYE)


def _given(answer: Answer | BaseException) -> Answer:
    if isinstance(answer, BaseException):
        raise answer
    return answer


def _run(loop: asyncio.AbstractEventLoop) -> None:
    try:
        loop.run_forever()
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()


def _close(loop: _Loop, hosts: Sequence[Host], gates: dict[object, asyncio.Semaphore]) -> None:
    async def closed() -> None:
        await asyncio.gather(*(host.close() for host in hosts))
        gates.clear()  # they are of this loop

    loop.stop(closed)
