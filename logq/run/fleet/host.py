"""One host of a fleet: its agents at rest, and a query's work on it, attempt after attempt."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from logq.run.fleet.faults import Fault, RefusedError
from logq.run.fleet.link import Link
from logq.run.fleet.node import BARE
from logq.run.fleet.transport import pipes
from logq.run.wire.frames import Kind
from logq.run.wire.messages import UnitEnd, read

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from logq.run.bare.install import Bundles
    from logq.run.fleet.dispatch import Share
    from logq.run.fleet.node import Node, Patience, Tier
    from logq.run.fleet.transport import Transport
    from logq.run.report import HostReport
    from logq.run.ssh import Connection
    from logq.run.wire.frames import Frame
    from logq.run.wire.messages import Manifest, Resolve

__all__ = ["Host"]

T = TypeVar("T")


class Host:
    """A node, the connection to it and agents that wait for the next query."""

    def __init__(
        self, node: Node, patience: Patience, connection: Connection | None, gates: Mapping[object, asyncio.Semaphore]
    ) -> None:
        self.node, self._patience, self._connection, self._gates = node, patience, connection, gates
        self._idle: list[Link] = []
        self._tiers = node.tiers

    async def resolve(self, request: Resolve, report: HostReport) -> tuple[Manifest, str]:
        """Ask for the manifest, again where that may help; also the machine's name.

        Raises
        ------
        Fault
            The last attempt's.
        """

        async def asked(link: Link) -> tuple[Manifest, str]:
            return await link.resolve(request), link.machine

        for attempt in range(self._patience.retries):
            try:
                return await self._with_link(asked, report)
            except Fault as fault:
                if not fault.again or attempt + 1 == self._patience.retries:
                    raise
            await self._pause(attempt)
        raise AssertionError  # pragma: no cover (the last attempt returns or raises)

    async def run(self, share: Share, report: HostReport) -> None:
        """Read what is left of a share until nothing is, or nothing more can be; faults are noted in the share."""
        begun, failed = time.monotonic(), 0
        try:
            while share.left():
                share.epoch, share.asked = share.epoch + 1, False
                try:
                    await self._with_link(lambda link: self._read(link, share), report)
                except Fault as fault:
                    failed = 0 if share.asked else failed + 1
                    if share.asked:
                        share.failed(fault, self._patience.retries)
                    if not fault.again or failed >= self._patience.retries:
                        share.give_up(fault)
                        return
                    await self._pause(failed)
        except RefusedError as refused:
            share.refuse(refused.error)
        finally:
            report.elapsed += time.monotonic() - begun
            share.finish()

    async def close(self) -> None:
        """End every agent and the connection; the next question tries all tiers again."""
        await self._ended()
        if self._connection is not None:
            await self._connection.close()

    async def _read(self, link: Link, share: Share) -> None:
        def take(frame: Frame) -> None:
            share.take(frame, _end(frame) if frame.kind is Kind.UNIT_END else None)

        await link.run(share.request(), share.epoch, take)
        if left := share.left():
            raise Fault("failed", f"corrupt stream: END ahead of unit {left[0].span.number}", again=True)

    async def _with_link(self, work: Callable[[Link], Awaitable[T]], report: HostReport) -> T:
        """Do something with an agent, of few at once; one that failed is ended, one that did well is kept."""
        async with self._gates[self]:
            link = self._idle.pop() if self._idle else await self._started(report)
            before = link.received
            try:
                result = await work(link)
            except BaseException:
                report.bytes_sent += link.received - before
                await link.close()
                raise
            report.bytes_sent += link.received - before
            report.clock_offset, report.tier = link.clock_offset, link.tier
            self._idle.append(link)
            return result

    async def _started(self, report: HostReport) -> Link:
        """Start an agent of the first tier that there can be one of; the next is then one of the same."""
        lacking = ""
        for tier in self._tiers:
            try:
                link = await self._greeted(tier, report)
            except Fault as fault:
                fault.why = f"{lacking}; tier {tier}: {fault.why}" if lacking else fault.why
                if not fault.lacking or tier == self._tiers[-1]:
                    raise
                lacking = fault.why
            else:
                self._tiers = (tier,)
                return link
        raise AssertionError  # pragma: no cover (the last tier returns or raises)

    async def _greeted(self, tier: Tier, report: HostReport) -> Link:
        report.attempts += 1
        transport = await self._process(self.node.arguments(tier))
        link = self._link(transport, tier)
        try:
            await link.greet()
        except BaseException:
            await link.close()
            raise
        return link

    async def _process(self, arguments: Sequence[str]) -> Transport:
        """Start the interpreter on the host; few at once through one jump host, for it takes few logins at once."""
        if self._connection is None:
            async with self._gates[""]:
                return await pipes(self.node, self.node.argv(list(arguments)))
        async with self._gates[self._connection.jump]:
            return await self._connection.session(self.node.shell(list(arguments)))

    async def install(self, bundles: Bundles) -> str:
        """Push logq; agents run from there from now on. Return the folder.

        Raises
        ------
        Fault
            The host cannot be reached, or does not take it.
        FleetError
            There is nothing that would run there.
        """
        from logq.run.bare.install import push  # noqa: PLC0415 (seldom needed)

        transport = await self._process(BARE)
        try:
            folder = await push(transport, bundles, self._patience)
        finally:
            await transport.close()
        self.node = replace(self.node, home=folder)
        await self._ended()
        return folder

    async def _ended(self) -> None:
        """End the agents, and try all tiers again for the next."""
        self._tiers = self.node.tiers
        while self._idle:
            await self._idle.pop().close()

    def _link(self, transport: Transport, tier: Tier) -> Link:
        if tier == "A":
            return Link(transport, self.node.name, self._patience)
        from logq.run.bare.link import BareLink  # noqa: PLC0415 (it works with all that an agent loads)

        return BareLink(transport, self.node.name, self._patience, self.node.limits)

    async def _pause(self, attempt: int) -> None:
        """Wait longer each time, no two hosts alike."""
        await asyncio.sleep(self._patience.pause * 2**attempt * random.uniform(0.5, 1.5))  # noqa: S311 (no secret)


def _end(frame: Frame) -> UnitEnd:
    try:
        return read(frame.body, UnitEnd)
    except ValueError as error:
        raise Fault("failed", f"corrupt stream: {error}", again=True) from error
