"""
Verbs over indexes: what is in them, appended to them, filtered out of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from ocikit import media
from ocikit._records import evolve
from ocikit.content.empty import INDEX
from ocikit.content.image import Child, Content, Image, Index
from ocikit.crane.entries import (
    NoSuchChild,
    called,
    index_at,
    labels,
    runs,
    tell_gone,
    unmarked,
    whole,
)
from ocikit.crane.flow import flow
from ocikit.crane.options import Options
from ocikit.crane.places import narrow, narrow_index, tell_of_another
from ocikit.mutate.children import Match, add, child, keep, replace
from ocikit.mutate.flavours import docker as to_docker
from ocikit.platforms import Platform, normalise
from ocikit.spec.attestation import about, is_attestation
from ocikit.spec.descriptor import Descriptor
from ocikit.spec.match import any_of
from ocikit.spec.match import platform as suits


def index_append(
    base: str | Content | None,
    manifests: Sequence[str | Content],
    options: Options,
    *,
    flatten: bool = True,
    docker: bool = False,
) -> Index:
    """
    Put images, artifacts and indexes at the end of an index.

    An image is listed for the platform that its configuration names, an artifact
    without one. What is listed just so already is not listed again.

    Args:
        base: an index, at any place; None for an empty one, which is told.
        manifests: what to append, at any places.
        options: how to reach them, and which platforms of indexes are appended.
        flatten: append the children of an index, as it describes them, and not itself.
        docker: make the empty base a Docker manifest list rather than an OCI index.

    Raises:
        PlaceUnsupported: the base is no index.
        PlatformMissing: an index that is appended lacks a wanted platform.

    >>> from ocikit.content.empty import IMAGE
    >>> len(index_append(None, [IMAGE, INDEX], Options()).children)
    1
    """
    if base is None:
        options.notice("base unspecified, using empty index")
        base = to_docker(INDEX) if docker else INDEX
    return _appended(index_at(base, options), called(base), manifests, options, flatten)


def layout_append(
    path: str, manifests: Sequence[str | Content], options: Options, *, flatten: bool = True
) -> Index:
    """
    Put images, artifacts and indexes into a layout, each an entry of its own index.

    They are listed as `index_append` lists them, platform and all. The layout is made
    when there is none.

    Args:
        path: the layout's folder.
        manifests: what to append, at any places.
        options: how to reach them, and which platforms of indexes are appended.
        flatten: append the children of an index, as it describes them, and not itself.

    Returns:
        The index of the layout.

    Raises:
        JSONInvalid, LayoutVersionUnknown: the layout there is damaged or of another time.
        PlatformMissing: an index that is appended lacks a wanted platform.

    >>> from ocikit.content.synthetic import index
    >>> import random, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     len(layout_append(folder, [index(random.Random(1))], Options()).children)
    2
    """
    from ocikit.layout.flush import flush_children
    from ocikit.layout.load import root
    from ocikit.layout.store import NotALayout

    try:
        base = root(path)
    except NotALayout:
        base = INDEX
    made = _appended(base, path, manifests, options, flatten)
    flowing = flow(options)
    flush_children(
        path,
        made.children[len(base.children) :],
        foreign=options.foreign,
        report=flowing.report,
        map=flowing.map,
    )
    return root(path)


def _appended(
    index: Index,
    what: str,
    manifests: Sequence[str | Content],
    options: Options,
    flatten: bool,
) -> Index:
    listed = {each.descriptor for each in index.children}
    new: list[Child] = []
    for each in (entry for source in manifests for entry in _entries(source, options, flatten)):
        if each.descriptor in listed:
            options.notice(f"{what}: {each.descriptor.digest} is listed already; skipped")
            continue
        listed.add(each.descriptor)
        new.append(each)
    made = add(index, *new)
    _tell_of_rivals(made, len(index.children), what, options)
    return made


def _entries(source: str | Content, options: Options, flatten: bool) -> Sequence[Child]:
    content = whole(source, options)
    if isinstance(content, Image) and options.platforms:
        tell_of_another(content, called(source), options)
    if flatten and isinstance(content, Index):
        return _narrowed(content, options).children
    return [child(narrow(content, options.platforms))]


def _tell_of_rivals(index: Index, old: int, what: str, options: Options) -> None:
    said = index.manifest.manifests
    first: dict[Platform, Descriptor] = {}
    for position, each in enumerate(said):
        if not runs(each) or each.platform is None:
            continue
        taken = first.setdefault(normalise(each.platform), each)
        if position >= old and taken.digest != each.digest:
            rivals = f"{taken.digest} and {each.digest} are both for {each.platform}"
            options.notice(f"{what}: {rivals}; who pulls that gets the first")


def index_filter(
    source: str | Content,
    platforms: Sequence[Platform],
    options: Options,
    *,
    keep_unmarked: bool = False,
    allow_empty: bool = False,
) -> Index:
    """
    Keep the children of an index that are for some platforms, and what attests them.

    What a platform leaves open is free: `linux` is every Linux. An image that is listed
    without one is judged by its configuration. Indexes within that name no platform are
    filtered themselves, and go when nothing is left of them. Nothing else is loaded.

    Args:
        source: an index, at any place.
        platforms: what to keep; those that nothing is for are told.
        options: how to reach it; its own platforms are not looked at.
        keep_unmarked: keep what is for no platform; else it goes, which is told.
        allow_empty: give an index of nothing where nothing is left.

    Raises:
        PlaceUnsupported: it is no index.
        NoSuchChild: nothing is left.

    >>> from ocikit.content.synthetic import index
    >>> from ocikit.platforms import LINUX_AMD64
    >>> import random
    >>> len(index_filter(index(random.Random(1)), [LINUX_AMD64], Options()).children)
    1
    """
    index, what = index_at(source, options), called(source)
    wanted = any_of(*map(suits, platforms))
    kept, gone = list[Descriptor](), list[Descriptor]()

    def stays(said: Descriptor) -> bool:
        return wanted(said) or (keep_unmarked and unmarked(said))

    made = _filter(index, stays, kept, gone)
    if not made.children and not allow_empty:
        names = " or ".join(map(str, platforms))
        raise NoSuchChild(place=what, wanted=f"for {names}", there=labels(index))
    for each in platforms:
        if not any(map(suits(each), kept)):
            options.notice(f"{what}: no child is for {each}")
    tell_gone(what, "about images that are not kept", filter(is_attestation, gone), options)
    nameless = (said for said in gone if unmarked(said) and not is_attestation(said))
    tell_gone(what, "for no platform (--keep-unmarked keeps them)", nameless, options)
    return made


def _filter(index: Index, match: Match, kept: list[Descriptor], gone: list[Descriptor]) -> Index:
    """
    Keep what matches, within indexes that name no platform too; tell what stays and goes.
    """
    inner = {
        each.descriptor.digest: _filter(each.content, match, kept, gone)
        for each in index.children
        if _is_open(each.descriptor) and isinstance(each.content, Index)
    }
    judged = {each.descriptor: _judged(each) for each in index.children}
    within = {str(said.digest) for said in kept}

    def stays(said: Descriptor) -> bool:
        if said.digest in inner:
            return inner[said.digest].children != ()
        return match(judged[said]) or (is_attestation(said) and about(said) in within)

    left = keep(index, stays)
    there = set(left.manifest.manifests)
    for said in index.manifest.manifests:
        if said.digest not in inner:
            (kept if said in there else gone).append(judged[said])
    for old, new in inner.items():
        if new.children and new.digest != old:
            left = replace(left, old, new)
    return left


def _judged(each: Child) -> Descriptor:
    said = each.descriptor
    if not (media.is_image(said.media_type) and unmarked(said)) or is_attestation(said):
        return said
    image = each.content
    if not isinstance(image, Image) or not media.is_config(image.config.media_type):
        return said
    return evolve(said, platform=image.platform)


def index_list(source: str | Content, options: Options) -> tuple[Descriptor, ...]:
    """
    Give the descriptors of an index's children; nothing else of it is loaded.

    Args:
        source: an index, at any place.
        options: how to reach it, and which of its platforms are wanted.

    Raises:
        PlaceUnsupported: it is no index.
        PlatformMissing: it lacks a wanted platform.

    >>> from ocikit.content.synthetic import index
    >>> import random
    >>> [str(said.platform) for said in index_list(index(random.Random(1)), Options())]
    ['linux/amd64', 'linux/arm64/v8']
    """
    return _narrowed(index_at(source, options), options).manifest.manifests


def _narrowed(index: Index, options: Options) -> Index:
    return narrow_index(index, options.platforms) if options.platforms else index


def _is_open(said: Descriptor) -> bool:
    return media.is_index(said.media_type) and unmarked(said) and not is_attestation(said)
