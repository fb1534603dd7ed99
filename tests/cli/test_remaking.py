"""
Commands that make the layers of images anew: flatten, rebase; and where the result goes.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from ocikit import layout, media, tarball
from ocikit.content.image import Image, Index
from ocikit.mutate.flatten import flatten
from ocikit.registry.flush import flush
from ocikit.registry.load import load
from ocikit.testing import building
from ocikit.testing.building import image as made
from ocikit.testing.building import link
from tests.cli.running import done, run
from tests.crane.filesystems import images
from tests.query.builders import attestation, index, listed

IMAGE = made(building.archive(("a", b"1"), "b"), building.archive(("a", b"2"), ".wh.b"))
FLAT = flatten(IMAGE)


@pytest.fixture
def app(host: str) -> str:
    """
    An image of two layers, in a registry.
    """
    flush(f"{host}/files:1", IMAGE)
    return f"{host}/files:1"


def test_flatten_in_place_or_elsewhere(app: str, host: str) -> None:
    """
    Over the tag itself, or where -t says.
    """
    ran = done("flatten", app, "-t", f"{host}/flat:1")
    assert ran.lines == [f"{host}/flat@{FLAT.digest}"]
    assert load(app) == IMAGE
    assert done("flatten", app).lines == [f"{host}/files@{FLAT.digest}"]
    assert load(app) == FLAT


def test_flatten_of_a_digest_heeds_the_tag(app: str, host: str) -> None:
    """
    Trap: what is named by digest goes where -t says; else to its new digest.
    """
    pinned = f"{host}/files@{IMAGE.digest}"
    done("flatten", pinned, "-t", f"{host}/files:flat")
    assert load(f"{host}/files:flat") == FLAT
    assert done("flatten", pinned).lines == [f"{host}/files@{FLAT.digest}"]
    assert load(app) == IMAGE


def test_flatten_compresses_as_it_is_told(app: str) -> None:
    """
    By name, and level; what is neither is a fault of usage.
    """
    said = done("flatten", app, "--compression", "zstd:1", "--output", "json").objects[0]
    content = load(said["reference"])
    assert isinstance(content, Image)
    assert content.layers[0].media_type == media.OCI_LAYER_ZSTD
    for text in ("xz", "gzip:12"):
        assert run("flatten", app, "--compression", text).code == 2


def test_flatten_an_index(host: str) -> None:
    """
    All of it; attestations are told of, or left out.
    """
    both = index(listed(IMAGE, "linux/amd64"), attestation(IMAGE))
    flush(f"{host}/both:1", both)
    ran = done("flatten", f"{host}/both:1", "-t", f"{host}/both:2")
    assert "attestations (1)" in ran.err
    assert images(load(f"{host}/both:2"))[0] == FLAT
    ran = done("flatten", f"{host}/both:1", "-t", f"{host}/both:3", "--attestations", "drop")
    assert "attestations" not in ran.err
    content = load(f"{host}/both:3")
    assert isinstance(content, Index)
    assert len(content.children) == 1


@pytest.mark.parametrize("argv", [("flatten",), ("mutate", "-l", "a=b"), ("rebase",)])
def test_over_an_index_with_a_platform(host: str, argv: tuple[str, ...]) -> None:
    """
    Trap: all other platforms would be gone from the tag.
    """
    both = index(listed(IMAGE, "linux/amd64"))
    flush(f"{host}/both:1", both)
    ran = run(*argv, f"{host}/both:1", "--platform", "linux/amd64")
    assert ran.code == 2
    assert "only linux/amd64 would be left" in ran.err
    assert load(f"{host}/both:1") == both
    ran = done("flatten", f"{host}/both:1", "--platform", "linux/amd64", "-t", f"{host}/one:1")
    assert load(ran.lines[0]) == FLAT


def test_over_an_entry_of_a_layout(app: str, tmp_path: Path) -> None:
    """
    The only entry, or the one at a position, is replaced under its name.
    """
    done("copy", app, f"oci:{tmp_path}/out:v1")
    assert done("flatten", f"oci:{tmp_path}/out").lines == [f"oci:{tmp_path}/out:v1"]
    assert layout.load(tmp_path / "out", "v1") == FLAT
    done("copy", app, f"oci:{tmp_path}/out:v2")
    done("flatten", f"oci:{tmp_path}/out:@1")
    assert layout.load(tmp_path / "out", "v2") == FLAT
    assert [entry.digest for entry in layout.entries(tmp_path / "out")] == [FLAT.digest] * 2


def test_over_an_unnamed_entry(app: str, tmp_path: Path) -> None:
    """
    Trap: the old one would stay beside the new one, and then nobody finds either.
    """
    done("copy", app, f"oci:{tmp_path}/out")
    ran = run("flatten", f"oci:{tmp_path}/out")
    assert ran.code == 2
    assert "-t" in ran.err
    assert layout.load(tmp_path / "out") == IMAGE


def test_over_an_archive(app: str, tmp_path: Path) -> None:
    """
    An archive of one image keeps its name.
    """
    done("pull", app, tmp_path / "a.tar")
    done("flatten", f"docker-archive:{tmp_path}/a.tar")
    assert tarball.load(tmp_path / "a.tar", app) == FLAT
    done("copy", app, f"oci-archive:{tmp_path}/o.tar:1")
    done("flatten", f"oci-archive:{tmp_path}/o.tar")
    assert tarball.load_oci(tmp_path / "o.tar", "1") == FLAT


def test_over_an_archive_of_several(app: str, host: str, image: Image, tmp_path: Path) -> None:
    """
    Trap: others would be lost, for an archive is written anew.
    """
    archive = tmp_path / "a.tar"
    done("pull", app, f"{host}/app:1", archive)
    before = archive.read_bytes()
    ran = run("flatten", f"docker-archive:{archive}:{app}")
    assert ran.code == 2
    assert f"{host}/app:1" in ran.err
    assert archive.read_bytes() == before
    done("flatten", f"docker-archive:{archive}:{app}", "-t", f"oci:{tmp_path}/out:1")
    assert layout.load(tmp_path / "out", "1") == FLAT


def test_an_id_of_an_engine_is_not_written_over() -> None:
    """
    It is told before the engine is asked.
    """
    ran = run("flatten", "docker-daemon:sha256:" + "0" * 64)
    assert ran.code == 2
    assert "-t" in ran.err


OLD, NEW = made(building.archive("os-1")), made(building.archive("os-2"))


@pytest.fixture
def bases(host: str) -> str:
    """
    A registry with two bases, and an image that is built on the first.
    """
    flush(f"{host}/os:1", OLD)
    flush(f"{host}/os:2", NEW)
    argv = ("append", "-b", f"{host}/os:1", "-f", "-", "-t", f"{host}/app:1")
    done(*argv, "--set-base-image-annotations", stdin=building.archive("app"))
    return host


def test_rebase_by_name(bases: str) -> None:
    """
    As crane writes it, and as others do; the image itself unless -t says.
    """
    argv = (f"{bases}/app:1", "--old_base", f"{bases}/os:1", "--new_base", f"{bases}/os:2")
    name = done("rebase", *argv, "-t", f"{bases}/app:2").lines[0]
    content = load(name)
    assert isinstance(content, Image)
    assert content.layers[0] == NEW.layers[0]
    same = ("--original", *argv[:1], "--old-base", *argv[2:3], "--new-base", *argv[4:])
    assert done("rebase", *same, "--rebased", f"{bases}/app:3").lines[0].endswith(str(name)[-64:])
    done("rebase", *argv)
    assert load(f"{bases}/app:1") == content


def test_rebase_by_annotations(bases: str) -> None:
    """
    When the base is another, `ocikit rebase IMAGE` is enough; again it changes nothing.
    """
    done("copy", f"{bases}/os:2", f"{bases}/os:1")
    name = done("rebase", f"{bases}/app:1").lines[0]
    content = load(name)
    assert isinstance(content, Image)
    assert content.layers[0] == NEW.layers[0]
    ran = done("rebase", f"{bases}/app:1")
    assert ran.lines == [name]
    assert "no layer" in ran.err


def test_rebase_of_no_use(bases: str) -> None:
    """
    What is not said, and what is not so.
    """
    assert run("rebase").code == 2
    assert "--new-base" in run("rebase", f"{bases}/os:1").err
    ran = run("rebase", f"{bases}/app:1", "--old-base", f"{bases}/os:2")
    assert ran.code == 2
    assert "not based on" in ran.err
    assert run("rebase", f"{bases}/app:1", "--new-base", f"{bases}/nope:1").code == 3


def test_rebase_check(bases: str) -> None:
    """
    What may break, and 1 if it will; nothing is written.
    """
    app = f"{bases}/app:1"
    before = load(app)
    ran = done("rebase", "--check", app, "--new-base", f"{bases}/os:1")
    assert (ran.out, "no conflicts" in ran.err) == ("", True)
    flush(f"{bases}/os:3", made(building.archive(("app", b"theirs"))))
    argv = ("rebase", "--check", app, "--new-base", f"{bases}/os:3")
    said = done(*argv, "--output", "json").objects
    (added,) = [each for each in said if each["path"] == "app"]
    assert (added["severity"], added["platform"], added["layer"]) == ("warning", "linux/amd64", 2)
    assert f"linux/amd64: warning: app: {added['message']}" in done(*argv).lines
    assert load(app) == before
    assert run(*argv, "-t", f"{bases}/x:1").code == 2


def test_rebase_check_tells_what_will_break(host: str) -> None:
    """
    A hard link to a file of the old base is none on one that lacks it.
    """
    old = made(building.archive(("lib/x", b"1")))
    flush(f"{host}/os:1", old)
    flush(f"{host}/os:2", made(building.archive("other")))
    argv = ("append", "-b", f"{host}/os:1", "-f", "-", "-t", f"{host}/app:1")
    done(*argv, "--set-base-image-annotations", stdin=building.archive(link("run", "lib/x")))
    ran = run("rebase", "--check", f"{host}/app:1", "--new-base", f"{host}/os:2")
    assert ran.code == 1
    assert any(": error: run: " in line for line in ran.lines)
    done("rebase", f"{host}/app:1", "--new-base", f"{host}/os:2")
