"""What every LogFrame carries: a plan and where it runs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

from logq.run.local import Local

if TYPE_CHECKING:
    import polars as pl

    from logq.plan import AnyStep, Plan
    from logq.run import Runner

__all__ = ["Base"]


@dataclass(frozen=True, eq=False)
class Base:
    """A lazy, immutable chain: every method returns a new frame, nothing is read before a result is asked for."""

    _plan: Plan
    _runner: Runner = field(default_factory=Local)
    _known: pl.Schema | None = None

    @property
    def plan(self) -> Plan:
        """The plan this chain has built: frozen, comparable, serialisable with `logq.plan.encode`.

        >>> import logq as lq
        >>> len(lq.scan(b"a\\nb").head(1).plan.steps)
        1
        """
        return self._plan

    def _then(self, step: AnyStep) -> Self:
        return self._with(self._plan.then(step))

    def _with(self, plan: Plan) -> Self:
        return replace(self, _plan=plan)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}\n{self._plan.describe()}>"
