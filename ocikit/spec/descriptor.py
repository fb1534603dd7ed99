"""
Descriptors: typed, sized names of content (image-spec, descriptor.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import attrs

from ocikit._records import EMPTY, JSON, FrozenMap, record
from ocikit.digest import Digest
from ocikit.errors import Invalid
from ocikit.platforms import Platform

if TYPE_CHECKING:
    from ocikit._notebook import Fact, Printer

#: The largest size that content may have, in bytes: eight petabytes.
MAX_SIZE: Final = (1 << 53) - 1


@attrs.frozen(kw_only=True)
class SizeInvalid(Invalid):
    """
    A size is negative, or larger than all readers of JSON count to (RFC 7493, 2.2).
    """

    member = "size"
    size: int

    def __str__(self) -> str:
        return f"expected a size of 0 or more bytes, and at most {MAX_SIZE}, got {self.size}"


@record(kw_only=True)
class Descriptor:
    """
    What a piece of content is, how large, and how it is named (descriptor.md).
    """

    #: The media type of the referenced content.
    media_type: str
    #: Its size in bytes; a reader refuses content of another size.
    size: int
    #: Its digest.
    digest: Digest
    #: The content itself, embedded.
    data: bytes | None = None
    #: Where else the content may be downloaded from.
    urls: tuple[str, ...] = ()
    annotations: FrozenMap[str, str] = EMPTY
    platform: Platform | None = None
    #: The type of an artifact when this refers to one.
    artifact_type: str = ""
    extra: FrozenMap[str, JSON] = attrs.field(default=EMPTY, hash=False)
    source: dict[str, Any] | None = attrs.field(default=None, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        if not 0 <= self.size <= MAX_SIZE:
            raise SizeInvalid(size=self.size)

    def __rich_repr__(self) -> Iterator[Fact]:
        from ocikit._notebook import said

        return said(self)

    def _repr_pretty_(self, printer: Printer, cycle: bool) -> None:
        from ocikit._notebook import pretty, said

        pretty(self, said(self), printer, cycle)

    def _repr_html_(self) -> str:
        from ocikit._notebook import said, summary

        return summary("Descriptor", said(self))
