"""Byte streams to an agent: what SSH and pipes have in common, and the pipes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from logq.run.fleet.faults import Fault

if TYPE_CHECKING:
    from logq.run.fleet.node import Node

__all__ = ["CHUNK", "Pipes", "Ring", "Transport", "pipes"]

CHUNK: Final = 1 << 20
KEPT: Final = 64 << 10
SHOWN: Final = 400
GRACE: Final = 1.0
HOME: Final = str(Path(__file__).parents[3])
"""Where this logq stands: agents of this machine are to be of the same."""


class Transport(Protocol):
    """An agent's streams."""

    async def read(self) -> bytes:
        """Return what has come, b"" at the end."""

    async def write(self, data: bytes) -> None:
        """Send, waiting while the other end is slow."""

    async def close(self) -> None:
        """End the agent and let go of everything."""

    @property
    def said(self) -> str:
        """The last of what the agent's host wrote to standard error."""


class Ring:
    """The last bytes of a stream."""

    def __init__(self, kept: int = KEPT) -> None:
        self._parts: deque[bytes] = deque()
        self._size, self._kept = 0, kept

    def add(self, data: bytes) -> None:
        """Take bytes in, and let as many of the oldest go."""
        self._parts.append(data[-self._kept :])
        self._size += len(self._parts[-1])
        while self._size - len(self._parts[0]) >= self._kept:
            self._size -= len(self._parts.popleft())

    @property
    def text(self) -> str:
        """The last lines, or the ends of long ones, as text with control characters escaped."""
        lines = [line[-SHOWN:] for line in b"".join(self._parts).decode(errors="replace").strip().splitlines()[-5:]]
        return "\n".join("".join(c if c.isprintable() else repr(c)[1:-1] for c in line) for line in lines)


class Pipes:
    """A process of this machine."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._ring = Ring()
        self._draining = asyncio.ensure_future(self._drain())

    async def read(self) -> bytes:
        """Return what has come, b"" at the end."""
        return await self._process.stdout.read(CHUNK)  # type: ignore[union-attr]

    async def write(self, data: bytes) -> None:
        """Send."""
        stdin = self._process.stdin
        try:
            stdin.write(data)  # type: ignore[union-attr]
            await stdin.drain()  # type: ignore[union-attr]
        except (BrokenPipeError, ConnectionResetError) as error:
            raise Fault("failed", f"the agent is gone: {self.said or error}", again=True) from error

    async def close(self) -> None:
        """End the process: an agent ends with its input; one that does not is killed, with what it started."""
        self._process.stdin.close()  # type: ignore[union-attr]
        # The loop takes a process for ended once its streams are, which nobody reads any more.
        ending = asyncio.gather(self._process.wait(), self._spill(), self._draining)
        try:
            await asyncio.wait_for(asyncio.shield(ending), GRACE)
        except TimeoutError:
            self._kill()
            await ending
        except asyncio.CancelledError:
            self._kill()
            raise

    @property
    def said(self) -> str:
        """The last of its standard error."""
        return self._ring.text

    def _kill(self) -> None:
        # Not `Process.kill`, which reaps the child under the loop's watcher.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    async def _spill(self) -> None:
        while await self.read():
            pass

    async def _drain(self) -> None:
        while data := await self._process.stderr.read(CHUNK):  # type: ignore[union-attr]
            self._ring.add(data)


async def pipes(node: Node, argv: list[str]) -> Pipes:
    """Start a process on this machine, in its node's folder, apart from this process's terminal.

    Raises
    ------
    Fault
        The interpreter or the folder is not there.
    """
    made = asyncio.subprocess.PIPE
    path = os.pathsep.join([HOME, *filter(None, [os.environ.get("PYTHONPATH")])])
    try:
        process = await asyncio.create_subprocess_exec(
            *argv,
            stdin=made,
            stdout=made,
            stderr=made,
            cwd=node.folder,
            env={**os.environ, "PYTHONPATH": path},
            start_new_session=True,
            limit=CHUNK,
        )
    except OSError as error:
        raise Fault("unreachable", f"cannot start {argv[0]!r}: {error}", again=False) from error
    return Pipes(process)
