"""
Verbs over the children of an index: take them out, replace them, say more of them.

Whatever goes because something else does is told by a notice: nothing is left that is
about an image which is not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from ocikit import media
from ocikit._records import EMPTY, evolve
from ocikit.content.image import Content, Index
from ocikit.crane.entries import NoSuchChild, called, index_at, labels, runs, tell_gone, unmarked
from ocikit.crane.options import Options
from ocikit.crane.places import load, narrow
from ocikit.digest import Digest
from ocikit.errors import Invalid
from ocikit.mutate.attestations import Attestations
from ocikit.mutate.children import Match, child, describe, replace
from ocikit.mutate.children import remove as take_out
from ocikit.mutate.members import annotations as annotate
from ocikit.platforms import Platform
from ocikit.spec.attestation import about, is_attestation
from ocikit.spec.descriptor import Descriptor
from ocikit.spec.match import all_of, digest, exactly
from ocikit.spec.match import platform as suits


@attrs.frozen(kw_only=True)
class NothingLeft(Invalid):
    """
    All children of an index would go.
    """

    place: str

    def __str__(self) -> str:
        return f"{self.place}: nothing would be left of this index; it was not changed"


@attrs.frozen(kw_only=True)
class ChildUnclear(Invalid):
    """
    Nothing tells which child of an index is meant.
    """

    place: str
    reason: str

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}; say which child is meant by its digest"


def index_remove(
    source: str | Content, match: Match, options: Options, *, allow_empty: bool = False
) -> Index:
    """
    Take children out of an index, and the attestations that are about them.

    Args:
        source: an index, at any place.
        match: which children are meant; see `ocikit.query.match`.
        options: how to reach it; its own platforms are not looked at.
        allow_empty: give an index of nothing where nothing is left.

    Raises:
        PlaceUnsupported: it is no index.
        NoSuchChild: none is meant.
        NothingLeft: all are.

    >>> from ocikit.content.synthetic import index
    >>> from ocikit.query.match import platform
    >>> import random
    >>> len(index_remove(index(random.Random(1)), platform("linux/arm64"), Options()).children)
    1
    """
    index, what = index_at(source, options), called(source)
    _check_meant(index, match, what)
    made = take_out(index, match)
    if not made.children and not allow_empty:
        raise NothingLeft(place=what)
    there = set(made.manifest.manifests)
    along = (said for said in index.manifest.manifests if said not in there and not match(said))
    tell_gone(what, "about images that are removed", along, options)
    return made


def index_replace(
    source: str | Content,
    new: str | Content,
    options: Options,
    *,
    old: Digest | None = None,
    attestations: Attestations | None = None,
) -> Index:
    """
    Put an image, or other content, in the place of a child.

    The child's descriptor keeps its annotations, and its platform unless that of the
    image itself is another.

    Args:
        source: an index, at any place.
        new: what to put there, at any place.
        options: how to reach them. Its one platform is that of the child, and of what
            is taken of a new index.
        old: the child; None for the image of the platform that the new one is for.
        attestations: what becomes of those of the child; None is "drop", for they were
            never about the new image, and says so.

    Raises:
        PlaceUnsupported: the source is no index.
        ChildUnclear: nothing tells which child is meant, or several are.
        NoSuchChild, ChildMissing: there is no such child.

    >>> from ocikit.content.synthetic import image, index
    >>> import random
    >>> made = image(random.Random(3))
    >>> index_replace(index(random.Random(1)), made, Options()).children[0].content == made
    True
    """
    index, what = index_at(source, options), called(source)
    content = load(new, options) if isinstance(new, str) else narrow(new, options.platforms)
    if old is None:
        old = _rival(index, content, what, options)
    made = replace(index, old, content, attestations=attestations or "drop")
    if attestations is None and old != content.digest:
        along = (said for said in index.manifest.manifests if _attests(said, old))
        tell_gone(what, "about the image that is replaced", along, options)
    return made


def index_annotate(
    source: str | Content,
    options: Options,
    *,
    set: Mapping[str, str] = EMPTY,
    remove: Iterable[str] = (),
    match: Match | None = None,
) -> Index:
    """
    Set and remove annotations of an index, or of its children's descriptors.

    No child itself changes, nor its digest.

    Args:
        source: an index, at any place.
        options: how to reach it; its own platforms are not looked at.
        set: what is set.
        remove: the names of what is removed.
        match: which children are meant; None means the index itself.

    Raises:
        PlaceUnsupported: it is no index.
        NoSuchChild: no child is meant.

    >>> from ocikit.content.empty import INDEX
    >>> index_annotate(INDEX, Options(), set={"by": "me"}).manifest.annotations
    FrozenMap({'by': 'me'})
    """
    index = index_at(source, options)
    if match is None:
        return annotate(index, set, remove)
    _check_meant(index, match, called(source))
    return describe(index, match, annotations=set, remove_annotations=remove)


def index_set_platform(
    source: str | Content, match: Match | None, platform: Platform | None, options: Options
) -> Index:
    """
    Say for which platform children of an index are listed.

    No child itself changes, nor its digest. Attestations stay for no platform.

    Args:
        source: an index, at any place.
        match: which children are meant; see `ocikit.query.match`. None means those that
            name no platform, if there are any.
        platform: what they are for, an empty one for nothing; None for what the
            configuration of each image names, where it names one.
        options: how to reach it; its own platforms are not looked at.

    Raises:
        PlaceUnsupported: it is no index.
        NoSuchChild: none is meant.

    >>> from ocikit.content.synthetic import index
    >>> from ocikit.platforms import parse
    >>> from ocikit.query.match import platform
    >>> import random
    >>> index, arm = index(random.Random(1)), platform("linux/arm64")
    >>> made = index_set_platform(index, arm, parse("linux/arm64"), Options())
    >>> str(made.children[1].descriptor.platform)
    'linux/arm64'
    """
    index = index_at(source, options)
    if match is None:
        match = unmarked
    else:
        _check_meant(index, match, called(source))
    if platform is not None:
        return describe(index, match, platform=platform)
    own: dict[Platform, list[Digest]] = {}
    for each in index.children:
        said = each.descriptor
        if match(said) and media.is_image(said.media_type) and not is_attestation(said):
            named = child(each.content).descriptor.platform
            if named is not None:
                own.setdefault(named, []).append(said.digest)
    for named, digests in own.items():
        index = describe(index, all_of(match, digest(*digests)), platform=named)
    return index


def _rival(index: Index, content: Content, what: str, options: Options) -> Digest:
    own = child(content).descriptor.platform
    named = options.platforms[0] if len(options.platforms) == 1 else own
    if named is None:
        raise ChildUnclear(place=what, reason=f"{content.digest} names no platform")
    # A newer build of Windows has another version than the one it replaces.
    bare = evolve(named, os_version="", os_features=(), features=())
    for match in (exactly(named), suits(named), suits(bare)):
        found = {said.digest for said in index.manifest.manifests if runs(said) and match(said)}
        if len(found) == 1:
            return found.pop()
        if found:
            reason = f"{len(found)} images are for {named}"
            raise ChildUnclear(place=what, reason=reason)
    raise NoSuchChild(place=what, wanted=f"an image for {named}", there=labels(index))


def _attests(said: Descriptor, image: Digest) -> bool:
    return is_attestation(said) and about(said) == str(image)


def _check_meant(index: Index, match: Match, what: str) -> None:
    if not any(map(match, index.manifest.manifests)):
        raise NoSuchChild(place=what, wanted="meant", there=labels(index))
