"""Made-up logs: events, how a format writes them, and the names of the rows they become."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import hypothesis.strategies as st
import polars as pl

__all__ = ["CONTEXT", "Event", "Render", "Row", "answer", "as_json", "as_log4j", "as_plain", "logs", "rows_of", "write"]

CONTEXT = ("is_match", "context_group", "context_distance")
SETS = {"app.log.2.gz": "app.log", "app.log.1": "app.log", "app.log": "app.log", "other.log": "other.log"}
"""File → rotation set, in row order."""


@dataclass(frozen=True)
class Event:
    """What a log says: `second` after midnight (None: no stamp), two keys, and lines of stack trace."""

    level: str
    text: str
    second: int | None = 0
    a: str | None = None
    b: str | None = None
    trace: int = 0


@dataclass(frozen=True)
class Row:
    """An event with its row name; `place` is its position in row order."""

    place: int
    file: str
    line: int
    event: Event

    @property
    def set(self) -> str:
        """The rotation set of the file."""
        return SETS[self.file]


Render = Callable[[Event], str]
Log = Mapping[str, Sequence[Event]]


def as_plain(event: Event) -> str:
    """One line of text: level and words."""
    return f"{event.level} {event.text}"


def as_json(event: Event) -> str:
    """One JSON object; a missing value is null."""
    stamp = None if event.second is None else f"2024-01-01T00:{event.second // 60:02}:{event.second % 60:02}Z"
    return json.dumps({"ts": stamp, "level": event.level, "msg": event.text, "a": event.a, "b": event.b})


def as_log4j(event: Event) -> str:
    """A log4j line, its stack trace behind it; thread and logger are the keys."""
    thread = f" [{event.a}]" if event.a is not None else ""
    second = event.second or 0
    head = (
        f"2024-01-01 00:{second // 60:02}:{second % 60:02},000 {event.level}{thread} com.acme.{event.b} - {event.text}"
    )
    return "\n".join([head, *(f"\tat com.acme.Frame.call(Frame.java:{n})" for n in range(event.trace))])


def write(folder: Path, log: Log, render: Render) -> list[str]:
    """Write the files of a log, the last line of one in two without its newline; paths in no useful order."""
    for number, (name, events) in enumerate(log.items()):
        text = "".join(render(e) + "\n" for e in events)
        data = (text[:-1] if number % 2 else text).encode()
        (folder / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return sorted(str(folder / name) for name in log)


def rows_of(log: Log, render: Render) -> list[Row]:
    """All rows of a log, in row order."""
    rows: list[Row] = []
    for name in SETS:
        line = 1
        for event in log.get(name, ()):
            rows.append(Row(len(rows), name, line, event))
            line += render(event).count("\n") + 1
    return rows


def answer(frame: pl.DataFrame) -> list[tuple[object, ...]]:
    """What logq gave: file, line, and the context's columns where there are any."""
    columns = [c for c in CONTEXT if c in frame.columns]
    named = frame.select(pl.col("source").str.split("/").list.last(), "line", *columns)
    return named.rows()


@st.composite
def logs(
    draw: st.DrawFn,
    *,
    keys: Sequence[str | None] = (None, "x", "y"),
    undated: bool = False,
    filled: bool = False,
    most: int = 8,
) -> dict[str, list[Event]]:
    """One to four files of up to `most` events each, empty ones among them; `filled`: not all of them."""
    event = st.builds(
        Event,
        level=st.sampled_from(["DEBUG", "INFO", "INFO", "WARN", "ERROR"]),
        text=st.sampled_from(["disk full", "net down", "up", "user x in", "slow disk"]),
        second=st.integers(0, 12) | st.none() if undated else st.integers(0, 12),
        a=st.sampled_from(keys),
        b=st.sampled_from(keys),
        trace=st.sampled_from([0, 0, 0, 1, 3]),
    )
    names = draw(st.lists(st.sampled_from(list(SETS)), min_size=1, unique=True))
    return {name: draw(st.lists(event, min_size=int(filled and name == names[0]), max_size=most)) for name in names}
