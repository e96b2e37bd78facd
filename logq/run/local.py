"""Running a plan on this machine: files read in blocks."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from logq.plan import Table
from logq.read import BLOCK
from logq.read.dataset import open_dataset
from logq.run.prepared import Prepared, prepare
from logq.run.reading import Reading
from logq.run.runner import ESTIMATE, Runner
from logq.run.tables import prepare_table
from logq.run.urls import install_openers

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from logq.plan import Plan
    from logq.run.report import Report

__all__ = ["Local"]


@dataclass(frozen=True, kw_only=True)
class Local(Runner):
    """Runs plans on the files of this machine and on URLs.

    Parameters
    ----------
    workers
        Threads that read blocks; None: one more than there are cores.
    block
        Bytes in a block.
    memory_budget
        Bytes that sorting and reconstruction may take before they go to disk.
    progress
        Called with the bytes read so far and the bytes there are in all (None where a file is compressed or a URL)
        after each block, from the thread that reads the result.
    """

    workers: int | None = None
    block: int = BLOCK
    memory_budget: int | None = None
    progress: Callable[[int, int | None], None] | None = None
    buffers: Mapping[str, bytes] = field(default_factory=dict)
    tables: Mapping[str, pl.LazyFrame] = field(default_factory=dict)

    def prepare(self, plan: Plan) -> Prepared:
        """Resolve, optimise and check a plan; reads at most 64 KiB per file."""
        if isinstance(plan.source, Table):
            return prepare_table(plan, self.tables[plan.source.name])
        install_openers()
        return prepare(plan, partial(open_dataset, buffers=self.buffers))

    def reading(self, prepared: Prepared, report: Report) -> Generator[pl.DataFrame]:
        """Rows of the files of this machine, block by block."""
        reading = Reading(
            prepared.plan.scan,
            prepared.dataset.files,
            prepared.work,
            report,
            block=self.block,
            workers=self.workers,
            progress=self.progress,
        )
        yield from reading.frames()

    def estimate(self, plan: Plan) -> pl.DataFrame:
        """One row: files, and their bytes as stored, null where that cannot be told; nothing is sent."""
        files = [resolved.file for resolved in self.prepare(plan).dataset.files]
        sizes = [f.stored for f in files]
        known = None if None in sizes else sum(s for s in sizes if s is not None)
        return pl.DataFrame([(None, len(files), known, 0)], schema=ESTIMATE, orient="row")

    def whereabouts(self, prepared: Prepared) -> dict[str, list[str]]:
        """What runs on the blocks of files, and what on the stream of all rows."""
        stages = prepared.stages
        files = ", ".join(sorted({f.name for f in prepared.dataset.files}))
        return {
            f"while reading, block by block ({len(prepared.dataset.files)} files: {files})": [
                f"  .{s.describe()}" for s in stages.reading
            ],
            "on the stream of rows (Polars streaming engine)": [f"  .{s.describe()}" for s in stages.rest],
        }
