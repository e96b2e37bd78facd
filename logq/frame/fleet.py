"""Fleets: where chains begin that run beside the logs of many hosts."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeAlias

from logq.errors import BuildError, FleetError
from logq.frame.entry import planned
from logq.frame.frame import LogFrame
from logq.memory import memory_bytes
from logq.run.fleet.cluster import Cluster
from logq.run.fleet.node import LOCAL, TIERS, Limits, Node, Patience, Tier
from logq.run.fleet.runner import OnFleet

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from logq.frame.entry import IntoFormat
    from logq.plan.scan import Infer, Nested
    from logq.run.ssh import Connection

__all__ = ["Fleet"]

IntoNode: TypeAlias = "str | Node"
Paths: TypeAlias = "str | os.PathLike[str] | Iterable[str | os.PathLike[str]]"


class Fleet:
    """Hosts whose logs are questioned where they lie: over SSH, with a small agent on each while a question lasts.

    Nothing is opened before a result is asked for. Agents wait for the next question until `close`, the end of a
    `with` block, or of this process; they open no port and leave nothing behind.

    Parameters
    ----------
    nodes
        Hosts: names that `ssh` would understand (`~/.ssh/config` is read, agents and jump hosts are used), or `Node`s.
        Rows come in this order.
    user, python, roots, tiers, options
        What holds for every node that does not say otherwise; see `Node`.
    patience
        How long to wait and how often to try again.
    limits
        What an agent may use up on its host.
    min_hosts
        How many hosts must answer, be it in part, for `on_failure="partial"` to give a result.
    insecure_host_keys
        Accept options under which the keys of hosts are not checked.

    Raises
    ------
    FleetError
        No node, two of one name; when a connection is made, options that do not check host keys.

    >>> import logq as lq
    >>> with lq.Fleet.local(2) as fleet:
    ...     [node.name for node in fleet.nodes]
    ['local-1', 'local-2']
    """

    def __init__(
        self,
        nodes: Iterable[IntoNode],
        *,
        user: str | None = None,
        python: str = "python3",
        roots: Iterable[str | os.PathLike[str]] = (),
        tiers: Iterable[Tier] = TIERS,
        options: Mapping[str, Any] | None = None,
        patience: Patience | None = None,
        limits: Limits | None = None,
        min_hosts: int = 1,
        insecure_host_keys: bool = False,
    ) -> None:
        below = tuple(os.fspath(r) for r in roots)
        common: dict[str, Any] = {"user": user, "python": python, "roots": below, "options": options or {}}
        common["tiers"] = tuple(tiers)
        made = [Node(name=n, **common) if isinstance(n, str) else n for n in nodes]
        if limits is not None:
            made = [n.limited(limits) for n in made]
        if min_hosts < 1:
            msg = f"min_hosts={min_hosts}: it is at least 1"
            raise FleetError(msg)
        self._min_hosts = min_hosts
        waiting = patience or Patience()

        def connect(node: Node) -> Connection | None:
            if node.local:
                return None
            from logq.run.ssh import Connection  # noqa: PLC0415 (asyncssh takes 0.2 s to load; local fleets need none)

            return Connection(node, waiting, insecure_host_keys=insecure_host_keys)

        self._cluster = Cluster(made, waiting, connect)

    @classmethod
    def local(
        cls,
        nodes: int | Mapping[str, str | os.PathLike[str]],
        *,
        patience: Patience | None = None,
        limits: Limits | None = None,
        min_hosts: int = 1,
    ) -> Self:
        """Make a fleet of processes of this machine, over pipes: to try a question, to test, to use more cores.

        Parameters
        ----------
        nodes
            How many, all of which see the whole machine; or names → folders, of which each node sees its own, and to
            which relative paths belong.
        patience, limits, min_hosts
            As for `Fleet`.

        >>> import logq as lq, pathlib, tempfile
        >>> folder = pathlib.Path(tempfile.mkdtemp())
        >>> for name in ("web", "db"):
        ...     (folder / name).mkdir()
        ...     _ = (folder / name / "app.log").write_text(f"ERROR on {name}\\n")
        >>> with lq.Fleet.local({"web": folder / "web", "db": folder / "db"}) as fleet:
        ...     fleet.scan("app.log", "plain").select("host", "message").collect().rows()
        [('web', 'ERROR on web'), ('db', 'ERROR on db')]
        """
        if isinstance(nodes, Mapping):
            folders = {name: os.path.realpath(folder) for name, folder in nodes.items()}
            made = [Node(name=n, address=LOCAL, folder=f, roots=(f,)) for n, f in folders.items()]
        else:
            made = [Node(name=f"local-{i + 1}", address=LOCAL) for i in range(nodes)]
        return cls(made, patience=patience, limits=limits, min_hosts=min_hosts)

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The hosts, in row order.

        >>> import logq as lq
        >>> lq.Fleet(["web-1"]).nodes[0].command
        'exec python3 -m logq.run.agent'
        """
        return self._cluster.nodes

    def scan(
        self,
        source: Paths,
        format: IntoFormat | None = "auto",  # noqa: A002 (the word users know)
        *,
        formats: Iterable[IntoFormat] = (),
        tz: str = "UTC",
        year: int | None = None,
        encoding: str = "utf-8",
        multiline: str | bool | None = None,
        by: str | None = None,
        nested: Nested = "dotted",
        infer: Infer = "sample",
        progress: Callable[[int, int | None], None] | None = None,
        workers: int | None = None,
        block_size: int | None = None,
        memory_budget: int | str | None = None,
    ) -> LogFrame:
        """Begin a chain over log files of every host; what `logq.scan` says holds, but that sources are paths.

        The rows are those of all files copied here and scanned together, host after host in the fleet's order, with
        the node's name in `host`. Filters, contexts, columns and what can be counted in parts run on the hosts.
        A path need not be on every host. A file is covered up to its size when the question was asked.

        Raises
        ------
        BuildError
            As `logq.scan`; a source that is no path.

        >>> import logq as lq
        >>> lq.Fleet(["web-1", "web-2"]).scan("/var/log/nginx/access.log*").level("ERROR").plan.scan.sources
        ('/var/log/nginx/access.log*',)
        """
        names = _paths(source)
        told = {
            "tz": tz,
            "year": year,
            "encoding": encoding,
            "multiline": multiline,
            "by": by,
            "nested": nested,
            "infer": infer,
        }
        plan = planned(names, format, formats, told, workers=workers, block_size=block_size)
        cluster, least = self._cluster, self._min_hosts
        return LogFrame(
            plan,
            OnFleet(
                cluster=cluster,
                min_hosts=least,
                workers=workers,
                block=block_size,
                memory_budget=None if memory_budget is None else memory_bytes(memory_budget),
                progress=progress,
            ),
        )

    def install(self, wheels: str | os.PathLike[str] | None = None) -> dict[str, str]:
        """Push this logq with Polars and msgspec to every host, over the same connections; agents run from there.

        What is pushed goes to `~/.cache/logq/<sha256>`, all or nothing, each file held to its hash; what is there
        already is not sent again. Hosts need Python ≥ 3.11, no pip, no root, no way out. Without, hosts that have no
        logq are asked all the same, with more sent (tier B).

        Parameters
        ----------
        wheels
            Folder of wheels of Polars (of the version here), its runtime and msgspec, for hosts of other platforms
            than this; None: what is installed here.

        Returns
        -------
        dict
            Host → folder.

        Raises
        ------
        FleetError
            Hosts that did not take it, by name and reason; the others have it.

        >>> import logq as lq
        >>> lq.Fleet(["web-1"]).install("/no/such/folder")
        Traceback (most recent call last):
        ...
        logq.errors.FleetError: no folder of wheels: '/no/such/folder'
        """
        folder = None if wheels is None else Path(wheels)
        if folder is not None and not folder.is_dir():
            msg = f"no folder of wheels: {os.fspath(folder)!r}"
            raise FleetError(msg)
        return self._cluster.install(folder)

    def close(self) -> None:
        """End the agents and connections; a further question makes new ones.

        >>> import logq as lq
        >>> lq.Fleet.local(1).close()
        """
        self._cluster.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _paths(source: object) -> tuple[str, ...]:
    """Names of what a fleet can scan; bytes and file objects are here and not there."""
    several = isinstance(source, Iterable) and not isinstance(source, (str, bytes, os.PathLike))
    paths = list(source) if several else [source]  # type: ignore[call-overload]
    for path in paths:
        if not isinstance(path, (str, os.PathLike)):
            msg = f"a fleet scans paths on its hosts, not {type(path).__name__}"
            raise BuildError(msg)
    return tuple(map(os.fspath, paths))
