"""Methods that choose and order rows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal, Self

import polars as pl

from logq.errors import BuildError
from logq.formats.base import check_pattern
from logq.frame.base import Base
from logq.plan import Filter, Head, Scope, Sort, Tail, Unique, expressions
from logq.schema import LEVELS, parse_level
from logq.time import instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from logq.plan import IntoExpression
    from logq.time import IntoInstant

__all__ = ["Rows"]

FEW: Final = 4
"""Up to so many tests are joined by `|`; more stand side by side in one call, lest the expression nest too deep."""


class Rows(Base):
    """filter, scope, level, between, grep, sort, head, tail, unique."""

    def filter(self, *predicates: pl.Expr | Iterable[pl.Expr]) -> Self:
        """Choose the matches: rows for which every predicate is true. A context after it still sees the others.

        >>> import logq as lq, polars as pl
        >>> lq.scan(b"one\\ntwo").filter(pl.col("raw") == "two").collect()["line"].to_list()
        [2]
        """
        return self._then(Filter(predicates=expressions(predicates)))

    def scope(self, *predicates: pl.Expr | Iterable[pl.Expr]) -> Self:
        """Bound the universe: context and everything else after this never see rows outside it.

        >>> import logq as lq, polars as pl
        >>> chain = lq.scan(b"a 1\\nb 2\\na 3").filter(pl.col("raw") == "a 3").scope(pl.col("raw").str.starts_with("a"))
        >>> chain.context(1).collect()["raw"].to_list()
        ['a 1', 'a 3']
        """
        return self._then(Scope(predicates=expressions(predicates)))

    def level(self, *levels: str, at_least: str | None = None) -> Self:
        """Choose entries of these levels, or of this level and above.

        A short name (`TRACE DEBUG INFO WARN ERROR FATAL`) is its whole band of severities; another
        word (`NOTICE`, `CRITICAL`) is exactly its severity number. Entries without a level never match.

        Raises
        ------
        BuildError
            An unknown level, or neither or both of `levels` and `at_least`.

        >>> import logq as lq
        >>> log = b'{"level":"info","msg":"up"}\\n{"level":"error","msg":"down"}'
        >>> lq.scan(log).level("ERROR").collect()["message"].to_list()
        ['down']
        """
        if bool(levels) == (at_least is not None):
            msg = 'level takes names, as in level("ERROR"), or a threshold, as in level(at_least="WARN")'
            raise BuildError(msg)
        if at_least is not None:
            return self.filter(_threshold(at_least))
        tests = [_exactly(name) for name in levels]
        return self.filter(
            tests[0] if len(tests) == 1 else pl.any_horizontal(tests) if len(tests) > FEW else _either(tests)
        )

    def between(self, start: IntoInstant | None, end: IntoInstant | None) -> Self:
        """Choose entries with start ≤ timestamp < end; entries without a timestamp are out.

        Times are datetimes, ISO 8601 texts (UTC if they name no offset) or relative to now (`"-1h"`), taken at this
        call.

        >>> import logq as lq
        >>> log = b'{"ts":"2024-01-01T00:00:00Z"}\\n{"ts":"2024-01-02T00:00:00Z"}'
        >>> lq.scan(log).between("2024-01-02", None).collect()["line"].to_list()
        [2]
        """
        if start is None and end is None:
            msg = "between needs a start, an end or both"
            raise BuildError(msg)
        low = [pl.col("timestamp") >= instant(start)] if start is not None else []
        high = [pl.col("timestamp") < instant(end)] if end is not None else []
        return self.filter(*low, *high)

    def grep(self, pattern: str, *, literal: bool = False, ignore_case: bool = False) -> Self:
        """Choose entries whose raw text contains a Rust regex or a literal; continuation lines count.

        >>> import logq as lq
        >>> lq.scan(b"GET /a\\nPOST /b").grep("^post", ignore_case=True).collect()["line"].to_list()
        [2]
        """
        if not literal:
            check_pattern(pattern, where="grep")
        if ignore_case:
            body = re.escape(pattern) if literal else pattern
            return self.filter(pl.col("raw").str.contains(f"(?i:{body})"))
        return self.filter(pl.col("raw").str.contains(pattern, literal=literal))

    def sort(
        self,
        by: IntoExpression | Iterable[IntoExpression],
        *more: IntoExpression,
        descending: bool | Sequence[bool] = False,
    ) -> Self:
        """Order rows; rows with equal keys keep their order, nulls come last.

        >>> import logq as lq
        >>> lq.scan(b"b\\na").sort("raw").collect()["line"].to_list()
        [2, 1]
        """
        keys = expressions([by, *more])
        directions = (descending,) * len(keys) if isinstance(descending, bool) else tuple(descending)
        return self._then(Sort(by=keys, descending=directions))

    def head(self, n: int = 5) -> Self:
        """Keep the first `n` rows; reading stops when they are found.

        >>> import logq as lq
        >>> lq.scan(b"a\\nb\\nc").head(2).collect().height
        2
        """
        return self._then(Head(n=n))

    def tail(self, n: int = 5) -> Self:
        """Keep the last `n` rows.

        >>> import logq as lq
        >>> lq.scan(b"a\\nb\\nc").tail(2).collect()["line"].to_list()
        [2, 3]
        """
        return self._then(Tail(n=n))

    def unique(
        self, subset: str | Iterable[str] | None = None, *, keep: Literal["first", "last", "none", "any"] = "first"
    ) -> Self:
        """Keep one row per value of `subset` (all columns if None), in input order.

        >>> import logq as lq
        >>> lq.scan(b"a\\nb\\na").unique("raw").collect()["line"].to_list()
        [1, 2]
        """
        names = None if subset is None else (subset,) if isinstance(subset, str) else tuple(subset)
        return self._then(Unique(subset=names, keep=keep))


def _exactly(name: str) -> pl.Expr:
    low, high = parse_level(name)
    return pl.col("level") == LEVELS[(low - 1) // 4] if high > low else pl.col("severity") == low


def _threshold(name: str) -> pl.Expr:
    low, high = parse_level(name)
    return pl.col("level") >= LEVELS[(low - 1) // 4] if high > low else pl.col("severity") >= low


def _either(tests: list[pl.Expr]) -> pl.Expr:
    either = tests[0]
    for test in tests[1:]:
        either = either | test
    return either
