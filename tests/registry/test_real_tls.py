"""
docker-registry behind TLS, behind certificates of clients, and behind a unix socket.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from ocikit._records import FrozenMap
from ocikit.content import synthetic
from ocikit.http.credentials import anonymous
from ocikit.registry.client import Client
from ocikit.registry.faults import CertificateUntrusted, ConnectionBroken, TLSFailed
from ocikit.registry.flush import flush
from ocikit.registry.load import load
from ocikit.registry.settings import Settings
from ocikit.testing.certificates import CertificateAuthority
from tests.real.docker_registry import DockerRegistry

pytestmark = pytest.mark.real

IMAGE = synthetic.image(random.Random(1), layers=2, size=1 << 20)


def client(**settings: object) -> Client:
    """
    Nobody in particular, who looks in no folder that is not named.
    """
    known = {"certificate_folders": (), **settings}
    return Client(keychain=anonymous, settings=Settings(**known))  # type: ignore[arg-type]


def makes_the_round(name: str, one: Client) -> bool:
    """
    Push and pull.
    """
    flush(name, IMAGE, client=one)
    return load(name, client=one) == IMAGE


def folder_for(registry: DockerRegistry, tmp_path: Path, *, client: bool = False) -> Path:
    """
    Make a folder as Docker has it: one for each registry, of authorities and pairs.
    """
    assert registry.authority is not None
    own = tmp_path / "certs.d" / registry.host
    own.mkdir(parents=True)
    (own / "ca.crt").write_bytes(registry.authority.file.read_bytes())
    if client:
        pair = registry.authority.client()
        (own / "client.cert").write_bytes(pair.certificate.read_bytes())
        (own / "client.key").write_bytes(pair.key.read_bytes())
    return own.parent


def test_an_unknown_authority_is_not_trusted(docker_registry_tls: DockerRegistry) -> None:
    """
    Not even on this machine, where plain HTTP would do.
    """
    with pytest.raises(CertificateUntrusted, match="not trusted"):
        load(f"{docker_registry_tls.host}/tls:1", client=client())


def test_a_file_of_authorities_is_trusted(docker_registry_tls: DockerRegistry) -> None:
    """
    As with --cacert.
    """
    assert docker_registry_tls.authority is not None
    one = client(ca_files=(str(docker_registry_tls.authority.file),))
    assert makes_the_round(f"{docker_registry_tls.host}/tls/file:1", one)


def test_a_folder_of_the_registrys_is_trusted(
    docker_registry_tls: DockerRegistry, tmp_path: Path
) -> None:
    """
    `certs.d`, of Docker and podman.
    """
    folder = str(folder_for(docker_registry_tls, tmp_path))
    one = client(certificate_folders=("/nowhere", folder))
    assert makes_the_round(f"{docker_registry_tls.host}/tls/folder:1", one)
    other = client(certificate_folders=(str(tmp_path / "certs.d" / "other"),))
    with pytest.raises(CertificateUntrusted):
        load(f"{docker_registry_tls.host}/tls/folder:1", client=other)


def test_insecure_trusts_it(docker_registry_tls: DockerRegistry) -> None:
    """
    When asked for, and then without a warning of urllib3's.
    """
    one = Client(keychain=anonymous, insecure=True)
    assert makes_the_round(f"{docker_registry_tls.host}/tls/insecure:1", one)


def test_the_system_may_trust_it(docker_registry_tls: DockerRegistry, tmp_path: Path) -> None:
    """
    SSL_CERT_FILE stands for the system's authorities, as OpenSSL has it; podman's folder
    in the home is looked in without being named.
    """
    assert docker_registry_tls.authority is not None
    name = f"{docker_registry_tls.host}/tls/system:1"
    flush(name, IMAGE, client=client(ca_files=(str(docker_registry_tls.authority.file),)))
    home = tmp_path / "home"
    folder_for(docker_registry_tls, home / ".config" / "containers")
    for environ in (
        {"SSL_CERT_FILE": str(docker_registry_tls.authority.file)},
        {"HOME": str(home)},
    ):
        command = [sys.executable, "-m", "ocikit", "digest", name]
        ran = subprocess.run(command, capture_output=True, env={**os.environ, **environ})
        assert ran.stdout.decode().strip() == str(IMAGE.digest), ran.stderr


def test_who_shows_no_certificate_is_not_let_in(docker_registry_mutual: DockerRegistry) -> None:
    """
    And is told that it is this which is missing.
    """
    registry = docker_registry_mutual
    assert registry.authority is not None
    one = client(ca_files=(str(registry.authority.file),))
    with pytest.raises((TLSFailed, ConnectionBroken), match="certificate"):
        load(f"{registry.host}/mutual:1", client=one)


def test_a_certificate_of_ours_opens(
    docker_registry_mutual: DockerRegistry, tmp_path: Path
) -> None:
    """
    From files, as with --cert and --key, or from the registry's folder.
    """
    registry = docker_registry_mutual
    assert registry.authority is not None
    pair = registry.authority.client()
    files = client(
        ca_files=(str(registry.authority.file),),
        certificate=str(pair.certificate),
        key=str(pair.key),
    )
    folder = client(certificate_folders=(str(folder_for(registry, tmp_path, client=True)),))
    for number, one in enumerate((files, folder)):
        assert makes_the_round(f"{registry.host}/mutual:{number}", one)


def test_a_strangers_certificate_does_not(
    docker_registry_mutual: DockerRegistry, tmp_path: Path
) -> None:
    """
    One of another authority is worth nothing.
    """
    registry = docker_registry_mutual
    assert registry.authority is not None
    pair = CertificateAuthority(tmp_path, "strangers").client()
    one = client(
        ca_files=(str(registry.authority.file),),
        certificate=str(pair.certificate),
        key=str(pair.key),
    )
    with pytest.raises((TLSFailed, ConnectionBroken)):
        load(f"{registry.host}/mutual:1", client=one)


def test_a_registry_may_be_on_a_unix_socket(docker_registry_socket: DockerRegistry) -> None:
    """
    Under whatever name its user gives it, and in plain, for nobody listens in.
    """
    one = client(sockets=FrozenMap({"registry.local": docker_registry_socket.host}))
    assert makes_the_round("registry.local/on/socket:1", one)
