"""
The files of an image, without unpacking it: files, files_at, listed.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import attrs

from ocikit._records import FrozenMap, evolve, record
from ocikit.content.image import Content, Image
from ocikit.content.layer import Layer
from ocikit.crane.fetched import fetched, kept
from ocikit.crane.options import Options
from ocikit.crane.places import load, one_image
from ocikit.mutate.remade import all_layers
from ocikit.picture.instructions import made_by
from ocikit.spec.config import History

if TYPE_CHECKING:
    from ocikit.tree.filetree import File, FileTree

_GLOB = frozenset("*?[")


@record(kw_only=True)
class Files:
    """
    The files that a container of an image would see, and where they come from.
    """

    image: Image
    tree: FileTree = attrs.field(eq=False)

    @functools.cached_property
    def made_by(self) -> tuple[History, ...]:
        """
        The entry of the history for each layer, lowest first; empty where none is known.
        """
        return made_by(self.image)

    def layer_of(self, file: File) -> tuple[Layer, History] | None:
        """
        Give the layer that put a file where it is, and how it came to be.

        None for a directory that only has to be there, because something is in it.
        """
        if file.layer is None:
            return None
        return self.image.layers[file.layer], self.made_by[file.layer]


def files(source: str | Content, options: Options) -> Files:
    """
    Give the files of an image: names and facts, in what order and from which layer.

    The layers are read, from a registry into temporary files, so that content can be
    opened with `ocikit.tree.open_file` without being downloaded again.

    Args:
        source: any place, or content.
        options: how to reach it, and which of its platforms is wanted.

    Raises:
        NotALayer: not all blobs are layers of files.
        PlatformMissing, PlaceUnsupported: there is no image.
        Corrupt, Missing, Unreachable: a layer is not what it should be, or not there.

    >>> from ocikit.content.synthetic import image
    >>> import random
    >>> found = files(image(random.Random(1), size=100), Options())
    >>> [file.kind for file in listed(found, depth=1)]
    ['directory']
    """
    from ocikit.tree.checked import checked
    from ocikit.tree.filetree import load as load_tree

    image = _image(source, options)
    layers = checked(fetched(all_layers(image), options))
    return Files(image=image, tree=load_tree(layers))


def files_at(
    source: str | Content, paths: Sequence[str], options: Options, *, follow: bool = True
) -> Files:
    """
    Give as many of the files of an image as it takes to know what is at some paths.

    Layers are read from the top, and downloaded, until that is known: what an upper layer
    has is found without those below it. At other paths there may be something else.

    Args:
        source: any place, or content.
        paths: from the root, with a leading slash or without.
        options: how to reach the source, and which of its platforms is wanted.
        follow: follow the last part of paths too, when it is a symbolic link.

    Raises:
        NotALayer, PlatformMissing, PlaceUnsupported, Corrupt, Missing, Unreachable: as
            `files` does.

    >>> from ocikit.content.synthetic import image
    >>> import random
    >>> found = files_at(image(random.Random(1)), ["nothing/here"], Options())
    >>> len(found.tree.layers)
    1
    """
    from ocikit.tree.checked import checked
    from ocikit.tree.filetree import FileTree
    from ocikit.tree.filetree import load as load_tree
    from ocikit.tree.needed import needed

    image = _image(source, options)
    layers = checked(kept(all_layers(image)))
    below = min((needed(layers, path, follow=follow) for path in paths), default=len(layers))
    upper = load_tree(layers[below:])
    found = {path: _above(file, below) for path, file in upper.files.items()}
    return Files(image=image, tree=FileTree(layers=layers, files=FrozenMap(found)))


def _above(file: File, below: int) -> File:
    layer = None if file.layer is None else file.layer + below
    place = None if file.place is None else (file.place[0] + below, file.place[1])
    return evolve(file, layer=layer, place=place)


def _image(source: str | Content, options: Options) -> Image:
    content = load(source, options) if isinstance(source, str) else source
    what = source if isinstance(source, str) else str(source.digest)
    return one_image(content, what, options)


def listed(
    found: Files, path: str = "", *, depth: int | None = None, layer: int | None = None
) -> Iterator[File]:
    """
    Give what is below a directory, or what matches a pattern; parents come first.

    Args:
        found: where to look.
        path: of a directory, through links, or of a file, which is then all; or a
            pattern as `ocikit.tree.glob` has it: `usr/**/*.py`.
        depth: how far below the directory; None for all of it.
        layer: only what this layer put there, lowest is 0.

    Raises:
        PathMissing: there is nothing at the path, or nothing matches.

    >>> from ocikit.content.synthetic import image
    >>> import random
    >>> found = files(image(random.Random(1), size=100), Options())
    >>> [file.size for file in listed(found, "random/*")]
    [100]
    """
    files = _at(found.tree, path, depth)
    return (file for file in files if layer is None or file.layer == layer)


def _at(tree: FileTree, path: str, depth: int | None) -> Iterable[File]:
    from ocikit.tree.filetree import PathMissing, find, walk
    from ocikit.tree.globs import glob

    if not _GLOB.isdisjoint(path) and path.strip("/") not in tree.files:
        matching = [*glob(tree, path)]
        if not matching:
            raise PathMissing(path=path)
        return matching
    top = find(tree, path)
    if top.kind != "directory":
        return [top]
    deepest = None if depth is None else depth + (top.path.count("/") + 1 if top.path else 0)
    inside = (file for file in walk(tree, top.path) if file.path != top.path)
    return (file for file in inside if deepest is None or file.path.count("/") < deepest)
