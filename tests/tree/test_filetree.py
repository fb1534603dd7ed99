"""
Files looked up, listed and opened without unpacking anything.
"""

from __future__ import annotations

import copy
import io
import pickle

import pytest

from ocikit._records import record
from ocikit.content.streams import Stream
from ocikit.errors import Missing
from ocikit.testing import building
from ocikit.testing.building import directory as folder
from ocikit.testing.building import link, symlink
from ocikit.tree.entry import Entry
from ocikit.tree.faults import TarInvalid
from ocikit.tree.filetree import FileTree, PathMissing, find, load, walk
from ocikit.tree.globs import glob
from ocikit.tree.opened import NotAFile, contents, open_file, read
from tests.tree.stacks import Plain, archive

BASE = building.archive(
    folder("./", 0o700),
    folder("usr"),
    folder("usr/bin", 0o711),
    ("usr/bin/sh", b"#!"),
    link("usr/bin/dash", "usr/bin/sh"),
    symlink("bin", "usr/bin"),
    symlink("loop", "loop"),
    symlink("up", "../../usr/./bin/../bin/sh"),
    symlink("root", "/"),
    ("etc/passwd", b"root"),
    ("etc/.hidden", b""),
)
TOP = building.archive(
    ("etc/passwd", b"root\nme"), ("bin/tool", b"x" * (3 << 20)), "etc/.wh..hidden"
)


def tree(*layers: bytes) -> FileTree:
    """
    Load a tree; of the two layers above by default.
    """
    return load([Plain(each) for each in layers or (BASE, TOP)])


def test_files_are_in_order() -> None:
    """
    Parents before what is in them, siblings by their bytes; where each comes from.
    """
    assert [(file.path, file.layer) for file in walk(tree())] == [
        ("", 0),
        ("bin", 0),
        ("etc", None),
        ("etc/passwd", 1),
        ("loop", 0),
        ("root", 0),
        ("up", 0),
        ("usr", 0),
        ("usr/bin", 0),
        ("usr/bin/dash", 0),
        ("usr/bin/sh", 0),
        ("usr/bin/tool", 1),
    ]
    assert [file.path for file in walk(tree(), "/bin")][:2] == ["usr/bin", "usr/bin/dash"]
    assert [file.path for file in walk(tree(), "etc/passwd")] == ["etc/passwd"]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("", ""),
        ("/", ""),
        (".", ""),
        ("../..", ""),
        ("bin/sh", "usr/bin/sh"),
        ("/usr//bin/./sh", "usr/bin/sh"),
        ("up", "usr/bin/sh"),
        ("root/root/etc/passwd", "etc/passwd"),
        ("etc/../bin/../bin", "usr/bin"),
    ],
)
def test_paths_are_followed_within_the_root(path: str, found: str) -> None:
    """
    Links on the way, absolute ones too, and dots, never lead out.
    """
    assert find(tree(), path).path == found


def test_the_last_link_may_stay() -> None:
    """
    To look at a link itself; those on the way are followed even so.
    """
    assert find(tree(), "root/up", follow=False).entry.linkname.endswith("bin/sh")
    assert find(tree(), "bin", follow=False).kind == "symlink"


@pytest.mark.parametrize(
    "path",
    ["gone", "etc/.hidden", "loop", "loop/x", "etc/passwd/x", "usr/bin/sh/..", "etc/gone/.."],
)
def test_what_is_not_there(path: str) -> None:
    """
    Nor below a file, nor at the end of links in a circle.
    """
    with pytest.raises(PathMissing, match="no such file") as caught:
        find(tree(), path)
    assert isinstance(caught.value, Missing)


def test_facts() -> None:
    """
    Those of the file for all its names; the usual where no layer speaks of a directory.
    """
    dash = find(tree(), "bin/dash")
    assert (dash.kind, dash.size, dash.path) == ("file", 2, "usr/bin/dash")
    assert dash.links == find(tree(), "bin/sh").links == ("usr/bin/dash", "usr/bin/sh")
    assert find(tree(), "etc").entry == Entry(name="etc", kind="directory", mode=0o755)
    assert find(tree(), "/").entry.mode == 0o700


def test_content_is_read_from_its_layer() -> None:
    """
    Through links, by any name, of the layer that is seen.
    """
    assert read(tree(), "etc/passwd") == b"root\nme"
    assert read(tree(), "up") == read(tree(), "bin/dash") == b"#!"
    with open_file(tree(), "bin/tool") as stream:
        assert stream.read(10) == b"x" * 10
        buffer = bytearray(2 << 20)
        assert stream.readinto(buffer) == 2 << 20
        assert len(stream.read()) == (1 << 20) - 10
        assert stream.read() == b""


@record
class Counted:
    """
    An archive that counts what is read of it, and how it is left.
    """

    data: bytes
    read: list[int]
    left: list[object]

    def uncompressed(self) -> Stream:
        """
        Open it.
        """
        return _CountedStream(self)


class _CountedStream(io.BytesIO):
    def __init__(self, archive: Counted) -> None:
        super().__init__(archive.data)
        self._archive = archive

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self._archive.read.append(len(data))
        return data

    def __exit__(self, *how: object) -> None:
        self._archive.left.append(how[0])
        self.close()


def test_no_more_is_read_than_is_needed() -> None:
    """
    A file near the beginning of a layer does not cost the layer.
    """
    archive = Counted(building.archive(("a", b"a"), ("big", bytes(16 << 20)), ("b", b"b")), [], [])
    found = load([archive])
    archive.read.clear()
    assert read(found, "a") == b"a"
    assert sum(archive.read) <= 1 << 20
    with open_file(found, "big") as stream:
        stream.read(100)
    assert sum(archive.read) <= 3 << 20


def test_the_layer_is_left_as_the_file_is() -> None:
    """
    After an exception it is not read on, to be verified, as else it is.
    """
    archive = Counted(building.archive(("a", b"a")), [], [])
    found = load([archive])
    read(found, "a")
    with pytest.raises(KeyError), open_file(found, "a") as stream:
        raise KeyError
    assert archive.left == [None, None, KeyError]
    with pytest.raises(ValueError, match="closed"):
        stream.read()


@pytest.mark.parametrize("path", ["etc", "usr/bin", "/"])
def test_only_files_have_content(path: str) -> None:
    """
    Directories have none, whether a layer speaks of them or not.
    """
    with pytest.raises(NotAFile, match="is a directory"):
        read(tree(), path)


def test_many_contents_in_one_pass() -> None:
    """
    In the order of layers; further names of a file are not given twice.
    """
    found = {file.path: b"".join(pieces)[:4] for file, pieces in contents(tree(), walk(tree()))}
    assert found == {
        "usr/bin/dash": b"#!",
        "etc/passwd": b"root",
        "usr/bin/tool": b"xxxx",
    }


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*", ["bin", "etc", "loop", "root", "up", "usr"]),
        ("/usr/*/s?", ["usr/bin/sh"]),
        ("**/sh", ["usr/bin/sh"]),
        ("**/bin", ["bin", "usr/bin"]),
        ("usr/**", ["usr/bin", "usr/bin/dash", "usr/bin/sh", "usr/bin/tool"]),
        ("usr/**/[dt]*", ["usr/bin/dash", "usr/bin/tool"]),
        ("[!a-s]*", ["up", "usr"]),
        ("e*d", []),
        ("etc.passwd", []),
        ("[", []),
        ("usr[/]bin", []),
    ],
)
def test_globs(pattern: str, found: list[str]) -> None:
    """
    A star stays within a name, two go across; other signs mean themselves.
    """
    assert [file.path for file in glob(tree(), pattern)] == found


def test_trees_are_values() -> None:
    """
    Equal when their files are; they print shortly, pickle and copy.
    """
    assert tree() == tree() != tree(BASE)
    assert pickle.loads(pickle.dumps(tree())) == copy.deepcopy(tree()) == tree()
    assert repr(tree()) == "FileTree(files=<12 files>)"


def test_facts_that_cannot_be_are_refused() -> None:
    """
    A tree reads all facts, and says which member has one that is none.
    """
    from tests.tree.archives import block

    with pytest.raises(TarInvalid, match="not an octal number"):
        tree(block(mode=b"rw-r--r-"))


def test_no_layers() -> None:
    """
    A tree of nothing has a root.
    """
    assert [file.path for file in walk(load([]))] == [""]
    assert [file.path for file in walk(tree(archive([])))] == [""]
