"""Which files an agent tells of and opens: regular ones below its roots, the same ones at every attempt."""

from __future__ import annotations

import hashlib
import os
import stat
from contextlib import contextmanager
from itertools import accumulate
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from logq.errors import NothingToScanError, SourceError
from logq.read.contents import HEAD as FIRST
from logq.read.contents import compression_of
from logq.read.files import FileRef, is_url, resolve, survey
from logq.run.agent.known import Known
from logq.run.wire.messages import FileEntry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager

__all__ = ["RATIO", "ChangedError", "Listed", "Place", "Roots", "cap_of", "listed", "opened", "url_refused"]

Listed: TypeAlias = tuple[tuple[FileEntry, ...], tuple[str, ...], tuple[tuple[str, str], ...]]
"""Files, sources that match nothing, and what is no file: its path, and what it is."""

HEAD: Final = 4096
"""Bytes that tell a file from one that took its inode."""

RATIO: Final = 1000
"""A file may unfold to so many times its size; gzip cannot do more than 1,032."""

FREE: Final = 256 << 20
"""Bytes that any file may unfold to."""


class ChangedError(OSError):
    """A file that is no longer what it was when the query was asked."""


class Roots:
    """Folders that an agent may read below; none: all that its user may read."""

    def __init__(self, folders: Iterable[str]) -> None:
        self.folders = tuple(os.path.realpath(f) for f in folders)
        self.known = Known()

    def check_source(self, source: str) -> None:
        """Refuse a source that does not lie below a root by its words, before anything is looked up.

        Raises
        ------
        SourceError
            A URL, or a path outside.
        """
        if is_url(source):
            raise url_refused(source)
        path = os.path.abspath(os.path.expanduser(source))
        if self.folders and not any(map(path.startswith, self._prefixes())) and path not in self.folders:
            real = os.path.realpath(path)
            if not self.holds(real):
                msg = f"{source!r} lies outside the roots {list(self.folders)} of this agent"
                raise SourceError(msg)

    def holds(self, real: str) -> bool:
        """Whether a path without links lies below a root."""
        return not self.folders or any(map(real.startswith, self._prefixes()))

    def way_out(self, folder: str) -> str | None:
        """Which link on the way to a folder leads out of the roots, if it lies outside: what is there is not told."""
        if self._near(folder):
            return None
        ways = accumulate(folder.split("/"), "{}/{}".format)
        return next((way for way in ways if way and not self._near(way, above=True)), folder)

    def _near(self, path: str, *, above: bool = False) -> bool:
        """Whether a path leads to a root or below one, or else perhaps above one."""
        real = os.path.realpath(path)
        higher = above and any(f.startswith(real.rstrip("/") + "/") for f in self.folders)
        return real in self.folders or self.holds(real) or higher

    @property
    def beyond(self) -> str:
        """What is said of what lies outside."""
        return f"leads outside the roots {list(self.folders)}"

    def _prefixes(self) -> list[str]:
        return [f.rstrip("/") + "/" for f in self.folders]

    def listed(self, sources: Sequence[str]) -> Listed:
        """See `listed`."""
        present, missing = [], []
        for source in sources:
            self.check_source(source)
            try:
                resolve([source], {})
            except NothingToScanError:
                missing.append(source)
            else:
                present.append(source)
        found = survey(present, {})
        folders = {os.path.dirname(path) for path in (*(f.name for f in found.files), *found.skipped)}
        out = {folder: self.way_out(folder or ".") for folder in folders}
        entries: dict[str, FileEntry] = {}
        for file in found.files:
            way = out[os.path.dirname(file.name)]
            told = _entry(file, self) if way is None else FileEntry(name=way, set=file.set, error=self.beyond)
            entries.setdefault(told.name, told)
        skipped = tuple((p, kind) for p, kind in found.skipped.items() if out[os.path.dirname(p)] is None)
        return tuple(entries.values()), tuple(missing), skipped

    @contextmanager
    def opened(self, entry: FileEntry) -> Iterator[FileRef]:
        """See `opened`."""
        if entry.error is not None:
            raise OSError(entry.error)
        fd = _found(entry, self)
        try:
            path = f"/proc/self/fd/{fd}"
            yield FileRef(entry.name, entry.compression, entry.set, path=path, until=entry.size, cap=cap_of(entry))
        finally:
            os.close(fd)


class Place(Protocol):
    """Where files are: on this machine, or at the other end of a conversation."""

    known: Known

    def listed(self, sources: Sequence[str]) -> Listed:
        """See `listed`."""

    def opened(self, entry: FileEntry) -> AbstractContextManager[FileRef]:
        """See `opened`."""


def url_refused(source: str) -> SourceError:
    """Say that an agent opens no URLs."""
    msg = f"{source!r} is a URL; an agent reads the files of its host"
    return SourceError(msg)


def cap_of(entry: FileEntry) -> int | None:
    """To how many bytes a file may unfold; None where it is not compressed."""
    return None if entry.compression is None else max(FREE, entry.size * RATIO)


def listed(sources: Sequence[str], roots: Place) -> Listed:
    """Sources → the files they cover on this host, each as it is now; sources that match nothing; what is no file.

    Raises
    ------
    SourceError
        A source outside the roots, a URL, or one that leads to pipes and devices only.
    """
    return roots.listed(sources)


def _entry(file: FileRef, roots: Roots) -> FileEntry:
    known: dict[str, object] = {"name": file.name, "set": file.set, "compression": file.compression}
    try:
        fd = _open(file.name, roots)
    except OSError as error:
        return FileEntry(**known, error=error.strerror or str(error))  # type: ignore[arg-type]
    try:
        status = os.fstat(fd)
        head = _head(fd, status.st_size)
        known["compression"] = compression_of(os.pread(fd, FIRST, 0), file.compression)
    finally:
        os.close(fd)
    return FileEntry(**known, device=status.st_dev, inode=status.st_ino, size=status.st_size, head=head)  # type: ignore[arg-type]


def opened(entry: FileEntry, roots: Place) -> AbstractContextManager[FileRef]:
    """Open the file of an entry, wherever it was rotated to, as a FileRef that covers what the entry does.

    Raises
    ------
    ChangedError
        It is gone, shorter, or another file in its place.
    OSError
        It cannot be read.
    """
    return roots.opened(entry)


def _found(entry: FileEntry, roots: Roots) -> int:
    """Open an entry's inode: under its name, or under that which rotation gave it."""
    refused: OSError | None = None
    for path in (entry.name, *_neighbours(entry)):
        try:
            fd = _open(path, roots)
        except FileNotFoundError:
            continue
        except OSError as error:  # what has its name now need not be a file that may be read
            refused = error
            continue
        status = os.fstat(fd)
        if (status.st_dev, status.st_ino) != (entry.device, entry.inode):
            os.close(fd)
            continue
        if status.st_size < entry.size or _head(fd, entry.size) != entry.head:
            os.close(fd)
            msg = f"changed since the query was asked: {entry.name} was cut or written over"
            raise ChangedError(msg)
        return fd
    if refused is not None:
        raise refused
    msg = f"changed since the query was asked: {entry.name} is gone"
    raise ChangedError(msg)


def _neighbours(entry: FileEntry) -> list[str]:
    """Files beside an entry's that have its inode."""
    try:
        with os.scandir(os.path.dirname(os.path.realpath(entry.name)) or ".") as beside:
            return [one.path for one in beside if one.inode() == entry.inode]
    except OSError:
        return []


def _open(path: str, roots: Roots) -> int:
    """Open a regular file below the roots; whatever it is, opening it does not block."""
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    real = os.readlink(f"/proc/self/fd/{fd}")
    regular = stat.S_ISREG(os.fstat(fd).st_mode)
    if regular and roots.holds(real):
        return fd
    os.close(fd)
    raise PermissionError(roots.beyond if regular else "no regular file")


def _head(fd: int, size: int) -> str:
    return hashlib.blake2b(os.pread(fd, min(size, HEAD), 0), digest_size=8).hexdigest()
