"""Whether rows are missing: an absence cannot be told where nobody knows what else there was."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["losing", "loss_in_force"]

_asked: Final[ContextVar[Callable[[], bool] | None]] = ContextVar("losing", default=None)


@contextmanager
def losing(told: Callable[[], bool]) -> Iterator[None]:
    """Let the steps that are lowered inside ask, once their rows have come, whether some are missing.

    >>> with losing(lambda: True):
    ...     loss_in_force()()
    True
    """
    token = _asked.set(told)
    try:
        yield
    finally:
        _asked.reset(token)


def loss_in_force() -> Callable[[], bool]:
    """What to ask; nothing is missing where nobody said so.

    >>> loss_in_force()()
    False
    """
    return _asked.get() or (lambda: False)
