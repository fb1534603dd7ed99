"""
Commands with parts that we did not write: registries, engines, skopeo.
"""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest

from ocikit.content import synthetic
from ocikit.registry.flush import flush
from tests.cli.running import done, run
from tests.real.docker_registry import DockerRegistry
from tests.real.dockerd import Engine
from tests.real.process import Command

pytestmark = pytest.mark.real


@pytest.fixture
def pushed(docker_registry: DockerRegistry, busybox_layer_tree: Path) -> str:
    """
    An image that runs, in a registry, made by command.
    """
    tag = f"{docker_registry.host}/cli/busybox:1"
    ran = done("append", "-f", busybox_layer_tree, "--owner", "0:0", "--oci-empty-base", "-t", tag)
    name = ran.lines[0]
    argv = ("--entrypoint", "/bin/busybox", "--cmd", "echo,hello", "--set-platform", "linux/amd64")
    return done("mutate", name, "-t", tag, *argv).lines[0]


def test_every_reading_command(docker_registry: DockerRegistry, pushed: str) -> None:
    """
    digest, manifest, config, ls, catalog and validate against docker-registry.
    """
    host = docker_registry.host
    digest = pushed.partition("@")[2]
    assert done("digest", f"{host}/cli/busybox:1").lines == [digest]
    assert json.loads(done("manifest", pushed).raw)["schemaVersion"] == 2
    assert json.loads(done("config", pushed).raw)["config"]["Cmd"] == ["echo", "hello"]
    assert "1" in done("ls", f"{host}/cli/busybox").lines
    assert "cli/busybox" in done("catalog", host).lines
    assert done("validate", pushed).lines == [f"PASS: {pushed}"]
    assert done("validate", "--fast", pushed).lines == [f"PASS: {pushed}"]
    assert run("ls", f"{host}/cli/nope").code == 3


def test_copy_mounts(docker_registry: DockerRegistry, pushed: str) -> None:
    """
    Within one registry no blob is downloaded or uploaded.
    """
    before = len(docker_registry.requests())
    done("copy", pushed, f"{docker_registry.host}/cli/mounted:1")
    asked = docker_registry.requests()[before:]
    assert [target for method, target, _ in asked if method == "PATCH"] == []
    assert [target for method, target, _ in asked if method == "GET" and "/blobs/" in target] == []


def test_tag_moves_no_blob(docker_registry: DockerRegistry, pushed: str) -> None:
    """
    A tag costs a manifest there and back, and nothing is asked of blobs.
    """
    before = len(docker_registry.requests())
    done("tag", pushed, "tagged")
    asked = docker_registry.requests()[before:]
    assert [target for _, target, _ in asked if "/blobs/" in target] == []
    assert done("digest", f"{docker_registry.host}/cli/busybox:tagged").lines[0] in pushed


def test_delete_by_digest(docker_registry: DockerRegistry) -> None:
    """
    docker-registry deletes by digest only: a tag is refused, and the text says so.
    """
    host = docker_registry.host
    name = done("append", "-f", "-", "-t", f"{host}/cli/gone:1", stdin=bytes(1024)).lines[0]
    ran = run("delete", f"{host}/cli/gone:1")
    assert ran.code in (2, 6)
    done("delete", name)
    assert run("digest", f"{host}/cli/gone:1").code == 3


@pytest.mark.parametrize("format", ["tarball", "legacy"])
def test_docker_loads_what_is_pulled(
    dockerd: Engine, pushed: str, tmp_path: Path, format: str
) -> None:
    """
    Archives of both ages load, under the name they had, and the image runs.
    """
    tagged = pushed.partition("@")[0] + ":1"
    done("pull", "--format", format, tagged, tmp_path / "a.tar")
    dockerd.cli("load", "--input", tmp_path / "a.tar")
    assert dockerd.run(tagged) == "hello\n"
    dockerd.cli("image", "rm", tagged)


def test_docker_loads_a_stream(dockerd: Engine, pushed: str) -> None:
    """
    `ocikit pull IMAGE - | docker load`, and `docker save | ocikit push -`.
    """
    tagged = pushed.partition("@")[0] + ":1"
    dockerd.cli("load", stdin=done("pull", tagged, "-").raw)
    assert dockerd.run(tagged) == "hello\n"
    back = done("push", "-", f"{tagged}-back", stdin=dockerd.cli.bytes("save", tagged)).lines[0]
    assert done("config", back).raw == done("config", pushed).raw


@pytest.mark.parametrize("which", ["dockerd", "podman"])
def test_engines_by_docker_host(
    which: str, request: pytest.FixtureRequest, pushed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    docker-daemon: is where DOCKER_HOST says; into it, out of it, and it runs.
    """
    engine: Engine = request.getfixturevalue(which)
    monkeypatch.setenv("DOCKER_HOST", f"unix://{engine.socket}")
    place = "docker-daemon:registry.example/cli:1"
    assert done("copy", pushed, place).lines[0].startswith("docker-daemon:")
    assert engine.run("registry.example/cli:1") == "hello\n"
    assert done("config", place).raw == done("config", pushed).raw
    back = pushed.partition("@")[0] + f":{which}"
    done("copy", place, back)
    assert done("config", back).raw == done("config", pushed).raw
    assert run("digest", "docker-daemon:registry.example/nope:1").code == 3


def test_no_engine_is_told(pushed: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """
    Where nobody answers, the text says where.
    """
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/s")
    ran = run("copy", pushed, "docker-daemon:registry.example/cli:1")
    assert ran.code == 7
    assert f"{tmp_path}/s" in ran.err


def test_skopeo_agrees(
    docker_registry: DockerRegistry, pushed: str, skopeo: Command, tmp_path: Path
) -> None:
    """
    skopeo reads our layouts and archives, and we its, with the same digest.
    """
    digest = pushed.partition("@")[2]
    for kind in ("oci", "oci-archive"):
        ours, theirs = f"{kind}:{tmp_path}/{kind}-ours:1", f"{kind}:{tmp_path}/{kind}-theirs:1"
        done("copy", pushed, ours)
        skopeo("copy", "-q", ours, theirs)
        assert done("digest", theirs).lines == [digest]
        assert json.loads(skopeo("inspect", ours))["Digest"] == digest
    done("copy", pushed, f"docker-archive:{tmp_path}/a.tar:registry.example/cli:1")
    said = json.loads(skopeo("inspect", "--config", f"docker-archive:{tmp_path}/a.tar"))
    assert said["config"]["Cmd"] == ["echo", "hello"]
    copy = ("copy", "-q", "--dest-tls-verify=false", f"oci:{tmp_path}/oci-ours:1")
    skopeo(*copy, f"docker://{docker_registry.host}/cli/skopeo:1")
    assert done("digest", f"{docker_registry.host}/cli/skopeo:1").lines == [digest]


def test_indexes_that_others_read(
    docker_registry: DockerRegistry, pushed: str, skopeo: Command, dockerd: Engine
) -> None:
    """
    Appended to and filtered: docker-registry takes it, skopeo and docker find theirs in it.
    """
    host = docker_registry.host
    arm, tag = f"{host}/cli/arm:1", f"{host}/cli/index:1"
    done("mutate", pushed, "--set-platform", "linux/arm64", "-t", arm)
    name = done("index", "append", "-m", pushed, "-m", arm, "-t", tag).lines[0]
    inspect = ("inspect", "--tls-verify=false")
    raw = json.loads(skopeo(*inspect, "--raw", f"docker://{tag}"))
    assert [said["digest"] for said in raw["manifests"]] == [
        pushed.partition("@")[2],
        *done("digest", arm).lines,
    ]
    said = json.loads(skopeo("--override-arch", "arm64", *inspect, f"docker://{tag}"))
    assert said["Architecture"] == "arm64"
    dockerd.cli("pull", "--quiet", tag)
    assert dockerd.run(tag) == "hello\n"
    dockerd.cli("image", "rm", tag)
    done("index", "filter", "--platform", "linux/arm64", tag)
    raw = json.loads(skopeo(*inspect, "--raw", f"docker://{tag}"))
    assert [said["platform"]["architecture"] for said in raw["manifests"]] == ["arm64"]
    assert done("validate", tag, name).code == 0


def test_skopeo_s_index_is_listed(pushed: str, skopeo: Command, tmp_path: Path) -> None:
    """
    What skopeo copies whole has the digests that we list, and is filtered alike.
    """
    done("index", "append", "-m", pushed, "-t", f"oci:{tmp_path}/ours:1")
    skopeo("copy", "-q", "--all", f"oci:{tmp_path}/ours:1", f"oci:{tmp_path}/theirs:1")
    theirs = done("index", "list", f"oci:{tmp_path}/theirs:1")
    assert theirs.raw == done("index", "list", f"oci:{tmp_path}/ours:1").raw
    assert pushed.partition("@")[2] in theirs.out


def test_names_are_told_apart(docker_registry_basic: DockerRegistry) -> None:
    """
    Without credentials a registry that wants some answers with a code of its own.
    """
    ran = run("digest", f"{docker_registry_basic.host}/app:1")
    assert ran.code == 4
    assert "log in" in ran.err


def test_all_repositories_below_a_name(docker_registry: DockerRegistry) -> None:
    """
    Listed by the catalog, copied with what differs, and old tags deleted.

    docker-registry lists no manifest without a tag, and deletes no tag alone.
    """
    host, made = docker_registry.host, synthetic.index(Random(5), size=10)
    names = ("walk/a:1", "walk/a:ci-1", "walk/b/c:latest", "walker:1")
    for name in names:
        flush(f"{host}/{name}", synthetic.image(Random(6)) if "ci" in name else made)
    assert sorted(done("ls", "-r", f"{host}/walk").lines) == [f"{host}/{n}" for n in names[:3]]
    argv = ("copy", "-r", f"{host}/walk", f"{host}/walked")
    copied = [f"{host}/{name.replace('walk', 'walked')}" for name in names[:3]]
    assert sorted(done(*argv).lines) == copied
    assert done(*argv).lines == []
    gone = done("gc", "-r", f"{host}/walked", "--tags", "ci-*", "--older-than", "0", "--delete")
    assert [line.partition("\t")[2] for line in gone.lines] == ["ci-1"]
    assert done("ls", f"{host}/walked/a").lines == ["1"]
    assert done("validate", "--fast", f"{host}/walked/a:1").code == 0
