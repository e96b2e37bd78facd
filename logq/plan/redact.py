"""The step that blots texts out."""

from __future__ import annotations

from logq.errors import BuildError
from logq.formats.base import check_pattern
from logq.plan.base import Step, Wanted

__all__ = ["Redact"]


class Redact(Step, frozen=True, tag="redact", kw_only=True):
    """Put `replacement` in the place of whatever a regex matches, in the text of every column that holds data."""

    rowwise = True
    patterns: tuple[str, ...]
    replacement: str = "[redacted]"

    def __post_init__(self) -> None:
        if not self.patterns:
            msg = r"redact takes at least one pattern, as in redact(r'[\w.]+@[\w.]+')"
            raise BuildError(msg)
        for pattern in self.patterns:
            check_pattern(pattern, where="redact")

    def describe(self) -> str:
        """Quote the patterns."""
        return f"redact({', '.join(map(repr, self.patterns))})"

    def required(self, wanted: Wanted) -> Wanted:
        """The same."""
        return wanted
