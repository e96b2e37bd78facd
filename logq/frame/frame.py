"""LogFrame: the chain, put together from its themes."""

from __future__ import annotations

from logq.frame.columns import Columns
from logq.frame.events import Events
from logq.frame.groups import Groups
from logq.frame.patterns import Patterns
from logq.frame.results import Results
from logq.frame.rows import Rows
from logq.frame.sessions import InSessions

__all__ = ["LogFrame"]


class LogFrame(Rows, Columns, Events, InSessions, Patterns, Groups, Results):
    """A lazy chain over logs. Made by `logq.scan`; every method returns a new one.

    A LogFrame is a universe of entries and a mask over it: `filter`, `level`, `between` and `grep`
    narrow the mask, `scope` the universe, and `context` shows matches among the universe.
    """
