"""
Walks over all content that a piece of content refers to.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import attrs

from ocikit.content.blob import Blob
from ocikit.content.image import Content, Image
from ocikit.digest import Digest
from ocikit.errors import Corrupt

#: How deep indexes may lie in indexes.
MAX_NESTING: Final = 8


@attrs.frozen(kw_only=True)
class NestedTooDeeply(Corrupt):
    """
    Indexes lie in indexes, deeper than in any honest image.
    """

    digest: Digest
    limit: int

    def __str__(self) -> str:
        return f"index {self.digest} lies deeper than {self.limit} indexes; refused"


def walk(content: Content, *, nesting: int = MAX_NESTING) -> Iterator[Content]:
    """
    Give the content and all that it refers to, each digest once, parents first.

    An image is followed by its configuration and its layers, lowest first; an index by
    its children, which are loaded one at a time as the walk comes to them. No blob is
    opened. What a `subject` names is not below, and not walked.

    Raises:
        NestedTooDeeply: indexes are nested deeper than `nesting`.

    >>> from ocikit.content.blob import of_bytes
    >>> [found.size for found in walk(of_bytes(b"{}", "application/json"))]
    [2]
    """
    return _walk(content, nesting, set())


def images(content: Content, *, nesting: int = MAX_NESTING) -> Iterator[Image]:
    """
    Give the images and artifacts in the content, itself included, each once.

    Raises:
        NestedTooDeeply: indexes are nested deeper than `nesting`.
    """
    return (found for found in walk(content, nesting=nesting) if isinstance(found, Image))


def _walk(content: Content, nesting: int, seen: set[Digest]) -> Iterator[Content]:
    if content.digest in seen:
        return
    seen.add(content.digest)
    yield content
    if isinstance(content, Blob):
        return
    if isinstance(content, Image):
        for blob in (content.config, *(layer.blob for layer in content.layers)):
            yield from _walk(blob, nesting, seen)
        return
    if nesting < 1:
        raise NestedTooDeeply(digest=content.digest, limit=MAX_NESTING)
    for child in content.children:
        yield from _walk(child.content, nesting - 1, seen)
