"""Steps that shape columns; all but a non-row-wise expression leave the rows alone."""

from __future__ import annotations

from logq.errors import BuildError
from logq.plan.base import Step, Wanted
from logq.plan.expressions import HIDDEN, Expression

__all__ = ["Drop", "Extract", "Rename", "Select", "WithColumns", "roots_of"]


class Select(Step, frozen=True, tag="select", kw_only=True):
    """Keep exactly these columns."""

    exprs: tuple[Expression, ...]

    @property
    def rowwise(self) -> bool:  # type: ignore[override]
        """A projection of row-wise expressions, of which at least one reads the row."""
        return all(e.rowwise for e in self.exprs) and any(e.roots is None or e.roots for e in self.exprs)

    def describe(self) -> str:
        """Name the expressions."""
        return f"select({', '.join(map(str, self.exprs))})"

    def required(self, wanted: Wanted) -> Wanted:  # noqa: ARG002 (the signature of Step)
        """What the expressions read, for all of them are evaluated, whatever is `wanted`."""
        return roots_of(self.exprs)


class WithColumns(Step, frozen=True, tag="with_columns", kw_only=True):
    """Add columns or replace them."""

    exprs: tuple[Expression, ...]

    @property
    def rowwise(self) -> bool:  # type: ignore[override]
        """Whether every expression is."""
        return all(e.rowwise for e in self.exprs)

    def describe(self) -> str:
        """Name the expressions."""
        return f"with_columns({', '.join(map(str, self.exprs))})"

    def required(self, wanted: Wanted) -> Wanted:
        """What is wanted and not made here, and what the expressions read, for all of them are evaluated."""
        below = roots_of(self.exprs)
        return None if wanted is None or below is None else (wanted - {e.output for e in self.exprs}) | below


class Extract(Step, frozen=True, tag="extract", kw_only=True):
    """Add the named groups of a regex, matched against one column, as String columns."""

    rowwise = True
    pattern: str
    column: str
    groups: tuple[str, ...]

    def __post_init__(self) -> None:
        if any(name.startswith(HIDDEN) for name in (self.column, *self.groups)):
            msg = f"extract({self.pattern!r}): names that begin with {HIDDEN} are logq's own"
            raise BuildError(msg)

    def describe(self) -> str:
        """Quote the pattern."""
        return f"extract({self.pattern!r}, column={self.column!r})"

    def required(self, wanted: Wanted) -> Wanted:
        """The matched column, and what is wanted besides the groups."""
        return None if wanted is None else (wanted - set(self.groups)) | {self.column}


class Drop(Step, frozen=True, tag="drop", kw_only=True):
    """Leave columns out."""

    rowwise = True
    columns: tuple[str, ...]

    def describe(self) -> str:
        """Name the columns."""
        return f"drop({', '.join(self.columns)})"

    def required(self, wanted: Wanted) -> Wanted:
        """What is wanted and what is dropped, which must be there; all, lest no column be left to carry the rows."""
        return None if wanted is None or wanted <= {*self.columns} else wanted | {*self.columns}


class Rename(Step, frozen=True, tag="rename", kw_only=True):
    """Give columns new names."""

    rowwise = True
    mapping: dict[str, str]

    def __post_init__(self) -> None:
        if any(name.startswith(HIDDEN) for name in (*self.mapping, *self.mapping.values())):
            msg = f"rename({self.mapping}): names that begin with {HIDDEN} are logq's own"
            raise BuildError(msg)

    def describe(self) -> str:
        """Show old and new names."""
        return f"rename({self.mapping})"

    def required(self, wanted: Wanted) -> Wanted:
        """The old names of what is wanted."""
        if wanted is None:
            return None
        old = {new: name for name, new in self.mapping.items()}
        return frozenset(old.get(name, name) for name in wanted) | self.mapping.keys()


def roots_of(exprs: tuple[Expression, ...] | list[Expression]) -> Wanted:
    """Columns a set of expressions reads; None if one of them may read any."""
    roots = [e.roots for e in exprs]
    return None if any(r is None for r in roots) else frozenset().union(*(r for r in roots if r is not None))
