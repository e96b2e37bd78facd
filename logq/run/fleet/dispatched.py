"""A plan as a fleet runs it: files as the hosts told them, steps parted, what each host is asked for."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import msgspec
import polars as pl

from logq.compile import Stages
from logq.errors import BuildError, NothingToScanError
from logq.formats import get
from logq.plan import Plan, Redact, RepairTime, Scope, encode
from logq.read.dataset import Dataset
from logq.read.decode.columns import TIMED
from logq.read.files import FileRef
from logq.read.resolved import Resolved, common
from logq.run.fleet.dispatch import cut
from logq.run.fleet.late import late
from logq.run.fleet.split import GROUP, Parted, looks, part
from logq.run.prepared import NAMES, Prepared, check
from logq.run.report import FileReport, HostReport, Report, Skipped
from logq.run.runner import lost
from logq.run.wire.formats import specs
from logq.run.wire.messages import FileEntry, Manifest, Run
from logq.run.wire.tables import pack_schema, unpack_schema
from logq.schema import CANONICAL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from polars._typing import PolarsDataType

    from logq.run.fleet.cluster import Answer
    from logq.run.fleet.dispatch import Borders
    from logq.run.fleet.late import Late
    from logq.run.fleet.merge import Place
    from logq.run.wire.messages import Span, Whole

__all__ = ["Dispatched", "Told", "asked", "check_answers", "dataset", "dispatched", "numbered", "spans"]


@dataclass(frozen=True)
class Told:
    """What one host told of its files; `first` is the number of the first of them in the fleet."""

    report: HostReport
    machine: str
    files: tuple[FileEntry, ...]
    formats: tuple[tuple[str, ...], ...]
    whole: tuple[Whole, ...]
    first: int
    skipped: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Dispatched(Prepared):
    """A plan ready to run on a fleet; `output` are the columns that hosts are to send, None for all.

    `places` notes, while it runs, where ranges of files lie, by the number of the file.
    """

    told: tuple[Told, ...] = ()
    parted: Parted | None = None
    output: tuple[str, ...] | None = None
    late: Late | None = None
    places: dict[int, list[Place]] = field(default_factory=dict)

    @property
    def borders(self) -> Borders:
        """Where units may end: contexts by key, time or in a scope, and carried times, look at whole sets."""
        context = self.stages.context
        if any(isinstance(s, RepairTime) for s in self.stages.before):
            return "sets"
        if context is None:
            return "anywhere"
        scoped = any(isinstance(s, Scope) for s in self.stages.before)
        return "sets" if context.by or context.span is not None or scoped else "plain"

    def report(self) -> Report:
        """Return a report on hosts and files as far as they have told."""
        files = [
            FileReport(source=file.name, format="|".join(formats), host=told.report.host)
            for told in self.told
            for file, formats in zip(told.files, told.formats, strict=True)
        ]
        hosts = [replace(told.report, files=len(told.files)) for told in self.told]
        skipped = tuple(Skipped(path, kind, told.report.host) for told in self.told for path, kind in told.skipped)
        shared = _shared(self.told)
        return Report(files=files, looked_for=self.looked_for, hosts=hosts, shared=shared, skipped=skipped)

    def narrowed(self, columns: list[str] | None, predicate: pl.Expr | None) -> Prepared:
        """Have only these columns sent, and what the predicate reads."""
        if columns is None or self.parted is None or self.parted.ahead:
            return self
        named = {*columns, *(predicate.meta.root_names() if predicate is not None else ())}
        return replace(self, output=tuple(n for n in self.streamed if n in named))


def asked(prepared: Dispatched, told: Told, *, workers: int | None, block: int | None) -> Run:
    """Ask a host for what a plan has it do."""
    parted = prepared.parted
    steps = (*parted.reading, *parted.ahead) if parted else ()
    fields = {n: t for n, t in prepared.dataset.schema.items() if n not in CANONICAL}
    return Run(
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
        block=block,
        workers=workers,
    )


def spans(prepared: Dispatched, told: Told) -> list[Span]:
    """Part what a host reads as finely as the plan allows."""
    steps = (*prepared.parted.reading, *prepared.parted.ahead) if prepared.parted else ()
    timed = bool(TIMED & prepared.work.schema.keys())
    numbered = any(looks(step, "line") for step in steps)
    whole = [numbered or w == "always" or (w == "timed" and timed) for w in told.whole]
    return cut(told.files, whole, borders=prepared.borders)


def check_answers(answers: Sequence[Answer], sources: Sequence[str], least: int) -> None:
    """Go on only if enough hosts answered and every source leads somewhere."""
    manifests = [m for _, m, _ in answers if m is not None]
    if len(manifests) < max(least, 1):
        raise lost(None, Report(hosts=[report for report, _, _ in answers]))
    nowhere = [s for s in sources if all(s in m.missing for m in manifests)]
    if nowhere and len(manifests) == len(answers):
        msg = f"nothing to scan: {nowhere[0]!r} matches no file on any of {len(answers)} hosts"
        raise NothingToScanError(msg)


def numbered(answers: Sequence[Answer]) -> list[Told]:
    """Number files and rotation sets through the fleet, host after host."""
    told: list[Told] = []
    first, sets = 0, 0
    for report, manifest, machine in answers:
        files = manifest.files if manifest else ()
        numbered = tuple(msgspec.structs.replace(f, set=f.set + sets) for f in files)
        formats, whole = (manifest.formats, manifest.whole) if manifest else ((), ())
        skipped = manifest.skipped if manifest else ()
        told.append(Told(report, machine, numbered, formats, whole, first, skipped))
        first += len(files)
        sets += max((f.set for f in files), default=-1) + 1
    return told


def dataset(told: Sequence[Told], manifests: Sequence[Manifest]) -> Dataset:
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


def dispatched(made: Prepared, told: tuple[Told, ...]) -> Dispatched:
    """Part the steps of a plan that was checked, and settle what hosts send.

    Raises
    ------
    BuildError
        Texts are to be blotted out where rows have left their hosts.
    """
    parted = part(made.stages, made.streamed, named=made.work.named)
    stray = next((step for step in parted.home if isinstance(step, Redact)), None)
    if stray is not None:
        msg = (
            f"{stray.describe()} stands behind a step on the rows of all hosts, and would let them leave as they are; "
        )
        raise BuildError(msg + "put it ahead of what is not row-wise")
    moved = len(parted.reading) < len(made.stages.reading)
    scan = msgspec.structs.replace(made.plan.scan, limit=None) if moved else made.plan.scan
    read = check(parted.reading, pl.Schema(made.work.schema))
    hidden = frozenset({GROUP} if made.stages.context else ())
    chosen = None if parted.ahead else late(parted.home, read, hidden)
    if chosen is not None:
        whole = {**read, **NAMES} if made.work.named else read
        columns = check(parted.home[: len(parted.home) - len(chosen.finishing)], pl.Schema(whole)).names()
        parted = Parted((*parted.reading, *chosen.there), (), (*chosen.choosing, *chosen.finishing))
        read = check(parted.reading, pl.Schema(made.work.schema))
        chosen = replace(chosen, columns=tuple(n for n in columns if n not in NAMES))
    streamed = pl.Schema({**read, **NAMES}) if made.work.named else read
    return Dispatched(
        plan=made.plan.with_source(scan),
        dataset=made.dataset,
        stages=Stages(made.stages.before, made.stages.context, (), parted.home),
        work=made.work,
        streamed=check(parted.ahead, streamed) if parted.ahead else streamed,
        schema=made.schema,
        looked_for=made.looked_for,
        told=told,
        parted=parted,
        late=chosen,
    )


def _shared(told: Sequence[Told]) -> tuple[str, ...]:
    """Files that more than one node told of: nodes of one machine, or of one disk."""
    seen: dict[tuple[str, int, int], list[str]] = defaultdict(list)
    for one in told:
        for file in one.files:
            if file.error is None:
                seen[one.machine, file.device, file.inode].append(f"{one.report.host}:{file.name}")
    return tuple(" = ".join(names) for names in seen.values() if len(names) > 1)
