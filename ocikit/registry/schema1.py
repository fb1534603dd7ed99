"""
Manifests of schema 1 in a registry: values that are not looked into, and copy.
"""

from __future__ import annotations

import attrs

from ocikit import media
from ocikit._records import evolve, record
from ocikit.content.blob import Blob
from ocikit.content.image import Content
from ocikit.content.streams import BytesOpener, Stream
from ocikit.digest import Digest
from ocikit.errors import Corrupt
from ocikit.http import answers, routes
from ocikit.name.records import Repository
from ocikit.registry.client import Client
from ocikit.registry.opener import RegistryOpener
from ocikit.registry.session import Access, reach
from ocikit.spec.descriptor import Descriptor
from ocikit.spec.schema1 import identity as identity_of
from ocikit.spec.schema1 import layers


@attrs.frozen(kw_only=True)
class SizeUnknown(Corrupt):
    """
    A registry does not say how large a blob is, and nothing else does.
    """

    digest: Digest

    def __str__(self) -> str:
        return f"{self.digest}: the registry does not say its size, nor does the manifest"


@record
class Schema1Opener:
    """
    A manifest of schema 1, and where the layers are that it needs.
    """

    data: bytes = attrs.field(repr=lambda data: f"<{len(data)} bytes>")
    client: Client
    repository: Repository

    def open(self) -> Stream:
        """
        Read the manifest from its beginning.
        """
        return BytesOpener(self.data).open()

    def parts(self) -> tuple[Blob, ...]:
        """
        Find the layers; the registry is asked for their sizes.

        Raises:
            BlobUnknown: one is not there.
            Refused, Unreachable: the registry said no, or nothing.
        """
        access = reach(self.client, self.repository)
        return tuple(self._layer(access, digest) for digest in layers(self.data))

    def _layer(self, access: Access, digest: Digest) -> Blob:
        request = routes.head_blob(access.base, access.path, digest)
        with access.ask(request, 200) as response:
            size = answers.length_of(response.headers)
        if size is None:
            raise SizeUnknown(digest=digest)
        descriptor = Descriptor(media_type=media.DOCKER_LAYER_GZIP, digest=digest, size=size)
        opener = RegistryOpener(self.client, self.repository, digest, size)
        return Blob(descriptor=descriptor, opener=opener, origin=self.repository)


def with_parts(content: Content, client: Client, repository: Repository) -> Content:
    """
    Let a manifest of schema 1 know where its layers are; other content stays as it is.
    """
    if not isinstance(content, Blob) or not media.is_schema1(content.media_type):
        return content
    return evolve(content, opener=Schema1Opener(content.content, client, repository))


def identity(content: Content) -> Digest:
    """
    Give the digest by which registries know content: of a signed manifest of schema 1,
    that of what was signed.
    """
    if isinstance(content, Blob) and content.media_type == media.DOCKER_SCHEMA1_SIGNED:
        return identity_of(content.content, content.media_type)
    return content.digest
