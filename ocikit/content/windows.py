"""
Layers of ordinary tar archives as Windows containers want them.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Any, Final, cast

import attrs

from ocikit.content.build import build_layer
from ocikit.content.compression import DEFAULT, Compression
from ocikit.content.layer import Layer
from ocikit.content.streams import CHUNK
from ocikit.errors import Corrupt, Invalid

if TYPE_CHECKING:
    from tarfile import TarFile, TarInfo

#: The folder of files, and the one of registry hives that must be beside it.
FILES: Final = "Files"
HIVES: Final = "Hives"

#: A security descriptor in binary form, base64: owner and group are BUILTIN\\Users. With
#: it files can be run; without it Windows denies everything to everybody.
SECURITY_DESCRIPTOR: Final = (
    "AQAAgBQAAAAkAAAAAAAAAAAAAAABAgAAAAAABSAAAAAhAgAAAQIAAAAAAAUgAAAAIQIAAA=="
)

_BLOCK = 512
#: PAX records that repeat what a header says, which is about to be changed.
_REPEATED = frozenset(["path", "linkpath", "size"])


@attrs.frozen(kw_only=True)
class AlreadyForWindows(Invalid):
    """
    A layer has its files where Windows wants them.
    """

    path: str

    def __str__(self) -> str:
        return f"{self.path!r} lies in {FILES}/ already; append this layer as it is"


@attrs.frozen(kw_only=True)
class ArchiveInvalid(Corrupt):
    """
    A layer is not a tar archive that can be moved below another folder.
    """

    reason: str

    def __str__(self) -> str:
        return f"layer is not a usable tar archive: {self.reason}"


def for_windows(layer: Layer, *, compression: Compression = DEFAULT, docker: bool = False) -> Layer:
    """
    Move a layer's files to where Windows containers look for them.

    Each entry goes below `Files/` with a security descriptor that lets it be run. Hard
    links name the entry they are a link to, and move with it. Symbolic links stay: they
    are followed inside the container, whose root `Files` is.

    Raises:
        AlreadyForWindows: an entry is below `Files/` already.
        ArchiveInvalid: not a tar archive, or an entry leads out of it.
    """
    return build_layer(_moved(layer), compression=compression, docker=docker)


def _moved(layer: Layer) -> Iterator[bytes]:
    import tarfile

    for name in (FILES, HIVES):
        folder = tarfile.TarInfo(name)
        folder.type, folder.mode = tarfile.DIRTYPE, 0o555
        yield _header(folder)
    try:
        with (
            layer.uncompressed() as stream,
            tarfile.open(fileobj=cast("IO[bytes]", stream), mode="r|", bufsize=CHUNK) as archive,
        ):
            yield from _entries(archive)
    except tarfile.TarError as error:
        raise ArchiveInvalid(reason=str(error)) from None
    yield bytes(2 * _BLOCK)


def _entries(archive: TarFile) -> Iterator[bytes]:
    seen: list[TarInfo] = cast("Any", archive).members
    while (entry := archive.next()) is not None:
        # Who reads once needs no list of what was read.
        seen.clear()
        path = _inside(entry.name)
        if path == ".":
            continue
        if path.partition("/")[0] in (FILES, HIVES):
            raise AlreadyForWindows(path=entry.name)
        entry.name = f"{FILES}/{path}"
        if entry.islnk():
            entry.linkname = f"{FILES}/{_inside(entry.linkname)}"
        kept = {k: v for k, v in entry.pax_headers.items() if k not in _REPEATED}
        entry.pax_headers = {**kept, "MSWINDOWS.rawsd": SECURITY_DESCRIPTOR}
        yield _header(entry)
        if entry.isreg():
            yield from _body(archive, entry)


def _body(archive: TarFile, entry: TarInfo) -> Iterator[bytes]:
    body = archive.extractfile(entry)
    left = entry.size
    while body is not None and left:
        chunk = body.read(min(CHUNK, left))
        if not chunk:
            raise ArchiveInvalid(reason=f"{entry.name!r} is cut short")
        left -= len(chunk)
        yield chunk
    yield bytes(-entry.size % _BLOCK)


def _header(entry: TarInfo) -> bytes:
    import tarfile

    return entry.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")


def _inside(name: str) -> str:
    path = posixpath.normpath(name.lstrip("/"))
    if path == ".." or path.startswith("../"):
        raise ArchiveInvalid(reason=f"{name!r} leads out of it")
    return path
