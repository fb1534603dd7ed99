"""
What a folder has that layers have not, as the layer that goes on top of them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence, Set
from typing import Final

from ocikit._records import evolve
from ocikit.content.build import build_layer
from ocikit.content.compression import DEFAULT, Compression
from ocikit.content.image import Image
from ocikit.content.layer import Layer
from ocikit.digest import Digest, digest_of
from ocikit.files.folder import Exclude, content, matcher
from ocikit.files.found import DEVICES, Found, found_in
from ocikit.files.told import Rules, has_late_time, told
from ocikit.tree.checked import checked
from ocikit.tree.delta import Delta, delta
from ocikit.tree.difference import FACTS, Fact, digests, facts_of
from ocikit.tree.filetree import File, FileTree, load
from ocikit.tree.overlay import joined
from ocikit.tree.paths import written
from ocikit.tree.plan import further_link, whiteout
from ocikit.tree.reader import LIMITS, Limits
from ocikit.tree.tarheader import END, padding
from ocikit.tree.writer import header

#: Facts that are others when content is, and else hardly ever.
_OF_CONTENT: Final = frozenset(["kind", "size", "mtime_ns", "content"])


def difference(
    folder: str | os.PathLike[str],
    below: Image | Sequence[Layer] | FileTree,
    *,
    owners: bool | None = None,
    epoch: int | None = None,
    exclude: Exclude = (),
    ignore: Collection[Fact] = (),
    contents: bool = False,
    parents: bool = True,
    compression: Compression = DEFAULT,
    docker: bool = False,
    limits: Limits = LIMITS,
) -> Layer:
    """
    Make the layer that makes of an image what a folder is: a root file system that was
    extracted from it, and then changed.

    It marks what is gone, and has what is new or has changed; when nothing has, it has no
    members. Facts are compared first. Content is where they cannot tell: where times are
    ignored, or later than `epoch`. Times count to the second where layers have seconds.

    Without `owners`, what an ordinary user cannot have on disk stays as layers have it:
    owners, devices, and, until a file is written to, its set-id bits and attributes of
    the system. New files are root's.

    Args:
        folder: the root file system; sockets in it are passed over.
        below: an image, layers, lowest first, or their tree.
        owners: take owners from the disk; None means to do so as root.
        epoch: no time that is written is later, in seconds since 1970.
        exclude: shell patterns of what stays as it is below, or a predicate of paths; what
            is in an excluded folder stays with it.
        ignore: facts that may differ: `mtime_ns` for a folder that has lost its times.
        contents: compare content as well where facts are equal.
        parents: write the directories too in which something changes; see
            `ocikit.tree.transitions.transition`.
        compression: how the layer is written.
        docker: give the layer Docker's media type instead of OCI's.
        limits: what is taken for a bomb, in each of the layers.

    Raises:
        NameReserved: a file cannot be in a layer under its name.
        FileMissing, FileUnreadable: something cannot be read.
        FileChanged: something was written to meanwhile.
        DiffIDMismatch: a layer is not the one that the configuration speaks of.
        LinkTargetMissing, TarInvalid, TarTruncated, TarTooLarge: a layer is not good.

    >>> from ocikit.content.synthetic import layer
    >>> from ocikit.files.extraction import extract
    >>> import pathlib, random, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = extract([layer(random.Random(1), 100)], folder)
    ...     same = difference(folder, [layer(random.Random(1), 100)])
    ...     _ = pathlib.Path(folder, "new").write_text("new")
    ...     other = difference(folder, [layer(random.Random(1), 100)])
    >>> any(same.uncompressed().read()), any(other.uncompressed().read())
    (False, True)
    """
    if not isinstance(below, FileTree):
        layers = below.layers if isinstance(below, Image) else below
        below = load(checked(layers), limits=limits)
    rules = Rules(owners=os.geteuid() == 0 if owners is None else owners, epoch=epoch)
    excluded = matcher(exclude)
    found = found_in(os.fsencode(folder), excluded, links="links" not in ignore)
    before = dict(_comparable(below, found, excluded, rules, links="links" not in ignore))
    differ = _differ(below, _unsure(before, found, rules, ignore, contents), found)
    after, changed = _after(before, found, rules, ignore, differ)
    change = delta(before, after, changed, parents=parents)
    return build_layer(joined(_stream(change, found)), compression=compression, docker=docker)


def _comparable(
    tree: FileTree,
    found: Mapping[str, Found],
    excluded: Callable[[str], bool],
    rules: Rules,
    *,
    links: bool,
) -> Iterator[tuple[str, File]]:
    """
    Give what layers have, but for what stays whether it is on disk or not.
    """
    stays: set[str] = set()
    for path, file in tree.files.items():
        device = file.kind in DEVICES and not rules.owners and path not in found
        if path and (path.rpartition("/")[0] in stays or device or excluded(path)):
            stays.add(path)
    for path, file in tree.files.items():
        if path in stays:
            continue
        names = tuple(name for name in file.links if links and name not in stays)
        same = names == file.links
        yield path, file if same else evolve(file, links=names if len(names) > 1 else ())


def _unsure(
    before: Mapping[str, File],
    found: Mapping[str, Found],
    rules: Rules,
    ignore: Collection[Fact],
    contents: bool,
) -> list[File]:
    """
    Give the files of layers of which facts alone do not tell whether they have changed.
    """
    pairs = [(before[path], each) for path, each in found.items() if path in before]
    alike = [
        (old, each)
        for old, each in pairs
        if old.kind == each.file.kind == "file" and old.size == each.info.st_size > 0
    ]
    if "content" in ignore:
        return []
    if contents or "mtime_ns" in ignore:
        return [old for old, _ in alike]
    return [old for old, each in alike if has_late_time(each, old.entry, rules)]


def _differ(tree: FileTree, unsure: list[File], found: Mapping[str, Found]) -> set[str]:
    theirs = digests(tree, unsure)
    return {old.path for old in unsure if theirs[old.place] != _digest(found[old.path])}


def _digest(found: Found) -> Digest:
    return digest_of(content(found.place, found.info))


def _after(
    before: Mapping[str, File],
    found: Mapping[str, Found],
    rules: Rules,
    ignore: Collection[Fact],
    differ: Set[str],
) -> tuple[dict[str, File], set[str]]:
    """
    Give what the layers are to make, and what of it is new or has changed.
    """
    after: dict[str, File] = {}
    changed: set[str] = set()
    asked: tuple[Fact, ...] = tuple(f for f in FACTS if f not in ignore and f != "links")
    for path, each in found.items():
        old = before.get(path)
        if old is None:
            changed.add(path)
            after[path] = evolve(each.file, entry=told(each, None, rules))
            continue
        file = evolve(each.file, entry=told(each, old.entry, rules))
        facts = {*facts_of(old, file, asked, path in differ)}
        if old.layer is None:
            # No layer speaks of the directory, let alone of its time.
            facts = facts - {"mtime_ns"} if path else set()
        if facts:
            changed.add(path)
            same = file.kind != "file" or facts.isdisjoint(_OF_CONTENT)
            after[path] = evolve(file, entry=told(each, old.entry, rules, same=same))
        else:
            # As it is below, should it be written as the parent of something.
            after[path] = old if file.kind == "directory" else file
    return after, changed


def _stream(change: Delta, found: Mapping[str, Found]) -> Iterator[bytes]:
    for path in change.gone:
        yield whiteout(_bytes(path))
    for file in change.written:
        link = change.links.get(file.path)
        if link is not None:
            yield further_link(file.entry, _bytes(file.path), _bytes(link))
            continue
        yield header(evolve(file.entry, name=written(_bytes(file.path))))
        if file.kind == "file":
            each = found[file.path]
            yield from content(each.place, each.info)
            yield padding(each.info.st_size)
    yield END


def _bytes(path: str) -> bytes:
    return path.encode("utf-8", "surrogateescape")
