"""Pushing an installation to a host, over the streams of a process there."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from logq.run.bare.wheels import About, Bundle, bundle
from logq.run.fleet.faults import Fault
from logq.run.wire.frames import MAGIC, MAX_NOISE

if TYPE_CHECKING:
    from logq.run.fleet.node import Patience
    from logq.run.fleet.transport import Transport

__all__ = ["Bundles", "push"]

RECEIVER: Final = Path(__file__).with_name("receive.py").read_bytes()
CHUNK: Final = 1 << 20
LONGEST: Final = 1 << 20
CHECKING: Final = 120.0
"""Seconds that a host may take to check the hashes of what it has."""


class Bundles:
    """Bundles by the interpreter they are for, each made once."""

    def __init__(self, wheels: Path | None) -> None:
        self._wheels = wheels
        self._made: dict[str, Bundle] = {}
        self._lock = asyncio.Lock()

    async def get(self, about: About, *, packed: bool) -> Bundle:
        """Return the bundle for an interpreter, and see to it that it is packed."""
        async with self._lock:
            made = self._made.get(str(about))
            if made is None:
                made = self._made[str(about)] = await asyncio.to_thread(bundle, about, self._wheels)
            if packed:
                await asyncio.to_thread(lambda: made.packed)
            return made


async def push(transport: Transport, bundles: Bundles, patience: Patience) -> str:
    """Have a receiver take what it lacks; return the folder.

    Raises
    ------
    Fault
        It does not answer, or it refuses.
    FleetError
        There is nothing that would run there.
    """
    lines = _Lines(transport, patience)
    await lines.write(RECEIVER + b"\0")
    about = await lines.next(patience.start)
    try:
        host = About(**{**about, "python": tuple(about["python"])})
    except (TypeError, KeyError) as error:
        raise Fault("failed", f"no receiver answered: {error}", again=False) from error
    made = await bundles.get(host, packed=False)
    await lines.write(json.dumps({"digest": made.digest, "files": made.files}).encode() + b"\n")
    if not (await lines.next(CHECKING)).get("have"):
        store, at = (await bundles.get(host, packed=True)).packed, 0
        while data := _read(store, at):
            await lines.write(data)
            at += len(data)
    return str((await lines.next(CHECKING))["folder"])


class _Lines:
    """JSON lines from a process, behind what its shell said first."""

    def __init__(self, transport: Transport, patience: Patience) -> None:
        self._transport, self._patience = transport, patience
        self._held = b""
        self._begun = False

    async def write(self, data: bytes) -> None:
        for at in range(0, len(data), CHUNK):
            await _within(self._transport.write(data[at : at + CHUNK]), self._patience.silence)

    async def next(self, seconds: float) -> dict[str, Any]:
        while not self._begun or b"\n" not in self._held:
            data = await _within(self._transport.read(), seconds)
            if not data:
                raise Fault("failed", f"the receiver ended: {self._transport.said or 'it said nothing'}", again=False)
            self._held += data
            self._skip()
            if len(self._held) > MAX_NOISE + LONGEST:
                raise Fault("failed", f"no receiver answered; it begins {self._held[:80]!r}", again=False)
        line, _, self._held = self._held.partition(b"\n")
        try:
            told: dict[str, Any] = json.loads(line)
        except ValueError as error:
            raise Fault("failed", f"no receiver answered: {error}", again=False) from error
        if "error" in told:
            raise Fault("failed", f"the receiver refused: {told['error']}", again=False)
        return told

    def _skip(self) -> None:
        if not self._begun and MAGIC in self._held:
            self._held, self._begun = self._held.split(MAGIC, 1)[1], True


async def _within(work: Any, seconds: float) -> bytes:  # noqa: ANN401 (read gives bytes, write nothing)
    try:
        return await asyncio.wait_for(work, seconds) or b""
    except TimeoutError as error:
        raise Fault("timeout", f"no answer for {seconds:g} s", again=True) from error


def _read(store: Any, at: int) -> bytes:  # noqa: ANN401 (any binary file)
    store.seek(at)
    data: bytes = store.read(CHUNK)
    return data
