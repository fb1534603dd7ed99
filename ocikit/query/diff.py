"""
What differs between two pieces of content, down to the files of layers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ocikit import media
from ocikit.content.image import Child, Content, Image, Index
from ocikit.content.layer import Layer
from ocikit.digest import Digest
from ocikit.errors import Missing
from ocikit.query.difference import Difference, Found, Ignore
from ocikit.query.facts import (
    compressions,
    facts,
    families,
    listings,
    lists_layers,
    missing,
    own_types,
    promises,
)
from ocikit.query.pairs import Pair, child_pairs, diff_id, layer_pairs
from ocikit.query.values import Place, blanked, documents
from ocikit.query.walk import MAX_NESTING, NestedTooDeeply
from ocikit.spec.descriptor import Descriptor


def diff(
    left: Content, right: Content, *, ignore: Iterable[Ignore] = (), files: bool = True
) -> tuple[Difference, ...]:
    """
    Give all differences of two images, indexes or blobs; none when they are equal.

    Documents are compared member by member, layers by their members. Children of indexes
    are matched by platform, layers by digest, diff ID and position. What has the same
    digest is not opened, nor are layers of the same diff ID: those are one difference in
    compression. Diff IDs are taken from configurations; `validate` tells whether they
    are right.

    Digests, sizes and diff IDs that differ are told beside what makes them differ, and
    ignored when all of that is.

    Args:
        left: one side.
        right: the other.
        ignore: which differences not to tell; `ocikit.query.ignore` has them by name.
        files: read the layers that differ, both sides once, and compare their members;
            facts and digests of what the other side lacks are kept in memory. Else only
            that they differ is told.

    Raises:
        JSONInvalid: a document cannot be read.
        NestedTooDeeply: indexes are nested without end.
        DiffIDMismatch: a layer is not the one that the configuration speaks of.
        TarInvalid, TarTruncated, TarTooLarge: a layer is not a good archive.

    >>> from ocikit.content.blob import of_bytes
    >>> for found in diff(of_bytes(b"a", "text/plain"), of_bytes(b"ab", "text/plain")):
    ...     print(found)
    digest: "sha256:ca97..." | "sha256:fb8e..."
    size: 1 | 2
    """
    return tuple(_Diff(tuple(ignore), files).content(left, right, (), MAX_NESTING).told)


class _Diff:
    """
    One run over two pieces of content.
    """

    def __init__(self, ignore: tuple[Ignore, ...], files: bool) -> None:
        self._ignore = ignore
        self._files = files

    def content(self, left: Content, right: Content, path: tuple[str, ...], nesting: int) -> Found:
        """
        Compare anything; how deep indexes may lie in it is counted down.
        """
        found, inside = Found(self._ignore), Found(self._ignore)
        sides = left.descriptor, right.descriptor
        if left.digest == right.digest:
            found.take(facts("content", path, *sides))
            return found
        found.take(facts("content", path, *sides, "mediaType"))
        if isinstance(left, Image) and isinstance(right, Image):
            self._images(inside, left, right, path)
        elif isinstance(left, Index) and isinstance(right, Index):
            if nesting < 1:
                raise NestedTooDeeply(digest=left.digest, limit=MAX_NESTING)
            self._indexes(inside, left, right, path, nesting - 1)
        found.follow(facts("content", path, *sides, "digest", "size"), inside)
        found.join(inside)
        return found

    def _images(self, found: Found, left: Image, right: Image, path: tuple[str, ...]) -> None:
        place = Place("manifest", (*path, "manifest"))
        told = {"config", "layers"} | own_types(left, right)
        raw = left.document.raw, right.document.raw
        found.take(documents(place, *raw, lambda value: blanked(value, told)))
        found.take(listings(place, left.manifest.config, right.manifest.config, "config"))
        layers, contents = Found(self._ignore), Found(self._ignore)
        for pair in layer_pairs(left.layers, right.layers):
            layer = self._layer(pair, (*path, pair.name))
            layers.join(layer)
            if pair.moved or _diff_id(pair.left) != _diff_id(pair.right):
                contents.join(layer)
        self._configs(found, left, right, (*path, "config"), contents)
        found.join(layers)

    def _configs(
        self, found: Found, left: Image, right: Image, path: tuple[str, ...], contents: Found
    ) -> None:
        sides = left.config.descriptor, right.config.descriptor
        found.take(facts("config", path, *sides, "mediaType"))
        if left.config.digest == right.config.digest:
            return
        follows = facts("config", path, *sides, "digest", "size")
        if not all(media.is_config(side.media_type) for side in sides):
            found.take(follows)
            return
        inside = Found(self._ignore)
        # Diff IDs are told with the layers, where there is one for each.
        told = lists_layers(left) and lists_layers(right)
        raw = left.config.content, right.config.content
        own = _without_diff_ids if told else _whole
        inside.take(documents(Place("config", path), *raw, own))
        found.follow(follows, inside, *([contents] if told else []))
        found.join(inside)

    def _layer(self, pair: Pair[Layer], path: tuple[str, ...]) -> Found:
        found = Found(self._ignore)
        left, right = pair.left, pair.right
        place = Place("layer", path)
        if left is None or right is None:
            found.take([missing("layer", path, _descriptor(left), _descriptor(right))])
            return found
        if pair.moved:
            found.take([place.difference("position", *_positions(pair))])
        found.take(listings(place, left.descriptor, right.descriptor))
        found.take(families(place, left, right))
        ids = diff_id(left), diff_id(right)
        if left.digest == right.digest:
            found.take(facts("layer", path, left.descriptor, right.descriptor, "size"))
            found.take(promises(place, left, right))
            found.take(_diff_ids(place, *ids))
        elif ids[0] is not None and ids[0] == ids[1]:
            found.take([compressions(place, left, right)])
        else:
            self._contents(found, place, left, right)
        return found

    def _contents(self, found: Found, place: Place, left: Layer, right: Layer) -> None:
        follows = [
            *facts("layer", place.path, left.descriptor, right.descriptor, "digest", "size"),
            *_diff_ids(place, diff_id(left), diff_id(right)),
        ]
        inside = Found(self._ignore)
        inside.take(promises(place, left, right))
        members = self._files and self._members(inside, place, left, right)
        if members:
            found.follow(follows, inside)
        else:
            found.take(follows)
        found.join(inside)

    def _members(self, found: Found, place: Place, left: Layer, right: Layer) -> bool:
        types = left.media_type, right.media_type
        if not all(map(media.is_layer, types)):
            return False
        from ocikit.query.archives import archives

        try:
            found.take(archives(left, right, place.path))
        except Missing:
            # What is not to be distributed may well be elsewhere.
            if not any(map(media.is_foreign, types)):
                raise
            return False
        return True

    def _indexes(
        self, found: Found, left: Index, right: Index, path: tuple[str, ...], nesting: int
    ) -> None:
        told = {"manifests"} | own_types(left, right)
        raw = left.document.raw, right.document.raw
        place = Place("index", (*path, "index"))
        found.take(documents(place, *raw, lambda value: blanked(value, told)))
        for pair in child_pairs(left.children, right.children):
            here = (*path, pair.name)
            one, other = pair.left, pair.right
            if one is None or other is None:
                found.take([missing("index", here, _descriptor(one), _descriptor(other))])
                continue
            if pair.moved:
                place = Place("index", here)
                found.take([place.difference("position", *_positions(pair))])
            place = Place("index", (*here, "descriptor"))
            found.take(listings(place, one.descriptor, other.descriptor))
            found.join(self._child(one, other, here, nesting))

    def _child(self, left: Child, right: Child, path: tuple[str, ...], nesting: int) -> Found:
        if left.descriptor.digest != right.descriptor.digest:
            return self.content(left.content, right.content, path, nesting)
        found = Found(self._ignore)
        found.take(facts("content", path, left.descriptor, right.descriptor))
        return found


def _positions(pair: Pair[Any]) -> list[int | None]:
    return [None if place is None else place + 1 for place in pair.places]


def _descriptor(side: Layer | Child | None) -> Descriptor | None:
    return None if side is None else side.descriptor


def _diff_id(layer: Layer | None) -> Digest | None:
    return None if layer is None else diff_id(layer)


def _diff_ids(place: Place, left: Digest | None, right: Digest | None) -> Iterator[Difference]:
    if left != right and left is not None and right is not None:
        yield place.difference("diffID", str(left), str(right))


def _without_diff_ids(value: Any) -> Any:
    return {**value, "rootfs": blanked(value["rootfs"], {"diff_ids"})}


def _whole(value: Any) -> Any:
    return value
