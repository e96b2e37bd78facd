"""Methods that run a chain, or tell what running it would do."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, get_args

from logq.errors import BuildError
from logq.exports import write
from logq.frame.base import Base
from logq.run.runner import OnFailure

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    import polars as pl
    import pyarrow as pa

    from logq.run import Report, Result

__all__ = ["Results"]


class Results(Base):
    """collect, run, collect_async, batches, lazy, explain, estimate, schema, write_*."""

    @property
    def schema(self) -> pl.Schema:
        """Names and types of the result; reads at most 64 KiB of each file.

        >>> import logq as lq
        >>> lq.scan(b"a").select("line", "raw").schema
        Schema([('line', Int64), ('raw', String)])
        """
        return self._runner.schema(self._plan)

    def run(self, *, on_failure: OnFailure = "raise") -> Result:
        """Run to the end: the rows and the report on every file.

        Parameters
        ----------
        on_failure
            What to do if a file cannot be read to its end: `"raise"` after the rest is read, or
            `"partial"`: return what there is, with the loss in the report.

        Raises
        ------
        PartialResultError
            Under `"raise"`; its `partial` has the rows and its `report` says what is missing.

        >>> import logq as lq
        >>> lq.scan(b"a\\nb").run().report.entries
        2
        """
        return self._runner.run(self._plan, on_failure=_checked(on_failure))

    def collect(self, *, on_failure: OnFailure = "raise") -> pl.DataFrame:
        """Run to the end and return the rows, in order. See `run`.

        >>> import logq as lq
        >>> lq.scan(b"a\\nb").collect().height
        2
        """
        return self.run(on_failure=on_failure).frame

    async def collect_async(self, *, on_failure: OnFailure = "raise") -> pl.DataFrame:
        """Collect in another thread, so that an event loop goes on meanwhile.

        >>> import asyncio, logq as lq
        >>> asyncio.run(lq.scan(b"a\\nb").collect_async()).height
        2
        """
        return await asyncio.to_thread(self.collect, on_failure=on_failure)

    def batches(self, *, on_failure: OnFailure = "raise") -> Iterator[pa.RecordBatch]:
        """Yield Arrow record batches in order as they are found; memory does not grow with what is read.

        >>> import logq as lq
        >>> sum(batch.num_rows for batch in lq.scan(b"a\\nb").batches())
        2
        """
        for frame in self._runner.batches(self._plan, on_failure=_checked(on_failure)):
            yield from frame.to_arrow().to_batches()

    def lazy(self, *, on_failure: OnFailure = "raise") -> pl.LazyFrame:
        """Hand over to Polars: a plain LazyFrame that reads when it is collected.

        >>> import logq as lq, polars as pl
        >>> lq.scan(b"a\\nb").lazy().select(pl.len()).collect(engine="streaming").item()
        2
        """
        return self._runner.lazy(self._plan, on_failure=_checked(on_failure))

    def explain(self) -> str:
        """Tell the plan as written, as optimised, and where each part runs.

        >>> import logq as lq
        >>> print(lq.scan(b"a").head(1).explain().splitlines()[0])
        as written
        """
        return self._runner.explain(self._plan)

    def estimate(self) -> pl.DataFrame:
        """Tell what running the chain would cost, without scanning: one row a host.

        Returns
        -------
        host (null on this machine), files, bytes_to_scan (as stored, null where that is not known) and bytes_to_send:
        on a fleet as much as the heads (64 KiB) of up to eight files of each host let expect, null where none can be
        tried; columns that are fetched late for the rows of the answer are not in it.

        Raises
        ------
        PartialResultError
            A host did not tell its files.

        >>> import logq as lq
        >>> lq.scan(b"a\\nb\\n").estimate().rows()
        [(None, 1, 4, 0)]
        """
        return self._runner.estimate(self._plan)

    def write_parquet(self, path: str | os.PathLike[str], *, on_failure: OnFailure = "raise") -> Report:
        """Write the rows to a Parquet file as they are found; return the report.

        >>> import logq as lq, polars as pl, tempfile, pathlib
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "rows.parquet"
        >>> _ = lq.scan(b"a\\nb").write_parquet(path)
        >>> pl.read_parquet(path).height
        2
        """
        return self._write(path, "parquet", on_failure)

    def write_ipc(self, path: str | os.PathLike[str], *, on_failure: OnFailure = "raise") -> Report:
        """Write the rows to an Arrow IPC (Feather) file, zstd inside; see `write_parquet`.

        >>> import logq as lq, polars as pl, tempfile, pathlib
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "rows.arrow"
        >>> _ = lq.scan(b"a\\nb").write_ipc(path)
        >>> pl.read_ipc(path).height
        2
        """
        return self._write(path, "ipc", on_failure)

    def write_csv(self, path: str | os.PathLike[str], *, on_failure: OnFailure = "raise") -> Report:
        """Write the rows to a CSV file, nested values as JSON text; see `write_parquet`.

        >>> import logq as lq, polars as pl, tempfile, pathlib
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "rows.csv"
        >>> _ = lq.scan(b"a\\nb").write_csv(path)
        >>> pl.read_csv(path).height
        2
        """
        return self._write(path, "csv", on_failure)

    def write_ndjson(self, path: str | os.PathLike[str], *, on_failure: OnFailure = "raise") -> Report:
        """Write the rows as JSON lines; see `write_parquet`.

        >>> import logq as lq, polars as pl, tempfile, pathlib
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "rows.jsonl"
        >>> _ = lq.scan(b"a\\nb").select("raw").write_ndjson(path)
        >>> pl.read_ndjson(path)["raw"].to_list()
        ['a', 'b']
        """
        return self._write(path, "ndjson", on_failure)

    def _write(self, path: str | os.PathLike[str], kind: str, on_failure: OnFailure) -> Report:
        return self._runner.sink(self._plan, lambda rows: write(rows, path, kind), on_failure=_checked(on_failure))


def _checked(on_failure: OnFailure) -> OnFailure:
    """Refuse a word that is none of the two: a typo must not hide a loss."""
    if on_failure not in get_args(OnFailure):
        msg = f"on_failure={on_failure!r}: it is one of {', '.join(map(repr, get_args(OnFailure)))}"
        raise BuildError(msg)
    return on_failure
