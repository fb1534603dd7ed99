"""
The clients that people have, over TLS and with accounts, basic and by tokens.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from ocikit import layout
from ocikit.content.image import Image
from ocikit.content.partial import image_of
from ocikit.files.layer import layer
from ocikit.server.app import Guards, guarded
from ocikit.server.auth.accounts import hash_password, read_accounts
from ocikit.server.handler import registry
from ocikit.server.web.guard import Exchange
from ocikit.server.web.serve import serve
from ocikit.spec.config import ConfigFile
from ocikit.testing.certificates import CertificateAuthority
from tests.real.dockerd import Engine
from tests.real.process import Command, CommandFailed, require_module

pytestmark = pytest.mark.real

USER, PASSWORD = "ada", "pass:word"
CREDENTIALS = f"{USER}:{PASSWORD}"


@attrs.frozen
class Guarded:
    """
    A registry that speaks TLS only, and lets in only who has an account.
    """

    host: str
    #: A folder for those who take certificates from folders.
    trust: Path
    log: list[Exchange]

    def failures(self) -> list[Exchange]:
        """
        Find what went wrong on our side.
        """
        return [each for each in self.log if each.failure is not None or each.status >= 500]


@pytest.fixture(params=["basic", "token"])
def secure(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Guarded]:
    """
    Serve it until the test ends.
    """
    trust = tmp_path / "trust"
    trust.mkdir()
    authority = CertificateAuthority(tmp_path)
    shutil.copy(authority.file, trust / "ca.crt")
    users = read_accounts(f"{USER}:{hash_password(PASSWORD, rounds=1000)}")
    log = list[Exchange]()
    handler = guarded(registry(), Guards(users=users, scheme=request.param))
    with serve(handler, tls=authority.context(), log=log.append) as server:
        yield Guarded(server.host, trust, log)


@pytest.fixture
def busybox(busybox_layer_tree: Path) -> Image:
    """
    An image that runs.
    """
    return image_of(ConfigFile(os="linux", architecture="amd64"), [layer(busybox_layer_tree)])


@pytest.fixture
def made(busybox: Image, tmp_path: Path) -> str:
    """
    That image in a layout, as skopeo names it.
    """
    layout.flush(tmp_path / "made", busybox, reference="v1")
    return f"oci:{tmp_path}/made:v1"


def test_docker_logs_in_pushes_pulls_and_runs(
    secure: Guarded, dockerd: Engine, skopeo: Command, made: str, tmp_path: Path
) -> None:
    """
    Docker holds loopback for insecure: it speaks TLS there and takes any certificate.
    """
    docker = Command((*dockerd.cli.argv, "--config", str(tmp_path / "docker")))
    image = f"{secure.host}/tls/docker:1"
    skopeo("copy", made, f"docker-archive:{tmp_path}/a.tar:{image}")
    docker("load", "--input", tmp_path / "a.tar")
    with pytest.raises(CommandFailed):
        docker("push", image)
    login = ("login", "--username", USER, "--password-stdin", secure.host)
    with pytest.raises(CommandFailed, match=r"unauthorized|401|denied"):
        docker(*login, stdin=b"wrong")
    docker(*login, stdin=PASSWORD.encode())
    docker("push", image)
    docker("rmi", image)
    docker("pull", image)
    assert dockerd.run(image, "/bin/sh", "-c", "echo here") == "here\n"
    docker("rmi", image)
    docker("logout", secure.host)
    with pytest.raises(CommandFailed):
        docker("pull", image)
    assert secure.failures() == []


@pytest.mark.parametrize("trusting", [True, False])
def test_containerd_pulls_and_pushes(
    secure: Guarded, ctr: Command, skopeo: Command, made: str, tmp_path: Path, trusting: bool
) -> None:
    """
    With `--user`; by a folder of hosts that names the authority, or none: without one
    it asks loopback by plain HTTP.
    """
    folder = tmp_path / "hosts" / secure.host
    folder.mkdir(parents=True)
    trust = f'ca = "{secure.trust}/ca.crt"' if trusting else "skip_verify = true"
    (folder / "hosts.toml").write_text(f'[host."https://{secure.host}"]\n{trust}\n')
    how = ("--hosts-dir", folder.parent)
    first, second = (f"{secure.host}/tls/ctr-{name}:1" for name in ("one", "two"))
    skopeo(
        *("copy", "--dest-cert-dir", secure.trust, "--dest-creds", CREDENTIALS),
        *(made, f"docker://{first}"),
    )
    with pytest.raises(CommandFailed):
        ctr("images", "pull", *how, first)
    ctr("images", "pull", "--snapshotter", "native", *how, "--user", CREDENTIALS, first)
    ctr("images", "tag", first, second)
    ctr("images", "push", *how, "--user", CREDENTIALS, second)
    inspect = ("inspect", "--cert-dir", secure.trust, "--creds", CREDENTIALS, "--format")
    digests = [skopeo(*inspect, "{{.Digest}}", f"docker://{name}") for name in (first, second)]
    assert digests[0] == digests[1]
    ctr("images", "rm", first, second)
    assert secure.failures() == []


@pytest.mark.parametrize("secure", ["basic"], indirect=True)
def test_oras_pushes_and_pulls_files(
    secure: Guarded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    A client in Python that verifies certificates. It keeps its first token, which is to
    pull, and so pushes with a password only.
    """
    require_module("oras")
    from oras.client import OrasClient

    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(secure.trust / "ca.crt"))
    (tmp_path / "out").mkdir()
    (tmp_path / "file.txt").write_text("hello")
    client = OrasClient(hostname=secure.host, auth_backend="basic")
    target = f"{secure.host}/tls/oras:1"
    files = [str(tmp_path / "file.txt")]
    client.auth.set_basic_auth(USER, PASSWORD)
    client.push(target, files=files, disable_path_validation=True)
    found = client.pull(target, outdir=str(tmp_path / "out"))
    assert [Path(path).read_text() for path in found] == ["hello"]
    assert secure.failures() == []


def test_what_umoci_made_goes_there_and_back(
    secure: Guarded, skopeo: Command, umoci: Command, tmp_path: Path
) -> None:
    """
    By skopeo, and only by who says who they are.
    """
    umoci("init", "--layout", tmp_path / "made")
    umoci("new", "--image", f"{tmp_path}/made:t")
    umoci("unpack", "--image", f"{tmp_path}/made:t", tmp_path / "bundle")
    (tmp_path / "bundle/rootfs/file").write_text("hello")
    umoci("repack", "--image", f"{tmp_path}/made:t", tmp_path / "bundle")
    umoci("gc", "--layout", tmp_path / "made")
    there = f"docker://{secure.host}/tls/umoci:t"
    to = ("copy", "--dest-cert-dir", secure.trust, f"oci:{tmp_path}/made:t", there)
    with pytest.raises(CommandFailed, match=r"unauthorized|denied|authentication required"):
        skopeo(*to)
    skopeo(*to, "--dest-creds", CREDENTIALS)
    back = ("copy", "--src-cert-dir", secure.trust, "--src-creds", CREDENTIALS)
    skopeo(*back, there, f"oci:{tmp_path}/back:t")
    blobs = [
        sorted(path.name for path in (tmp_path / name / "blobs/sha256").iterdir())
        for name in ("made", "back")
    ]
    assert blobs[0] == blobs[1]
    assert secure.failures() == []
