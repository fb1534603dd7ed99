"""
One streaming reader of tar archives: headers are read, content passes by untouched.

It reads what POSIX, GNU tar, star and their forebears write, as Go's reader does, since
that is what engines unpack layers with. What two readers would read in two ways is
refused: members that one of them does not see (CVE-2025-62518).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from ocikit._records import EMPTY, FrozenMap, evolve, record
from ocikit.content.streams import Stream
from ocikit.tree import extensions, fields, headers
from ocikit.tree.entry import LINKS, Member
from ocikit.tree.extensions import EXTENSIONS, PAX, SHARED_PAX, SPARSE, Extensions
from ocikit.tree.faults import TarInvalid, TarTooLarge, TarTruncated
from ocikit.tree.headers import plain, plain_pax
from ocikit.tree.window import BLOCK, Window
from ocikit.tree.writer import header as written

_ZEROS: Final = bytes(BLOCK)
_SPARSE: Final = fields.SPARSE.encode()


@record(kw_only=True)
class Limits:
    """
    More than this of anything is taken for a bomb.
    """

    #: Members of one archive.
    members: int = 5_000_000
    #: Bytes of one header that extends another: pax records, a long name.
    extension: int = 1 << 20
    #: Bytes of a path; Linux has none that is longer.
    path: int = 4096
    #: Folders within each other.
    depth: int = 512


LIMITS: Final = Limits()


class Reader:
    """
    Walks over the members of an archive, each once.

    The content of a member can be read until the next one is asked for.

    >>> import io
    >>> from ocikit.tree.tarheader import END, header
    >>> reader = Reader(io.BytesIO(header(b"a", size=2) + b"hi".ljust(512, b"\\0") + END))
    >>> [(member.name, b"".join(reader.content())) for member in reader]
    [(b'a', b'hi')]
    """

    def __init__(self, stream: Stream, limits: Limits = LIMITS) -> None:
        self._window = Window(stream)
        self._limits = limits
        #: The pax records of global headers.
        self._shared: FrozenMap[str, bytes] = EMPTY
        self._number = -1
        #: Where in the stream the member begins, and where its content ends.
        self._offset = self._last = 0
        #: Where in the window the member begins, and where it goes on.
        self._start = self._at = 0
        #: What is left of its content: with padding and without.
        self._left = self._content = 0
        #: Where in the window that begins which `rewrite` has yet to give.
        self._run = -1
        self._given: list[bytes] = []

    def __iter__(self) -> Iterator[Member]:
        """
        Give the members in order.

        Raises:
            TarInvalid: a header is not one, or can be read in two ways.
            TarTruncated: the archive ends within a member.
            TarTooLarge: there is more of something than the limits allow.
        """
        while (member := self._next()) is not None:
            yield member

    @property
    def end(self) -> int:
        """
        Where the content of the member ends, in bytes from the beginning of the archive.
        """
        return self._last

    def content(self) -> Iterator[bytes]:
        """
        Give the content of the member, as it is stored, in pieces of up to 1 MiB.
        """
        while self._content:
            if self._at == len(self._window.buffer):
                self._refill()
                self._at = 0
            piece = self._window.buffer[self._at : self._at + self._content]
            self._at += len(piece)
            self._left -= len(piece)
            self._content -= len(piece)
            yield piece

    def rewrite(self, decide: Callable[[Member], bytes | None]) -> Iterator[bytes]:
        """
        Give the archive anew, but for its end, with other headers or fewer members.

        Content passes by untouched; what is kept in a row is one piece.

        Args:
            decide: gives the header of a member, `member.header` to leave it as it is,
                or None to leave the member out.

        Raises:
            TarInvalid, TarTruncated, TarTooLarge: as iterating does.
        """
        while (member := self._next()) is not None:
            if self._given:
                yield from self._given
                self._given.clear()
            header = decide(member)
            if header is not member.header or self._shared:
                if self._run >= 0:
                    yield self._window.buffer[self._run : self._start]
                    self._run = -1
                if header is None:
                    continue
                yield header
                self._run = self._at
            elif self._run < 0:
                self._run = self._start
            if self._at + self._left >= len(self._window.buffer):
                yield from self._rest()
        if self._run >= 0:
            yield self._window.buffer[self._run : self._start]

    def _rest(self) -> Iterator[bytes]:
        window = self._window
        while self._at + self._left >= len(window.buffer):
            yield window.buffer[self._run :]
            self._left -= len(window.buffer) - self._at
            self._at = self._run = 0
            if not self._refill():
                break

    def _next(self) -> Member | None:
        window = self._window
        at = self._at + self._left
        if at >= len(window.buffer):
            at = self._skip(at)
        self._start = at
        self._offset = window.base + at
        self._number += 1
        member = None if self._shared else self._plainly(window.buffer, at)
        if member is None:
            member = self._closely()
            if member is None:
                return None
            at = self._at
        else:
            self._at = at = at + len(member.header)
        self._content = size = member.size
        self._left = (size + BLOCK - 1) & -BLOCK
        self._last = window.base + at + size
        if window.ended:
            self._check_end()
        return member

    def _plainly(self, buffer: bytes, at: int) -> Member | None:
        """
        Read a member as nearly all are; None where a closer look is needed.
        """
        block = buffer[at : at + BLOCK]
        if block[156:157] == PAX:
            return self._plainly_with_pax(buffer, at, block)
        facts = plain(block) if block else None
        if facts is None:
            return None
        name, kind, size, link = facts
        return Member(self._number, self._offset, name, kind, size, link, block, block)

    def _plainly_with_pax(self, buffer: bytes, at: int, block: bytes) -> Member | None:
        # Records that only add facts to a plain header.
        limits = self._limits
        size = plain_pax(block)
        if size is None or size > limits.extension:
            return None
        begin = at + BLOCK
        end = begin + ((size + BLOCK - 1) & -BLOCK)
        own = buffer[end : end + BLOCK]
        facts = plain(own) if own else None
        if facts is None:
            return None
        content = buffer[begin : begin + size]
        try:
            pax = fields.records(content)
        except ValueError:
            return None
        if fields.SIZE in pax or content.find(_SPARSE) >= 0:
            return None
        name, kind, stored, link = facts
        name = pax.get(fields.PATH) or name
        if kind in LINKS:
            link = pax.get(fields.LINK) or link
        if len(name) > limits.depth and name.count(b"/") > limits.depth:
            return None
        if len(name) > limits.path or len(link) > limits.path:
            return None
        header = buffer[at : end + BLOCK]
        number, offset = self._number, self._offset
        return Member(number, offset, name, kind, stored, link, header, own, FrozenMap(pax))

    def _closely(self) -> Member | None:
        try:
            found = Extensions(self._shared)
            size = 0
            while (block := self._block(size)) is not None:
                flag = headers.flag_of(block)
                if flag == SHARED_PAX and not size:
                    self._share(block)
                    found = Extensions(self._shared)
                elif flag in EXTENSIONS:
                    found.add(flag, self._extension(block, size))
                    size = self._at - self._start
                else:
                    return self._extended(block, flag, found, size)
        except ValueError as error:
            raise self._invalid(str(error)) from None
        return None

    def _extended(self, block: bytes, flag: bytes, found: Extensions, size: int) -> Member:
        name, linkname = headers.names_of(block)
        name, pax = found.name(name), found.pax
        kind = headers.kind_of(flag, name)
        end = size + BLOCK
        if flag == SPARSE:
            end = self._map_end(end)
            pax = pax | extensions.sparse_map(self._held(size, end))
        header = self._held(0, end)
        self._at = self._start + end
        said = found.size()
        stored = headers.size_of(block) if said is None else said
        member = Member(
            self._number,
            self._offset,
            name,
            kind,
            stored if kind == "file" else 0,
            found.linkname(linkname) if kind in LINKS else b"",
            header,
            block,
            pax,
        )
        self._limit("path", max(len(name), len(member.linkname)), self._limits.path)
        self._limit("depth of folders", name.count(b"/"), self._limits.depth)
        return evolve(member, header=written(member.entry)) if self._shared else member

    def _map_end(self, end: int) -> int:
        # Where the blocks end that go on with the map of a sparse file.
        block, first = self._held(end - BLOCK, end), True
        while extensions.more_blocks(block, header=first):
            block, first, end = self._held(end, end + BLOCK), False, end + BLOCK
            self._limit("map of a sparse file", end, self._limits.extension)
        return end

    def _share(self, block: bytes) -> None:
        # A global header is no part of the member that follows, nor of what is given on.
        self._shared = extensions.shared(self._shared, self._extension(block, 0))
        self._cut()
        self._start = self._at
        self._offset = self._window.base + self._start

    def _extension(self, block: bytes, begin: int) -> bytes:
        size = headers.size_of(block)
        self._limit("extension header", size, self._limits.extension)
        content = self._held(begin + BLOCK, begin + BLOCK + size)
        end = begin + BLOCK + (size + BLOCK - 1) // BLOCK * BLOCK
        self._held(end, end)
        self._at = self._start + end
        return content

    def _block(self, begin: int) -> bytes | None:
        """
        Give the next header block; None where the archive ends.
        """
        there = self._hold(begin + BLOCK)
        at = self._start + begin
        block = self._window.buffer[at : at + BLOCK]
        if there and block != _ZEROS:
            return block
        if begin:
            raise ValueError("nothing follows a header that extends the next one")
        if there and self._hold(2 * BLOCK):
            at = self._start + BLOCK
            if self._window.buffer[at : at + BLOCK] != _ZEROS:
                raise ValueError("an empty block is in its place; some readers stop there")
        return None

    def _held(self, begin: int, end: int) -> bytes:
        if not self._hold(end):
            raise self._truncated()
        return self._window.buffer[self._start + begin : self._start + end]

    def _hold(self, size: int) -> bool:
        """
        Have that many bytes of the member in the window; tell whether there are as many.
        """
        window = self._window
        while len(window.buffer) - self._start < size:
            self._cut(0)
            more = window.extend(self._start)
            self._start = 0
            if not more:
                return False
        return True

    def _cut(self, run: int = -1) -> None:
        # Give on what is before the member, while it is still there.
        if self._run >= 0:
            self._given.append(self._window.buffer[self._run : self._start])
            self._run = run

    def _skip(self, at: int) -> int:
        while at >= len(self._window.buffer):
            at -= len(self._window.buffer)
            if not self._refill():
                break
        return at

    def _refill(self) -> bool:
        self._limit("members", self._number, self._limits.members)
        more = self._window.refill()
        self._check_end()
        return more

    def _check_end(self) -> None:
        if self._window.ended and self._last > self._window.total:
            raise self._truncated()

    def _limit(self, what: str, count: int, limit: int) -> None:
        if count > limit:
            raise TarTooLarge(number=self._number, offset=self._offset, what=what, limit=limit)

    def _truncated(self) -> TarTruncated:
        there = self._window.total - self._offset
        return TarTruncated(number=self._number, offset=self._offset, there=there)

    def _invalid(self, reason: str) -> TarInvalid:
        return TarInvalid(number=self._number, offset=self._offset, reason=reason)
