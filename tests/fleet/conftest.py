"""Servers that tests of fleets talk to: real ones, on loopback, ended when the tests are."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import logq as lq

REPOSITORY = Path(__file__).parents[2]


@dataclass(frozen=True)
class Sshd:
    """A running OpenSSH server and what one needs to log in."""

    port: int
    folder: Path
    address: str = "127.0.0.1"

    @property
    def python(self) -> str:
        """The interpreter of these tests, with the logq of this checkout."""
        return f"env PYTHONPATH={REPOSITORY} {sys.executable}"

    @property
    def options(self) -> dict[str, Any]:
        """Keys, and nothing of the machine's own configuration."""
        return {
            "client_keys": [str(self.folder / "user")],
            "known_hosts": str(self.folder / "known_hosts"),
            "config": None,
            "agent_path": None,
        }

    def node(self, name: str = "web", **changed: Any) -> lq.Node:
        """A node on this server."""
        given = {
            "address": self.address,
            "port": self.port,
            "user": getpass.getuser(),
            "python": self.python,
            "options": self.options,
        }
        return lq.Node(name=name, **{**given, **changed})


def key(path: Path) -> str:
    """Make a key; return its public half."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    return path.with_suffix(".pub").read_text().strip()


def free_port(address: str = "127.0.0.1") -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind((address, 0))
        return int(probe.getsockname()[1])


def serve(
    folder: Path, port: int, *, address: str = "127.0.0.1", extra: str = "", within: str | None = None
) -> subprocess.Popen[bytes]:
    """Run `sshd` as whoever runs the tests, perhaps in a network namespace; wait until it listens."""
    sshd = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if sshd is None or shutil.which("ssh-keygen") is None:
        if "CI" in os.environ:
            pytest.fail("no OpenSSH server here, and CI must have one")
        pytest.skip("no OpenSSH server here (package openssh-server)")
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    host = key(folder / "host")
    public = key(folder / "user")
    (folder / "authorized").write_text(f"{public}\n")
    (folder / "known_hosts").write_text(f"[{address}]:{port} {host}\n")
    (folder / "config").write_text(
        f"Port {port}\nListenAddress {address}\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/authorized\n"
        f"UsePAM no\nStrictModes no\nPidFile none\nPasswordAuthentication no\nPermitRootLogin yes\n{extra}\n"
    )
    with (folder / "log").open("wb") as log:
        inside = ["ip", "netns", "exec", within] if within else []
        process = subprocess.Popen([*inside, sshd, "-D", "-e", "-f", str(folder / "config")], stderr=log)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and process.poll() is None:
        if within is not None and "Server listening" in (folder / "log").read_text():
            return process
        with socket.socket() as probe:
            probe.settimeout(1)
            if within is None and probe.connect_ex((address, port)) == 0:
                return process
        time.sleep(0.05)
    message = f"sshd does not listen: {(folder / 'log').read_text()}"
    raise RuntimeError(message)


@pytest.fixture(scope="session")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    """An OpenSSH server on loopback."""
    folder, port = tmp_path_factory.mktemp("sshd"), free_port()
    process = serve(folder, port)
    yield Sshd(port, folder)
    process.terminate()
    process.wait(5)
