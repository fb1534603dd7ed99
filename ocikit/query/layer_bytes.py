"""
What is wrong with the bytes of a blob or layer.

Each is opened once and read once: counted, hashed, decompressed, hashed again, and its
tar entries read, in one pass and bounded memory.
"""

from __future__ import annotations

import contextlib
import io
from array import array
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import cast

import attrs

from ocikit import media
from ocikit._records import record
from ocikit.content.ahead import AheadStream
from ocikit.content.blob import Blob
from ocikit.content.compression import (
    CompressionInvalid,
    DecompressionBomb,
    decompress,
    sniff,
)
from ocikit.content.layer import Layer
from ocikit.content.streams import Stream
from ocikit.digest import Digest, finish, hasher
from ocikit.errors import Missing
from ocikit.query.counted import Counted
from ocikit.query.finding import FAILURES, Finding, Severity, below
from ocikit.query.layer_members import Members, Problem, Some
from ocikit.tree.faults import TarInvalid, TarTooLarge, TarTruncated
from ocikit.tree.overlay import names_of
from ocikit.tree.reader import LIMITS, Reader
from ocikit.tree.resolve import LinkTargetMissing, resolve
from ocikit.tree.tarheader import BLOCK


@record
class Reading:
    """
    What came of reading a layer.
    """

    problems: tuple[Problem, ...]
    #: Whether it has hard links that may refer to what is not there.
    loose_links: bool = False
    #: Hashes of the paths that are in it.
    names: array[int] = attrs.field(factory=lambda: array("q"), repr=False)
    #: The paths that it takes away from the layers below.
    taken: tuple[bytes, ...] = ()


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


def read_layer(layer: Layer, diff_id: Digest | None) -> Reading:
    """
    Read a layer whole: its blob, what it uncompresses to, and its tar members.

    Args:
        layer: opened once.
        diff_id: what the configuration says it uncompresses to; None when it does not.
    """
    problems: list[Problem] = []
    members = Members()
    try:
        with layer.blob.open() as verified:
            head = io.BufferedReader(cast("io.RawIOBase", verified))
            found = sniff(head.peek(4)[:4])
            problems += _promised(layer.media_type, found)
            with contextlib.closing(AheadStream(decompress(head))) as stream:
                try:
                    problems += _read_tar(stream, diff_id, members)
                except (CompressionInvalid, DecompressionBomb) as error:
                    # Where the blob itself is not the right one, that explains the rest.
                    verified.drain()
                    problems.append(Problem(Severity.ERROR, str(error)))
    except FAILURES as error:
        problems.append(_failure(layer.blob, error))
    return Reading(tuple(problems), members.loose_links, members.names, tuple(members.taken))


def link_findings(layers: Sequence[Layer], where: str) -> Iterator[Finding]:
    """
    Look whether hard links refer to something, in their layer or those below.

    The layers are read again, for their names.
    """
    try:
        resolve(names_of(layer, LIMITS) for layer in layers)
    except LinkTargetMissing as error:
        yield Finding(Severity.ERROR, below(where, f"layer {error.layer + 1}"), str(error))


def taken_findings(
    lower: Sequence[array[int]], taken: Sequence[bytes], where: str
) -> Iterator[Finding]:
    """
    Look whether what a layer takes away is in any of those below.

    Args:
        lower: hashes of the paths of each lower layer.
        taken: the paths that the layer marks as gone.
        where: where the layer is.
    """
    if not taken:
        return
    there = set(chain.from_iterable(lower))
    unused = Some()
    for path in taken:
        if hash(path) not in there:
            unused.add(path)
    if unused:
        reason = f"it takes away what no layer below has: {unused}"
        yield Finding(Severity.NOTE, where, reason)


def _failure(blob: Blob, error: Exception) -> Problem:
    if isinstance(error, Missing) and media.is_foreign(blob.media_type):
        return Problem(Severity.NOTE, "it is not to be distributed, and is not here")
    return Problem(Severity.ERROR, str(error))


def _promised(media_type: str, found: str) -> Iterator[Problem]:
    promised = media.compression_of(media_type)
    if promised not in (None, found):
        reason = f"its media type promises compression {promised!r}, its bytes are {found!r}"
        yield Problem(Severity.WARNING, reason)


def _read_tar(stream: Stream, diff_id: Digest | None, members: Members) -> Iterator[Problem]:
    running = hasher("sha256" if diff_id is None else diff_id.algorithm)
    counted = Counted(stream, running)
    reader = Reader(counted)
    try:
        for member in reader:
            members.add(member, reader)
    except (TarInvalid, TarTooLarge, TarTruncated) as error:
        yield Problem(Severity.ERROR, f"its tar cannot be read: {error}")
        counted.drain()
    else:
        counted.drain()
        if counted.full > reader.end + -reader.end % BLOCK:
            yield Problem(Severity.WARNING, "there is more after the end of its tar")
    yield from members.problems()
    actual = finish(running)
    if diff_id is not None and actual != diff_id:
        reason = f"it uncompresses to {actual}, but the config lists diff ID {diff_id}"
        yield Problem(Severity.ERROR, reason)
