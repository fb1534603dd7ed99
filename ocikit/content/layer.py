"""
Layers: blobs that hold changes of a file system.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING

import attrs

from ocikit._records import record
from ocikit.content.blob import Blob
from ocikit.content.compression import MAX_RATIO, decompress
from ocikit.content.streams import Stream, chunks
from ocikit.digest import Digest, digest_of
from ocikit.errors import Corrupt
from ocikit.sizes import counted
from ocikit.spec.descriptor import Descriptor
from ocikit.spec.document import read

if TYPE_CHECKING:
    from ocikit._notebook import Fact, Printer
    from ocikit.spec.config import ConfigFile
    from ocikit.spec.document import Document


@attrs.frozen(kw_only=True)
class DiffIDsMissing(Corrupt):
    """
    A configuration does not have one diff ID for each layer.
    """

    config: Digest
    layers: int
    diff_ids: int

    def __str__(self) -> str:
        return (
            f"config {self.config} lists {counted(self.diff_ids, 'diff ID')}"
            f" but the manifest has {counted(self.layers, 'layer')}"
        )


@record
class DiffIDs:
    """
    The diff IDs that a configuration lists, read from it when they are asked for.

    All layers of an image share one, so that the configuration is opened once.
    """

    config: Blob
    count: int

    @functools.cached_property
    def document(self) -> Document[ConfigFile]:
        """
        The configuration as a document.
        """
        from ocikit.spec.config import ConfigFile

        return read(self.config.content, ConfigFile, self.config.media_type)

    @functools.cached_property
    def values(self) -> tuple[Digest, ...]:
        """
        The diff IDs, lowest layer first.

        Raises:
            DiffIDsMissing: there are not as many as layers.
        """
        listed = self.document.value.rootfs.diff_ids
        if len(listed) != self.count:
            digest = self.config.digest
            raise DiffIDsMissing(config=digest, layers=self.count, diff_ids=len(listed))
        return listed


@record(kw_only=True)
class Layer:
    """
    A blob of a file system change, and the digest of its uncompressed tar stream.

    The diff ID is the one given, else the one the image's configuration lists at this
    layer's position, else it is found by decompressing the layer once.
    """

    blob: Blob
    known_diff_id: Digest | None = attrs.field(default=None, eq=False, alias="diff_id")
    listed: DiffIDs | None = attrs.field(default=None, eq=False, repr=False)
    position: int = attrs.field(default=0, eq=False, repr=False)

    @property
    def descriptor(self) -> Descriptor:
        """
        The descriptor of the compressed content, as manifests list it.
        """
        return self.blob.descriptor

    @property
    def digest(self) -> Digest:
        """
        The digest of the compressed content.
        """
        return self.blob.digest

    @property
    def size(self) -> int:
        """
        The size of the compressed content in bytes.
        """
        return self.blob.size

    @property
    def media_type(self) -> str:
        """
        The media type of the compressed content.
        """
        return self.blob.media_type

    @functools.cached_property
    def diff_id(self) -> Digest:
        """
        The digest of the uncompressed tar stream.
        """
        if self.known_diff_id is not None:
            return self.known_diff_id
        if self.listed is not None:
            return self.listed.values[self.position]
        with self.uncompressed() as stream:
            return digest_of(chunks(stream))

    def uncompressed(self, *, ratio: int | None = MAX_RATIO) -> Stream:
        """
        Open the tar stream: gzip and zstd are told by their first bytes, not by name.

        Args:
            ratio: how many times content over 64 MiB may grow; None for any number.
        """
        return decompress(self.blob.open(), ratio=ratio)

    def __rich_repr__(self) -> Iterator[Fact]:
        from ocikit.content.shown import layer_facts

        return layer_facts(self)

    def _repr_pretty_(self, printer: Printer, cycle: bool) -> None:
        from ocikit._notebook import pretty
        from ocikit.content.shown import layer_facts

        pretty(self, layer_facts(self), printer, cycle)

    def _repr_html_(self) -> str:
        from ocikit.content.shown import layer_html

        return layer_html(self)
