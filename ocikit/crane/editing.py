"""
Documents of images replaced by others, byte for byte: edit_config, edit_manifest.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NoReturn, TypeVar

import attrs

from ocikit import media
from ocikit._records import evolve, record
from ocikit.content.assemble import ManifestAmbiguous, Source, assemble
from ocikit.content.blob import Blob
from ocikit.content.image import Content, ContentOpener, Image, Index
from ocikit.content.layer import DiffIDs
from ocikit.content.streams import BytesOpener, Opener
from ocikit.crane.changed import changed
from ocikit.crane.options import Options
from ocikit.crane.places import narrow, one_image
from ocikit.crane.stock import EMPTY, Stock
from ocikit.digest import Digest
from ocikit.errors import Corrupt, Invalid
from ocikit.mutate.attestations import Attestations
from ocikit.mutate.rebuild import rebuild
from ocikit.spec.descriptor import Descriptor
from ocikit.spec.match import WithDigest

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class EditInvalid(Invalid):
    """
    A document cannot take the place of another.
    """

    #: "config" or "manifest".
    what: str
    reason: str

    def __str__(self) -> str:
        return f"the new {self.what} is refused: {self.reason}"


def edit_config(image: Image, raw: bytes) -> Image:
    """
    Give an image another configuration, byte for byte.

    In the manifest its digest and size change, and inline `data` where there was some;
    all else stays as it was.

    Args:
        image: what is changed; an artifact too.
        raw: the configuration. That of an image is such a document, and lists as many
            diff IDs as there are layers; that of an artifact is JSON if its type says so.

    Raises:
        EditInvalid: it is none.

    >>> from ocikit.content.empty import IMAGE
    >>> edit_config(IMAGE, IMAGE.config.content) is IMAGE
    True
    >>> edit_config(IMAGE, b"[]")
    Traceback (most recent call last):
    ocikit.crane.editing.EditInvalid: the new config is refused: config: $: expected ...
    """
    said = image.manifest.config
    digest = Digest.of(raw, said.digest.algorithm)
    if digest == said.digest:
        return image
    config = Blob(
        descriptor=evolve(
            said,
            digest=digest,
            size=len(raw),
            data=None if said.data is None else raw,
        ),
        opener=BytesOpener(raw),
    )
    try:
        if media.is_config(said.media_type):
            _ = DiffIDs(config, len(image.layers)).values
        elif said.media_type.endswith("json"):
            _parsed(raw, "config")
    except Corrupt as error:
        raise EditInvalid(what="config", reason=str(error)) from None
    return rebuild(image, config=config)


def edit_manifest(
    content: Content, raw: bytes, *, media_type: str | None = None, stock: Stock = EMPTY
) -> Content:
    """
    Give the content that another manifest or index describes, byte for byte.

    What it refers to is taken from the old content, else from the stock.

    Args:
        content: whose manifest is replaced.
        raw: the new one.
        media_type: what it is; else what it says itself, else what the old one is.
        stock: gives openers of what the old content does not have.

    Raises:
        EditInvalid: it is no such document, can be read in two ways, or refers to what is
            not there.

    >>> from ocikit.content.empty import IMAGE
    >>> raw = IMAGE.document.raw.replace(b'"layers"', b'"x":1,"layers"')
    >>> edit_manifest(IMAGE, raw).manifest.extra
    FrozenMap({'x': 1})
    """
    try:
        members = _parsed(raw, "manifest")
        kind = media_type or _said(members) or content.media_type
        descriptor = Descriptor(
            media_type=kind, size=len(raw), digest=Digest.of(raw, content.digest.algorithm)
        )
        if descriptor == content.descriptor:
            return content
        finder = _Finder(content, stock)
        made = assemble(raw, descriptor, finder.source())
    except Corrupt as error:
        raise EditInvalid(what="manifest", reason=_why(error)) from None
    for where, listed in _listed(made):
        finder.check(where, listed)
    return made


def one_of(content: Content, place: str, options: Options) -> Image:
    """
    Give the image that is to be edited: the only one, or the one for a wanted platform.

    Raises:
        EditInvalid: it is one of several, and nobody says which.
        PlatformMissing: an index has none for that platform.
        PlaceUnsupported: it is neither image nor index.
    """
    if isinstance(content, Index) and len(options.platforms) != 1:
        reason = f"{place} is an index of {len(content.children)}; name one with --platform"
        raise EditInvalid(what="document", reason=reason)
    return one_image(narrow(content, options.platforms), place, options)


def put_back(
    content: Content,
    old: Image,
    new: Content,
    place: str,
    options: Options,
    attestations: Attestations | None = None,
) -> Content:
    """
    Give content in which an image is another: the new one itself, or the index with it.

    Raises:
        EditInvalid: the new one is no image, and cannot stand in an index as one.
    """
    if not isinstance(content, Index):
        return new
    if not isinstance(new, Image):
        raise EditInvalid(what="manifest", reason="an image of an index has to stay one")
    select = WithDigest(frozenset([old.digest]))
    return changed(content, [lambda _: new], place, options, attestations, select=select)


def _parsed(raw: bytes, what: str) -> Any:
    from ocikit.spec.gojson import loads

    return loads(raw, what)


def _said(members: Any) -> str:
    said = members.get("mediaType") if isinstance(members, dict) else None
    return said if isinstance(said, str) else ""


def _why(error: Corrupt) -> str:
    # Which digest it would have had helps nobody.
    return error.reason if isinstance(error, ManifestAmbiguous) else str(error)


@record
class _Nowhere:
    """
    Stands for what is not there, until that is told.
    """

    def open(self) -> NoReturn:
        """
        Find nothing.
        """
        raise EditInvalid(what="manifest", reason="it refers to what is not there")


class _Finder:
    """
    Finds what a new manifest refers to, and remembers what it did not find.
    """

    def __init__(self, old: Content, stock: Stock) -> None:
        self._stock = stock
        self._lost: set[Digest] = set()
        blobs: list[Blob] = []
        if isinstance(old, Image):
            blobs = [old.config, *(layer.blob for layer in old.layers)]
        children = old.children if isinstance(old, Index) else ()
        self._blobs = {blob.digest: blob for blob in blobs}
        self._children = {child.descriptor.digest: child for child in children}
        said = [*(blob.descriptor for blob in blobs), *(child.descriptor for child in children)]
        self._sizes = {descriptor.digest: descriptor.size for descriptor in said}
        self._origin = next((blob.origin for blob in blobs if blob.origin is not None), None)

    def source(self) -> Source:
        """
        Give what documents are assembled from.
        """
        return Source(blob=self._blob, child=self._child, origin=self._origin)

    def _blob(self, descriptor: Descriptor) -> Opener:
        known = self._blobs.get(descriptor.digest)
        return known.opener if known else self._or_lost(descriptor, self._stock.blob(descriptor))

    def _child(self, descriptor: Descriptor) -> ContentOpener:
        known = self._children.get(descriptor.digest)
        return known.opener if known else self._or_lost(descriptor, self._stock.child(descriptor))

    def _or_lost(self, descriptor: Descriptor, found: T | None) -> T | _Nowhere:
        if found is None:
            self._lost.add(descriptor.digest)
        return _Nowhere() if found is None else found

    def check(self, where: str, descriptor: Descriptor) -> None:
        """
        Refuse what refers to something that is not there, or is of another size.
        """
        digest = descriptor.digest
        size = self._sizes.get(digest, descriptor.size)
        if digest in self._lost and descriptor.data is None:
            reason = f"{where}: {digest} is neither in the old one nor in {self._stock.place}"
            raise EditInvalid(what="manifest", reason=reason)
        if size != descriptor.size:
            reason = f"{where}: {digest} has {size} bytes, and not {descriptor.size}"
            raise EditInvalid(what="manifest", reason=reason)


def _listed(content: Content) -> Iterator[tuple[str, Descriptor]]:
    if isinstance(content, Image):
        yield "config", content.manifest.config
        for position, descriptor in enumerate(content.manifest.layers):
            yield f"layers[{position}]", descriptor
    elif isinstance(content, Index):
        for position, descriptor in enumerate(content.manifest.manifests):
            yield f"manifests[{position}]", descriptor
