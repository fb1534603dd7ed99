"""
What is kept in sync: repositories of registries, and OCI layouts, both full of tags.
"""

from __future__ import annotations

from typing import TypeAlias

from ocikit._records import record
from ocikit.digest import Digest
from ocikit.name.locator import LayoutPlace, RegistryPlace
from ocikit.name.records import Registry, Repository


@record
class Folder:
    """
    An OCI layout; its tags are the names of its entries.
    """

    path: str

    def __str__(self) -> str:
        return f"oci:{self.path}"


Shelf: TypeAlias = Repository | Folder
#: One image of a shelf.
Place: TypeAlias = RegistryPlace | LayoutPlace


@record
class Prefix:
    """
    Where the repositories of a registry go: into another, under a path, or into layouts
    in a folder.

    >>> from ocikit.name.records import Registry
    >>> str(Prefix(Registry("r.example"), "mirror").shelf("team/app"))
    'r.example/mirror/team/app'
    """

    #: None for layouts in a folder.
    registry: Registry | None
    path: str

    def __str__(self) -> str:
        if self.registry is None:
            return f"oci:{self.path}"
        return f"{self.registry}/{self.path}" if self.path else str(self.registry)

    def shelf(self, path: str) -> Shelf:
        """
        Give where the repository of a path goes.

        Raises:
            NameInvalid: there can be no such repository.
        """
        if self.registry is None:
            # Names of repositories cannot lead out of the folder: this one is read as such.
            clean = Repository(Registry("localhost"), path).path
            return Folder(f"{self.path.rstrip('/')}/{clean}")
        return Repository(self.registry, f"{self.path}/{path}" if self.path else path)

    def holds(self, shelf: Shelf) -> bool:
        """
        Tell whether something may go there.
        """
        if self.registry is None:
            return isinstance(shelf, Folder) and shelf.path.startswith(f"{self.path.rstrip('/')}/")
        inside = isinstance(shelf, Repository) and shelf.registry == self.registry
        return inside and (not self.path or str(shelf).startswith(f"{self}/"))


def tagged(shelf: Shelf, tag: str) -> Place:
    """
    Give the place of a tag.

    Raises:
        NameInvalid: it is none that the shelf can have.
    """
    if isinstance(shelf, Folder):
        return LayoutPlace(shelf.path, tag)
    return RegistryPlace(shelf.tag(tag))


def pinned(shelf: Shelf, digest: Digest) -> Place:
    """
    Give the place of what has a digest.
    """
    if isinstance(shelf, Folder):
        return LayoutPlace(shelf.path, str(digest))
    return RegistryPlace(shelf.pin(digest))


def shelf_of(place: Place | str) -> str:
    """
    Give the text of the shelf that a place is in; one that is text is a whole shelf.
    """
    if isinstance(place, RegistryPlace):
        return str(place.reference.repository)
    return place if isinstance(place, str) else str(Folder(place.path))


def identifier(place: Place) -> str:
    """
    Give the tag or digest of a place.
    """
    if isinstance(place, RegistryPlace):
        return place.reference.identifier
    return place.reference or ""


def bare(place: Place | str) -> str:
    """
    Give the text by which a place is remembered.
    """
    return str(place).removeprefix("docker://")
