"""
One entry of a layout's index: by its name, by its position, or the only one.
"""

from __future__ import annotations

import attrs

from ocikit.errors import Missing
from ocikit.spec.descriptor import Descriptor
from ocikit.spec.layout import REF_NAME


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
        listed = ", ".join(self.there) or "nothing"
        return f"{self.where}: {self.wanted}; there is {listed}"


def pick(
    entries: tuple[Descriptor, ...],
    where: str,
    name: str | None = None,
    position: int | None = None,
) -> Descriptor:
    """
    Choose an entry of an index.

    Args:
        entries: the descriptors that the index lists.
        where: what a person calls the place, for the error.
        name: the value of its `org.opencontainers.image.ref.name` annotation.
        position: its position, from 0.

    Raises:
        EntryMissing: there is no such entry; or, where neither is given, not one alone.
    """
    labels = tuple(f"{_name(entry) or '(unnamed)'} (@{at})" for at, entry in enumerate(entries))
    if position is not None:
        if position < len(entries):
            return entries[position]
        raise EntryMissing(where=where, wanted=f"no entry @{position}", there=labels)
    found = [entry for entry in entries if name is None or _name(entry) == name]
    # Several entries of one name: writers that only append leave the newest last.
    if found and (name is not None or len({entry.digest for entry in found}) == 1):
        return found[-1]
    if name is not None:
        raise EntryMissing(where=where, wanted=f"no entry named {name!r}", there=labels)
    wanted = "several entries, name one of them" if entries else "no entry"
    raise EntryMissing(where=where, wanted=wanted, there=labels)


def _name(entry: Descriptor) -> str:
    return entry.annotations.get(REF_NAME, "")
