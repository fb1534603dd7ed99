"""
Plans: what has to happen to a place so that it holds some content.

A plan is a value. Dry runs print it, progress takes its totals from it, tests compare
it, and an executor carries it out: children before parents, each piece once, tags last.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

from ocikit import media
from ocikit._records import record
from ocikit.content.blob import Blob, CompositeOpener
from ocikit.content.image import Child, Content, Image, Index
from ocikit.content.verify import DigestMismatch
from ocikit.digest import Digest
from ocikit.name.records import Repository
from ocikit.query.walk import MAX_NESTING, NestedTooDeeply


@record(kw_only=True)
class Operation:
    """
    What a step comes to at a place, as far as can be told before it is done.
    """

    #: "exists" when nothing has to be done.
    action: Literal["exists", "mount", "upload", "write", "put", "tag"]
    digest: Digest
    media_type: str = ""
    #: How many bytes move.
    bytes: int = 0
    #: The tag; or the repository that a blob is mounted from.
    name: str = ""


@record(kw_only=True)
class PutBlob:
    """
    See to it that a blob is there: found, mounted from its origin, or uploaded.
    """

    blob: Blob

    @property
    def mount_from(self) -> Repository | None:
        """
        The repository that the blob may be mounted from.
        """
        return self.blob.origin

    @property
    def written(self) -> Operation:
        """
        What it comes to at a place that has nothing.
        """
        blob = self.blob
        return Operation(
            action="write", digest=blob.digest, media_type=blob.media_type, bytes=blob.size
        )


@record(kw_only=True)
class PutManifest:
    """
    Put an image's or index's document, after all that it refers to.
    """

    content: Content
    #: The digests of the children and blobs that must be there first.
    needs: tuple[Digest, ...] = ()

    @property
    def written(self) -> Operation:
        """
        What it comes to at a place that has nothing.
        """
        put = self.content
        return Operation(
            action="write", digest=put.digest, media_type=put.media_type, bytes=put.size
        )


@record(kw_only=True)
class PutTag:
    """
    Name a manifest.
    """

    tag: str
    digest: Digest

    @property
    def written(self) -> Operation:
        """
        What it comes to at a place that has nothing.
        """
        return Operation(action="tag", digest=self.digest, name=self.tag)


Step: TypeAlias = PutBlob | PutManifest | PutTag


@record(kw_only=True)
class Plan:
    """
    Steps in an order in which they may be done.
    """

    steps: tuple[Step, ...]

    @property
    def blobs(self) -> tuple[Blob, ...]:
        """
        The blobs, each once.
        """
        return tuple(step.blob for step in self.steps if isinstance(step, PutBlob))

    @property
    def bytes(self) -> int:
        """
        How many bytes move if nothing is there yet.
        """
        return sum(blob.size for blob in self.blobs)


def plan(content: Content, *tags: str, foreign: bool = False) -> Plan:
    """
    Plan what a place needs to hold `content`, under these tags.

    Layers that are not to be distributed are left out unless `foreign`. Children of
    indexes are loaded; no blob is opened.

    Raises:
        NestedTooDeeply: indexes are nested without end.
        DigestMismatch: a child is not what its index lists.
    """
    steps: dict[tuple[type, Digest], Step] = {}
    for step in _steps(content, foreign, set(), MAX_NESTING):
        key = step.blob.digest if isinstance(step, PutBlob) else step.content.digest
        steps.setdefault((type(step), key), step)
    tagged = tuple(PutTag(tag=tag, digest=content.digest) for tag in tags)
    return Plan(steps=(*steps.values(), *tagged))


def _steps(
    content: Content, foreign: bool, seen: set[Digest], nesting: int
) -> Iterator[PutBlob | PutManifest]:
    if isinstance(content, Blob):
        yield from _blob(content)
        return
    if content.digest in seen:
        return
    seen.add(content.digest)
    if isinstance(content, Image):
        yield from _image(content, foreign)
    else:
        yield from _index(content, foreign, seen, nesting)


def _blob(blob: Blob) -> Iterator[PutBlob | PutManifest]:
    if not media.is_manifest(blob.media_type):
        yield PutBlob(blob=blob)
        return
    # Of what is not understood it may be known what it needs.
    parts = blob.opener.parts() if isinstance(blob.opener, CompositeOpener) else ()
    for part in parts:
        yield PutBlob(blob=part)
    yield PutManifest(content=blob, needs=tuple(part.digest for part in parts))


def _image(image: Image, foreign: bool) -> Iterator[PutBlob | PutManifest]:
    blobs = [layer.blob for layer in image.layers] + [image.config]
    wanted = [blob for blob in blobs if foreign or not media.is_foreign(blob.media_type)]
    for blob in wanted:
        yield PutBlob(blob=blob)
    yield PutManifest(content=image, needs=tuple(blob.digest for blob in wanted))


def _index(
    index: Index, foreign: bool, seen: set[Digest], nesting: int
) -> Iterator[PutBlob | PutManifest]:
    if nesting < 1:
        raise NestedTooDeeply(digest=index.digest, limit=MAX_NESTING)
    for child in index.children:
        _check(child)
        yield from _steps(child.content, foreign, seen, nesting - 1)
    yield PutManifest(content=index, needs=tuple(c.descriptor.digest for c in index.children))


def _check(child: Child) -> None:
    # Else a place would hold an index that lists what is not there.
    listed, found = child.descriptor.digest, child.content.digest
    if found != listed:
        raise DigestMismatch(expected=listed, actual=found)
