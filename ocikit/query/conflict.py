"""
Conflicts: what would not be as it was meant, once an image is on another base.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from ocikit._records import record
from ocikit._shown import shown
from ocikit.query.finding import Severity

Kind: TypeAlias = Literal[
    # Both the image and the new base changed something, or brought it.
    "overwritten",
    "added",
    "directory",
    "kind",
    # The image takes away, or changes, what the new base has changed or has no more.
    "removed",
    "whiteout",
    "hidden",
    "gone",
    # What the image relies on.
    "link",
    "library",
    "owner",
    "user",
    "setting",
]


@record(kw_only=True)
class Conflict:
    """
    Something to look at before an image is put on another base.

    Errors will break what worked; warnings may, or lose what the new base brings; notes
    are worth knowing.

    >>> told = "the new base has changed it; the image's own hides that"
    >>> print(Conflict(severity=Severity.WARNING, kind="overwritten", path="etc/x", message=told))
    warning: etc/x: the new base has changed it; the image's own hides that
    """

    severity: Severity
    kind: Kind
    #: Relative to the root; empty where it is not about one file.
    path: str
    message: str
    #: The layer of the image that does it, counted from 1, where it is one.
    layer: int | None = None

    def __str__(self) -> str:
        return shown(": ".join(part for part in (self.severity, self.path, self.message) if part))
