"""The step that finds rows whose order a pattern describes: SQL's MATCH_RECOGNIZE."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias, get_args

import polars as pl

from logq.errors import BuildError
from logq.plan.base import Step, Wanted, check_keys
from logq.plan.columns import roots_of
from logq.plan.expressions import Expression, Json, nodes
from logq.plan.patterns import Variable, leaves, parse_pattern

__all__ = ["PATTERN_COLUMNS", "RowPattern", "RowsShown", "Skip", "is_shift"]

Skip: TypeAlias = Literal["past_last_row", "next_row", "first", "last"]
RowsShown: TypeAlias = Literal["show_empty", "omit_empty", "with_unmatched"]

PATTERN_COLUMNS: Final = {"match_id": pl.Int64(), "classifier": pl.String()}
TIMES: Final = ("start", "end", "duration", "entries")
TOLD: Final = (*TIMES, "host", "source", "line")
"""What `.matches()` tells of each match, beside its number and keys."""
MOST: Final = 60
"""Conditions that go into one integer."""


class RowPattern(Step, frozen=True, tag="match_pattern", kw_only=True):
    """Rows of a key, in time order or in that of `order`, that `pattern` describes; lengths in µs.

    `names` are the columns the keys are shown in, None where a key is a column already. `skip_to` are the
    variables to whose first or last row the search goes on.
    """

    pattern: str
    define: dict[str, Expression]
    keys: tuple[Expression, ...] = ()
    names: tuple[str | None, ...] = ()
    order: tuple[Expression, ...] = ()
    within: int | None = None
    skip: Skip = "past_last_row"
    skip_to: tuple[str, ...] = ()
    rows: RowsShown = "show_empty"
    measures: tuple[Expression, ...] = ()
    answer: Literal["rows", "matches"] = "rows"

    def __post_init__(self) -> None:
        self._check_conditions()
        self._check_rules()
        check_keys("match_pattern", self.key_columns, (*PATTERN_COLUMNS, *(TIMES if self.answer == "matches" else ())))
        made = [e.output for e in self.measures]
        if None in made or {*made} & {*PATTERN_COLUMNS, *TOLD, *self.key_columns} or len({*made}) < len(made):
            msg = f"match_pattern: each measure makes one column with a name of its own, not {made}"
            raise BuildError(msg)

    def _check_conditions(self) -> None:
        known = self.variables
        for name in (*self.define, *self.skip_to):
            if name not in known:
                names = ", ".join(known) or "none"
                msg = f"match_pattern: {name!r} is no variable of {self.pattern!r}, which has {names}"
                raise BuildError(msg)
        if len(self.define) > MOST:
            msg = f"match_pattern: {len(self.define)} conditions; at most {MOST} are told apart"
            raise BuildError(msg)
        for name, condition in self.define.items():
            if not Expression.decode(_unshifted(condition.json), error=BuildError).rowwise:
                msg = (
                    f"match_pattern(define={{{name!r}: …}}): {_beyond(condition.json)} looks beyond the row and those "
                    "at a fixed distance from it, which .shift(n) reads; no condition sees the match so far"
                )
                raise BuildError(msg)

    def _check_rules(self) -> None:
        if not all(e.rowwise for e in (*self.keys, *self.order)):
            msg = "match_pattern: keys and order_by are told of each entry by itself; one is not row-wise"
            raise BuildError(msg)
        if self.within is not None and (self.within < 0 or self.order):
            msg = f"match_pattern(within={self.within}us): a length of time is not negative, and rows are in time order"
            raise BuildError(msg)
        if (self.skip in ("first", "last")) != bool(self.skip_to):
            msg = "match_pattern(after_match=…): 'first' and 'last' name variables, as in ('last', 'B'); others do not"
            raise BuildError(msg)
        for word, given, kind in (("after_match", self.skip, Skip), ("rows", self.rows, RowsShown)):
            if given not in get_args(kind):
                msg = f"match_pattern({word}={given!r}): it is one of {', '.join(map(repr, get_args(kind)))}"
                raise BuildError(msg)

    @property
    def variables(self) -> tuple[str, ...]:
        """Names of the variables, as they first stand in the pattern."""
        return tuple(dict.fromkeys(v.name for v in leaves(parse_pattern(self.pattern)) if isinstance(v, Variable)))

    @property
    def key_columns(self) -> tuple[str, ...]:
        """Columns in which the keys stand after the step."""
        return tuple(name or str(key.output) for name, key in zip(self.names, self.keys, strict=True))

    def describe(self) -> str:
        """Name pattern, conditions and rules."""
        rules = {"by": self.keys, "order_by": self.order, "measures": self.measures}
        parts = [self.pattern, *(f"{name}: {condition}" for name, condition in self.define.items())]
        parts += [f"{n}={', '.join(map(str, e))}" for n, e in rules.items() if e]
        parts += [f"within={self.within}us"] if self.within is not None else []
        parts += [f"after_match={' '.join((self.skip, *self.skip_to))}"] if self.skip != "past_last_row" else []
        parts += [f"rows={self.rows}"] if self.rows != "show_empty" else []
        return f"match_pattern({'; '.join(parts)}){'.matches()' if self.answer == 'matches' else ''}"

    def required(self, wanted: Wanted) -> Wanted:
        """What is wanted and not made here, what conditions, keys and measures read, the time, and what names a row."""
        read = roots_of([*self.keys, *self.order, *self.define.values()])
        measured = roots_of(self.measures)
        if read is None or measured is None or (wanted is None and self.answer == "rows"):
            return None
        below = read | (measured - {*PATTERN_COLUMNS})
        if self.answer == "matches":
            return below | {"timestamp", "host", "source", "line"}
        made = {*PATTERN_COLUMNS, *(n for n in self.names if n is not None), *(str(e.output) for e in self.measures)}
        return ((wanted or frozenset()) - made) | below | {"timestamp"}


def is_shift(node: Json) -> bool:
    """Whether a node of an expression is a `shift` by a fixed number of rows.

    >>> is_shift(Expression.of(pl.col("a").shift(1)).json), is_shift(Expression.of(pl.col("a")).json)
    (True, False)
    """
    match node:
        case {"Function": {"input": [_, {"Literal": _}, *_], "function": "Shift" | "ShiftAndFill"}}:
            return True
        case _:
            return False


def _unshifted(tree: Json) -> Json:
    """The expression without its shifts."""
    if is_shift(tree):
        return _unshifted(tree["Function"]["input"][0])
    if isinstance(tree, dict):
        return {key: _unshifted(value) for key, value in tree.items()}
    return [_unshifted(item) for item in tree] if isinstance(tree, list) else tree


def _beyond(tree: Json) -> str:
    """Name what is not row-wise: an aggregate, a window or a function, else the whole."""
    found = [node for _, _, node in nodes(tree) if isinstance(node, dict)]
    for kind in ("Agg", "Over", "Function"):
        for node in found:
            inner = node.get(kind)
            if kind == "Function" and isinstance(inner, dict) and not is_shift(node):
                inner = inner["function"]
            if inner is not None:
                return f"{kind} {next(iter(inner)) if isinstance(inner, dict) else inner}"
    return str(Expression.decode(tree))
