"""Where plans run."""

from logq.run.local import Local, OnFailure
from logq.run.report import FileReport, Report, Result

__all__ = ["FileReport", "Local", "OnFailure", "Report", "Result"]
