"""A plan on a fleet: files told by the hosts, rows read there, put in order here."""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import msgspec
import polars as pl

from logq.compile import Stages
from logq.errors import BuildError, NothingToScanError
from logq.formats import get
from logq.plan import Plan, Redact, RepairTime, Scope, Table, encode
from logq.read.dataset import Dataset
from logq.read.decode.columns import TIMED
from logq.read.files import FileRef
from logq.read.resolved import Resolved, common
from logq.run.fleet.dispatch import Share, cut
from logq.run.fleet.merge import Groups, Merge, note
from logq.run.fleet.split import Parted, described, looks, part
from logq.run.prepared import NAMES, Prepared, check, prepare
from logq.run.report import FileReport, HostReport, Report
from logq.run.runner import Runner, lost
from logq.run.wire.formats import specs
from logq.run.wire.messages import FileEntry, Manifest, Resolve, Run
from logq.run.wire.tables import pack_schema, unpack_schema
from logq.schema import CANONICAL

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from concurrent.futures import Future

    from polars._typing import PolarsDataType

    from logq.plan import Scan
    from logq.run.fleet.cluster import Answer, Cluster
    from logq.run.wire.messages import Span, Whole

__all__ = ["Dispatched", "OnFleet", "Told"]


@dataclass(frozen=True)
class Told:
    """What one host told of its files; `first` is the number of the first of them in the fleet."""

    report: HostReport
    machine: str
    files: tuple[FileEntry, ...]
    formats: tuple[tuple[str, ...], ...]
    whole: tuple[Whole, ...]
    first: int


@dataclass(frozen=True)
class Dispatched(Prepared):
    """A plan ready to run on a fleet; `output` are the columns that hosts are to send, None for all."""

    told: tuple[Told, ...] = ()
    parted: Parted | None = None
    output: tuple[str, ...] | None = None

    def report(self) -> Report:
        """Return a report on hosts and files as far as they have told."""
        files = [
            FileReport(source=file.name, format="|".join(formats), host=told.report.host)
            for told in self.told
            for file, formats in zip(told.files, told.formats, strict=True)
        ]
        hosts = [replace(told.report, files=len(told.files)) for told in self.told]
        return Report(files=files, looked_for=self.looked_for, hosts=hosts, shared=_shared(self.told))

    def narrowed(self, columns: list[str] | None, predicate: pl.Expr | None) -> Prepared:
        """Have only these columns sent, and what the predicate reads."""
        if columns is None or self.parted is None or self.parted.ahead:
            return self
        named = {*columns, *(predicate.meta.root_names() if predicate is not None else ())}
        return replace(self, output=tuple(n for n in self.streamed if n in named))


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
            _check_answers(answers, scan.sources, self.min_hosts)
            told[:] = _numbered(answers)
            return _dataset(told, [m for _, m, _ in answers if m is not None])

        return _dispatched(prepare(plan, opened), tuple(told))

    def reading(self, prepared: Prepared, report: Report) -> Generator[pl.DataFrame]:
        """Rows of all hosts, in order; what does not come is noted in the report."""
        if not isinstance(prepared, Dispatched):
            raise TypeError
        news = threading.Condition()
        shares = {i: self._share(prepared, told, news) for i, told in enumerate(prepared.told) if told.files}
        work = self.cluster.start(shares, report.hosts)
        work.add_done_callback(partial(_finish, list(shares.values())))
        groups = Groups()
        try:
            for i, share in shares.items():
                merge = Merge(prepared.told[i].files, groups)
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

    def whereabouts(self, prepared: Prepared) -> dict[str, list[str]]:
        """What runs on the hosts, and what here."""
        if not isinstance(prepared, Dispatched) or prepared.parted is None:
            raise TypeError
        hosts = ", ".join(t.report.host for t in prepared.told)
        files = sum(len(t.files) for t in prepared.told)
        formats = ", ".join(sorted({name for t in prepared.told for names in t.formats for name in names}))
        return {
            f"on {len(prepared.told)} hosts ({hosts}), block by block ({files} files: {formats})": described(
                prepared.parted.reading
            ),
            "on the hosts, on the rows of each unit": described(prepared.parted.ahead),
            "here, on the stream of what they send (Polars streaming engine)": described(prepared.parted.home),
        }

    def _share(self, prepared: Dispatched, told: Told, news: threading.Condition) -> Share:
        parted = prepared.parted
        steps = (*parted.reading, *parted.ahead) if parted else ()
        fields = {n: t for n, t in prepared.dataset.schema.items() if n not in CANONICAL}
        request = Run(
            plan=encode(Plan(source=prepared.plan.source, steps=steps)),  # type: ignore[arg-type]
            host=told.report.host,
            files=told.files,
            first=told.first,
            units=(),
            fields=pack_schema(fields),
            schema=pack_schema(prepared.work.schema),
            looked_for=prepared.looked_for,
            named=prepared.work.named,
            output=prepared.output,
            formats=specs(prepared.plan.scan.formats),
            block=self.block,
            workers=self.workers,
        )
        return Share(request, _units(prepared, told), news)

    def _progressed(self, prepared: Dispatched, report: Report) -> None:
        if self.progress is not None:
            files = [f for told in prepared.told for f in told.files]
            packed = any(f.compression for f in files)
            self.progress(report.bytes, None if packed else sum(f.size for f in files))


def _units(prepared: Dispatched, told: Told) -> list[Span]:
    """Part what a host reads as finely as the plan allows."""
    context = prepared.stages.context
    steps = (*prepared.parted.reading, *prepared.parted.ahead) if prepared.parted else ()
    timed = bool(TIMED & prepared.work.schema.keys())
    numbered = any(looks(step, "line") for step in steps)
    whole = [numbered or w == "always" or (w == "timed" and timed) for w in told.whole]
    if any(isinstance(step, RepairTime) for step in prepared.stages.before):
        return cut(told.files, whole, borders="sets")
    if context is None:
        return cut(told.files, whole, borders="anywhere")
    bounded = not context.by and context.span is None and not any(isinstance(s, Scope) for s in steps)
    return cut(told.files, whole, borders="plain" if bounded else "sets")


def _check_answers(answers: Sequence[Answer], sources: Sequence[str], least: int) -> None:
    """Go on only if enough hosts answered and every source leads somewhere."""
    manifests = [m for _, m, _ in answers if m is not None]
    if len(manifests) < max(least, 1):
        raise lost(None, Report(hosts=[report for report, _, _ in answers]))
    nowhere = [s for s in sources if all(s in m.missing for m in manifests)]
    if nowhere and len(manifests) == len(answers):
        msg = f"nothing to scan: {nowhere[0]!r} matches no file on any of {len(answers)} hosts"
        raise NothingToScanError(msg)


def _numbered(answers: Sequence[Answer]) -> list[Told]:
    """Number files and rotation sets through the fleet, host after host."""
    told: list[Told] = []
    first, sets = 0, 0
    for report, manifest, machine in answers:
        files = manifest.files if manifest else ()
        numbered = tuple(msgspec.structs.replace(f, set=f.set + sets) for f in files)
        formats, whole = (manifest.formats, manifest.whole) if manifest else ((), ())
        told.append(Told(report, machine, numbered, formats, whole, first))
        first += len(files)
        sets += max((f.set for f in files), default=-1) + 1
    return told


def _dataset(told: Sequence[Told], manifests: Sequence[Manifest]) -> Dataset:
    """The files of all hosts as one dataset: a type for a field in all of them."""
    fields: dict[str, PolarsDataType] = {}
    for manifest in manifests:
        for name, dtype in unpack_schema(manifest.fields).items():
            fields[name] = common(fields.get(name, dtype), dtype)
    files = [
        _remote(FileRef(file.name, file.compression, file.set), formats, fields)
        for one in told
        for file, formats in zip(one.files, one.formats, strict=True)
    ]
    return Dataset(tuple(files), {**CANONICAL, **fields})


def _remote(file: FileRef, formats: tuple[str, ...], fields: dict[str, PolarsDataType]) -> Resolved:
    """What is known here of a file that is read elsewhere."""
    known = [Resolved(file=file, format=get(name), fields=fields, keys={}) for name in formats]
    return replace(known[0], mixed=tuple(known)) if len(known) > 1 else known[0]


def _dispatched(made: Prepared, told: tuple[Told, ...]) -> Dispatched:
    """Part the steps of a plan that was checked, and settle what hosts send."""
    parted = part(made.stages, made.streamed, named=made.work.named)
    late = next((step for step in parted.home if isinstance(step, Redact)), None)
    if late is not None:
        msg = f"{late.describe()} stands behind a step on the rows of all hosts, and would let them leave as they are; "
        raise BuildError(msg + "put it ahead of what is not row-wise")
    moved = len(parted.reading) < len(made.stages.reading)
    scan = msgspec.structs.replace(made.plan.scan, limit=None) if moved else made.plan.scan
    kept = len(parted.reading) - len(made.stages.before) - (made.stages.context is not None)
    stages = Stages(made.stages.before, made.stages.context, made.stages.after[:kept], parted.home)
    inner = check(parted.reading, pl.Schema(made.work.schema))
    read = pl.Schema({**inner, **NAMES}) if made.work.named else inner
    return Dispatched(
        plan=made.plan.with_source(scan),
        dataset=made.dataset,
        stages=stages,
        work=made.work,
        streamed=check(parted.ahead, read) if parted.ahead else read,
        schema=made.schema,
        looked_for=made.looked_for,
        told=told,
        parted=parted,
    )


def _finish(shares: Sequence[Share], _: Future[None]) -> None:
    """Wake whoever waits for units that will not come: the work was cancelled, or broke."""
    for share in shares:
        share.finish()


def _shared(told: Sequence[Told]) -> tuple[str, ...]:
    """Files that more than one node told of: nodes of one machine, or of one disk."""
    seen: dict[tuple[str, int, int], list[str]] = defaultdict(list)
    for one in told:
        for file in one.files:
            if file.error is None:
                seen[one.machine, file.device, file.inode].append(f"{one.report.host}:{file.name}")
    return tuple(" = ".join(names) for names in seen.values() if len(names) > 1)
