"""
Verbs that move content as it is: push, copy, tag, delete.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs

from ocikit._records import evolve
from ocikit.content.image import Content
from ocikit.crane.options import Options, writing
from ocikit.crane.places import PlaceUnsupported, flush, load, locate, reference
from ocikit.errors import Missing, Refused
from ocikit.name.locator import DockerArchivePlace, LayoutPlace, Locator, RegistryPlace
from ocikit.name.parse import parse_repository
from ocikit.name.records import Pinned, Tag


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


def copy(source: str, target: str, options: Options, *, clobber: bool = True) -> str:
    """
    Copy content from any place to any place, byte for byte; give its name there.

    An image that goes into a docker archive without a name keeps the one it has.

    Raises:
        TagExists: the target is there and `clobber` is false.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.crane.places import flush
    >>> from ocikit.registry.client import Client
    >>> from ocikit.server.handler import registry
    >>> options = Options(client=Client(send=registry()))
    >>> name = flush("localhost/app:1", IMAGE, options)
    >>> copy(name, "localhost/copied:1", options) == name.replace("app", "copied")
    True
    """
    locator = locate(target, options)
    if not clobber:
        _refuse_clobber(locator, options)
    content = load(source, options)
    return flush(named_as(locate(source, options), locator), content, options)


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


def _refuse_clobber(locator: Locator, options: Options) -> None:
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
    from ocikit.registry.tag import tag as tag_registry

    name = reference(source, options)
    names = [name.repository.tag(text, weak=options.weak) for text in new_tags]
    if options.platforms:
        name = name.repository.pin(load(RegistryPlace(name), options).digest)
    for new in names:
        tag_registry(name, new.tag, client=writing(options))
    return tuple(map(str, names))


def delete(name: str, options: Options) -> str:
    """
    Delete a tag or a manifest from a registry; give its name in full.

    Raises:
        ManifestUnknown: it is not there.
        Refused: the registry does not delete, or not by tag.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.crane.places import flush
    >>> from ocikit.registry.client import Client
    >>> from ocikit.server.handler import registry
    >>> options = Options(client=Client(send=registry()))
    >>> name = flush("localhost/app:1", IMAGE, options)
    >>> delete("localhost/app:1", options)
    'localhost/app:1'
    """
    from ocikit.registry.delete import delete as delete_registry

    gone = reference(name, options)
    delete_registry(gone, client=writing(options))
    return str(gone)


def copy_repository(
    source: str, target: str, options: Options, *, clobber: bool = True
) -> Iterator[tuple[str, str]]:
    """
    Copy every tag of a repository to another; give each new name, and by digest, when done.

    Tags that the target has are skipped, with a notice, unless `clobber`.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.crane.places import flush
    >>> from ocikit.registry.client import Client
    >>> from ocikit.server.handler import registry
    >>> options = Options(client=Client(send=registry()))
    >>> name = flush("localhost/app:1", IMAGE, options)
    >>> [tag for tag, _ in copy_repository("localhost/app", "localhost/copied", options)]
    ['localhost/copied:1']
    """
    from ocikit.registry.list import tags

    old, new = (
        parse_repository(text.removeprefix("docker://"), weak=options.weak)
        for text in (source, target)
    )
    for name in tags(old, client=options.client):
        try:
            pinned = copy(str(old.tag(name)), str(new.tag(name)), options, clobber=clobber)
        except TagExists:
            options.notice(f"{new}:{name}: exists already; skipped")
        else:
            yield f"{new}:{name}", pinned


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
