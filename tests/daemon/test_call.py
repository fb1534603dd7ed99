"""
Requests to engines, over every kind of line.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ocikit import daemon, mutate
from ocikit._records import evolve
from ocikit.content.partial import image_of
from ocikit.daemon.dial import dial_command
from ocikit.daemon.engine import Engine, EngineTLS
from ocikit.daemon.faults import EngineImageMissing, EngineTooOld, EngineUnreachable
from ocikit.files.layer import layer
from ocikit.server.web.serve import serve
from ocikit.spec.config import ConfigFile
from ocikit.testing.certificates import CertificateAuthority
from ocikit.testing.engine import TestEngine
from tests.real import dockerd as real

#: An ssh that goes nowhere: it notes its arguments, and runs here what is to be run there.
SSH = """
import os, sys
with open(sys.argv[1], "a") as file:
    print(*sys.argv[2:], file=file)
remote = sys.argv[sys.argv.index("--") + 2 :]
os.execvp(remote[0], remote)
"""


@pytest.mark.parametrize(
    ("theirs", "spoken"), [("1.41", "1.41"), ("1.99", "1.52"), ("2.0", "1.52"), ("", "1.24")]
)
def test_the_version_is_one_that_both_know(theirs: str, spoken: str) -> None:
    """
    The newest of both; an engine that tells none knows the oldest.
    """
    engine = TestEngine(version=theirs)
    with serve(engine) as server:
        assert daemon.images(engine=Engine(f"tcp://{server.host}")) == ()
    assert engine.requests == ["GET /_ping", f"GET /v{spoken}/images/json"]


def test_an_engine_that_is_too_old_is_told() -> None:
    """
    Before it is asked for what it does not know.
    """
    engine = TestEngine(version="1.12")
    with serve(engine) as server, pytest.raises(EngineTooOld, match=r"1\.12"):
        daemon.images(engine=Engine(f"tcp://{server.host}"))
    assert engine.requests == ["GET /_ping"]


def test_tls_with_certificates_of_both(tmp_path: Path) -> None:
    """
    The engine proves who it is, and we who we are.
    """
    authority = CertificateAuthority(tmp_path)
    client = authority.client("ada")
    tls = EngineTLS(
        authority=str(authority.file), certificate=str(client.certificate), key=str(client.key)
    )
    with serve(TestEngine(), tls=authority.context(demanding=True)) as server:
        host = f"tcp://{server.host}"
        assert daemon.images(engine=Engine(host, tls=tls)) == ()
        with pytest.raises(EngineUnreachable):
            daemon.images(engine=Engine(host, tls=evolve(tls, certificate="", key="")))
        with pytest.raises(EngineUnreachable, match="certificate"):
            daemon.images(engine=Engine(host, tls=EngineTLS()))


def test_certificates_that_are_none_are_told(tmp_path: Path) -> None:
    """
    With the paths of what was to be read.
    """
    (tmp_path / "ca.pem").write_text("none")
    engine = Engine("tcp://127.0.0.1:1", tls=EngineTLS(authority=f"{tmp_path}/ca.pem"))
    with pytest.raises(EngineUnreachable, match=r"ca\.pem"):
        daemon.images(engine=engine)


def test_ssh_is_told_where_and_what() -> None:
    """
    User, port and host are arguments of ssh; a path is the engine's socket over there.
    """
    engine = Engine("ssh://ada%20l@build.example:2222/run/p.sock", program="podman")
    assert dial_command(engine) == [
        *("ssh", "-T", "-o", "BatchMode=yes", "-l", "ada l", "-p", "2222", "--"),
        *("build.example", "podman", "--url", "unix:///run/p.sock", "system", "dial-stdio"),
    ]


def test_what_ssh_says_is_the_reason(tmp_path: Path) -> None:
    """
    And an ssh that is not there is told as well.
    """
    said = "import sys; sys.exit('Permission denied (publickey).')"
    with pytest.raises(EngineUnreachable, match=r"ssh://far.*Permission denied \(publickey\)"):
        daemon.images(engine=Engine("ssh://far", ssh=(sys.executable, "-c", said)))
    with pytest.raises(EngineUnreachable, match="nowhere/ssh"):
        daemon.images(engine=Engine("ssh://far", ssh=(f"{tmp_path}/nowhere/ssh",)))


@pytest.mark.real
@pytest.mark.parametrize("name", ["dockerd", "podman"])
def test_an_engine_is_reached_through_its_own_program(
    request: pytest.FixtureRequest, name: str, busybox_layer_tree: Path, tmp_path: Path
) -> None:
    """
    The far end of ssh is docker's, or podman's, own `system dial-stdio`.
    """
    engine: real.Engine = request.getfixturevalue(name)
    program = "podman" if name == "podman" else "docker"
    ssh = (sys.executable, "-c", SSH, f"{tmp_path}/said")
    far = Engine(f"ssh://ada@far.example{engine.socket}", ssh=ssh, program=program)
    config = ConfigFile(os="linux", architecture="amd64")
    image = image_of(config, [layer(busybox_layer_tree)])
    image = mutate.config(image, cmd=["/bin/sh", "-c", f"echo by ssh to {name}"])
    tag = f"registry.example/ocikit/far-{name}:1"
    daemon.flush(tag, image, engine=far)
    assert engine.run(tag).strip() == f"by ssh to {name}"
    assert daemon.load(tag, engine=far).config.digest == image.config.digest
    daemon.delete(tag, engine=far)
    with pytest.raises(EngineImageMissing):
        daemon.inspect(tag, engine=far)
    assert "-l ada -- far.example" in Path(f"{tmp_path}/said").read_text()
