"""What can come between a coordinator and a host, each by name."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Final

import polars as pl

from logq import errors
from logq.errors import FleetError

if TYPE_CHECKING:
    from logq.run.report import HostStatus
    from logq.run.wire.messages import Failure

__all__ = ["Fault", "RefusedError", "raised"]

OWN: Final = ("LimitError", "MemoryError", "OSError", "PermissionError")
"""Errors of a host, not of the query: others may still answer it."""


class Fault(Exception):  # noqa: N818 (it is caught and turned into a status, never shown as an error)
    """A host could not be asked, or stopped answering.

    `again`: it may be worth another attempt; `lacking`: there is no such agent, one of another tier may do.
    """

    def __init__(self, status: HostStatus, why: str, *, again: bool, lacking: bool = False) -> None:
        super().__init__(why)
        self.status, self.why, self.again, self.lacking = status, why, again, lacking


class RefusedError(Exception):
    """The query itself cannot be answered: what any host says of it holds for all."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


def raised(failure: Failure, host: str) -> Fault | RefusedError:
    """Turn what an agent raised into what is raised here: the same class where there is one."""
    if failure.kind in OWN:
        return Fault("failed", f"{failure.kind}: {failure.text}", again=False)
    if failure.kind == "CorruptFrameError":
        return Fault("failed", f"the agent could not read what it was sent: {failure.text}", again=True)
    for module in (errors, pl.exceptions, builtins):
        found = getattr(module, failure.kind, None)
        if isinstance(found, type) and issubclass(found, Exception):
            try:
                return RefusedError(found(failure.text))
            except TypeError:
                break
    return RefusedError(FleetError(f"{host}: {failure.kind}: {failure.text}"))
