"""
Which engine is meant.
"""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from ocikit.daemon.contexts import chosen, context
from ocikit.daemon.engine import DEFAULT_HOST, Engine, EngineTLS
from ocikit.daemon.faults import ContextInvalid, ContextMissing, EngineHostInvalid


def file(folder: Path, name: str, said: Any) -> Path:
    """
    Write a context as Docker does; give the folder of its certificates.
    """
    key = sha256(name.encode()).hexdigest()
    meta = folder / "contexts" / "meta" / key / "meta.json"
    meta.parent.mkdir(parents=True)
    meta.write_text(said if isinstance(said, str) else json.dumps(said))
    return folder / "contexts" / "tls" / key / "docker"


def named(host: object, **more: object) -> Any:
    """
    What Docker writes of a context.
    """
    return {"Name": "x", "Metadata": {}, "Endpoints": {"docker": {"Host": host, **more}}}


def test_nothing_said_is_dockers_socket(tmp_path: Path) -> None:
    """
    Also where Docker's configuration is missing, or nonsense.
    """
    assert chosen() == Engine(DEFAULT_HOST)
    (tmp_path / "config.json").write_text("[")
    assert chosen({"DOCKER_CONFIG": str(tmp_path)}) == Engine(DEFAULT_HOST)


def test_what_is_said_first_wins(tmp_path: Path) -> None:
    """
    DOCKER_HOST, DOCKER_CONTEXT, podman's CONTAINER_HOST, Docker's current context.
    """
    (tmp_path / ".docker").mkdir()
    (tmp_path / ".docker" / "config.json").write_text('{"currentContext": "current"}')
    file(tmp_path / ".docker", "current", named("unix:///current"))
    file(tmp_path / ".docker", "other", named("unix:///other"))
    said = {"HOME": str(tmp_path)}
    assert chosen(said) == Engine("unix:///current")
    said["CONTAINER_HOST"] = "unix:///podman"
    assert chosen(said) == Engine("unix:///podman", program="podman")
    said["DOCKER_CONTEXT"] = "other"
    assert chosen(said) == Engine("unix:///other")
    said["DOCKER_HOST"] = "tcp://build.example"
    assert chosen(said) == Engine("tcp://build.example")


def test_the_default_context_is_none(tmp_path: Path) -> None:
    """
    Docker keeps no file of it.
    """
    assert chosen({"DOCKER_CONTEXT": "default", "DOCKER_CONFIG": str(tmp_path)}) == Engine()


def test_certificates_are_found(tmp_path: Path) -> None:
    """
    Beside a context, in DOCKER_CERT_PATH, or in Docker's folder.
    """
    certificates = file(tmp_path, "far", named("tcp://build.example:2376"))
    certificates.mkdir(parents=True)
    for folder in (certificates, tmp_path):
        for name in ("ca.pem", "cert.pem", "key.pem"):
            (folder / name).write_text("")
    found = context("far", str(tmp_path))
    assert found.tls == EngineTLS(
        authority=f"{certificates}/ca.pem",
        certificate=f"{certificates}/cert.pem",
        key=f"{certificates}/key.pem",
    )
    assert found.is_secure
    said = {"DOCKER_HOST": "tcp://build.example", "DOCKER_CONFIG": str(tmp_path)}
    assert chosen(said).tls is None
    said["DOCKER_TLS_VERIFY"] = "1"
    tls = chosen(said).tls
    assert tls is not None
    assert tls.key == f"{tmp_path}/key.pem"
    assert chosen(said).address == "build.example:2376"
    empty = tmp_path / "empty"
    assert chosen({**said, "DOCKER_CERT_PATH": str(empty)}).tls == EngineTLS()


def test_a_context_may_want_no_look_at_certificates(tmp_path: Path) -> None:
    """
    It says so in its file; the line is secret all the same.
    """
    file(tmp_path, "far", named("tcp://build.example", SkipTLSVerify=True))
    assert context("far", str(tmp_path)).tls == EngineTLS(verify=False)


def test_a_context_that_is_not_there_is_missing(tmp_path: Path) -> None:
    """
    The error has its name, and where it would be.
    """
    with pytest.raises(ContextMissing, match=r"'nowhere'.*meta\.json"):
        context("nowhere", str(tmp_path))


@pytest.mark.parametrize(
    "said", ["[", "[]", {}, {"Endpoints": []}, {"Endpoints": {"docker": 1}}, named(None)]
)
def test_a_context_that_says_nothing_is_invalid(tmp_path: Path, said: object) -> None:
    """
    It is not taken for Docker's own socket.
    """
    file(tmp_path, "odd", said)
    with pytest.raises(ContextInvalid, match="odd"):
        context("odd", str(tmp_path))


def test_a_context_with_an_odd_address_is_invalid(tmp_path: Path) -> None:
    """
    As in DOCKER_HOST.
    """
    file(tmp_path, "odd", named("pigeon://x"))
    with pytest.raises(EngineHostInvalid):
        context("odd", str(tmp_path))
