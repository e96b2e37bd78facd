"""`install`: logq pushed to a host that has none, pinned by hashes, all or nothing."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import json
import os
import shutil
import sys
import tempfile
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import logq as lq
from logq.errors import FleetError
from logq.run.bare import install, receive, wheels
from logq.run.bare.wheels import About, Bundle, Piece, bundle
from logq.run.fleet.faults import Fault
from logq.run.wire.frames import MAGIC
from tests.fleet.conftest import Sshd

HERE = About.here()
FAST = lq.Patience(start=10, silence=5, retries=2, pause=0.01)


def piece(path: str, data: bytes, digest: str | None = None) -> Piece:
    """A file of a bundle."""
    return Piece(path, digest or hashlib.sha256(data).hexdigest(), len(data), lambda: io.BytesIO(data))


SMALL = Bundle((piece("a/b.py", b"print(1)\n" * 9), piece("c.txt", b""), piece("d", os.urandom(5000))))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is pushed is little."""
    monkeypatch.setattr(install, "bundle", lambda *_: SMALL)


def bare(home: Path, **options: Any) -> lq.Node:
    """A node of this machine with a home of its own and an interpreter without packages."""
    python = f"env -u PYTHONPATH HOME={home} {Path(sys.base_prefix) / 'bin' / 'python3'}"
    return lq.Node(name="a", **{"address": "pipe:", "folder": str(home), "python": python, **options})


# --- a real one


def test_a_bare_host_over_ssh_gets_tier_a(sshd: Sshd, tmp_path: Path) -> None:
    """A home of its own, no packages, no way out: tier B before, A after; a second time nothing is sent."""
    (tmp_path / "a.log").write_text("one\ntwo\n")
    home = tmp_path / "home"
    home.mkdir()
    node = sshd.node(python=f"env -i HOME={home} {Path(sys.base_prefix) / 'bin' / 'python3'}")
    with lq.Fleet([node], patience=FAST) as fleet:
        frame = fleet.scan(str(tmp_path / "a.log"), "plain")
        assert frame.run().report.hosts[0].tier == "B"
        folder = fleet.install()["web"]
        result = frame.run()
        assert (result.report.hosts[0].tier, result.frame["raw"].to_list()) == ("A", ["one", "two"])
        fleet.close()
        assert frame.run().report.hosts[0].tier == "A"
    assert Path(folder).parent == home / ".cache" / "logq"
    assert Path(folder).name == bundle(HERE, None).digest
    assert [p.name for p in Path(folder).parent.iterdir()] == [Path(folder).name]
    stamp = Path(folder).stat().st_mtime_ns
    with lq.Fleet([node], patience=FAST, min_hosts=1) as fleet:
        assert fleet.install() == {"web": folder}
        assert fleet.scan(str(tmp_path / "a.log"), "plain").run().report.hosts[0].tier == "A"
    assert Path(folder).stat().st_mtime_ns == stamp


# --- on a host


@pytest.mark.usefixtures("small")
def test_it_is_all_or_nothing_and_comes_again_after_damage(tmp_path: Path) -> None:
    """What is whole is left alone, what is damaged is replaced, and nothing half-made stays."""
    cache = tmp_path / ".cache" / "logq"
    with lq.Fleet([bare(tmp_path)], patience=FAST) as fleet:
        folder = Path(fleet.install()["a"])
        assert sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()) == ["a/b.py", "c.txt", "d"]
        assert folder.stat().st_mode & 0o777 == 0o700
        assert fleet.install() == {"a": str(folder)}
        (folder / "d").write_bytes(b"x" * 5000)
        assert fleet.install() == {"a": str(folder)}
        assert (folder / "d").read_bytes() != b"x" * 5000
        (folder / "c.txt").unlink()
        fleet.install()
        assert (folder / "c.txt").exists()
    assert list(cache.iterdir()) == [folder]


BROKEN = {
    "twisted": Bundle((piece("a", b"data", hashlib.sha256(b"other").hexdigest()),)),
    "outside": Bundle((piece("../a", b"data"),)),
    "absolute": Bundle((piece("/a", b"data"),)),
    "huge": Bundle((replace(piece("a", b""), size=5 << 30),)),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_not_what_it_says_is_refused(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the host; nothing is left of it."""
    monkeypatch.setattr(install, "bundle", lambda *_: BROKEN[name])
    with (
        lq.Fleet([bare(tmp_path)], patience=FAST) as fleet,
        pytest.raises(FleetError, match="1 of 1 hosts have no logq: a: the receiver refused"),
    ):
        fleet.install()
    assert not [p for p in tmp_path.rglob("*") if p.is_file()]


@pytest.mark.usefixtures("small")
def test_hosts_that_do_not_take_it_are_named(tmp_path: Path) -> None:
    """The others have it."""
    nodes = [
        replace(bare(tmp_path), name="good"),
        replace(bare(tmp_path), name="bad", python="sh -c 'echo no python >&2'"),
    ]
    with (
        lq.Fleet(nodes, patience=FAST) as fleet,
        pytest.raises(FleetError, match=r"1 of 2 hosts have no logq: bad: .*no python"),
    ):
        fleet.install()
    assert (tmp_path / ".cache" / "logq" / SMALL.digest / "a" / "b.py").exists()


def test_an_error_of_ours_is_no_hosts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is raised as it is."""

    def broken(*_: object) -> Bundle:
        raise ZeroDivisionError

    monkeypatch.setattr(install, "bundle", broken)
    with lq.Fleet([bare(tmp_path)], patience=FAST) as fleet, pytest.raises(ZeroDivisionError):
        fleet.install()


class Pretender:
    """A transport that says what it is told to."""

    said = "last words"

    def __init__(self, *parts: bytes) -> None:
        self._parts = list(parts)

    async def read(self) -> bytes:
        """The next part; for ever nothing after None."""
        if not self._parts:
            await asyncio.sleep(3600)
        return self._parts.pop(0)

    async def write(self, data: bytes) -> None:
        """Hear nothing."""

    async def close(self) -> None:
        """Go."""


PRETENDERS: dict[str, tuple[tuple[bytes, ...], str]] = {
    "an end": ((b"",), "the receiver ended: last words"),
    "noise": ((b"x" * (2 << 20),), "no receiver answered; it begins"),
    "no JSON": ((MAGIC + b"{\n",), "no receiver answered"),
    "another": ((MAGIC + b'{"a":1}\n',), "no receiver answered"),
    "no version": ((MAGIC + b'{"python":3}\n',), "no receiver answered"),
    "silence": ((b"Welcome\n", MAGIC), "no answer for 0.2 s"),
}


@pytest.mark.parametrize("name", PRETENDERS)
def test_what_is_no_receiver_is_found_out(name: str) -> None:
    """In bounded time."""
    parts, words = PRETENDERS[name]
    patience = lq.Patience(start=0.2)
    with pytest.raises(Fault, match=words):
        asyncio.run(install.push(Pretender(*parts), install.Bundles(None), patience))


def spoken(cache: Path, *lines: bytes) -> list[dict[str, Any]]:
    """What a receiver answers to lines."""
    out, sink = os.pipe()
    with tempfile.TemporaryFile() as said:
        said.write(b"".join(lines))
        said.seek(0)
        source = os.dup(said.fileno())
    receive.main(source, sink, str(cache))
    os.close(sink)
    with os.fdopen(out, "rb") as told:
        text = told.read()
    os.close(source)
    assert text.startswith(MAGIC)
    return [json.loads(line) for line in text[len(MAGIC) :].splitlines()]


def announced(made: Bundle) -> bytes:
    """The line that announces a bundle."""
    return json.dumps({"digest": made.digest, "files": made.files}).encode() + b"\n"


def packed(made: Bundle) -> bytes:
    """Its bytes."""
    made.packed.seek(0)
    return made.packed.read()


def test_a_receiver_takes_what_is_whole(tmp_path: Path) -> None:
    """Once: afterwards it has it."""
    first = spoken(tmp_path, announced(SMALL), packed(SMALL))
    assert first[1:] == [{"have": False}, {"folder": str(tmp_path / SMALL.digest)}]
    assert spoken(tmp_path, announced(SMALL))[1:] == [{"have": True}, {"folder": str(tmp_path / SMALL.digest)}]
    (tmp_path / SMALL.digest / "d").write_bytes(b"x" * 5000)
    assert spoken(tmp_path, announced(SMALL), packed(SMALL))[1] == {"have": False}
    (tmp_path / SMALL.digest / "d").unlink()
    assert spoken(tmp_path, announced(SMALL), packed(SMALL))[1] == {"have": False}


def test_a_stream_may_come_byte_by_byte() -> None:
    """Nothing unfolds from the first of them."""
    source, feed = os.pipe()
    data = zlib.compress(b"some")
    os.write(feed, data[1:])
    os.close(feed)
    taken = receive.Input(source)
    taken.held = data[:1]
    assert taken.some(9) == b"some"
    os.close(source)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ((b"",), "the input ended"),
        ((b"[]\n",), ""),
        ((b"{\n",), ""),
        ((announced(SMALL).replace(b"c.txt", b"e.txt"),), "the list of files is not what its hash says"),
        ((announced(BROKEN["outside"]),), "outside the folder"),
        ((announced(BROKEN["huge"]),), "more than"),
        ((announced(BROKEN["twisted"]), packed(BROKEN["twisted"])), "a is not what its hash says"),
        ((announced(SMALL), packed(SMALL)[:-200]), "the input ended in the middle of a file"),
        ((announced(SMALL), b"no zlib stream"), "incorrect header check"),
    ],
)
def test_a_receiver_keeps_nothing_of_what_is_not(tmp_path: Path, lines: tuple[bytes, ...], words: str) -> None:
    """It says why."""
    assert words in spoken(tmp_path, *lines)[-1]["error"]
    assert not [p for p in tmp_path.rglob("*") if p.is_file()]


def test_whoever_is_second_finds_it_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two installations at once: one of them makes it, and one that cannot says so."""

    def overtaken(fresh: str, folder: str) -> None:
        shutil.copytree(fresh, folder)
        raise FileExistsError(17, "File exists")

    def in_the_way(*_: str) -> None:
        raise FileExistsError(17, "File exists")

    monkeypatch.setattr("logq.run.bare.receive.os.rename", overtaken)
    assert "folder" in spoken(tmp_path, announced(SMALL), packed(SMALL))[-1]
    shutil.rmtree(tmp_path / SMALL.digest)
    monkeypatch.setattr("logq.run.bare.receive.os.rename", in_the_way)
    assert "error" in spoken(tmp_path, announced(SMALL), packed(SMALL))[-1]


# --- what is pushed


def wheel(folder: Path, name: str, *, record: bool = True, twisted: bool = False) -> None:
    """A wheel of one module."""
    data = b"x = 1\n"
    digest = base64.urlsafe_b64encode(hashlib.sha256(data + b"!" * twisted).digest()).rstrip(b"=").decode()
    info = "-".join(name.split("-")[:2]) + ".dist-info"
    with zipfile.ZipFile(folder / name, "w") as archive:
        archive.writestr(f"{name.split('-', maxsplit=1)[0]}/__init__.py", data)
        archive.mkdir("empty")
        line = f"{name.split('-', maxsplit=1)[0]}/__init__.py,sha256={digest},6\n" if record else ""
        archive.writestr(f"{info}/RECORD", f"{line}{info}/RECORD,,\n")


def test_wheels_that_fit_are_taken_from_a_folder(tmp_path: Path) -> None:
    """By the tags in their names; each file is held to the hash in RECORD when it is received."""
    other = About(python=(3, 12), implementation="cpython", system="linux", machine="aarch64", libc="musl")
    wheel(tmp_path, f"polars-{pl.__version__}-py3-none-any.whl")
    wheel(tmp_path, f"polars_runtime_32-{pl.__version__}-cp310-abi3-musllinux_1_2_aarch64.whl")
    wheel(tmp_path, "msgspec-0.22.0-cp311-cp311-musllinux_1_2_aarch64.whl")
    with pytest.raises(FleetError, match=r"no wheel msgspec-… for cpython 3\.12, linux aarch64, musl"):
        bundle(other, tmp_path)
    wheel(tmp_path, "msgspec-0.22.0-cp312-cp312-musllinux_1_2_aarch64.whl", twisted=True)
    made = bundle(other, tmp_path)
    paths = [p.path for p in made.pieces]
    assert {"polars/__init__.py", "polars_runtime_32/__init__.py", "msgspec/__init__.py", "logq/__init__.py"} <= set(
        paths
    )
    assert paths == sorted(paths)
    assert zlib.decompress(packed(made)).count(b"x = 1\n") >= 3
    home = tmp_path / "cache"
    assert "msgspec/__init__.py is not what its hash says" in spoken(home, announced(made), packed(made))[-1]["error"]


def test_of_several_wheels_the_right_one_is_taken(tmp_path: Path) -> None:
    """Polars of the very version here, msgspec the latest by its numbers."""
    version = pl.__version__
    for name in ("polars", "polars_runtime_32"):
        for other in (version, f"{version}0", f"{version}rc1", f"{version}.post1"):
            wheel(tmp_path, f"{name}-{other}-py3-none-any.whl")
    for other in ("0.9.0", "0.22.0", "0.100.0"):
        wheel(tmp_path, f"msgspec-{other}-py3-none-any.whl")
    taken = {piece.open.args[0].name for piece in bundle(HERE, tmp_path).pieces if not piece.path.startswith("logq")}  # type: ignore[attr-defined]
    assert taken == {
        f"polars-{version}-py3-none-any.whl",
        f"polars_runtime_32-{version}-py3-none-any.whl",
        "msgspec-0.100.0-py3-none-any.whl",
    }


@pytest.mark.parametrize("name", ["no archive", "no record"])
def test_what_is_no_wheel_is_named(tmp_path: Path, name: str) -> None:
    """Though it is called one."""
    path = tmp_path / f"polars-{pl.__version__}-py3-none-any.whl"
    path.write_text("no archive")
    if name == "no record":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("polars/__init__.py", "")
    with pytest.raises(FleetError, match=r"polars-.*\.whl is no wheel"):
        bundle(HERE, tmp_path)


def test_files_of_wheels_need_hashes(tmp_path: Path) -> None:
    """One without is no pinned wheel."""
    wheel(tmp_path, f"polars-{pl.__version__}-py3-none-any.whl", record=False)
    with pytest.raises(FleetError, match="has no SHA-256 in RECORD"):
        bundle(HERE, tmp_path)


def test_hosts_that_cannot_run_it_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Too old, of another platform, or nothing installed here to give."""
    with pytest.raises(FleetError, match=r"Polars needs Python ≥ 3\.11"):
        bundle(replace(HERE, python=(3, 9)), None)
    with pytest.raises(FleetError, match="give a folder of wheels"):
        bundle(replace(HERE, machine="vax"), None)
    monkeypatch.setattr(wheels, "NEEDED", ("no-such-distribution",))
    with pytest.raises(FleetError, match="not installed here as a distribution"):
        bundle(HERE, None)


def test_nothing_of_this_machine_is_pushed() -> None:
    """Records of the installation, links and byte code stay; the pin is the same every time."""
    made = bundle(HERE, None)
    assert made.digest == bundle(HERE, None).digest
    assert not [p.path for p in made.pieces if p.path.endswith(("RECORD", "direct_url.json", ".pyc")) or ".." in p.path]


def test_files_without_a_recorded_hash_are_summed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As an installer may leave them."""
    (tmp_path / "x.py").write_text("x\n")

    class File(type(Path())):  # type: ignore[misc]
        hash = None

        def locate(self) -> Path:
            return tmp_path / "x.py"

    class Installed:
        files = (File("x.py"),)

    monkeypatch.setattr(wheels, "distribution", lambda _: Installed)
    monkeypatch.setattr(wheels, "NEEDED", ("x",))
    found = [p for p in bundle(HERE, None).pieces if p.path == "x.py"]
    assert [p.digest for p in found] == [hashlib.sha256(b"x\n").hexdigest()]
