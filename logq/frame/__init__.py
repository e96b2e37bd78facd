"""The method chain."""

from logq.frame.entry import scan
from logq.frame.frame import LogFrame
from logq.frame.groups import GroupBy

__all__ = ["GroupBy", "LogFrame", "scan"]
