"""Files that are not what their names say, and sources that stand for several files."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random

import fsspec
import pytest

import logq as lq
from logq.errors import NothingToScanError, PartialResultError, SourceError
from logq.read import FileRef
from logq.read.contents import looked_at
from logq.run import Local

TEXT = b"one\ntwo\n"
LINES = ["one", "two"]
PACKED = {"gzip": gzip.compress(TEXT), "bz2": bz2.compress(TEXT), "xz": lzma.compress(TEXT)}


def read(source: object) -> list[str]:
    """Lines of a source."""
    return lq.scan(source, "plain").collect()["raw"].to_list()  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", PACKED)
def test_compression_is_told_by_the_bytes(tmp_path: Path, kind: str) -> None:
    """Under any name, in a file and in memory; detection sees what is inside."""
    for name in ("app.log.1", "app.log.gz", "app.log.xz"):
        (tmp_path / name).write_bytes(PACKED[kind])
        assert read(tmp_path / name) == LINES
    assert read(PACKED[kind]) == LINES
    assert lq.scan(gzip.compress(b'{"msg":"up"}\n')).collect()["message"].to_list() == ["up"]


def test_text_under_the_name_of_an_archive_is_text(tmp_path: Path) -> None:
    """What is neither that nor an archive stays a damaged one; text that begins like one is text."""
    (tmp_path / "a.log.gz").write_bytes(TEXT)
    (tmp_path / "b.log").write_bytes(b"BZh is how they begin\n")
    assert read(tmp_path / "a.log.gz") == LINES
    assert read(tmp_path / "b.log") == ["BZh is how they begin"]
    (tmp_path / "c.log.gz").write_bytes(b"\x00\x01\x02")
    assert lq.scan(tmp_path / "c.log.gz").run(on_failure="partial").report.files[0].error is not None


def test_an_agent_looks_too(tmp_path: Path) -> None:
    """Mixed compression on a host."""
    (tmp_path / "app.log.1").write_bytes(PACKED["gzip"])
    (tmp_path / "app.log").write_bytes(TEXT)
    with lq.Fleet.local({"a": tmp_path}) as fleet:
        assert fleet.scan("app.log*", "plain").collect()["raw"].to_list() == LINES * 2


def test_what_cannot_be_looked_at_is_what_it_is_called(tmp_path: Path) -> None:
    """Gone files, folders and URLs."""
    for file in (FileRef(str(tmp_path / "gone.gz"), "gzip"), FileRef(str(tmp_path)), FileRef("s3://b/k.gz", "gzip")):
        assert looked_at(file) == file


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32", "utf-32-be"])
def test_byte_order_marks_tell_the_encoding(encoding: str) -> None:
    """Of two and four bytes, either order."""
    mark = "" if encoding in ("utf-16", "utf-32") else "\ufeff"
    assert read((mark + "one\ntwo ü\n").encode(encoding)) == ["one", "two ü"]


def test_a_text_stream_is_read_by_its_bytes(tmp_path: Path) -> None:
    """As `sys.stdin` is; one that has none is refused."""
    (tmp_path / "a.log").write_bytes(b"\xff\n")
    with (tmp_path / "a.log").open() as stream:
        assert read(stream) == ["\ufffd"]
    assert read(io.BufferedReader(io.BytesIO(TEXT))) == LINES


def make_socket(path: Path) -> None:
    """A socket in the file system."""
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


@pytest.mark.parametrize(
    ("kind", "make"),
    [("a pipe", os.mkfifo), ("a socket", make_socket), ("a device", lambda p: p.symlink_to("/dev/null"))],
)
def test_what_is_no_file_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, make: Callable[[Path], None]
) -> None:
    """By its own name it is refused, and said what it is; in a glob it is passed over. Neither opens it."""
    monkeypatch.chdir(tmp_path)  # names of sockets are short
    make(Path("odd.log"))
    (tmp_path / "a.log").write_bytes(TEXT)
    with pytest.raises(SourceError, match=rf"odd\.log' is {kind}, no regular file"):
        lq.scan("odd.log").collect()
    assert read("*.log") == LINES
    assert read(".") == LINES


def test_a_link_to_itself_is_a_lost_file(tmp_path: Path) -> None:
    """And links that lead round in circles are no reason to read a file again."""
    (tmp_path / "a.log").write_bytes(TEXT)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "up").symlink_to(tmp_path)
    assert read(tmp_path) == LINES
    assert read(tmp_path / "**" / "*.log") == LINES
    (tmp_path / "b.log").symlink_to("b.log")
    with pytest.raises(PartialResultError, match=r"b\.log: Too many levels of symbolic links"):
        lq.scan(tmp_path / "*.log").collect()


def test_the_first_bytes_of_a_url_tell_its_compression() -> None:
    """Whatever it is called, as for files of this machine."""
    store = fsspec.filesystem("memory")
    store.pipe("/packed/a.log", gzip.compress(TEXT))
    store.pipe("/packed/b.log.gz", TEXT)
    assert read("memory://packed/a.log") == LINES
    assert read("memory://packed/b.log.gz") == LINES


def test_urls_may_have_stars_and_be_folders() -> None:
    """Listed by fsspec, in row order, hidden objects of folders left out."""
    store = fsspec.filesystem("memory")
    for name in ("app.log", "app.log.1", "app.log.2.gz", ".hidden"):
        data = gzip.compress(b"app.log.2.gz\n") if name.endswith("gz") else name.encode() + b"\n"
        store.pipe(f"/stars/{name}", data)
    expected = ["app.log.2.gz", "app.log.1", "app.log"]
    assert read("memory://stars/app.log*") == expected
    assert read("memory://stars/") == expected
    with pytest.raises(NothingToScanError, match=r"memory://stars/none\*"):
        read("memory://stars/none*")
    with pytest.raises(SourceError, match="cannot list 'nothing://a/"):
        read("nothing://a/*")


def between(monkeypatch: pytest.MonkeyPatch, do: Callable[[], None]) -> None:
    """Let `do` happen between looking at the files and reading them."""
    prepare = Local.prepare

    def prepared(self: Local, plan: object) -> object:
        found = prepare(self, plan)  # type: ignore[arg-type]
        do()
        return found

    monkeypatch.setattr(Local, "prepare", prepared)


@pytest.mark.parametrize("packed", [False, True])
def test_files_that_rotate_are_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packed: bool) -> None:
    """Each row once, though names moved on and a new file has that of the newest."""
    pack: Callable[[bytes], bytes] = gzip.compress if packed else bytes

    def rotate() -> None:
        (tmp_path / "app.log.1").rename(tmp_path / "app.log.2")
        (tmp_path / "app.log").rename(tmp_path / "app.log.1")
        (tmp_path / "app.log").write_bytes(b"new\n")

    (tmp_path / "app.log.1").write_bytes(pack(b"old\n"))
    (tmp_path / "app.log").write_bytes(pack(b"now\n"))
    between(monkeypatch, rotate)
    assert read(tmp_path / "app.log*") == ["old", "now"]


def test_a_file_in_the_place_of_another_has_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its rows are not those that were asked for; the other files are read. Moved without a successor it is found."""
    for name in ("a.log", "b.log"):
        (tmp_path / name).write_bytes(TEXT)

    def replaced() -> None:
        (tmp_path / "new").write_bytes(b"new\n")
        (tmp_path / "new").replace(tmp_path / "a.log")
        (tmp_path / "b.log").rename(tmp_path / "b.log.1")

    between(monkeypatch, replaced)
    result = lq.scan(tmp_path / "*.log", "plain").run(on_failure="partial")
    assert result.frame["raw"].to_list() == LINES
    assert [file.status for file in result.report.files] == ["failed", "ok"]
    assert "changed while read" in str(result.report.files[0].error)


@pytest.mark.parametrize(("form", "rows"), [("auto", 0), ("syslog_rfc3164", 1)])
def test_a_file_that_was_empty_is_read_as_it_was_or_as_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str, rows: int
) -> None:
    """What it would be in is not known, so nothing is read of what came; where the format is told, all is, with times."""
    path = tmp_path / "messages"
    path.touch()

    def grow() -> None:
        path.write_text("Mar  5 09:14:02 h a[1]: x\n")

    between(monkeypatch, grow)
    frame = lq.scan(path, form, year=2024).collect()
    assert frame["timestamp"].is_not_null().sum() == frame.height == rows


def test_a_long_line_a_run_of_nuls_and_mixed_ends(tmp_path: Path) -> None:
    """50 MB in one line, a hole of zeros, carriage returns here and there, no last newline: every line comes out."""
    long = b"x" * (50 << 20)
    (tmp_path / "a.log").write_bytes(b"a\r\n" + long + b"\n" + b"\0" * 9000 + b"\nb\nc\r\nd")
    rows = lq.scan(tmp_path / "a.log", "plain").select("line", "raw").collect()
    assert rows["raw"].str.len_bytes().to_list() == [1, len(long), 9000, 1, 1, 1]
    assert rows["line"].to_list() == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("head", [b"\x7fELF\x02\x01\x01\0", b"\x89PNG\r\n\x1a\n", b"SQLite format 3\0", b"PK\x03\x04"])
def test_a_binary_file_is_lines_as_any_other(tmp_path: Path, head: bytes) -> None:
    """Whatever bytes: what is between line feeds is an entry, and says that it is no text."""
    data = head + bytes(Random(head).choices(range(256), k=1 << 18)) + b"\n"
    (tmp_path / "a.log").write_bytes(data)
    result = lq.scan(tmp_path / "a.log", multiline=False, block_size=1 << 15).run()
    assert result.frame.height == result.report.entries == data.count(b"\n")
    assert result.frame["line"].to_list() == list(range(1, data.count(b"\n") + 1))
    assert result.report.files[0].unparsed
    assert set(result.frame["parse_error"].drop_nulls()) == {"invalid UTF-8"}


def test_an_old_file_is_of_the_set() -> None:
    """As X.org and dmesg name theirs."""
    resolve = sys.modules["logq.read.files"].rotation
    assert resolve("a/dmesg.old")[0] == resolve("a/dmesg")[0]
    assert resolve("a/dmesg.old")[1] < resolve("a/dmesg")[1]
