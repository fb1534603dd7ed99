"""
`ocikit doctor` at a command line.
"""

from __future__ import annotations

from ocikit.content.image import Image
from ocikit.server.handler import registry
from ocikit.server.quirks.profiles import profile
from ocikit.server.web.serve import serve
from tests.cli.running import done, run


def test_a_registry_and_a_repository(host: str, image: Image) -> None:
    """
    A line for each finding; more of a repository than of its registry.
    """
    assert [line.split()[1] for line in done("doctor", host).lines] == [
        *("api", "auth", "catalog", "catalog")
    ]
    objects = done("doctor", f"{host}/app", "--output", "json").objects
    told = {each["check"]: each for each in objects}
    assert told["manifest"]["verdict"] == "yes"
    assert told["manifest"]["detail"].startswith("1: ")
    done("tag", f"{host}/app:1", "2")
    by_tag = done("doctor", f"docker://{host}/app:2", "--format", "{check}: {detail}").lines
    assert any(line.startswith("manifest: 2: ") for line in by_tag)


def test_writing_is_asked_for(host: str, image: Image) -> None:
    """
    With --write uploads are found out, and nothing stays; alone a registry is no place.
    """
    ran = done("doctor", "--write", f"{host}/scratch")
    assert "upload by chunks" in ran.out
    assert ran.err == ""
    assert done("catalog", host).lines == ["app"]
    assert run("doctor", "--write", host).code == 2
    assert run("doctor", "--limits", f"{host}/app").code == 2


def test_what_stays_is_told() -> None:
    """
    A registry that deletes nothing keeps what was written.
    """
    with serve(profile("ghcr")(registry())) as server:
        ran = done("doctor", "--write", f"{server.host}/scratch")
        assert "were not deleted again" in ran.err


def test_nobody_there() -> None:
    """
    Where nobody answers that is the answer.
    """
    ran = run("doctor", "127.0.0.1:1", "--retries", "0")
    assert (ran.code, ran.out) == (7, "")
