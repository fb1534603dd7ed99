"""
Why two digests differ: a walk from the index to the byte, that stops at the first cause.
"""

from __future__ import annotations

from typing import Final, TypeVar

from ocikit import media
from ocikit.content.blob import Blob
from ocikit.content.image import Content, Image, Index
from ocikit.content.layer import Layer
from ocikit.query.difference import Level, text
from ocikit.query.explanation import Cause, Explanation
from ocikit.query.packing import explain_bytes, explain_packing, same_bytes
from ocikit.query.pairs import Pair, child_pairs, diff_id, layer_pairs
from ocikit.query.parting import Parting, dotted, part
from ocikit.query.walk import MAX_NESTING, NestedTooDeeply

T = TypeVar("T")

#: Members of a descriptor that say no more than what it names.
_OWN: Final = ("digest", "size", "data", "mediaType")
_WRITTEN: Final[dict[Cause, str]] = {
    "whitespace": "whitespace differs",
    "order": "the order of members differs",
    "escapes": "escapes differ",
    "numbers": "the spelling of a number differs",
}
#: How much of a value is shown in a sentence.
_SHOWN: Final = 200


def explain(left: Content, right: Content) -> Explanation | None:
    """
    Name the first cause why the digests of two pieces of content differ.

    The documents are compared byte by byte, in the order in which they are written. Where
    they part in the digest of something else, that is looked at in turn: a child of an
    index, the configuration, a layer, in it the tar stream, in that a member's header and
    content; and where the tar streams are equal, how they are compressed.

    Args:
        left: one side.
        right: the other. Of both, no more than what leads to the cause is opened; layers
            are streamed, both sides at once.

    Returns:
        The cause; None when the digests are equal.

    Raises:
        NestedTooDeeply: indexes are nested without end.

    >>> from ocikit.content.blob import of_bytes
    >>> print(explain(of_bytes(b"abc", "text/plain"), of_bytes(b"abd", "text/plain")))
    content differs from byte 2
    """
    return _content(left, right, (), MAX_NESTING)


def _content(
    left: Content, right: Content, path: tuple[str, ...], nesting: int
) -> Explanation | None:
    if left.digest == right.digest:
        return None
    if isinstance(left, Image) and isinstance(right, Image):
        return _images(left, right, path)
    if isinstance(left, Index) and isinstance(right, Index):
        if nesting < 1:
            raise NestedTooDeeply(digest=left.digest, limit=MAX_NESTING)
        return _indexes(left, right, path, nesting - 1)
    if isinstance(left, Blob) and isinstance(right, Blob):
        return explain_bytes("content", left, right, path)
    kinds = [type(side).__name__.lower() for side in (left, right)]
    return Explanation(
        level="content",
        path=path,
        cause="kind",
        message=f"{kinds[0]} | {kinds[1]}",
        left=text(left.media_type),
        right=text(right.media_type),
    )


def _images(left: Image, right: Image, path: tuple[str, ...]) -> Explanation:
    here = (*path, "manifest")
    if left.document.raw == right.document.raw:
        return same_bytes("manifest", here, left.digest, right.digest)
    found = part(left.document.raw, right.document.raw)
    inside: Explanation | None = None
    match _listed(found):
        case "config", None:
            inside = _configs(left, right, path)
        case "layers", int(position):
            inside = _layers(left, right, position, path)
        case _:
            pass
    return inside or _document("manifest", here, found)


def _listed(found: Parting) -> tuple[str, int | None] | None:
    """
    Tell in which member, and where in its list, something is named that differs itself.
    """
    if found.cause not in ("value", "member"):
        return None
    match found.steps:
        case (str(member), int(position)):
            return member, position
        case (str(member), int(position), str(name)) if name in _OWN:
            return member, position
        case (str(member), str(name)) if name in _OWN and name != "mediaType":
            return member, None
        case _:
            return None


def _configs(left: Image, right: Image, path: tuple[str, ...]) -> Explanation | None:
    one, other = left.config, right.config
    here = (*path, "config")
    if one.digest == other.digest:
        return None
    if not (media.is_config(one.media_type) and media.is_config(other.media_type)):
        return explain_bytes("config", one, other, here)
    if one.content == other.content:
        return same_bytes("config", here, one.digest, other.digest)
    found = part(one.content, other.content)
    inside: Explanation | None = None
    match found.steps:
        case ("rootfs", "diff_ids", int(position)) if found.cause in ("value", "member"):
            inside = _layers(left, right, position, path)
        case ("history", *_) if len(left.layers) != len(right.layers):
            # It has an entry for a layer that the other has not.
            inside = _more_layers(left, right, path)
        case _:
            pass
    return inside or _document("config", here, found)


def _layers(left: Image, right: Image, position: int, path: tuple[str, ...]) -> Explanation | None:
    pairs = layer_pairs(left.layers, right.layers)
    pair = _same_place(pairs, position)
    if pair is None or pair.left is None or pair.right is None:
        return _misplaced("layer", pairs, position, path)
    return _layer(pair.left, pair.right, (*path, pair.name))


def _more_layers(left: Image, right: Image, path: tuple[str, ...]) -> Explanation | None:
    pairs = layer_pairs(left.layers, right.layers)
    alone = (place for pair in pairs if None in pair.places for place in pair.places)
    position = next((place for place in alone if place is not None), None)
    return None if position is None else _misplaced("layer", pairs, position, path)


def _layer(left: Layer, right: Layer, path: tuple[str, ...]) -> Explanation | None:
    if left.digest == right.digest:
        return None
    if not (media.is_layer(left.media_type) and media.is_layer(right.media_type)):
        return explain_bytes("layer", left.blob, right.blob, path)
    known = diff_id(left)
    if known is not None and known == diff_id(right):
        # What the configuration says of them is not believed, but likely.
        found = explain_packing(left.blob, right.blob, path)
        if found is not None:
            return found
    from ocikit.query.tars import explain_tars

    with left.uncompressed() as one, right.uncompressed() as other:
        found = explain_tars(one, other, path)
    return found or explain_packing(left.blob, right.blob, path)


def _indexes(left: Index, right: Index, path: tuple[str, ...], nesting: int) -> Explanation:
    here = (*path, "index")
    if left.document.raw == right.document.raw:
        return same_bytes("index", here, left.digest, right.digest)
    found = part(left.document.raw, right.document.raw)
    inside: Explanation | None = None
    match _listed(found):
        case "manifests", int(position):
            inside = _children(left, right, position, path, nesting)
        case _:
            pass
    return inside or _document("index", here, found)


def _children(
    left: Index, right: Index, position: int, path: tuple[str, ...], nesting: int
) -> Explanation | None:
    pairs = child_pairs(left.children, right.children)
    pair = _same_place(pairs, position)
    if pair is None or pair.left is None or pair.right is None:
        return _misplaced("child", pairs, position, path)
    if pair.left.descriptor.digest == pair.right.descriptor.digest:
        return None
    return _content(pair.left.content, pair.right.content, (*path, pair.name), nesting)


def _same_place(pairs: tuple[Pair[T], ...], position: int) -> Pair[T] | None:
    return next((pair for pair in pairs if pair.places == (position, position)), None)


def _misplaced(
    cause: Cause, pairs: tuple[Pair[T], ...], position: int, path: tuple[str, ...]
) -> Explanation | None:
    """
    Say what became of what the two sides have at one place, which is not the same.
    """
    here = [pair for pair in pairs if position in pair.places]
    level: Level = "layer" if cause == "layer" else "index"
    alone = [pair for pair in here if None in pair.places]
    if alone:
        pair = min(alone, key=lambda each: each.name)
        message = f"it is only on the {'right' if pair.left is None else 'left'}"
        return Explanation(level=level, path=(*path, pair.name), cause=cause, message=message)
    # By name, so that it is the same one from both sides.
    for pair in sorted(here, key=lambda each: each.name):
        places = [0 if each is None else each + 1 for each in pair.places]
        message = f"they come in another order: one is number {places[0]} | {places[1]}"
        return Explanation(
            level=level,
            path=(*path, pair.name),
            cause="order",
            message=message,
            left=str(places[0]),
            right=str(places[1]),
        )
    return None


def _document(level: Level, path: tuple[str, ...], found: Parting) -> Explanation:
    field = dotted(found.steps)
    written = _WRITTEN.get(found.cause)
    if written is not None:
        alike = "same meaning, " if found.alike else ""
        where = f", in {field}" if field else ""
        message = f"{alike}{written} at byte {found.offset}{where}"
    elif found.cause == "bytes":
        message = f"one is no JSON; they differ from byte {found.offset}"
    else:
        message = f"{field} {_short(found.left)} | {_short(found.right)}"
    return Explanation(
        level=level,
        path=path,
        cause=found.cause,
        offset=found.offset,
        message=message,
        left=found.left,
        right=found.right,
    )


def _short(side: str | None) -> str:
    if side is None:
        return "nothing"
    return side if len(side) <= _SHOWN else f"{side[:_SHOWN]}..."
