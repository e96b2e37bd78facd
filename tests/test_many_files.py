"""Sessions, sequences and patterns over several files, formats and hosts: as over one table in time order."""

from __future__ import annotations

import datetime as dt
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import logq as lq

C = pl.col
BEGIN = dt.datetime(2024, 1, 1, 12, tzinfo=dt.UTC)
WORDS = ("in", "retry", "out", "noise")
KEY = re.compile(r"req=(?P<req>\w+)")
FORMATS: dict[str, str] = {
    "web/app.log": '{{"ts":"{iso}Z","level":"{level}","msg":"{text}","order":"{order}"}}\n',
    "web/shop.log": 'ts={iso}Z level={level} msg="{text}" order={order}\n',
    "db/server.log": "{plain} {level} [main] com.acme.Shop - {text}\n",
    "db/app.log": '{{"ts":"{iso}Z","level":"{level}","msg":"{text}","order":"{order}"}}\n',
}
Ask = Callable[[lq.LogFrame], lq.LogFrame]


def events(rows: int = 240) -> pl.DataFrame:
    """Entries a second apart, of six requests, each in one of the files."""
    made = random.Random(4)
    return pl.DataFrame(
        {
            "timestamp": [BEGIN + dt.timedelta(seconds=n + (n > rows // 2) * 300) for n in range(rows)],
            "level": [made.choice(("INFO", "INFO", "INFO", "ERROR")) for _ in range(rows)],
            "message": [f"req={made.choice('abcdef')} {made.choice(WORDS)} {n}" for n in range(rows)],
            "order": [made.choice("xyz") for _ in range(rows)],
            "file": [made.choice(list(FORMATS)) for _ in range(rows)],
        },
        schema_overrides={"timestamp": pl.Datetime("us", "UTC")},
    )


def write(folder: Path) -> None:
    """The entries of each file out of order."""
    for (name,), own in events().group_by("file", maintain_order=True):
        path = folder / str(name)
        path.parent.mkdir(exist_ok=True)
        lines = [
            FORMATS[str(name)].format(
                iso=f"{time:%Y-%m-%dT%H:%M:%S}",
                plain=f"{time:%Y-%m-%d %H:%M:%S},000",
                level=level,
                text=text,
                order=order,
            )
            for time, level, text, order in own.select("timestamp", "level", "message", "order")
            .sample(fraction=1, shuffle=True, seed=1)
            .iter_rows()
        ]
        path.write_text("".join(lines))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four files in three formats, two a host."""
    made = tmp_path_factory.mktemp("logs")
    write(made)
    return made


@pytest.fixture(scope="module")
def fleet(folder: Path) -> Iterator[lq.LogFrame]:
    """The same files on two hosts."""
    with lq.Fleet.local({"web": folder / "web", "db": folder / "db"}) as hosts:
        yield hosts.scan("*.log")


def said(word: str) -> pl.Expr:
    """Test for the word of a message."""
    return C("message").str.contains(f" {word} ", literal=True)


STEPS = [lq.step("in", said("in")), lq.step("out", said("out"))]
ABSENT = [STEPS[0], lq.absent(said("retry")), STEPS[1]]
TOLD = ("timestamp", "message", "match_id")
ASKS: dict[str, Ask] = {
    "sessions": lambda f: f.sessions(KEY, gap="1m").sort("timestamp").select("message", "session_id", "session_index"),
    "summary": lambda f: f.sessions(KEY, gap="1m").summary().drop("hosts", "sources"),
    "rules": lambda f: (
        f.sessions(KEY, start=said("in"), end=said("out"), max_entries=4).summary().drop("hosts", "sources")
    ),
    "timeline": lambda f: f.sessions(KEY).timeline().select("session_id", "timestamp", "message", "offset", "delta"),
    "having": lambda f: f.sessions(KEY, gap="9s").having(said("retry")).sort("timestamp").select("message"),
    "having of the whole": lambda f: (
        f.sessions(KEY, gap="9s").having(said("in").first(), pl.len() > 2).sort("timestamp").select("message")
    ),
    "sequence": lambda f: f.sequence(*STEPS, by=KEY, within="1m").select(*TOLD, "step", "step_index"),
    "in sessions": lambda f: f.sessions(KEY, gap="20s").sequence(*ABSENT).select(*TOLD, "session_id"),
    "strict": lambda f: f.sequence(*STEPS, by=KEY, policy="strict").select(*TOLD),
    "matches": lambda f: (
        f.sequence(*ABSENT, by=KEY, within="1m").matches().select("req", "start", "end", "in.timestamp")
    ),
    "near misses": lambda f: (
        f.sequence(*ABSENT, by=KEY, within="9s").near_misses().select("req", "start", "step", "why")
    ),
    "funnel": lambda f: f.sequence(*ABSENT, by=KEY, within="1m").funnel(),
    "pattern": lambda f: f.match_pattern(
        "A B* D", {"A": said("in"), "B": ~said("out"), "D": said("out")}, by=KEY
    ).select(*TOLD, "classifier"),
    "matches of a pattern": lambda f: (
        f.sessions(KEY, gap="1m")
        .match_pattern("^ A+", {"A": C("level") == "INFO"}, measures={"last": C("message").last()})
        .matches()
        .select("session_id", "start", "entries", "last")
    ),
}


@pytest.mark.parametrize("name", ASKS)
def test_files_formats_and_hosts_do_not_matter(name: str, folder: Path, fleet: lq.LogFrame) -> None:
    """Columns are unified and entries ordered by time, wherever they lie."""
    ask = ASKS[name]
    expected = ask(lq.from_polars(events())).collect()
    assert expected.height
    assert_frame_equal(ask(lq.scan(str(folder / "*" / "*.log"))).collect(), expected)
    assert_frame_equal(ask(fleet).collect(), expected)


def test_ids_are_linked_across_files(folder: Path) -> None:
    """A request in one format and an order in another are of one session."""
    ask: Ask = lambda f: f.sessions(link=[KEY, "order"]).sort("timestamp").select("message", "session_id")  # noqa: E731
    table = events().with_columns(pl.when(C("file") != "db/server.log").then("order").alias("order"))
    assert_frame_equal(ask(lq.scan(str(folder / "*" / "*.log"))).collect(), ask(lq.from_polars(table)).collect())


def test_the_whole_chain_over_files_and_hosts(folder: Path, fleet: lq.LogFrame) -> None:
    """Errors, what surrounds them in their files, their sessions, and an order within these."""
    for logs in (lq.scan(str(folder / "*" / "*.log")), fleet):
        near = logs.level("ERROR").context(3)
        rows = near.collect()
        assert 0 < rows["is_match"].sum() < rows.height
        found = near.sessions(KEY).sequence(*STEPS, within="2m").select(*TOLD, "session_id", "step")
        apart = lq.from_polars(rows.sort("timestamp")).sessions(KEY).sequence(*STEPS, within="2m")
        expected = apart.select(*TOLD, "session_id", "step").collect()
        assert expected.height
        assert_frame_equal(found.collect(), expected)
