"""
The files of an image: names, facts, and where they come from.
"""

from __future__ import annotations

import pytest

from ocikit.content.partial import index_of
from ocikit.content.verify import DigestMismatch, SizeMismatch
from ocikit.crane.filetree import Files, files, files_at, listed
from ocikit.crane.options import Options
from ocikit.crane.places import flush
from ocikit.mutate.remade import NotALayer
from ocikit.platforms import parse
from ocikit.testing.building import archive, directory, image, link, symlink
from ocikit.testing.contracts import lying
from ocikit.tree.filetree import PathMissing, find
from ocikit.tree.opened import read
from tests.crane.conftest import Reach
from tests.query.builders import artifact

APP = "r.example/app:1"
BASE = archive(
    directory("etc"),
    ("etc/motd", b"old"),
    "etc/gone",
    directory("usr"),
    directory("usr/lib"),
    ("usr/lib/a.so", b"1"),
    ("usr/lib/[x].so", b"1"),
    symlink("lib", "usr/lib"),
)
IMAGE = image(BASE, archive(("etc/motd", b"new"), "etc/.wh.gone", link("etc/second", "etc/motd")))


def found(options: Options | None = None) -> Files:
    """
    Give the files of the image.
    """
    return files(IMAGE, options or Options())


def paths(path: str = "", **said: int) -> list[str]:
    """
    List them.
    """
    return [file.path for file in listed(found(), path, **said)]


def test_everything_is_listed_without_a_path() -> None:
    """
    Parents first; nothing that was taken away.
    """
    everything = ["etc", "etc/motd", "etc/second", "lib", "usr"]
    everything += ["usr/lib", "usr/lib/[x].so", "usr/lib/a.so"]
    assert paths() == paths("/") == everything


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("etc", ["etc/motd", "etc/second"]),
        ("/lib", ["usr/lib/[x].so", "usr/lib/a.so"]),
        ("lib/a.so", ["usr/lib/a.so"]),
        ("**/*.so", ["usr/lib/[x].so", "usr/lib/a.so"]),
        ("usr/lib/[x].so", ["usr/lib/[x].so"]),
        ("etc/[ms]*", ["etc/motd", "etc/second"]),
    ],
)
def test_a_path_is_a_folder_a_file_or_a_pattern(path: str, there: list[str]) -> None:
    """
    Folders through links; a name that is there is no pattern.
    """
    assert paths(path) == there


@pytest.mark.parametrize("path", ["nothing", "etc/gone", "etc/*.txt", "etc/motd/x"])
def test_nothing_is_told(path: str) -> None:
    """
    A pattern that matches nothing is as wrong as a path that is not there.
    """
    with pytest.raises(PathMissing, match="no such file"):
        paths(path)


def test_depth_counts_from_the_folder() -> None:
    """
    One level is what `ls` shows.
    """
    assert paths(depth=1) == ["etc", "lib", "usr"]
    assert paths("usr", depth=1) == ["usr/lib"]
    assert paths("usr", depth=2) == ["usr/lib", "usr/lib/[x].so", "usr/lib/a.so"]


def test_files_are_listed_by_layer() -> None:
    """
    Only what a layer put there, and is still seen.
    """
    assert paths(layer=1) == ["etc/motd", "etc/second"]
    assert paths("etc", layer=0) == []


def test_a_file_tells_how_it_came_to_be() -> None:
    """
    The layer and its entry in the history; content is that of the uppermost.
    """
    there = found()
    source = there.layer_of(find(there.tree, "etc/motd"))
    assert source is not None
    assert source[0].digest == IMAGE.layers[1].digest
    assert source[1].created_by == "step 1"
    assert read(there.tree, "/etc/motd") == b"new"
    assert there.layer_of(find(there.tree, "")) is None


def test_each_layer_is_downloaded_once(reach: Reach) -> None:
    """
    Also when content is read afterwards.
    """
    flush(APP, IMAGE, reach.options)
    reach.asked()
    there = files(APP, reach.options)
    assert read(there.tree, "etc/motd") == b"new"
    assert read(there.tree, "lib/a.so") == b"1"
    blobs = [line for line in reach.asked() if "/blobs/" in line]
    # And the configuration.
    assert len(blobs) == len(set(blobs)) == len(IMAGE.layers) + 1


def test_of_an_index_one_image_is_looked_at(reach: Reach) -> None:
    """
    The one of the platform that is wanted; else it is said which was taken.
    """
    other = image(archive("arm"), platform="linux/arm64")
    index = index_of([IMAGE, other])
    arm = reach.but(platforms=(parse("linux/arm64"),))
    flush(APP, index, reach.options)
    assert [file.path for file in listed(files(APP, arm))] == ["arm"]
    assert reach.notices == []
    assert files(APP, reach.options).image == IMAGE
    assert len(reach.notices) == 1


def test_what_has_no_files_is_told(reach: Reach) -> None:
    """
    An artifact has none; a layer of other bytes is not looked at.
    """
    with pytest.raises(Exception, match="artifact") as caught:
        files(artifact(), reach.options)
    assert not isinstance(caught.value, NotALayer)
    with pytest.raises((DigestMismatch, SizeMismatch)):
        files(lying(IMAGE), reach.options)


#: A directory of its own below each file, as engines write layers.
STACK = image(
    archive(directory("etc"), ("etc/motd", b"1"), ("etc/base", b"1")),
    archive(directory("etc"), ("etc/motd", b"2"), ("etc/next", b"2"), "etc/.wh.base"),
    archive(directory("app"), ("app/run", b"3"), symlink("app/link", "/etc/next")),
)


@pytest.mark.parametrize(
    ("path", "layers"),
    [("app/run", 1), ("/app/link", 2), ("etc/motd", 2), ("etc/base", 3), ("app", 3)],
)
def test_layers_are_downloaded_until_it_is_known(reach: Reach, path: str, layers: int) -> None:
    """
    From the top, and each once; what is not there, or has more in it, takes all of them.
    """
    flush(APP, STACK, reach.options)
    reach.asked()
    some, everything = files_at(APP, [path], reach.options), files(STACK, reach.options)
    known = {str(each.digest) for each in STACK.layers}
    asked = [line.split()[1].rpartition("/")[2] for line in reach.asked()]
    digests = [digest for digest in asked if digest in known]
    assert digests == [str(each.digest) for each in STACK.layers[::-1]][:layers]
    if path == "etc/base":
        with pytest.raises(PathMissing):
            find(some.tree, path)
        return
    file = find(some.tree, path)
    assert file == find(everything.tree, path)
    assert some.layer_of(file) == everything.layer_of(file)
    if file.kind == "file":
        assert read(some.tree, path) == read(everything.tree, path)
    assert not any("/blobs/" in line for line in reach.asked())


def test_several_paths_take_what_the_lowest_takes() -> None:
    """
    All of them are right then; a link that is not followed takes no more than itself.
    """
    some = files_at(STACK, ["app/run", "etc/next"], Options())
    assert read(some.tree, "app/run") + read(some.tree, "etc/next") == b"32"
    link = find(
        files_at(STACK, ["app/link"], Options(), follow=False).tree, "app/link", follow=False
    )
    assert (link.kind, link.layer) == ("symlink", 2)
