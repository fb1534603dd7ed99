"""
Sizes as people write them: 500M, 2G, 1.5GiB.
"""

from __future__ import annotations

import re
from typing import Final

import click

_SIZE: Final = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,6})?) ?([kmgt]?)(?:i?b)?", re.IGNORECASE)
_UNITS: Final = {"": 0, "k": 10, "m": 20, "g": 30, "t": 40}


def size_of(text: str, what: str) -> int:
    """
    Read a size in bytes, or in units of 1024 of one another.

    Raises:
        UsageError: it is none.

    >>> size_of("1.5G", "--size")
    1610612736
    """
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise click.UsageError(f"{what} {text!r}: write a size, as 500M or 2G")
    return int(float(found[1]) * (1 << _UNITS[found[2].lower()]))
