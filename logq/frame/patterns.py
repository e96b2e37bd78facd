"""The method that finds rows whose order a pattern describes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Self

from logq.frame.keys import keys_of
from logq.frame.sequences import Sequences
from logq.plan import Expression, RowPattern, expressions
from logq.time import microseconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import polars as pl

    from logq.frame.keys import IntoKey
    from logq.plan import IntoExpression, RowsShown, Skip
    from logq.time import IntoDuration

__all__ = ["Patterns"]

KEY: Final = "pattern_key"


class Patterns(Sequences):
    """match_pattern."""

    def match_pattern(
        self,
        pattern: str,
        define: Mapping[str, pl.Expr] | None = None,
        *,
        by: IntoKey | Iterable[IntoKey] | None = None,
        order_by: IntoExpression | Iterable[IntoExpression] = (),
        within: IntoDuration | None = None,
        after_match: Skip | tuple[Skip, *tuple[str, ...]] = "past_last_row",
        rows: RowsShown = "show_empty",
        measures: Mapping[str, pl.Expr] | None = None,
    ) -> Self:
        """Find runs of entries that a pattern describes, as SQL's MATCH_RECOGNIZE does.

        For each key the entries in time order are gone through from the first: of the matches that begin at an entry
        the preferred one is taken, and the search goes on behind it. Entries without a key or a time are left out.

        Parameters
        ----------
        pattern
            Variables one after another; `|` one or the other, the left preferred; `( )` a group, `()` no entry;
            `*`, `+`, `?`, `{2,5}` as many as can be, with a `?` behind as few; `^` and `$` the ends of the key's
            entries; `{- B -}` matched and not shown; `PERMUTE(A, B)` in any order.
        define
            Condition of each variable; one that has none fits every entry. `pl.col("n").shift(1)` is the value of the
            entry before (SQL's PREV), `.shift(-1)` of the next; null beyond the ends, and then the condition fails.
        by
            Keys that all entries of a match share: as for `sessions`. Default: the sessions in force, else none.
        order_by
            Columns that give the order, in place of time; nulls last, what is equal in time order.
        within
            Longest time from the first entry to the last.
        after_match
            Where the search goes on: `"past_last_row"`, `"next_row"` behind the first entry, or at the `("first", "B")`
            or `("last", "B")` entry of a variable (of any of several: `("last", "B", "C")`).
        rows
            `"show_empty"`: matches of no entries are shown as the entry they stand at, without classifier;
            `"omit_empty"`: they are not; `"with_unmatched"`: entries in no match are shown too, without `match_id`.
        measures
            Aggregates over the entries of each match, by name, that may test `classifier`; their shifts go beyond the
            match. `pl.col("n").filter(pl.col("classifier") == "B").last()` is SQL's `LAST(B.n)`. Null where the match
            is empty.

        Returns
        -------
        The rows of matches with `match_id` (Int64, from 0, by first row in time order), `classifier` (String, the
        variable) and the measures (of the whole match, on each row), in this order, then in row order of the match.
        `.matches()` right behind gives one row a match.

        Raises
        ------
        BuildError
            What is no pattern, a condition for no variable or one that looks at more than single entries.
        MatchError
            When it runs: no entry of the variable in `after_match`, or it is the first of the match.

        >>> import logq as lq, polars as pl
        >>> log = b"\\n".join(b'{"ts":%d,"n":%d}' % row for row in enumerate((9, 8, 7, 8, 9, 5, 4, 6)))
        >>> n = pl.col("n")
        >>> falls = lq.scan(log).match_pattern("A B+ C+", {"B": n < n.shift(1), "C": n > n.shift(1)})
        >>> falls.collect()["classifier"].str.join("").item()
        'ABBCCABC'
        """
        to: tuple[Skip, *tuple[str, ...]] = (after_match,) if isinstance(after_match, str) else after_match
        keys, names = keys_of(self._keys(by), method="match_pattern", default=KEY)
        return self._then(
            RowPattern(
                pattern=pattern,
                define={name: Expression.of(test) for name, test in (define or {}).items()},
                keys=keys,
                names=names,
                order=expressions([order_by]),
                within=None if within is None else microseconds(within),
                skip=to[0],
                skip_to=to[1:],
                rows=rows,
                measures=expressions([], dict(measures or {})),
            )
        )
