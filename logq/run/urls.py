"""The openers that need libraries the reading floors do without: fsspec for URLs, pyarrow for zstd."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, cast

from logq.errors import SourceError
from logq.read.files import LISTERS
from logq.read.streams import OPENERS, ZSTD

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

__all__ = ["install_openers"]


def install_openers() -> None:
    """Give the reading floors what they cannot import; doing it again changes nothing."""
    OPENERS[:] = [open_url]
    LISTERS[:] = [list_url]
    ZSTD[:] = [cast("Callable[[IO[bytes]], IO[bytes]]", unzstd)]


def open_url(url: str) -> IO[bytes]:
    """Open a URL with fsspec."""
    import fsspec  # noqa: PLC0415 (with pyarrow it takes 0.3 s to load, and most scans need neither)

    try:
        return cast("IO[bytes]", fsspec.open(url, "rb").open())
    except (ValueError, ImportError) as error:
        msg = f"cannot open {url!r}: {error}"
        raise SourceError(msg) from error


def list_url(url: str) -> list[str]:
    """List the objects that a URL with a `*`, or of a folder, stands for, by name; hidden ones in folders left out."""
    import fsspec  # noqa: PLC0415 (as above)

    try:
        store, path = fsspec.core.url_to_fs(url)
        found = store.find(path) if url.endswith("/") else [p for p in store.glob(path) if store.isfile(p)]
        return sorted(store.unstrip_protocol(p) for p in found if not p.rpartition("/")[2].startswith("."))
    except (ValueError, ImportError, OSError) as error:
        msg = f"cannot list {url!r}: {error}"
        raise SourceError(msg) from error


def unzstd(stored: IO[bytes]) -> pa.NativeFile:
    """Decompress zstd as it is read."""
    import pyarrow as pa  # noqa: PLC0415 (as above)

    return pa.input_stream(pa.PythonFile(stored, mode="r"), compression="zstd")
