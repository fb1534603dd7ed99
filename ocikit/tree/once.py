"""
The overlay in one pass a layer, top layer first, where names hold no surprises.

Nearly all layers are of a simple kind: nothing is there twice, parents are directories,
hard links refer to files of the same layer that are still there. Of those the fate of a
member is known from the layers above it. Where it turns out that it was not, `Surprised`
is raised, and what was given so far is worth nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import attrs

from ocikit.errors import Unsupported
from ocikit.tree.entry import LINKS, Member
from ocikit.tree.named import Archive, marked
from ocikit.tree.paths import clean
from ocikit.tree.plan import renamed
from ocikit.tree.reader import Limits, Reader
from ocikit.tree.tarheader import END
from ocikit.tree.whiteouts import PREFIX, Mark, Opaque, Whiteout

#: What upper layers say of a path. Whatever lower layers have there is not seen.
_AT: Final = 1
#: Whatever they have below it is not seen.
_BELOW: Final = 2
#: Something is below it, so that it is a directory.
_PARENT: Final = 4
#: Something was found through it: were it a link, that would be elsewhere.
_VIA: Final = 8


@attrs.frozen(kw_only=True)
class Surprised(Unsupported):
    """
    One pass is not enough to know what layers make of each other.
    """

    layer: int
    path: bytes

    def __str__(self) -> str:
        return f"layer {self.layer}: {self.path!r} needs to be known before it is read"


def once(layers: Sequence[Archive], limits: Limits) -> Iterator[bytes]:
    """
    Give the stream that `merge` gives, in pieces of any size, or raise on the way.

    Raises:
        Surprised: it cannot be had in one pass.
    """
    above: dict[bytes, int] = {}
    for number, layer in reversed([*enumerate(layers)]):
        part = _Part(number, above)
        with layer.uncompressed() as stream:
            yield from Reader(stream, limits).rewrite(part.decide)
        part.finish()
    yield END


class _Part:
    """
    Decides on the members of one layer.
    """

    def __init__(self, layer: int, above: dict[bytes, int]) -> None:
        self._layer = layer
        self._above = above
        #: What this layer says to those below it, once it is read.
        self._claims: dict[bytes, int] = {}
        self._marks: list[Mark] = []
        #: Directories of this layer, and those that its members only imply.
        self._directories = {b""}
        self._implied: set[bytes] = set()
        #: Everything else, and by which name its content is given; empty if by none.
        self._leaves: dict[bytes, bytes] = {}
        #: Directories, and whether all that is in them is hidden by upper layers.
        self._hidden: dict[bytes, bool] = {}
        self._has_root = False

    def decide(self, member: Member) -> bytes | None:
        """
        Give the headers of a member, None when it is not part of the tree.
        """
        path = clean(member.name)
        if not path or path.find(PREFIX) >= 0:
            mark = marked(member, path)
            if mark is not None:
                self._marks.append(mark)
                return None
            if not path:
                return self._root(member)
        if path in self._leaves or path in self._directories:
            raise self._surprised(path)
        parent = path.rpartition(b"/")[0]
        within = self._hidden.get(parent)
        if within is None:
            # The first one in that directory.
            self._imply(parent)
            within = self._is_hidden(parent)
        said = self._above.get(path, 0)
        kind = member.kind
        hidden = said & _AT or within
        if kind == "directory":
            self._directories.add(path)
            self._claims[path] = self._claims.get(path, 0) | _AT | _PARENT
            if hidden:
                self._dropped(parent)
            return None if hidden else renamed(member, path)
        if path in self._implied or (said & _VIA and kind in LINKS):
            raise self._surprised(path)
        content = self._content_of(member) if kind == "hardlink" else path
        hidden = hidden or said & _PARENT
        self._leaves[path] = b"" if hidden else content
        if hidden:
            self._dropped(parent)
            return None
        if not content:
            raise self._surprised(path)
        return renamed(member, path, content)

    def finish(self) -> None:
        """
        Tell the layers below.
        """
        for mark in self._marks:
            if isinstance(mark, Whiteout):
                self._claim(mark.path, _AT | _BELOW)
                self._found_through(mark.path.rpartition(b"/")[0])
            elif isinstance(mark, Opaque):
                self._claim(mark.path, _BELOW)
                self._found_through(mark.path)
        above = self._above
        for path, said in self._claims.items():
            above[path] = above.get(path, 0) | said
        for path in self._leaves:
            above[path] = above.get(path, 0) | _AT | _BELOW

    def _dropped(self, parent: bytes) -> None:
        # Nothing else may be in the directories that only this member spoke of.
        while parent in self._implied:
            said = self._above.get(parent, 0)
            above = parent.rpartition(b"/")[0]
            if said & _PARENT:
                return
            if not (said & _AT or self._is_hidden(above)):
                raise self._surprised(parent)
            parent = above

    def _root(self, member: Member) -> bytes | None:
        if self._has_root:
            raise self._surprised(b"")
        self._has_root = True
        self._claim(b"", _AT)
        return None if self._above.get(b"", 0) & _AT else renamed(member, b"")

    def _content_of(self, link: Member) -> bytes:
        target = clean(link.linkname)
        if target not in self._leaves:
            raise self._surprised(target)
        return self._leaves[target]

    def _imply(self, path: bytes) -> None:
        while path not in self._directories and path not in self._implied:
            if path in self._leaves:
                raise self._surprised(path)
            self._implied.add(path)
            self._claim(path, _PARENT | _VIA)
            path = path.rpartition(b"/")[0]

    def _found_through(self, path: bytes) -> None:
        while path not in self._directories:
            self._claim(path, _VIA)
            path = path.rpartition(b"/")[0]

    def _is_hidden(self, directory: bytes) -> bool:
        way: list[bytes] = []
        while (found := self._hidden.get(directory)) is None:
            way.append(directory)
            found = bool(self._above.get(directory, 0) & _BELOW)
            if found or not directory:
                break
            directory = directory.rpartition(b"/")[0]
        for each in way:
            self._hidden[each] = found
        return found

    def _claim(self, path: bytes, said: int) -> None:
        self._claims[path] = self._claims.get(path, 0) | said

    def _surprised(self, path: bytes) -> Surprised:
        return Surprised(layer=self._layer, path=path)
