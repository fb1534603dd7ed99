"""
Pipelines that make one layer of all, each with a bug.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable
from typing import Final, TypeAlias

from ocikit import media
from ocikit._records import evolve
from ocikit.content.build import build_layer
from ocikit.content.image import Image
from ocikit.content.partial import image_of
from ocikit.spec.config import ConfigFile, History
from ocikit.testing import laws
from ocikit.testing import strategies as oci
from tests.testing.mutants.found import Mutant, by_law

_Entries: TypeAlias = dict[str, tuple[tarfile.TarInfo, bytes]]
_MARK: Final = ".wh."
_OPAQUE: Final = ".wh..wh..opq"


def flattened(image: Image, put: Callable[[_Entries, _Entries], None]) -> Image:
    """
    Make one layer of all, which `put` adds one by one.
    """
    merged: _Entries = {}
    for layer in image.layers:
        put(merged, _entries(layer.uncompressed().read()))
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for info, data in merged.values():
            archive.addfile(info, io.BytesIO(data))
    docker = media.is_docker(image.media_type)
    made = build_layer([buffer.getvalue()], docker=docker)
    history = (History(created_by="flatten"),)
    return image_of(evolve(image.config_file, history=history), [made], docker=docker)


def right(
    merged: _Entries, layer: _Entries, *, whiteouts: bool = True, opaque: bool = True
) -> None:
    """
    Add a layer as it should be: what it marks is taken from those below, and nobody else.
    """
    for path in layer:
        folder, _, name = path.rpartition("/")
        if name == _OPAQUE and opaque:
            _remove(merged, folder, itself=False)
        elif name.startswith(_MARK) and name != _OPAQUE and whiteouts:
            _remove(merged, f"{folder}/{name[len(_MARK) :]}".lstrip("/"))
    for path, entry in layer.items():
        if not path.rpartition("/")[2].startswith(_MARK):
            _put(merged, path, entry)


def late(merged: _Entries, layer: _Entries) -> None:
    """
    Takes what a layer marks from the layer itself, too.
    """
    right(merged, layer)
    right(merged, {path: entry for path, entry in layer.items() if _MARK in path})


def first_wins(merged: _Entries, layer: _Entries) -> None:
    """
    Keeps what is there already.
    """
    right(merged, {path: entry for path, entry in layer.items() if path not in merged})


def by_prefix(merged: _Entries, layer: _Entries) -> None:
    """
    Takes away all that begins with the name.
    """
    for path in layer:
        folder, _, name = path.rpartition("/")
        if name.startswith(_MARK) and name != _OPAQUE:
            gone = f"{folder}/{name[len(_MARK) :]}".lstrip("/")
            for each in [each for each in merged if each.startswith(gone)]:
                del merged[each]
    right(merged, layer)


def without_links(merged: _Entries, layer: _Entries) -> None:
    """
    Knows files and folders.
    """
    right(merged, {path: entry for path, entry in layer.items() if not entry[0].issym()})


def with_empty_links(merged: _Entries, layer: _Entries) -> None:
    """
    Takes another name of a file for a file of its own, in which nothing is.
    """
    for info, _ in layer.values():
        if info.islnk():
            info.type, info.linkname = tarfile.REGTYPE, ""
    right(merged, layer)


def _entries(data: bytes) -> _Entries:
    found: _Entries = {}
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for info in archive:
            held = archive.extractfile(info) if info.isreg() else None
            found[info.name.rstrip("/")] = (info, held.read() if held else b"")
    return {**_parents(found), **found}


def _parents(found: _Entries) -> _Entries:
    # Folders that an archive does not mention are there all the same.
    parts = [path.split("/") for path in found if _MARK not in path]
    paths = {"/".join(each[:end]) for each in parts for end in range(1, len(each))}
    made: _Entries = {}
    for path in sorted(paths - found.keys()):
        info = tarfile.TarInfo(path)
        info.type, info.mode = tarfile.DIRTYPE, 0o755
        made[path] = (info, b"")
    return made


def _put(merged: _Entries, path: str, entry: tuple[tarfile.TarInfo, bytes]) -> None:
    there = merged.get(path)
    # A folder that comes again keeps what is in it; anything else takes the place of all.
    if there is not None and not (there[0].isdir() and entry[0].isdir()):
        _remove(merged, path)
    parts = path.split("/")
    for end in range(1, len(parts)):
        parent = merged.get("/".join(parts[:end]))
        if parent is not None and not parent[0].isdir():
            _remove(merged, "/".join(parts[:end]))
    merged[path] = entry


def _remove(merged: _Entries, path: str, *, itself: bool = True) -> None:
    for each in list(merged):
        if each.startswith(f"{path}/" if path else "") or (itself and each == path):
            del merged[each]


def _mutant(bug: str, put: Callable[[_Entries, _Entries], None], most: int = 2) -> Mutant:
    change = by_law(laws.preserves_files(), lambda image: flattened(image, put))
    return Mutant(bug, "`laws.preserves_files`", change, most)


#: Images of one layer, as builders write it: with hard links.
LINKED: Final = oci.layer_stacks(max_layers=1, max_files=3).map(
    lambda layers: image_of(ConfigFile(os="linux", architecture="amd64"), layers)
)

MUTANTS: Final = (
    _mutant("whiteout ignored", lambda *given: right(*given, whiteouts=False)),
    _mutant("opaque folder ignored", lambda *given: right(*given, opaque=False)),
    _mutant("whiteout takes from its own layer", late, 1),
    _mutant("whiteout takes all that begins so", by_prefix),
    _mutant("lower file wins", first_wins),
    _mutant("symbolic link lost", without_links, 1),
    Mutant(
        "hard link broken",
        "`laws.preserves_files`",
        by_law(laws.preserves_files(), lambda image: flattened(image, with_empty_links), LINKED),
        1,
    ),
)
