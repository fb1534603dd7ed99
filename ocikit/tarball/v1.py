"""
Archives of Docker before 1.10: layers are images, each a folder that names its parent.

There is no configuration of an image as a whole: one is made, as Docker made it when it
loaded them, of what the highest layer says and of the histories of all.
"""

from __future__ import annotations

from typing import Any, Final

from ocikit.content.streams import CHUNK
from ocikit.digest import Digest, finish, hasher
from ocikit.spec.dockersave import SavedImage
from ocikit.spec.document import MAX_CONFIG, MAX_MANIFEST
from ocikit.spec.gojson import dumps, loads
from ocikit.tarball.archive import Archive, ArchiveInvalid

REPOSITORIES: Final = "repositories"
#: What a layer says of itself alone.
_OF_LAYERS: Final = ("id", "parent", "Size", "parent_id", "layer_id", "throwaway")


def is_v1(archive: Archive) -> bool:
    """
    Tell whether an archive is of that kind.
    """
    return REPOSITORIES in archive


def saved_images(archive: Archive) -> tuple[SavedImage, ...]:
    """
    List the images that have names, by their names.

    Raises:
        ArchiveInvalid, JSONInvalid: the names or layers of the archive make no sense.
    """
    named = _object(archive, REPOSITORIES, MAX_MANIFEST)
    tags: dict[str, list[str]] = {}
    for repository, ids in named.items():
        for tag, top in _ids(archive, repository, ids):
            tags.setdefault(top, []).append(f"{repository}:{tag}")
    return tuple(
        SavedImage(
            config=f"{top}/json",
            repo_tags=tuple(names),
            layers=tuple(f"{each}/layer.tar" for each in _chain(archive, top)),
        )
        for top, names in tags.items()
    )


def _ids(archive: Archive, repository: str, ids: Any) -> list[tuple[str, str]]:
    if not isinstance(ids, dict) or not all(isinstance(top, str) for top in ids.values()):
        reason = f"its {REPOSITORIES} says of {repository!r} what are no tags"
        raise ArchiveInvalid(path=archive.path, reason=reason)
    return list(ids.items())


def _chain(archive: Archive, top: str) -> list[str]:
    """
    Give the layers that a layer lies on, the lowest first.
    """
    chain: dict[str, None] = {}
    ident: Any = top
    while ident:
        if not isinstance(ident, str) or ident in chain:
            raise ArchiveInvalid(path=archive.path, reason=f"the parents of {top} have no end")
        chain[ident] = None
        ident = _object(archive, f"{ident}/json", MAX_CONFIG).get("parent")
    return list(chain)[::-1]


def config_of(archive: Archive, saved: SavedImage) -> bytes:
    """
    Make the configuration of an image; each layer is read once, for its diff ID.

    Raises:
        ArchiveInvalid, JSONInvalid: a layer is missing, or says nothing that makes sense.
    """
    layers = [
        _object(archive, name.replace("/layer.tar", "/json"), MAX_CONFIG) for name in saved.layers
    ]
    config = {key: value for key, value in layers[-1].items() if key not in _OF_LAYERS}
    diff_ids = [str(_digest(archive, name)) for name in saved.layers]
    config["rootfs"] = {"type": "layers", "diff_ids": diff_ids}
    config["history"] = [_history(layer) for layer in layers]
    # Docker writes them in this order.
    return dumps(dict(sorted(config.items())))


def _history(layer: dict[str, Any]) -> dict[str, Any]:
    made = layer.get("container_config")
    command = made.get("Cmd") if isinstance(made, dict) else None
    words = map(str, command) if isinstance(command, list) else ()
    said = {
        "created": layer.get("created"),
        "author": layer.get("author"),
        "created_by": " ".join(words),
        "comment": layer.get("comment"),
    }
    return {key: value for key, value in said.items() if value}


def _digest(archive: Archive, name: str) -> Digest:
    running = hasher()
    with archive.open(name).open() as stream:
        while chunk := stream.read(CHUNK):
            running.update(chunk)
    return finish(running)


def _object(archive: Archive, name: str, limit: int) -> dict[str, Any]:
    said = loads(archive.read(name, limit), f"{archive.path}: {name}")
    if not isinstance(said, dict):
        raise ArchiveInvalid(path=archive.path, reason=f"its {name} is no object")
    return said
