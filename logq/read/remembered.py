"""What samples have told, so that the same one is looked at once: most files are asked about again and again."""

from __future__ import annotations

from collections.abc import Hashable
from hashlib import blake2b
from threading import Lock
from typing import TYPE_CHECKING, Final

from logq.formats import FORMATS
from logq.read.files import FileRef

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from logq.formats.base import Format
    from logq.read.resolved import Resolved

__all__ = ["REMEMBERED", "Remembered"]

MOST: Final = 4096
NOWHERE: Final = FileRef("")

Key = tuple[Hashable, ...]


class Remembered:
    """Sample and how it is to be read → what was found; forgotten once other formats are registered."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._lock = Lock()
        self._found: dict[Key, Resolved] = {}
        self._formats: Mapping[str, Format] | None = None

    def resolved(self, file: FileRef, head: bytes, how: Key, find: Callable[[], Resolved]) -> Resolved:
        """Look a sample up; have it found out where it is new."""
        key = (blake2b(head, digest_size=16).digest(), *how)
        with self._lock:
            if self._formats is not FORMATS.now:
                self._found, self._formats = {}, FORMATS.now
            found, formats = self._found.get(key), self._formats
        if found is None:
            found = find().moved(NOWHERE)
            with self._lock:
                if formats is FORMATS.now:
                    self._found[key] = found
                    for old in [*self._found][: -self._most]:
                        del self._found[old]
        return found.moved(file)

    def __len__(self) -> int:
        return len(self._found)


REMEMBERED: Final = Remembered()
