"""
One file of an image replaced: edit_file.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Final

from ocikit import media
from ocikit._records import FrozenMap, evolve, record
from ocikit.content.build import build_layer
from ocikit.content.image import Image
from ocikit.content.layer import Layer
from ocikit.content.streams import CHUNK, Opener, Stream, chunks
from ocikit.crane.fetched import kept
from ocikit.crane.options import Options
from ocikit.digest import Digest, finish, hasher
from ocikit.mutate.layers import append
from ocikit.mutate.remade import all_layers, compression_like, new_type

if TYPE_CHECKING:
    from ocikit.tree.entry import Entry
    from ocikit.tree.filetree import File, FileTree

#: Given the content that there is, or None, gives the content that is to be.
Change = Callable[[Opener | None], Opener]

#: Links that are followed for one path; Linux follows as many.
_MOST_LINKS: Final = 40
_SECOND: Final = 10**9


def edit_file(
    image: Image,
    path: str,
    change: Change,
    options: Options,
    *,
    mode: int | None = None,
    owner: tuple[int, int] | None = None,
    mtime: int | None = None,
    created: str | None = None,
    created_by: str = "",
) -> Image:
    """
    Replace one file of an image, or add it, by a layer on top that has only that.

    The file keeps its mode, its owner and its extended attributes, and all its names. Its
    path is found through links, as a container would find it, and however it is written:
    `/etc/motd` is `etc/motd`. Where nothing changes the image itself is returned.

    Args:
        image: its layers are read for names, and the one with the file for its content.
        path: of the file, from the root.
        change: gives the new content.
        options: who is told that a file is new.
        mode: of the file; else as it was, and 0644 for a new one.
        owner: user and group id; else as it was, and 0, 0 for a new one.
        mtime: when it was changed, in seconds since 1970; else as it was, or 0.
        created: when the layer was made (RFC 3339), for the history.
        created_by: by what, likewise.

    Raises:
        NotAFile: at the path is something else than a regular file.
        PathMissing: its folder is no folder, or links lead round in circles.
        NotAnImage, NotALayer: there are no layers of files.

    >>> from ocikit.content.streams import BytesOpener
    >>> from ocikit.content.synthetic import image
    >>> import random
    >>> old = image(random.Random(1))
    >>> new = edit_file(old, "/etc/motd", lambda _: BytesOpener(b"hello"), Options())
    >>> len(new.layers), new.layers[1].media_type
    (2, 'application/vnd.oci.image.layer.v1.tar+gzip')
    """
    from ocikit.tree.checked import checked
    from ocikit.tree.filetree import load
    from ocikit.tree.opened import NotAFile

    windows = media.is_config(image.config.media_type) and image.config_file.os == "windows"
    tree = load(checked(kept(all_layers(image))))
    place = _find(tree, path, ("Files",) if windows else ())
    old = tree.files.get(place)
    if old is not None and old.kind != "file":
        raise NotAFile(path=path, kind=old.kind)
    content = change(None if old is None else _Content(tree, place))
    digest, size = _measure(content)
    entry = _entry(old, place, size, mode, owner, mtime)
    if old is None:
        said = f"mode {entry.mode:04o}, owner {entry.uid}:{entry.gid}"
        options.notice(f"{path}: is new; {said}")
    elif (digest, size) == _measure(_Content(tree, place)) and _same_facts(entry, old.entry):
        return image
    members = _members(tree, entry, old, content)
    made = _layer(image, members, windows)
    return append(image, made, created=created, created_by=created_by or f"edit {path}")


def _find(tree: FileTree, path: str, root: tuple[str, ...]) -> str:
    """
    Give the path where a file is, or is to be: links are followed, the last one too.
    """
    from ocikit.tree.filetree import PathMissing

    todo, here, links = path.split("/")[::-1], [*root], 0
    while todo:
        name = todo.pop()
        if name in ("", ".", ".."):
            here = here[:-1] if name == ".." and len(here) > len(root) else here
            continue
        file = tree.files.get("/".join([*here, name]))
        if file is not None and file.kind == "symlink":
            links += 1
            if links > _MOST_LINKS:
                raise PathMissing(path=path)
            target = file.entry.linkname
            here = [*root] if target.startswith("/") else here
            todo += target.split("/")[::-1]
            continue
        if file is not None and file.kind != "directory" and any(n not in ("", ".") for n in todo):
            raise PathMissing(path=path)
        here.append(name)
    return "/".join(here)


@record
class _Content:
    """
    Opens a file of a tree.
    """

    tree: FileTree
    path: str

    def open(self) -> Stream:
        """
        Read the file from its beginning.
        """
        from ocikit.tree.opened import open_file

        return open_file(self.tree, self.path)


def _measure(content: Opener) -> tuple[Digest, int]:
    running, size = hasher(), 0
    with content.open() as stream:
        for piece in chunks(stream):
            running.update(piece)
            size += len(piece)
    return finish(running), size


def _entry(
    old: File | None,
    path: str,
    size: int,
    mode: int | None,
    owner: tuple[int, int] | None,
    mtime: int | None,
) -> Entry:
    from ocikit.tree.entry import Entry
    from ocikit.tree.fields import XATTR

    entry = Entry(name=path) if old is None else old.entry
    pax = FrozenMap({key: value for key, value in entry.pax.items() if key.startswith(XATTR)})
    entry = evolve(entry, name=path, size=size, pax=pax)
    if mode is not None:
        entry = evolve(entry, mode=mode)
    if owner is not None:
        # Names that the file had were those of other numbers.
        entry = evolve(entry, uid=owner[0], gid=owner[1], uname="", gname="")
    return entry if mtime is None else evolve(entry, mtime_ns=mtime * _SECOND)


def _same_facts(one: Entry, other: Entry) -> bool:
    return (one.mode, one.uid, one.gid) == (other.mode, other.uid, other.gid)


def _members(
    tree: FileTree, entry: Entry, old: File | None, content: Opener
) -> Iterator[tuple[Entry, Opener | None]]:
    from ocikit.tree.entry import Entry

    parts = entry.name.split("/")[:-1]
    for count in range(1, len(parts) + 1):
        folder = "/".join(parts[:count])
        if folder not in tree.files:
            facts = Entry(name=folder, kind="directory", mode=0o755, mtime_ns=entry.mtime_ns)
            yield facts, None
    yield entry, content
    for link in old.links if old is not None else ():
        # Who writes to a file changes it under all its names.
        if link != entry.name:
            facts = evolve(entry, name=link, kind="hardlink", size=0, linkname=entry.name)
            yield evolve(facts, pax=FrozenMap()), None


def _layer(image: Image, members: Iterable[tuple[Entry, Opener | None]], windows: bool) -> Layer:
    compression = compression_like(image.layers)
    if not windows:
        kind = new_type(image, compression)
        return build_layer(_archive(members), compression=compression, media_type=kind)
    from ocikit.content.compression import Plain
    from ocikit.content.windows import for_windows

    inside = (
        (evolve(entry, name=_inside(entry.name), linkname=_inside(entry.linkname)), content)
        for entry, content in members
    )
    plain = build_layer(_archive(inside), compression=Plain())
    docker = media.is_docker(image.media_type)
    return for_windows(plain, compression=compression, docker=docker)


def _inside(path: str) -> str:
    return path.removeprefix("Files/")


def _archive(members: Iterable[tuple[Entry, Opener | None]]) -> Iterator[bytes]:
    from ocikit.tree.tarheader import END, padding
    from ocikit.tree.writer import header

    for entry, content in members:
        yield header(entry)
        if content is not None:
            with content.open() as stream:
                yield from iter(functools.partial(stream.read, CHUNK), b"")
            yield padding(entry.size)
    yield END
