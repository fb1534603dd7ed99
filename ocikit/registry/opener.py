"""
Blobs and children that lie in a registry, as records that open them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocikit._records import record
from ocikit.content.assemble import Source, assemble
from ocikit.content.streams import Stream
from ocikit.digest import Digest
from ocikit.name.records import Repository
from ocikit.registry.client import Client
from ocikit.registry.manifests import fetch_child
from ocikit.registry.resume import ResumedStream
from ocikit.registry.session import reach
from ocikit.spec.descriptor import Descriptor

if TYPE_CHECKING:
    from ocikit.content.image import Content


@record
class RegistryOpener:
    """
    A blob of a repository.

    When a connection breaks in the middle, reading goes on where it stopped, over
    another one. `size`, when it is known, tells a cut body from a whole one even if the
    registry announces the cut as the whole.
    """

    client: Client
    repository: Repository
    digest: Digest
    size: int | None = None

    def open(self) -> Stream:
        """
        Ask for the blob.

        Raises:
            BlobUnknown: the repository does not have it.
            Refused, Unreachable: the registry said no, or nothing.
        """
        return self.open_at(0)

    def open_at(self, offset: int) -> Stream:
        """
        Ask for the blob from `offset` on.

        Raises:
            BlobUnknown: the repository does not have it.
            Refused, Unreachable: the registry said no, or nothing.
        """
        access = reach(self.client, self.repository)
        return ResumedStream(access, self.digest, self.size, offset)


@record
class RegistryChild:
    """
    A child of an index of a repository.
    """

    client: Client
    repository: Repository
    descriptor: Descriptor

    def open(self) -> Content:
        """
        Load the child: one manifest, and no blob.

        Raises:
            ManifestUnknown: the repository does not have it, as sparse ones may not.
            Corrupt: what came is not what the index lists.
            Refused, Unreachable: the registry said no, or nothing.
        """
        access = reach(self.client, self.repository)
        raw = fetch_child(access, self.descriptor)
        return assemble(raw, self.descriptor, source(self.client, self.repository))


def source(client: Client, repository: Repository) -> Source:
    """
    Say where the content that documents of a repository refer to is opened.
    """
    return Source(
        blob=lambda d: RegistryOpener(client, repository, d.digest, d.size),
        child=lambda d: RegistryChild(client, repository, d),
        origin=repository,
    )
