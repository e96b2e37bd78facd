"""Plan → Polars: what each step means, and where it runs."""

from logq.compile.lower import apply, lower
from logq.compile.stages import Stages, split
from logq.compile.stream import apply_rest

__all__ = ["Stages", "apply", "apply_rest", "lower", "split"]
