"""
Real engines take what we make, run it, and give it back.
"""

from __future__ import annotations

import socket
import threading
from pathlib import Path
from random import Random

import pytest

from ocikit import daemon, mutate
from ocikit.content import synthetic
from ocikit.content.image import Image
from ocikit.content.partial import image_of
from ocikit.daemon.faults import (
    EngineHostInvalid,
    EngineImageMissing,
    EngineRefused,
    EngineUnreachable,
)
from ocikit.files.layer import layer
from ocikit.spec.config import ConfigFile
from tests.real.dockerd import Engine


@pytest.fixture
def busybox(busybox_layer_tree: Path) -> Image:
    """
    A runnable image of a static busybox.
    """
    image = image_of(ConfigFile(os="linux", architecture="amd64"), [layer(busybox_layer_tree)])
    return mutate.config(image, cmd=["/bin/sh", "-c", "echo hello from $WHO"], env={"WHO": "x"})


@pytest.fixture(params=["dockerd", "podman"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """
    Docker's engine, and podman's.
    """
    found: Engine = request.getfixturevalue(request.param)
    return found


@pytest.mark.real
def test_flushed_image_runs_and_comes_back(engine: Engine, busybox: Image) -> None:
    """
    A flushed image runs under its tag; loaded back it has its configuration and files.
    """
    ours = daemon.Engine(f"unix://{engine.socket}")
    name = "registry.example/ocikit/runs:1"
    daemon.flush(name, busybox, engine=ours)
    assert engine.run(name).strip() == "hello from x"
    back = daemon.load(name, engine=ours)
    assert back.config_file == busybox.config_file
    assert back.config.digest == busybox.config.digest
    assert [each.diff_id for each in back.layers] == [each.diff_id for each in busybox.layers]
    for each in back.layers:
        with each.uncompressed() as stream:
            while stream.read(1 << 20):
                pass


@pytest.mark.real
def test_image_that_is_there_is_only_tagged(engine: Engine, busybox: Image) -> None:
    """
    Flushing an image again under another name gives the same image both names.
    """
    ours = daemon.Engine(f"unix://{engine.socket}")
    for tag in ("one", "two"):
        daemon.flush(f"registry.example/ocikit/tags:{tag}", busybox, engine=ours)
    found = daemon.inspect("registry.example/ocikit/tags:two", engine=ours)
    assert found.id.removeprefix("sha256:") == busybox.config.digest.hex
    assert "registry.example/ocikit/tags:one" in found.tags
    assert found.id in [each.id for each in daemon.images(engine=ours)]
    daemon.delete("registry.example/ocikit/tags:one", engine=ours)
    with pytest.raises(EngineImageMissing, match="no such image"):
        daemon.inspect("registry.example/ocikit/tags:one", engine=ours)


@pytest.mark.real
def test_hub_names_are_filed_as_docker_does(dockerd: Engine, busybox: Image) -> None:
    """
    A name without a registry is found by docker's own commands under that name.
    """
    daemon.flush("ocikit-hub", busybox, engine=daemon.Engine(f"unix://{dockerd.socket}"))
    assert dockerd.run("ocikit-hub").strip() == "hello from x"


@pytest.mark.real
def test_missing_image_is_named(engine: Engine) -> None:
    """
    An image the engine lacks is Missing, with its name and the engine's address.
    """
    ours = daemon.Engine(f"unix://{engine.socket}")
    with pytest.raises(EngineImageMissing) as caught:
        daemon.load("registry.example/ocikit/nothing:1", engine=ours)
    assert caught.value.image == "registry.example/ocikit/nothing:1"


def test_no_engine_is_unreachable(tmp_path: Path) -> None:
    """
    A socket where nobody listens is Unreachable, and says where it looked.
    """
    nowhere = daemon.Engine(f"unix://{tmp_path}/none.sock")
    with pytest.raises(EngineUnreachable, match=r"none\.sock"):
        daemon.inspect("a:b", engine=nowhere)


@pytest.mark.parametrize(
    "host",
    [
        "ssh://",
        "ssh://-oProxyCommand=x",
        "unix://",
        "/run/docker.sock",
        "tcp://",
        "tcp://[",
        "tcp://a:0",
    ],
)
def test_odd_addresses_are_refused(host: str) -> None:
    """
    An address that cannot be one is refused when it is given, not when it is used.
    """
    with pytest.raises(EngineHostInvalid, match="unix:///PATH"):
        daemon.Engine(host)


def test_engine_that_refuses_midway_says_why(tmp_path: Path) -> None:
    """
    An engine out of disk answers and hangs up before it has heard the whole image.
    """
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()

        def answer() -> None:
            for reply in (
                b'404 Not Found\r\n\r\n{"message":"none"}',
                b"500 No\r\nContent-Length: 9\r\n\r\ndisk full",
            ):
                wire, _ = server.accept()
                with wire:
                    wire.recv(100_000)
                    wire.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK")
                    wire.recv(100_000)
                    wire.sendall(b"HTTP/1.1 " + reply)

        thread = threading.Thread(target=answer)
        thread.start()
        image = synthetic.image(Random(1), size=5_000_000)
        with pytest.raises(EngineRefused, match="disk full"):
            daemon.flush("r.example/a:b", image, engine=daemon.Engine(f"unix://{path}"))
        thread.join()
