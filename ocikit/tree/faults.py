"""
What can be wrong with a tar stream.
"""

from __future__ import annotations

import attrs

from ocikit.errors import Corrupt


@attrs.frozen(kw_only=True)
class TarInvalid(Corrupt):
    """
    A member of an archive is not as it should be, or can be read in two ways.
    """

    #: Which member, counted from 0.
    number: int
    #: Where it begins, in bytes from the beginning of the uncompressed archive.
    offset: int
    reason: str

    def __str__(self) -> str:
        return f"tar member {self.number} at byte {self.offset}: {self.reason}"


@attrs.frozen(kw_only=True)
class TarTruncated(Corrupt):
    """
    An archive ends within a member.
    """

    number: int
    offset: int
    #: How many bytes of the member there are, headers included.
    there: int

    def __str__(self) -> str:
        return (
            f"tar member {self.number} at byte {self.offset}: the archive ends after"
            f" {self.there} bytes of it; it was cut short"
        )


@attrs.frozen(kw_only=True)
class TarTooLarge(Corrupt):
    """
    An archive has more of something than any real one has.
    """

    number: int
    offset: int
    #: What there is too much of.
    what: str
    limit: int

    def __str__(self) -> str:
        return (
            f"tar member {self.number} at byte {self.offset}: {self.what} beyond {self.limit};"
            " refused as a bomb (give other limits if it is none)"
        )
