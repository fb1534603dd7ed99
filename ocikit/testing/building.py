"""
Archives, layers and images of files that are named, for tests that want just these.

    base = building.image(building.layer(("etc/passwd", b"root"), "empty"))
    above = building.layer(".wh.empty", building.symlink("bin", "usr/bin"))

Strategies are for tests of whatever comes; this is for the one case that matters.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from ocikit.content.build import build_layer
from ocikit.content.compression import DEFAULT, Compression, Plain
from ocikit.content.image import Image
from ocikit.content.layer import Layer
from ocikit.content.partial import image_of
from ocikit.platforms import parse
from ocikit.spec.config import ConfigFile, History
from ocikit.testing.files import Written, archive_of
from ocikit.tree.entry import Entry

#: A member of an archive: an empty file by its name, one with content, or any entry.
Member: TypeAlias = str | tuple[str, bytes] | Entry | Written
_PLAIN: Final = Plain()


def file(name: str, content: bytes = b"", **facts: Any) -> Written:
    """
    Make a file; facts are those of an `Entry`, such as `mode` and `uid`.

    >>> file("bin/su", mode=0o4755).entry.mode == 0o4755
    True
    """
    return Written(Entry(name=name, size=len(content), **facts), content)


def directory(name: str, mode: int = 0o755) -> Entry:
    """
    Make a directory.

    >>> directory("etc").kind
    'directory'
    """
    return Entry(name=name, kind="directory", mode=mode)


def symlink(name: str, target: str) -> Entry:
    """
    Make a symbolic link.

    >>> symlink("bin", "usr/bin").linkname
    'usr/bin'
    """
    return Entry(name=name, kind="symlink", linkname=target)


def link(name: str, target: str) -> Entry:
    """
    Make a hard link: another name of a file that comes before it.

    >>> link("b", "a").kind
    'hardlink'
    """
    return Entry(name=name, kind="hardlink", linkname=target)


def archive(*members: Member) -> bytes:
    """
    Write a tar archive, the same bytes for the same members.

    >>> import io, tarfile
    >>> made = archive("a", ("b", b"content"), symlink("c", "b"))
    >>> tarfile.open(fileobj=io.BytesIO(made)).getnames()
    ['a', 'b', 'c']
    """
    return archive_of(_written(each) for each in members)


def layer(
    *members: Member | bytes, compression: Compression = _PLAIN, docker: bool = False
) -> Layer:
    """
    Make a layer, of members or of an archive that there is.

    >>> layer("a").media_type
    'application/vnd.oci.image.layer.v1.tar'
    >>> layer("a") == layer(archive("a"))
    True
    """
    if len(members) == 1 and isinstance(members[0], bytes):
        return build_layer([members[0]], compression=compression, docker=docker)
    written = archive(*(each for each in members if not isinstance(each, bytes)))
    return build_layer([written], compression=compression, docker=docker)


def image(
    *layers: Layer | bytes,
    platform: str = "linux/amd64",
    compression: Compression = DEFAULT,
    docker: bool = False,
) -> Image:
    """
    Make an image of layers, or of archives, lowest first.

    >>> made = image(archive("a"), layer("b"), platform="linux/arm/v7")
    >>> len(made.layers), str(made.platform)
    (2, 'linux/arm/v7')
    """
    named = parse(platform)
    config = ConfigFile(
        architecture=named.architecture,
        os=named.os,
        variant=named.variant,
        os_version=named.os_version,
        history=tuple(History(created_by=f"step {number}") for number, _ in enumerate(layers)),
    )
    made = [
        layer(each, compression=compression, docker=docker) if isinstance(each, bytes) else each
        for each in layers
    ]
    return image_of(config, made, docker=docker)


def _written(member: Member) -> Written:
    if isinstance(member, Written):
        return member
    if isinstance(member, Entry):
        return Written(member)
    return file(member) if isinstance(member, str) else file(*member)
