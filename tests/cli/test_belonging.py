"""
Commands for what belongs to images, for single blobs, and for copies of several.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from ocikit.content.image import Image, Index
from ocikit.digest import Digest
from ocikit.registry.load import load
from tests.cli.running import done, run


def test_files_are_attached_and_found(host: str, image: Image, tmp_path: Path) -> None:
    """
    By their types; what they are is told by their names.
    """
    (tmp_path / "sbom.json").write_text("{}")
    (tmp_path / "note").write_text("well made")
    kind = "application/spdx+json"
    argv = ("attach", "--artifact-type", kind, "-a", "by=me", f"{host}/app:1")
    name = done(*argv, tmp_path / "sbom.json", f"{tmp_path}/note:text/plain").out.strip()
    artifact = load(name)
    assert isinstance(artifact, Image)
    assert [layer.media_type for layer in artifact.layers] == ["application/json", "text/plain"]
    titles = [layer.descriptor.annotations for layer in artifact.layers]
    assert [each["org.opencontainers.image.title"] for each in titles] == ["sbom.json", "note"]
    done("attach", "--artifact-type", "example/other", f"{host}/app:1")
    found = done("referrers", "--artifact-type", kind, f"{host}/app:1")
    assert found.lines == [f"{name}\t{kind}"]
    told = done("referrers", f"{host}/app:1", "--output", "json").objects
    assert {each["artifactType"] for each in told} == {kind, "example/other"}
    assert next(each for each in told if each["reference"] == name)["annotations"] == {"by": "me"}


def test_one_image_of_an_index_is_asked_about(host: str, index: Index) -> None:
    """
    With a platform.
    """
    argv = ("--platform", "linux/amd64", "--artifact-type", "example/x", f"{host}/both:1")
    done("attach", *argv)
    assert done("referrers", f"{host}/both:1").lines == []
    assert len(done("referrers", "--platform", "linux/amd64", f"{host}/both:1").lines) == 1


def test_blobs_are_put_and_got(host: str, tmp_path: Path) -> None:
    """
    From a file or stdin, to a file or stdout; as they are.
    """
    (tmp_path / "in").write_bytes(b"hello")
    name = done("blob", "put", f"{host}/app", tmp_path / "in").out.strip()
    assert name == f"{host}/app@{Digest.of(b'hello')}"
    assert done("blob", "put", f"{host}/app", "-", stdin=b"hello").out.strip() == name
    assert done("blob", "get", name).raw == b"hello"
    done("-q", "blob", "get", name, "-o", tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == b"hello"
    assert done("blob", "head", name).lines == [f"{name}\t5"]
    assert done("blob", "delete", name).out.strip() == name
    assert run("blob", "head", name).code == 3


def test_a_blob_needs_a_digest(host: str) -> None:
    """
    Usage, said with how to name it.
    """
    ran = run("blob", "get", f"{host}/app:1")
    assert ran.code == 2
    assert "repository@sha256" in ran.err


def test_a_copy_takes_along_what_belongs_to_it(host: str, image: Image) -> None:
    """
    When it is asked to.
    """
    done("attach", "--artifact-type", "example/x", f"{host}/app:1")
    done("copy", "--with-referrers", f"{host}/app:1", f"{host}/copied:1")
    assert len(done("referrers", f"{host}/copied:1").lines) == 1


def test_a_dry_run_tells_what_would_move(host: str, image: Image, tmp_path: Path) -> None:
    """
    As a table, or as JSON with bytes; the sum on stderr.
    """
    ran = done("copy", "--dry-run", f"{host}/app:1", f"{host}/copied:1")
    assert [line.split()[0] for line in ran.lines] == ["mount", "mount", "mount", "put", "tag"]
    assert f"{image.size} bytes would move" in ran.err
    archive = f"oci-archive:{tmp_path}/x.tar"
    told = done("copy", "--dry-run", "--output", "json", f"{host}/app:1", archive).objects
    total = sum(layer.size for layer in image.layers) + image.config.size + image.size
    assert sum(each["bytes"] for each in told) == total
    assert run("digest", f"{host}/copied:1").code == 3
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "copied"),
    [
        (("--tags", "1*"), ["1", "1-rc"]),
        (("--tags", "1*", "--exclude-tags", "*-rc"), ["1"]),
        (("--exclude-tags", "2"), ["1", "1-rc"]),
        (("-a",), ["1", "1-rc", "2"]),
    ],
)
def test_tags_are_chosen_by_globs(
    host: str, image: Image, options: tuple[str, ...], copied: list[str]
) -> None:
    """
    One option is enough to mean the repository.
    """
    done("tag", f"{host}/app:1", "1-rc", "2")
    done("copy", *options, f"{host}/app", f"{host}/copied")
    assert sorted(done("ls", f"{host}/copied").lines) == copied
    dry = done("copy", "--dry-run", *options, f"{host}/app", f"{host}/other").lines
    assert sorted(line.split()[-1] for line in dry if line.startswith("tag")) == copied


def test_a_push_to_several_places_sends_once(host: str, image: Image, tmp_path: Path) -> None:
    """
    And prints each name.
    """
    done("pull", f"{host}/app:1", tmp_path / "a.tar")
    ran = done("push", tmp_path / "a.tar", f"{host}/x:1", f"{host}/y:1")
    assert ran.lines == [f"{host}/{name}@{image.digest}" for name in ("x", "y")]


def test_tags_are_told_with_what_they_name(host: str, image: Image) -> None:
    """
    Many are looked up at once; they stay in their order.
    """
    done("tag", f"{host}/app:1", "2", "3")
    lines = done("ls", "--digests", f"{host}/app").lines
    assert lines == [f"{tag}\t{image.digest}" for tag in ("1", "2", "3")]
    full = done("ls", "--digests", "--full-ref", f"{host}/app").lines
    assert full[0] == f"{host}/app:1\t{image.digest}"
