"""Files of a host without logq, for the work that is done on them here."""

from __future__ import annotations

import zlib
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, Protocol, cast

import msgspec

from logq.errors import SourceError
from logq.plan import Filter, RepairTime
from logq.read.contents import HEAD, compression_of
from logq.read.files import COMPRESSIONS, FileRef, is_url, not_regular, ranked
from logq.read.prefilter import texts
from logq.run.agent.files import ChangedError, cap_of, url_refused
from logq.run.agent.known import Known
from logq.run.agent.work import Unit
from logq.run.bare.streams import Stream, expanded, portable
from logq.run.wire.bare import Fetch, Search
from logq.run.wire.messages import FileEntry

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from logq.read import Resolved
    from logq.run.agent.files import Listed
    from logq.run.agent.work import Job
    from logq.run.prepared import Prepared
    from logq.run.wire.bare import Fetched, Found, Seen, State
    from logq.run.wire.messages import Span, UnitEnd

__all__ = ["Asked", "FetchedUnit", "Place"]

SAMPLE: Final = 1 << 16
BLOCK: Final = 1 << 20
"""No byte of a bzip2 file unfolds before a block of it is there."""


class Asked(Protocol):
    """A conversation with an agent that sends bytes, from a thread of its own."""

    def look(self, sources: tuple[str, ...], sample: int) -> tuple[Found, list[bytes]]:
        """Tell what there is, and how each file begins (compressed by zlib)."""

    def check(self, files: tuple[FileEntry, ...]) -> Sequence[State]:
        """Tell which files are no longer what they were."""

    def received_of(self, request: Fetch | Search) -> Generator[bytes, None, Fetched]:
        """Yield bytes as they come; return how it went."""


Key = tuple[int, int, int]


class Place:
    """The files of the host at the other end."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._heads: dict[Key, bytes] = {}
        self._states: dict[Key, State] = {}
        self.known = Known()

    def listed(self, sources: Sequence[str]) -> Listed:
        """Sources → the files they cover there, in row order; the sources that match nothing; what is no file."""
        for source in sources:
            if is_url(source):
                raise url_refused(source)
        found, heads = self._asked.look(tuple(sources), SAMPLE)
        special = next((one.source for one in found.missing if one.special), None)
        if special is not None:
            raise SourceError(not_regular(special, "a pipe, a socket or a device"))
        seen = dict(reversed([((f.device, f.inode) if f.inode else f.name, f) for f in found.files]))
        by_name = {f.name: f for f in seen.values()}
        self._heads = {
            (f.device, f.inode, f.size): head for f, head in zip(found.files, heads, strict=True) if f.error is None
        }
        entries = tuple(self._entry(by_name[ref.name], ref) for ref in ranked(by_name, {}))
        return entries, tuple(one.source for one in found.missing), found.skipped

    def _entry(self, seen: Seen, ref: FileRef) -> FileEntry:
        told = msgspec.structs.asdict(seen)
        head = self._heads.get((seen.device, seen.inode, seen.size))
        first = b"" if head is None else zlib.decompressobj().decompress(head, HEAD)
        return FileEntry(**told, set=ref.set, compression=compression_of(first, ref.compression))

    def check(self, files: tuple[FileEntry, ...]) -> None:
        """Find out which files are no longer what they were; to open one of those raises."""
        known = [f for f in files if f.error is None]
        self._states = dict(zip(map(_key, known), self._asked.check(tuple(known)), strict=True))

    @contextmanager
    def opened(self, entry: FileEntry) -> Iterator[FileRef]:
        """Give a file as one that is read from the other end.

        Raises
        ------
        ChangedError
            It is gone, shorter, or another file in its place.
        OSError
            It cannot be read.
        """
        if entry.error is not None:
            raise OSError(entry.error)
        state = self._states.get(_key(entry))
        if state is not None:
            _raise(state)
        opener = partial(_file, self._stored, entry)
        ref = FileRef(entry.name, entry.compression, entry.set, until=entry.size, cap=cap_of(entry), opener=opener)
        yield ref if state is None else replace(ref, modified=state.modified)

    def searched(
        self, file: Resolved, entry: FileEntry, wanted: Sequence[str], tell: Callable[[Fetched], None]
    ) -> Resolved:
        """Have only entries sent that can hold one of the texts; the others are counted."""
        begins = cast("str | None", file.start)
        request = Search(file=entry, texts=tuple(wanted), begins=begins, cap=cap_of(entry))
        opener = partial(_file, self._found, request, tell)
        ref = replace(file.file, compression=None, cap=None, until=None, opener=opener)
        return replace(file, file=ref)

    def _stored(self, entry: FileEntry) -> Iterator[bytes]:
        head = self._head(entry)
        yield head
        if len(head) < entry.size:
            yield from self._read(Fetch(file=entry, start=len(head), stop=entry.size))

    def _head(self, entry: FileEntry) -> bytes:
        """Give the first bytes of a file, as many as a sample takes, and keep them: they are wanted several times."""
        known = self._heads.get(_key(entry))
        data = b"" if known is None else zlib.decompress(known)
        wanted = min(entry.size, BLOCK if entry.compression == "bz2" else SAMPLE)
        if len(data) < wanted:
            data += b"".join(self._read(Fetch(file=entry, start=len(data), stop=wanted)))
            self._heads[_key(entry)] = zlib.compress(data, 1)
        return data

    def _read(self, request: Fetch) -> Iterator[bytes]:
        _raise((yield from self._asked.received_of(request)))

    def _found(self, request: Search, tell: Callable[[Fetched], None]) -> Iterator[bytes]:
        answer = self._asked.received_of(request)
        try:
            while True:
                yield from expanded(next(answer))
        except StopIteration as end:
            tell(end.value)
            _raise(end.value)


class FetchedUnit(Unit):
    """A unit whose bytes come from elsewhere: only such entries as can match, where that is known."""

    def __init__(self, job: Job, span: Span, place: Place, check: Callable[[int], None]) -> None:
        super().__init__(job, span, place, check)
        self._place = place
        self._scanned: dict[str, int] = {}

    @property
    def files(self) -> tuple[FileEntry, ...]:
        """Its files."""
        return self._request.files[self._span.first : self._span.last]

    def end(self) -> UnitEnd:
        """Tell how it went; bytes that were searched there count as read."""
        told = super().end()
        files = tuple(
            msgspec.structs.replace(one, bytes=self._scanned.get(one.source, one.bytes)) for one in told.files
        )
        return msgspec.structs.replace(told, files=files)

    def _prepared(self, files: tuple[Resolved, ...]) -> Prepared:
        made = super()._prepared(files)
        stages = made.work.stages
        carried = any(isinstance(s, RepairTime) for s in stages.before)
        if stages.context is not None or carried or not any(isinstance(s, Filter) for s in stages.before):
            return made
        entries = {entry.name: entry for entry in self.files}
        found = tuple(self._narrowed(file, entries[file.file.name], made) for file in made.dataset.files)
        return replace(made, dataset=replace(made.dataset, files=found))

    def _narrowed(self, file: Resolved, entry: FileEntry, made: Prepared) -> Resolved:
        wanted = texts(made.plan.scan.clauses, file)
        if not wanted or not _searchable(file, wanted):
            return file

        def tell(outcome: Fetched) -> None:
            self._scanned[entry.name] = outcome.bytes

        return self._place.searched(file, entry, wanted, tell)


def _searchable(file: Resolved, wanted: Sequence[str]) -> bool:
    """Whether an agent of the standard library can tell which entries may hold one of some texts."""
    start = file.start
    return (
        file.encoding == "utf-8"
        and file.by is None
        and file.file.compression != "zstd"
        and file.file.compression == COMPRESSIONS.get(Path(file.file.name).suffix)
        and file.format.directive is None
        and file.yearless is None
        and (start is None or (isinstance(start, str) and portable(start)))
        and not any(mark in text for text in wanted for mark in ("\n", "\r", "\ufffd"))
    )


def _key(entry: FileEntry) -> Key:
    return entry.device, entry.inode, entry.size


def _file(pieces: Callable[..., Iterator[bytes]], *asked: Any) -> IO[bytes]:  # noqa: ANN401 (what the maker wants)
    return cast("IO[bytes]", Stream(pieces(*asked)))


def _raise(outcome: Fetched | State) -> None:
    if outcome.error is not None:
        raise ChangedError(outcome.error) if outcome.changed else OSError(outcome.error)
