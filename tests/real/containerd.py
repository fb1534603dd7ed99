"""
containerd: an engine that keeps images by digest, in a store that is no Docker's.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.process import Command, require, running, short_folder

# Without Kubernetes' part, which wants a network of its own.
SETTINGS = """
version = 2
root = "{folder}/root"
state = "{folder}/state"
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt"]
[grpc]
address = "{folder}/s"
[ttrpc]
address = "{folder}/t"
"""


def _listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True


@pytest.fixture(scope="session")
def ctr() -> Iterator[Command]:
    """
    `ctr`, speaking to a containerd of its own.
    """
    program = require("containerd", "containerd", root=True)
    client = require("ctr", "containerd")
    with short_folder("containerd") as folder:
        settings = folder / "config.toml"
        settings.write_text(SETTINGS.format(folder=folder))
        argv = (program, "--config", str(settings))
        with running(argv, folder / "log", lambda: _listens(folder / "s")):
            yield Command((client, "--address", str(folder / "s"), "--namespace", "ocikit"))
