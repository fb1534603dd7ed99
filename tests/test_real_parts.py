"""
Every real component starts, answers, and does the least that tests ask of it.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import tarfile
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.real.docker_registry import DockerRegistry
from tests.real.dockerd import Engine
from tests.real.process import Command, CommandFailed, answers

pytestmark = pytest.mark.real


def _get(url: str, **headers: str) -> tuple[int, str, bytes]:
    # Redirects and proxies of the environment are not wanted here, a plain GET is.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(urllib.request.Request(url, headers=headers)) as reply:
            return reply.status, "", reply.read()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.headers.get("WWW-Authenticate", ""), refused.read()


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def _tar(tree: Path) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        archive.add(tree, arcname=".")
    return out.getvalue()


@pytest.fixture
def tiny_layout(tmp_path: Path, busybox_layer_tree: Path) -> Path:
    """
    An OCI layout of one busybox image tagged `tiny`, made with nothing but the stdlib.
    """
    layout = tmp_path / "tiny"
    (layout / "blobs/sha256").mkdir(parents=True)

    def add(media_type: str, data: bytes) -> dict[str, Any]:
        digest = hashlib.sha256(data).hexdigest()
        (layout / "blobs/sha256" / digest).write_bytes(data)
        return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(data)}

    oci = "application/vnd.oci.image"
    tar = _tar(busybox_layer_tree)
    # Compressed, for skopeo compresses what is not on its way to a registry.
    layer = add(f"{oci}.layer.v1.tar+gzip", gzip.compress(tar, 1))
    diff_id = f"sha256:{hashlib.sha256(tar).hexdigest()}"
    rootfs = {"type": "layers", "diff_ids": [diff_id]}
    config = {"architecture": "amd64", "os": "linux", "config": {}, "rootfs": rootfs}
    manifest = {
        "schemaVersion": 2,
        "config": add(f"{oci}.config.v1+json", json.dumps(config).encode()),
        "layers": [layer],
    }
    tagged = add(f"{oci}.manifest.v1+json", json.dumps(manifest).encode())
    tagged["annotations"] = {"org.opencontainers.image.ref.name": "tiny"}
    (layout / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [tagged]}))
    (layout / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    return layout


def test_registry_lets_everybody_in(docker_registry: DockerRegistry) -> None:
    """
    `GET /v2/` is 200 without credentials, and is found in the registry's log.
    """
    assert _get(f"http://{docker_registry.host}/v2/")[0] == 200
    assert ("GET", "/v2/", 200) in docker_registry.requests()


def test_registry_asks_for_basic_credentials(docker_registry_basic: DockerRegistry) -> None:
    """
    401 with a Basic challenge for nobody, 200 for its user, whose password is not ASCII.
    """
    registry = docker_registry_basic
    url = f"http://{registry.host}/v2/"
    assert _get(url)[:2] == (401, 'Basic realm="basic-realm"')
    assert _get(url, Authorization=_basic(registry.user, registry.password))[0] == 200
    assert _get(url, Authorization=_basic(registry.user, "wrong"))[0] == 401


def test_registry_asks_for_a_token(docker_registry_token: DockerRegistry) -> None:
    """
    401 with a Bearer challenge for nobody; a token of the server that it names opens it.
    """
    registry = docker_registry_token
    tokens = registry.tokens
    assert tokens is not None
    url = f"http://{registry.host}/v2/_catalog"
    status, challenge, _ = _get(url)
    assert status == 401
    assert f'realm="{tokens.realm}",service="{tokens.service}"' in challenge
    ask = f"{tokens.realm}?service={tokens.service}&scope=registry:catalog:*"
    who = _basic(registry.user, registry.password)

    def token(**headers: str) -> str:
        return f"Bearer {json.loads(_get(ask, **headers)[2])['token']}"

    assert _get(url, Authorization=token(Authorization=who))[0] == 200
    assert _get(url, Authorization=token())[0] == 401, "nobody may list the catalog"
    tokens.stale = 1
    assert _get(url, Authorization=token(Authorization=who))[0] == 401, "past its time"
    assert _get(ask, Authorization=_basic(registry.user, "wrong"))[0] == 401
    assert tokens.scopes[-4:] == ["registry:catalog:*"] * 4


def test_docker_answers(dockerd: Engine) -> None:
    """
    The engine tells its version over its socket, and its own client reaches it.
    """
    version = json.loads(answers(dockerd.socket, "/version") or b"{}")
    assert version["ApiVersion"]
    assert dockerd.cli("version", "--format", "{{.Server.Version}}").strip() == version["Version"]


def test_podman_answers(podman: Engine) -> None:
    """
    podman tells its version over its socket in Docker's form.
    """
    version = json.loads(answers(podman.socket, "/version") or b"{}")
    assert version["Components"][0]["Name"] == "Podman Engine"


def test_docker_of_today_answers(dockerd26: Engine) -> None:
    """
    The engine of Debian 13 is one that saves OCI layouts.
    """
    version = json.loads(answers(dockerd26.socket, "/version") or b"{}")
    assert int(version["Version"].split(".")[0]) >= 25


@pytest.mark.parametrize("engine", ["dockerd", "dockerd26", "podman"])
def test_engines_run_busybox(
    engine: str, busybox_layer_tree: Path, request: pytest.FixtureRequest
) -> None:
    """
    A container of the busybox tree runs and prints, with no network.
    """
    real: Engine = request.getfixturevalue(engine)
    real.cli("import", "-", "busybox:tree", stdin=_tar(busybox_layer_tree))
    assert real.run("busybox:tree", "/bin/sh", "-c", "echo out of $((6 * 7))") == "out of 42\n"


def test_skopeo_copies_a_layout(
    skopeo: Command, docker_registry: DockerRegistry, tiny_layout: Path, tmp_path: Path
) -> None:
    """
    A layout goes to the registry and comes back with the same manifest digest.
    """
    there = f"docker://{docker_registry.host}/parts/tiny:1"
    skopeo("copy", "--dest-tls-verify=false", f"oci:{tiny_layout}:tiny", there)
    skopeo("copy", "--src-tls-verify=false", there, f"oci:{tmp_path}/back:tiny")
    first, second = (
        json.loads((layout / "index.json").read_bytes())["manifests"][0]["digest"]
        for layout in (tiny_layout, tmp_path / "back")
    )
    assert first == second


def test_umoci_makes_and_unpacks_a_layout(
    umoci: Command, tiny_layout: Path, tmp_path: Path
) -> None:
    """
    umoci starts layouts, and unpacks one that it did not write.
    """
    umoci("init", "--layout", tmp_path / "new")
    assert (tmp_path / "new/oci-layout").exists()
    umoci("unpack", "--rootless", "--image", f"{tiny_layout}:tiny", tmp_path / "bundle")
    assert (tmp_path / "bundle/rootfs/bin/busybox").stat().st_size > 1_000_000


def test_failing_commands_say_why(skopeo: Command, tmp_path: Path) -> None:
    """
    What a program wrote to standard error is in the text of the exception.
    """
    with pytest.raises(CommandFailed, match=r"index\.json: no such file"):
        skopeo("inspect", f"oci:{tmp_path}:none")


def test_rootfs_is_debian(rootfs: Path) -> None:
    """
    The root filesystem is whole: thousands of files, some with more than one name.
    """
    found = [path.lstat() for path in rootfs.rglob("*")]
    assert len(found) > 6000
    assert "debian" in (rootfs / "etc/os-release").read_text()
    assert any(stat.st_nlink > 1 for stat in found)
