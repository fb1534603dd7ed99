"""
Pulls that are killed, and begun again: what travels is told by the registry's own log.
"""

from __future__ import annotations

import random
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest

from ocikit.content import synthetic
from ocikit.content.image import Image
from ocikit.crane.options import Options
from ocikit.crane.places import load
from ocikit.http.credentials import anonymous
from ocikit.registry.client import Client
from ocikit.registry.flush import flush
from tests.cli.running import start
from tests.real.docker_registry import DockerRegistry
from tests.registry.sockets import holding

pytestmark = pytest.mark.real

OPEN = Client(keychain=anonymous)
MIB = 1 << 20


def _kill(pull: subprocess.Popen[bytes], part: Path, least: int) -> None:
    """
    Kill a pull that can get no further, once it has written what it got.
    """
    end = time.monotonic() + 60
    while not any(_written(each) >= least for each in part.parent.rglob(part.name)):
        assert time.monotonic() < end
        assert pull.poll() is None, pull.stderr and pull.stderr.read()
        time.sleep(0.05)
    pull.send_signal(signal.SIGKILL)
    pull.communicate()


def _written(path: Path) -> int:
    return path.stat().st_blocks * 512


@pytest.mark.parametrize("form", ["oci", "tarball"])
def test_a_pull_that_was_killed_goes_on(
    docker_registry: DockerRegistry, tmp_path: Path, form: str
) -> None:
    """
    `kill -9` in the middle, then the same command: only the missing bytes travel.
    """
    image = synthetic.image(random.Random(form), layers=1, size=24 * MIB)
    flush(f"{docker_registry.host}/killed/{form}:1", image, client=OPEN)
    digest, size = image.layers[0].digest, image.layers[0].size
    target, go = tmp_path / "x", threading.Event()
    with holding(docker_registry.host, 16 * MIB, go) as host:
        argv = ("-q", "pull", "--format", form, f"{host}/killed/{form}:1", target)
        name = f"{digest.hex}.part" if form == "oci" else "x.part"
        _kill(start(*argv), (target if form == "oci" else tmp_path) / name, 12 * MIB)
        go.set()
        before = len(docker_registry.answers())
        again = start(*argv)
        said = again.communicate()[1]
        assert again.returncode == 0, said
    blobs = [
        (status, sent)
        for method, path, status, sent in docker_registry.answers()[before:]
        if method == "GET" and str(digest) in path
    ]
    assert [status for status, _ in blobs] == [206]
    # The kill may come between some bytes and the mark that says so.
    assert blobs[0][1] <= size - 11 * MIB
    loaded = load(f"{'oci' if form == 'oci' else 'docker-archive'}:{target}", Options())
    assert isinstance(loaded, Image)
    with loaded.layers[0].blob.open() as stream:
        stream.drain()
    assert not list(tmp_path.rglob("*.part"))
