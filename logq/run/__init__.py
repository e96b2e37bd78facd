"""Where plans run. Names are loaded when they are first asked for: an agent needs few of them."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from logq.run.local import Local
    from logq.run.report import FileReport, HostReport, Report, Result
    from logq.run.runner import OnFailure, Runner

__all__ = ["FileReport", "HostReport", "Local", "OnFailure", "Report", "Result", "Runner"]

HOMES: Final = {
    "FileReport": "report",
    "HostReport": "report",
    "Local": "local",
    "OnFailure": "runner",
    "Report": "report",
    "Result": "report",
    "Runner": "runner",
}


def __getattr__(name: str) -> object:
    """Load a name from its module (PEP 562)."""
    if name not in HOMES:
        msg = f"module 'logq.run' has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(importlib.import_module(f"logq.run.{HOMES[name]}"), name)
