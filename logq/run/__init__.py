"""Where plans run. Names are loaded when they are first asked for: an agent needs few of them."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from logq.run.fleet.node import Limits, Node, Patience
    from logq.run.local import Local
    from logq.run.report import FileReport, HostReport, Report, Result, Skipped
    from logq.run.runner import OnFailure, Runner

__all__ = [
    "FileReport",
    "HostReport",
    "Limits",
    "Local",
    "Node",
    "OnFailure",
    "Patience",
    "Report",
    "Result",
    "Runner",
    "Skipped",
]

HOMES: Final = {
    "FileReport": "report",
    "HostReport": "report",
    "Limits": "fleet.node",
    "Local": "local",
    "Node": "fleet.node",
    "OnFailure": "runner",
    "Patience": "fleet.node",
    "Report": "report",
    "Result": "report",
    "Runner": "runner",
    "Skipped": "report",
}


def __getattr__(name: str) -> object:
    """Load a name from its module (PEP 562)."""
    if name not in HOMES:
        msg = f"module 'logq.run' has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(importlib.import_module(f"logq.run.{HOMES[name]}"), name)
