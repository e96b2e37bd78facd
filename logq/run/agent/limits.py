"""What an agent may use up: memory, time, bytes."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from logq.errors import LogqError

__all__ = ["LimitError", "Limits", "anonymous_memory"]

STATUS: Final = Path("/proc/self/status")


class LimitError(LogqError):
    """A request that takes more than its agent may give."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Upper bounds; None: no bound."""

    memory: int | None = None
    seconds: float | None = None
    scan_bytes: int | None = None

    def check(self, read: int, since: float) -> None:
        """Refuse to go on with a request begun at `since` (monotonic) that has read so many bytes.

        Raises
        ------
        LimitError
            A bound was passed.

        >>> Limits(scan_bytes=10).check(11, 0.0)
        Traceback (most recent call last):
        ...
        logq.run.agent.limits.LimitError: max_scan_bytes: more than 10 bytes to read; narrow the scan or raise the limit
        """
        why = self.exceeded(since)
        if self.scan_bytes is not None and read > self.scan_bytes:
            why = f"max_scan_bytes: more than {self.scan_bytes} bytes to read; narrow the scan or raise the limit"
        if why is not None:
            raise LimitError(why)

    def exceeded(self, since: float) -> str | None:
        """Name the bound of memory or time that a request begun at `since` (monotonic) has passed, if any."""
        if self.seconds is not None and time.monotonic() - since > self.seconds:
            return f"max_seconds: not done after {self.seconds} s"
        if self.memory is not None and (used := anonymous_memory()) > self.memory:
            return f"max_memory: {used} bytes in use, {self.memory} allowed"
        return None


def anonymous_memory() -> int:
    """Bytes of memory that are this process's own (RssAnon); 0 where the system does not tell.

    >>> anonymous_memory() >= 0
    True
    """
    try:
        lines = STATUS.read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith("RssAnon:")), 0)
