"""Methods that shape columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import polars as pl

from logq.errors import BuildError
from logq.formats.base import check_pattern, group_names
from logq.formats.custom.grok import compiled, is_grok
from logq.formats.custom.rewrite import rewrite
from logq.frame.base import Base
from logq.plan import Drop, Extract, Redact, Rename, Select, WithColumns, expressions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from logq.formats.custom.grok import Own
    from logq.plan import IntoExpression

__all__ = ["Columns"]


class Columns(Base):
    """select, with_columns, extract, drop, rename, redact."""

    def select(self, *exprs: IntoExpression | Iterable[IntoExpression], **named: IntoExpression) -> Self:
        """Keep exactly these columns; rows keep their hidden names.

        >>> import logq as lq
        >>> lq.scan(b"one\\ntwo", format="plain").select("line", "raw").collect().rows()
        [(1, 'one'), (2, 'two')]
        """
        return self._then(Select(exprs=expressions(exprs, named)))

    def with_columns(self, *exprs: IntoExpression | Iterable[IntoExpression], **named: IntoExpression) -> Self:
        """Add columns or replace them. Row-wise expressions leave the universe alone; others make the rows a new one.

        >>> import logq as lq, polars as pl
        >>> lq.scan(b"one\\nthree").with_columns(n=pl.col("raw").str.len_chars()).collect()["n"].to_list()
        [3, 5]
        """
        return self._then(WithColumns(exprs=expressions(exprs, named)))

    def extract(self, pattern: str, *, column: str = "message", patterns: Own = (), ecs: bool = True) -> Self:
        """Add the named groups of a regex, or the fields of a grok expression, as columns; null where none matches.

        Those of a regex are Strings. Grok types what it names `:int` or `:float`, and knows an empty capture as null. A
        group that stands twice gives its first value. A column of the same name is replaced.

        Parameters
        ----------
        pattern
            A Rust regex with named groups, or grok (`%{NAME:field}`), searched for in the column.
        column
            The String column to search.
        patterns, ecs
            For grok, as in `Format.grok`: definitions of one's own, and whether fields have their ECS names.

        Raises
        ------
        PatternError
            Look-around or back-references (named in the message), or a syntax error.
        FormatError
            Grok that names an unknown pattern.
        BuildError
            No named group.

        >>> import logq as lq
        >>> lq.scan(b"took 12 ms").extract(r"took (?P<ms>\\d+) ms", column="raw").collect()["ms"].to_list()
        ['12']
        >>> lq.scan(b"took 12 ms").extract("took %{INT:ms:int} ms", column="raw").collect()["ms"].to_list()
        [12]
        """
        made = compiled(pattern, patterns, ecs=ecs) if is_grok(pattern) else None
        found = made.pattern if made else rewrite(pattern)
        check_pattern(found, where="extract")
        groups = group_names(found)
        if not groups:
            msg = f"extract needs named groups, such as (?P<name>…) or %{{WORD:name}}, in {pattern!r}"
            raise BuildError(msg)
        frame = self._then(Extract(pattern=found, column=column, groups=groups))
        if made is None:
            return frame
        return frame.with_columns(
            pl.when(pl.col(name) != "").then(pl.col(name)).cast(made.dtypes.get(name, pl.String()), strict=False)
            for name in groups
        )

    def drop(self, *columns: str) -> Self:
        """Leave columns out.

        >>> import logq as lq
        >>> "raw" in lq.scan(b"one").drop("raw").schema
        False
        """
        return self._then(Drop(columns=columns))

    def rename(self, mapping: Mapping[str, str]) -> Self:
        """Give columns new names, old → new.

        >>> import logq as lq
        >>> lq.scan(b"one").rename({"raw": "text"}).collect()["text"].to_list()
        ['one']
        """
        return self._then(Rename(mapping=dict(mapping)))

    def redact(self, *patterns: str, replacement: str = "[redacted]") -> Self:
        """Blot out whatever one of several Rust regexes matches: in `raw`, `message`, every field, and `source`.

        Lists and structs are looked through, bytes are taken for text. A number whose digits hold a match is null, and
        so is a word of an Enum (but not `line` and `severity`, `level` and `time_quality`).
        What comes after sees the texts blotted out, filters too; `context` still sees every row. On a fleet it is done
        on the hosts, before anything leaves them: rows, errors and reports alike. It must therefore stand ahead of
        whatever is not row-wise. Names of fields and files are not touched.

        Raises
        ------
        BuildError
            No pattern, or one that Rust's regex cannot run; on a fleet, when run, a place behind a step of many rows.

        >>> import logq as lq
        >>> log = b'{"msg":"sent to bob@example.org","card":4111111111111111}'
        >>> frame = lq.scan(log).redact(r"[\\w.]+@[\\w.]+", r"\\d{16}")
        >>> frame.select("message", "card").collect().rows()
        [('sent to [redacted]', None)]
        """
        return self._then(Redact(patterns=patterns, replacement=replacement))
