"""Which entries belong together because they share ids: components of the values of several fields.

Values are nodes. An entry with several ids joins the value of its first to that of each other one. Of all these edges
those are kept, in time order, that join what was apart until then (Kruskal's spanning forest): they say which entry
joined what. The forest is found by rounds in which every component takes its first edge at once (Borůvka), so that
loops run over doublings, and what comes first in time is unique, so that neither order nor blocks matter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from logq.compile.order import ROW
from logq.plan import HIDDEN

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["COMPONENT", "JOINS", "Links", "forest"]

COMPONENT: Final = f"{HIDDEN}component"
JOINS: Final = f"{HIDDEN}joins"
"""Bits of the fields whose values the entry joined to that of its first field that has one."""

EDGES: Final = 1 << 20
"""Edges beyond twice the distinct ones that may wait to be reduced to these."""

FROM, TO, NTH, BEST = (f"{HIDDEN}{name}" for name in ("from", "to", "nth", "best"))


class Links:
    """Learns the values of `fields` and the edges between them, then tells the component of each entry.

    Entries come with ROW, the fields and `order`, the columns that put them in time order ahead of ROW. Memory follows
    the distinct values and pairs of values.
    """

    def __init__(self, fields: Sequence[str], order: Sequence[str]) -> None:
        self._fields = [f"{HIDDEN}node_{n}" for n in range(len(fields))]
        self._named = dict(zip(self._fields, fields, strict=True))
        self._order = [*order, ROW, NTH]
        self._values: dict[str, pl.DataFrame] = {}
        self._nodes = 0
        self._edges: list[pl.DataFrame] = []
        self._held, self._reduced = 0, 0
        self._components = pl.Series([], dtype=pl.Int64)
        self._joins = pl.DataFrame(schema={ROW: pl.Int64, JOINS: pl.Int64})

    def learn(self, rows: pl.DataFrame) -> None:
        """Take in more entries."""
        for node, field in self._named.items():
            new = rows.select(pl.col(field).alias(node)).drop_nulls().unique(maintain_order=True)
            known = self._values.get(node)
            new = new if known is None else new.join(known, on=node, how="anti", maintain_order="left")
            codes = pl.int_range(self._nodes, self._nodes + new.height, dtype=pl.Int64, eager=True).alias(BEST)
            self._nodes += new.height
            more = new.with_columns(codes)
            self._values[node] = more if known is None else pl.concat([known, more])
        nodes = self._coded(rows)
        first = pl.coalesce(self._fields)
        for nth, node in enumerate(self._fields):
            ends = [first.alias(FROM), pl.col(node).alias(TO), pl.lit(nth, pl.Int64).alias(NTH)]
            edges = nodes.select(*ends, *self._order[:-1]).filter(pl.col(FROM) != pl.col(TO))
            self._edges.append(edges)
            self._held += edges.height
        if self._held > 2 * self._reduced + EDGES:
            self._reduce()

    def solve(self) -> None:
        """Find the components; then `label` tells them."""
        self._reduce()
        edges = self._edges[0]
        labels, kept = forest(edges.select(FROM, TO), self._nodes)
        self._components = labels
        bits = pl.lit(2, pl.Int64).pow(pl.col(NTH)).sum().cast(pl.Int64)
        self._joins = edges.filter(kept).group_by(ROW).agg(bits.alias(JOINS))

    def label(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Entries that were learnt → COMPONENT, null where no field has a value, and JOINS, 0 for most."""
        nodes = self._coded(rows.select(ROW, *self._named.values(), *self._order[:-2]))
        first = nodes.select(pl.coalesce(self._fields)).to_series()
        joins = rows.select(ROW).join(self._joins, on=ROW, how="left", maintain_order="left")[JOINS]
        return pl.DataFrame([self._components.gather(first).alias(COMPONENT), joins.fill_null(0)])

    def _coded(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The fields as numbers of their values."""
        coded = [
            rows.select(pl.col(field).alias(node))
            .join(self._values[node], on=node, how="left", maintain_order="left")[BEST]
            .alias(node)
            for node, field in self._named.items()
        ]
        return rows.select(self._order[:-1]).hstack(coded)

    def _reduce(self) -> None:
        """Of equal edges keep the first in time order."""
        edges = pl.concat(self._edges).sort(self._order, nulls_last=True)
        self._edges = [edges.unique([FROM, TO], keep="first", maintain_order=True)]
        self._held = self._reduced = self._edges[0].height


def forest(edges: pl.DataFrame, nodes: int) -> tuple[pl.Series, pl.Series]:
    """Edges (two columns of numbers below `nodes`), first to last → component of each node, and which edges are kept.

    An edge is kept if those before it leave its ends apart. A component is named by one of its nodes.

    >>> labels, kept = forest(pl.DataFrame({"from": [0, 1, 0], "to": [1, 2, 2]}), 4)
    >>> labels.n_unique(), kept.to_list()
    (2, [True, True, False])
    """
    labels = pl.int_range(nodes, dtype=pl.Int64, eager=True)
    kept = pl.Series([False]).new_from_index(0, edges.height)
    left = pl.DataFrame({FROM: edges.to_series(0), TO: edges.to_series(1)}).with_row_index(NTH)
    while left.height:
        ends = pl.concat([left.select(NTH, FROM, TO), left.select(NTH, pl.col(TO).alias(FROM), pl.col(FROM).alias(TO))])
        best = ends.sort(NTH).unique(FROM, keep="first")
        kept = kept.scatter(best[NTH], True)  # noqa: FBT003 (a value, no switch)
        onto = pl.int_range(nodes, dtype=pl.Int64, eager=True).scatter(best[FROM], best[TO])
        own = pl.int_range(nodes, dtype=pl.Int64, eager=True)
        # Of two that chose each other, by the same edge, the lesser is the root.
        onto = pl.select(pl.when((onto.gather(onto) == own) & (own < onto)).then(own).otherwise(onto)).to_series()
        while not (further := onto.gather(onto)).equals(onto):
            onto = further
        labels = onto.gather(labels)
        left = left.with_columns(onto.gather(left[FROM]).alias(FROM), onto.gather(left[TO]).alias(TO))
        left = left.filter(pl.col(FROM) != pl.col(TO))
    return labels, kept
