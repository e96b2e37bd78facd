"""What is blotted out, and that nothing of it is ever on the wire."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

import logq as lq
from logq.errors import BuildError, FleetError, PartialResultError, PatternError
from logq.run.fleet.node import Node
from logq.run.fleet.transport import Pipes, pipes
from logq.run.wire.frames import Decoder, Kind
from logq.run.wire.tables import unpack

C = pl.col
ADDRESS = "bob@example.org"
PATTERNS = (r"[\w.]+@[\w.]+", r"4\d{15}")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Logs with a secret in texts, fields, lists, structs, numbers, continuation lines and damaged entries."""
    (tmp_path / "app.json").write_text(
        f'{{"time":"2024-03-05T09:00:00Z","level":"error","msg":"mail to {ADDRESS}","user":"{ADDRESS}","card":4111111111111111,"to":["{ADDRESS}","x"],"n":1}}\n'
        f'{{"time":"2024-03-05T09:00:01Z","level":"info","msg":"fine","user":"al","card":17,"to":["y"],"n":2}}\n'
        f'{{"msg": broken {ADDRESS}\n'
    )
    (tmp_path / "server.log").write_text(f"2024-03-05 09:00:00,000 ERROR [main] a.B - failed\n\tfor {ADDRESS}\n" * 3)
    return tmp_path


class Wired:
    """Pipes that keep what comes over them, standard error too."""

    kept: list[bytes] = []  # noqa: RUF012 (shared by all wires of a test)

    def __init__(self, inner: Pipes) -> None:
        self._inner = inner
        self._decoder = Decoder(preamble=True)
        self.write, self.close = inner.write, inner.close

    async def read(self) -> bytes:
        """Bytes as they come; the rows in them are kept as text."""
        data = await self._inner.read()
        for frame in self._decoder.feed(data):
            if frame.kind is Kind.ROWS:
                rows = unpack(frame.body)
                self.kept.append(repr(rows.rows()).encode())
            else:
                self.kept.append(frame.body)
        return data

    @property
    def said(self) -> str:
        """Its standard error."""
        self.kept.append(self._inner.said.encode())
        return self._inner.said


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    """What came over the wire."""

    async def wired(node: Node, argv: list[str]) -> Wired:
        return Wired(await pipes(node, argv))

    monkeypatch.setattr("logq.run.fleet.host.pipes", wired)
    Wired.kept = []
    yield Wired.kept
    assert Wired.kept
    assert not [kept for kept in Wired.kept if ADDRESS.encode() in kept or b"4111111111111111" in kept]


def test_nothing_of_it_is_on_the_wire(root: Path, wire: list[bytes]) -> None:
    """Rows, whatever their columns; contexts, parts of aggregates, ends of sorts, sequences fetched late."""
    with lq.Fleet.local({"a": root}) as fleet:
        frame = fleet.scan("app.json", "json").redact(*PATTERNS)
        rows = frame.collect()
        assert rows["user"].to_list() == ["[redacted]", "al", None]
        assert rows["to"].to_list() == [["[redacted]", "x"], ["y"], None]
        assert rows["card"].to_list() == [None, 17, None]
        assert rows["raw"].str.contains("[redacted]", literal=True).to_list() == [True, False, True]
        assert frame.level("ERROR").context(1).collect().height == 2
        assert frame.group_by("user").agg(pl.len(), top=C("raw").max()).collect().height == 3
        assert frame.sort("n", descending=True).head(1).collect().height == 1
        steps = (lq.step("a", C("n") == 1), lq.step("b", C("n") == 2))
        assert frame.sequence(*steps).collect()["user"].to_list() == ["[redacted]", "al"]
        whole = fleet.scan("server.log", "log4j").redact(*PATTERNS).collect()
        assert whole["message"][0] == "failed\n\tfor [redacted]"
    assert len(wire) > 10


def test_errors_do_not_tell(root: Path, wire: list[bytes]) -> None:
    """Polars quotes the values it cannot convert."""
    with lq.Fleet.local({"a": root}) as fleet:
        frame = fleet.scan("app.json", "json").with_columns(x=C("user").cast(pl.Int64)).redact(*PATTERNS)
        with pytest.raises(pl.exceptions.InvalidOperationError, match="redacted"):
            frame.collect()
    assert wire


def test_what_an_agent_says_besides_is_not_heard(root: Path, wire: list[bytes]) -> None:
    """Whatever is written to standard output or error while such a question is answered goes nowhere."""
    code = root / "chatty.py"
    code.write_text(
        "import os, sys, runpy\n"
        "import logq.run.agent.serve as serve\n"
        "def loud(*_):\n"
        f"    os.write(1, b'{ADDRESS}'); os.write(2, b'{ADDRESS}'); os._exit(9)\n"
        "serve.units = loud\n"
        "sys.argv = ['agent']\n"
        "runpy.run_module('logq.run.agent', run_name='__main__')\n"
    )
    node = Node(name="a", address="pipe:", folder=str(root), python=f"{sys.executable} {code}")
    with lq.Fleet([node], patience=lq.Patience(retries=2, pause=0.01)) as fleet:
        with pytest.raises(PartialResultError) as caught:
            fleet.scan("app.json", "json").redact(*PATTERNS).collect()
        assert ADDRESS not in str(caught.value)
    assert wire


def test_a_panic_does_not_tell(root: Path, wire: list[bytes]) -> None:
    """It is answered as any error is, and the agent goes on."""
    code = root / "panicking.py"
    code.write_text(
        "import sys, runpy\n"
        "import polars as pl\n"
        "import logq.run.agent.serve as serve\n"
        "def panics(*_):\n"
        f"    raise pl.exceptions.PanicException('of {ADDRESS}')\n"
        "serve.units = panics\n"
        "sys.argv = ['agent']\n"
        "runpy.run_module('logq.run.agent', run_name='__main__')\n"
    )
    node = Node(name="a", address="pipe:", folder=str(root), python=f"{sys.executable} {code}")
    with lq.Fleet([node], patience=lq.Patience(retries=1)) as fleet:
        for _ in range(2):
            with pytest.raises(FleetError, match=r"a: PanicException: of \[redacted\]"):
                fleet.scan("app.json", "json").redact(*PATTERNS).collect()
    assert wire


def test_it_must_stand_where_it_works(root: Path) -> None:
    """Behind a step on the rows of all hosts they would have left already."""
    with lq.Fleet.local({"a": root}) as fleet, pytest.raises(BuildError, match="put it ahead of what is not row-wise"):
        fleet.scan("app.json").sort("n").redact(*PATTERNS).collect()


def test_what_comes_after_sees_the_blots(root: Path) -> None:
    """Here as there: filters behind it, not those before; structs; nothing where there is no text."""
    frame = lq.scan(root / "app.json", "json")
    assert frame.filter(C("user") == ADDRESS).redact(*PATTERNS).collect().height == 1
    assert frame.redact(*PATTERNS).filter(C("user") == ADDRESS).collect().height == 0
    assert frame.redact(*PATTERNS, replacement="$1").filter(C("user") == "$1").collect().height == 1
    made = frame.with_columns(s=pl.struct("user", "n"), d=C("timestamp").dt.date(), t=pl.struct("timestamp"))
    rows = made.redact(*PATTERNS).collect()
    assert rows["s"].to_list()[0] == {"user": "[redacted]", "n": 1}
    assert rows["line"].to_list() == [1, 2, 3]
    assert frame.select("n", "line").redact(r"\d").collect().rows() == [(None, 1), (None, 2), (None, 3)]
    kinds = {"c": pl.Categorical(), "b": pl.Binary(), "e": pl.Enum([ADDRESS, "al"])}
    made = frame.with_columns(C("user").cast(t).alias(n) for n, t in kinds.items())
    made = made.with_columns(a=pl.concat_arr("user", "user"), l=pl.concat_list("c")).redact(*PATTERNS)
    blotted, clean, _ = made.select(*kinds, "a", "l", "level", "time_quality").collect().rows()
    blot = "[redacted]"
    assert blotted == (blot, blot.encode(), None, [blot, blot], [blot], "ERROR", "exact")
    assert clean == ("al", b"al", "al", ["al", "al"], ["al"], "INFO", "exact")
    assert frame.redact("ERROR|exact").select("level", "time_quality").collect().row(0) == ("ERROR", "exact")
    with pytest.raises(BuildError, match="at least one pattern"):
        frame.redact()
    with pytest.raises(PatternError, match="look"):
        frame.redact("(?<=a)b")
