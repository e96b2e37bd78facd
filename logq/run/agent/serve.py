"""An agent's conversation: requests in, frames out, a heartbeat beside, an end with its input."""

from __future__ import annotations

import hashlib
import os
import platform
import queue
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

import polars as pl

from logq import __version__
from logq.compile.redact import redacted
from logq.plan import Redact, decode
from logq.run.agent.work import manifest, units
from logq.run.wire.formats import learn
from logq.run.wire.frames import MAGIC, CorruptFrameError, Decoder, Frame, Kind
from logq.run.wire.messages import PROTOCOL, Failure, Hello, Pong, Resolve, Run, read, write
from logq.run.wire.tables import pack, pieces

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logq.plan import Step
    from logq.run.agent.files import Roots
    from logq.run.agent.limits import Limits
    from logq.run.wire.messages import Message

__all__ = ["Agent"]

BEAT: Final = 1.0
MAX_REQUEST: Final = 32 << 20
CHUNK: Final = 1 << 16
LEFT, LIMITED, BROKEN = 0, 3, 4
"""Exit codes: the coordinator left; a limit was passed; the streams broke."""


class Agent:
    """Answers requests one after another; threads of its own read the input and send the heartbeat."""

    def __init__(self, source: int, sink: int, roots: Roots, limits: Limits) -> None:
        self._source, self._sink, self._roots, self._limits = source, sink, roots, limits
        self._lock = threading.Lock()
        self._requests: queue.SimpleQueue[Frame] = queue.SimpleQueue()
        self._current: Frame | None = None
        self._blotted: tuple[Step, ...] = ()
        self._begun = 0.0
        self._seq = 0

    def serve(self) -> NoReturn:
        """Say hello, then answer until the input ends; the process ends with it, whatever is going on."""
        self._write(MAGIC)
        self._send(Frame(Kind.HELLO, write(self._hello())))
        for work in (self._listen, self._beat):
            threading.Thread(target=work, daemon=True).start()
        while True:
            self._answer(self._requests.get())

    def _hello(self) -> Hello:
        return Hello(
            protocol=PROTOCOL,
            logq=__version__,
            polars=pl.__version__,
            python=platform.python_version(),
            machine=_machine(),
            pid=os.getpid(),
            roots=self._roots.folders,
        )

    def _answer(self, request: Frame) -> None:
        self._current, self._begun, self._seq = request, time.monotonic(), 0
        try:
            match request.kind:
                case Kind.PING:
                    self._reply(Kind.PONG, Pong(clock=time.time()))
                case Kind.RESOLVE:
                    asked = read(request.body, Resolve)
                    with self._discreet(asked.plan):
                        learn(asked.formats)
                        self._reply(Kind.MANIFEST, manifest(asked, self._roots))
                case Kind.RUN:
                    self._run(read(request.body, Run))
                case _:
                    msg = f"an agent is not asked for {request.kind.name}"
                    raise CorruptFrameError(msg)  # noqa: TRY301 (answered as any other error)
        except (Exception, pl.exceptions.PanicException) as error:  # noqa: BLE001 (whatever a request does, it is answered, and the next one can be)
            self._reply(Kind.ERROR, Failure(kind=type(error).__name__, text=redacted(str(error), self._blotted)))
        finally:
            self._current, self._blotted = None, ()

    @contextmanager
    def _discreet(self, plan: bytes) -> Iterator[None]:
        """Note what is to be blotted out of errors; meanwhile nothing else may say anything on standard error."""
        self._blotted = tuple(s for s in decode(plan).steps if isinstance(s, Redact))
        if not self._blotted:
            yield
            return
        kept = [(fd, os.dup(fd)) for fd in (1, 2)]
        silence = os.open(os.devnull, os.O_WRONLY)
        try:
            for fd, _ in kept:
                os.dup2(silence, fd)
            yield
        finally:
            for fd, copy in kept:
                os.dup2(copy, fd)
                os.close(copy)
            os.close(silence)

    def _run(self, request: Run) -> None:
        with self._discreet(request.plan):
            learn(request.formats)
            self._read(request)

    def _read(self, request: Run) -> None:
        for unit in units(request, self._roots, lambda read: self._limits.check(read, self._begun)):
            for frame in unit.frames():
                for piece in pieces(frame):
                    self._reply(Kind.ROWS, pack(piece), unit.number)
            self._reply(Kind.UNIT_END, unit.end(), unit.number)
        self._reply(Kind.END, b"")

    def _reply(self, kind: Kind, body: Message | bytes, unit: int = 0) -> None:
        """Send the next frame of the answer to the current request."""
        asked = self._current or Frame(kind)
        data = body if isinstance(body, bytes) else write(body)
        self._send(Frame(kind, data, asked.query, asked.epoch, unit, self._seq))
        self._seq += 1

    def _send(self, frame: Frame) -> None:
        self._write(frame.encode())

    def _write(self, data: bytes) -> None:
        with self._lock:
            left = memoryview(data)
            while left:
                try:
                    left = left[os.write(self._sink, left) :]
                except OSError:
                    os._exit(BROKEN)

    def _listen(self) -> None:
        """Queue requests; leave when there can be no more."""
        decoder = Decoder(preamble=False, max_body=MAX_REQUEST)
        while data := _read(self._source):
            try:
                for frame in decoder.feed(data):
                    self._requests.put(frame)
            except CorruptFrameError as error:
                self._send(Frame(Kind.ERROR, write(Failure(kind=type(error).__name__, text=str(error)))))
                os._exit(BROKEN)
        os._exit(LEFT)

    def _beat(self) -> None:
        """Say every second that it lives, and give up what takes too much."""
        while True:
            time.sleep(BEAT)
            self._send(Frame(Kind.BEAT))
            request = self._current
            why = self._limits.exceeded(self._begun) if request is not None else None
            if request is not None and why is not None:
                body = write(Failure(kind="LimitError", text=why))
                self._send(Frame(Kind.ERROR, body, request.query, request.epoch))
                os._exit(LIMITED)


def _read(source: int) -> bytes:
    try:
        return os.read(source, CHUNK)
    except OSError:
        return b""


def _machine() -> str:
    """A name for this machine that gives nothing away: the same from every container that shares its id."""
    for path in ("/etc/machine-id", "/proc/sys/kernel/random/boot_id"):
        try:
            return hashlib.blake2b(Path(path).read_bytes(), digest_size=8).hexdigest()
        except OSError:
            continue
    return platform.node()
