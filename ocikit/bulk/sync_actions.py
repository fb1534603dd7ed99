"""
What is wanted, what was seen, and what is to be done: all as records.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from ocikit._records import EMPTY, record
from ocikit.bulk.sync_entries import Referrers
from ocikit.bulk.sync_shelf import Place, Shelf
from ocikit.digest import Digest
from ocikit.platforms import Platform
from ocikit.query.tagged import TagFilter
from ocikit.sizes import counted

#: What has become of something: `same` is what needed nothing after all.
Outcome: TypeAlias = Literal["done", "same", "skipped", "failed"]
#: What is done: `refresh` looks for what has come to belong to an image that is the same,
#: `conflict` is what a person has to decide, and `fault` what could not be found out.
Kind: TypeAlias = Literal["copy", "tag", "refresh", "skip", "delete", "conflict", "fault"]


@record(kw_only=True)
class How:
    """
    How an image is copied.
    """

    platforms: tuple[Platform, ...] = ()
    referrers: Referrers = "none"
    overwrite: bool = True
    #: Whether the tag never changes.
    immutable: bool = False

    @property
    def key(self) -> str:
        """
        What makes another image of the same source, or takes other things along.
        """
        along = "" if self.referrers == "none" else "+referrers"
        return ",".join(map(str, self.platforms)) + along


@record(kw_only=True)
class Want:
    """
    A tag that a target is to have, and what it is to name.
    """

    entry: str
    source: Shelf
    #: The tag there; None for what is named by its digest alone.
    tag: str | None
    #: When it is known without asking.
    digest: Digest | None = None
    target: Shelf
    name: str
    how: How


@record(kw_only=True)
class Scope:
    """
    Where an entry may delete: the tags of a target that its filter is about.
    """

    entry: str
    target: Shelf
    tags: TagFilter
    at_most: float


@record(kw_only=True)
class Memory:
    """
    What a tag of a target was at the end of an earlier run.
    """

    source: str
    target: str
    how: str


@record(kw_only=True)
class Seen:
    """
    What is there, as far as it was asked for.
    """

    #: What tags of sources name, or why that is not known.
    sources: Mapping[tuple[Shelf, str], Digest | Exception] = EMPTY
    #: The tags of targets, or why they are not known; none of what is not there.
    tags: Mapping[Shelf, frozenset[str] | Exception] = EMPTY
    #: What tags of targets name, of those that were asked for.
    targets: Mapping[tuple[Shelf, str], Digest | Exception] = EMPTY
    #: What is remembered of tags of targets.
    memory: Mapping[tuple[Shelf, str], Memory] = EMPTY


@record(kw_only=True)
class Action:
    """
    One thing to do, or the reason why nothing is done.
    """

    kind: Kind
    #: The entry of the file.
    entry: str
    #: The tag that it is about; or a whole repository, layout or registry.
    target: Place | str
    reason: str
    source: Place | None = None
    #: What the source is. Of a `skip` it is what the target is known to be.
    digest: Digest | None = None
    #: What the target has already under another name, of a `tag`; None when that is
    #: copied in the same run.
    held: Digest | None = None
    how: How = How()
    error: Exception | None = None

    @property
    def changes(self) -> bool:
        """
        Whether something is to be written, or taken away.
        """
        return self.kind in ("copy", "tag", "delete")


@record(kw_only=True)
class Result:
    """
    What has become of an action.
    """

    action: Action
    outcome: Outcome
    #: What the target names now.
    digest: Digest | None = None
    #: How many bytes moved.
    bytes: int = 0
    error: Exception | None = None


@record(kw_only=True)
class Summary:
    """
    How many of each there were.

    >>> print(Summary(copied=2, same=1, bytes=10))
    2 copied, 1 the same, 10 bytes
    """

    copied: int = 0
    tagged: int = 0
    deleted: int = 0
    same: int = 0
    skipped: int = 0
    conflicts: int = 0
    failed: int = 0
    bytes: int = 0

    def __str__(self) -> str:
        words = {
            "copied": self.copied,
            "tagged": self.tagged,
            "deleted": self.deleted,
            "the same": self.same,
            "left as they are": self.skipped,
            "in conflict": self.conflicts,
            "failed": self.failed,
        }
        told = [f"{count} {word}" for word, count in words.items() if count]
        return (
            ", ".join([*told, *([counted(self.bytes, "byte")] if self.bytes else [])]) or "nothing"
        )
