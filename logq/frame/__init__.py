"""The method chain."""

from logq.frame.entry import from_polars, scan
from logq.frame.fleet import Fleet
from logq.frame.frame import LogFrame
from logq.frame.groups import GroupBy
from logq.frame.sequences import absent, step

__all__ = ["Fleet", "GroupBy", "LogFrame", "absent", "from_polars", "scan", "step"]
