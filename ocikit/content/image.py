"""
Images and indexes: documents, and the content they refer to.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Concatenate, ParamSpec, Protocol, TypeVar

import attrs

from ocikit import media
from ocikit._records import record
from ocikit.content.blob import Blob
from ocikit.content.layer import DiffIDs, Layer
from ocikit.digest import Digest
from ocikit.errors import Unsupported
from ocikit.platforms import Platform
from ocikit.spec.config import ConfigFile
from ocikit.spec.descriptor import Descriptor
from ocikit.spec.document import Document
from ocikit.spec.manifest import IndexManifest, Manifest

if TYPE_CHECKING:
    from ocikit._notebook import Fact, Printer

P = ParamSpec("P")
R = TypeVar("R")


@attrs.frozen(kw_only=True)
class NotAnImage(Unsupported):
    """
    An artifact has no image configuration.
    """

    digest: Digest
    config_type: str

    def __str__(self) -> str:
        return f"{self.digest} is an artifact: its config is {self.config_type!r}, not an image's"


@record(kw_only=True)
class Image:
    """
    An image or artifact: its manifest, its configuration, its layers.

    Images are equal when their manifests are, byte for byte.
    """

    document: Document[Manifest]
    config: Blob = attrs.field(eq=False)
    layers: tuple[Layer, ...] = attrs.field(eq=False)

    @property
    def manifest(self) -> Manifest:
        """
        What the manifest says.
        """
        return self.document.value

    @property
    def digest(self) -> Digest:
        """
        The digest of the manifest.
        """
        return self.document.digest

    @property
    def size(self) -> int:
        """
        The size of the manifest in bytes.
        """
        return self.document.size

    @property
    def media_type(self) -> str:
        """
        The media type of the manifest.
        """
        return self.document.media_type or self.manifest.media_type or media.OCI_MANIFEST

    @property
    def artifact_type(self) -> str:
        """
        What kind of artifact this is; empty for an image (manifest.md, "artifactType").
        """
        config = self.config.media_type
        return self.manifest.artifact_type or ("" if media.is_config(config) else config)

    @property
    def descriptor(self) -> Descriptor:
        """
        The plain descriptor of the manifest.
        """
        return Descriptor(media_type=self.media_type, digest=self.digest, size=self.size)

    @functools.cached_property
    def config_document(self) -> Document[ConfigFile]:
        """
        The image configuration as a document.

        Raises:
            NotAnImage: this is an artifact.
        """
        if not media.is_config(self.config.media_type):
            raise NotAnImage(digest=self.digest, config_type=self.config.media_type)
        return DiffIDs(self.config, len(self.layers)).document

    @property
    def config_file(self) -> ConfigFile:
        """
        What the image configuration says.

        Raises:
            NotAnImage: this is an artifact.
        """
        return self.config_document.value

    @property
    def platform(self) -> Platform | None:
        """
        The platform that the configuration names.
        """
        return self.config_file.platform

    def pipe(self, f: Callable[Concatenate[Image, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """
        Return `f(self, *args, **kwargs)`, so that a pipeline reads left to right.
        """
        return f(self, *args, **kwargs)

    def __rich_repr__(self) -> Iterator[Fact]:
        from ocikit.content.shown import image_facts

        return image_facts(self)

    def _repr_pretty_(self, printer: Printer, cycle: bool) -> None:
        from ocikit._notebook import pretty
        from ocikit.content.shown import image_facts

        pretty(self, image_facts(self), printer, cycle)

    def _repr_html_(self) -> str:
        from ocikit.content.shown import image_html

        return image_html(self)


class ContentOpener(Protocol):
    """
    A record of where a child of an index is.
    """

    def open(self) -> Content:
        """
        Load the child; its own content stays unopened.
        """
        ...


@record
class Loaded:
    """
    Content that is here already.
    """

    content: Content

    def open(self) -> Content:
        """
        Give the content.
        """
        return self.content


@record(kw_only=True)
class Child:
    """
    One entry of an index: its descriptor as listed, and how to load it.
    """

    descriptor: Descriptor
    opener: ContentOpener = attrs.field(eq=False)

    @functools.cached_property
    def content(self) -> Content:
        """
        The image, index or blob that is listed, loaded once.
        """
        return self.opener.open()


@record(kw_only=True)
class Index:
    """
    An index: its document, and its children, loaded one at a time.

    Indexes are equal when their documents are, byte for byte.
    """

    document: Document[IndexManifest]
    children: tuple[Child, ...] = attrs.field(eq=False)

    @property
    def manifest(self) -> IndexManifest:
        """
        What the document says.
        """
        return self.document.value

    @property
    def digest(self) -> Digest:
        """
        The digest of the document.
        """
        return self.document.digest

    @property
    def size(self) -> int:
        """
        The size of the document in bytes.
        """
        return self.document.size

    @property
    def media_type(self) -> str:
        """
        The media type of the document.
        """
        return self.document.media_type or self.manifest.media_type or media.OCI_INDEX

    @property
    def artifact_type(self) -> str:
        """
        What kind of artifact this is; empty for an ordinary index.
        """
        return self.manifest.artifact_type

    @property
    def descriptor(self) -> Descriptor:
        """
        The plain descriptor of the document.
        """
        return Descriptor(media_type=self.media_type, digest=self.digest, size=self.size)

    def pipe(self, f: Callable[Concatenate[Index, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """
        Return `f(self, *args, **kwargs)`, so that a pipeline reads left to right.
        """
        return f(self, *args, **kwargs)

    def __rich_repr__(self) -> Iterator[Fact]:
        from ocikit.content.shown import index_facts

        return index_facts(self)

    def _repr_pretty_(self, printer: Printer, cycle: bool) -> None:
        from ocikit._notebook import pretty
        from ocikit.content.shown import index_facts

        pretty(self, index_facts(self), printer, cycle)

    def _repr_html_(self) -> str:
        from ocikit.content.shown import index_html

        return index_html(self)


Content = Image | Index | Blob
