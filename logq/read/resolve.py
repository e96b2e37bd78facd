"""What a bounded sample tells of a file: encoding, format, fields and their types, stamp layouts."""

from __future__ import annotations

import codecs
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import msgspec
import polars as pl

from logq.errors import BuildError, SourceError
from logq.formats import Stamp, get
from logq.plan import HIDDEN
from logq.read.decode.columns import derivable, values_of
from logq.read.decode.csv import COMMENT, named
from logq.read.decode.extra import EXTRA, behind
from logq.read.decode.ways import reads
from logq.read.detect import SAMPLE
from logq.read.inside import opened
from logq.read.lines import entries
from logq.read.processes import key_name, untangled
from logq.read.remembered import REMEMBERED
from logq.read.resolved import OWN, Resolved, common
from logq.read.shapes import json_fields, whole_file
from logq.read.shown import prefixed, shown, spread
from logq.read.stamps import seen as seen_in
from logq.read.streams import chunks
from logq.read.tabular import csv_fields, logfmt_fields
from logq.read.traces import Traces
from logq.schema import CANONICAL

if TYPE_CHECKING:
    from polars._typing import PolarsDataType

    from logq.formats.base import Format
    from logq.plan import Scan
    from logq.read.files import FileRef
    from logq.read.inside import Settle
    from logq.read.shown import Settled

__all__ = ["resolve_file", "sample_of"]

BOMS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
UNFIT: Final = re.compile(rf"{HIDDEN}|\*$|\^.*\$$")
"""Names that logq keeps to itself, or that Polars reads as a pattern."""


def resolve_file(file: FileRef, scan: Scan) -> Resolved:
    """Read the head of a file and settle how the rest is read.

    >>> from logq.plan import Scan
    >>> from logq.read import FileRef
    >>> found = resolve_file(FileRef("a", buffer=b'{"n":1,"msg":"up"}'), Scan(sources=("a",)))
    >>> found.format.name, found.fields, found.message
    ('json', {'n': Int64, 'msg': String, 'extra': String}, 'msg')
    """
    head, encoding = sample_of(file, scan.encoding)
    if not head or scan.infer == "file":
        return _resolved_by(file, head, encoding, scan)
    how = (encoding, scan.formats, scan.by, scan.multiline, scan.nested)
    return REMEMBERED.resolved(file, head, how, lambda: _resolved_by(file, head, encoding, scan))


def _resolved_by(file: FileRef, head: bytes, encoding: str, scan: Scan) -> Resolved:
    """Settle how a file is read by its head."""
    if scan.by is None:
        return _settled(file, head, encoding, scan)
    found = _settled(file, untangled(head, scan.by), encoding, scan)
    process = key_name(scan.by)
    fields = {**found.fields, process: pl.String()} if process else found.fields
    parts = tuple(replace(one, by=scan.by, process=process) for one in found.mixed)
    return replace(found, by=scan.by, process=process, fields=fields, mixed=parts)


def _settled(file: FileRef, head: bytes, encoding: str, scan: Scan) -> Resolved:
    """Settle how a file is read by the text of its sample, be it that of one process after another."""
    chosen = [get(name) for name in scan.formats if name != "auto"]
    rule: Settled = Traces() if scan.multiline is True else scan.multiline
    if not chosen:
        if not head and file.local and file.compression is None and file.until is None:
            # What it will be in is not known, so nothing that comes later is read.
            file = replace(file, until=0)
        found, own = shown(entries(head, None)[0]["raw"], head, rule)
        return _resolved(file, found, head, encoding, rule=own, scan=scan)
    if len(chosen) > 1:
        return replace(_mixed(file, chosen, head, encoding), rule=rule)
    if chosen[0].kind == "json" and not chosen[0].carries and rule is None:
        rule = spread(entries(head, None)[0]["raw"], head)
    return _resolved(file, chosen[0], head, encoding, rule=rule, scan=scan)


def _mixed(file: FileRef, formats: list[Format], head: bytes, encoding: str) -> Resolved:
    """Settle each of several formats on the lines of the sample that are its own."""
    lines = entries(head, None)[0]["raw"]
    mixed: list[Resolved] = []
    for found in formats:
        if found.kind == "csv":
            msg = f"formats={[one.name for one in formats]}: {found.name} cannot be told row by row; scan it apart"
            raise BuildError(msg)
        own = reads(lines, Resolved(file=file, format=found, fields={}, keys={}, patterns=found.patterns))
        part = _resolved(file, found, ("\n".join(lines.filter(own)) + "\n").encode(), encoding)
        mixed.append(part)
        lines = lines.filter(~own)
    fields: dict[str, PolarsDataType] = {}
    for part in mixed:
        for name, dtype in part.fields.items():
            fields[name] = common(fields.get(name, dtype), dtype)
    return replace(mixed[0], mixed=tuple(mixed)).agreed(fields)


def _resolved(
    file: FileRef, found: Format, head: bytes, encoding: str, *, rule: Settled = None, scan: Scan | None = None
) -> Resolved:
    """Settle one format on a sample; where lines are wrapped, a `rule` of the user's speaks of what is inside."""
    asked = found.wraps and scan and scan.multiline is not None and not _over_lines(found, head)
    inside, rule = (rule, rule and None) if asked else (None, rule)
    bare = Resolved(file=file, format=found, fields={}, keys={}, rule=rule)
    lines = entries(head, bare.start)[0]["raw"]
    header, head_lines, behind_text = False, lines, False
    match found.kind:
        case "json":
            nested, whole = (scan.nested == "struct", scan.infer == "file") if scan else (False, False)
            behind_text = prefixed(lines)
            samples = whole_file(file, encoding, bare.start, scan.by if scan else None) if whole else [lines]
            samples = map(behind, samples) if behind_text else samples
            keys, fields = json_fields(samples, found, nested=nested)
        case "logfmt":
            keys, fields = logfmt_fields(lines)
        case "csv":
            keys, fields, header = csv_fields(found, lines)
        case _:
            keys, fields = {}, dict(found.fields)
    held = {n: t for n, t in fields.items() if n in found.dtypes}
    written = {n: pl.String() if t.is_nested() and not found.dtypes[n].is_nested() else t for n, t in held.items()}
    typed = {n: found.dtypes.get(n, t) for n, t in fields.items()}
    typed |= {
        n: found.dtypes.get(n, pl.String())
        for n, e in found.derived.items()
        if n[0] != "_" and set(e.meta.root_names()) <= keys.keys()
    }
    lines = lines.slice(1) if header else lines.filter(~lines.str.contains(COMMENT)) if found.directive else lines
    draft = Resolved(
        file=file,
        format=found,
        encoding=encoding,
        fields=typed if found.open else fields,
        written=written if found.open else {},
        keys=keys,
        patterns=found.patterns,
        header=header,
        said=next(iter(named(head_lines, found.directive)), None) if found.directive else None,
        rule=rule,
        prefixed=behind_text,
    )
    settled = _ranked(draft, lines)
    if found.kind == "json" and found.open and not found.carries:
        settled = _with_rest(settled)
    return opened(settled, lines, inside, _settler(file, scan))


def _over_lines(found: Format, head: bytes) -> bool:
    """Whether a format's objects are printed over several lines."""
    return not found.carries and spread(entries(head, None)[0]["raw"], head) is not None


def _settler(file: FileRef, scan: Scan | None) -> Settle:
    """How formats of messages are settled: on the sample alone, whose lines are of one process each."""
    there = msgspec.structs.replace(scan, infer="sample", by=None, multiline=None) if scan else None

    def settle(found: Format, head: bytes, rule: Settled = None) -> Resolved:
        return _resolved(file, found, head, "utf-8", rule=rule, scan=there)

    return settle


def _with_rest(settled: Resolved) -> Resolved:
    """Add the column of what no sample showed."""
    name = EXTRA if EXTRA not in settled.keys else OWN + EXTRA
    return replace(settled, rest=name, fields={**settled.fields, name: pl.String()})


def sample_of(file: FileRef, encoding: str) -> tuple[bytes, str]:
    """First 64 KiB as UTF-8, up to a line end, and the encoding (a byte order mark overrides the given one).

    Of a damaged file, what precedes the damage: reading it reports the loss.
    """
    head = b""
    try:
        mark = next(iter(chunks(file)), b"")[:4]
        encoding = next((name for bom, name in BOMS if mark.startswith(bom)), encoding)
        for part in chunks(file, encoding):
            head += part
            if len(head) >= SAMPLE:
                break
    except SourceError:
        raise
    except OSError:
        pass
    head = head.removeprefix(codecs.BOM_UTF8)
    cut = head.rfind(b"\n", 0, SAMPLE) + 1
    return (head[:cut] if cut and len(head) > SAMPLE else head), encoding


def _canonicalised(draft: Resolved, stamp: str | None) -> Resolved:
    """Settle which fields feed canonical columns, and rename those whose names are taken."""
    form = draft.format
    names = _names(draft)
    level = next((f for f in form.level if f in names), None)
    message = next((f for f in form.message if f in names), None)
    taken = CANONICAL.keys() - {stamp, level, message}
    moved = {n: OWN + n if n in taken or UNFIT.match(n) else n for n in draft.keys}
    own = {moved.get(n, n): t for n, t in draft.fields.items() if moved.get(n, n) not in CANONICAL}
    keys = {moved[n]: path for n, path in draft.keys.items()}
    return replace(draft, fields=own, keys=keys, stamp=stamp, level=level, message=message)


def _names(draft: Resolved) -> list[str]:
    """Fields that may feed a canonical column."""
    captured = draft.keys or draft.format.groups
    computed = derivable(draft) if draft.format.open else frozenset()
    return [n for n in dict.fromkeys((*captured, *computed)) if not draft.fields.get(n, pl.String()).is_nested()]


def _ranked(draft: Resolved, lines: pl.Series) -> Resolved:
    """Settle the field of the time: the first in which the sample shows one, else the first there is.

    The layout that reads the most of the sample goes first, so that the others see little. One without the year
    takes a pass of its own over the file: it stays only if the sample has such stamps, or none that can be read
    in a format that has such.
    """
    stamp = draft.format.stamp
    present = [f for f in stamp.fields if f in _names(draft)] if stamp else []
    if stamp is None or not present:
        return _canonicalised(draft, None)
    values = values_of(lines, draft, frozenset(present))
    for field in present:
        texts = values[field].cast(pl.String)
        seen = seen_in(texts, stamp.layouts)
        if seen:
            break
    else:
        seen = [] if draft.format.open else [layout for layout in stamp.layouts if Stamp.yearless(layout)]
        field = present[0]
    halves = [layout for layout in seen if Stamp.yearless(layout)]
    kept = [layout for layout in halves if Stamp.dateless(layout) == Stamp.dateless(halves[0])]
    rest = [layout for layout in stamp.layouts if layout not in seen and not Stamp.yearless(layout)]
    ordered = [layout for layout in seen if layout in kept or not Stamp.yearless(layout)] + rest
    return replace(_canonicalised(draft, field), layouts=tuple(ordered))
