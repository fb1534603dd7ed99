"""
A registry and a plain dictionary, given the same requests, never disagree: over each
storage, with garbage collected and processes killed amid them; and so do those of others.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from ocikit.http.message import Send
from ocikit.registry.transport import network
from ocikit.server.disk.storage import Disk
from ocikit.server.garbage import collect
from ocikit.server.handler import registry
from ocikit.server.memory import Memory
from ocikit.testing.machines import registry_machine
from ocikit.testing.modelled import Place
from ocikit.testing.time import VirtualTime
from tests.real.docker_registry import DockerRegistry

STEPS = settings(stateful_step_count=30, max_examples=settings().max_examples // 2)
WEEK = 7 * 86400.0
#: On disk the age of an upload is that of its file, which the system's clock tells.
NEVER = 1e12


def _memory() -> Place:
    time = VirtualTime()
    storage = Memory(time)

    def sweep() -> None:
        collect(storage, clock=time, expires=WEEK)

    def gather() -> None:
        time.sleep(7200)
        sweep()

    return Place(
        send=registry(storage, page=2), collect=gather, sweep=sweep, time=time, expires=WEEK
    )


class _OnDisk:
    """
    A registry on disk, whose process is as good as killed: nothing is written at its end.
    """

    def __init__(self) -> None:
        self.time = VirtualTime()
        self.folder = tempfile.TemporaryDirectory()
        self.disk = self.open()

    def open(self) -> Disk:
        return Disk(Path(self.folder.name), "none", clock=self.time, expires=NEVER)

    def restart(self) -> Send:
        self.disk.abandon()
        self.disk = self.open()
        return registry(self.disk, page=2)

    def sweep(self) -> None:
        collect(self.disk, clock=self.time, expires=NEVER)

    def gather(self) -> None:
        self.time.sleep(7200)
        self.sweep()

    def close(self) -> None:
        self.disk.close()
        self.folder.cleanup()

    def place(self) -> Place:
        return Place(
            send=registry(self.disk, page=2),
            restart=self.restart,
            collect=self.gather,
            sweep=self.sweep,
            time=self.time,
            close=self.close,
        )


TestMemory = registry_machine(_memory).TestCase
TestMemory.settings = STEPS
TestDisk = registry_machine(lambda: _OnDisk().place()).TestCase
TestDisk.settings = STEPS


@pytest.mark.real
def test_a_registry_of_others(docker_registry: DockerRegistry) -> None:
    """
    What any registry promises of blobs, manifests, tags and mounts, Docker's keeps.
    """
    send = network()

    def begin() -> Place:
        prefix = f"r{uuid4().hex}/"
        return Place(send=send, base=f"http://{docker_registry.host}", prefix=prefix, strict=False)

    run_state_machine_as_test(
        registry_machine(begin), settings=settings(max_examples=10, stateful_step_count=20)
    )
