"""A block of bytes as a frame of entries: lines split, continuations joined, damage marked."""

from __future__ import annotations

from typing import Final

import polars as pl

from logq.plan import HIDDEN

__all__ = ["DAMAGE", "LINE", "entries"]

LINE: Final = f"{HIDDEN}line"
"""Offset of the entry's first line in its block (Int64)."""

DAMAGE: Final = f"{HIDDEN}damage"
"""Why the bytes of an entry could not be taken as they are; null if they could."""

BOM: Final = b"\xef\xbb\xbf"
MARK: Final = "\ufffd"
STAND_INS: Final = ("\ue000", "\ue001", "\ue002", "\ue003")
UNDECODABLE: Final = "invalid UTF-8"


def entries(data: bytes, start: str | None) -> tuple[pl.DataFrame, int]:
    """Bytes of whole entries → (frame of `raw`, line offset, damage; number of lines).

    Lines that do not match `start` join the entry before them; ahead of the first start, each line
    is an entry. `\\r` before `\\n` is no part of the text. Invalid UTF-8 becomes U+FFFD and is marked.

    >>> frame, lines = entries(b"E a\\n  at b\\nE c\\n", "^E")
    >>> frame["raw"].to_list(), frame["__logq_line"].to_list(), lines
    (['E a\\n  at b', 'E c'], [0, 2], 3)
    """
    frame = _lines(data)
    count = frame.height
    if start is not None:
        frame = _joined(frame, start)
    return frame, count


def _lines(data: bytes) -> pl.DataFrame:
    data = data.removeprefix(BOM)
    try:
        frame = pl.read_lines(data, name="raw") if data else pl.DataFrame(schema={"raw": pl.String})
        damage = pl.lit(None, pl.String)
    except pl.exceptions.ComputeError:
        frame, damage = _lossy(data)
    return frame.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias(LINE), damage.alias(DAMAGE))


def _lossy(data: bytes) -> tuple[pl.DataFrame, pl.Expr]:
    """Replace what is no UTF-8; genuine U+FFFD in the text stand aside so that they are not taken for damage."""
    aside = next((c for c in STAND_INS if c.encode() not in data), STAND_INS[0])
    text = data.replace(MARK.encode(), aside.encode()).decode("utf-8", "replace").encode()
    frame = pl.read_lines(text, name="raw").with_columns(pl.col("raw").str.contains(MARK, literal=True).alias(DAMAGE))
    damage = pl.when(pl.col(DAMAGE)).then(pl.lit(UNDECODABLE))
    return frame.with_columns(pl.col("raw").str.replace_all(aside, MARK, literal=True)), damage


def _joined(frame: pl.DataFrame, start: str) -> pl.DataFrame:
    first = frame["raw"].str.contains(start)
    if first.all() or not first.any():
        return frame
    entry = (first | (first.cum_sum() == 0)).cum_sum()
    tail = (
        frame.with_columns(entry.alias("entry"))
        .filter(~first & (first.cum_sum() > 0))
        .group_by("entry", maintain_order=True)
        .agg(pl.col("raw").str.join("\n").alias("tail"), pl.col(DAMAGE).drop_nulls().first().alias("tail_damage"))
    )
    heads = frame.filter(first | (first.cum_sum() == 0)).with_row_index("entry", offset=1)
    return (
        heads.join(tail, on="entry", how="left", maintain_order="left")
        .with_columns(
            pl.when(pl.col("tail").is_null()).then("raw").otherwise(pl.concat_str("raw", pl.lit("\n"), "tail")).alias("raw"),
            pl.coalesce(DAMAGE, "tail_damage").alias(DAMAGE),
        )
        .select("raw", LINE, DAMAGE)
    )
