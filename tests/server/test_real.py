"""
The clients that people have push to our registry, and pull from it what they pushed.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ocikit.cli.passing import upstream
from ocikit.http.message import Send
from ocikit.registry.client import Client
from ocikit.server.app import Guards, guarded
from ocikit.server.auth.accounts import hash_password, read_accounts
from ocikit.server.auth.basic import basic_auth
from ocikit.server.auth.bearer import token_auth
from ocikit.server.handler import registry
from ocikit.server.memory import Memory
from ocikit.server.upstream.proxy import proxy
from ocikit.server.web.serve import serve
from ocikit.testing.certificates import CertificateAuthority
from tests.real.dockerd import Engine
from tests.real.process import Command, CommandFailed, require_module
from tests.server.conftest import Served

pytestmark = pytest.mark.real

OCI = "application/vnd.oci.image"


def _tar(tree: Path) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        archive.add(tree, arcname=".")
    return out.getvalue()


def _blob(layout: Path, media_type: str, data: bytes, **members: Any) -> dict[str, Any]:
    digest = hashlib.sha256(data).hexdigest()
    (layout / "blobs/sha256" / digest).write_bytes(data)
    return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(data), **members}


def _image(layout: Path, tar: bytes, architecture: str) -> dict[str, Any]:
    layer = _blob(layout, f"{OCI}.layer.v1.tar+gzip", gzip.compress(tar, 1, mtime=0))
    rootfs = {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(tar).hexdigest()}"]}
    config = {"architecture": architecture, "os": "linux", "config": {}, "rootfs": rootfs}
    manifest = {
        "schemaVersion": 2,
        "config": _blob(layout, f"{OCI}.config.v1+json", json.dumps(config).encode()),
        "layers": [layer],
    }
    platform = {"architecture": architecture, "os": "linux"}
    data = json.dumps(manifest).encode()
    return _blob(layout, f"{OCI}.manifest.v1+json", data, platform=platform)


@pytest.fixture
def layout(tmp_path: Path, busybox_layer_tree: Path) -> Path:
    """
    A layout of an index of two platforms, tagged `both`, made with nothing of ours.
    """
    folder = tmp_path / "made"
    (folder / "blobs/sha256").mkdir(parents=True)
    tar = _tar(busybox_layer_tree)
    children = [_image(folder, tar, "amd64"), _image(folder, tar, "arm64")]
    data = json.dumps({"schemaVersion": 2, "manifests": children}).encode()
    tagged = _blob(folder, f"{OCI}.index.v1+json", data)
    tagged["annotations"] = {"org.opencontainers.image.ref.name": "both"}
    (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [tagged]}))
    (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    return folder


def _blobs(layout: Path) -> set[str]:
    return {path.name for path in (layout / "blobs/sha256").iterdir()}


def test_skopeo_copies_an_index_there_and_back(
    served: Served, skopeo: Command, layout: Path, tmp_path: Path
) -> None:
    """
    What skopeo pulls is, digest for digest, what it pushed.
    """
    there = f"docker://{served.host}/skopeo/app:both"
    skopeo("copy", "--all", "--dest-tls-verify=false", f"oci:{layout}:both", there)
    back = tmp_path / "back"
    skopeo("copy", "--all", "--src-tls-verify=false", there, f"oci:{back}:both")
    assert _blobs(back) == _blobs(layout)
    assert json.loads(skopeo("list-tags", "--tls-verify=false", there.removesuffix(":both")))[
        "Tags"
    ] == ["both"]
    assert served.failures() == []


def test_skopeo_mounts_and_deletes(served: Served, skopeo: Command, layout: Path) -> None:
    """
    A copy within the registry sends no layer again, and a deleted image is gone.
    """
    first, second = (f"docker://{served.host}/skopeo/{name}:1" for name in ("one", "two"))
    plain = ("--dest-tls-verify=false", "--src-tls-verify=false")
    skopeo("copy", "--dest-tls-verify=false", f"oci:{layout}:both", first)
    served.log.clear()
    skopeo("copy", *plain, first, second)
    assert max(each.received for each in served.log) < 10_000
    skopeo("delete", "--tls-verify=false", first)
    assert served.handler.storage.tags("skopeo/one", "", 10) == []
    assert served.handler.storage.tags("skopeo/two", "", 10) == ["1"]
    assert served.failures() == []


@pytest.mark.parametrize("protect", [basic_auth, token_auth])
def test_skopeo_logs_in(
    protect: Callable[[Send, dict[str, str]], Send], skopeo: Command, layout: Path
) -> None:
    """
    With a password or with tokens, and not without either.
    """
    with serve(protect(registry(), {"ada": "pass:word"})) as server:
        there = f"docker://{server.host}/skopeo/app:1"
        copy = ("copy", "--dest-tls-verify=false")
        with pytest.raises(CommandFailed, match=r"unauthorized|denied|authentication required"):
            skopeo(*copy, f"oci:{layout}:both", there)
        skopeo(*copy, "--dest-creds", "ada:pass:word", f"oci:{layout}:both", there)
        skopeo("inspect", "--tls-verify=false", "--creds", "ada:pass:word", there)


@pytest.mark.parametrize("protect", [basic_auth, token_auth])
def test_docker_logs_in(
    protect: Callable[[Send, dict[str, str]], Send],
    dockerd: Engine,
    busybox_layer_tree: Path,
    tmp_path: Path,
) -> None:
    """
    `docker login` accepts the one password and refuses the other; then it pushes and pulls.
    """
    with serve(protect(registry(), {"ada": "secret"})) as server:
        docker = Command((*dockerd.cli.argv, "--config", str(tmp_path)))
        login = ("login", "--username", "ada", "--password-stdin", server.host)
        with pytest.raises(CommandFailed):
            docker(*login, stdin=b"wrong")
        docker(*login, stdin=b"secret")
        image = f"{server.host}/docker/app:1"
        docker("import", "-", image, stdin=_tar(busybox_layer_tree))
        docker("push", image)
        docker("rmi", image)
        docker("pull", image)
        docker("rmi", image)


@pytest.mark.parametrize("name", ["dockerd", "podman"])
def test_an_engine_pushes_pulls_and_runs(
    name: str, served: Served, busybox_layer_tree: Path, request: pytest.FixtureRequest
) -> None:
    """
    An image goes from an engine to the registry and back, and still runs.
    """
    engine: Engine = request.getfixturevalue(name)
    image, plain = f"{served.host}/{name}/app:1", ("--tls-verify=false",) * (name == "podman")
    engine.cli("import", "-", image, stdin=_tar(busybox_layer_tree))
    engine.cli("push", *plain, image)
    engine.cli("rmi", image)
    engine.cli("pull", *plain, image)
    assert engine.run(image, "/bin/sh", "-c", "echo here") == "here\n"
    engine.cli("rmi", image)
    assert served.failures() == []


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
def test_containerd_pulls_and_pushes_an_index(
    compression: str, served: Served, skopeo: Command, ctr: Command, layout: Path, tmp_path: Path
) -> None:
    """
    Every platform, in layers of gzip and of zstd, is there again as it was.
    """
    first, second = (f"{served.host}/ctr/{name}:1" for name in ("one", "two"))
    form = ("--dest-compress-format", compression) * (compression == "zstd")
    plain = ("--dest-tls-verify=false", "--src-tls-verify=false")
    skopeo("copy", "--all", *form, *plain, f"oci:{layout}:both", f"docker://{first}")
    ctr("images", "pull", "--plain-http", "--all-platforms", first)
    ctr("images", "tag", first, second)
    ctr("images", "push", "--plain-http", second)
    for name in ("one", "two"):
        source = f"docker://{served.host}/ctr/{name}:1"
        skopeo("copy", "--all", *plain, source, f"oci:{tmp_path / name}:both")
    assert _blobs(tmp_path / "one") == _blobs(tmp_path / "two")
    ctr("images", "rm", first, second)
    assert served.failures() == []


@pytest.mark.parametrize("scheme", ["basic", "token"])
def test_skopeo_and_podman_by_tls_with_accounts(
    scheme: str,
    skopeo: Command,
    podman: Engine,
    layout: Path,
    busybox_layer_tree: Path,
    tmp_path: Path,
) -> None:
    """
    Over TLS, with a file of accounts; who is no user may pull, and not push.
    """
    authority = CertificateAuthority(tmp_path)
    (tmp_path / "certs").mkdir()
    shutil.copy(authority.file, tmp_path / "certs/ca.crt")
    trust = str(tmp_path / "certs")
    users = read_accounts(f"ada:{hash_password('pass:word', rounds=1000)}")
    guards = Guards(
        users=users, scheme="token" if scheme == "token" else "basic", anonymous_pull=True
    )
    with serve(guarded(registry(), guards), tls=authority.context()) as server:
        there = f"docker://{server.host}/tls/app:1"
        copy = ("copy", "--all", "--dest-cert-dir", trust)
        with pytest.raises(CommandFailed):
            skopeo(*copy, f"oci:{layout}:both", there)
        skopeo(*copy, "--dest-creds", "ada:pass:word", f"oci:{layout}:both", there)
        image = f"{server.host}/tls/podman:1"
        podman.cli("import", "-", image, stdin=_tar(busybox_layer_tree))
        podman.cli("push", "--cert-dir", trust, "--creds", "ada:pass:word", image)
        podman.cli("rmi", image)
        if scheme == "token":
            # With basic authentication clients are asked who they are at the door.
            podman.cli("pull", "--cert-dir", trust, image)
        else:
            podman.cli("pull", "--cert-dir", trust, "--creds", "ada:pass:word", image)
        assert podman.run(image, "/bin/sh", "-c", "echo here") == "here\n"
        podman.cli("rmi", image)


def test_what_umoci_made_goes_there_and_back(
    served: Served, skopeo: Command, umoci: Command, tmp_path: Path
) -> None:
    """
    An image that was made from nothing, with a layer that was packed from a folder.
    """
    layout = tmp_path / "made"
    umoci("init", "--layout", layout)
    umoci("new", "--image", f"{layout}:t")
    umoci("unpack", "--image", f"{layout}:t", tmp_path / "bundle")
    (tmp_path / "bundle/rootfs/file").write_text("hello")
    umoci("repack", "--image", f"{layout}:t", tmp_path / "bundle")
    umoci("gc", "--layout", layout)
    there = f"docker://{served.host}/umoci/app:t"
    skopeo("copy", "--dest-tls-verify=false", f"oci:{layout}:t", there)
    skopeo("copy", "--src-tls-verify=false", there, f"oci:{tmp_path / 'back'}:t")
    assert _blobs(tmp_path / "back") == _blobs(layout)
    assert served.failures() == []


def test_oras_pushes_and_pulls_files(served: Served, tmp_path: Path) -> None:
    """
    Files as an artifact, through a client in Python that we did not write.
    """
    require_module("oras")
    from oras.client import OrasClient

    (tmp_path / "out").mkdir()
    (tmp_path / "file.txt").write_text("hello")
    client = OrasClient(hostname=served.host, insecure=True)
    target = f"{served.host}/oras/files:1"
    client.push(target, files=[str(tmp_path / "file.txt")], disable_path_validation=True)
    found = client.pull(target, outdir=str(tmp_path / "out"))
    assert [Path(path).read_text() for path in found] == ["hello"]
    assert served.failures() == []


@pytest.mark.parametrize("name", ["gunicorn", "uvicorn", "granian"])
def test_skopeo_copies_through_web_servers(
    name: str, skopeo: Command, layout: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """
    The gateways serve a client that we did not write, in chunks and with lengths.
    """
    host: str = request.getfixturevalue(name)
    there = f"docker://{host}/skopeo/{name}:both"
    skopeo("copy", "--all", "--dest-tls-verify=false", f"oci:{layout}:both", there)
    back = tmp_path / "back"
    skopeo("copy", "--all", "--src-tls-verify=false", there, f"oci:{back}:both")
    assert _blobs(back) == _blobs(layout)


def test_podman_pulls_through_a_proxy(
    served: Served, skopeo: Command, podman: Engine, layout: Path
) -> None:
    """
    What another registry holds comes through, and once more when that is gone.
    """
    skopeo(
        "copy",
        "--all",
        "--dest-tls-verify=false",
        f"oci:{layout}:both",
        f"docker://{served.host}/far/app:1",
    )
    with serve(proxy(upstream(served.host, Client()), Memory())) as near:
        image = f"{near.host}/far/app:1"
        for _ in range(2):
            podman.cli("pull", "--tls-verify=false", image)
            assert podman.run(image, "/bin/sh", "-c", "echo here") == "here\n"
            podman.cli("rmi", image)
            served.server.close()
