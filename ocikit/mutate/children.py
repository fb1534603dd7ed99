"""
Indexes: the same change for every image in them, and children that come and go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

import attrs

from ocikit import media, platforms
from ocikit._records import EMPTY, FrozenMap, evolve
from ocikit.content.blob import Blob
from ocikit.content.image import Child, Content, Image, Index, Loaded
from ocikit.digest import Digest
from ocikit.errors import Missing
from ocikit.mutate.attestations import Attestations, settle
from ocikit.mutate.changes import merged
from ocikit.mutate.rebuild import reassemble, redescribe
from ocikit.platforms import Platform
from ocikit.spec.attestation import about, is_attestation
from ocikit.spec.descriptor import Descriptor

#: Tells of a child, by its descriptor, whether it is meant; see `query.match`.
Match: TypeAlias = Callable[[Descriptor], bool]


@attrs.frozen(kw_only=True)
class ChildMissing(Missing):
    """
    An index has no such child.
    """

    index: Digest
    child: Digest

    def __str__(self) -> str:
        return f"index {self.index} has no child {self.child}"


def map_images(
    index: Index,
    f: Callable[[Image], Image],
    select: Match | None = None,
    *,
    attestations: Attestations = "relink",
) -> Index:
    """
    Change every image of an index, those of indexes within it too.

    Each child keeps what its descriptor says beside digest and size: annotations, URLs,
    unknown members, and its platform unless the image's own became another. Artifacts,
    attestations and what is no manifest stay as they are.

    Args:
        index: the index; images that are not selected are not loaded.
        f: gives the new image.
        select: which images are meant; all when None. Indexes within are always entered.
        attestations: what becomes of the attestations of images that changed. With
            "relink" they name the new image, so that they are still found, although
            what is signed in them is still about the old one; with "keep" they name an
            image that is not there; with "drop" they are left out.

    >>> from ocikit.spec.document import make
    >>> from ocikit.spec.manifest import IndexManifest
    >>> index = Index(document=make(IndexManifest()), children=())
    >>> map_images(index, lambda image: image) is index
    True
    """
    return map_tree(index, f, lambda each: each, select, attestations, {})


def map_tree(
    index: Index,
    f: Callable[[Image], Image],
    g: Callable[[Index], Index],
    select: Match | None,
    attestations: Attestations,
    moved: dict[Digest, Digest],
) -> Index:
    """
    Change every image with `f`, and then every index with `g`: inner ones first.

    For the other arguments see `map_images`; what became of each digest goes to `moved`.
    """

    def new(child: Child) -> Content | None:
        said = child.descriptor
        if is_attestation(said):
            return None
        if media.is_index(said.media_type) and isinstance(child.content, Index):
            return map_tree(child.content, f, g, select, attestations, moved)
        if not media.is_image(said.media_type) or (select is not None and not select(said)):
            return None
        image = child.content
        if isinstance(image, Image) and media.is_config(image.config.media_type):
            return f(image)
        return None

    children: list[Child] = []
    for child in index.children:
        content = new(child)
        children.append(child if content is None else _follow(child, content))
        if content is not None and content.digest != child.descriptor.digest:
            moved[child.descriptor.digest] = content.digest
    return g(reassemble(index, tuple(settle(children, moved, attestations))))


def _follow(child: Child, content: Content) -> Child:
    old = child.content
    if content.digest == old.digest and content.media_type == old.media_type:
        return child
    descriptor = redescribe(child.descriptor, content)
    if isinstance(old, Image) and isinstance(content, Image):
        descriptor = _moved(descriptor, old, content)
    return Child(descriptor=descriptor, opener=Loaded(content))


def _moved(descriptor: Descriptor, before: Image, after: Image) -> Descriptor:
    # Equal configurations name equal platforms, and need not be opened to see it.
    if before.config.digest == after.config.digest:
        return descriptor
    said, old, new = descriptor.platform, _own_platform(before), _own_platform(after)
    if new == old:
        return descriptor
    if new is None or said is None:
        return evolve(descriptor, platform=new)
    named = evolve(
        said,
        os=new.os,
        architecture=new.architecture,
        variant=new.variant,
        os_version=new.os_version,
        os_features=new.os_features,
    )
    return evolve(descriptor, platform=named)


def _own_platform(image: Image) -> Platform | None:
    return image.platform if media.is_config(image.config.media_type) else None


def child(
    content: Content,
    *,
    platform: Platform | None = None,
    annotations: Mapping[str, str] = EMPTY,
) -> Child:
    """
    Make an entry of an index.

    An image is listed with the platform given, else with the one that its configuration
    names; all else with the platform given, or none.
    """
    said = content.descriptor
    if not isinstance(content, Blob):
        said = evolve(said, artifact_type=content.artifact_type)
    if isinstance(content, Image) and platform is None:
        platform = _own_platform(content)
    descriptor = evolve(
        said,
        platform=platform or said.platform,
        annotations=FrozenMap({**said.annotations, **annotations}),
    )
    return Child(descriptor=descriptor, opener=Loaded(content))


def add(index: Index, *contents: Content | Child) -> Index:
    """
    Put content at the end of an index, each as `child` lists it.

    >>> from ocikit.content.blob import of_bytes
    >>> from ocikit.spec.document import make
    >>> from ocikit.spec.manifest import IndexManifest
    >>> index = Index(document=make(IndexManifest()), children=())
    >>> add(index, of_bytes(b"{}", "application/json")).manifest.manifests[0].size
    2
    """
    new = (each if isinstance(each, Child) else child(each) for each in contents)
    return reassemble(index, (*index.children, *new))


def replace(
    index: Index, old: Digest, content: Content, *, attestations: Attestations = "relink"
) -> Index:
    """
    Put content in the place of a child, wherever the index lists that.

    The descriptor keeps what it says, as with `map_images`; so do attestations follow.

    Raises:
        ChildMissing: the index does not list `old` itself.
    """
    if not any(each.descriptor.digest == old for each in index.children):
        raise ChildMissing(index=index.digest, child=old)
    children = [
        _follow(each, content) if each.descriptor.digest == old else each for each in index.children
    ]
    moved = {} if old == content.digest else {old: content.digest}
    return reassemble(index, tuple(settle(children, moved, attestations)))


def describe(
    index: Index,
    match: Match,
    *,
    platform: Platform | str | None = None,
    annotations: Mapping[str, str] = EMPTY,
    remove_annotations: Iterable[str] = (),
    artifact_type: str | None = None,
) -> Index:
    """
    Say something else of children of an index, in their descriptors.

    Neither what is said in the children themselves changes, nor their digests, so that
    attestations go on naming them; nothing is loaded.

    Args:
        index: what is changed.
        match: which children are meant.
        platform: what they are made for, features only where it names some; an empty
            one for nothing. Attestations are made for no platform, and stay so.
        annotations: what is set.
        remove_annotations: the names of what is removed.
        artifact_type: what kind of artifact they are; empty for none.

    Raises:
        PlatformInvalid: the text is not a platform.

    >>> from ocikit.content.synthetic import index
    >>> import random
    >>> made = describe(index(random.Random(1)), lambda _: True, annotations={"by": "me"})
    >>> made.manifest.manifests[0].annotations
    FrozenMap({'by': 'me'})
    """
    named = platforms.parse(platform) if isinstance(platform, str) else platform
    changes = {**dict.fromkeys(remove_annotations), **annotations}

    def described(said: Descriptor) -> Descriptor:
        new = evolve(said, annotations=merged(said.annotations, changes))
        if named is not None and not is_attestation(said):
            new = evolve(new, platform=_renamed(said.platform, named))
        return new if artifact_type is None else evolve(new, artifact_type=artifact_type)

    return reassemble(
        index,
        tuple(
            _described(each, described(each.descriptor)) if match(each.descriptor) else each
            for each in index.children
        ),
    )


def _renamed(old: Platform | None, new: Platform) -> Platform | None:
    if old is None or new == Platform():
        return None if new == Platform() else new
    return evolve(
        old,
        os=new.os,
        architecture=new.architecture,
        variant=new.variant,
        os_version=new.os_version,
        os_features=new.os_features or old.os_features,
        features=new.features or old.features,
    )


def _described(child: Child, descriptor: Descriptor) -> Child:
    return child if descriptor == child.descriptor else evolve(child, descriptor=descriptor)


def keep(index: Index, match: Match) -> Index:
    """
    Keep the children that match, and the attestations that are about them.

    Only the index's own descriptors are looked at; nothing is loaded.
    """
    return _filtered(index, match, lambda _: True)


def remove(index: Index, match: Match) -> Index:
    """
    Take out the children that match, and the attestations that are about them.

    Only the index's own descriptors are looked at; nothing is loaded.
    """
    return _filtered(index, lambda said: not match(said), lambda said: not match(said))


def _filtered(index: Index, stays: Match, attested: Match) -> Index:
    said = [each.descriptor for each in index.children]
    left = {str(each.digest) for each in said if stays(each) and not is_attestation(each)}
    gone = {str(each.digest) for each in said} - left

    def is_left(descriptor: Descriptor) -> bool:
        image = about(descriptor) if is_attestation(descriptor) else ""
        if image in left:
            return attested(descriptor)
        return image not in gone and stays(descriptor)

    return reassemble(index, tuple(each for each in index.children if is_left(each.descriptor)))
