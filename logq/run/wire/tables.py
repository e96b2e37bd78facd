"""Tables as bytes: Arrow IPC streams, which bring their schema along."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

import polars as pl

from logq.run.wire.frames import CorruptFrameError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from polars._typing import PolarsDataType

__all__ = ["pack", "pack_schema", "pieces", "unpack", "unpack_schema"]

PIECE: Final = 16 << 20
"""Frames of more than about this many bytes are sent in pieces."""


def pack(frame: pl.DataFrame) -> bytes:
    """Frame → zstd-compressed Arrow IPC stream.

    >>> unpack(pack(pl.DataFrame({"a": [1]}))).rows()
    [(1,)]
    """
    sink = io.BytesIO()
    frame.write_ipc_stream(sink, compression="zstd")
    return sink.getvalue()


def unpack(data: bytes) -> pl.DataFrame:
    """Arrow IPC stream → frame; a whole one, since frames on the wire are checked.

    Raises
    ------
    CorruptFrameError
        No Arrow IPC stream.
    """
    try:
        return pl.read_ipc_stream(io.BytesIO(data))
    except pl.exceptions.PolarsError as error:
        msg = f"rows that are no Arrow IPC stream: {error}"
        raise CorruptFrameError(msg) from error


def pack_schema(schema: Mapping[str, PolarsDataType]) -> bytes:
    """Names and types → a table of no rows.

    >>> unpack_schema(pack_schema({"a": pl.Datetime("us", "UTC")}))
    {'a': Datetime(time_unit='us', time_zone='UTC')}
    """
    return pack(pl.DataFrame(schema=schema))


def unpack_schema(data: bytes) -> dict[str, pl.DataType]:
    """Read the names and types of a table of no rows."""
    return dict(unpack(data).schema)


def pieces(frame: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Cut a frame into ones of about PIECE bytes; a row is never cut."""
    count = max(1, min(frame.height, -(-int(frame.estimated_size()) // PIECE)))
    rows = -(-frame.height // count) if frame.height else 1
    yield from frame.iter_slices(rows) if frame.height else [frame]
