"""
Comparison of content: every difference as a record.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ocikit import media
from ocikit._records import record
from ocikit.content.image import Child, Content, Image, Index
from ocikit.digest import Digest
from ocikit.query.walk import MAX_NESTING, NestedTooDeeply


@record
class Difference:
    """
    One thing that differs, and how it is written on either side.
    """

    #: A path such as "linux/arm64 > config > config.Env[1]".
    where: str
    #: JSON text; None where there is nothing.
    left: str | None
    right: str | None

    def __str__(self) -> str:
        shown = ("nothing" if side is None else side for side in (self.left, self.right))
        return f"{self.where}: {' | '.join(shown)}"


def compare(left: Content, right: Content) -> tuple[Difference, ...]:
    """
    Give all differences of two images, indexes or blobs; none when they are equal.

    Digest, size and media type are compared, then the members of the documents, those of
    configurations, and the children of indexes, matched by platform where that is
    unambiguous, else by position. Content of equal digests is not opened.

    Raises:
        JSONInvalid: a document cannot be read.
        NestedTooDeeply: indexes are nested without end.

    >>> from ocikit.content.blob import of_bytes
    >>> for found in compare(of_bytes(b"a", "text/plain"), of_bytes(b"ab", "text/plain")):
    ...     print(found)
    digest: "sha256:ca97..." | "sha256:fb8e..."
    size: 1 | 2
    """
    return tuple(_content(left, right, (), MAX_NESTING))


def _content(
    left: Content, right: Content, path: tuple[str, ...], nesting: int
) -> Iterator[Difference]:
    for name, one, other in (
        ("digest", str(left.digest), str(right.digest)),
        ("size", left.size, right.size),
        ("mediaType", left.media_type, right.media_type),
    ):
        if one != other:
            yield _difference((*path, name), one, other)
    if left.digest == right.digest:
        return
    if isinstance(left, Image) and isinstance(right, Image):
        yield from _images(left, right, path)
    elif isinstance(left, Index) and isinstance(right, Index):
        if nesting < 1:
            raise NestedTooDeeply(digest=left.digest, limit=MAX_NESTING)
        yield from _indexes(left, right, path, nesting - 1)


def _images(left: Image, right: Image, path: tuple[str, ...]) -> Iterator[Difference]:
    yield from _documents(left.document.raw, right.document.raw, (*path, "manifest"))
    types = (left.config.media_type, right.config.media_type)
    if left.config.digest != right.config.digest and all(map(media.is_config, types)):
        yield from _documents(left.config.content, right.config.content, (*path, "config"))


def _indexes(
    left: Index, right: Index, path: tuple[str, ...], nesting: int
) -> Iterator[Difference]:
    # Children are told one by one, with what is in them.
    one, other = (_without(_parsed(i.document.raw), {"manifests"}) for i in (left, right))
    yield from _values(one, other, (*path, "index"), "")
    for name, before, after in _pairs(left.children, right.children):
        here = (*path, name)
        if before is None or after is None:
            sides = (str(side.descriptor.digest) if side else None for side in (before, after))
            yield _difference(here, *sides)
            continue
        yield from _descriptors(before, after, (*here, "descriptor"))
        if before.descriptor.digest != after.descriptor.digest:
            yield from _content(before.content, after.content, here, nesting)


def _descriptors(left: Child, right: Child, path: tuple[str, ...]) -> Iterator[Difference]:
    from ocikit.spec.encode import unstructure

    told = {"digest", "size", "mediaType", "data"}
    one, other = (_without(unstructure(child.descriptor), told) for child in (left, right))
    yield from _values(one, other, path, "")


def _without(members: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if name not in names}


def _pairs(
    left: Iterable[Child], right: Iterable[Child]
) -> Iterator[tuple[str, Child | None, Child | None]]:
    one, other = _named(left), _named(right)
    for name in dict.fromkeys([*one, *other]):
        yield name, one.get(name), other.get(name)


def _named(children: Iterable[Child]) -> dict[str, Child]:
    found: dict[str, Child] = {}
    for position, child in enumerate(children, 1):
        platform = child.descriptor.platform
        name = str(platform) if platform and not platform.unknown else ""
        found[f"child {position}" if not name or name in found else name] = child
    return found


def _documents(left: bytes, right: bytes, path: tuple[str, ...]) -> Iterator[Difference]:
    if left == right:
        return
    found = tuple(_values(_parsed(left), _parsed(right), path, ""))
    bytes_ = (str(Digest.of(side)) for side in (left, right))
    yield from found or [_difference((*path, "bytes"), *bytes_)]


def _values(left: Any, right: Any, path: tuple[str, ...], member: str) -> Iterator[Difference]:
    if isinstance(left, dict) and isinstance(right, dict):
        dot = f"{member}." if member else ""
        for key in dict.fromkeys([*left, *right]):
            yield from _members(left, right, key, path, f"{dot}{key}")
    elif isinstance(left, list) and isinstance(right, list):
        one, other = dict(enumerate(left)), dict(enumerate(right))
        for key in range(max(len(left), len(right))):
            yield from _members(one, other, key, path, f"{member}[{key}]")
    elif _text(left) != _text(right):
        yield _difference((*path, member), left, right)


def _members(
    left: dict[Any, Any], right: dict[Any, Any], key: Any, path: tuple[str, ...], member: str
) -> Iterator[Difference]:
    if key in left and key in right:
        yield from _values(left[key], right[key], path, member)
        return
    sides = (_text(side[key]) if key in side else None for side in (left, right))
    yield Difference(" > ".join((*path, member)), *sides)


def _difference(path: tuple[str, ...], left: Any, right: Any) -> Difference:
    texts = (None if side is None else _text(side) for side in (left, right))
    return Difference(" > ".join(path), *texts)


# JSON is loaded only where documents are compared: this is on the way of every import.


def _parsed(raw: bytes) -> Any:
    from ocikit.spec.gojson import loads

    return loads(raw)


def _text(value: Any) -> str:
    from ocikit.spec.gojson import dumps

    return dumps(value).decode()
