"""
What is wrong with the members of one layer, beside what keeps them from being read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ocikit._records import record
from ocikit.query.finding import Severity
from ocikit.tree.entry import Member
from ocikit.tree.paths import clean
from ocikit.tree.whiteouts import PREFIX, mark

#: How many members are named in one finding.
_NAMED: Final = 3


@record
class Problem:
    """
    A finding before it is known where its blob lies.
    """

    severity: Severity
    message: str


class Members:
    """
    The members of a layer, by their names, as they go by.
    """

    def __init__(self) -> None:
        self._seen: set[bytes] = set()
        self._twice: dict[bytes, None] = {}
        self._outside: dict[bytes, None] = {}
        self._marks: dict[bytes, None] = {}
        #: Whether there are hard links to what did not go by before them.
        self.links_below = False

    def add(self, member: Member) -> None:
        """
        Take note of a member.
        """
        name = member.name
        path = clean(name)
        if path in self._seen:
            self._twice[path] = None
        self._seen.add(path)
        if b".." in name and _leaves(name):
            self._outside[name] = None
        if not path or PREFIX in path:
            self._mark(member, path)
        if member.kind == "hardlink" and clean(member.linkname) not in self._seen:
            self.links_below = True

    def problems(self) -> Iterator[Problem]:
        """
        Give what was found.
        """
        if self._twice:
            said = f"entries are there twice: {_named(self._twice)}; the last counts"
            yield Problem(Severity.NOTE, said)
        if self._outside:
            said = f"names lead out of the root: {_named(self._outside)}; they are taken within"
            yield Problem(Severity.WARNING, said)
        if self._marks:
            said = f"names mean nothing, and readers refuse them: {_named(self._marks)}"
            yield Problem(Severity.ERROR, said)

    def _mark(self, member: Member, path: bytes) -> None:
        try:
            mark(path)
        except ValueError:
            self._marks[member.name] = None
        if not path and member.kind != "directory":
            self._marks[member.name] = None


def _leaves(name: bytes) -> bool:
    depth = 0
    for part in name.split(b"/"):
        depth += -1 if part == b".." else part not in (b"", b".")
        if depth < 0:
            return True
    return False


def _named(names: dict[bytes, None]) -> str:
    shown = [name.decode("utf-8", "surrogateescape") for name in [*names][:_NAMED]]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(map(repr, shown)) + more
