"""
podman: the Docker-compatible API of another engine.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.dockerd import Engine
from tests.real.process import Command, answers, require, running, short_folder

# No network, no limits beyond the machine's own, and no journal: what a container inside
# a container is allowed.
SETTINGS = """
[containers]
netns = "none"
log_driver = "k8s-file"
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "{runtime}"
"""


def _runtime() -> str:
    # crun refuses machines that mount cgroup v1 and hand controllers to v2 as well.
    hybrid = Path("/sys/fs/cgroup/unified/cgroup.controllers")
    if hybrid.exists() and hybrid.read_text().strip():
        require("runc", "runc")
        return "runc"
    require("crun", "crun")
    return "crun"


@pytest.fixture(scope="session")
def podman() -> Iterator[Engine]:
    """
    podman's service; its `cli` runs podman over the same storage, as `podman --root ...`.
    """
    program = require("podman", "podman", root=True)
    runtime = _runtime()
    with short_folder("podman") as folder:
        socket, log, settings = folder / "s", folder / "log", folder / "containers.conf"
        settings.write_text(SETTINGS.format(runtime=runtime))
        env = {"CONTAINERS_CONF": str(settings)}
        argv = (
            *(program, "--root", str(folder / "root"), "--runroot", str(folder / "run")),
            *("--tmpdir", str(folder / "tmp"), "--storage-driver", "vfs"),
        )
        service = (*argv, "system", "service", "--time=0", f"unix://{socket}")
        with running(service, log, lambda: answers(socket, "/_ping") == b"OK", env):
            yield Engine(socket, log, Command(argv, env))
