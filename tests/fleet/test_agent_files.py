"""The agent: which files it tells of and opens."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest

from logq.errors import SourceError
from logq.run.agent.files import ChangedError, Roots, listed, opened
from logq.run.bare import agent

bare: Any = agent  # untyped, for the oldest Python


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder an agent may read, beside one it may not."""
    (tmp_path / "secret").write_text("secret\n")
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "a.log").write_text("one\ntwo\n")
    return folder


def test_files_are_told_by_what_they_are(root: Path) -> None:
    """Size, inode and the hash of the head; sources that match nothing are told apart."""
    (entry,), missing, _ = listed([str(root / "*.log"), str(root / "none*")], Roots([str(root)]))
    assert (entry.name, entry.size, entry.inode, entry.error) == (
        str(root / "a.log"),
        8,
        (root / "a.log").stat().st_ino,
        None,
    )
    assert missing == (str(root / "none*"),)
    assert listed(["nowhere"], Roots([])) == ((), ("nowhere",), ())


@pytest.mark.parametrize(
    "words", ["../secret", "../logs/../secret", "../sec*", "/etc/passwd", "~/x", "file:///etc/passwd"]
)
def test_sources_outside_the_roots_are_refused(root: Path, words: str) -> None:
    """Before anything is looked up."""
    source = words if words[0] in "/~f" else f"{root}/{words}"
    with pytest.raises(SourceError, match=r"outside the roots|is a URL"):
        listed([source], Roots([str(root)]))


def test_links_that_lead_out_are_not_followed(root: Path) -> None:
    """Neither a file's nor a folder's; links inside are fine, and so is a root that is a link itself."""
    (root / "out.log").symlink_to(root.parent / "secret")
    (root / "in.log").symlink_to(root / "a.log")
    shutil.copy(root / "a.log", root / "b.log")
    (root.parent / "alias").symlink_to(root)
    entries, *_ = listed([str(root / "*.log")], Roots([str(root)]))
    assert {Path(e.name).name: e.error for e in entries} == {
        "a.log": None,
        "b.log": None,
        "out.log": f"leads outside the roots ['{root}']",
    }
    through, *_ = listed([str(root.parent / "alias" / "b.log")], Roots([str(root)]))
    assert [e.error for e in through] == [None]
    with pytest.raises(OSError, match="leads outside"), opened(next(e for e in entries if e.error), Roots([str(root)])):
        pass


def test_pipes_and_devices_are_not_opened(root: Path) -> None:
    """Alone they are an error, in a glob passed over; put in a file's place they are found out without blocking."""
    os.mkfifo(root / "pipe.log")
    with pytest.raises(SourceError, match="no regular file"):
        listed([str(root / "pipe.log")], Roots([str(root)]))
    with pytest.raises(SourceError, match="no regular file"):
        listed(["/dev/null"], Roots([]))
    (entry,), *_ = listed([str(root / "*.log")], Roots([str(root)]))
    (root / "a.log").unlink()
    os.mkfifo(root / "a.log")
    with pytest.raises(OSError, match="no regular file"), opened(entry, Roots([str(root)])):
        pass


def test_unreadable_files_are_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the system's word for it."""

    def refused(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("logq.run.agent.files._open", refused)
    (entry,), *_ = listed([str(root / "a.log")], Roots([]))
    assert entry.error == "Permission denied"


def test_a_file_is_followed_by_its_inode(root: Path) -> None:
    """Through rotation, with later lines left out."""
    (entry,), *_ = listed([str(root / "a.log")], Roots([]))
    (root / "a.log").rename(root / "a.log.1")
    (root / "a.log").write_text("new\n")
    with (root / "a.log.1").open("a") as more:
        more.write("three\n")
    with opened(entry, Roots([])) as file:
        assert (file.name, file.until) == (str(root / "a.log"), 8)
        assert Path(file.where).read_text() == "one\ntwo\nthree\n"


def test_what_has_its_name_now_need_not_be_a_file(root: Path) -> None:
    """Either agent looks further; what cannot be opened anywhere says why."""
    (entry,), *_ = listed([str(root / "a.log")], Roots([str(root)]))
    told = msgspec.structs.asdict(entry)
    (root / "a.log").rename(root / "a.log.1")
    os.mkfifo(root / "a.log")
    with opened(entry, Roots([str(root)])) as file:
        assert Path(file.where).read_text() == "one\ntwo\n"
    os.close(bare.found(told, bare.Roots([str(root)])))
    elsewhere = str(root / "elsewhere")
    with pytest.raises(PermissionError, match="outside the roots"), opened(entry, Roots([elsewhere])):
        pass
    with pytest.raises(PermissionError, match="outside the roots"):
        bare.found(told, bare.Roots([elsewhere]))


@pytest.mark.parametrize("change", ["deleted", "cut", "written over", "replaced", "folder gone"])
def test_a_file_that_is_another_is_changed(root: Path, change: str) -> None:
    """Gone, cut short, overwritten in place, or another by its name."""
    path = root / "a.log"
    (entry,), *_ = listed([str(path)], Roots([]))
    match change:
        case "deleted":
            path.unlink()
        case "cut":
            os.truncate(path, 3)
        case "written over":
            path.write_text("XXX\nYYY\nZZZ\n")
        case "replaced":
            (root / "b").write_text("one\ntwo\n")
            (root / "b").replace(path)
        case _:
            shutil.rmtree(root)
    with pytest.raises(ChangedError, match="changed since the query was asked"), opened(entry, Roots([])):
        pass
