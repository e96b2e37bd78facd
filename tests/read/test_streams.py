"""Files as blocks: any size, any compression, any encoding, any damage."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import sys
from collections.abc import Callable
from pathlib import Path

import fsspec
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import logq as lq
from logq.errors import BuildError, PartialResultError, SourceError
from logq.read import Block, FileRef, blocks, streams
from logq.read.streams import chunks
from logq.run.urls import install_openers

install_openers()
LOG = b"head\nE one\n  more\nE two\n\nE three\r\n  a\n  b\nE four"
RANDOM = random.Random(7)
LONG = b"".join(b"E %d %x\n" % (i, RANDOM.getrandbits(64)) for i in range(60_000))
PACK: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": lambda data: pa.compress(data, codec="zstd", asbytes=True),
}
KIND = {"gz": "gzip", "bz2": "bz2", "xz": "xz", "zst": "zstd"}


def taken(file: FileRef, **options: object) -> tuple[list[Block], OSError | None]:
    """Blocks up to the damage, and the damage."""
    found: list[Block] = []
    try:
        found.extend(blocks(file, **{"start": None, **options}))  # type: ignore[arg-type]
    except OSError as error:
        return found, error
    return found, None


@given(st.integers(1, 60), st.sampled_from([None, "^E", "^never"]), st.booleans())
def test_blocks_are_the_file_cut_at_entry_starts(
    tmp_path_factory: pytest.TempPathFactory, size: int, start: str | None, stream: bool
) -> None:
    """For any size and either way of reading: in order and without gaps, and each block but the first begins an entry."""
    path = tmp_path_factory.getbasetemp() / "blocks.log"
    path.write_bytes(LOG)
    found, error = taken(FileRef("<bytes>", buffer=LOG) if stream else FileRef(str(path)), start=start, size=size)
    texts = [b.load() for b in found]
    assert error is None
    assert b"".join(texts) == LOG
    assert [b.offset for b in found] == [sum(map(len, texts[:i])) for i in range(len(texts))]
    assert [b.size for b in found] == list(map(len, texts))
    assert all(text.endswith(b"\n") for text in texts[:-1])
    if start:
        assert all(text.startswith(b"E") for text in texts[1:])


@pytest.mark.parametrize("stream", [False, True])
def test_an_entry_longer_than_bearable_is_cut_at_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stream: bool
) -> None:
    """Else one stray start rule would hold a whole file in memory."""
    monkeypatch.setattr(sys.modules["logq.read.blocks"], "LONGEST", 64)
    monkeypatch.setattr(streams, "CHUNK", 16)
    data = b"E\n" + b"  more\n" * 100
    (tmp_path / "a").write_bytes(data)
    found, _ = taken(FileRef("<b>", buffer=data) if stream else FileRef(str(tmp_path / "a")), start="^E", size=16)
    assert len(found) > 2
    assert b"".join(b.load() for b in found) == data


@pytest.mark.parametrize("ending", PACK)
def test_compressed_files_read_as_their_content(tmp_path: Path, ending: str) -> None:
    """gzip, bz2, xz, zstd; also several members (frames, streams) in one file."""
    path = tmp_path / f"a.log.{ending}"
    path.write_bytes(PACK[ending](LONG) + PACK[ending](b"last\n"))
    assert b"".join(chunks(FileRef(str(path), KIND[ending]))) == LONG + b"last\n"
    frame = lq.scan(path, "plain", block_size=100_000).select("line", "raw").collect()
    assert frame.height == 60_001
    assert frame["line"].to_list() == list(range(1, 60_002))


@pytest.mark.parametrize("ending", PACK)
def test_a_truncated_archive_gives_all_that_precedes_the_break(tmp_path: Path, ending: str) -> None:
    """What was read is right and (but for a last step) complete; then OSError."""
    packed = PACK[ending](LONG)
    path = tmp_path / f"a.{ending}"
    path.write_bytes(packed[: len(packed) * 3 // 4])
    parts: list[bytes] = []
    with pytest.raises(OSError, match=r"(?i)truncated|ended before"):
        parts.extend(chunks(FileRef(str(path), KIND[ending])))
    got = b"".join(parts)
    assert LONG.startswith(got)
    assert len(got) > 0.5 * len(LONG)


@pytest.mark.parametrize("ending", PACK)
def test_a_corrupt_archive_is_damage_after_what_could_be_read(tmp_path: Path, ending: str) -> None:
    """What precedes the damage comes out, then OSError; the scan reports the file."""
    path = tmp_path / f"a.log.{ending}"
    whole = PACK[ending](LONG)
    # bz2 and xz take what follows a stream and is none for padding; gzip and zstd have no check but at the end
    path.write_bytes(whole[:-300] + b"\xff" * 300 if ending in ("bz2", "xz") else whole + whole[:6] + b"\xff" * 200)
    parts: list[bytes] = []
    with pytest.raises(OSError, match="damaged"):
        parts.extend(chunks(FileRef(str(path), KIND[ending])))
    got = b"".join(parts)
    assert (got[: len(LONG) // 4]) == LONG[: len(LONG) // 4]
    result = lq.scan(path, "plain").run(on_failure="partial")
    assert result.report.files[0].error
    assert "damaged" in result.report.files[0].error
    assert result.frame.height == got.count(b"\n") + (not got.endswith(b"\n"))


def test_a_break_inside_gzip_loses_only_what_follows(tmp_path: Path) -> None:
    """Deflate data that goes wrong: everything inflated up to there is given."""
    stored = gzip.compress(LONG, compresslevel=0)
    path = tmp_path / "a.gz"
    at = len(stored) // 2
    path.write_bytes(stored[:at] + b"\x07" * (len(stored) - at))
    parts: list[bytes] = []
    with pytest.raises(OSError, match="damaged gzip"):
        parts.extend(chunks(FileRef(str(path), "gzip")))
    got = b"".join(parts)
    assert (got[: at - 200]) == LONG[: at - 200]


@pytest.mark.parametrize(
    "data",
    [
        gzip.compress(b"a\n") + b"\0" * 600,
        gzip.compress(b"a\n") + b"\0" * 70_000,
        gzip.compress(b"") + gzip.compress(b"a\n"),
    ],
    ids=["600 zeros", "70,000 zeros", "an empty member first"],
)
def test_gzip_padding_is_no_damage(tmp_path: Path, data: bytes) -> None:
    """Tapes and block devices pad with zeros."""
    (tmp_path / "a.gz").write_bytes(data)
    assert lq.scan(tmp_path / "a.gz").collect()["raw"].to_list() == ["a"]


@pytest.mark.parametrize("ending", ["log", "gz"])
def test_an_empty_file_is_no_loss(tmp_path: Path, ending: str) -> None:
    """No rows, no error, all columns."""
    (tmp_path / f"a.{ending}").write_bytes(b"")
    result = lq.scan(tmp_path / f"a.{ending}").run()
    assert result.frame.shape == (0, 11)
    assert not result.report.failed


def test_a_url_is_read_through_fsspec() -> None:
    """Any scheme fsspec knows; also compressed; `source` is the URL."""
    with fsspec.open("memory://logs/a.log.gz", "wb") as file:
        file.write(gzip.compress(b"one\ntwo\n"))
    frame = lq.scan("memory://logs/a.log.gz").collect()
    assert frame.select("source", "raw").rows() == [
        ("memory://logs/a.log.gz", "one"),
        ("memory://logs/a.log.gz", "two"),
    ]


def test_an_unknown_scheme_is_a_source_error_and_a_missing_object_a_lost_file() -> None:
    """The first can never be scanned; the second could have been."""
    with pytest.raises(SourceError, match="cannot open 'nosuch://x'"):
        lq.scan("nosuch://x").collect()
    with pytest.raises(PartialResultError, match="1 of 1 files"):
        lq.scan("memory://logs/none.log").collect()


def test_the_reading_floors_say_what_they_lack(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without fsspec no URLs, without pyarrow no zstd."""
    monkeypatch.setattr(streams, "OPENERS", [])
    monkeypatch.setattr(streams, "ZSTD", [])
    with pytest.raises(SourceError, match="fsspec"):
        list(chunks(FileRef("memory://x")))
    with pytest.raises(SourceError, match="pyarrow"):
        list(chunks(FileRef("x", "zstd", buffer=b"x")))


def test_bytes_and_file_objects_are_sources() -> None:
    """Alone or in a list; each is a file of its own."""
    frame = lq.scan([b"one", b"two", io.BytesIO(b"three")]).collect()
    assert frame["raw"].to_list() == ["one", "two", "three"]
    assert frame["source"].n_unique() == 3
    with pytest.raises(BuildError, match="StringIO"):
        lq.scan(io.StringIO("text"))


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("é1\né2\n".encode("utf-16"), "utf-8"),
        (b"\xfe\xff" + "é1\né2\n".encode("utf-16-be"), "utf-8"),
        ("é1\r\né2".encode("latin-1"), "latin-1"),
        (b"\xef\xbb\xbf" + "é1\né2\n".encode(), "utf-8"),
        ("é1\né2".encode(), "UTF8"),
        ("é1\né2".encode("utf-16-le"), "utf-16-le"),
    ],
)
@pytest.mark.parametrize("block", [1, 3, 1 << 20])
def test_text_is_text_in_any_encoding(data: bytes, encoding: str, block: int) -> None:
    """A byte order mark overrides `encoding`, and is no part of the text."""
    frame = lq.scan(data, encoding=encoding, block_size=block).collect()
    assert frame["raw"].to_list() == ["é1", "é2"]
    assert frame["line"].to_list() == [1, 2]
    assert frame["parse_error"].null_count() == 2


def test_bad_bytes_are_marked_in_any_encoding() -> None:
    """What cannot be decoded is U+FFFD and its entry says so; the others do not."""
    frame = lq.scan(
        "fine\nbad".encode("utf-16-le") + b"\x00\xd8\n\x00" + "fine\ufffd\n".encode("utf-16-le"), encoding="utf-16-le"
    ).collect()
    assert frame["raw"].to_list()[::2] == ["fine", "fine\ufffd"]
    assert frame["parse_error"].to_list() == [None, "invalid UTF-8", None]
    assert lq.scan(b"a\xff", encoding="ascii").collect().select("raw", "parse_error").row(0) == (
        "a\ufffd",
        "invalid UTF-8",
    )


@pytest.mark.parametrize("block", [1 << 16, 8 << 20])
def test_a_line_of_20_mb_is_one_entry(tmp_path: Path, block: int) -> None:
    """However small the blocks; its neighbours keep their numbers."""
    path = tmp_path / "a.log"
    path.write_bytes(b"before\n" + b"x" * (20 << 20) + b"\nafter\n")
    frame = lq.scan(path, "plain", block_size=block).collect()
    assert frame["raw"].str.len_bytes().to_list() == [6, 20 << 20, 5]
    assert frame["line"].to_list() == [1, 2, 3]


def test_nuls_and_carriage_returns_are_text(tmp_path: Path) -> None:
    """A hole left by a crash is an entry; a `\\r` inside a line stays."""
    (tmp_path / "a").write_bytes(b"a\0\0b\nc\rd\r\n\0")
    assert lq.scan(tmp_path / "a").collect()["raw"].to_list() == ["a\0\0b", "c\rd", "\0"]


def test_a_file_that_shrinks_has_changed(tmp_path: Path) -> None:
    """A block whose bytes are gone raises OSError that says where; blocks of a grown file are those of its first size."""
    path = tmp_path / "a.log"
    path.write_bytes(b"1234\n" * 100)
    found = list(blocks(FileRef(str(path)), start=None, size=100))
    path.write_bytes(b"1234\n" * 30)
    assert found[0].load() == b"1234\n" * 20
    with pytest.raises(OSError, match=r"changed while read: .* ended at byte 150, 200 were there"):
        found[1].load()
