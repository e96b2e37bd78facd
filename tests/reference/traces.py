"""Which lines continue the entry before them, line after line with what was seen before."""

from __future__ import annotations

import re
from collections.abc import Sequence

FOLLOW = (
    re.compile(r"Caused by: "),
    re.compile(r"Suppressed: "),
    re.compile(r"\.\.\. \d+ "),
    re.compile(r"Stack trace:\s*$"),
    re.compile(r"stack backtrace:\s*$"),
    re.compile(r"#\d+ .*[()}]"),
    re.compile(r"\[signal "),
    re.compile(r"note: "),
    re.compile(r"--- End of "),
    re.compile(r"[\]})]+[;,]?\s*$"),
)


def indented(line: str) -> bool:
    """Begins as a frame does."""
    return line.startswith(("\t", "  ", " at ", " ... ", " ---> ", "---> "))


def joined(lines: Sequence[str]) -> list[bool]:
    """Whether each line goes on with the one before it."""
    found: list[bool] = []
    based, before, inside = "", "", False
    for line in lines:
        if not line.strip():
            found.append(inside)
            before = line
            continue
        goes = _goes_on(line, before, based)
        found.append(goes)
        inside = goes or line.startswith(("panic: ", "fatal error: "))
        before = line
        based = based if indented(line) else line
    return found


def _goes_on(line: str, before: str, based: str) -> bool:
    announced = re.match(r"Unhandled exception:\s*$|thread '.*' (\(\d+\) )?panicked at .*:\s*$", before)
    if announced or indented(line) or any(f.match(line) for f in FOLLOW) or re.match(r"goroutine \d+ .*\]:\s*$", line):
        return True
    if line.startswith(("During handling of the above exception", "The above exception was the direct cause")):
        return True
    traceback = re.compile(r"Traceback \(most recent call last\):\s*$")
    if traceback.match(line):
        return based.startswith(("During handling of the above", "The above exception was the direct"))
    if re.match(r"panic: |fatal error: |Unhandled exception:\s*$|thread '.*' panicked at .*:\s*$", line):
        return False
    if traceback.match(based) and before.strip() and indented(before) and re.match(r"[A-Za-z_][\w.]*(:|\s*$)", line):
        return True
    placed = re.match(r"\t\S+:\d+( |\s*$)", before) or re.match(r"goroutine \d+ .*\]:\s*$", before)
    return bool(placed and re.match(r"created by \S|[\w./*()\[\]{}·,%~$-]+\(.*\)\s*$", line))
