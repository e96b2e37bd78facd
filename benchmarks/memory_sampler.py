"""Peak anonymous memory of a process and all its descendants, from /proc.

RssAnon is what a program really claims. ``ru_maxrss`` also counts mapped file pages, so it would
charge a reader that maps its input for the size of that input, although the kernel may drop those
pages at any moment.
"""

from __future__ import annotations

import threading
from pathlib import Path
from types import TracebackType
from typing import Self

INTERVAL = 0.01
PROC = Path("/proc")


def anonymous_bytes(pid: int) -> int:
    """RssAnon of one process in bytes; 0 if it is gone or a zombie."""
    try:
        status = (PROC / str(pid) / "status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    for line in status.splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    return 0


def children(pid: int) -> list[int]:
    """Direct children of a process, over all its threads; those seen so far if it goes meanwhile."""
    found: list[int] = []
    try:
        for thread in (PROC / str(pid) / "task").iterdir():
            found.extend(int(child) for child in (thread / "children").read_text().split())
    except (FileNotFoundError, ProcessLookupError):
        return found
    return found


def tree_bytes(pid: int) -> int:
    """RssAnon of a process and all its descendants."""
    return anonymous_bytes(pid) + sum(tree_bytes(child) for child in children(pid))


class PeakMemory:
    """Samples a process tree from a thread while the ``with`` block runs; then see ``peak``."""

    def __init__(self, pid: int) -> None:
        self.peak = 0
        self._pid = pid
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self) -> None:
        while True:
            self.peak = max(self.peak, tree_bytes(self._pid))
            if self._done.wait(INTERVAL):
                return

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._done.set()
        self._thread.join()
