"""
Verbs that put content as it is, tag and delete it.
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from ocikit._records import evolve
from ocikit.content.image import Content
from ocikit.crane.located import PlaceUnsupported, locate, reference
from ocikit.crane.options import Options, writing
from ocikit.crane.places import flush, load
from ocikit.errors import Missing, Refused
from ocikit.name.locator import DockerArchivePlace, LayoutPlace, Locator, RegistryPlace
from ocikit.name.records import Pinned, Reference, Tag
from ocikit.registry.client import Client


@attrs.frozen(kw_only=True)
class TagExists(Refused):
    """
    A tag that was not to be overwritten is there already.
    """

    tag: str
    digest: str

    def __str__(self) -> str:
        return f"{self.tag}: exists already, as {self.digest}; it was not overwritten"


def push(content: Content, target: str, options: Options) -> str:
    """
    Write content to a registry, or to any other place, and give its name there.

    Raises:
        Refused, Unreachable, Corrupt: the place did not take it, or a source failed.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.registry.client import Client
    >>> from ocikit.server.handler import registry
    >>> push(IMAGE, "localhost/app:1", Options(client=Client(send=registry())))[:21]
    'localhost/app@sha256:'
    """
    return flush(target, content, options)


def push_all(content: Content, targets: Sequence[str], options: Options) -> tuple[str, ...]:
    """
    Write content to several places, and give its names there.

    What goes to registries is put once into each repository, and mounted in the others
    of the same registry.

    Raises:
        Refused, Unreachable, Corrupt: a place did not take it, or a source failed.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.registry.client import Client
    >>> from ocikit.server.handler import registry
    >>> options = Options(client=Client(send=registry()))
    >>> [name[:13] for name in push_all(IMAGE, ["localhost/a:1", "localhost/b:1"], options)]
    ['localhost/a@s', 'localhost/b@s']
    """
    from ocikit.registry.several import flush_all

    located = [locate(target, options) for target in targets]
    names = {place.reference: content for place in located if isinstance(place, RegistryPlace)}
    put = flush_all(names, client=writing(options), report=options.report, foreign=options.foreign)
    pinned = {
        name: str(found.repository.pin(found.digest))
        for name, found in zip(names, put, strict=True)
    }
    return tuple(
        pinned[place.reference]
        if isinstance(place, RegistryPlace)
        else flush(place, content, options)
        for place in located
    )


def named_as(source: Locator, target: Locator) -> Locator:
    """
    Name a docker archive's image after its source when nothing else names it.

    Engines load an image without a name, and then nobody finds it.
    """
    if isinstance(target, DockerArchivePlace) and target.reference is None:
        name = source.reference if isinstance(source, RegistryPlace) else None
        if isinstance(name, Tag):
            return evolve(target, reference=name)
    return target


def refuse_clobber(locator: Locator, options: Options) -> None:
    """
    See that a tag which is to be written is not there.

    Raises:
        TagExists: it is.
        PlaceUnsupported: the place has no tags of which that could be told.
    """
    if not isinstance(locator, RegistryPlace):
        raise PlaceUnsupported(place=str(locator), reason="only a registry's tags are kept so")
    name = locator.reference
    if isinstance(name, Pinned):
        # A digest is only ever overwritten by itself.
        return
    from ocikit.registry.head import head

    try:
        there = head(name, client=writing(options))
    except Missing:
        return
    raise TagExists(tag=str(name), digest=str(there.digest))


def tag(source: str, new_tags: Sequence[str], options: Options) -> tuple[str, ...]:
    """
    Give what a registry holds more tags in its repository; no blob moves.

    With a platform its image of an index is tagged, which the repository has already.

    Returns:
        The new names.

    Raises:
        NameInvalid: a tag is none; then nothing was tagged.
        ManifestUnknown: there is no such source, or no such part of it.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.registry.client import Client
    >>> from ocikit.server.handler import registry
    >>> options = Options(client=Client(send=registry()))
    >>> pushed = push(IMAGE, "localhost/app:1.2", options)
    >>> tag("localhost/app:1.2", ["1", "latest"], options)
    ('localhost/app:1', 'localhost/app:latest')
    """
    from ocikit.registry.tag import tag_all

    name = reference(source, options)
    names = [name.repository.tag(text, weak=options.weak) for text in new_tags]
    if options.platforms:
        name = name.repository.pin(load(RegistryPlace(name), options).digest)
    return tuple(map(str, tag_all(name, [each.tag for each in names], client=writing(options))))


def delete(name: str, options: Options, *, swap: bool = False) -> str:
    """
    Delete a tag or a manifest from a registry; give its name in full.

    A tag goes alone. When a registry deletes what it named as well, that is noticed.

    Args:
        name: the tag, or the manifest by its digest, with which all its tags go.
        options: how to reach the registry.
        swap: where a registry deletes manifests only, put something else under the tag,
            and delete that.

    Raises:
        ManifestUnknown: it is not there.
        TagsStay: the registry deletes no tag alone, and `swap` is false.
        Refused: the registry does not delete.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.crane.places import flush
    >>> from ocikit.registry.client import Client
    >>> from ocikit.server.handler import registry
    >>> options = Options(client=Client(send=registry()))
    >>> name = flush("localhost/app:1", IMAGE, options)
    >>> delete("localhost/app:1", options)
    'localhost/app:1'
    """
    from ocikit.registry.delete import TagsStay, untag
    from ocikit.registry.delete import delete as delete_registry

    gone, client = reference(name, options), writing(options)
    if not isinstance(gone, Tag):
        delete_registry(gone, client=client)
        return str(gone)
    manifest = _named_by(gone, client)
    try:
        delete_registry(gone, client=client)
    except TagsStay:
        if not swap:
            raise
        untag(gone, client=client)
    if manifest is not None and _named_by(manifest, client) is None:
        options.notice(
            f"{gone}: the registry deleted {manifest.digest} as well, and with it all its tags"
        )
    return str(gone)


def _named_by(name: Reference, client: Client) -> Pinned | None:
    from ocikit.registry.head import head

    try:
        return name.repository.pin(head(name, client=client).digest)
    except Missing:
        return None


def whole_layout(place: str, options: Options) -> Content:
    """
    Load all that a layout holds as one index: its `index.json`, byte for byte.

    Raises:
        PlaceUnsupported: the place is no layout.
        NotALayout: there is none.

    >>> import tempfile
    >>> from ocikit.content.empty import IMAGE
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     name = flush(f"oci:{folder}:1", IMAGE, Options())
    ...     len(whole_layout(name, Options()).children)
    1
    """
    locator = locate(place, options)
    if not isinstance(locator, LayoutPlace):
        raise PlaceUnsupported(place=place, reason="only a layout has an index to push whole")
    from ocikit.layout.load import root

    return root(locator.path)
