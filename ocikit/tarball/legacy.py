"""
Archives as `docker save` wrote them before Docker 1.10: a folder a layer.

Every layer has an ID of its own, made of its digest and its parent's ID, a `json` of
what was known of it then, and an uncompressed `layer.tar`. Docker still loads them.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from typing import Any, Final

import attrs

from ocikit import media
from ocikit._records import record
from ocikit.content.blob import Blob, of_bytes
from ocikit.content.compression import Plain
from ocikit.content.image import Image
from ocikit.content.layer import Layer
from ocikit.content.spool import Spool
from ocikit.content.streams import CHUNK
from ocikit.errors import Invalid
from ocikit.files.copy import Map, Sink
from ocikit.name.parse import parse_reference
from ocikit.name.records import Tag
from ocikit.progress import Report, quiet
from ocikit.sizes import counted
from ocikit.spec.config import ConfigFile, History
from ocikit.spec.descriptor import Descriptor
from ocikit.spec.gojson import dumps
from ocikit.tarball.flush import write
from ocikit.tarball.load import MANIFEST
from ocikit.tarball.members import File, placed

_VERSION: Final = of_bytes(b"1.0", "text/plain")


@attrs.frozen(kw_only=True)
class HistoryUneven(Invalid):
    """
    An image's history does not tell which of its layers is which.
    """

    image: str
    layers: int
    entries: int

    def __str__(self) -> str:
        return (
            f"{self.image}: has {counted(self.layers, 'layer')} and"
            f" {counted(self.entries, 'entry')} of history for them; a legacy archive needs one"
            " for each, or none"
        )


@record(kw_only=True)
class _Folder:
    """
    One layer's folder.
    """

    id: str
    parent: str
    layer: Layer
    history: History


def flush_legacy(
    target: str | os.PathLike[str] | Sink,
    images: Mapping[str, Image],
    *,
    report: Report = quiet,
    map: Map = map,
) -> None:
    """
    Write an archive in the layout of Docker 1.9 and before.

    Layers are decompressed on the way; their size must be known first, so each is
    spooled once.

    Args:
        target: a path, which is replaced when all is written; or a stream.
        images: what to write, by tag.
        report: hears of the progress.
        map: how members of a file at a path are written; several at once if it likes.

    Raises:
        HistoryUneven: an image's history does not fit its layers.
        NotAnImage: an artifact has no place in such an archive.
    """
    files: dict[str, File] = {}
    saved: list[dict[str, Any]] = []
    repositories: dict[str, dict[str, str]] = {}
    for text, image in sorted(images.items(), key=lambda item: item[1].config.digest.hex):
        name = parse_reference(text, weak=True)
        folders = tuple(_folders(image, text))
        members = list(_members(image, folders, files))
        files |= {file.name: file for file in members}
        tag = name.familiar if isinstance(name, Tag) else ""
        saved.append(_entry(image, tag, folders))
        if isinstance(name, Tag) and folders:
            repository = name.familiar.removesuffix(f":{name.tag}")
            repositories.setdefault(repository, {})[name.tag] = folders[-1].id
    last = {MANIFEST: saved, "repositories": repositories}
    for path, value in last.items():
        files[path] = File(name=path, blob=of_bytes(dumps(value), "application/json"))
    write(target, placed(files.values()), report=report, map=map)


def _folders(image: Image, name: str) -> Iterator[_Folder]:
    full = [entry for entry in image.config_file.history if not entry.empty_layer]
    if not full:
        full = [History()] * len(image.layers)
    if len(full) != len(image.layers):
        raise HistoryUneven(image=name, layers=len(image.layers), entries=len(full))
    parent = ""
    for position, (layer, entry) in enumerate(zip(image.layers, full, strict=True)):
        words = [layer.digest.hex, parent]
        if position + 1 == len(image.layers):
            words.append(image.config.content.decode("utf-8", "replace"))
        ident = hashlib.sha256(" ".join(words).encode()).hexdigest()
        yield _Folder(id=ident, parent=parent, layer=layer, history=entry)
        parent = ident


def _members(
    image: Image, folders: tuple[_Folder, ...], there: Mapping[str, File]
) -> Iterator[File]:
    config = f"{image.config.digest.hex}.json"
    yield File(name=config, blob=image.config)
    for folder in folders:
        if f"{folder.id}/VERSION" in there:
            continue
        top = image.config_file if folder is folders[-1] else None
        said = of_bytes(dumps(_described(folder, top)), "application/json")
        yield File(name=f"{folder.id}/VERSION", blob=_VERSION)
        yield File(name=f"{folder.id}/json", blob=said)
        yield File(name=f"{folder.id}/layer.tar", blob=_uncompressed(folder.layer))


def _described(folder: _Folder, top: ConfigFile | None) -> dict[str, Any]:
    from ocikit.spec.encode import unstructure

    said: dict[str, Any] = {"id": folder.id}
    if folder.parent:
        said["parent"] = folder.parent
    said["created"] = folder.history.created
    for name, value in (("author", folder.history.author), ("comment", folder.history.comment)):
        if value:
            said[name] = value
    said["container_config"] = {"Cmd": [folder.history.created_by]}
    if top is not None:
        said |= {"architecture": top.architecture, "os": top.os, "created": top.created}
        said["config"] = unstructure(top.config)
    return said


def _entry(image: Image, tag: str, folders: tuple[_Folder, ...]) -> dict[str, Any]:
    return {
        "Config": f"{image.config.digest.hex}.json",
        "RepoTags": [tag] if tag else [],
        "Layers": [f"{folder.id}/layer.tar" for folder in folders],
    }


def _uncompressed(layer: Layer) -> Blob:
    if media.compression_of(layer.media_type) == Plain().name:
        return layer.blob
    spool, size = Spool(), 0
    with layer.uncompressed() as stream:
        while chunk := stream.read(CHUNK):
            spool.write(chunk)
            size += len(chunk)
    descriptor = Descriptor(media_type=media.DOCKER_LAYER, size=size, digest=layer.diff_id)
    return Blob(descriptor=descriptor, opener=spool.opener())
