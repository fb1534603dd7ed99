"""
Sizes as people write them, read as GNU's tools read them, and written for people.
"""

from __future__ import annotations

import re
from typing import Final

import attrs

from ocikit._regex import regex
from ocikit.errors import Invalid

_SIZE: Final = regex(r"([0-9]{1,15}(?:\.[0-9]{1,6})?) ?([kmgt]?)(i?b)?", re.IGNORECASE)
_UNITS: Final = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}


@attrs.frozen(kw_only=True)
class SizeInvalid(Invalid):
    """
    A text is not a size.
    """

    text: str

    def __str__(self) -> str:
        return f"{self.text!r} is no size: write 500M or 1.5GiB in units of 1024, 50MB of 1000"


def bytes_of(size: str | int) -> int:
    """
    Read a size: bytes, or a number with a unit of 1024s ("2G", "2GiB") or 1000s ("2GB").

    Raises:
        SizeInvalid: it is none.

    >>> bytes_of("50MB"), bytes_of("1.5 GiB"), bytes_of("1.5G"), bytes_of(7)
    (50000000, 1610612736, 1610612736, 7)
    """
    if isinstance(size, int):
        return size
    found = _SIZE.fullmatch(size.strip())
    if found is None or (not found[2] and (found[3] or "").lower() == "ib"):
        raise SizeInvalid(text=size)
    base = 1000 if found[2] and (found[3] or "").lower() == "b" else 1024
    return int(float(found[1]) * base ** _UNITS[found[2].lower()])


def in_units(size: float) -> str:
    """
    Write a size as people read it.

    >>> in_units(512), in_units(3_000_000)
    ('512 B', '3.0 MB')
    """
    amount = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} B" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"


def counted(number: int, thing: str) -> str:
    """
    Tell how many of something there are.

    >>> counted(1, "layer"), counted(0, "layer"), counted(2, "repository")
    ('1 layer', '0 layers', '2 repositories')
    """
    if number == 1:
        return f"{number} {thing}"
    return f"{number} {thing[:-1]}ies" if thing.endswith("ry") else f"{number} {thing}s"
