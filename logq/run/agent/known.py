"""How files are read, as it was found out when they were told of: units need not find out again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from logq.read.resolve import resolve_file

if TYPE_CHECKING:
    from logq.plan import Scan
    from logq.read import FileRef, Resolved
    from logq.run.wire.messages import FileEntry, FormatSpec

__all__ = ["Known"]


class Known:
    """What is known of the files of one scan: the last that was asked about."""

    def __init__(self) -> None:
        self._asked: Any = None
        self._found: dict[tuple[object, ...], Resolved] = {}

    def forget(self) -> None:
        """Look at every file again."""
        self._asked = None

    def resolved(self, file: FileRef, entry: FileEntry, scan: Scan, formats: tuple[FormatSpec, ...]) -> Resolved:
        """Tell how a file is read, which must be what the entry says, by the scan and formats of users."""
        asked = msgspec.structs.replace(scan, columns=None, clauses=(), limit=None), formats
        if asked != self._asked:
            self._asked, self._found = asked, {}
        key = entry.name, entry.device, entry.inode, entry.size, entry.head
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = resolve_file(file, scan)
        return found.moved(file)
