"""
Layers as one tar stream of the tree that they make.

Nothing is marked as gone in it, nothing is there twice, and every hard link follows the
file that it is another name of. Names are relative and clean. Content, and headers that
say what they should, pass by byte for byte.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias, TypeVar

from ocikit.content.streams import CHUNK
from ocikit.tree.entry import Member
from ocikit.tree.named import Archive, Named, named
from ocikit.tree.once import Surprised, once
from ocikit.tree.plan import (
    LayerPlan,
    Plan,
    bare_directory,
    further_link,
    plan,
    renamed,
    seen,
    whiteout,
)
from ocikit.tree.reader import LIMITS, Limits, Reader
from ocikit.tree.resolve import Tree, resolve
from ocikit.tree.tarheader import END

T = TypeVar("T")
#: Gives the headers of a member at a path, and of a link to another one; see `renamed`.
Naming: TypeAlias = Callable[[Member, bytes, bytes | None], bytes]


def merge(layers: Sequence[Archive], *, limits: Limits = LIMITS) -> Iterator[bytes]:
    """
    Give the tar stream of the tree that layers make, in pieces of about 1 MiB.

    Each layer is read twice: for its names, so that the fate of every member is known
    before any is given, and for its content. `merge_into` is quicker where what was given
    may be taken back.

    Args:
        layers: lowest first.
        limits: what is taken for a bomb, in each of them.

    Raises:
        LinkTargetMissing: a hard link refers to what is not there.
        TarInvalid, TarTruncated, TarTooLarge: a layer is not a good archive.

    >>> from ocikit.content.synthetic import layer
    >>> import random
    >>> stream = b"".join(merge([layer(random.Random(1), 100)]))
    >>> len(stream) % 512
    0
    """
    planned = plan(resolve(names_of(layer, limits) for layer in layers), len(layers))
    return joined(streams(layers, planned, limits))


def merge_into(
    layers: Sequence[Archive], make: Callable[[Iterator[bytes]], T], *, limits: Limits = LIMITS
) -> T:
    """
    Make something of the tar stream of the tree that layers make; see `merge`.

    Each layer is read once, as long as that is enough to know what they make of each
    other; else `make` is called a second time.

    Args:
        layers: lowest first.
        make: takes the stream to its end; gets it anew when an exception ended it.
        limits: what is taken for a bomb, in each of them.

    Raises:
        LinkTargetMissing, TarInvalid, TarTruncated, TarTooLarge: as `merge` does.

    >>> from ocikit.content.build import build_layer
    >>> from ocikit.content.synthetic import layer
    >>> import random
    >>> merge_into([layer(random.Random(1), 100)], build_layer).media_type
    'application/vnd.oci.image.layer.v1.tar+gzip'
    """
    try:
        return make(joined(once(layers, limits)))
    except Surprised:
        return make(merge(layers, limits=limits))


def squash(
    lower: Sequence[Archive], upper: Sequence[Archive], *, limits: Limits = LIMITS
) -> Iterator[bytes]:
    """
    Give the tar stream of one layer that does to lower layers what upper ones do.

    It marks as gone what they take away, and has what they add or change. Of lower
    layers names are read, and content only of files that now have other names.

    Args:
        lower: the layers below, lowest first.
        upper: those that become one, lowest first.
        limits: what is taken for a bomb, in each of them.

    Raises:
        LinkTargetMissing, TarInvalid, TarTruncated, TarTooLarge: as `merge` does.

    >>> from ocikit.content.synthetic import layer
    >>> import random
    >>> one = layer(random.Random(1), 100)
    >>> any(b"".join(squash([one], [])))
    False
    """
    tree = Tree()
    for layer in lower:
        tree.add(names_of(layer, limits))
    below = seen(tree.root)
    for layer in upper:
        tree.add(names_of(layer, limits))
    layers = (*lower, *upper)
    return joined(streams(layers, plan(tree.root, len(layers), below), limits))


def names_of(layer: Archive, limits: Limits) -> Iterator[Named]:
    """
    Give the names of the members of a layer.
    """
    with layer.uncompressed() as stream:
        yield from named(Reader(stream, limits))


def streams(
    layers: Sequence[Archive], planned: Plan, limits: Limits, naming: Naming = renamed
) -> Iterator[bytes]:
    """
    Give what is planned of layers, the top one first, in pieces of any size.
    """
    yield from map(whiteout, planned.gone)
    for layer, part in reversed([*zip(layers, planned.layers, strict=True)]):
        # Nothing of it is left: it need not be opened again.
        if part.paths:
            with layer.uncompressed() as stream:
                yield from _part(Reader(stream, limits), part, naming)
    yield from map(bare_directory, planned.bare)
    yield END


def _part(reader: Reader, part: LayerPlan, naming: Naming) -> Iterator[bytes]:
    paths, links, further = part.paths, part.links, part.further
    #: Hard links that are due before the next member.
    due: list[bytes] = []

    def decide(member: Member) -> bytes | None:
        number = member.number
        path = paths.get(number)
        if path is None:
            return None
        made = naming(member, path, links.get(number))
        if due:
            made = b"".join(due) + made
            due.clear()
        if number in further:
            due.extend(further_link(member.entry, name, path) for name in further[number])
        return made

    yield from reader.rewrite(decide)
    yield from due


def joined(pieces: Iterable[bytes], size: int = CHUNK) -> Iterator[bytes]:
    """
    Put small pieces together; large ones are given as they are.
    """
    held: list[bytes] = []
    count = 0
    for piece in pieces:
        if count + len(piece) < size:
            held.append(piece)
            count += len(piece)
            continue
        if held:
            yield b"".join(held)
            held.clear()
            count = 0
        yield piece
    if held:
        yield b"".join(held)
