"""
Ages as people write them.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import attrs

from ocikit._regex import regex
from ocikit.errors import Invalid

_AGE: Final = regex(r"(?:[0-9]{1,9}(?:\.[0-9]{1,6})?[smhdwy])+")
_PART: Final = regex(r"([0-9.]+)([smhdwy])")
_SECONDS: Final = {
    "s": 1,
    "m": 60,
    "h": 3600,
    "d": 86400,
    "w": 7 * 86400,
    "y": 365 * 86400,
}


@attrs.frozen(kw_only=True)
class AgeInvalid(Invalid):
    """
    A text is not an age.
    """

    text: str

    def __str__(self) -> str:
        return f"{self.text[:40]!r} is no age: write 30d, 12h, 2w or 1y6w, or 0 for any"


def age_of(text: str) -> timedelta:
    """
    Read an age: numbers with s, m (minutes), h, d, w or y (365 days), as Go's durations.

    Raises:
        AgeInvalid: it is none.

    >>> age_of("1d12h") == timedelta(hours=36), age_of("0") == timedelta(0)
    (True, True)
    """
    bare = text.strip()
    if bare == "0":
        return timedelta(0)
    if not _AGE.fullmatch(bare):
        raise AgeInvalid(text=text)
    try:
        return timedelta(seconds=sum(float(n) * _SECONDS[unit] for n, unit in _PART.findall(bare)))
    except OverflowError:
        raise AgeInvalid(text=text) from None
