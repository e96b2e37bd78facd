"""Who is asked and for how long: agents that are none, fleets that are none, ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import logq as lq
from logq.errors import FleetError, PartialResultError
from logq.run.fleet.cluster import AT_ONCE
from tests.fleet.bare import bare
from tests.fleet.test_faults import FAST, made
from tests.fleet.test_faults import hosts as hosts_of_faults

hosts = hosts_of_faults


def test_stray_output_and_floods_of_errors_do_no_harm(hosts: Path) -> None:
    """A profile's greeting is skipped; 5 MB of standard error are drained, and the last of it is kept."""
    talkative = f'sh -c \'echo Welcome to a; head -c 5000000 /dev/zero >&2; echo last words >&2; exec "$0" "$@"\' {sys.executable}'
    node = lq.Node(name="a", address="pipe:", folder=str(hosts / "a"), python=talkative)
    with lq.Fleet([node], patience=FAST) as fleet:
        assert fleet.scan("*.log").collect().height == 600


STRANGERS = {
    "another version": ("polars='0.1'", "version skew: there protocol 2, logq .*, polars 0.1; here"),
    "another protocol": ("protocol=9", "version skew"),
}


@pytest.mark.parametrize("name", STRANGERS)
def test_an_agent_of_another_version_is_refused(tmp_path: Path, name: str) -> None:
    """By name, and without another attempt."""
    field, words = STRANGERS[name]
    code = tmp_path / "other.py"
    code.write_text(
        "import msgspec, sys, time\n"
        "import logq.run.agent.serve as serve\n"
        "real = serve.Agent._hello\n"
        f"serve.Agent._hello = lambda self: msgspec.structs.replace(real(self), {field})\n"
        "import runpy\n"
        "sys.argv = ['agent']\n"
        "runpy.run_module('logq.run.agent', run_name='__main__')\n"
    )
    node = lq.Node(name="a", address="pipe:", python=f"{sys.executable} {code}", tiers=("A",))
    with lq.Fleet([node], patience=FAST) as fleet, pytest.raises(PartialResultError, match=words) as caught:
        fleet.scan("*.log").collect()
    assert caught.value.report.hosts[0].attempts == 1


def test_an_interpreter_that_is_not_there_is_named(tmp_path: Path) -> None:
    """Before anything else is tried."""
    for node, words in (
        (lq.Node(name="a", address="pipe:", python="/no/such/python"), "cannot start '/no/such/python'"),
        (lq.Node(name="a", address="pipe:", folder=str(tmp_path / "none")), "cannot start"),
        (lq.Node(name="a", address="pipe:", python="echo"), "the agent ended"),
        (lq.Node(name="a", address="pipe:", python="sh -c yes"), "no agent spoke in the first"),
    ):
        with lq.Fleet([node], patience=FAST) as fleet, pytest.raises(PartialResultError, match=words):
            fleet.scan("*.log").collect()


def test_fleets_that_make_no_sense_are_refused() -> None:
    """At birth."""
    for build, words in (
        (lambda: lq.Fleet([]), "at least one node"),
        (lambda: lq.Fleet(["a", "a"]), "two nodes are called 'a'"),
        (lambda: lq.Fleet([""]), "needs a name"),
        (lambda: lq.Fleet(["a\nb"]), "printable"),
        (lambda: lq.Fleet(["a"], min_hosts=0), "min_hosts=0"),
        (lambda: lq.Patience(silence=0), "silence=0"),
        (lambda: lq.Patience(retries=0), "retries=0"),
    ):
        with pytest.raises(FleetError, match=words):
            build()


def test_a_fleet_can_be_asked_again_after_close(hosts: Path) -> None:
    """And in an event loop, as in a notebook; agents serve one question after another."""
    import asyncio

    fleet = made(hosts)
    frame = fleet.scan("f0.log")

    async def in_a_loop() -> int:
        assert frame.collect().height == 300
        return (await frame.collect_async()).height

    assert asyncio.run(in_a_loop()) == 300
    again = frame.run()
    assert [h.attempts for h in again.report.hosts] == [0, 0]
    fleet.close()
    fleet.close()
    assert [h.attempts for h in frame.run().report.hosts] == [1, 1]
    fleet.close()


def test_more_hosts_than_are_started_at_once_can_be_asked_again(tmp_path: Path) -> None:
    """What had waited for its turn belonged to the loop before."""
    (tmp_path / "a.log").write_text("one\n")
    fleet = lq.Fleet([bare(tmp_path, f"h{n}") for n in range(AT_ONCE + 2)], patience=FAST)
    for _ in range(2):
        assert fleet.scan("a.log", "plain").collect().height == AT_ONCE + 2
        fleet.close()


def test_questions_may_be_asked_side_by_side(hosts: Path) -> None:
    """Each with agents of its own while it needs them."""
    from concurrent.futures import ThreadPoolExecutor

    with made(hosts) as fleet, ThreadPoolExecutor(4) as threads:
        counts = list(threads.map(lambda n: fleet.scan(f"f{n}.log").collect().height, range(4)))
    assert counts == [300] * 4


def test_whoever_stops_early_stops_the_agents(hosts: Path) -> None:
    """Taking a few batches and no more leaves nothing running."""
    with made(hosts) as fleet:
        batches = fleet.scan("*.log").batches()
        assert next(iter(batches)).num_rows
        batches.close()  # type: ignore[attr-defined]
        assert fleet.scan("*.log").head(3).collect().height == 3
    deadline = time.monotonic() + 3
    while (left := agents(str(hosts))) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left == []


def test_no_agent_outlives_its_coordinator(hosts: Path) -> None:
    """Killed outright, it leaves no orphan after a second."""
    code = (
        "import logq as lq, time, sys\n"
        f"fleet = lq.Fleet.local({{n: {str(hosts)!r} + '/' + n for n in 'ab'}})\n"
        "print(fleet.scan('*.log').collect().height, flush=True)\n"
        "time.sleep(60)\n"
    )
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=env, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "1200\n"
        assert len(agents(str(hosts))) == 2
        process.send_signal(signal.SIGKILL)
        process.wait()
        deadline = time.monotonic() + 2
        while (left := agents(str(hosts))) and time.monotonic() < deadline:
            time.sleep(0.05)
    assert left == []


def agents(marker: str) -> list[int]:
    """Agent processes whose command line has `marker`."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if b"logq.run.agent" in command and marker.encode() in command:
                found.append(int(entry.name))
    return found
