"""What is installed on a host: the files of logq, Polars and msgspec, pinned by their hashes."""

from __future__ import annotations

import base64
import hashlib
import platform
import re
import sys
import tempfile
import weakref
import zipfile
import zlib
from dataclasses import dataclass
from functools import cached_property, partial
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Any, Final

import polars as pl

import logq
from logq.errors import FleetError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["About", "Bundle", "bundle"]

LEAST: Final = (3, 11)
OURS: Final = "polars-runtime-32"
NEEDED: Final = ("polars", OURS, "msgspec")
LEVEL: Final = 1
"""Of what Polars is, 178 MB, level 1 makes 61 in 2 s."""

PRIVATE: Final = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json")
"""Files of an installation that are about the machine it is on."""


@dataclass(frozen=True, kw_only=True)
class About:
    """An interpreter: what is installed for it must fit."""

    python: tuple[int, int]
    implementation: str
    system: str
    machine: str
    libc: str

    @classmethod
    def here(cls) -> About:
        """The interpreter that runs here."""
        libc = "glibc" if platform.libc_ver()[0] == "glibc" else "musl"
        made = {"implementation": sys.implementation.name, "system": sys.platform, "machine": platform.machine()}
        return cls(python=sys.version_info[:2], libc=libc, **made)

    def __str__(self) -> str:
        return f"{self.implementation} {self.python[0]}.{self.python[1]}, {self.system} {self.machine}, {self.libc}"

    def fits(self, wheel: str) -> bool:
        """Whether a wheel, by the tags in its name, is for this interpreter.

        >>> here = About(python=(3, 12), implementation="cpython", system="linux", machine="x86_64", libc="glibc")
        >>> [here.fits(f"a-1-{tags}.whl") for tags in ("py3-none-any", "cp310-abi3-manylinux_2_17_x86_64")]
        [True, True]
        >>> here.fits("a-1-cp311-cp311-manylinux_2_17_x86_64.whl")
        False
        """
        python, abi, place = wheel.removesuffix(".whl").split("-")[-3:]
        kind = "musllinux" if self.libc == "musl" else "manylinux"
        spot = any(p == "any" or (p.startswith((kind, "linux")) and p.endswith(self.machine)) for p in place.split("."))
        own = f"cp{self.python[0]}{self.python[1]}"
        stable = abi == "abi3" and any(_minor(p) <= self.python[1] for p in python.split("."))
        exact = own in python.split(".") and abi in (own, "none")
        return spot and (stable or exact or ("py3" in python.split(".") and abi == "none"))


@dataclass(frozen=True)
class Piece:
    """A file: its path below the folder, the SHA-256 of its bytes, their number, and how to open them."""

    path: str
    digest: str
    size: int
    open: Callable[[], IO[bytes]]


@dataclass(frozen=True)
class Bundle:
    """Files that make an installation."""

    pieces: tuple[Piece, ...]

    @property
    def files(self) -> list[list[Any]]:
        """Path, hash and size of each."""
        return [[p.path, p.digest, p.size] for p in self.pieces]

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the list of files, which pins each."""
        return hashlib.sha256("".join(f"{p.digest} {p.size} {p.path}\n" for p in self.pieces).encode()).hexdigest()

    @cached_property
    def packed(self) -> IO[bytes]:
        """All bytes, one file after another, compressed."""
        pack, store = zlib.compressobj(LEVEL), tempfile.TemporaryFile()  # noqa: SIM115 (it lives as long as the bundle)
        for piece in self.pieces:
            with piece.open() as file:
                while data := file.read(1 << 20):
                    store.write(pack.compress(data))
        store.write(pack.flush())
        weakref.finalize(self, store.close)
        return store


def bundle(host: About, wheels: Path | None) -> Bundle:
    """Collect what a host needs, from a folder of wheels or else from what is installed here.

    Raises
    ------
    FleetError
        Its interpreter is too old, or nothing there is fits it.
    """
    if host.python < LEAST:
        msg = f"Polars needs Python ≥ {LEAST[0]}.{LEAST[1]}, and there is {host}; tier B asks it without"
        raise FleetError(msg)
    found = _of_wheels(host, wheels) if wheels is not None else _installed(host)
    return Bundle(tuple(sorted([*_logq(), *found], key=lambda p: p.path)))


def _logq() -> Iterable[Piece]:
    """Files of the logq that runs here: the agent is to be of the same."""
    root = Path(logq.__file__).parent
    for path in sorted(root.rglob("*")):
        if path.suffix == ".py" or path.name == "py.typed":
            data = path.read_bytes()
            name = (PurePosixPath("logq") / path.relative_to(root).as_posix()).as_posix()
            yield Piece(name, hashlib.sha256(data).hexdigest(), len(data), partial(_open, path))


def _installed(host: About) -> Iterable[Piece]:
    here = About.here()
    if host != here:
        msg = f"what is installed here is for {here}, and there is {host}; give a folder of wheels"
        raise FleetError(msg)
    for name in NEEDED:
        try:
            files = distribution(name).files or []
        except PackageNotFoundError as error:
            msg = f"{name} is not installed here as a distribution; give a folder of wheels"
            raise FleetError(msg) from error
        for file in files:
            if ".." not in file.parts and file.name not in PRIVATE and file.suffix != ".pyc":
                path = Path(str(file.locate()))
                digest = _hex(file.hash.value) if file.hash is not None and file.hash.mode == "sha256" else _sum(path)
                yield Piece(file.as_posix(), digest, path.stat().st_size, partial(_open, path))


def _of_wheels(host: About, folder: Path) -> Iterable[Piece]:
    for name in NEEDED:
        begin = f"{name.replace('-', '_')}-{f'{pl.__version__}-' if name != 'msgspec' else ''}"
        fitting = [p for p in folder.glob(f"{begin}*.whl") if host.fits(p.name)]
        if not fitting:
            msg = f"no wheel {begin}… for {host} in {str(folder)!r}"
            raise FleetError(msg)
        latest = max(fitting, key=_version)
        try:
            yield from _unpacked(latest)
        except zipfile.BadZipFile as error:
            msg = f"{latest.name} is no wheel: {error}"
            raise FleetError(msg) from error


def _version(wheel: Path) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", wheel.name.split("-")[1])]


def _unpacked(wheel: Path) -> Iterable[Piece]:
    """Files of a wheel; each is held to the hash that the wheel's RECORD gives."""
    with zipfile.ZipFile(wheel) as archive:
        names = [i for i in archive.infolist() if not i.is_dir() and not i.filename.endswith("/RECORD")]
        record = next((i for i in archive.namelist() if i.endswith(".dist-info/RECORD")), None)
        if record is None:
            msg = f"{wheel.name} is no wheel: it has no RECORD"
            raise FleetError(msg)
        lines = (line.rsplit(",", 2) for line in archive.read(record).decode().splitlines())
        digests = {path.strip('"'): digest for path, digest, _ in lines}
        for info in names:
            mode, _, value = digests.get(info.filename, "").partition("=")
            if mode != "sha256":
                msg = f"{wheel.name}: {info.filename} has no SHA-256 in RECORD"
                raise FleetError(msg)
            yield Piece(info.filename, _hex(value), info.file_size, partial(_member, wheel, info.filename))


def _open(path: Path) -> IO[bytes]:
    return path.open("rb")


def _member(wheel: Path, name: str) -> IO[bytes]:
    return zipfile.ZipFile(wheel).open(name)


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _hex(value: str) -> str:
    return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)).hex()


def _minor(tag: str) -> int:
    return int(tag[3:]) if tag.startswith("cp3") and tag[3:].isdigit() else 99
