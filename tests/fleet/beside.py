"""A fleet whose agents are functions of this process: what goes over the wire goes through its messages, and no more."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, cast

import logq as lq
from logq import LogFrame
from logq.plan import Scan
from logq.run.agent.files import Roots
from logq.run.agent.work import manifest, units
from logq.run.fleet.cluster import Answer, Cluster
from logq.run.fleet.dispatch import Share
from logq.run.fleet.runner import OnFleet
from logq.run.report import HostReport
from logq.run.wire.frames import Frame, Kind
from logq.run.wire.messages import Manifest, Resolve, Run, UnitEnd, read, write
from logq.run.wire.tables import pack, pieces


class Beside:
    """Stands in for a cluster of one host or several, all of which see this machine's files."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = names
        self.sent: list[bytes] = []
        self.bytes = 0
        self.roots = Roots([])

    def manifests(self, request: Resolve) -> list[Answer]:
        """Every host's files."""
        asked = read(write(request), Resolve)
        return [(HostReport(n), read(write(manifest(asked, self.roots)), Manifest), n) for n in self.names]

    def start(self, shares: dict[int, Share], _: object) -> Future[Any]:
        """Read shares, all of them, before anything of them is taken."""
        for share in shares.values():
            try:
                self._read(share)
            except Exception as error:  # noqa: BLE001 (a host answers with whatever goes wrong)
                share.refuse(error)
            share.finish()
        done: Future[Any] = Future()
        done.set_result(None)
        return done

    def _read(self, share: Share) -> None:
        for unit in units(read(write(share.request()), Run), self.roots, lambda _: None):
            for frame in unit.frames():
                for piece in pieces(frame):
                    body = pack(piece)
                    self.bytes += len(body)
                    self.sent.append(
                        piece.write_csv().encode() if not _nested(piece) else str(piece.to_dicts()).encode()
                    )
                    share.take(Frame(Kind.ROWS, body, unit=unit.number), None)
            end = read(write(unit.end()), UnitEnd)
            share.take(Frame(Kind.UNIT_END, write(end), unit=unit.number), end)


def _nested(frame: Any) -> bool:
    return any(dtype.is_nested() for dtype in frame.dtypes)


def beside(frame: LogFrame, *names: str) -> LogFrame:
    """The same chain on a fleet of such hosts (one of no particular name), read in small blocks as the chain would be."""
    plan, runner = frame.plan, frame._runner
    assert isinstance(plan.source, Scan)
    cluster = cast("Cluster", Beside(names or ("here",)))
    block = getattr(runner, "block", None)
    return LogFrame(plan, OnFleet(cluster=cluster, workers=1, block=block))


def scan(path: Path | str, *arguments: Any, **options: Any) -> LogFrame:
    """`logq.scan` of files as a fleet of one host reads them."""
    return beside(lq.scan(path, *arguments, **options))
