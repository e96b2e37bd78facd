"""Which files a scan covers, and in which order: rotation sets by name, oldest file first."""

from __future__ import annotations

import glob
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import IO, TYPE_CHECKING, Final

from logq.errors import NothingToScanError, SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["COMPRESSIONS", "LISTERS", "FileRef", "is_url", "not_regular", "ranked", "resolve", "rotation", "survey"]

COMPRESSIONS: Final[Mapping[str, str]] = {
    ".gz": "gzip",
    ".zst": "zstd",
    ".zstd": "zstd",
    ".bz2": "bz2",
    ".xz": "xz",
    ".lzma": "xz",
}
NUMBERED: Final = re.compile(r"^(?P<base>.+?)\.(?P<number>\d{1,5})$")
DATED: Final = re.compile(
    r"^(?P<head>.+?)[-._](?P<date>\d{4}-?\d\d-?\d\d)(?P<more>(?:[-_.:T]?\d{1,9}(?:[-_.:]\d{1,9}){0,4})?)"
    r"(?P<tail>(?:\.[A-Za-z]\w*)?)(?:\.(?P<number>\d{1,5}))?$"
)
"""A date; a time of day or the number of a file of that day; how often the file was moved on since."""

URL: Final = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://")
CURRENT: Final = "~"
MOVES: Final = 4
"""So many times a file may have moved on before it was opened."""

NO_INODES: Final[Mapping[str, tuple[int, int]]] = MappingProxyType({})

LISTERS: Final[list[Callable[[str], list[str]]]] = []
"""How URLs that stand for several objects are listed; the floor that may import fsspec puts its lister here."""


@dataclass(frozen=True, slots=True)
class FileRef:
    """One file of a scan: `name` is what users see in `source`, `set` numbers its rotation set.

    `path` is where its bytes are now, if not under its name; `opener` opens it, if they are not on this machine, where
    it was `modified` then (seconds since 1970); `until` is how many of them count, where later ones are to be passed
    over; `since`, of a plain file, how many at its head are passed over, up to an entry's start; `cap` how many bytes
    it may unfold to, where it is compressed; `inode` the device and number by which it is known again should it be
    rotated before it is read.
    """

    name: str
    compression: str | None = None
    set: int = 0
    buffer: bytes | None = None
    path: str | None = None
    until: int | None = None
    since: int = 0
    cap: int | None = None
    inode: tuple[int, int] | None = None
    opener: Callable[[], IO[bytes]] | None = None
    modified: float | None = None

    @property
    def where(self) -> str:
        """Path or URL at which it is opened."""
        return self.path or self.name

    @property
    def local(self) -> bool:
        """Whether it is a file of this machine's file system."""
        return self.buffer is None and self.opener is None and not is_url(self.name)

    @property
    def size(self) -> int | None:
        """Decoded bytes, as far as known without reading: not of a compressed or vanished file, nor of a URL."""
        return None if self.compression is not None else self.stored

    @property
    def stored(self) -> int | None:
        """Bytes as they are stored; None of a vanished file or a URL."""
        if self.buffer is not None:
            return len(self.buffer)
        if self.opener is not None:
            return self.until
        status = _status(self.where) if self.local else None
        if status is None:
            return None
        return (status.st_size if self.until is None else min(status.st_size, self.until)) - self.since

    def open(self) -> int:
        """Open it for reading, under the name that rotation gave it if need be; return the descriptor.

        Raises
        ------
        OSError
            It cannot be read, is no regular file, or is gone and another has its name.
        """
        where = self.where
        for _ in range(MOVES):
            try:
                fd = os.open(where, os.O_RDONLY | os.O_NONBLOCK)
            except FileNotFoundError as gone:
                failure: OSError = gone
            else:
                status = os.fstat(fd)
                regular = stat.S_ISREG(status.st_mode)
                if regular and self.inode in (None, (status.st_dev, status.st_ino)):
                    return fd
                os.close(fd)
                if not regular:
                    msg = "no regular file"
                    raise OSError(msg)
                failure = OSError(f"changed while read: {self.name} is another file than it was")
            moved = self._moved()
            if moved is None:
                break
            where = moved
        raise failure

    def _moved(self) -> str | None:
        """Where the file is now that had this name, if in the same folder."""
        try:
            with os.scandir(os.path.dirname(os.path.realpath(self.where)) or ".") as beside:
                return next((one.path for one in beside if self.inode and one.inode() == self.inode[1]), None)
        except OSError:
            return None


def is_url(source: str) -> bool:
    """Whether a source names a protocol (`s3://…`) and not a path."""
    return URL.match(source) is not None


def rotation(path: str) -> tuple[str, tuple[str, int]]:
    """Path → (name of its rotation set, sort key within it: older is smaller).

    >>> sorted(["a.log", "a.log.1", "a.log.10.gz", "a.log.2"], key=lambda p: rotation(p)[1])
    ['a.log.10.gz', 'a.log.2', 'a.log.1', 'a.log']
    >>> {rotation(p)[0] for p in ["a.log", "a.log-20240101", "a-2024-01-02.log", "a.log.1.gz"]}
    {'a.log'}
    """
    folder, _, name = path.rpartition("/")
    stem, extension = os.path.splitext(name)
    if extension in COMPRESSIONS:
        name = stem
    date, number = CURRENT, 0
    if dated := DATED.match(name):
        later = (f".{int(digits):09}" for digits in re.findall(r"\d+", dated["more"]))
        name, date = dated["head"] + dated["tail"], dated["date"].replace("-", "") + "".join(later)
        number = int(dated["number"] or 0)
    elif name.endswith(".old"):
        name, number = name.removesuffix(".old"), 1
    elif numbered := NUMBERED.match(name):
        name, number = numbered["base"], int(numbered["number"])
    return f"{folder}/{name}" if folder else name, (date, -number)


@dataclass(frozen=True, slots=True)
class Survey:
    """Files of a scan in row order, and what of it is no regular file: path → kind."""

    files: tuple[FileRef, ...]
    skipped: Mapping[str, str]


def resolve(sources: Iterable[str], buffers: Mapping[str, bytes]) -> tuple[FileRef, ...]:
    """Give the files of a survey."""
    return survey(sources, buffers).files


def survey(sources: Iterable[str], buffers: Mapping[str, bytes]) -> Survey:
    """Expand paths, globs and folders; order by rotation set; read a file listed twice once.

    A name that leads nowhere (a dangling link, a file that vanished since) stays, and so does a folder that cannot be
    listed: to read it is to lose it. Pipes, devices and the like are skipped.

    Raises
    ------
    SourceError
        A source that matches nothing, or nothing but pipes, devices and the like.
    """
    found: dict[object, str] = {}
    inodes: dict[str, tuple[int, int]] = {}
    skipped: dict[str, str] = {}
    for source in sources:
        if source in buffers or is_url(source):
            found |= {url: url for url in ([source] if source in buffers else _expand_url(source)) if url not in found}
            continue
        listed, special = _expand(source)
        skipped |= special
        for path in listed:
            status = _status(path)
            known = (status.st_dev, status.st_ino) if status else None
            if found.setdefault(known or path, path) == path and known:
                inodes[path] = known
    return Survey(ranked(found.values(), buffers, inodes), skipped)


def ranked(
    names: Iterable[str], buffers: Mapping[str, bytes], inodes: Mapping[str, tuple[int, int]] = NO_INODES
) -> tuple[FileRef, ...]:
    """Order names by rotation set, oldest file first."""
    ordered = sorted((*rotation(name), name) for name in names)
    sets = {name: i for i, name in enumerate(dict.fromkeys(key for key, _, _ in ordered))}
    return tuple(
        FileRef(
            name=name,
            compression=COMPRESSIONS.get(os.path.splitext(name)[1]),
            set=sets[key],
            buffer=buffers.get(name),
            inode=inodes.get(name),
        )
        for key, _, name in ordered
    )


def _expand_url(source: str) -> list[str]:
    """Objects that a URL with a `*`, or of a folder (with a final slash), stands for."""
    if not LISTERS or not ("*" in source or source.endswith("/")):
        return [source]
    listed = LISTERS[0](source)
    if not listed:
        msg = f"nothing to scan: {source!r} matches no file"
        raise NothingToScanError(msg)
    return listed


def _expand(source: str) -> tuple[list[str], dict[str, str]]:
    """Names that a source stands for: those to be read, and what the others are."""
    path = os.path.expanduser(source)
    lost: list[str] = []
    if os.path.isdir(path):
        listed, lost = _below(path)
    elif os.path.lexists(path):
        listed = [path]
    else:
        listed = sorted(p for p in glob.glob(path, recursive=True) if not os.path.isdir(p))
    if not (listed or lost):
        msg = f"nothing to scan: {source!r} matches no file"
        raise NothingToScanError(msg)
    special = {p: _kind(p) for p in listed if (status := _status(p)) is not None and not stat.S_ISREG(status.st_mode)}
    regular = [p for p in listed if p not in special]
    if not (regular or lost):
        raise SourceError(not_regular(source, special[listed[0]]))
    return regular + lost, special


def _below(folder: str) -> tuple[list[str], list[str]]:
    """Names below a folder but those that begin with a dot, and folders that cannot be listed."""
    unlisted: list[OSError] = []
    walk = os.walk(folder, onerror=unlisted.append)
    found = [str(Path(at, name)) for at, _, names in walk for name in names if not name.startswith(".")]
    return sorted(found), [str(Path(error.filename)) for error in unlisted]


def not_regular(source: str, kind: str) -> str:
    """Say that a source leads to pipes, devices and the like."""
    return f"{source!r} is {kind}, no regular file; logq reads files, folders, globs and fsspec URLs"


def _kind(path: str) -> str:
    status = _status(path)
    mode = status.st_mode if status else 0
    kinds = {stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device"}
    return kinds.get(stat.S_IFMT(mode), "gone")


def _status(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except OSError:
        return None
