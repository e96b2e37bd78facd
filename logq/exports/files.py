"""Streams of rows written to files, whole or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["WRITERS", "write"]

ROW_GROUP: Final = 1 << 17
"""Rows in a Parquet row group or IPC batch; the sinks hold one at a time."""


def _parquet(rows: pl.LazyFrame, path: Path) -> None:
    rows.sink_parquet(path, row_group_size=ROW_GROUP, maintain_order=True)


def _ipc(rows: pl.LazyFrame, path: Path) -> None:
    rows.sink_ipc(path, compression="zstd", record_batch_size=ROW_GROUP, maintain_order=True)


def _csv(rows: pl.LazyFrame, path: Path) -> None:
    rows.with_columns(_as_text(n, t) for n, t in rows.collect_schema().items() if t.is_nested()).sink_csv(
        path, maintain_order=True
    )


def _ndjson(rows: pl.LazyFrame, path: Path) -> None:
    rows.sink_ndjson(path, maintain_order=True)


def _as_text(name: str, dtype: pl.DataType) -> pl.Expr:
    """Nested values as JSON text, for a format that has none."""
    if dtype == pl.Struct:
        text = pl.col(name).struct.json_encode()
    else:
        # Polars encodes structs only: {"v":[…]} without its first five characters and its last.
        text = pl.struct(pl.col(name).alias("v")).struct.json_encode().str.slice(len('{"v":')).str.head(-1)
    return pl.when(pl.col(name).is_not_null()).then(text).alias(name)


WRITERS: Final[Mapping[str, Callable[[pl.LazyFrame, Path], None]]] = MappingProxyType(
    {"parquet": _parquet, "ipc": _ipc, "csv": _csv, "ndjson": _ndjson}
)
"""Format of a file → how a stream of rows is written to it, in order."""


def write(rows: pl.LazyFrame, path: str | os.PathLike[str], kind: str) -> None:
    """Write `rows` to `path`: to a file beside it first, which takes its name when it is complete.

    Raises
    ------
    OSError
        The path is a folder, or its folder is not there; nothing was read by then.

    >>> import polars as pl, tempfile, os
    >>> path = os.path.join(tempfile.mkdtemp(), "rows.parquet")
    >>> write(pl.LazyFrame({"a": [1, 2]}), path, "parquet")
    >>> pl.read_parquet(path)["a"].to_list()
    [1, 2]
    """
    target = Path(path)
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(target))
    if not target.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(target.parent))
    partial = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        WRITERS[kind](rows, partial)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
