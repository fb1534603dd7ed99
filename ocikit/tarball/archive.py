"""
Archives: one scan of the headers, then any member at its offset.
"""

from __future__ import annotations

import os
import posixpath
from typing import Any, Final

import attrs

from ocikit._records import FrozenMap, record
from ocikit.content.compression import decompress, sniff
from ocikit.content.spool import Spool
from ocikit.content.streams import CHUNK, Opener, Stream
from ocikit.errors import Corrupt, Missing
from ocikit.files.opener import FileOpener, slice_of
from ocikit.spec.document import DocumentTooLarge

#: Members beyond this many are no archive of images.
MAX_MEMBERS: Final = 1_000_000
_MAX_LINKS: Final = 16


@attrs.frozen(kw_only=True)
class ArchiveInvalid(Corrupt):
    """
    A file is not an archive of images.
    """

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


@attrs.frozen(kw_only=True)
class MemberMissing(Missing):
    """
    An archive does not hold what a document in it refers to.
    """

    path: str
    name: str

    def __str__(self) -> str:
        return f"{self.path}: has no file {self.name!r}; part of the image is elsewhere"


@record
class AbsentOpener:
    """
    What an archive does not hold: a layer that is not to be distributed, another platform.
    """

    path: str
    name: str

    def open(self) -> Stream:
        """
        Tell that it is not there.

        Raises:
            MemberMissing: always.
        """
        raise MemberMissing(path=self.path, name=self.name)


@record
class Member:
    """
    Where a file lies in an archive; a link has a target instead.
    """

    offset: int
    size: int
    target: str = ""


@record(kw_only=True)
class Archive:
    """
    An archive whose headers were read: its members by normalised name.
    """

    #: What a person calls it.
    path: str
    opener: Opener
    members: FrozenMap[str, Member] = attrs.field(repr=False)

    def __contains__(self, name: str) -> bool:
        return self._find(name) is not None

    def member(self, name: str) -> Member:
        """
        Find a file; links are followed.

        Raises:
            ArchiveInvalid: there is none, or its links lead nowhere.
        """
        found = self._find(name)
        if found is None:
            raise ArchiveInvalid(path=self.path, reason=f"has no file {name!r}")
        return found

    def _find(self, name: str) -> Member | None:
        at = normal(name)
        for _ in range(_MAX_LINKS):
            found = self.members.get(at)
            if found is None or not found.target:
                return found
            at = found.target
        raise ArchiveInvalid(path=self.path, reason=f"links of {name!r} go round in circles")

    def open(self, name: str) -> Opener:
        """
        Give the opener of a file's bytes.
        """
        found = self.member(name)
        return slice_of(self.opener, found.offset, found.size)

    def read(self, name: str, limit: int) -> bytes:
        """
        Read a small file whole.

        Raises:
            DocumentTooLarge: it is larger than `limit` bytes.
        """
        found = self.member(name)
        if found.size > limit:
            what = f"{self.path}: {name}"
            raise DocumentTooLarge(what=what, size=found.size, limit=limit)
        with self.open(name).open() as stream:
            data = b"".join(iter(lambda: stream.read(CHUNK), b""))
        if len(data) != found.size:
            raise ArchiveInvalid(path=self.path, reason=f"ends within {name!r}")
        return data


def normal(name: str) -> str:
    """
    Give the one spelling of a member's name: `./a//b` is `a/b`, and so is `/a/b`.
    """
    return posixpath.normpath("/" + name).lstrip("/")


def scan(source: str | os.PathLike[str] | Opener) -> Archive:
    """
    Read the headers of an archive; one that is compressed is unpacked first, once.

    Raises:
        FileMissing: there is no such file.
        ArchiveInvalid: it is not a tar archive.
        CompressionInvalid: it is compressed, and damaged.
    """
    if isinstance(source, str | os.PathLike):
        path, opener = os.fspath(source), _plain(FileOpener(source))
    else:
        path, opener = "archive", _plain(source)
    with opener.open() as stream:
        return Archive(path=path, opener=opener, members=_members(stream, path))


def _plain(opener: Opener) -> Opener:
    with opener.open() as stream:
        if sniff(stream.read(512)) == "none":
            return opener
    with decompress(opener.open()) as stream:
        return spooled(stream)


def spooled(stream: Stream) -> Opener:
    """
    Keep what a stream gives, so that it can be opened again.
    """
    spool = Spool()
    while chunk := stream.read(CHUNK):
        spool.write(chunk)
    return spool.opener()


def _members(stream: Any, path: str) -> FrozenMap[str, Member]:
    # Here because it takes milliseconds to import, and most commands read no archive.
    import tarfile

    found: dict[str, Member] = {}
    try:
        with tarfile.open(fileobj=stream, mode="r:") as tar:
            for info in tar:
                if (member := _member(info)) is not None:
                    found[normal(info.name)] = member
                if len(found) > MAX_MEMBERS:
                    raise ArchiveInvalid(path=path, reason=f"has over {MAX_MEMBERS} members")
    except (tarfile.TarError, EOFError, UnicodeError, ValueError) as error:
        raise ArchiveInvalid(path=path, reason=f"is not a tar archive: {error}") from error
    return FrozenMap(found)


def _member(info: Any) -> Member | None:
    if info.issym():
        target = posixpath.join(posixpath.dirname(info.name), info.linkname)
        return Member(0, 0, normal(target))
    if info.islnk():
        return Member(0, 0, normal(info.linkname))
    return Member(info.offset_data, info.size) if info.isreg() else None
