"""Faults that need a server, a system or a moment of their own: each is made, and its outcome shown."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import logq as lq
from logq.errors import FleetError, PartialResultError
from logq.run.fleet.cluster import AT_ONCE, Cluster
from logq.run.fleet.faults import Fault
from logq.run.ssh import Connection, options
from logq.run.wire.messages import Resolve
from tests.fleet.bare import SOURCE
from tests.fleet.conftest import REPOSITORY, Sshd, free_port, serve

FAST = lq.Patience(connect=2, login=5, start=20, silence=10, retries=2, pause=0.05)
TIERS = ["A", "B"]


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """A folder with a log."""
    (tmp_path / "app.log").write_text("".join(f"step {n}\n" for n in range(300)))
    return tmp_path


def pipe(folder: Path, **options: Any) -> lq.Node:
    """A node of this machine."""
    return lq.Node(**{"name": "a", "address": "pipe:", "folder": str(folder), "tiers": ("A",), **options})


# --- connections


def test_a_black_hole_is_given_up(sshd: Sshd, logs: Path) -> None:
    """A port that answers nothing at all, not even with a refusal."""
    with socket.socket() as hole, contextlib.ExitStack() as waiting:
        hole.bind(("127.0.0.1", 0))
        hole.listen(0)
        for _ in range(3):  # the queue is full then: what comes next is dropped
            one = waiting.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(hole.getsockname())
        patience = lq.Patience(connect=0.5, login=0.5, retries=1)
        node = sshd.node(port=hole.getsockname()[1])
        begun = time.monotonic()
        with lq.Fleet([node], patience=patience) as fleet, pytest.raises(PartialResultError, match="time") as caught:
            fleet.scan(str(logs / "app.log")).collect()
    assert caught.value.report.hosts[0].status == "unreachable"
    assert time.monotonic() - begun < 5


def test_connections_are_kept_alive_and_bounded(sshd: Sshd) -> None:
    """A connection that died in silence is noticed after 15 s; one that is made, after 10 s, and 20 s for the login."""
    made = options(sshd.node(), lq.Patience(), insecure_host_keys=False)
    assert (made.keepalive_interval, made.keepalive_count_max) == (5, 3)
    assert (made.connect_timeout, made.login_timeout) == (10, 20)
    assert not made.agent_forward_path


def test_windows_are_wide(sshd: Sshd, logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """8 MiB may be under way: at a round trip of 100 ms that makes 38 MB/s."""
    import asyncssh

    asked: dict[str, Any] = {}
    real = asyncssh.SSHClientConnection.create_process

    async def noted(self: Any, *given: Any, **named: Any) -> Any:
        asked.update(named)
        return await real(self, *given, **named)

    monkeypatch.setattr(asyncssh.SSHClientConnection, "create_process", noted)
    with lq.Fleet([sshd.node()], patience=FAST) as fleet:
        assert fleet.scan(str(logs / "app.log"), "plain").collect().height == 300
    assert asked["window"] == 8 << 20


def test_a_jump_host_is_gone_through(sshd: Sshd, logs: Path) -> None:
    """ProxyJump of the user's configuration: the target is reached through it, and its key is checked as well."""
    folder = logs / "target"
    folder.mkdir()
    port = free_port()
    process = serve(folder, port)
    try:
        (folder / "both").write_text((sshd.folder / "known_hosts").read_text() + (folder / "known_hosts").read_text())
        common = f"  User {os.environ.get('USER', 'root')}\n  UserKnownHostsFile {folder}/both\n  Hostname 127.0.0.1\n"
        (folder / "config.client").write_text(
            f"Host jump\n  Port {sshd.port}\n  IdentityFile {sshd.folder}/user\n{common}"
            f"Host web\n  Port {port}\n  IdentityFile {folder}/user\n  ProxyJump jump\n{common}"
        )
        given = {"config": [str(folder / "config.client")], "agent_path": None}
        node = lq.Node(name="web", python=sshd.python, options=given)
        assert Connection(node, FAST, insecure_host_keys=False).jump == "jump"
        with lq.Fleet([node], patience=FAST) as fleet:
            assert fleet.scan(str(logs / "app.log"), "plain").collect().height == 300
            careless = lq.Node(name="web", python=sshd.python, options={**given, "known_hosts": None})
        with lq.Fleet([careless]) as fleet, pytest.raises(FleetError, match="host keys would not be checked"):
            fleet.scan(str(logs / "app.log")).collect()
        lost = lq.Node(name="web", port=free_port(), options=given)
        asyncio.run(_not_reached(Connection(lost, FAST, insecure_host_keys=False)))
    finally:
        process.terminate()
        process.wait(5)


async def _not_reached(connection: Connection) -> None:
    """Whom a jump host cannot reach leaves no connection to the jump host behind."""
    for _ in range(2):
        with pytest.raises(Fault):
            await connection.session("true")
        assert connection._hops == []


def test_few_log_in_at_once_through_one_jump_host() -> None:
    """Eight at a time through each, whatever goes on through others."""
    under_way: dict[str, int] = {"one": 0, "two": 0}
    most = dict(under_way)

    class Slow:
        def __init__(self, jump: str) -> None:
            self.jump = jump

        async def session(self, _: str) -> Any:
            under_way[self.jump] += 1
            most[self.jump] = max(most[self.jump], under_way[self.jump])
            await asyncio.sleep(0.01)
            under_way[self.jump] -= 1
            raise Fault("unreachable", "no", again=False)  # noqa: EM101 (a status, not its words)

        async def close(self) -> None:
            """Nothing to close."""

    nodes = [lq.Node(name=f"n{i}") for i in range(40)]
    connect: Any = lambda node: Slow("one" if int(node.name[1:]) < 30 else "two")  # noqa: E731
    cluster = Cluster(nodes, lq.Patience(retries=1), connect)
    answers = cluster.manifests(Resolve(plan=b""))
    cluster.close()
    assert [a[0].status for a in answers] == ["unreachable"] * 40
    assert most == {"one": AT_ONCE, "two": AT_ONCE}


def test_few_agents_of_a_host_work_at_once() -> None:
    """Of however many questions from however many threads."""
    under_way, most = 0, 0

    class Slow:
        jump = ""

        async def session(self, _: str) -> Any:
            return self

        async def read(self) -> bytes:
            nonlocal under_way, most
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0.02)
            under_way -= 1
            return b""

        async def write(self, _: bytes) -> None:
            """Hear nothing."""

        async def close(self) -> None:
            """Nothing to close."""

        said = ""

    with ThreadPoolExecutor(3 * AT_ONCE) as threads:
        slow: Any = Slow()
        cluster = Cluster([lq.Node(name="a")], lq.Patience(retries=1), lambda _: slow)
        answers = [*threads.map(cluster.manifests, [Resolve(plan=b"")] * 3 * AT_ONCE)]
        cluster.close()
    assert {a[0][0].error for a in answers} == {"the agent ended: it said nothing"}
    assert 1 < most <= AT_ONCE


# --- the host's own words


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sshd, Path]]:
    """A server whose shells read a profile first, which tests write."""
    if shutil.which("bash") is None:
        pytest.skip("no bash here")
    folder, port = tmp_path_factory.mktemp("noisy"), free_port()
    file = folder / "bashrc"
    file.touch()
    process = serve(folder, port, extra=f"SetEnv BASH_ENV={file}")
    yield Sshd(port, folder), file
    process.terminate()
    process.wait(5)


@pytest.mark.parametrize("tier", TIERS)
def test_a_noisy_profile_and_a_flood_of_errors_do_no_harm(profile: tuple[Sshd, Path], logs: Path, tier: str) -> None:
    """What it prints are skipped, 5 MB on standard error drained."""
    server, file = profile
    file.write_text("unset BASH_ENV\nhead -c 30000 /dev/zero | tr '\\0' x\nhead -c 5000000 /dev/zero >&2\n")
    node = server.node(python=f"bash -c 'exec {server.python} \"$@\"' bash", tiers=(tier,))
    with lq.Fleet([node], patience=FAST) as fleet:
        assert fleet.scan(str(logs / "app.log"), "plain").collect().height == 300


@pytest.mark.parametrize("tier", TIERS)
def test_a_profile_that_does_not_stop_is_no_agent(profile: tuple[Sshd, Path], logs: Path, tier: str) -> None:
    """Beyond 64 KiB one looks no further."""
    server, file = profile
    file.write_text("unset BASH_ENV\nhead -c 200000 /dev/zero | tr '\\0' x\n")
    node = server.node(python=f"bash -c 'exec {server.python} \"$@\"' bash", tiers=(tier,))
    with (
        lq.Fleet([node], patience=FAST) as fleet,
        pytest.raises(PartialResultError, match="no agent spoke in the first"),
    ):
        fleet.scan(str(logs / "app.log"), "plain").collect()


def test_a_forced_agent_of_the_standard_library_holds(tmp_path: Path, logs: Path) -> None:
    """What `authorized_keys` says is run, whatever is asked for or piped; its roots stand."""
    folder, port = tmp_path / "sshd", free_port()
    folder.mkdir()
    process = serve(folder, port)
    try:
        forced = Sshd(port, folder)
        public = (folder / "authorized").read_text()
        command = f"{sys.executable} -I -S {SOURCE} --root {logs}"
        (folder / "authorized").write_text(f'command="{command}",restrict {public}')
        with lq.Fleet([forced.node(python="/bin/false", tiers=("B",))], patience=FAST) as fleet:
            assert fleet.scan(str(logs / "app.log"), "plain").collect().height == 300
            with pytest.raises(OSError, match="outside the roots"):
                fleet.scan("/etc/hostname").collect()
    finally:
        process.terminate()
        process.wait(5)


# --- ends


@pytest.mark.parametrize("tier", TIERS)
def test_no_agent_outlives_its_coordinator_over_ssh(sshd: Sshd, logs: Path, tier: str) -> None:
    """Killed outright, it leaves no orphan on the host after a second."""
    mark = f"--max-seconds 86{tier == 'A':d}99.0"
    code = (
        "import sys, time; sys.path.insert(0, '.')\n"
        "import logq as lq\n"
        "from pathlib import Path\n"
        "from tests.fleet.conftest import Sshd\n"
        f"node = Sshd({sshd.port}, Path({str(sshd.folder)!r})).node(tiers=({tier!r},), limits=lq.Limits(max_seconds=86{tier == 'A':d}99.0))\n"
        f"fleet = lq.Fleet([node])\n"
        f"print(fleet.scan({str(logs / 'app.log')!r}, 'plain').collect().height, flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=REPOSITORY, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "300\n"
        assert _running(mark)
        process.send_signal(signal.SIGKILL)
        process.wait()
        deadline = time.monotonic() + 2
        while (left := _running(mark)) and time.monotonic() < deadline:
            time.sleep(0.05)
    assert left == []


def _running(mark: str) -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            words = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if mark in words and "sshd" not in words:
                found.append(words)
    return found


def test_an_agent_out_of_memory_costs_its_host(tmp_path: Path) -> None:
    """The system gives it no more: it ends, another one too, and the file is named as missing with its last words."""
    (tmp_path / "a.log").write_text("x" * 200_000_000)
    (tmp_path / "starved.py").write_text(
        "import resource, sys\n"
        "from logq.run.agent.__main__ import main\n"
        "used = int(open('/proc/self/statm').read().split()[0]) * 4096\n"
        "resource.setrlimit(resource.RLIMIT_AS, (used + (300 << 20), -1))\n"
        "main([])\n"
    )
    node = pipe(tmp_path, python=f"{sys.executable} {tmp_path / 'starved.py'}")
    with (
        lq.Fleet([node], patience=FAST) as fleet,
        pytest.raises(PartialResultError, match=r"[Mm]emory") as caught,
    ):
        fleet.scan("a.log", "plain", workers=1).collect()
    assert caught.value.report.hosts[0].status == "failed"


# --- files while they are read


CHANGES = {
    "appended": "open(path, 'ab').write(b'more\\n' * 9)",
    "rotated": "os.rename(path, path + '.1'); open(path, 'wb').write(b'new\\n')",
    "deleted": "os.unlink(path)",
    "truncated": "os.truncate(path, 1 << 20)",
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("tier", TIERS)
def test_files_that_change_while_they_are_read(tmp_path: Path, change: str, tier: str) -> None:
    """An open file is read on, wherever it went and whatever was added; one that was cut is named as changed."""
    path = tmp_path / "a.log"
    path.write_text("".join(f"line {n:06}\n" for n in range(300_000)))
    script = tmp_path / "meddled.py"
    begin = "from logq.run.agent.__main__ import main; arguments = ['--root', '.']\n" if tier == "A" else ""
    script.write_text(
        "import os, sys, runpy\n"
        f"path, real, reads = {str(path)!r}, os.pread, []\n"
        "def pread(fd, size, at):\n"
        "    data = real(fd, size, at)\n"
        "    if at > 600_000 and not reads:\n"
        "        reads.append(at)\n"
        f"        {CHANGES[change]}\n"
        "    return data\n"
        "os.pread = pread\n"
        + (
            begin + "main(arguments)\n"
            if tier == "A"
            else f"sys.argv = ['agent']\nrunpy.run_path({str(SOURCE)!r}, run_name='__main__')\n"
        )
    )
    node = pipe(tmp_path, tiers=(tier,), python=f"{sys.executable} {script}")
    with lq.Fleet([node], patience=FAST) as fleet:
        result = fleet.scan("a.log", "plain", block_size=1 << 18, workers=1).run(on_failure="partial")
    if change == "truncated":
        assert (result.report.hosts[0].status, result.report.files[0].status) == ("changed", "failed")
        assert "changed while read" in (result.report.files[0].error or "")
        whole = result.frame["raw"].to_list()[:-1]
        assert whole == [f"line {n:06}" for n in range(len(whole))]
        assert 50_000 < len(whole) < 100_000
    else:
        assert result.frame.height == 300_000
        assert not result.report.incomplete


@pytest.mark.parametrize("tier", TIERS)
def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path, tier: str) -> None:
    """The others are read."""
    (tmp_path / "a.log").write_text("one\n")
    (tmp_path / "loop.log").symlink_to("loop.log")
    with lq.Fleet([pipe(tmp_path, tiers=(tier,))], patience=FAST) as fleet:
        result = fleet.scan("*.log", "plain").run(on_failure="partial")
    assert result.frame["raw"].to_list() == ["one"]
    assert {f.source: f.error for f in result.report.files} == {
        "a.log": None,
        "loop.log": "Too many levels of symbolic links",
    }


def test_a_file_without_permission_is_named() -> None:
    """As seen by a user who may not read it."""
    python = shutil.which("python3", path="/usr/bin")
    if os.getuid() != 0 or shutil.which("setpriv") is None or python is None:
        pytest.skip("to be another user needs root, setpriv and an interpreter of the system")
    with tempfile.TemporaryDirectory() as folder:
        for name, mode in ((folder, 0o755), (f"{folder}/a.log", 0o644), (f"{folder}/secret.log", 0o600)):
            if name != folder:
                Path(name).write_text("one\n")
            Path(name).chmod(mode)
        user = f"setpriv --reuid=65534 --regid=65534 --clear-groups {python}"
        with lq.Fleet([pipe(Path(folder), tiers=("B",), python=user)], patience=FAST) as fleet:
            report = fleet.scan("*.log", "plain").run(on_failure="partial").report
    assert {f.source: f.error for f in report.files} == {"a.log": None, "secret.log": "Permission denied"}


def test_a_huge_pattern_is_refused(tmp_path: Path) -> None:
    """The engine bounds what a pattern may compile to; the agent goes on."""
    (tmp_path / "a.log").write_text("one\n")
    with lq.Fleet([pipe(tmp_path)], patience=FAST) as fleet:
        frame = fleet.scan("*.log", "plain")
        with pytest.raises((pl.exceptions.PolarsError, lq.errors.LogqError)):
            frame.filter(pl.col("raw").str.contains(r"(?:(?:\w{100}){100}){100}")).collect()
        assert frame.collect().height == 1
