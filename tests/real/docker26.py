"""
A Docker engine of today, that of Debian 13, whatever Debian this machine is.

From version 25 on `docker save` writes an OCI layout into its archives.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest

from tests.real.dockerd import Engine
from tests.real.process import Command, answers, require, running, short_folder
from tests.real.rootfs import bootstrapped

#: In a mount namespace of its own: what it mounts is gone when the engine is. The root
#: cannot be written to; the folder of this run is its /mnt.
_SCRIPT: Final = """
set -e
root=$1 folder=$2
shift 2
mkdir "$folder/root"
mount --bind "$root" "$folder/root"
mount -o remount,bind,ro "$folder/root"
for each in proc sys dev; do mount --rbind "/$each" "$folder/root/$each"; done
for each in run tmp var/lib; do mount -t tmpfs none "$folder/root/$each"; done
mount --bind "$folder" "$folder/root/mnt"
exec chroot "$folder/root" "$@"
"""


@pytest.fixture(scope="session")
def dockerd26() -> Iterator[Engine]:
    """
    A Docker engine 26 without network or privileges over the machine's own.

    Its `cli` is the client of this machine.
    """
    client = require("docker", "docker.io", root=True)
    unshare = require("unshare", "util-linux")
    root = bootstrapped("trixie", "docker.io")
    with short_folder("docker26") as folder:
        socket, log = folder / "s", folder / "log"
        (folder / "config.json").write_text("{}")
        argv = (
            *(unshare, "--mount", "--propagation", "private", "sh", "-c", _SCRIPT, "sh"),
            *(str(root), str(folder), "dockerd", "--host", "unix:///mnt/s", "--group", "root"),
            *("--config-file", "/mnt/config.json", "--pidfile", "/mnt/pid"),
            *("--data-root", "/mnt/data", "--exec-root", "/mnt/exec"),
            *("--iptables=false", "--ip6tables=false", "--bridge=none", "--storage-driver=vfs"),
        )
        with running(argv, log, lambda: answers(socket, "/_ping") == b"OK"):
            yield Engine(socket, log, Command((client, "--host", f"unix://{socket}")))
