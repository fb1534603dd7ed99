"""
The layer that turns one tree into another.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import Final

from ocikit._records import evolve
from ocikit.content.build import build_layer
from ocikit.content.compression import DEFAULT, Compression
from ocikit.content.layer import Layer
from ocikit.content.spool import Spool
from ocikit.content.streams import CHUNK
from ocikit.tree.delta import Delta, delta
from ocikit.tree.difference import compare
from ocikit.tree.filetree import File, FileTree
from ocikit.tree.opened import stored
from ocikit.tree.overlay import joined
from ocikit.tree.paths import written
from ocikit.tree.plan import further_link, whiteout
from ocikit.tree.resolve import Place
from ocikit.tree.tarheader import END, padding
from ocikit.tree.writer import header

#: What differs when a file has other names, and is the same otherwise.
_NAMES: Final = ("links",)


def transition(before: FileTree, after: FileTree, *, parents: bool = False) -> Iterator[bytes]:
    """
    Give the tar stream of the layer that turns one tree into another.

    It marks what is gone, and has what is new or has changed, in the order of the tree:
    the same trees give the same stream, whatever layers they are made of. What has not
    changed is not in it, but for further names of files that have.

    Content is read from the layers of `after`, each once, and kept in memory up to
    8 MiB, beyond in a temporary file: layers have it in an order of their own.

    Args:
        before: the tree of the layers below.
        after: the tree that they and the new one make.
        parents: write the directories too in which something changes. Engines that
            unpack each layer into a folder of its own, as Docker's overlay2 does, give
            those that it does not speak of mode 0755, and root as their owner.

    >>> from ocikit.content.synthetic import layer
    >>> from ocikit.tree.filetree import load
    >>> import random
    >>> one, two = (load([layer(random.Random(seed), 100)]) for seed in (1, 2))
    >>> any(b"".join(transition(one, one))), any(b"".join(transition(one, two)))
    (False, True)
    """
    changes = compare(before, after)
    changed = {change.path for change in changes if change.after and change.facts != _NAMES}
    return joined(_stream(after, delta(before.files, after.files, changed, parents=parents)))


def transition_layer(
    before: FileTree,
    after: FileTree,
    *,
    parents: bool = False,
    compression: Compression = DEFAULT,
    docker: bool = False,
) -> Layer:
    """
    Make the layer that turns one tree into another; see `transition`.

    Args:
        before: the tree of the layers below.
        after: the tree that they and the new one make.
        parents: write the directories too in which something changes.
        compression: how the layer is written.
        docker: give the layer Docker's media type instead of OCI's.

    >>> from ocikit.content.synthetic import layer
    >>> from ocikit.tree.filetree import load
    >>> import random
    >>> one, two = (layer(random.Random(seed), 100) for seed in (1, 2))
    >>> made = transition_layer(load([one]), load([two]))
    >>> compare(load([one, made]), load([two]))
    ()
    """
    chunks = transition(before, after, parents=parents)
    return build_layer(chunks, compression=compression, docker=docker)


def _stream(after: FileTree, change: Delta) -> Iterator[bytes]:
    yield from map(whiteout, map(_bytes, change.gone))
    kept = _Kept(after, (file for file in change.written if file.path not in change.links))
    for file in change.written:
        path, link = _bytes(file.path), change.links.get(file.path)
        if link is None:
            yield header(evolve(file.entry, name=written(path)))
            yield from kept.content(file)
        else:
            yield further_link(file.entry, path, _bytes(link))
    yield END


def _bytes(path: str) -> bytes:
    return path.encode("utf-8", "surrogateescape")


class _Kept:
    """
    Content as layers store it, to be had in any order.
    """

    def __init__(self, tree: FileTree, files: Iterable[File]) -> None:
        spool = Spool()
        #: Where the content of a member begins.
        self._starts: dict[Place, int] = {}
        for file, _, pieces in stored(tree, files):
            if file.place is not None:
                self._starts[file.place] = spool.size
            for piece in pieces:
                spool.write(piece)
        self._stream = spool.opener().open()

    def content(self, file: File) -> Iterator[bytes]:
        """
        Give the content of a file, and what fills up its last block.
        """
        if file.kind != "file" or file.place is None:
            return
        assert isinstance(self._stream, io.IOBase)
        self._stream.seek(self._starts[file.place])
        left = file.entry.size
        while left:
            piece = self._stream.read(min(left, CHUNK))
            left -= len(piece)
            yield piece
        yield padding(file.entry.size)
