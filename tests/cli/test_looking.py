"""
Commands that only look: digest, manifest, config, ls, catalog, version.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import ocikit
from ocikit.cli.schemas import VERSION
from ocikit.content.image import Image, Index
from ocikit.platforms import parse
from ocikit.query.select import choose
from tests.cli.running import done, run


def test_digest_names_what_is_there(host: str, image: Image, index: Index) -> None:
    """
    Many references give a line each, in the order they were given; an index is not opened.
    """
    assert done("digest", f"{host}/app:1", f"docker://{host}/both:1").lines == [
        str(image.digest),
        str(index.digest),
    ]


def test_digest_of_many(host: str, image: Image, index: Index) -> None:
    """
    Several are looked up at once, and told in the order given. What is not there is told
    on stderr, and the rest goes on. What is worth a notice is told from whichever thread
    finds it.
    """
    many = [f"{host}/{name}:1" for name in ("app", "both")] * 20
    assert done("digest", "-j", "8", *many).lines == [str(image.digest), str(index.digest)] * 20
    ran = run("digest", "-j", "8", *many[:4], f"{host}/app:nope", *many)
    assert (ran.code, len(ran.lines)) == (3, 44)
    assert ran.err.count("no manifest nope") == 1
    ran = done("digest", "--platform", "linux/s390x", f"{host}/app:1", f"{host}/app:1")
    assert ran.lines == [str(image.digest)] * 2
    assert ran.err.count("is one image, and for") == 2
    assert done("-q", "digest", "--platform", "linux/s390x", *[f"{host}/app:1"] * 2).err == ""


def test_digest_of_a_platform(host: str, index: Index) -> None:
    """
    With a platform it is the digest of that image, by any of the platform's names.
    """
    ran = done("digest", "--platform", "linux/aarch64", f"{host}/both:1")
    assert ran.lines == [str(index.children[1].descriptor.digest)]


def test_digest_in_full(host: str, image: Image) -> None:
    """
    --full-ref gives what the next command takes.
    """
    ran = done("digest", "--full-ref", f"{host}/app:1")
    assert ran.lines == [f"{host}/app@{image.digest}"]
    assert done("digest", ran.lines[0]).lines == [str(image.digest)]


def test_digest_in_an_archive(host: str, image: Image, tmp_path: Path) -> None:
    """
    --tarball looks in an archive, at a tag of it or at the only image.
    """
    archive = tmp_path / "a.tar"
    done("pull", f"{host}/app:1", archive)
    assert done("digest", "--tarball", archive).lines == [str(image.digest)]
    assert done("digest", "--tarball", archive, f"{host}/app:1").lines == [str(image.digest)]
    assert run("digest", "--tarball", archive, "other:1").code == 3


def test_digest_needs_something(host: str) -> None:
    """
    Nothing to look at, and options that exclude one another, are faults of usage.
    """
    assert run("digest").code == 2
    assert run("digest", "--tarball", "x.tar", "--full-ref").code == 2
    ran = run("digest", "--full-ref", "oci:nowhere")
    assert ran.code == 3


def test_digest_of_what_is_not_there(host: str) -> None:
    """
    It says what it looked for, and where, and exits with 3; stdout stays empty.
    """
    ran = run("digest", f"{host}/app:nope")
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.startswith("Error: ")
    assert f"{host}/v2/app/manifests/nope" in ran.err
    assert ran.err.count("\n") == 1


def test_manifest_is_exact(host: str, index: Index) -> None:
    """
    A manifest alone is printed to the byte, without a newline: its digest is of that.
    """
    assert done("manifest", f"{host}/both:1").raw == index.document.raw
    chosen = done("manifest", "--platform", "linux/amd64", f"{host}/both:1").raw
    assert json.loads(chosen)["config"]


def test_manifests_are_told_apart(host: str, image: Image, index: Index) -> None:
    """
    Several are parted by newlines.
    """
    ran = done("manifest", f"{host}/app:1", f"{host}/both:1")
    assert ran.raw == image.document.raw + b"\n" + index.document.raw + b"\n"


def test_config_is_exact(host: str, image: Image) -> None:
    """
    A configuration is printed to the byte.
    """
    assert done("config", f"{host}/app:1").raw == image.config.content


def test_config_of_an_index_is_a_choice(host: str, index: Index) -> None:
    """
    Where one image is taken of several, stderr says which, and how to take another.
    """
    ran = done("config", f"{host}/both:1")
    assert json.loads(ran.raw)["architecture"] == "amd64"
    assert "took linux/amd64, choose another with --platform" in ran.err
    other = done("config", "--platform", "linux/arm64", f"{host}/both:1")
    assert json.loads(other.raw)["architecture"] == "arm64"
    assert other.err == ""


def test_config_of_a_platform_that_is_not_there(host: str, index: Index) -> None:
    """
    What there is, is listed.
    """
    ran = run("config", "--platform", "linux/s390x", f"{host}/both:1")
    assert ran.code == 3
    assert "choose one of linux/amd64, linux/arm64" in ran.err


def test_results_as_json(host: str, image: Image, index: Index) -> None:
    """
    --output json gives an object a line, before the command or after.
    """
    members = {
        "digest": str(image.digest),
        "mediaType": image.media_type,
        "size": image.size,
    }
    place = f"{host}/app:1"
    assert done("digest", "--output", "json", place).objects == [{"place": place, **members}]
    assert done("--output", "json", "manifest", place).objects == [
        {"place": place, **members, "document": json.loads(image.document.raw)}
    ]
    (found,) = done("config", place, "--output", "json").objects
    assert found["document"] == json.loads(image.config.content)
    assert found["digest"] == str(image.config.digest)


def test_ls(host: str, image: Image) -> None:
    """
    A tag a line; tags that stand for digests can be left out.
    """
    done("tag", f"{host}/app:1", "2", f"sha256-{'0' * 64}.sig")
    assert done("ls", f"{host}/app").lines == ["1", "2", f"sha256-{'0' * 64}.sig"]
    ran = done("ls", "-O", "--full-ref", f"{host}/app")
    assert ran.lines == [f"{host}/app:1", f"{host}/app:2"]
    objects = done("ls", "-O", f"{host}/app", "--output", "json").objects
    assert objects[0] == {"repository": f"{host}/app", "tag": "1"}


def test_ls_of_what_is_not_there(host: str) -> None:
    """
    A name that cannot be is found before anybody is asked; an unknown one is not found.
    """
    assert run("ls", f"{host}/nope").code == 3
    ran = run("ls", f"{host}/app:1")
    assert ran.code == 2
    assert "a repository has no tag" in ran.err


def test_catalog(host: str, image: Image, index: Index) -> None:
    """
    Repositories, by path or in full.
    """
    assert done("catalog", host).lines == ["app", "both"]
    assert done("catalog", "--full-ref", host).lines == [f"{host}/app", f"{host}/both"]
    assert run("catalog", "no/host").code == 2


def test_version() -> None:
    """
    The version of the package, as text or JSON.
    """
    assert done("version").lines == done("--version").lines == [ocikit.__version__]
    (said,) = done("version", "--output", "json").objects
    assert said == {"version": ocikit.__version__, "output": VERSION}


def test_preferred_platform(host: str, index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    DOCKER_DEFAULT_PLATFORM decides where one must be chosen, and narrows nothing else.
    """
    monkeypatch.setenv("DOCKER_DEFAULT_PLATFORM", "linux/arm64")
    arm = choose(index, parse("linux/arm64"))
    assert done("config", f"{host}/both:1").raw == arm.config.content
    assert done("digest", f"{host}/both:1").lines == [str(index.digest)]
