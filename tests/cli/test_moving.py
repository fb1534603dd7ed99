"""
Commands that move: pull, push, copy, tag, delete.
"""

from __future__ import annotations

import os
import tarfile
from pathlib import Path

import pytest

from ocikit import layout, tarball
from ocikit.content.image import Image, Index
from ocikit.files.atomic import write
from ocikit.registry.load import load
from tests.cli.running import done, run


def test_pull_into_an_archive(host: str, image: Image, tmp_path: Path) -> None:
    """
    One archive for several images, each under its tag; nothing on stdout.
    """
    done("tag", f"{host}/app:1", "2")
    archive = tmp_path / "a.tar"
    ran = done("pull", f"{host}/app:1", f"{host}/app:2", archive)
    assert ran.out == ""
    assert tarball.load(archive, f"{host}/app:2") == image


def test_pull_several_images(host: str, image: Image, index: Index, tmp_path: Path) -> None:
    """
    An archive takes one platform of an index, and says which.
    """
    archive = tmp_path / "a.tar"
    ran = done("pull", f"{host}/app:1", f"{host}/both:1", archive)
    assert "took linux/amd64" in ran.err
    assert tarball.load(archive, f"{host}/app:1") == image
    assert tarball.load(archive, f"{host}/both:1") == index.children[0].content


def test_pull_tells_what_moves(host: str, image: Image, tmp_path: Path) -> None:
    """
    Away from a terminal each piece that is done is a line on stderr; -q is silence.
    """
    ran = done("pull", f"{host}/app:1", tmp_path / "a.tar")
    assert f"{image.config.digest.algorithm}:{image.config.digest.short()}" in ran.err
    assert done("pull", "-q", f"{host}/app:1", tmp_path / "b.tar").err == ""


def test_pull_to_stdout(host: str, image: Image, tmp_path: Path) -> None:
    """
    `-` is an archive on stdout, the same as in a file.
    """
    done("pull", f"{host}/app:1", tmp_path / "a.tar")
    ran = done("pull", f"{host}/app:1", "-")
    assert ran.raw == (tmp_path / "a.tar").read_bytes()
    assert run("pull", "--format", "oci", f"{host}/app:1", "-").code == 2


def test_pull_as_docker_once_did(host: str, image: Image, tmp_path: Path) -> None:
    """
    --format legacy has a folder a layer, and `repositories`.
    """
    archive = tmp_path / "a.tar"
    done("pull", "--format", "legacy", f"{host}/app:1", archive)
    with tarfile.open(archive) as tar:
        names = tar.getnames()
    assert "repositories" in names
    assert sum(name.endswith("/layer.tar") for name in names) == 2
    assert tarball.load(archive).config_file == image.config_file


def test_pull_into_a_layout(host: str, image: Image, index: Index, tmp_path: Path) -> None:
    """
    A layout holds an index whole; a second pull changes nothing.
    """
    pulls = ("pull", "--format", "oci", "--annotate-ref", f"{host}/app:1", f"{host}/both:1")
    done(*pulls, tmp_path / "out")
    before = (tmp_path / "out/index.json").read_bytes()
    done(*pulls, tmp_path / "out")
    assert (tmp_path / "out/index.json").read_bytes() == before
    assert layout.load(tmp_path / "out", f"{host}/app:1") == image
    assert layout.load(tmp_path / "out", f"{host}/both:1") == index


def test_pull_of_some_platforms(host: str, index: Index, tmp_path: Path) -> None:
    """
    One platform is an image, several are an index of them.
    """
    out = ("--format", "oci", f"{host}/both:1")
    done("pull", "--platform", "linux/arm64", *out, tmp_path / "one")
    assert layout.load(tmp_path / "one") == index.children[1].content
    wanted = ("--platform", "linux/arm64,linux/amd64")
    done("pull", *wanted, *out, tmp_path / "two")
    assert layout.load(tmp_path / "two") == index
    done("pull", "--platform", "all", *out, tmp_path / "all")
    assert layout.load(tmp_path / "all") == index


def test_pull_finds_all_before_it_writes(host: str, image: Image, tmp_path: Path) -> None:
    """
    When one of several is not there, nothing is written.
    """
    ran = run("pull", f"{host}/app:1", f"{host}/app:nope", tmp_path / "a.tar")
    assert ran.code == 3
    assert os.listdir(tmp_path) == []
    assert run("pull", "--format", "rar", f"{host}/app:1", tmp_path / "a.rar").code == 2


def test_pull_by_digest(host: str, image: Image, index: Index, tmp_path: Path) -> None:
    """
    What was named by digest gets crane's tag in an archive; two cannot both have it.
    """
    archive = tmp_path / "a.tar"
    done("pull", f"{host}/app@{image.digest}", archive)
    assert tarball.load(archive, f"{host}/app:i-was-a-digest") == image
    two = [f"{host}/both@{child.descriptor.digest}" for child in index.children]
    ran = run("pull", *two, archive)
    assert ran.code == 2
    assert "two different images would have this name" in ran.err


def test_pull_as_json(host: str, image: Image, tmp_path: Path) -> None:
    """
    As JSON it tells what is where.
    """
    archive = tmp_path / "a.tar"
    (said,) = done("pull", "--output", "json", f"{host}/app:1", archive).objects
    assert (said["digest"], said["path"]) == (str(image.digest), str(archive))


@pytest.mark.parametrize("kind", ["docker-archive", "oci-archive", "oci"])
def test_push_a_path(host: str, image: Image, tmp_path: Path, kind: str) -> None:
    """
    A file or folder is pushed for what it is, as several tags at once if wanted.
    """
    path = tmp_path / "saved"
    done("copy", f"{host}/app:1", f"{kind}:{path}")
    ran = done("push", path, f"{host}/back:1", f"{host}/back:2")
    assert ran.lines == [f"{host}/back@{image.digest}"] * 2
    assert load(f"{host}/back:2") == image


@pytest.mark.parametrize("kind", ["dir", "oci", "oci-archive", "docker-archive"])
def test_push_any_place(host: str, image: Image, tmp_path: Path, kind: str) -> None:
    """
    What is written as a place is none of the files of that name.
    """
    place = f"{kind}:{tmp_path}/saved"
    done("copy", f"{host}/app:1", place)
    assert done("push", place, f"{host}/back:1").lines == [f"{host}/back@{image.digest}"]


def test_push_from_stdin(host: str, image: Image, tmp_path: Path) -> None:
    """
    `-` reads an archive from stdin, as `docker save` writes it.
    """
    saved = done("pull", f"{host}/app:1", "-").raw
    done("push", "-", f"{host}/back:1", stdin=saved)
    assert load(f"{host}/back:1") == image
    assert run("push", "-", f"{host}/back:2", stdin=b"no archive").code == 5


def test_push_a_whole_layout(host: str, image: Image, index: Index, tmp_path: Path) -> None:
    """
    A layout of several says so; --index pushes its index.json to the byte.
    """
    for name in ("app", "both"):
        done("copy", f"{host}/{name}:1", f"oci:{tmp_path}/out:{name}")
    ran = run("push", tmp_path / "out", f"{host}/all:1")
    assert ran.code == 3
    assert "there is app (@0), both (@1)" in ran.err
    assert "--index" in ran.err
    done("push", f"oci:{tmp_path}/out:both", f"{host}/one:1")
    assert load(f"{host}/one:1") == index
    done("push", "--index", tmp_path / "out", f"{host}/all:1")
    pushed = load(f"{host}/all:1")
    assert isinstance(pushed, Index)
    assert pushed.document.raw == (tmp_path / "out/index.json").read_bytes()


def test_push_index_of_what_is_no_layout(host: str, image: Image, tmp_path: Path) -> None:
    """
    Only a layout has an index to push whole.
    """
    assert run("push", "--index", f"docker-archive:{tmp_path}/a.tar", f"{host}/x:1").code == 8


def test_push_writes_references(host: str, image: Image, tmp_path: Path) -> None:
    """
    --image-refs writes the name by digest to a file as well, without a newline.
    """
    done("pull", f"{host}/app:1", tmp_path / "a.tar")
    done("push", tmp_path / "a.tar", f"{host}/back:1", "--image-refs", tmp_path / "refs")
    assert (tmp_path / "refs").read_text() == f"{host}/back@{image.digest}"


def test_push_of_nothing(host: str, tmp_path: Path) -> None:
    """
    A path that is not there, and a file that is no archive, are told apart.
    """
    ran = run("push", tmp_path / "nope", f"{host}/x:1")
    assert ran.code == 3
    assert "no such file or directory" in ran.err
    write(tmp_path / "text", b"text")
    assert run("push", tmp_path / "text", f"{host}/x:1").code == 5


def test_copy_to_every_place_and_back(host: str, image: Image, tmp_path: Path) -> None:
    """
    From place to place the digest stays; a result is the next command's argument.
    """
    places = [
        f"oci:{tmp_path}/out:v1",
        f"oci-archive:{tmp_path}/oci.tar:v1",
        f"docker-archive:{tmp_path}/docker.tar:registry.example/app:v1",
        f"{host}/copied:1",
    ]
    source = f"{host}/app:1"
    for place in places:
        (source,) = done("copy", source, place).lines
    assert load(source) == image


def test_copy_names_an_archive_s_image(host: str, image: Image, tmp_path: Path) -> None:
    """
    What goes into an archive without a name keeps that of its source.
    """
    done("cp", f"{host}/app:1", f"docker-archive:{tmp_path}/a.tar")
    ((tags, found),) = tarball.load_all(tmp_path / "a.tar")
    assert (tags, found) == ((f"{host}/app:1",), image)


def test_copy_keeps_an_index_whole(host: str, index: Index) -> None:
    """
    An index goes with all its platforms, unless some are asked for.
    """
    done("copy", f"{host}/both:1", f"{host}/copied:all")
    assert load(f"{host}/copied:all") == index
    done("copy", "--platform", "linux/arm64", f"{host}/both:1", f"{host}/copied:arm")
    assert load(f"{host}/copied:arm") == index.children[1].content


def test_copy_does_not_clobber(host: str, image: Image, index: Index) -> None:
    """
    With -n a tag that is there stays, and the exit code is that of a refusal.
    """
    ran = run("copy", "-n", f"{host}/app:1", f"{host}/both:1")
    assert (ran.code, ran.out) == (6, "")
    assert f"{host}/both:1: exists already, as {index.digest}" in ran.err
    done("copy", "-n", f"{host}/app:1", f"{host}/both:2")


def test_copy_all_tags(host: str, image: Image, index: Index) -> None:
    """
    Every tag of a repository, those that are there skipped with a word when asked.
    """
    done("tag", f"{host}/app:1", "2", "3")
    done("copy", f"{host}/both:1", f"{host}/copied:2")
    ran = done("copy", "-a", "-n", f"{host}/app", f"{host}/copied")
    assert ran.lines == [f"{host}/copied:1", f"{host}/copied:3"]
    assert f"{host}/copied:2: exists already; skipped" in ran.err
    assert load(f"{host}/copied:2") == index
    assert load(f"{host}/copied:3") == image


def test_copy_where_it_cannot_be(host: str, index: Index, tmp_path: Path) -> None:
    """
    A place that cannot hold it says so, and is not begun.
    """
    assert run("copy", f"{host}/both:1", "docker-daemon:sha256:" + "0" * 64).code == 2
    assert run("copy", f"{host}/both:1", f"oci:{tmp_path}/o:@0").code == 8
    assert run("copy", f"{host}/both:1", "not a name").code == 2
    assert os.listdir(tmp_path) == []


def test_tag(host: str, image: Image, index: Index) -> None:
    """
    More tags for what is there, an index's platform if that is asked for.
    """
    ran = done("tag", f"{host}/app:1", "1.0", "latest")
    assert ran.lines == [f"{host}/app:1.0", f"{host}/app:latest"]
    assert load(f"{host}/app") == image
    done("tag", "--platform", "linux/arm64", f"{host}/both:1", "arm")
    assert load(f"{host}/both:arm") == index.children[1].content


def test_tag_of_no_use(host: str, image: Image) -> None:
    """
    A tag that is none is found before any is put.
    """
    assert run("tag", f"{host}/app:1", "good", "not/good").code == 2
    assert run("digest", f"{host}/app:good").code == 3
    assert run("tag", f"{host}/nope:1", "2").code == 3


def test_delete(host: str, image: Image, index: Index) -> None:
    """
    By tag the manifest stays, by digest it goes.
    """
    done("delete", f"{host}/app:1", f"{host}/both@{index.digest}")
    assert run("digest", f"{host}/app:1").code == 3
    assert done("digest", f"{host}/app@{image.digest}").lines == [str(image.digest)]
    assert run("digest", f"{host}/both:1").code == 3
    ran = run("rm", f"{host}/app:1", "--output", "json")
    assert (ran.code, ran.out) == (3, "")


def test_damage_in_an_archive_is_found(host: str, image: Image, tmp_path: Path) -> None:
    """
    Bytes that are not what their digest says do not travel: exit code 5, and no tag.
    """
    saved = bytearray(done("pull", f"{host}/app:1", "-").raw)
    at = saved.index(image.layers[0].blob.open().read())
    saved[at + 20] ^= 1
    ran = run("push", "-", f"{host}/broken:1", stdin=bytes(saved))
    assert ran.code == 5
    assert run("digest", f"{host}/broken:1").code == 3
