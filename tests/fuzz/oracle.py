"""What must hold of any bytes whatever: every line is in one entry, in order, and any block size gives the same."""

from __future__ import annotations

import re
from typing import Final

import logq as lq

__all__ = ["complaint", "lines_of"]

HEAD: Final = re.compile(r"#(?:[A-Z][A-Za-z-]*:|[a-z_]+\t|separator )")
"""Lines that say what columns mean, in formats that have such."""


def lines_of(data: bytes) -> list[str]:
    """Lines as a reader sees them: split at line feeds, a carriage return ahead of one left out."""
    text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    lines = text.split("\n")
    lines = lines[:-1] if lines[-1] == "" else lines
    return [line.removesuffix("\r") for line in lines]


def complaint(data: bytes, form: str, block: int, by: str | None = None) -> str:
    """Say what is wrong with the scan of `data`; empty if nothing is."""
    frame = lq.scan(data, form, block_size=block, year=2024, by=by).collect(on_failure="partial")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ""
    lines = lines_of(data)
    known = frame["raw"].to_list()
    header = bool(lines) and frame.height > 0 and frame["line"][0] > 1
    read = [line for entry in known for line in entry.split("\n")]
    expected = lines[1:] if header and form in ("csv", "tsv", "auto") else lines
    name = frame["format"][0] if frame.height else form
    if name in lq.FORMATS and lq.FORMATS[name].directive:
        expected = [line for line in lines if not HEAD.match(line)]
    if not known and form == "auto" and all(map(HEAD.match, lines)):
        return ""
    if not known and len(lines) == 1 and form in ("csv", "tsv"):
        return ""
    if by is not None:
        read, expected = sorted(read), sorted(lines)
    if read != expected:
        return f"lines: {expected}\nread:  {read}"
    whole = lq.scan(data, form, year=2024, by=by).collect(on_failure="partial")
    if not whole.equals(frame):
        return f"in one block: {whole.rows()}\nin several:   {frame.rows()}"
    return ""
