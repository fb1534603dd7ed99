"""
Single entries of an image's history.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypedDict, Unpack, cast

import attrs

from ocikit._records import evolve
from ocikit.content.image import Image
from ocikit.digest import Digest
from ocikit.errors import Missing
from ocikit.mutate.changes import ConfigInvalid, check_time
from ocikit.mutate.rebuild import rebuild, reconfigure
from ocikit.spec.config import ZERO_TIME, ConfigFile, History


@attrs.frozen(kw_only=True)
class EntryMissing(Missing):
    """
    A history has no such entry.
    """

    image: Digest
    entries: int
    position: int

    def __str__(self) -> str:
        return (
            f"the history of image {self.image} has no entry {self.position},"
            f" but {self.entries} in all"
        )


class HistoryChanges(TypedDict, total=False):
    """
    The members of an entry that `history` sets; None removes any of them.
    """

    author: str | None
    created: str | None
    created_by: str | None
    comment: str | None


_NOTHING: Final = {"author": "", "created": ZERO_TIME, "created_by": "", "comment": ""}


def history(image: Image, position: int, /, **changes: Unpack[HistoryChanges]) -> Image:
    """
    Set and remove members of one entry of an image's history.

    Whether it made a layer it goes on to say as it did. Entries go with their layers, by
    `remove_layers`; `config(image, history=...)` replaces all of them.

    Args:
        image: what is changed.
        position: which entry, those of empty layers counted; the first is 0, negative
            ones count from the last.
        changes: what it is to say.

    Raises:
        EntryMissing: there is no entry at that position.
        ConfigInvalid: a member cannot have such a value.
        NotAnImage: this is an artifact.

    >>> from ocikit.content.synthetic import image
    >>> import random
    >>> history(image(random.Random(1)), -1, created_by="make").config_file.history[0].created_by
    'make'
    """
    return revise(image, position, cast("Mapping[str, object]", changes))


def revise(image: Image, position: int, changes: Mapping[str, object]) -> Image:
    """
    Set and remove members of an entry, given by name; see `history`.

    Raises:
        EntryMissing: there is no entry at that position.
        ConfigInvalid: there is no such member, or it cannot have such a value.
        NotAnImage: this is an artifact.
    """
    members = {name: _member(name, value) for name, value in changes.items()}
    count = len(image.config_file.history)
    if not -count <= position < count:
        raise EntryMissing(image=image.digest, entries=count, position=position)
    at = position % count

    def change(file: ConfigFile) -> ConfigFile:
        entries: list[History] = list(file.history)
        entries[at] = evolve(entries[at], **members)
        return evolve(file, history=tuple(entries))

    return rebuild(image, config=reconfigure(image, change))


def _member(name: str, value: object) -> str:
    field = f"history.{name}"
    if name not in _NOTHING:
        raise ConfigInvalid(field=field, reason="there is no such member that can be set")
    if value is None:
        return _NOTHING[name]
    if not isinstance(value, str):
        raise ConfigInvalid(field=field, reason=f"expected text, got {value!r}")
    return check_time(field, value) if name == "created" else value
