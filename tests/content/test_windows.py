"""
Layers for Windows: everything below Files/, and every link still leads where it led.
"""

from __future__ import annotations

import io
import tarfile

import pytest

from ocikit.content.build import build_layer
from ocikit.content.compression import Plain
from ocikit.content.layer import Layer
from ocikit.content.windows import (
    SECURITY_DESCRIPTOR,
    AlreadyForWindows,
    ArchiveInvalid,
    for_windows,
)
from ocikit.errors import Corrupt


def layer_of(*entries: tarfile.TarInfo | tuple[str, bytes]) -> Layer:
    """
    Make a layer of entries; a pair is a file.
    """
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for entry in entries:
            if isinstance(entry, tuple):
                info = tarfile.TarInfo(entry[0])
                info.size = len(entry[1])
                archive.addfile(info, io.BytesIO(entry[1]))
            else:
                archive.addfile(entry)
    return build_layer([buffer.getvalue()])


def entry(name: str, type: bytes, linkname: str = "") -> tarfile.TarInfo:
    """
    Make an entry that has no content.
    """
    info = tarfile.TarInfo(name)
    info.type, info.linkname = type, linkname
    return info


def moved(*entries: tarfile.TarInfo | tuple[str, bytes]) -> dict[str, tarfile.TarInfo]:
    """
    Read what comes of a layer of entries, by name.
    """
    data = for_windows(layer_of(*entries)).uncompressed().read()
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        return {member.name: member for member in archive}


def test_folders_come_first() -> None:
    """
    Files and Hives are there even when the layer is empty.
    """
    found = moved()
    assert list(found) == ["Files", "Hives"]
    assert all(member.isdir() and member.mode == 0o555 for member in found.values())


@pytest.mark.parametrize(
    ("name", "becomes"),
    [
        ("a/b", "Files/a/b"),
        ("./a/b", "Files/a/b"),
        ("/a/b", "Files/a/b"),
        ("a//b/../c", "Files/a/c"),
        ("a/.wh.b", "Files/a/.wh.b"),
        ("é" * 200, "Files/" + "é" * 200),
    ],
)
def test_entries_move(name: str, becomes: str) -> None:
    """
    However a path is spelt it goes below Files/, with rights that let it be run.
    """
    found = moved((name, b"content"))
    assert list(found)[2:] == [becomes]
    assert found[becomes].pax_headers["MSWINDOWS.rawsd"] == SECURITY_DESCRIPTOR
    assert found[becomes].size == 7


def test_the_root_is_not_there_twice() -> None:
    """
    `tar -C folder .` writes an entry for the folder itself.
    """
    assert list(moved(entry("./", tarfile.DIRTYPE), ("./a", b""))) == ["Files", "Hives", "Files/a"]


def test_hard_links_follow_what_they_link_to() -> None:
    """
    A hard link names an entry of the archive, which has moved.
    """
    found = moved(("bin/a", b"x"), entry("bin/b", tarfile.LNKTYPE, "./bin/a"))
    assert found["Files/bin/b"].linkname == "Files/bin/a"


@pytest.mark.parametrize("target", ["a", "../lib/a", "/lib/a", "x" * 150])
def test_symbolic_links_stay(target: str) -> None:
    """
    A symbolic link is followed in the container, where Files is the root.
    """
    found = moved(entry("bin/b", tarfile.SYMTYPE, target))
    assert found["Files/bin/b"].linkname == target


def test_content_passes() -> None:
    """
    Bodies come through whole, those beyond one read too.
    """
    content = bytes(range(256)) * 5000
    made = for_windows(layer_of(("big", content), ("small", b"x")), compression=Plain())
    with tarfile.open(fileobj=io.BytesIO(made.uncompressed().read())) as archive:
        read = [archive.extractfile(name) for name in ("Files/big", "Files/small")]
        assert [body.read() for body in read if body] == [content, b"x"]


@pytest.mark.parametrize("name", ["Files/a", "./Files/a", "Files", "Hives/System_Delta"])
def test_once_is_enough(name: str) -> None:
    """
    A layer that is made for Windows already is refused, however its paths are spelt.
    """
    with pytest.raises(AlreadyForWindows):
        for_windows(layer_of((name, b"")))


@pytest.mark.parametrize(
    "layer",
    [
        layer_of(("../a", b"")),
        layer_of(("a", b""), entry("b", tarfile.LNKTYPE, "../../a")),
        build_layer([b"not a tar archive" * 100]),
    ],
)
def test_what_cannot_be_moved(layer: Layer) -> None:
    """
    Paths that lead out of the archive, and what is none, are refused.
    """
    with pytest.raises(ArchiveInvalid):
        for_windows(layer)


def test_archive_that_is_cut_short() -> None:
    """
    A file without its end is not padded with something else.
    """
    whole = layer_of(("a", bytes(5000))).uncompressed().read()
    with pytest.raises(Corrupt):
        for_windows(build_layer([whole[:3000]]))
