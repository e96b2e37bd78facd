"""Who is in a fleet and how each is reached: data, checked at birth."""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Literal

from logq.errors import FleetError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["BARE", "LOCAL", "TIERS", "Limits", "Node", "Patience", "Tier"]

Tier = Literal["A", "B"]
TIERS: Final[tuple[Tier, ...]] = ("A", "B")
PIPED: Final = r'import os;exec(b"".join(iter(lambda:os.read(0,1)or b"\0",b"\0")))'
"""Program that runs the source it reads, up to a NUL; it takes no byte of what follows."""

HOME: Final = "from logq.run.agent.__main__ import main;main(sys.argv[1:])"
BARE: Final = ("-I", "-S", "-c", PIPED)
"""Arguments of an interpreter for it: nothing of the host's packages or environment."""

LOCAL: Final = "pipe:"
"""Address of a node that is a process of this machine, over pipes."""


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long to wait and how often to try again; seconds.

    `connect` and `login` bound the making of a connection, `start` the time until an agent speaks, `silence` the time
    between two signs of life (an agent gives one every second). `retries` bounds the attempts at a connection in a
    row and at one unit of work; between them `pause` doubles, with jitter.
    """

    connect: float = 10.0
    login: float = 20.0
    start: float = 20.0
    silence: float = 10.0
    retries: int = 3
    pause: float = 0.2

    def __post_init__(self) -> None:
        for name in ("connect", "login", "start", "silence"):
            if getattr(self, name) <= 0:
                msg = f"{name}={getattr(self, name)}: it is a time above 0"
                raise FleetError(msg)
        if self.retries < 1 or self.pause < 0:
            msg = f"retries={self.retries}, pause={self.pause}: at least one attempt, and no negative pause"
            raise FleetError(msg)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What an agent may use up on its host; None: no bound. A forced command's own limits stand in any case."""

    max_memory: int | None = None
    max_seconds: float | None = None
    max_scan_bytes: int | None = None

    @property
    def arguments(self) -> list[str]:
        """Options of the agent's command line."""
        named = {
            "--max-memory": self.max_memory,
            "--max-seconds": self.max_seconds,
            "--max-scan-bytes": self.max_scan_bytes,
        }
        return [text for option, value in named.items() if value is not None for text in (option, str(value))]


@dataclass(frozen=True, kw_only=True)
class Node:
    """One host of a fleet.

    Parameters
    ----------
    name
        What `host` says of its rows. Without an `address` also where to connect: a host of `~/.ssh/config`, or a name.
    address, port, user
        Where to connect and as whom, over the configuration's.
    python
        The interpreter on that host, as a shell word or several (`env A=b python3`): 3.11 or later with logq for
        tier A, any from 3.6 on for tier B.
    roots
        Folders below which the agent reads; none: all that its user may read.
    tiers
        Which agents may be used, the first that can be: A, of the same logq and Polars on the host; B, of the standard
        library, which sends the bytes of files, or of those entries that can match, to be worked on here.
    home
        The folder on the host that `Fleet.install` gave: logq and Polars are there, and nothing else is looked at.
    options
        Further options of `asyncssh.connect` (`client_keys`, `known_hosts`, `tunnel`, `config` …).
    """

    name: str
    address: str | None = None
    port: int | None = None
    user: str | None = None
    python: str = "python3"
    roots: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    tiers: tuple[Tier, ...] = TIERS
    home: str | None = None
    folder: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.name or any(ord(c) < ord(" ") for c in self.name):
            msg = f"a node needs a name of printable characters, not {self.name!r}"
            raise FleetError(msg)
        if not self.tiers or not set(self.tiers) <= set(TIERS):
            msg = f"tiers={self.tiers!r}: some of {TIERS}"
            raise FleetError(msg)

    @property
    def local(self) -> bool:
        """Whether it is a process of this machine."""
        return self.address == LOCAL

    def arguments(self, tier: Tier) -> list[str]:
        """Arguments of the agent."""
        begin = ["-m", "logq.run.agent"]
        if tier == "B":
            begin = [*BARE]
        elif self.home is not None:
            begin = ["-I", "-S", "-c", f"import sys;sys.path.insert(0,{self.home!r});{HOME}"]
        return [*begin, *(t for r in self.roots for t in ("--root", r)), *self.limits.arguments]

    @property
    def command(self) -> str:
        """What a shell on the host is asked to run, for an agent of tier A."""
        return self.shell(self.arguments("A"))

    def shell(self, arguments: list[str]) -> str:
        """What a shell on the host is asked to run, to start the interpreter with these arguments."""
        return f"exec {self.python} {shlex.join(arguments)}"

    def argv(self, arguments: list[str]) -> list[str]:
        """What is started on this machine, for a local node."""
        return [*(shlex.split(self.python) if self.python != "python3" else [sys.executable]), *arguments]

    def limited(self, limits: Limits) -> Node:
        """Return the same node with these limits."""
        return replace(self, limits=limits)
