"""
Fixtures for tests of what handles images; pytest finds them by itself.

======================= =======================================================
`oci_registry`          a registry in this process, or the one of `--oci-registry`:
                        `.flush`, `.load`, `.client`, `.requests`, `.faults(...)`
`oci_registry_server`   one on a socket, for docker, podman and skopeo: `.host`, `.url`
`oci_registry_tls`      the same by TLS: `.authority` is the path of who signed for it
`oci_layout`            a path where a layout may be made
`oci_tarball`           a path where an archive may be written
`oci_docker_config`     an empty home with Docker's configuration: `.login(...)`,
                        `.helper(...)`
`oci_engine`            a fake container engine at `DOCKER_HOST`: `.image(name)`, `.tags`
`oci_cassette`          wraps a `Send`: records what passes, and replays it from then on
`oci_clock`             time that passes only when somebody waits; the client of
                        `oci_registry` goes by it
======================= =======================================================

Nothing of ocikit is loaded before a fixture is used. They in use, each as a test has it:

>>> from ocikit.content.empty import IMAGE
>>> registry = getfixture("oci_registry")
>>> pinned = registry.flush("app:1", IMAGE)
>>> registry.load("app:1") == IMAGE, registry.count("PUT", "/manifests/")
(True, 1)

>>> server = getfixture("oci_registry_server")
>>> server.url == f"http://{server.host}", server.flush("app:1", IMAGE) == pinned
(True, False)

>>> tls = getfixture("oci_registry_tls")
>>> tls.url[:8], tls.flush("app:1", IMAGE).digest == IMAGE.digest
('https://', True)

>>> clock = getfixture("oci_clock")
>>> clock.sleep(3600)
>>> clock.slept
[3600]

>>> from ocikit import layout, tarball
>>> layout.flush(getfixture("oci_layout"), IMAGE, reference="1")
>>> tarball.flush(getfixture("oci_tarball"), IMAGE)

>>> config = getfixture("oci_docker_config")
>>> config.login("r.io", "ada", "secret")
>>> list(config.said["auths"])
['r.io']

>>> engine = getfixture("oci_engine")
>>> engine.add("app:1", IMAGE)
>>> list(engine.tags)
['docker.io/library/app:1']
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from ocikit.http.message import Send
    from ocikit.testing.engine import TestEngine
    from ocikit.testing.homes import DockerConfig
    from ocikit.testing.registries import TestRegistry
    from ocikit.testing.sockets import RegistryServer
    from ocikit.testing.time import VirtualTime


def pytest_addoption(parser: pytest.Parser) -> None:
    """
    Let tests run against a real registry.
    """
    group = parser.getgroup("ocikit")
    group.addoption(
        "--oci-registry",
        metavar="URL",
        help="Use the registry at URL (with a path, below that) for the fixture oci_registry.",
    )
    group.addoption(
        "--oci-record",
        action="store_true",
        help="Record the cassettes of the fixture oci_cassette anew.",
    )


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """
    Tell of images that should be equal in which members and files they differ.
    """
    names = {type(left).__name__, type(right).__name__}
    if op != "==" or not names <= {"Image", "Index"}:
        return None
    from ocikit.content.image import Image, Index
    from ocikit.testing.same import differing

    if not isinstance(left, Image | Index) or not isinstance(right, Image | Index):
        return None
    return ["content differs:", *differing(left, right).splitlines()]


@pytest.fixture
def oci_clock() -> VirtualTime:
    """
    Time that passes only when somebody waits: `Retry-After: 3600` takes no time.
    """
    from ocikit.testing.time import VirtualTime

    return VirtualTime()


@pytest.fixture
def oci_registry(request: pytest.FixtureRequest, oci_clock: VirtualTime) -> TestRegistry:
    """
    A registry of the test's own.
    """
    from ocikit.testing.registries import TestRegistry
    from ocikit.testing.sockets import elsewhere

    url: str | None = request.config.getoption("--oci-registry")
    return TestRegistry(time=oci_clock) if url is None else elsewhere(url, request.node.name)


@pytest.fixture
def oci_registry_server() -> Iterator[RegistryServer]:
    """
    A registry on a socket of this machine, which speaks plain HTTP.
    """
    from ocikit.testing.sockets import served

    with served() as server:
        yield server


@pytest.fixture
def oci_registry_tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RegistryServer]:
    """
    A registry on a socket of this machine, by TLS.
    """
    pytest.importorskip("cryptography", reason="pip install cryptography, for certificates")
    from ocikit.testing.sockets import served

    with served(tls=tmp_path_factory.mktemp("oci-tls")) as server:
        yield server


@pytest.fixture
def oci_cassette(request: pytest.FixtureRequest) -> Callable[[Send], Send]:
    """
    Traffic that is recorded in `cassettes/`, beside the test, and replayed if it is there.
    """
    import re

    from ocikit.testing.cassettes import record_to, replay

    name = re.sub(r"[^A-Za-z0-9_.-]+", "-", request.node.name).strip("-")
    folder = request.path.parent / "cassettes" / name
    anew = request.config.getoption("--oci-record") or not folder.exists()
    return lambda send: record_to(folder, send) if anew else replay(folder)


@pytest.fixture
def oci_layout(tmp_path: Path) -> Path:
    """
    A path where a layout may be made.
    """
    return tmp_path / "layout"


@pytest.fixture
def oci_tarball(tmp_path: Path) -> Path:
    """
    A path where an archive may be written.
    """
    return tmp_path / "image.tar"


@pytest.fixture
def oci_docker_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DockerConfig:
    """
    A home without credentials: nothing of the person's is read or written.
    """
    from ocikit.testing.homes import VARIABLES, DockerConfig

    made = DockerConfig.at(tmp_path / "home")
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(made.home))
    monkeypatch.setenv("DOCKER_CONFIG", str(made.folder))
    monkeypatch.setenv("PATH", f"{made.programs}{os.pathsep}{os.environ.get('PATH', '')}")
    return made


@pytest.fixture
def oci_engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[TestEngine]:
    """
    A fake container engine, at which `DOCKER_HOST` points.
    """
    from ocikit.server.web.serve import serve
    from ocikit.testing.engine import TestEngine

    engine = TestEngine()
    with serve(engine) as server:
        engine.host = f"tcp://{server.host}"
        monkeypatch.setenv("DOCKER_HOST", engine.host)
        for name in ("DOCKER_CONTEXT", "DOCKER_TLS_VERIFY", "CONTAINER_HOST"):
            monkeypatch.delenv(name, raising=False)
        yield engine
