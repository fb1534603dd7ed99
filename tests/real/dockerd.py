"""
The Docker engine, on a socket of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from tests.real.process import Command, answers, require, running, short_folder


@attrs.frozen
class Engine:
    """
    A running container engine with Docker's API.
    """

    #: Its unix socket.
    socket: Path
    log: Path
    #: The engine's own command line program, speaking to this engine.
    cli: Command

    def run(self, image: str, *argv: str) -> str:
        """
        Run a container without network, remove it, and give what it printed.
        """
        return self.cli("run", "--rm", "--network", "none", image, *argv)


@pytest.fixture(scope="session")
def dockerd() -> Iterator[Engine]:
    """
    A Docker engine without network or privileges over the machine's own.
    """
    program = require("dockerd", "docker.io", root=True)
    client = require("docker", "docker.io")
    with short_folder("docker") as folder:
        socket, log = folder / "s", folder / "log"
        argv = (
            *(program, "--host", f"unix://{socket}", "--group", "root"),
            *("--config-file", str(folder / "config.json"), "--pidfile", str(folder / "pid")),
            *("--data-root", str(folder / "data"), "--exec-root", str(folder / "exec")),
            *("--iptables=false", "--ip6tables=false", "--bridge=none", "--storage-driver=vfs"),
        )
        (folder / "config.json").write_text("{}")
        with running(argv, log, lambda: answers(socket, "/_ping") == b"OK"):
            yield Engine(socket, log, Command((client, "--host", f"unix://{socket}")))
