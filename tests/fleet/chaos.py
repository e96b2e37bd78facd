"""A wire between a fleet and its agents on which things happen at chosen bytes."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import pytest

from logq.run.fleet.faults import Fault
from logq.run.fleet.node import Node
from logq.run.fleet.transport import Pipes, pipes

Kind = Literal["cut", "flip", "stall", "kill", "stop", "drop", "double", "refuse"]


@dataclass(frozen=True)
class Mishap:
    """What happens to a connection once so many bytes have come over it."""

    kind: Kind
    at: int = 0


class Wire:
    """The pipes to an agent, on which one mishap happens."""

    def __init__(self, inner: Pipes, mishap: Mishap | None) -> None:
        self._inner, self._mishap, self._seen = inner, mishap, 0

    async def read(self) -> bytes:
        """Bytes as they come, or as the mishap leaves them."""
        data = await self._inner.read()
        mishap, start = self._mishap, self._seen
        self._seen += len(data)
        if mishap is None or self._seen <= mishap.at or not data:
            return data
        at = mishap.at - start
        match mishap.kind:
            case "cut":
                return data[: max(at, 0)]
            case "stall" if at < 0:
                await asyncio.sleep(3600)
            case "flip" if at >= 0:
                return data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :]
            case "drop" if at >= 0:
                return data[:at] + data[at + 1 :]
            case "double" if at >= 0:
                return data[: at + 1] + data[at:]
            case "kill" | "stop" if at >= 0:
                os.kill(self._inner._process.pid, signal.SIGKILL if mishap.kind == "kill" else signal.SIGSTOP)
        return data

    async def write(self, data: bytes) -> None:
        """Send."""
        await self._inner.write(data)

    async def close(self) -> None:
        """End the agent."""
        await self._inner.close()

    @property
    def said(self) -> str:
        """Its standard error."""
        return self._inner.said


@contextmanager
def mishaps(plan: dict[str, list[Mishap | None]]) -> Iterator[None]:
    """Have the first connections to each host, by name, meet these; later ones meet none."""
    left = {name: list(events) for name, events in plan.items()}

    async def wired(node: Node, argv: list[str]) -> Wire:
        events = left.get(node.name, [])
        mishap = events.pop(0) if events else None
        if mishap is not None and mishap.kind == "refuse":
            raise Fault("unreachable", "no connection: refused", again=True)  # noqa: EM101 (a status, not its words)
        return Wire(await pipes(node, argv), mishap)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("logq.run.fleet.host.pipes", wired)
        yield
