"""
What is wrong with the members of one layer, beside what keeps them from being read.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import Final

from ocikit._records import record
from ocikit._regex import regex
from ocikit.query.finding import Severity
from ocikit.tree.entry import Member
from ocikit.tree.faults import TarInvalid
from ocikit.tree.paths import clean
from ocikit.tree.reader import Reader
from ocikit.tree.sparse import pieces
from ocikit.tree.whiteouts import PREFIX, Whiteout, mark

#: How many members are named in one finding.
_NAMED: Final = 3
#: Mode, owner, group, size and time as nearly all headers have them: they need no look.
_NUMBERS: Final = regex(rb"(?:[0-7]{7}[\0 ]){3}(?:[0-7]{11}[\0 ]){2}")
_MODE: Final = 100


@record
class Problem:
    """
    A finding before it is known where its blob lies.
    """

    severity: Severity
    message: str


class Some:
    """
    Counts things, and names the first of them.
    """

    def __init__(self) -> None:
        self._named: list[str] = []
        self._count = 0

    def add(self, name: bytes) -> None:
        """
        Count a member by its name.
        """
        self.say(repr(name.decode("utf-8", "surrogateescape")))

    def say(self, text: str) -> None:
        """
        Count something by what is said of it.
        """
        self._count += 1
        if len(self._named) < _NAMED:
            self._named.append(text)

    def __bool__(self) -> bool:
        return self._count > 0

    def __str__(self) -> str:
        more = self._count - len(self._named)
        return ", ".join(self._named) + (f" and {more} more" if more else "")


class Members:
    """
    The members of a layer, by their names, as they go by.

    Of names hashes are kept, so that a million of them fits into memory many times.
    """

    def __init__(self) -> None:
        self._seen: set[int] = set()
        self._parents: set[int] = set()
        self._again: set[int] = set()
        self._twice, self._outside, self._marks, self._facts = Some(), Some(), Some(), Some()
        #: What the layer takes away from those below.
        self.taken: list[bytes] = []
        self._directories: set[int] = set()
        #: Whether there are hard links, some to what may not be there; whether something is
        #: a directory at one time, and something else at another.
        self._links = self._loose = self._changing = False

    @property
    def loose_links(self) -> bool:
        """
        Whether it takes a closer look to see that all hard links refer to files.
        """
        return self._loose or (self._links and self._changing)

    @property
    def names(self) -> array[int]:
        """
        The hashes of all paths, and of the directories that they are in.
        """
        return array("q", self._seen | self._parents)

    def add(self, member: Member, reader: Reader) -> None:
        """
        Take note of a member.

        Args:
            member: the one that was read last.
            reader: has its content, if that needs a look.
        """
        name = member.name
        path = clean(name)
        key = hash(path)
        if member.kind == "hardlink":
            self._link(hash(clean(member.linkname)))
        if key in self._seen and key not in self._again:
            self._again.add(key)
            self._twice.add(path)
        self._seen.add(key)
        if member.kind == "directory":
            self._directories.add(key)
        elif key in self._parents or key in self._directories:
            self._changing = True
        self._imply(path)
        if b".." in name and _leaves(name):
            self._outside.add(name)
        if not path or PREFIX in path:
            self._mark(member, path)
        plain = _NUMBERS.match(member.block, _MODE) and member.kind not in ("char", "block")
        if member.pax or not plain:
            self._look(member, reader)

    def problems(self) -> Iterator[Problem]:
        """
        Give what was found.
        """
        if self._facts:
            yield Problem(Severity.ERROR, f"headers say what cannot be: {self._facts}")
        if self._twice:
            said = f"entries are there twice: {self._twice}; the last counts"
            yield Problem(Severity.NOTE, said)
        if self._outside:
            said = f"names lead out of the root: {self._outside}; they are taken within"
            yield Problem(Severity.WARNING, said)
        if self._marks:
            said = f"names mean nothing, and readers refuse them: {self._marks}"
            yield Problem(Severity.ERROR, said)

    def _imply(self, path: bytes) -> None:
        parent = path.rpartition(b"/")[0]
        while parent and (key := hash(parent)) not in self._parents:
            self._parents.add(key)
            if key in self._seen and key not in self._directories:
                self._changing = True
            parent = parent.rpartition(b"/")[0]

    def _link(self, target: int) -> None:
        self._links = True
        if target not in self._seen or target in self._directories or target in self._parents:
            self._loose = True

    def _mark(self, member: Member, path: bytes) -> None:
        try:
            found = mark(path)
        except ValueError:
            self._marks.add(member.name)
            return
        if isinstance(found, Whiteout):
            self.taken.append(found.path)
        if not path and member.kind != "directory":
            self._marks.add(member.name)

    def _look(self, member: Member, reader: Reader) -> None:
        try:
            if member.entry.sparse:
                for _ in pieces(member, reader.content()):
                    pass
        except TarInvalid as error:
            self._facts.say(str(error))


def _leaves(name: bytes) -> bool:
    depth = 0
    for part in name.split(b"/"):
        depth += -1 if part == b".." else part not in (b"", b".")
        if depth < 0:
            return True
    return False
