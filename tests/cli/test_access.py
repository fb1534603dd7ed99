"""
Options about registries: credentials, certificates, timeouts, retries, sockets.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ocikit.content.image import Image
from ocikit.http.message import Response
from ocikit.http.retry import Policy
from ocikit.registry.settings import Settings
from ocikit.server.handler import registry
from ocikit.server.web.serve import serve
from ocikit.testing.certificates import CertificateAuthority
from ocikit.testing.wires import Recorder
from tests.cli.running import done, run
from tests.cli.test_setup import said
from tests.real.docker_registry import DockerRegistry


def settings(*argv: str) -> Settings:
    """
    Give what options make of the settings.
    """
    found: Settings = said("command", *argv).client.settings
    return found


def test_nothing_said_is_the_default(tmp_path: Path) -> None:
    """
    Times, retries and speed are those of the library.
    """
    known, usual = settings(), Settings()
    assert known.retry == usual.retry
    assert (known.connect_timeout, known.idle_timeout) == (15, 60)
    assert known.least_speed == usual.least_speed
    assert (known.ca_files, known.certificate, known.key) == ((), "", "")
    assert known.certificate_folders is not None
    assert "/etc/docker/certs.d" in known.certificate_folders


def test_times_and_retries_are_taken() -> None:
    """
    In seconds; 0 retries is one attempt, and 0 bytes a second is any speed.
    """
    known = settings(
        *("--retries", "0", "--retry-delay", "2.5", "--connect-timeout", "3"),
        *("--idle-timeout", "7", "--least-speed", "0"),
    )
    assert (known.retry.attempts, known.retry.base) == (1, 2.5)
    assert (known.connect_timeout, known.idle_timeout, known.least_speed) == (3, 7, 0)
    assert settings("--retry-times", "9").retry == Policy(attempts=10)
    # A delay that is longer than the longest is the longest.
    assert settings("--retry-delay", "100").retry.cap == 100


@pytest.mark.parametrize(
    "argv",
    [
        ("--retries", "-1"),
        ("--idle-timeout", "0"),
        ("--connect-timeout", "x"),
        ("--key", "/k"),
        ("--cert-dir", "/nowhere"),
        ("--unix-socket", "/run/x.sock"),
        ("--authfile", "/nowhere"),
        ("--creds", "me"),
        ("--creds", ":pw"),
        ("--no-creds", "--creds", "me:pw"),
    ],
)
def test_what_makes_no_sense_is_told(argv: tuple[str, ...]) -> None:
    """
    Before anything is asked, and without showing what was typed as a password.
    """
    ran = run("digest", "127.0.0.1:1/app:1", *argv)
    assert ran.code == 2
    assert ran.out == ""


def test_retries_are_as_many_as_are_asked_for() -> None:
    """
    Counted by the registry that fails.
    """
    wire = Recorder(lambda request: Response(status=503))
    with serve(wire) as server:
        ran = run("digest", f"{server.host}/app:1", "--retries", "2", "--retry-delay", "0.01")
        assert ran.code == 7
        heads = [request for request in wire.requests if request.method == "HEAD"]
        assert len(heads) == 3


@pytest.mark.parametrize("side", ["src", "dest"])
@pytest.mark.parametrize("what", ["creds=me:pw", "authfile=/nowhere"])
def test_to_be_nobody_and_somebody_makes_no_sense(side: str, what: str) -> None:
    """
    On one side of a copy, as everywhere.
    """
    argv = (f"--{side}-no-creds", f"--{side}-{what}")
    ran = run("copy", "127.0.0.1:1/app:1", "127.0.0.1:1/b:1", *argv)
    assert ran.code == 2
    assert f"--{side}-no-creds goes with no other" in ran.err


@pytest.mark.real
def test_certificates_are_options(docker_registry_mutual: DockerRegistry, tmp_path: Path) -> None:
    """
    --cacert, --cert and --key, or a folder of all three; none of them is to be let in.
    """
    reg = docker_registry_mutual
    assert reg.authority is not None
    pair = reg.authority.client("cli")
    argv = ("--cacert", reg.authority.file, "--cert", pair.certificate, "--key", pair.key)
    name = f"{reg.host}/cli/mutual:1"
    done("append", "-f", "-", "-t", name, *argv, stdin=bytes(1024))
    assert run("digest", name).code == 7
    assert run("digest", name, "--cacert", reg.authority.file).code == 7
    folder = tmp_path / "certs"
    folder.mkdir()
    for source, target in zip(
        (reg.authority.file, pair.certificate, pair.key), ("ca.crt", "c.cert", "c.key"), strict=True
    ):
        (folder / target).write_bytes(source.read_bytes())
    assert done("digest", name, "--cert-dir", folder).out == done("digest", name, *argv).out
    assert done("digest", name, *argv[2:], "--insecure").code == 0


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_users_of_other_tools_are_understood(
    variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Where Python's and curl's users name authorities; a name of nothing is passed over.
    """
    authority = CertificateAuthority(tmp_path)
    with serve(registry(), tls=authority.context()) as server:
        name = f"{server.host}/app:1"
        assert run("digest", name, "--retries", "0").code == 7
        monkeypatch.setenv(variable, str(authority.file))
        assert run("digest", name).code == 3
        monkeypatch.setenv(variable, str(tmp_path / "none"))
        assert run("digest", name, "--retries", "0").code == 7


def test_insecure_may_be_one_side(image: Image, host: str, tmp_path: Path) -> None:
    """
    A source whose certificate is not to be trusted is no reason not to check the target.
    """
    tls = CertificateAuthority(tmp_path).context()
    with serve(registry(), tls=tls) as server:
        target = f"{server.host}/app:1"
        argv = ("copy", f"{host}/app:1", target, "--retries", "0")
        assert run(*argv, "--src-insecure").code == 7
        assert done(*argv, "--dest-insecure").lines


@pytest.mark.real
def test_a_registry_on_a_unix_socket(docker_registry_socket: DockerRegistry) -> None:
    """
    Under a name of the user's choice.
    """
    argv = ("--unix-socket", f"Registry.local={docker_registry_socket.host}")
    done("append", "-f", "-", "-t", "registry.local/cli:1", *argv, stdin=bytes(1024))
    assert done("ls", "registry.local/cli", *argv).lines == ["1"]


def test_help_tells_them_once() -> None:
    """
    In full for the whole program, and in a line for each command.
    """
    whole, one = done("--help").out, done("digest", "--help").out
    for option in ("--src-creds", "--retry-times", "--unix-socket", "--trust-realm"):
        assert option in whole
        assert option not in one
    assert "--creds, --cacert, --retries ..." in one


def test_header_fields_of_the_configuration_are_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    To the registries that the file has an entry for, with every request, and nowhere else.
    """
    wire, other = Recorder(registry()), Recorder(registry())
    with serve(wire) as server, serve(other) as two:
        config = {"HttpHeaders": {"X-Gate": "SECRET"}, "auths": {server.host: {}}}
        (tmp_path / "config.json").write_text(json.dumps(config))
        monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
        for each in (server, two):
            assert run("-vv", "digest", f"{each.host}/app:1").code == 3
    assert {request.headers.get("X-Gate") for request in wire.requests} == {"SECRET"}
    assert {request.headers.get("X-Gate") for request in other.requests} == {""}
