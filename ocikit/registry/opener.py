"""
Blobs and children that lie in a registry, as records that open them.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from ocikit import media
from ocikit._records import record
from ocikit.content.assemble import Source, assemble
from ocikit.content.blob import Blob
from ocikit.content.streams import Stream
from ocikit.digest import Digest
from ocikit.errors import Missing, OciError
from ocikit.http import routes
from ocikit.http.message import Request
from ocikit.http.origin import URLInvalid, origin_of
from ocikit.http.redact import redact_url
from ocikit.name.records import Repository
from ocikit.registry.client import Client
from ocikit.registry.lanes import open_bytes
from ocikit.registry.manifests import fetch_child
from ocikit.registry.session import Access, reach
from ocikit.spec.descriptor import Descriptor

if TYPE_CHECKING:
    from ocikit.content.image import Content


@record
class RegistryOpener:
    """
    A blob of a repository.

    When a connection breaks in the middle, reading goes on where it stopped, over
    another one; a large one comes over several where one gives little. `size`, when it is
    known, tells a cut body from a whole one even if the registry announces the cut as the
    whole.

    A layer that is not to be distributed may lie elsewhere, at one of its `urls`. They
    are used when the client says so and the repository does not have it: each in turn,
    without credentials, by HTTPS when the registry is asked so, and never nearer to us
    than the registry is.
    """

    client: Client
    repository: Repository
    digest: Digest
    size: int | None = None
    urls: tuple[str, ...] = ()

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
        request = routes.get_blob(access.base, access.path, self.digest)
        try:
            return open_bytes(access, request, self.size, offset)
        except Missing:
            if not self.urls or not self.client.foreign:
                raise
        return self._open_elsewhere(access, offset)

    def _open_elsewhere(self, access: Access, offset: int) -> Stream:
        *others, last = self.urls
        for url in others:
            with suppress(OciError):
                return open_bytes(access, _foreign(access, url), self.size, offset)
        return open_bytes(access, _foreign(access, last), self.size, offset)


def _foreign(access: Access, url: str) -> Request:
    if origin_of(access.base).is_secure and not origin_of(url).is_secure:
        raise URLInvalid(url=redact_url(url), reason="a layer is fetched by https:// only")
    return routes.get_bytes(url)


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

        What has no type of a manifest may lie with the blobs: that is where one puts it who
        does not know the type either.

        Raises:
            ManifestUnknown: the repository does not have it, as sparse ones may not.
            Corrupt: what came is not what the index lists.
            Refused, Unreachable: the registry said no, or nothing.
        """
        access = reach(self.client, self.repository)
        try:
            raw = fetch_child(access, self.descriptor)
        except Missing:
            if media.is_manifest(self.descriptor.media_type):
                raise
            there = source(self.client, self.repository)
            opener = there.blob(self.descriptor)
            return Blob(descriptor=self.descriptor, opener=opener, origin=there.origin)
        return self.made_of(raw)

    def made_of(self, raw: bytes) -> Content:
        """
        Make the child of its document, which is here already; nothing is asked for.

        Raises:
            Corrupt: it is not what the index lists.
        """
        return assemble(raw, self.descriptor, source(self.client, self.repository))


def source(client: Client, repository: Repository) -> Source:
    """
    Say where the content that documents of a repository refer to is opened.
    """
    return Source(
        blob=lambda d: RegistryOpener(
            client, repository, d.digest, d.size, d.urls if media.is_foreign(d.media_type) else ()
        ),
        child=lambda d: RegistryChild(client, repository, d),
        origin=repository,
    )
