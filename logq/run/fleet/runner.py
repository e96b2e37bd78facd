"""A plan on a fleet: files told by the hosts, rows read there, put in order here."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from logq.compile import apply_rest
from logq.compile.stream import FILE, LINE_NUMBER
from logq.errors import BuildError
from logq.plan import Plan, Redact, Table, encode
from logq.run.fleet.dispatch import Share
from logq.run.fleet.dispatched import Dispatched, asked, check_answers, dataset, dispatched, numbered, spans
from logq.run.fleet.estimate import estimated
from logq.run.fleet.fetch import Fetcher
from logq.run.fleet.merge import Groups, Merge, note
from logq.run.fleet.split import described
from logq.run.prepared import NAMES, Prepared, prepare
from logq.run.runner import Runner, lost
from logq.run.wire.formats import specs
from logq.run.wire.messages import Resolve

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from concurrent.futures import Future

    import polars as pl

    from logq.plan import Scan
    from logq.read.dataset import Dataset
    from logq.run.fleet.cluster import Cluster
    from logq.run.fleet.dispatched import Told
    from logq.run.report import Report
    from logq.run.wire.messages import Run

__all__ = ["OnFleet"]


@dataclass(frozen=True, kw_only=True)
class OnFleet(Runner):
    """Runs plans on a fleet.

    Parameters
    ----------
    cluster
        The hosts.
    min_hosts
        How many hosts must answer, be it in part, for a partial result to be one.
    workers, block
        Threads and bytes in a block, on each host.
    memory_budget
        Bytes that sorting and reconstruction may take here before they go to disk.
    progress
        Called with the bytes read so far and the bytes there are in all (None where a file is compressed), after each
        unit, from the thread that reads the result.
    """

    cluster: Cluster
    min_hosts: int = 1
    workers: int | None = None
    block: int | None = None
    memory_budget: int | None = None
    progress: Callable[[int, int | None], None] | None = None

    def prepare(self, plan: Plan) -> Prepared:
        """Ask the hosts for their files; optimise and check the plan on what they have between them.

        Raises
        ------
        PartialResultError
            Fewer than `min_hosts` hosts told their files.
        NothingToScanError
            A source that matches nothing on any host.
        """
        if isinstance(plan.source, Table):
            msg = "a table is here and not on a fleet"
            raise BuildError(msg)
        told: list[Told] = []

        def opened(scan: Scan) -> Dataset:
            blotted = tuple(s for s in plan.steps if isinstance(s, Redact))
            request = Resolve(plan=encode(Plan(source=scan, steps=blotted)), formats=specs(scan.formats))
            answers = self.cluster.manifests(request)
            check_answers(answers, scan.sources, self.min_hosts)
            told[:] = numbered(answers)
            return dataset(told, [m for _, m, _ in answers if m is not None])

        return dispatched(prepare(plan, opened), tuple(told))

    def reading(self, prepared: Prepared, report: Report) -> Generator[pl.DataFrame]:
        """Rows of all hosts, in order; what does not come is noted in the report."""
        if not isinstance(prepared, Dispatched):
            raise TypeError
        news = threading.Condition()
        shares = {
            i: Share(self._asked(prepared, told), spans(prepared, told), news)
            for i, told in enumerate(prepared.told)
            if told.files
        }
        work = self._start(report, shares)
        prepared.places.clear()
        groups = Groups()
        try:
            for i, share in shares.items():
                merge = Merge(share.files, prepared.told[i].first, groups, prepared.places)
                for unit in share.in_order():
                    yield from merge.rows(unit)
                    note(unit, share, report, prepared.told[i].first, report.hosts[i])
                    self._progressed(prepared, report)
                if share.refused is not None:
                    raise share.refused
            work.result()
        finally:
            work.cancel()
            for share in shares.values():
                share.drop()
        if sum(h.status in ("ok", "changed") or h.units_done > 0 for h in report.hosts) < self.min_hosts:
            raise lost(None, report)

    def estimate(self, plan: Plan) -> pl.DataFrame:
        """One row a host: files, bytes as stored, and bytes that it would send, told from the heads of a few files."""
        prepared = self.prepare(plan)
        report = prepared.report()
        if report.incomplete or not isinstance(prepared, Dispatched):
            raise lost(None, report)
        return estimated(prepared, self._asked, partial(self._start, report))

    def finished(self, prepared: Prepared, report: Report, stream: pl.LazyFrame) -> pl.LazyFrame:
        """Apply what runs here; rows that were chosen by little of each are made whole on the way."""
        if not isinstance(prepared, Dispatched) or prepared.late is None:
            return super().finished(prepared, report, stream)
        late, schema = prepared.late, prepared.streamed
        chosen = apply_rest(late.choosing, stream.select(*late.sent, *(n for n in NAMES if n in schema)))
        if late.fetched:
            columns = {n: schema[n] for n in late.fetched}
            requests = {
                i: self._asked(replace(prepared, output=(*columns, FILE, LINE_NUMBER)), told)
                for i, told in enumerate(prepared.told)
                if told.files
            }
            fetch = Fetcher(requests, partial(self._start, report), prepared.places, report, prepared.borders == "sets")
            chosen = chosen.map_batches(
                partial(fetch, columns=columns),
                schema={**chosen.collect_schema(), **columns},
                predicate_pushdown=False,
                projection_pushdown=False,
                slice_pushdown=False,
            )
        known = chosen.collect_schema()
        ordered = chosen.select(n for n in (*late.columns, *NAMES) if n in known)
        return apply_rest(late.finishing, ordered)

    def whereabouts(self, prepared: Prepared) -> dict[str, list[str]]:
        """What runs on the hosts, and what here."""
        if not isinstance(prepared, Dispatched) or prepared.parted is None:
            raise TypeError
        hosts = ", ".join(t.report.host for t in prepared.told)
        files = sum(len(t.files) for t in prepared.told)
        formats = ", ".join(sorted({name for t in prepared.told for names in t.formats for name in names}))
        there = f"on {len(prepared.told)} hosts ({hosts}), block by block ({files} files: {formats})"
        told = {there: described(prepared.parted.reading)}
        if prepared.late is None:
            return {
                **told,
                "on the hosts, on the rows of each unit": described(prepared.parted.ahead),
                "here, on the stream of what they send (Polars streaming engine)": described(prepared.parted.home),
            }
        late = prepared.late
        return {
            **told,
            f"here, on {', '.join(late.sent)} of these rows": described(late.choosing),
            "on the hosts, for the rows that are left": [f"  fetch {', '.join(late.fetched)}"] if late.fetched else [],
            "here, on whole rows": described(late.finishing),
        }

    def _asked(self, prepared: Dispatched, told: Told) -> Run:
        return asked(prepared, told, workers=self.workers, block=self.block)

    def _start(self, report: Report, shares: dict[int, Share]) -> Future[object]:
        work = self.cluster.start(shares, report.hosts)
        work.add_done_callback(partial(_finish, list(shares.values())))
        return work

    def _progressed(self, prepared: Dispatched, report: Report) -> None:
        if self.progress is not None:
            files = [f for told in prepared.told for f in told.files]
            packed = any(f.compression for f in files)
            self.progress(report.bytes, None if packed else sum(f.size for f in files))


def _finish(shares: Sequence[Share], _: Future[None]) -> None:
    """Wake whoever waits for units that will not come: the work was cancelled, or broke."""
    for share in shares:
        share.finish()
