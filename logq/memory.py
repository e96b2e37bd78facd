"""How much memory sorting and reconstruction may take before they go to disk."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Final

from logq.errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["VARIABLE", "budget_in_force", "memory_bytes", "spending"]

VARIABLE: Final = "LOGQ_MEMORY_BUDGET"
"""Environment variable with the budget where a scan names none."""

UNITS: Final = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
SIZE: Final = re.compile(r"(\d+(?:\.\d+)?) ?([kmgt]?)(i?)b?", re.IGNORECASE)
GROUP_LIMIT: Final = Path("/sys/fs/cgroup/memory.max")

_given: ContextVar[int | None] = ContextVar("memory_budget", default=None)


def memory_bytes(size: int | str) -> int:
    """Size as users write it → bytes.

    >>> memory_bytes("2GB"), memory_bytes("512 MiB"), memory_bytes(1000)
    (2000000000, 536870912, 1000)

    Raises
    ------
    BuildError
        Not a size, or none above 0.
    """
    found = SIZE.fullmatch(str(size).strip())
    count = 0
    if found is not None:
        scale = UNITS[found[2].lower()]
        binary = 1 << 10 * list(UNITS).index(found[2].lower())
        count = int(float(found[1]) * (binary if found[3] else scale))
    if count < 1:
        msg = f"memory_budget={size!r}: a number of bytes above 0, such as 2_000_000_000, '2GB' or '512MiB'"
        raise BuildError(msg)
    return count


@contextmanager
def spending(budget: int | None) -> Iterator[None]:
    """Let the steps that are lowered inside spend so much; None: what the environment says, else the default.

    >>> with spending(1 << 20):
    ...     budget_in_force()
    1048576
    """
    token = _given.set(budget)
    try:
        yield
    finally:
        _given.reset(token)


def budget_in_force() -> int:
    """Bytes that sorting and reconstruction may take: as given, as LOGQ_MEMORY_BUDGET says, or half of the memory.

    >>> with spending(1000):
    ...     budget_in_force()
    1000
    """
    return _given.get() or (memory_bytes(os.environ[VARIABLE]) if VARIABLE in os.environ else _half())


def _half() -> int:
    """Half of what the machine has, or of what the control group of this process may take."""
    least = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        limit = GROUP_LIMIT.read_text(encoding="ascii").strip()
    except OSError:
        limit = "max"
    return (min(least, int(limit)) if limit.isdigit() else least) // 2
