"""logq: question logs where they lie, in one lazy chain on Polars.

>>> import logq as lq
>>> lq.scan(b'{"level":"error","msg":"gone"}').level("ERROR").context(3).collect()["message"].to_list()
['gone']
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from logq import errors
    from logq.formats import FORMATS, Format, Sample, Stamp, register
    from logq.frame import Fleet, GroupBy, LogFrame, absent, from_polars, scan, step
    from logq.run import FileReport, HostReport, Limits, Node, Patience, Report, Result, Skipped

__all__ = [
    "FORMATS",
    "FileReport",
    "Fleet",
    "Format",
    "GroupBy",
    "HostReport",
    "Limits",
    "LogFrame",
    "Node",
    "Patience",
    "Report",
    "Result",
    "Sample",
    "Skipped",
    "Stamp",
    "absent",
    "errors",
    "from_polars",
    "register",
    "scan",
    "step",
]
__version__ = "0.1.0"

HOMES: Final = {
    "FORMATS": "logq.formats",
    "FileReport": "logq.run",
    "Fleet": "logq.frame",
    "Format": "logq.formats",
    "GroupBy": "logq.frame",
    "HostReport": "logq.run",
    "Limits": "logq.run",
    "LogFrame": "logq.frame",
    "Node": "logq.run",
    "Patience": "logq.run",
    "Report": "logq.run",
    "Result": "logq.run",
    "Sample": "logq.formats",
    "Skipped": "logq.run",
    "Stamp": "logq.formats",
    "absent": "logq.frame",
    "errors": "logq",
    "from_polars": "logq.frame",
    "register": "logq.formats",
    "scan": "logq.frame",
    "step": "logq.frame",
}


def __getattr__(name: str) -> object:
    """Load a public name from its module when it is first asked for (PEP 562)."""
    if name not in HOMES:
        msg = f"module 'logq' has no attribute {name!r}"
        raise AttributeError(msg)
    value = (
        importlib.import_module("logq.errors")
        if name == "errors"
        else getattr(importlib.import_module(HOMES[name]), name)
    )
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *HOMES})
