"""
One entry of a layout's index: by its name, by its position, or the only one.
"""

from __future__ import annotations

from typing import Final

import attrs

from ocikit import platforms
from ocikit.errors import Missing
from ocikit.platforms import Platform
from ocikit.spec.descriptor import Descriptor
from ocikit.spec.layout import REF_NAME

#: The annotation by which containerd and Docker name an image in full.
FULL_NAME: Final = "io.containerd.image.name"
_SHOWN: Final = 20


@attrs.frozen(kw_only=True)
class EntryMissing(Missing):
    """
    An index has not exactly the one entry that was asked for.
    """

    where: str
    wanted: str
    #: What there is, each as a person may ask for it.
    there: tuple[str, ...]

    def __str__(self) -> str:
        listed = ", ".join(self.there[:_SHOWN]) or "nothing"
        if len(self.there) > _SHOWN:
            listed += f" and {len(self.there) - _SHOWN} more"
        return f"{self.where}: {self.wanted}; there is {listed}"


def pick(
    entries: tuple[Descriptor, ...],
    where: str,
    name: str | None = None,
    position: int | None = None,
    platform: Platform | None = None,
) -> Descriptor:
    """
    Choose an entry of an index.

    Of several that are meant by a name, or where none is given, the one that suits a
    wanted platform best is taken; else the last, for who only appends has it newest.

    Args:
        entries: the descriptors that the index lists.
        where: what a person calls the place, for the error.
        name: the value of its `org.opencontainers.image.ref.name` annotation; else the
            full name that containerd gives it; else its digest.
        position: its position, from 0.
        platform: what is wanted where there are several.

    Raises:
        EntryMissing: there is no such entry; or, where neither is given, not one alone.
    """
    labels = tuple(f"{_name(entry) or '(unnamed)'} (@{at})" for at, entry in enumerate(entries))
    if position is not None:
        if 0 <= position < len(entries):
            return entries[position]
        raise EntryMissing(where=where, wanted=f"no entry @{position}", there=labels)
    found = list(entries) if name is None else _named(entries, name)
    if platform is not None and len(found) > 1:
        suited = platforms.best(((e.platform, e) for e in reversed(found)), platform)
        found = [suited] if suited else found
    if found and (name is not None or len({entry.digest for entry in found}) == 1):
        return found[-1]
    if name is not None:
        raise EntryMissing(where=where, wanted=f"no entry named {name!r}", there=labels)
    wanted = "several entries, name one of them" if entries else "no entry"
    raise EntryMissing(where=where, wanted=wanted, there=labels)


def _named(entries: tuple[Descriptor, ...], name: str) -> list[Descriptor]:
    by_name = [entry for entry in entries if _name(entry) == name]
    in_full = [entry for entry in entries if entry.annotations.get(FULL_NAME) == name]
    return by_name or in_full or [entry for entry in entries if str(entry.digest) == name]


def _name(entry: Descriptor) -> str:
    return entry.annotations.get(REF_NAME, "")
