"""Links that fail: the coordinator in a network namespace of its own, with no way out but to the server's."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fleet.conftest import REPOSITORY, serve

HERE, THERE = "10.213.77.1", "10.213.77.2"
PORT = 2222
LINES = 60_000

QUESTION = """
import json, sys, time
import logq as lq
from tests.fleet.conftest import Sshd
from pathlib import Path
import logq.run.fleet.dispatch as dispatch

dispatch.UNIT = 1
server = Sshd({port}, Path({folder!r}), {address!r})
patience = lq.Patience(connect=2, login=4, silence={silence}, retries={retries}, pause=0.2)
with lq.Fleet([server.node()], patience=patience) as fleet:
    frame = fleet.scan({logs!r} + "/*.log", "plain", block_size=1 << 16, workers=1)
    prepared = frame.schema
    print("ready", flush=True)
    sys.stdin.readline()
    begun = time.monotonic()
    result = frame.run(on_failure="partial")
    host = result.report.hosts[0]
    told = dict(rows=result.frame.height, status=host.status, error=host.error, attempts=host.attempts)
    told |= dict(units=host.units, done=host.units_done, seconds=time.monotonic() - begun)
    told |= dict(lost=len(result.report.failed), sent=host.bytes_sent)
    print(json.dumps(told), flush=True)
"""


def run(*command: str) -> None:
    """Run a command that must work."""
    subprocess.run(command, check=True, capture_output=True)


@dataclass(frozen=True)
class Net:
    """Two namespaces and the link between them."""

    near: str
    far: str
    folder: Path
    logs: Path

    def link(self, state: str) -> None:
        """Cut the link (`down`) or mend it (`up`)."""
        run("ip", "-n", self.far, "link", "set", "far", state)

    def ask(self, silence: float, retries: int) -> subprocess.Popen[str]:
        """Start a coordinator; it waits for a line once it knows the files."""
        code = QUESTION.format(
            port=PORT, folder=str(self.folder), address=THERE, logs=str(self.logs), silence=silence, retries=retries
        )
        command = ["ip", "netns", "exec", self.near, sys.executable, "-c", code]
        env = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process


def answer(process: subprocess.Popen[str]) -> dict[str, object]:
    """Wait for what the coordinator tells."""
    import json

    out, _ = process.communicate(timeout=90)
    found: dict[str, object] = json.loads(out)
    return found


def go(process: subprocess.Popen[str]) -> None:
    """Have it ask."""
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


@pytest.fixture(scope="module")
def net(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Net]:
    """A server in one namespace, the other joined to it by a slow link of 2 MB/s, neither with a default route."""
    if os.getuid() != 0 or shutil.which("ip") is None or shutil.which("tc") is None:
        if "CI" in os.environ:
            pytest.fail("network namespaces need root and iproute2, and CI must have both")
        pytest.skip("network namespaces need root and iproute2")
    folder, logs = tmp_path_factory.mktemp("server"), tmp_path_factory.mktemp("logs")
    for number in range(8):
        text = "".join(f"{n} {os.urandom(40).hex()}\n" for n in range(LINES // 8))
        (logs / f"{number}.log").write_text(text)
    near, far = f"lqn{os.getpid()}", f"lqf{os.getpid()}"
    for name in (near, far):
        run("ip", "netns", "add", name)
    process = None
    try:
        run("ip", "link", "add", "near", "netns", near, "type", "veth", "peer", "name", "far", "netns", far)
        for name, device, address in ((near, "near", HERE), (far, "far", THERE)):
            run("ip", "-n", name, "addr", "add", f"{address}/24", "dev", device)
            run("ip", "-n", name, "link", "set", device, "up")
            run("ip", "-n", name, "link", "set", "lo", "up")
        run(
            "tc",
            "-n",
            far,
            "qdisc",
            "add",
            "dev",
            "far",
            "root",
            "tbf",
            "rate",
            "16mbit",
            "burst",
            "32k",
            "latency",
            "400ms",
        )
        process = serve(folder, PORT, address=THERE, within=far)
        yield Net(near, far, folder, logs)
    finally:
        if process is not None:
            process.terminate()
            process.wait(5)
        for name in (near, far):
            run("ip", "netns", "del", name)


def test_a_slow_link_is_waited_for(net: Net) -> None:
    """Slow is not silent: every row comes at the link's own pace."""
    process = net.ask(silence=3, retries=1)
    go(process)
    found = answer(process)
    assert (found["rows"], found["status"], found["attempts"]) == (LINES, "ok", 0)
    assert float(str(found["seconds"])) > 0.5


def test_a_short_break_is_outlived(net: Net) -> None:
    """2.5 s without the link cost 2.5 s and no rows."""
    process = net.ask(silence=15, retries=3)
    go(process)
    time.sleep(0.3)
    net.link("down")
    time.sleep(2.5)
    net.link("up")
    found = answer(process)
    assert (found["rows"], found["status"]) == (LINES, "ok")


def test_a_link_that_stays_cut_is_given_up(net: Net) -> None:
    """What had come whole is there; the rest is named as missing, in bounded time."""
    process = net.ask(silence=2, retries=2)
    go(process)
    time.sleep(0.5)
    net.link("down")
    try:
        found = answer(process)
    finally:
        net.link("up")
    assert found["status"] in ("timeout", "unreachable", "failed")
    assert found["rows"] == int(str(found["done"])) * (LINES // 8)
    assert int(str(found["lost"])) == 8 - int(str(found["done"])) > 0
    assert float(str(found["seconds"])) < 60


def test_the_coordinator_has_no_way_out(net: Net) -> None:
    """No default route: what these tests do stays in their namespaces."""
    shown = subprocess.run(["ip", "-n", net.near, "route"], capture_output=True, text=True, check=True).stdout
    assert "default" not in shown
