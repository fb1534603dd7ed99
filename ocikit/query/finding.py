"""
Findings: what is wrong with content, and where.
"""

from __future__ import annotations

from enum import StrEnum

from ocikit._records import record
from ocikit.errors import Corrupt, Missing, OciError, Refused, Unreachable, Unsupported

#: What opening content may raise; as a finding it does not hide the others.
FAILURES: tuple[type[OciError], ...] = (Corrupt, Missing, Refused, Unreachable, Unsupported)


class Severity(StrEnum):
    """
    How bad it is.
    """

    #: The content is not what its documents say, or is not there.
    ERROR = "error"
    #: Readers may differ in what they make of it.
    WARNING = "warning"
    #: Allowed, and worth knowing.
    NOTE = "note"


@record
class Finding:
    """
    One thing that was found.

    >>> print(Finding(Severity.ERROR, "linux/arm64 > layer 2", "it is not there"))
    error: linux/arm64 > layer 2: it is not there
    """

    severity: Severity
    #: A path such as "linux/arm64 > layer 2", layers counted from 1; empty for the whole.
    where: str
    message: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.severity, self.where, self.message) if part)


def below(where: str, name: str) -> str:
    """
    Give the path of something within.

    >>> below("linux/arm64", "config")
    'linux/arm64 > config'
    """
    return f"{where} > {name}" if where else name
