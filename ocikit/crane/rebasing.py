"""
Images on another base: rebase, and what speaks against it: rebase_conflicts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar

from ocikit._records import FrozenMap, evolve
from ocikit.content.image import Image, Index
from ocikit.crane.bases import BASE_DIGEST, Finder
from ocikit.crane.changed import changed
from ocikit.crane.fetched import kept
from ocikit.crane.options import Options
from ocikit.crane.places import load
from ocikit.mutate.attestations import Attestations
from ocikit.mutate.members import annotations as annotate
from ocikit.mutate.rebase import rebase as moved
from ocikit.mutate.settings import labels

if TYPE_CHECKING:
    from ocikit.content.streams import Opener
    from ocikit.digest import Digest
    from ocikit.platforms import Platform
    from ocikit.query.conflict import Conflict

C = TypeVar("C", bound=Image | Index)


def rebase(
    place: str,
    options: Options,
    *,
    old_base: str | None = None,
    new_base: str | None = None,
    attestations: Attestations | None = None,
) -> Image | Index:
    """
    Put an image, or every image of an index, on another base.

    See `ocikit.mutate.rebase`. Where a base is an index, each image goes on the one for its
    own platform. The result says in annotations which base it is on, and in labels where it
    did so before. No layer is read: whether the images still work there is for
    `rebase_conflicts`.

    Args:
        place: what was built, any place.
        options: how to reach the places, and which platforms of `place` are wanted.
        old_base: what it was built on; else the annotations or labels
            `org.opencontainers.image.base.name` and `.digest` say it.
        new_base: what it is to be on; else what its base's name is now.
        attestations: what becomes of those of an index's images; None is "relink", and
            says so.

    Raises:
        BaseUnknown: a base is neither given nor said.
        NotBasedOn: it is not built on that old base.
        PlatformMissing: a base has no image for a platform.
        PlaceUnsupported, NotAnImage: something is no image.

    >>> from ocikit.content.synthetic import image, layer
    >>> from ocikit.crane.places import flush
    >>> from ocikit.mutate.layers import append
    >>> from ocikit.registry.client import Client
    >>> from ocikit.server.handler import registry
    >>> import random
    >>> options = Options(client=Client(send=registry()))
    >>> old, new = image(random.Random(1)), image(random.Random(2))
    >>> built = append(old, layer(random.Random(3)))
    >>> for name, content in [("os:1", old), ("os:2", new), ("app:1", built)]:
    ...     _ = flush(f"localhost/{name}", content, options)
    >>> bases = {"old_base": "localhost/os:1", "new_base": "localhost/os:2"}
    >>> rebase("localhost/app:1", options, **bases).layers == (*new.layers, built.layers[1])
    True
    """
    content = load(place, options)
    finder = Finder(place, content, options, old_base, new_base)
    same: list[bool] = []
    said: set[FrozenMap[str, str | None]] = set()

    def rebased(image: Image) -> Image:
        bases = finder.of(image)
        made = moved(image, bases.old, bases.new)
        same.append(made == image)
        said.add(bases.said)
        return _telling(made, bases.said)

    made = changed(content, [rebased], place, options, attestations)
    if all(same):
        options.notice(f"{place}: is on that base already; rebasing changed no layer")
    if isinstance(made, Index) and BASE_DIGEST in made.manifest.annotations and len(said) == 1:
        return _annotated(made, said.pop())
    return made


def rebase_conflicts(
    place: str, options: Options, *, old_base: str | None = None, new_base: str | None = None
) -> tuple[tuple[Platform | None, Conflict], ...]:
    """
    Tell what may not be as it was meant once an image is on another base.

    See `ocikit.query.conflicts`. The layers of the image and of both bases are read, each
    downloaded at most once. Nothing is changed.

    Args:
        place: what was built, any place.
        options: how to reach the places, and which platforms of `place` are wanted.
        old_base: what it was built on; found as `rebase` finds it.
        new_base: what it is to be on; likewise.

    Returns:
        The conflicts, each with the platform of its image.

    Raises:
        BaseUnknown, NotBasedOn, PlatformMissing, PlaceUnsupported, NotAnImage: as for
            `rebase`.
        Missing, Refused, Unreachable, Corrupt: a layer could not be read.

    >>> from ocikit.content.synthetic import image
    >>> from ocikit.crane.places import flush
    >>> from ocikit.registry.client import Client
    >>> from ocikit.server.handler import registry
    >>> import random
    >>> options = Options(client=Client(send=registry()))
    >>> name = flush("localhost/app:1", image(random.Random(1)), options)
    >>> rebase_conflicts(name, options, old_base=name, new_base=name)
    ()
    """
    from ocikit.query.conflicts import conflicts

    content = load(place, options)
    finder = Finder(place, content, options, old_base, new_base)
    there: dict[Digest, Opener] = {}
    found: list[tuple[Platform | None, Conflict]] = []

    def near(image: Image) -> Image:
        return evolve(image, layers=kept(image.layers, there))

    def checked(image: Image) -> Image:
        bases = finder.of(image)
        told = conflicts(near(image), near(bases.old), near(bases.new))
        found.extend((image.platform, conflict) for conflict in told)
        return image

    changed(content, [checked], place, options)
    return tuple(found)


def _telling(image: Image, said: Mapping[str, str | None]) -> Image:
    known = image.config_file.config.labels
    there = {key: value for key, value in said.items() if key in known}
    return _annotated(labels(image, *_parted(there)), said)


def _annotated(content: C, said: Mapping[str, str | None]) -> C:
    return annotate(content, *_parted(said))


def _parted(said: Mapping[str, str | None]) -> tuple[dict[str, str], list[str]]:
    set_ = {key: value for key, value in said.items() if value is not None}
    return set_, [key for key in said if key not in set_]
