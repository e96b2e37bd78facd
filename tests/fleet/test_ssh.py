"""Fleets over SSH, against a real OpenSSH server: who is trusted, what is run, what breaks."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import asyncssh
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import logq as lq
from logq.errors import FleetError, PartialResultError
from logq.run.fleet.faults import Fault
from logq.run.ssh import Connection, options
from tests.fleet.conftest import REPOSITORY, Sshd, free_port, key, serve

FAST = lq.Patience(connect=2, login=2, silence=5, retries=2, pause=0.05)


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """A folder with a log."""
    (tmp_path / "app.log").write_text(
        "".join(f"2024-03-05 09:00:{n % 60:02} {'ERROR' if n % 5 == 0 else 'INFO'} step {n}\n" for n in range(300))
    )
    return tmp_path


def refused(node: lq.Node, logs: Path, words: str, patience: lq.Patience = FAST) -> PartialResultError:
    """Ask a fleet of one node that cannot answer."""
    with lq.Fleet([node], patience=patience) as fleet, pytest.raises(PartialResultError, match=words) as caught:
        fleet.scan(str(logs / "app.log")).collect()
    return caught.value


def test_the_same_over_ssh(sshd: Sshd, logs: Path) -> None:
    """Two nodes, and a context; then an aggregate by agents that wait for it."""
    with lq.Fleet([sshd.node("a"), sshd.node("b")]) as fleet:
        asked = fleet.scan(str(logs / "app.log")).level("ERROR").context(1)
        found = asked.collect()
        local = lq.scan(logs / "app.log").level("ERROR").context(1).collect().drop("host")
        for name in "ab":
            part = found.filter(pl.col("host") == name)
            first = pl.col("context_group") - pl.col("context_group").min()
            assert_frame_equal(part.with_columns(first).drop("host"), local)
        counted = fleet.scan(str(logs / "app.log")).group_by("level").agg(n=pl.len()).run()
    assert counted.frame.rows() == [("INFO", 480), ("ERROR", 120)]
    assert [(h.status, h.attempts, h.tier) for h in counted.report.hosts] == [("ok", 0, "A")] * 2
    assert counted.report.shared != ()


def test_sessions_share_the_connection(sshd: Sshd) -> None:
    """One login, however many agents a host has."""

    async def asked() -> tuple[list[bytes], object, object]:
        connection = Connection(sshd.node(), FAST, insecure_host_keys=False)
        first = await connection.session("echo a")
        made = connection._made
        second = await connection.session("echo b")
        said = [await session.read() for session in (first, second)]
        for session in (first, second):
            await session.close()
        again = connection._made
        await connection.close()
        return said, made, again

    said, made, again = asyncio.run(asked())
    assert said == [b"a\n", b"b\n"]
    assert made is again is not None


def test_a_session_too_many_ends_no_other(tmp_path: Path) -> None:
    """The server refuses it (MaxSessions), and goes on with those it has; a connection that ended is made anew."""
    folder, port = tmp_path / "sshd", free_port()
    folder.mkdir()
    process = serve(folder, port, extra="MaxSessions 1")

    async def asked() -> None:
        connection = Connection(Sshd(port, folder).node(), FAST, insecure_host_keys=False)
        first = await connection.session("cat")
        with pytest.raises(Fault, match="no session"):
            await connection.session("true")
        await first.write(b"still here")
        assert await first.read() == b"still here"
        assert connection._made is not None
        connection._made.abort()
        await connection._made.wait_closed()
        assert await (await connection.session("echo again")).read() == b"again\n"
        await connection.close()

    try:
        asyncio.run(asked())
    finally:
        process.terminate()
        process.wait(5)


def test_a_connection_can_be_made_in_another_loop(sshd: Sshd) -> None:
    """Though two had waited for it in the one before."""
    connection = Connection(sshd.node(), FAST, insecure_host_keys=False)

    async def asked() -> None:
        sessions = await asyncio.gather(*(connection.session("echo a") for _ in range(3)))
        assert [await session.read() for session in sessions] == [b"a\n"] * 3
        await connection.close()

    for _ in range(2):
        asyncio.run(asked())


def test_a_shell_profile_may_talk(sshd: Sshd, logs: Path) -> None:
    """What it prints ahead of the agent is skipped."""
    shell = f'sh -c \'echo Welcome; date; exec env PYTHONPATH={REPOSITORY} "$0" "$@"\' {sshd.python.split()[-1]}'
    with lq.Fleet([sshd.node(python=shell)], patience=FAST) as fleet:
        assert fleet.scan(str(logs / "app.log")).collect().height == 300


# --- whom to trust


def test_an_unknown_host_is_refused(sshd: Sshd, logs: Path, tmp_path: Path) -> None:
    """Its key must be known before; one attempt is enough."""
    (tmp_path / "none").touch()
    error = refused(
        sshd.node(options={**sshd.options, "known_hosts": str(tmp_path / "none")}), logs, "host key: .*not trusted"
    )
    assert (error.report.hosts[0].status, error.report.hosts[0].attempts) == ("unreachable", 1)


def test_a_host_with_another_key_is_refused(sshd: Sshd, logs: Path, tmp_path: Path) -> None:
    """It may be an impostor."""
    (tmp_path / "known").write_text(f"[127.0.0.1]:{sshd.port} {key(tmp_path / 'other')}\n")
    refused(
        sshd.node(options={**sshd.options, "known_hosts": str(tmp_path / "known")}), logs, "host key: .*not trusted"
    )


def test_a_stranger_is_not_let_in(sshd: Sshd, logs: Path, tmp_path: Path) -> None:
    """The server knows another key than the one shown."""
    key(tmp_path / "stranger")
    error = refused(
        sshd.node(options={**sshd.options, "client_keys": [str(tmp_path / "stranger")]}), logs, "login refused"
    )
    assert error.report.hosts[0].attempts == 1


def test_keys_of_hosts_are_always_checked(sshd: Sshd, logs: Path) -> None:
    """Unless the user says in so many words that they need not be."""
    careless = sshd.node(options={**sshd.options, "known_hosts": None})
    with lq.Fleet([careless]) as fleet, pytest.raises(FleetError, match="host keys would not be checked"):
        fleet.scan(str(logs / "app.log")).collect()
    with lq.Fleet([careless], insecure_host_keys=True) as fleet:
        assert fleet.scan(str(logs / "app.log")).collect().height == 300


def test_a_configuration_that_switches_checks_off_is_found_out(tmp_path: Path) -> None:
    """`UserKnownHostsFile none` in `~/.ssh/config` counts as much."""
    (tmp_path / "config").write_text("Host web\n  UserKnownHostsFile none\n  Hostname 127.0.0.1\n")
    node = lq.Node(name="web", options={"config": [str(tmp_path / "config")]})
    with pytest.raises(FleetError, match="host keys would not be checked"):
        options(node, lq.Patience(), insecure_host_keys=False)


def test_the_users_configuration_is_read(sshd: Sshd, logs: Path, tmp_path: Path) -> None:
    """Host names, ports, keys: as `ssh` would take them."""
    (tmp_path / "config").write_text(
        f"Host web\n  Hostname 127.0.0.1\n  Port {sshd.port}\n  IdentityFile {sshd.folder}/user\n  UserKnownHostsFile {sshd.folder}/known_hosts\n"
    )
    given = {"config": [str(tmp_path / "config")], "agent_path": None}
    with lq.Fleet(["web"], python=sshd.python, options=given, patience=FAST) as fleet:
        assert fleet.scan(str(logs / "app.log")).collect()["host"].unique().to_list() == ["web"]


def test_traffic_is_encrypted_fast_and_not_compressed_twice(sshd: Sshd) -> None:
    """AES-GCM where both ends have it."""
    made = options(sshd.node(), lq.Patience(), insecure_host_keys=False)
    assert made.encryption_algs[0] == b"aes128-gcm@openssh.com"
    assert made.compression_algs == [b"none"]


# --- what is not there


def test_nobody_listens(sshd: Sshd, logs: Path) -> None:
    """A refused port."""
    error = refused(sshd.node(port=free_port()), logs, "no connection: refused")
    assert (error.report.hosts[0].status, error.report.hosts[0].attempts) == ("unreachable", 2)


def test_somebody_listens_and_says_nothing(sshd: Sshd, logs: Path) -> None:
    """A black hole: given up after the time allowed."""
    with socket.socket() as hole:
        hole.bind(("127.0.0.1", 0))
        hole.listen()
        begun = time.monotonic()
        patience = lq.Patience(connect=0.5, login=0.5, retries=1)
        error = refused(sshd.node(port=hole.getsockname()[1]), logs, "timeout|timed out", patience)
    assert error.report.hosts[0].status == "unreachable"
    assert time.monotonic() - begun < 5


def test_somebody_hangs_up(sshd: Sshd, logs: Path) -> None:
    """Whoever answers goes away before a word is said."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(10)

        def hang_up() -> None:
            for _ in range(2):
                with door.accept()[0] as caller:
                    caller.recv(1 << 12)

        porter = threading.Thread(target=hang_up)
        porter.start()
        error = refused(sshd.node(port=door.getsockname()[1]), logs, "connection lost while it was made")
        porter.join()
    assert (error.report.hosts[0].status, error.report.hosts[0].attempts) == ("unreachable", 2)


def test_no_such_name(sshd: Sshd, logs: Path) -> None:
    """A host that cannot be looked up."""
    refused(sshd.node(address="no-such-host.invalid"), logs, "no connection")


def test_no_logq_there(sshd: Sshd, logs: Path) -> None:
    """What Python says of it is shown."""
    refused(sshd.node(python="python3 -S -E", tiers=("A",)), logs, "No module named")


# --- what breaks


class Relay:
    """A TCP relay to the server that can be cut."""

    def __init__(self, port: int) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._target, self._pairs = port, []  # type: ignore[var-annotated]
        self.after: int | None = None
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self._target))
            self._pairs += [near, far]
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._pump, args=(one, other, one is far), daemon=True).start()

    def _pump(self, one: socket.socket, other: socket.socket, counted: bool) -> None:
        seen = 0
        try:
            while data := one.recv(4096):
                seen += len(data)
                if counted and self.after is not None and seen > self.after:
                    self.after = None
                    self.cut()
                    return
                other.sendall(data)
        except OSError:
            return

    def cut(self) -> None:
        """Drop every connection."""
        for one in self._pairs:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._pairs.clear()

    def close(self) -> None:
        """Listen no more."""
        self._listener.close()
        self.cut()


@pytest.fixture
def relay(sshd: Sshd) -> Iterator[Relay]:
    """A relay to the server."""
    made = Relay(sshd.port)
    yield made
    made.close()


def test_a_lost_connection_is_made_again(sshd: Sshd, relay: Relay, logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut in the middle of the rows: what had not come is asked for again."""
    monkeypatch.setattr("logq.run.fleet.dispatch.UNIT", 1)
    for number in range(6):
        shutil.copy(logs / "app.log", logs / f"copy{number}.log")
    (logs / "known").write_text(f"[127.0.0.1]:{relay.port} {(sshd.folder / 'host.pub').read_text()}")
    node = sshd.node(port=relay.port, options={**sshd.options, "known_hosts": str(logs / "known")})
    with lq.Fleet([node], patience=lq.Patience(pause=0.05)) as fleet:
        frame = fleet.scan(str(logs / "copy*.log"))
        assert frame.schema
        relay.after = 9000
        result = frame.run()
        assert result.frame.height == 1800
        relay.cut()
        assert frame.collect().height == 1800
    assert result.report.hosts[0].attempts >= 1


def test_a_killed_session_is_made_good(sshd: Sshd, logs: Path) -> None:
    """The server's process for it ends; the next question starts another agent."""
    with lq.Fleet([sshd.node()], patience=FAST) as fleet:
        frame = fleet.scan(str(logs / "app.log"))
        assert frame.collect().height == 300
        mine = [p for p in _agents() if _parent_name(p).startswith("sshd")]
        for process in mine:
            os.kill(process, signal.SIGKILL)
        result = frame.run()
    assert result.frame.height == 300
    assert mine


def _agents() -> list[int]:
    return [
        int(entry.parent.name) for entry in Path("/proc").glob("[0-9]*/cmdline") if b"logq.run.agent" in _content(entry)
    ]


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _parent_name(process: int) -> str:
    try:
        parent = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[1]
        return Path(f"/proc/{parent}/comm").read_text()
    except OSError:
        return ""


def test_a_server_may_bound_sessions_and_logins(tmp_path: Path, logs: Path) -> None:
    """More nodes on it than it takes logins at once, and than sessions: all answer, some after a pause."""
    folder, port = tmp_path / "sshd", free_port()
    folder.mkdir()
    process = serve(folder, port, extra="MaxStartups 2:100:3\nMaxSessions 1")
    try:
        few = Sshd(port, folder)
        patience = lq.Patience(retries=8, pause=0.2)
        with lq.Fleet([few.node(f"n{i}") for i in range(6)], patience=patience) as fleet:
            counted = fleet.scan(str(logs / "app.log")).group_by("host").agg(pl.len()).collect()
        assert counted.rows() == [(f"n{i}", 300) for i in range(6)]
    finally:
        process.terminate()
        process.wait(5)


def test_a_forced_command_holds(tmp_path: Path, logs: Path) -> None:
    """What `authorized_keys` says is run, whatever is asked for; its roots stand."""
    folder, port = tmp_path / "sshd", free_port()
    folder.mkdir()
    process = serve(folder, port)
    try:
        forced = Sshd(port, folder)
        public = (folder / "authorized").read_text()
        command = f"{forced.python} -m logq.run.agent --root {logs}"
        (folder / "authorized").write_text(f'command="{command}",restrict {public}')
        with lq.Fleet([forced.node(python="/bin/false")], patience=FAST) as fleet:
            assert fleet.scan(str(logs / "app.log")).collect().height == 300
            with pytest.raises(OSError, match="outside the roots"):
                fleet.scan("/etc/hostname").collect()
    finally:
        process.terminate()
        process.wait(5)


def test_an_asyncssh_server_will_do_as_well(logs: Path, tmp_path: Path) -> None:
    """A server without sessions is told from one without agents."""
    import asyncio

    host = asyncssh.generate_private_key("ssh-ed25519")
    user = asyncssh.generate_private_key("ssh-ed25519")
    user.write_private_key(str(tmp_path / "user"))
    (tmp_path / "authorized").write_bytes(user.export_public_key())
    ready, done = threading.Event(), threading.Event()
    port: list[int] = []

    async def served() -> None:
        server = await asyncssh.listen(
            "127.0.0.1", 0, server_host_keys=[host], authorized_client_keys=str(tmp_path / "authorized")
        )
        port.append(server.get_port())
        ready.set()
        while not done.is_set():  # noqa: ASYNC110 (set by another thread)
            await asyncio.sleep(0.05)
        server.close()
        await server.wait_closed()

    thread = threading.Thread(target=lambda: asyncio.run(served()))
    thread.start()
    ready.wait(10)
    try:
        (tmp_path / "known").write_text(f"[127.0.0.1]:{port[0]} {host.export_public_key().decode()}")
        node = lq.Node(
            name="a",
            address="127.0.0.1",
            port=port[0],
            user="u",
            options={"client_keys": [str(tmp_path / "user")], "known_hosts": str(tmp_path / "known"), "config": None},
        )
        error = refused(node, logs, "no session")
        assert error.report.hosts[0].status == "failed"
    finally:
        done.set()
        thread.join(10)
