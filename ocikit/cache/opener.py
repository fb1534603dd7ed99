"""
Content that is read through a cache, and no byte of it twice from where it came.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import attrs

from ocikit import media
from ocikit._records import evolve, record
from ocikit.cache.store import Cache, document, find, keep, keep_document
from ocikit.content.blob import Blob, CompositeOpener
from ocikit.content.image import Child, Content, ContentOpener, Index
from ocikit.content.layer import DiffIDs, Layer
from ocikit.content.streams import BytesOpener, Opener, Stream
from ocikit.progress import Report, quiet
from ocikit.spec.descriptor import Descriptor


@record
class CachedOpener:
    """
    A blob that is fetched into a cache when it is first opened, and then read from there.

    It is fetched whole, and verified; one that is broken off is gone on with the next
    time, where its source allows that.

    >>> import tempfile
    >>> from ocikit.content.blob import of_bytes
    >>> blob = of_bytes(b"hello", "text/plain")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     opener = CachedOpener(blob.opener, Cache(folder), blob.descriptor)
    ...     [opener.open().read() for _ in range(2)]
    [b'hello', b'hello']
    """

    inner: Opener
    cache: Cache
    descriptor: Descriptor = attrs.field(repr=lambda descriptor: str(descriptor.digest))

    def open(self) -> Stream:
        """
        Open the bytes from their beginning.

        Raises:
            Corrupt, Missing, Unreachable: the cache does not have them, nor could their
                source give them.
        """
        return self.open_told(quiet)

    def open_told(self, report: Report) -> Stream:
        """
        Open the bytes, and report those that have to come from their source.
        """
        window = find(self.cache, self.descriptor)
        if window is None:
            plain = evolve(self.descriptor, data=None)
            if keep(self.cache, Blob(descriptor=plain, opener=self.inner), report):
                window = find(self.cache, self.descriptor)
        return self.inner.open() if window is None else window


@runtime_checkable
class KnownChild(Protocol):
    """
    An opener of a child that can make it of its document, when that is here already.
    """

    descriptor: Descriptor

    def made_of(self, raw: bytes) -> Content:
        """
        Make the content of the bytes of its document.
        """
        ...


@record
class CachedChild:
    """
    A child of an index, whose document and blobs are read through a cache.
    """

    inner: ContentOpener
    cache: Cache
    descriptor: Descriptor

    def open(self) -> Content:
        """
        Load the child; its document comes from the cache, if that has it.
        """
        inner = self.inner
        if isinstance(inner, KnownChild) and media.is_manifest(self.descriptor.media_type):
            raw = document(self.cache, self.descriptor)
            if raw is not None:
                return cached(inner.made_of(raw), self.cache)
        return cached(inner.open(), self.cache)


def cached(content: Content, cache: Cache) -> Content:
    """
    Read content through a cache: what that does not have is fetched into it.

    Content stays equal to what it was. Documents that are here are put into the cache at
    once, blobs when they are opened.

    Args:
        content: from any place.
        cache: where to keep it.

    >>> import tempfile
    >>> from ocikit.content.empty import IMAGE
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     cached(IMAGE, Cache(folder)) == IMAGE
    True
    """
    if isinstance(content, Blob):
        return _blob(content, cache)
    keep_document(cache, content.document.raw, content.descriptor)
    if isinstance(content, Index):
        return evolve(content, children=tuple(_child(each, cache) for each in content.children))
    config = _blob(content.config, cache)
    count = len(content.layers)
    listed = DiffIDs(config, count) if media.is_config(config.media_type) else None
    layers = tuple(_layer(layer, listed, cache) for layer in content.layers)
    return evolve(content, config=config, layers=layers)


def _child(child: Child, cache: Cache) -> Child:
    return evolve(child, opener=CachedChild(child.opener, cache, child.descriptor))


def _layer(layer: Layer, listed: DiffIDs | None, cache: Cache) -> Layer:
    # A layer may say more of itself than the configuration does.
    known = layer.listed if listed is None or layer.listed is None else listed
    return evolve(layer, blob=_blob(layer.blob, cache), listed=known)


def _blob(blob: Blob, cache: Cache) -> Blob:
    # What is in memory, or knows its parts, is no less here than in a cache.
    if isinstance(blob.opener, BytesOpener | CompositeOpener | CachedOpener):
        return blob
    return evolve(blob, opener=CachedOpener(blob.opener, cache, blob.descriptor))
