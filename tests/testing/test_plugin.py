"""
What pytest gives to tests by itself.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from ocikit import auth, daemon, layout, registry, tarball
from ocikit.content import synthetic
from ocikit.daemon.contexts import chosen
from ocikit.daemon.faults import EngineImageMissing
from ocikit.errors import Corrupt
from ocikit.name.records import Registry
from ocikit.registry.faults import CertificateUntrusted
from ocikit.server.faults.mishaps import AnswerLost, Status
from ocikit.server.faults.plan import Fault
from ocikit.testing.contracts import lying
from ocikit.testing.engine import TestEngine
from ocikit.testing.homes import DockerConfig
from ocikit.testing.registries import TestRegistry
from ocikit.testing.sockets import RegistryServer
from ocikit.testing.time import VirtualTime
from tests.real.docker_registry import DockerRegistry

ROOT = Path(__file__).parent.parent.parent
IMAGE = synthetic.image(random.Random(1), layers=2)


def test_a_registry_in_this_process(oci_registry: TestRegistry) -> None:
    """
    It keeps what it is given, and tells what it was asked.
    """
    pinned = oci_registry.flush("app:1", IMAGE)
    assert oci_registry.load("app:1") == IMAGE
    assert oci_registry.tags == {"app:1": pinned.digest}
    assert oci_registry.count("POST", "/blobs/uploads/") == 3
    oci_registry.forget()
    oci_registry.flush("app:1", IMAGE)
    assert [str(each) for each in oci_registry.requests] == ["HEAD /v2/app/manifests/1 200"]


def test_each_test_has_its_own(oci_registry: TestRegistry) -> None:
    """
    Nothing is left of others.
    """
    assert oci_registry.tags == {}
    assert oci_registry.requests == ()


def test_an_hour_takes_no_time(oci_registry: TestRegistry, oci_clock: VirtualTime) -> None:
    """
    What a registry asks to be waited for passes at once.
    """
    busy = Status(status=429, headers=(("Retry-After", "30"),))
    with oci_registry.faults(Fault(busy, kind="uploads", method="POST", times=2)) as faulty:
        oci_registry.flush("app:1", IMAGE)
    assert len(faulty.strikes) == 2
    assert sum(oci_clock.slept) >= 60
    assert oci_registry.load("app:1") == IMAGE


def test_answers_that_are_lost_are_told(oci_registry: TestRegistry) -> None:
    """
    They have no status.
    """
    with oci_registry.faults(Fault(AnswerLost(), method="PUT", kind="manifest")):
        oci_registry.flush("app:1", IMAGE)
    lost = [each for each in oci_registry.requests if each.status is None]
    assert [str(each) for each in lost] == ["PUT /v2/app/manifests/1 lost"]


def test_one_on_a_socket(oci_registry_server: RegistryServer) -> None:
    """
    Other programs reach it, and so does its own client.
    """
    oci_registry_server.flush("app:1", IMAGE)
    command = [sys.executable, "-m", "ocikit", "digest", oci_registry_server.name("app:1")]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == str(IMAGE.digest)
    assert oci_registry_server.count("HEAD", "/v2/app/manifests/1") == 2


def test_one_by_tls(oci_registry_tls: RegistryServer) -> None:
    """
    Who signed for it is told to those who are to trust it.
    """
    assert oci_registry_tls.url.startswith("https://")
    oci_registry_tls.flush("app:1", IMAGE)
    assert oci_registry_tls.load("app:1") == IMAGE
    stranger = registry.Client()
    with pytest.raises(CertificateUntrusted):
        registry.load(oci_registry_tls.name("app:1"), client=stranger)


def test_paths(oci_layout: Path, oci_tarball: Path) -> None:
    """
    For a layout and an archive.
    """
    layout.flush(oci_layout, IMAGE, reference="1")
    tarball.flush(oci_tarball, IMAGE)
    assert layout.load(oci_layout, "1") == tarball.load(oci_tarball) == IMAGE


def test_a_home(oci_docker_config: DockerConfig) -> None:
    """
    Credentials lie in its file, or with a helper that is a program.
    """
    oci_docker_config.login("a.example", "ada", "secret")
    oci_docker_config.helper("kept", **{"b.example": ("bob", "other")})
    keychain = auth.default(dict(os.environ))
    found = [keychain(Registry(host)) for host in ("a.example", "b.example", "c.example")]
    assert [getattr(each, "username", "") for each in found] == ["ada", "bob", ""]
    assert oci_docker_config.path.stat().st_mode & 0o777 == 0o600


def test_an_engine(oci_engine: TestEngine) -> None:
    """
    It loads, lists, tags, saves and deletes; `DOCKER_HOST` points at it.
    """
    engine = chosen(dict(os.environ))
    daemon.flush("app:1", IMAGE, engine=engine)
    daemon.tag("app:1", "r.example/other:2", engine=engine)
    ident = str(IMAGE.config.digest)
    assert oci_engine.tags == {
        "docker.io/library/app:1": ident,
        "r.example/other:2": ident,
    }
    assert daemon.load("r.example/other:2", engine=engine) == IMAGE
    assert [each.tags for each in daemon.images(engine=engine)] == [("app:1", "r.example/other:2")]
    assert oci_engine.image("app:1") == IMAGE
    daemon.delete("app:1", engine=engine)
    assert daemon.inspect(ident, engine=engine).tags == ("r.example/other:2",)
    daemon.delete(ident, engine=engine)
    with pytest.raises(EngineImageMissing):
        daemon.load("r.example/other:2", engine=engine)
    assert "POST /v1.41/images/load" in oci_engine.requests


def test_an_engine_keeps_nothing_that_is_damaged(oci_engine: TestEngine) -> None:
    """
    Nor half of it.
    """
    with pytest.raises(Corrupt):
        daemon.flush("app:1", lying(IMAGE), engine=chosen(dict(os.environ)))
    assert oci_engine.tags == {}


@pytest.fixture
def inner(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """
    Runs of pytest, which find ocikit where this run has it.
    """
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return pytester


def test_differences_are_told(inner: pytest.Pytester) -> None:
    """
    Of two images: the members and files that differ, and not two long reprs.
    """
    inner.makepyfile(
        """
        from ocikit import mutate
        from ocikit.content.empty import IMAGE

        def test_it():
            assert mutate.config(IMAGE, user="1") == mutate.config(IMAGE, user="2")
        """
    )
    found = inner.runpytest_subprocess("-p", "ocikit.testing.plugin")
    found.assert_outcomes(failed=1)
    found.stdout.fnmatch_lines(["*content differs:*", '*config > config.User: "1" | "2"*'])


def test_the_same_tests_run_against_a_real_registry(
    inner: pytest.Pytester, oci_registry_server: RegistryServer
) -> None:
    """
    In repositories that no other run has.
    """
    inner.makepyfile(
        """
        from ocikit.content.empty import IMAGE

        def test_it(oci_registry):
            oci_registry.flush("app:1", IMAGE)
            assert oci_registry.load("app:1") == IMAGE
        """
    )
    argv = ["-p", "ocikit.testing.plugin", f"--oci-registry={oci_registry_server.url}/ci"]
    for _ in range(2):
        inner.runpytest_subprocess(*argv).assert_outcomes(passed=1)
    names = list(oci_registry_server.tags)
    assert len(names) == 2
    assert all(name.startswith("ci/test-it-") and name.endswith("/app:1") for name in names)


@pytest.mark.real
def test_the_same_tests_run_against_docker_registry(
    inner: pytest.Pytester, docker_registry: DockerRegistry
) -> None:
    """
    Which is asked for all of it: content of any kind, faults on the way, and tags.
    """
    inner.makepyfile(
        """
        from hypothesis import HealthCheck, given, settings
        from ocikit.registry import tags
        from ocikit.server import Fault, Status
        from ocikit.testing import strategies as oci

        @settings(
            max_examples=5,
            deadline=None,
            suppress_health_check=[HealthCheck.function_scoped_fixture],
        )
        @given(content=oci.contents())
        def test_it_keeps_what_it_is_given(oci_registry, content):
            oci_registry.flush("app:1", content)
            assert oci_registry.load("app:1") == content

        def test_it_is_asked_again(oci_registry):
            from ocikit.content.empty import IMAGE

            busy = Status(status=503)
            with oci_registry.faults(Fault(busy, method="PUT")) as faulty:
                oci_registry.flush("app:2", IMAGE)
            assert len(faulty.strikes) == 1
            listed = tags(oci_registry.name("app"), client=oci_registry.client)
            assert list(listed) == ["2"]
        """
    )
    argv = ["-p", "ocikit.testing.plugin", f"--oci-registry=http://{docker_registry.host}/ci"]
    inner.runpytest_subprocess(*argv).assert_outcomes(passed=2)
    put = [target for method, target, status in docker_registry.requests() if method == "PUT"]
    assert any(target.startswith("/v2/ci/test-it-is-asked-again-") for target in put)


def test_traffic_is_recorded_once(
    inner: pytest.Pytester, oci_registry_server: RegistryServer
) -> None:
    """
    And replayed from then on, with the registry gone or not.
    """
    oci_registry_server.flush("app:1", IMAGE)
    inner.makepyfile(
        f"""
        from ocikit.registry import Client, load
        from ocikit.registry.transport import network

        def test_it(oci_cassette):
            client = Client(send=oci_cassette(network()))
            found = load("{oci_registry_server.name("app:1")}", client=client)
            assert str(found.digest) == "{IMAGE.digest}"
        """
    )
    oci_registry_server.forget()
    for argv, asked in (([], True), ([], False), (["--oci-record"], True)):
        inner.runpytest_subprocess("-p", "ocikit.testing.plugin", *argv).assert_outcomes(passed=1)
        assert bool(oci_registry_server.requests) is asked
        oci_registry_server.forget()
    assert (inner.path / "cassettes" / "test_it" / "exchanges.jsonl").exists()


TELL = """
import json, sys
before = set(sys.modules)
import pytest
with_pytest = set(sys.modules)
import ocikit.testing.plugin
print(json.dumps(sorted(set(sys.modules) - with_pytest)))
"""


def test_the_plugin_loads_nothing() -> None:
    """
    But itself, and the front doors on the way to it: it is loaded in every run of pytest.
    """
    command = [sys.executable, "-c", TELL]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    assert set(json.loads(found.stdout)) <= {"ocikit", "ocikit.testing", "ocikit.testing.plugin"}
