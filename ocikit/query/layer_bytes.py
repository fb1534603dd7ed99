"""
What is wrong with the bytes of a blob or layer.

Each is opened once and read once: counted, hashed, decompressed, hashed again, and its
tar entries read, in one pass and bounded memory.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, cast

from ocikit import media
from ocikit._records import record
from ocikit.content.blob import Blob
from ocikit.content.compression import (
    CompressionInvalid,
    DecompressionBomb,
    decompress,
    sniff,
)
from ocikit.content.layer import Layer
from ocikit.content.streams import CHUNK, Stream
from ocikit.digest import Digest, finish, hasher
from ocikit.errors import Missing
from ocikit.query.finding import FAILURES, Severity

if TYPE_CHECKING:
    import tarfile

#: How much tarfile reads at a time: a multiple of its blocks.
_READ: Final = 512 << 9
_BLOCK: Final = 512
#: How many entries are named in one finding.
_NAMED: Final = 3


@record
class Problem:
    """
    A finding before it is known where its blob lies.
    """

    severity: Severity
    message: str


def read_blob(blob: Blob) -> tuple[Problem, ...]:
    """
    Read a blob whole, and tell whether it is what its descriptor says.
    """
    try:
        with blob.open() as stream:
            stream.drain()
    except FAILURES as error:
        return (_failure(blob, error),)
    return ()


def read_layer(layer: Layer, diff_id: Digest | None) -> tuple[Problem, ...]:
    """
    Read a layer whole: its blob, what it uncompresses to, and its tar entries.

    Args:
        layer: opened once.
        diff_id: what the configuration says it uncompresses to; None when it does not.
    """
    problems: list[Problem] = []
    try:
        with layer.blob.open() as verified:
            head = io.BufferedReader(cast("io.RawIOBase", verified))
            found = sniff(head.peek(4)[:4])
            problems += _promised(layer.media_type, found)
            try:
                problems += _read_tar(decompress(head), diff_id)
            except (CompressionInvalid, DecompressionBomb) as error:
                # Where the blob itself is not the right one, that explains the rest.
                verified.drain()
                problems.append(Problem(Severity.ERROR, str(error)))
    except FAILURES as error:
        problems.append(_failure(layer.blob, error))
    return tuple(problems)


def _failure(blob: Blob, error: Exception) -> Problem:
    if isinstance(error, Missing) and media.is_foreign(blob.media_type):
        return Problem(Severity.NOTE, "it is not to be distributed, and is not here")
    return Problem(Severity.ERROR, str(error))


def _promised(media_type: str, found: str) -> Iterator[Problem]:
    promised = media.compression_of(media_type)
    if promised not in (None, found):
        reason = f"its media type promises compression {promised!r}, its bytes are {found!r}"
        yield Problem(Severity.WARNING, reason)


def _read_tar(stream: Stream, diff_id: Digest | None) -> Iterator[Problem]:
    import tarfile

    tee = _Tee(stream, "sha256" if diff_id is None else diff_id.algorithm)
    twice: dict[str, None] = {}
    try:
        yield from _entries(tee, twice)
    except (tarfile.TarError, ValueError, OverflowError) as error:
        if tee.count:
            yield Problem(Severity.ERROR, f"its tar cannot be read: {error}")
    while tee.read(CHUNK):
        pass
    if twice:
        names = ", ".join(map(repr, [*twice][:_NAMED]))
        more = f" and {len(twice) - _NAMED} more" if len(twice) > _NAMED else ""
        yield Problem(Severity.NOTE, f"entries are there twice: {names}{more}; the last counts")
    if diff_id is not None and tee.diff_id != diff_id:
        reason = f"it uncompresses to {tee.diff_id}, but the config lists diff ID {diff_id}"
        yield Problem(Severity.ERROR, reason)


def _entries(tee: _Tee, twice: dict[str, None]) -> Iterator[Problem]:
    import tarfile

    seen: set[str] = set()
    with tarfile.open(fileobj=cast("Any", tee), mode="r|", bufsize=_READ) as tar:
        while (entry := tar.next()) is not None:
            name = entry.name.removeprefix("./").rstrip("/")
            # tarfile would remember every entry.
            cast("Any", tar).members.clear()
            if name in seen:
                twice[name] = None
            seen.add(name)
        yield from _ending(tar, tee)


def _ending(tar: tarfile.TarFile, tee: _Tee) -> Iterator[Problem]:
    # tarfile takes a header that it cannot read for the end of the archive.
    rest = tee.since(tar.offset)
    if rest[:_BLOCK].strip(b"\0"):
        reason = f"its tar cannot be read: there is no header at byte {tar.offset}"
        yield Problem(Severity.ERROR, reason)
        return
    more = bool(rest.strip(b"\0"))
    while chunk := tee.read(CHUNK):
        more = more or bool(chunk.strip(b"\0"))
    if more:
        yield Problem(Severity.WARNING, "there is more after the end of its tar")


class _Tee:
    """
    Hashes what is read through it, and remembers the last of it.
    """

    def __init__(self, stream: Stream, algorithm: str) -> None:
        self._stream = stream
        self._hash = hasher(algorithm)
        self._last: tuple[bytes, bytes] = (b"", b"")
        self.count = 0

    def read(self, size: int = -1, /) -> bytes:
        chunk = self._stream.read(size)
        self._hash.update(chunk)
        self._last = (self._last[1], chunk) if chunk else self._last
        self.count += len(chunk)
        return chunk

    def since(self, position: int) -> bytes:
        kept = b"".join(self._last)
        return kept[max(0, position - (self.count - len(kept))) :]

    @property
    def diff_id(self) -> Digest:
        return finish(self._hash)
