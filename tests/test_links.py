"""Sessions by linked ids: equal to union-find, whatever the fields, the order, the blocks and the budget."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import polars as pl
import pytest
from hypothesis import given, settings

import logq as lq
from logq.compile.link import forest
from tests.reference.links import linked
from tests.reference.sessions import Item, Rules, sessions

FIELDS = ("a", "b", "c", "d")


@st.composite
def logs(draw: st.DrawFn) -> tuple[int, list[list[str | None]], list[int | None]]:
    """Number of fields, ids and seconds of entries."""
    width = draw(st.integers(1, 4))
    ids = draw(
        st.lists(st.lists(st.sampled_from([None, None, "1", "2", "3"]), min_size=width, max_size=width), max_size=12)
    )
    seconds = draw(st.lists(st.integers(0, 9) | st.none(), min_size=len(ids), max_size=len(ids)))
    return width, ids, seconds


def scan(width: int, ids: list[list[str | None]], seconds: list[int | None], **options: Any) -> lq.LogFrame:
    """One JSON line an entry, behind one that settles the types."""
    names = FIELDS[:width]
    lines: list[dict[str, Any]] = [{"ts": None, **dict.fromkeys(names, "")}]
    for entry, second in zip(ids, seconds, strict=True):
        lines.append({"ts": None if second is None else 1_700_000_000 + second, **dict(zip(names, entry, strict=True))})
    return lq.scan("\n".join(map(json.dumps, lines)).encode(), format="json", **options).scope(pl.col("line") > 1)


@settings(max_examples=40)
@given(logs(), st.none() | st.integers(0, 3), st.none() | st.integers(1, 3), st.sampled_from([None, 1, 4000]))
def test_linked_sessions_equal_union_find(
    log: tuple[int, list[list[str | None]], list[int | None]], gap: int | None, most: int | None, budget: int | None
) -> None:
    """Components first, cuts then; `links` tells the entries that brought ids together, in time order."""
    width, ids, seconds = log
    components, joined = linked(ids, seconds)
    made = sessions([Item(c, s) for c, s in zip(components, seconds, strict=True)], Rules(gap=gap, most=most))
    places = {i: (n, index) for n, one in enumerate(made) for index, i in enumerate(one.members)}
    frame = scan(width, ids, seconds, memory_budget=budget).sessions(link=FIELDS[:width], gap=gap, max_entries=most)
    found = frame.collect().select("session_id", "session_index").rows()
    assert found == [places.get(i, (None, None)) for i in range(len(ids))]
    told = frame.links().select("line", "field", "value", "to_field", "to_value", "session_id").collect().rows()
    assert told == [(i + 2, FIELDS[f], v, FIELDS[g], w, places[i][0]) for i, (f, v), (g, w) in joined]
    values = [[sorted({v for i in one.members if (v := ids[i][f]) is not None}) for f in range(width)] for one in made]
    assert frame.summary().collect().select(FIELDS[:width]).rows() == [tuple(v) for v in values]


@settings(max_examples=25)
@given(logs(), st.data())
def test_order_of_input_does_not_matter(
    log: tuple[int, list[list[str | None]], list[int | None]], data: st.DataObject
) -> None:
    """The same entries shuffled over blocks give the same components and the same provenance."""
    width, ids, _ = log
    seconds: list[int | None] = list(range(len(ids)))
    order = data.draw(st.permutations(range(len(ids))))
    one = scan(width, ids, seconds).sessions(link=FIELDS[:width])
    two = scan(width, [ids[i] for i in order], [seconds[i] for i in order], block_size=64).sessions(link=FIELDS[:width])
    columns = ("timestamp", "session_id", "session_index")
    assert one.sort("timestamp").select(columns).collect().equals(two.sort("timestamp").select(columns).collect())
    keep = ("session_id", "value", "to_value", "timestamp")
    assert one.links().select(keep).collect().equals(two.links().select(keep).collect())


def test_a_long_chain_takes_few_rounds() -> None:
    """Ids that each lead to the next are one component, however many; the forest keeps every edge but those that close rings."""
    length = 5000
    edges = pl.DataFrame({"from": [*range(length), 7], "to": [*range(1, length + 1), 4000]})
    labels, kept = forest(edges, length + 2)
    assert labels.n_unique() == 2
    assert kept.sum() == length
    assert not kept[-1]


def test_links_over_files_formats_and_hosts(tmp_path: Path) -> None:
    """An id in a JSON log of one host and in a key=value log of another brings their entries together."""
    for name in ("web", "db"):
        (tmp_path / name).mkdir()
    (tmp_path / "web" / "a.log").write_text(
        '{"time":"2024-01-01T00:00:03Z","req":"r1","msg":"in"}\n{"time":"2024-01-01T00:00:01Z","req":"r2","msg":"in"}\n'
    )
    (tmp_path / "db" / "b.log").write_text(
        "time=2024-01-01T00:00:02Z level=info msg=query job=j1\ntime=2024-01-01T00:00:05Z level=error msg=slow req=r1 job=j1\n"
    )
    with lq.Fleet.local({name: tmp_path / name for name in ("web", "db")}) as fleet:
        frame = fleet.scan("*.log").sessions(link=["req", "job"])
        rows = frame.select("host", "line", "session_id").collect().rows()
        assert sorted(rows) == [("db", 1, 1), ("db", 2, 1), ("web", 1, 1), ("web", 2, 0)]
        assert frame.links().select("host", "line", "value", "to_value").collect().rows() == [("db", 2, "r1", "j1")]
        summary = frame.summary().select("req", "job", "hosts", "entries").collect()
        assert summary.rows() == [(["r2"], [], ["web"], 1), (["r1"], ["j1"], ["db", "web"], 3)]
        steps = [lq.step("in", pl.col("message") == "in"), lq.step("slow", pl.col("level") == "ERROR")]
        assert frame.sequence(*steps, within="5s").matches().select("in.host", "slow.host").collect().rows() == [
            ("web", "db")
        ]
        chain = fleet.scan("*.log").level("ERROR").context(3).sessions(link=["req", "job"]).sequence(steps[1])
        assert chain.collect().select("host", "line").rows() == [("db", 2)]


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda f: f.sessions(), "id, as in"),
        (lambda f: f.sessions("a", link=["b"]), "id, as in"),
        (lambda f: f.sessions(link=[]), "at least one key"),
        (lambda f: f.sessions("a").links(), r"made by link="),
    ],
    ids=range(4),
)
def test_nonsense_is_refused(build: Any, message: str) -> None:
    """The error names what is wrong, when the chain is built."""
    with pytest.raises(lq.errors.BuildError, match=message):
        build(lq.scan(b"a"))
