"""
The root filesystem of an image as one tar.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from ocikit.content import synthetic
from ocikit.content.image import Content
from ocikit.content.partial import index_of
from ocikit.content.verify import DigestMismatch, SizeMismatch
from ocikit.crane.located import PlaceUnsupported
from ocikit.crane.options import Options
from ocikit.crane.places import flush
from ocikit.crane.rootfs import export, export_to
from ocikit.mutate.remade import NotALayer
from ocikit.platforms import parse
from ocikit.testing.building import archive, directory, image, link
from ocikit.testing.contracts import lying
from tests.crane.conftest import Reach
from tests.query.builders import artifact
from tests.query.builders import layer as small
from tests.tree.archives import by_tarfile

APP = "r.example/app:1"
BASE = archive(directory("etc"), ("etc/motd", b"old"), ("etc/gone", b"x"))
IMAGE = image(BASE, archive(directory("etc"), ("etc/motd", b"new"), "etc/.wh.gone"))


def seen(content: Content, options: Options, path: Path) -> dict[str, bytes]:
    """
    Export as a stream and to a file, which must agree, and read it as Python's tarfile does.
    """
    whole = b"".join(export(content, options))
    export_to(content, str(path), options)
    assert path.read_bytes() == whole
    return dict(by_tarfile(whole))


def test_what_a_container_would_see(reach: Reach, tmp_path: Path) -> None:
    """
    The uppermost content, and nothing that was taken away.
    """
    there = seen(IMAGE, reach.options, tmp_path / "a.tar")
    assert there == {"etc/": b"", "etc/motd": b"new"}


def test_a_hard_link_outlives_its_target(reach: Reach, tmp_path: Path) -> None:
    """
    Trap: a link to what an upper layer removed or replaced keeps the content.
    """
    bottom = archive(("a", b"1"), link("b", "a"), ("c", b"2"), link("d", "c"))
    there = seen(image(bottom, archive(".wh.a", ("c", b"3"))), reach.options, tmp_path / "a.tar")
    assert there == {"b": b"1", "c": b"3", "d": b"2"}


@pytest.mark.parametrize("order", [("d/.wh.f", ("d/f", b"2")), (("d/f", b"2"), "d/.wh.f")])
def test_a_mark_spares_its_own_layer(
    reach: Reach, tmp_path: Path, order: tuple[str | tuple[str, bytes], ...]
) -> None:
    """
    Trap: what is marked as gone in a layer and also in it is there.
    """
    made = image(archive(("d/f", b"1")), archive(*order))
    assert seen(made, reach.options, tmp_path / "a.tar")["d/f"] == b"2"


def test_of_two_of_one_name_the_last_counts(reach: Reach, tmp_path: Path) -> None:
    """
    Trap: a name twice in one layer is what runtimes make of it, the second.
    """
    made = image(archive(("dup", b"1"), ("dup", b"2")))
    assert seen(made, reach.options, tmp_path / "a.tar") == {"dup": b"2"}


@pytest.mark.parametrize("kind", ["application/vnd.example", "application/wasm"])
def test_what_is_packed_alone_is_given_as_it_is(reach: Reach, tmp_path: Path, kind: str) -> None:
    """
    One blob that is no layer of files comes out byte for byte, still compressed if it was.
    """
    made = artifact(small("a", media_type=kind))
    assert b"".join(export(made, reach.options)) == made.layers[0].blob.content
    export_to(made, str(tmp_path / "a"), reach.options)
    assert (tmp_path / "a").read_bytes() == made.layers[0].blob.content


def test_files_of_artifacts_are_merged(reach: Reach, tmp_path: Path) -> None:
    """
    Layers are layers, whatever the configuration is.
    """
    made = artifact(small("a"), small("b"))
    assert seen(made, reach.options, tmp_path / "a.tar") == {"a": b"a", "b": b"b"}


def test_several_blobs_are_no_filesystem(reach: Reach, tmp_path: Path) -> None:
    """
    Nothing is written for what has no files.
    """
    made = artifact(small("a"), small("b", media_type="application/vnd.example"))
    with pytest.raises(NotALayer):
        export(made, reach.options)
    with pytest.raises(NotALayer):
        export_to(made, str(tmp_path / "a"), reach.options)
    assert list(tmp_path.iterdir()) == []
    flush(f"oci:{tmp_path}/out:1", small("a").blob, reach.options)
    with pytest.raises(PlaceUnsupported):
        export(f"oci:{tmp_path}/out:1", reach.options)


def test_each_layer_is_downloaded_once(reach: Reach, tmp_path: Path) -> None:
    """
    Also where it is read twice.
    """
    made = synthetic.image(Random(1), layers=3)
    flush(APP, made, reach.options)
    layers = {f"/v2/app/blobs/{each.digest}" for each in made.layers}

    def asked() -> list[str]:
        found = [line.split()[1] for line in reach.asked()]
        return sorted(target for target in found if target in layers)

    asked()
    assert any(export(APP, reach.options))
    assert asked() == sorted(layers)
    export_to(APP, str(tmp_path / "a.tar"), reach.options)
    assert asked() == sorted(layers)


def test_one_platform_of_an_index(reach: Reach) -> None:
    """
    The preferred one, and it says so; or the one that is asked for.
    """
    both = index_of([image(archive("amd")), image(archive("arm"), platform="linux/arm64")])
    flush(APP, both, reach.options)
    assert dict(by_tarfile(b"".join(export(APP, reach.options)))) == {"amd": b""}
    assert "took linux/amd64" in reach.notices[0]
    arm = reach.but(platforms=(parse("linux/arm64"),))
    assert dict(by_tarfile(b"".join(export(APP, arm)))) == {"arm": b""}
    assert len(reach.notices) == 1


def test_a_file_is_whole_or_as_it_was(reach: Reach, tmp_path: Path) -> None:
    """
    A layer that is not what its digest names leaves no half of a file.
    """
    bad = lying(IMAGE)
    path = tmp_path / "a.tar"
    path.write_bytes(b"before")
    with pytest.raises((DigestMismatch, SizeMismatch)):
        export_to(bad, str(path), reach.options)
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises((DigestMismatch, SizeMismatch)):
        b"".join(export(bad, reach.options))
