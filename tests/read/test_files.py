"""Which files a scan covers, and in which order."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import logq as lq
from logq.errors import PartialResultError, SourceError
from logq.read import FileRef
from logq.read.files import resolve, rotation


def names(*sources: object) -> list[str]:
    """File names in the order in which they are read."""
    return [Path(f.name).name for f in resolve([str(s) for s in sources], {})]


def touch(folder: Path, *files: str) -> None:
    """Make files that hold their own names."""
    for file in files:
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file + "\n")


@pytest.mark.parametrize(
    ("ordered", "base"),
    [
        (["a.log.10", "a.log.2.gz", "a.log.1", "a.log"], "a.log"),
        (["a.log-20240101", "a.log-20240102.gz", "a.log"], "a.log"),
        (["a-2024-01-01.log", "a-2024-01-02.log.1", "a-2024-01-02.log", "a.log"], "a.log"),
        (["server.log.2016-12-19-17", "server.log.2016-12-19-18", "server.log"], "server.log"),
        (
            ["a.log.2024-01-01.0.gz", "a.log.2024-01-01.1.gz", "a.log.2024-01-01.10.gz", "a.log.2024-01-02.0.gz"],
            "a.log",
        ),
        (["a-2024-01-01.9.txt", "a-2024-01-01.10.txt", "a-2024-01-02.0.txt", "a.txt"], "a.txt"),
        (["a-2024-01-01T10-11-12.345.log", "a-2024-01-01T10-11-13.001.log.gz", "a.log"], "a.log"),
        (["a.log.2024-01-01", "a.log.2024-01-01.1", "a.log.2024-01-01.2", "a.log"], "a.log"),
        (["x/a.log.2.zst", "x/a.log.1.xz", "x/a.log.bz2"], "x/a.log"),
        (["s3://b/a.log.2", "s3://b/a.log.1", "s3://b/a.log"], "s3://b/a.log"),
    ],
)
def test_a_rotation_set_is_read_oldest_first(ordered: list[str], base: str) -> None:
    """Numbers count back, dates and numbers behind them on, the file without either is the newest; all share one name."""
    assert sorted(set(ordered), key=lambda p: rotation(p)[1]) == ordered
    assert {rotation(p)[0] for p in ordered} == {base}


def test_sets_come_by_name_and_files_within_by_age(tmp_path: Path) -> None:
    """Row order is (rotation-set name, oldest file first), however the files are listed."""
    touch(tmp_path, "b.log", "a.log.1", "a.log", "b.log.2", "a.log.10")
    found = resolve([str(tmp_path / "*")], {})
    assert [Path(f.name).name for f in found] == ["a.log.10", "a.log.1", "a.log", "b.log.2", "b.log"]
    assert [f.set for f in found] == [0, 0, 0, 1, 1]


def test_globs_folders_and_brackets(tmp_path: Path) -> None:
    """`**` goes down, a folder means every file below it but hidden ones, and a name that exists is no pattern."""
    touch(tmp_path, "a.log", "deep/er/b.log", ".hidden", "c[1].log", "c1.log")
    assert names(tmp_path / "**" / "*.log") == ["a.log", "c1.log", "c[1].log", "b.log"]
    assert names(tmp_path) == ["a.log", "c1.log", "c[1].log", "b.log"]
    assert names(tmp_path / "c[1].log") == ["c[1].log"]


def test_a_home_is_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`~` is the user's home."""
    touch(tmp_path, "a.log")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert names("~/a.log") == ["a.log"]


def test_a_file_is_read_once(tmp_path: Path) -> None:
    """Listed twice, linked softly or hard, by glob and by name: one file, under the name it was first found by."""
    touch(tmp_path, "a.log")
    (tmp_path / "soft.log").symlink_to(tmp_path / "a.log")
    os.link(tmp_path / "a.log", tmp_path / "hard.log")
    assert names(tmp_path / "a.log", tmp_path / "*.log", tmp_path / "soft.log") == ["a.log"]
    assert lq.scan([tmp_path / "*.log", tmp_path / "a.log"]).collect().height == 1


def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    """A pipe among files is passed over (opening one would hang); nothing but a pipe is refused."""
    touch(tmp_path, "a.log")
    os.mkfifo(tmp_path / "pipe.log")
    assert names(tmp_path / "*.log") == ["a.log"]
    with pytest.raises(SourceError, match="no regular file"):
        names(tmp_path / "pipe.log")


@pytest.mark.parametrize("source", ["none.log", "*.none", "empty"])
def test_nothing_to_scan_is_an_error_that_names_the_source(tmp_path: Path, source: str) -> None:
    """A path, glob or folder without any file raises SourceError."""
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceError, match=f"nothing to scan: .*{source.strip('*')}"):
        lq.scan(tmp_path / source).collect()


def test_a_dangling_link_is_a_lost_file(tmp_path: Path) -> None:
    """It costs no more than itself: the others are read, then PartialResultError names it."""
    touch(tmp_path, "a.log", "c.log")
    (tmp_path / "b.log").symlink_to(tmp_path / "gone")
    with pytest.raises(PartialResultError, match=r"1 of 3 files .*b\.log: No such file") as caught:
        lq.scan(tmp_path / "*.log").collect()
    assert caught.value.partial["raw"].to_list() == ["a.log", "c.log"]


def test_what_a_folder_holds_is_read_lost_or_skipped_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dangling link and a folder that cannot be listed are losses; a pipe is none, and stands in the report."""
    touch(tmp_path, "a.log", ".hidden")
    (tmp_path / "b.log").symlink_to(tmp_path / "gone")
    os.mkfifo(tmp_path / "pipe.log")
    (tmp_path / "shut").mkdir()
    listing = os.scandir

    def guarded(path: str) -> object:
        if str(path).endswith("shut"):
            raise PermissionError(13, "Permission denied", path)
        return listing(path)

    monkeypatch.setattr(os, "scandir", guarded)
    with pytest.raises(PartialResultError, match="2 of 3 files") as caught:
        lq.scan(tmp_path).collect()
    report = caught.value.report
    assert [(Path(f.source).name, f.status) for f in report.files] == [
        ("a.log", "ok"),
        ("b.log", "failed"),
        ("shut", "failed"),
    ]
    assert [(Path(s.source).name, s.kind, s.host) for s in report.skipped] == [("pipe.log", "a pipe", None)]
    assert caught.value.partial["raw"].to_list() == ["a.log"]


def test_what_is_no_file_does_not_make_an_answer_partial(tmp_path: Path) -> None:
    """In a glob it is named in the report, and that is all."""
    touch(tmp_path, "a.log")
    os.mkfifo(tmp_path / "pipe.log")
    (tmp_path / "null.log").symlink_to("/dev/null")
    report = lq.scan(tmp_path / "*.log").run().report
    assert [(Path(s.source).name, s.kind) for s in report.skipped] == [("null.log", "a device"), ("pipe.log", "a pipe")]
    assert not report.incomplete


def test_what_a_file_is_follows_from_its_name() -> None:
    """Bytes and URLs are no local files; the ending tells the compression."""
    url, data = FileRef("s3://b/k.log"), FileRef("<bytes 0>", buffer=b"")
    assert (url.local, data.local, FileRef("/a").local) == (False, False, True)
    kinds = [
        f.compression for f in resolve(["s3://b/a.gz", "s3://b/a.zst", "s3://b/a.bz2", "s3://b/a.xz", "s3://b/a"], {})
    ]
    assert sorted(map(str, kinds)) == ["None", "bz2", "gzip", "xz", "zstd"]


def test_a_file_that_moves_on_again_is_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the look for its new name and its opening logs are rotated once more: never is another file read for it."""
    touch(tmp_path, "app.log")
    status = (tmp_path / "app.log").stat()
    file = FileRef(str(tmp_path / "app.log"), inode=(status.st_dev, status.st_ino))
    moved, times = FileRef._moved, 0

    def rotated(own: FileRef) -> str | None:
        nonlocal times
        found, times = moved(own), times + 1
        (tmp_path / f"app.log.{times}").rename(tmp_path / f"app.log.{times + 1}")
        touch(tmp_path, f"app.log.{times}")
        return found

    (tmp_path / "app.log").rename(tmp_path / "app.log.1")
    touch(tmp_path, "app.log")
    with monkeypatch.context() as patched:
        patched.setattr(FileRef, "_moved", rotated)
        with pytest.raises(OSError, match="is another file than it was"):
            file.open()
    descriptor = file.open()
    with os.fdopen(descriptor) as stream:
        assert stream.read() == "app.log\n"
        assert os.fstat(descriptor).st_ino == status.st_ino
    (tmp_path / f"app.log.{times + 1}").unlink()
    with pytest.raises(OSError, match="is another file than it was"):
        file.open()
    (tmp_path / "app.log").unlink()
    with pytest.raises(FileNotFoundError):
        file.open()
