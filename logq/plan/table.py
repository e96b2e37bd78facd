"""The source of a plan that is no log: rows in a table that the runner holds."""

from __future__ import annotations

import msgspec

__all__ = ["Table"]


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="table", tag_field="op", kw_only=True):
    """A table by the name under which the runner knows it; the plan says nothing of its rows."""

    name: str

    def describe(self) -> str:
        """Name it."""
        return f"table({self.name})"
