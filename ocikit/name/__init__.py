"""
Names: registries, repositories, images, and places named in text.
"""

from typing import TYPE_CHECKING

from ocikit._doors import door

if TYPE_CHECKING:
    from ocikit.name.faults import NameInvalid
    from ocikit.name.locator import (
        DaemonPlace,
        DirPlace,
        DockerArchivePlace,
        LayoutArchivePlace,
        LayoutPlace,
        Locator,
        RegistryPlace,
        parse_locator,
    )
    from ocikit.name.parse import parse_reference, parse_registry, parse_repository
    from ocikit.name.records import Pinned, Reference, Registry, Repository, Tag

__all__ = [
    "DaemonPlace",
    "DirPlace",
    "DockerArchivePlace",
    "LayoutArchivePlace",
    "LayoutPlace",
    "Locator",
    "NameInvalid",
    "Pinned",
    "Reference",
    "Registry",
    "RegistryPlace",
    "Repository",
    "Tag",
    "parse_locator",
    "parse_reference",
    "parse_registry",
    "parse_repository",
]

door(
    __name__,
    {
        "ocikit.name.faults": "NameInvalid",
        "ocikit.name.locator": (
            "DaemonPlace DirPlace DockerArchivePlace LayoutArchivePlace LayoutPlace Locator "
            "RegistryPlace parse_locator"
        ),
        "ocikit.name.parse": "parse_reference parse_registry parse_repository",
        "ocikit.name.records": "Pinned Reference Registry Repository Tag",
    },
)
