"""
Commands over many names, and over lists on stdin.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ocikit.content.image import Image, Index
from tests.cli.running import done, run

pytestmark = pytest.mark.usefixtures("image", "index")


@pytest.fixture
def listed(host: str) -> bytes:
    """
    A list of names, as a person may have it: blanks, an empty line, more on a line.
    """
    return f"{host}/app:1\n\n  {host}/both:1\tsha256:0\r\n".encode()


@pytest.mark.parametrize("command", ["digest", "manifest", "config", "validate", "validate --fast"])
def test_a_dash_is_a_list_on_stdin(host: str, listed: bytes, command: str) -> None:
    """
    A line a name, in their order, between names that were given as well.
    """
    argv = command.split()
    ran = done(*argv, "--output", "json", "-", stdin=listed)
    places = [f"{host}/app:1", f"{host}/both:1"]
    assert [each["place"] for each in ran.objects] == places
    ran = done(*argv, "--output", "json", f"{host}/both:1", "-", stdin=listed)
    assert [each["place"] for each in ran.objects] == [f"{host}/both:1", *places]


@pytest.mark.parametrize("command", ["digest", "manifest", "config", "ls", "delete", "validate"])
def test_what_fails_does_not_end_the_rest(host: str, command: str) -> None:
    """
    It is told on stderr, once; the exit code is that of the first failure.
    """
    bad = [f"{host}/nope:1", f"{host}/UPPER:1"] if command != "ls" else [f"{host}/nope", "UPPER"]
    good = f"{host}/app:1" if command != "ls" else f"{host}/app"
    ran = run(command, bad[0], good, bad[1])
    assert ran.code == 3
    assert ran.lines
    assert [line[:5] for line in ran.err.splitlines()].count("Error") == 2
    assert run(command, bad[1], bad[0]).code == 2


def test_documents_of_many_end_with_newlines(host: str, image: Image, index: Index) -> None:
    """
    One alone is its exact bytes; of several each is a line, also when they come by stdin.
    """
    assert done("manifest", f"{host}/app:1").raw == image.document.raw
    both = image.document.raw + b"\n" + index.document.raw + b"\n"
    assert done("manifest", f"{host}/app:1", f"{host}/both:1").raw == both
    assert done("manifest", "-", stdin=f"{host}/app:1".encode()).raw == image.document.raw + b"\n"


def test_tags_of_many_repositories(host: str) -> None:
    """
    In the order of the repositories, those on stdin too.
    """
    ran = done("ls", "--full-ref", "-", stdin=f"{host}/both\n{host}/app\n".encode())
    assert ran.lines == [f"{host}/both:1", f"{host}/app:1"]


def test_a_list_of_images_is_tagged(host: str, image: Image, index: Index) -> None:
    """
    Each in its repository, and with every tag.
    """
    ran = done("tag", "-", "keep", "2", stdin=f"{host}/app:1\n{host}/both:1\n".encode())
    assert ran.lines == [
        f"{host}/{name}:{tag}" for name in ("app", "both") for tag in ("keep", "2")
    ]
    found = done("digest", f"{host}/app:keep", f"{host}/both:2").lines
    assert found == [str(image.digest), str(index.digest)]


def test_a_list_of_images_is_deleted(host: str) -> None:
    """
    What one command lists, another takes.
    """
    done("tag", f"{host}/app:1", *[f"old-{number}" for number in range(20)])
    old = [line for line in done("ls", "--full-ref", f"{host}/app").lines if ":old-" in line]
    assert done("delete", "-", stdin="\n".join(old).encode()).lines == old
    assert done("ls", f"{host}/app").lines == ["1"]


def test_stdin_is_read_once(host: str) -> None:
    """
    A second `-` would find nothing, and is refused; so is a list of nothing by none.
    """
    assert run("digest", "-", "-", stdin=b"").code == 2
    assert done("digest", "-", stdin=b"").lines == []


def test_lists_hold_places_of_every_kind(host: str, image: Image, tmp_path: Path) -> None:
    """
    Files and layouts as well as registries.
    """
    done("pull", f"{host}/app:1", tmp_path / "a.tar")
    done("pull", "--format", "oci", f"{host}/app:1", tmp_path / "out")
    text = f"docker-archive:{tmp_path}/a.tar\noci:{tmp_path}/out\n{host}/app:1\n"
    assert done("digest", "-", stdin=text.encode()).lines == [str(image.digest)] * 3
    configs = done("config", "-", stdin=text.encode()).lines
    assert [json.loads(line)["os"] for line in configs] == [image.config_file.os] * 3
