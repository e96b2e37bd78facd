"""The openers that the reading floors are given: fsspec for URLs, pyarrow for zstd."""

from __future__ import annotations

import io

import fsspec
import pyarrow as pa
import pytest

from logq.errors import SourceError
from logq.read.streams import OPENERS, ZSTD
from logq.run.urls import install_openers, open_url, unzstd


def test_a_url_is_opened_for_reading_bytes() -> None:
    """At its first byte."""
    with fsspec.open("memory://openers/a.log", "wb") as file:
        file.write(b"one\ntwo\n")
    with open_url("memory://openers/a.log") as opened:
        assert opened.read(4) == b"one\n"
        assert opened.read() == b"two\n"


@pytest.mark.parametrize("url", ["nosuch://bucket/a.log", "x-y+z://a"])
def test_an_unknown_scheme_names_the_url(url: str) -> None:
    """As a source that cannot be scanned at all, with fsspec's reason."""
    with pytest.raises(SourceError, match=r"cannot open '.*Protocol not known") as caught:
        open_url(url)
    assert url in str(caught.value)
    assert isinstance(caught.value.__cause__, ValueError)


def test_a_missing_package_names_the_url(monkeypatch: pytest.MonkeyPatch) -> None:
    """A store whose package is not installed is told as such."""

    def missing(*_: object) -> None:
        msg = "Install s3fs to access S3"
        raise ImportError(msg)

    monkeypatch.setattr(fsspec, "open", missing)
    with pytest.raises(SourceError, match=r"cannot open 's3://b/a\.log': Install s3fs"):
        open_url("s3://b/a.log")


def test_a_missing_object_is_a_lost_file() -> None:
    """Not a source error: the others can still be read."""
    with pytest.raises(FileNotFoundError) as caught:
        open_url("memory://openers/none.log")
    assert not isinstance(caught.value, SourceError)


def test_zstd_is_decompressed_as_it_is_read() -> None:
    """Pieces of any size, of several megabytes in all."""
    text = b"".join(b"line %d\n" % n for n in range(200_000))
    stored = io.BytesIO(pa.compress(text, codec="zstd", asbytes=True))
    stream = unzstd(stored)
    assert stream.read(7) == text[:7]
    assert stream.read() == text[7:]


def test_installing_again_changes_nothing() -> None:
    """There is one opener for URLs and one codec, however often."""
    install_openers()
    install_openers()
    assert list(OPENERS) == [open_url]
    assert list(ZSTD) == [unzstd]
