"""
Members by their names alone: all that decides what layers make of each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from ocikit._records import record
from ocikit.content.streams import Stream
from ocikit.tree.entry import Kind, Member
from ocikit.tree.faults import TarInvalid
from ocikit.tree.paths import clean
from ocikit.tree.whiteouts import Mark, mark


class Archive(Protocol):
    """
    A tar archive that can be read again and again, as layers can.
    """

    def uncompressed(self) -> Stream:
        """
        Open the tar stream.
        """
        ...


@record
class Named:
    """
    A member by its names.
    """

    number: int
    #: The path that is meant.
    path: bytes
    kind: Kind
    linkname: bytes
    #: What it marks, when it is no file.
    mark: Mark | None


def named(members: Iterable[Member]) -> Iterator[Named]:
    """
    Give the names of members.

    Raises:
        TarInvalid: a mark marks nothing, or the root would be no directory.
    """
    for member in members:
        path = clean(member.name)
        found = marked(member, path)
        yield Named(member.number, path, member.kind, member.linkname, found)


def marked(member: Member, path: bytes) -> Mark | None:
    """
    Tell what a member marks, if it is no file.

    Raises:
        TarInvalid: it marks nothing, or the root would be no directory.
    """
    try:
        if not path and member.kind != "directory":
            raise ValueError("the root of a layer is a directory, and nothing else")
        return mark(path)
    except ValueError as error:
        number, offset = member.number, member.offset
        raise TarInvalid(number=number, offset=offset, reason=str(error)) from None
