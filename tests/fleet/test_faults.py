"""Whatever breaks: the answer is right, or an error, or partial and the report says exactly what is missing."""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

import logq as lq
from logq.errors import PartialResultError
from tests.fleet.chaos import Mishap, mishaps

C = pl.col
FAST = lq.Patience(start=10, silence=2.5, pause=0.01)
SHORT = lq.Patience(start=4, silence=2.5, retries=2, pause=0.01)
NAMES = ("a", "b")


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two hosts with a few files each."""
    root = tmp_path_factory.mktemp("faulty")
    for name in NAMES:
        (root / name).mkdir()
        for number in range(4):
            lines = [
                f"2024-03-05 09:00:{n % 60:02} {'ERROR' if n % 9 == 0 else 'INFO'} {name}{number} {n}\n"
                for n in range(150)
            ]
            (root / name / f"f{number}.log").write_text("".join(lines))
    return root


def made(hosts: Path, **options: object) -> lq.Fleet:
    """A fleet of the two."""
    return lq.Fleet.local({name: hosts / name for name in NAMES}, **{"patience": FAST, **options})  # type: ignore[arg-type]


@pytest.fixture
def small_units(monkeypatch: pytest.MonkeyPatch) -> None:
    """One file a unit."""
    monkeypatch.setattr("logq.run.fleet.dispatch.UNIT", 1)


@pytest.fixture(scope="module")
def whole(hosts: Path) -> pl.DataFrame:
    """The answer when nothing breaks."""
    with made(hosts) as fleet:
        return fleet.scan("*.log").level("ERROR").context(1).collect()


ONCE = {
    "cut at once": Mishap("cut", 0),
    "cut in the hello": Mishap("cut", 40),
    "cut in the rows": Mishap("cut", 1500),
    "a byte twisted": Mishap("flip", 1500),
    "a byte lost": Mishap("drop", 1500),
    "a byte doubled": Mishap("double", 1500),
    "nothing more comes": Mishap("stall", 1500),
    "killed": Mishap("kill", 600),
    "stopped": Mishap("stop", 1500),
    "refused": Mishap("refuse"),
}


@pytest.mark.usefixtures("small_units")
@pytest.mark.parametrize("name", ONCE)
def test_what_happens_once_is_made_good(hosts: Path, whole: pl.DataFrame, name: str) -> None:
    """Another agent is asked for what did not come; the rows are those of an undisturbed run, none twice."""
    with mishaps({"a": [ONCE[name]]}), made(hosts) as fleet:
        result = fleet.scan("*.log").level("ERROR").context(1).run()
    assert_frame_equal(result.frame, whole)
    first, second = result.report.hosts
    assert (first.status, first.units_done, first.error) == ("ok", 4, None)
    assert first.attempts >= 2
    assert second.attempts == 1


LASTING = {
    "refused": (Mishap("refuse"), "unreachable", "refused"),
    "silent": (Mishap("stall", 0), "timeout", "no sign of life"),
    "no agent": (Mishap("cut", 0), "failed", "the agent ended"),
    "twisted": (Mishap("flip", 100), "failed", "corrupt stream"),
}


@pytest.mark.parametrize("name", LASTING)
def test_what_does_not_pass_is_reported(hosts: Path, whole: pl.DataFrame, name: str) -> None:
    """Raised by default, with what there is; accepted as partial, the other host's rows and the loss by name."""
    mishap, status, words = LASTING[name]
    patience = SHORT if name == "silent" else FAST
    with mishaps({"a": [mishap] * 50}), made(hosts, patience=patience) as fleet:
        frame = fleet.scan("*.log").level("ERROR").context(1)
        with pytest.raises(PartialResultError, match=f"1 of 2 hosts did not answer in full .a: .*{words}") as caught:
            frame.collect()
        result = frame.run(on_failure="partial")
        with pytest.raises(PartialResultError):
            _ = frame.schema
    rest = whole.filter(C("host") == "b").with_columns(C("context_group") - C("context_group").min())
    assert_frame_equal(result.frame, rest)
    assert_frame_equal(caught.value.partial, rest)
    assert (result.report.hosts[0].status, result.report.hosts[1].status) == (status, "ok")
    assert words in (result.report.hosts[0].error or "")


def test_too_few_hosts_are_no_result(hosts: Path) -> None:
    """`min_hosts` holds under `partial` too."""
    with mishaps({"a": [Mishap("refuse")] * 9}), made(hosts, min_hosts=2) as fleet, pytest.raises(PartialResultError):
        fleet.scan("*.log").run(on_failure="partial")


def test_no_host_at_all_is_an_error(hosts: Path) -> None:
    """There is nothing to be partial."""
    with mishaps({n: [Mishap("refuse")] * 9 for n in NAMES}), made(hosts) as fleet:
        with pytest.raises(PartialResultError, match="2 of 2 hosts") as caught:
            fleet.scan("*.log").run(on_failure="partial")
        assert caught.value.partial is None


@pytest.mark.usefixtures("small_units")
def test_hosts_that_fail_on_the_way_are_counted_out(hosts: Path) -> None:
    """Enough told their files, too few read them: as partial as that is, it is refused."""
    events: list[Mishap | None] = [Mishap("cut", 1500), *[Mishap("refuse")] * 9]
    with mishaps({"a": events}), made(hosts, min_hosts=2) as fleet, pytest.raises(PartialResultError, match="refused"):
        fleet.scan("*.log").run(on_failure="partial")


@pytest.mark.usefixtures("small_units")
def test_what_had_come_whole_stays(hosts: Path) -> None:
    """Units that were through when the host went count; the files of the others are named."""
    events: list[Mishap | None] = [Mishap("cut", 9000), *[Mishap("refuse")] * 9]
    with mishaps({"a": events}), made(hosts) as fleet:
        result = fleet.scan("*.log").run(on_failure="partial")
    host = result.report.hosts[0]
    lost = [f.source for f in result.report.failed]
    assert 0 < host.units_done < host.units == 4
    assert len(lost) == 4 - host.units_done
    assert sorted(result.frame.filter(C("host") == "a")["source"].unique()) == sorted(
        {f"f{i}.log" for i in range(4)} - set(lost)
    )
    assert result.frame.group_by("host", "source").agg(pl.len())["len"].unique().to_list() == [150]


def test_a_unit_that_ends_agents_is_cut_down_and_given_up(hosts: Path) -> None:
    """A file that no agent survives costs itself, not its neighbours."""
    code = hosts / "deadly.py"
    code.write_text(
        "import os, sys, runpy\n"
        "import logq.run.agent.pieces as pieces\n"
        "real = pieces.opened\n"
        "def deadly(entry, roots):\n"
        "    if entry.name == 'f2.log':\n"
        "        os._exit(9)\n"
        "    return real(entry, roots)\n"
        "pieces.opened = deadly\n"
        "sys.argv = ['agent']\n"
        "runpy.run_module('logq.run.agent', run_name='__main__')\n"
    )
    node = lq.Node(name="a", address="pipe:", folder=str(hosts / "a"), python=f"{sys.executable} {code}")
    with lq.Fleet([node], patience=lq.Patience(retries=3, pause=0.01)) as fleet:
        result = fleet.scan("*.log").run(on_failure="partial")
    assert [f.source for f in result.report.failed] == ["f2.log"]
    assert result.frame.height == 450
    assert result.report.hosts[0].status == "failed"


def test_an_agent_that_ends_ahead_of_its_units_is_found_out(hosts: Path) -> None:
    """It would be asked for ever."""
    code = hosts / "hasty.py"
    code.write_text(
        "from logq.run.agent import serve, __main__\n"
        "serve.Agent._read = lambda agent, _: agent._reply(serve.Kind.END, b'')\n"
        "__main__.main(['--nice', '0'])\n"
    )
    node = lq.Node(name="a", address="pipe:", folder=str(hosts / "a"), python=f"{sys.executable} {code}")
    with lq.Fleet([node], patience=FAST) as fleet, pytest.raises(PartialResultError, match="END ahead of unit"):
        fleet.scan("*.log").collect()


# --- the law


EVENTS = st.one_of(
    st.none(),
    st.builds(Mishap, st.sampled_from(["cut", "flip", "drop", "double", "kill"]), st.integers(0, 12_000)),
    st.just(Mishap("refuse")),
)


@pytest.mark.usefixtures("small_units")
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plan=st.fixed_dictionaries({n: st.lists(EVENTS, max_size=3) for n in NAMES}))
def test_nothing_is_lost_in_silence_and_nothing_counted_twice(
    hosts: Path, plan: dict[str, list[Mishap | None]]
) -> None:
    """Under any schedule of faults the rows are those of exactly the files that the report calls whole."""
    with mishaps(plan), made(hosts) as fleet:
        frame = fleet.scan("*.log").select("host", "source", "line", "raw")
        try:
            result = frame.run(on_failure="partial")
        except PartialResultError as error:
            lost = error.report.lost_hosts
        else:
            lost = []
    if len(lost) == 2:
        return
    kept = [(f.host, f.source) for f in result.report.files if f.error is None]
    expected = [(h, s, n + 1, (hosts / (h or "") / s).read_text().splitlines()[n]) for h, s in kept for n in range(150)]
    assert result.frame.rows() == expected
    assert result.report.incomplete == (len(kept) < 8)
