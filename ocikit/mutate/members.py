"""
Members of manifests and indexes: annotations, subject, types.
"""

# Without `from __future__ import annotations`: the name is needed for the verb.

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar, cast

from ocikit._records import EMPTY, evolve
from ocikit.content.image import Image, Index
from ocikit.mutate.changes import merged
from ocikit.mutate.rebuild import rebuild, retyped
from ocikit.spec.descriptor import Descriptor
from ocikit.spec.document import edit
from ocikit.spec.manifest import IndexManifest, Manifest

C = TypeVar("C", bound=Image | Index)
M = TypeVar("M", Manifest, IndexManifest)


def annotations(content: C, set: Mapping[str, str] = EMPTY, remove: Iterable[str] = ()) -> C:
    """
    Set and remove annotations of an image's manifest or of an index.

    Those of an index itself are meant, not those of its children or of its descriptors.

    >>> from ocikit.spec.document import make
    >>> index = Index(document=make(IndexManifest()), children=())
    >>> annotations(index, {"who": "me"}).document.raw
    b'{"schemaVersion":2,"manifests":[],"annotations":{"who":"me"}}'
    """
    changes = {**dict.fromkeys(remove), **set}
    if isinstance(content, Image):
        return cast("C", rebuild(content, lambda old: _annotated(old, changes)))
    return cast("C", _edited(content, lambda old: _annotated(old, changes)))


def subject(content: C, descriptor: Descriptor | None) -> C:
    """
    Say which manifest this image, artifact or index is about; None removes it.

    The descriptor goes in as it is given: that of an image or index is the plain one.
    """
    if isinstance(content, Image):
        return cast("C", rebuild(content, lambda old: evolve(old, subject=descriptor)))
    return cast("C", _edited(content, lambda old: evolve(old, subject=descriptor)))


def artifact_type(content: C, artifact_type: str | None) -> C:
    """
    Say what kind of artifact this is; None removes it (manifest.md, "artifactType").
    """
    kind = artifact_type or ""
    if isinstance(content, Image):
        return cast("C", rebuild(content, lambda old: evolve(old, artifact_type=kind)))
    return cast("C", _edited(content, lambda old: evolve(old, artifact_type=kind)))


def media_type(content: C, media_type: str) -> C:
    """
    Set the media type of a manifest or index, and nothing else.

    To turn an image from one family of types to the other use `docker` or `oci`.
    """
    if isinstance(content, Image):
        return cast("C", rebuild(content, media_type=media_type))
    return cast("C", retyped_index(content, media_type))


def config_type(image: Image, media_type: str) -> Image:
    """
    Set the media type of an image's configuration, and nothing else.
    """
    return rebuild(image, config=retyped(image.config, media_type))


def retyped_index(index: Index, media_type: str) -> Index:
    """
    Give the index under another media type.
    """
    return _edited(index, lambda old: evolve(old, media_type=media_type), media_type)


def _annotated(old: M, changes: Mapping[str, str | None]) -> M:
    return evolve(old, annotations=merged(old.annotations, changes))


def _edited(
    index: Index,
    change: Callable[[IndexManifest], IndexManifest],
    media_type: str | None = None,
) -> Index:
    said = {} if media_type is None else {"media_type": media_type}
    document = edit(index.document, change, **said)
    if document == index.document and document.media_type == index.document.media_type:
        return index
    return Index(document=document, children=index.children)
