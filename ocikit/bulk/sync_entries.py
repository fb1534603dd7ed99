"""
What is to be in sync, as records; a file of them is read by `sync_file`.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import attrs

from ocikit._records import EMPTY, FrozenMap, record
from ocikit.bulk.sync_limits import Limits
from ocikit.bulk.sync_shelf import Folder, Prefix, Shelf
from ocikit.digest import Digest
from ocikit.name.records import Registry
from ocikit.platforms import Platform
from ocikit.query.tagged import EVERY, TagFilter

#: Whether what belongs to an image goes along: never, together with an image that is
#: copied, or also what came to be after that.
Referrers: TypeAlias = Literal["none", "new", "all"]


@record
class Named:
    """
    One image of a repository or layout: by its tag, or by its digest.
    """

    shelf: Shelf
    tag: str | None
    digest: Digest | None = None

    def __str__(self) -> str:
        return f"{self.shelf}{f':{self.tag}' if self.tag else ''}" + (
            f"@{self.digest}" if self.digest else ""
        )


@record
class Whole:
    """
    The repositories of a registry, or the layouts below a folder, that match some globs.

    A glob without a wildcard names a repository, and the registry is not asked for its list.
    """

    registry: Registry | Folder
    #: `*` is within a component, `**` are any.
    repositories: tuple[str, ...] = ("**",)
    exclude: tuple[str, ...] = ()

    def __str__(self) -> str:
        return str(self.registry)


Source: TypeAlias = Named | Shelf | Whole
Target: TypeAlias = Named | Shelf | Prefix


@record(kw_only=True)
class Entry:
    """
    A source, and the targets that are to have what it has.

    The kind of a source is that of its targets: one image, a repository, or a registry.
    """

    name: str
    source: Source
    targets: tuple[Target, ...]
    tags: TagFilter = EVERY
    #: The platforms wanted of an index; none means the index as it is.
    platforms: tuple[Platform, ...] = ()
    referrers: Referrers = "none"
    #: Whether tags that the filter is about and the source has not are deleted.
    delete: bool = False
    #: Which share of such tags of a target may be deleted in one run.
    delete_at_most: float = 0.5
    #: Whether a tag that names something else is overwritten.
    overwrite: bool = True
    #: Globs of tags that never change: what a target has of them is not compared.
    immutable: tuple[str, ...] = ()


@record(kw_only=True)
class SyncFile:
    """
    All that is to be in sync, and how often registries may be asked.
    """

    #: What the file is called, for messages.
    path: str = "sync.toml"
    entries: tuple[Entry, ...] = ()
    #: By the hosts of registries.
    limits: FrozenMap[str, Limits] = attrs.field(default=EMPTY)
