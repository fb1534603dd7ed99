"""
Images from archives as `docker save` writes them, of every age.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, Final

import attrs

from ocikit import media
from ocikit._records import evolve
from ocikit._regex import regex
from ocikit.content.blob import Blob
from ocikit.content.build import build_layer
from ocikit.content.compression import Compression, Plain, sniff
from ocikit.content.image import Image
from ocikit.content.layer import DiffIDs, Layer
from ocikit.content.streams import CHUNK, BytesOpener, Opener, chunks
from ocikit.content.verify import DigestMismatch
from ocikit.digest import Digest, finish, hasher
from ocikit.errors import Missing
from ocikit.files.copy import Map
from ocikit.name.faults import NameInvalid
from ocikit.name.parse import parse_reference
from ocikit.name.records import Reference
from ocikit.spec.descriptor import Descriptor
from ocikit.spec.dockersave import SavedImage
from ocikit.spec.document import MAX_CONFIG, MAX_MANIFEST, make
from ocikit.spec.manifest import Manifest
from ocikit.tarball import v1
from ocikit.tarball.archive import Archive, ArchiveInvalid, scan
from ocikit.tarball.exact import Exact, exact_images

MANIFEST: Final = "manifest.json"
#: Names that say the digest of compressed content; the content is verified as it is read.
_NAMED = regex(r"(?:.*/)?blobs/sha256/([0-9a-f]{64})|([0-9a-f]{64})\.tar\.(?:gz|zst)")


@attrs.frozen(kw_only=True)
class ImageMissing(Missing):
    """
    An archive has not exactly the one image that was asked for.
    """

    path: str
    wanted: str
    there: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.path}: {self.wanted}; there is {', '.join(self.there) or 'nothing'}"


def load(
    source: str | os.PathLike[str] | Opener,
    reference: str | Reference | None = None,
    *,
    position: int | None = None,
    compression: Compression | None = None,
    map: Map = map,
) -> Image:
    """
    Load one image of an archive: by tag, by position from 0, or the only one.

    Headers and documents are read; layers are opened where they lie when they are asked
    for. Where the archive keeps an image's own manifest, as Docker 25 and ocikit do, the
    image has it and so its digest; else one is made of Docker's types. Layers that lie
    uncompressed stay so, unless a `compression` is given: then they are compressed now,
    where the manifest is made, or is one that an engine makes of what it unpacked.

    Args:
        source: the archive, gzip'd or not, by path or opener.
        reference: the tag to look for, compared in full.
        position: its position in `manifest.json`.
        compression: how to compress layers that are not.
        map: called as the builtin is; one that has threads compresses several at once.

    Raises:
        FileMissing: there is no such file.
        ImageMissing: the archive has no such image, or several where none is named.
        ArchiveInvalid, JSONInvalid: it is not such an archive.
        DigestMismatch: its configuration is not what its name says.
    """
    archive = scan(source)
    saved = _saved(archive)
    chosen = _pick(archive, saved, reference, position)
    return _image(archive, exact_images(archive), chosen, compression, map)


def load_all(
    source: str | os.PathLike[str] | Opener,
    *,
    compression: Compression | None = None,
    map: Map = map,
) -> tuple[tuple[tuple[str, ...], Image], ...]:
    """
    Load every image of an archive, each with its tags, in the archive's order.

    Args:
        source, compression, map: as `load` has them.

    Raises:
        FileMissing: there is no such file.
        ArchiveInvalid, JSONInvalid: it is not an archive of images.
    """
    archive = scan(source)
    exact = exact_images(archive)
    return tuple(
        (saved.repo_tags, _image(archive, exact, saved, compression, map))
        for saved in _saved(archive)
    )


def _saved(archive: Archive) -> tuple[SavedImage, ...]:
    from ocikit.spec.converter import structure
    from ocikit.spec.gojson import loads

    if MANIFEST not in archive:
        if v1.is_v1(archive):
            return v1.saved_images(archive)
        reason = "has no manifest.json; it was not saved by docker, or is an oci-archive"
        raise ArchiveInvalid(path=archive.path, reason=reason)
    what = f"{archive.path}: {MANIFEST}"
    value: Any = loads(archive.read(MANIFEST, MAX_MANIFEST), what)
    if value is None:
        raise ArchiveInvalid(path=archive.path, reason="its manifest.json lists no image")
    return structure(value, tuple[SavedImage, ...], what)


def _pick(
    archive: Archive,
    saved: tuple[SavedImage, ...],
    reference: str | Reference | None,
    position: int | None,
) -> SavedImage:
    there = tuple(
        f"{', '.join(image.repo_tags) or '(untagged)'} (@{at})" for at, image in enumerate(saved)
    )
    if position is not None:
        found = saved[position : position + 1]
        wanted = f"no image @{position}"
    elif reference is not None:
        name = str(parse_reference(reference) if isinstance(reference, str) else reference)
        found = tuple(image for image in saved if name in _full(image.repo_tags))
        wanted = f"no image is tagged {name}"
    else:
        found = saved if len(saved) == 1 else ()
        wanted = "several images, name one of them" if saved else "no image"
    if not found:
        raise ImageMissing(path=archive.path, wanted=wanted, there=there)
    return found[0]


def _full(tags: tuple[str, ...]) -> Iterator[str]:
    for tag in tags:
        try:
            yield str(parse_reference(tag, weak=True))
        except NameInvalid:
            # Others' odd tags do not hide the one that is asked for.
            yield tag


def _config(archive: Archive, name: str) -> bytes:
    raw = archive.read(name, MAX_CONFIG)
    named = _NAMED.fullmatch(name)
    if named is not None and named[1] and (actual := Digest.of(raw)).hex != named[1]:
        raise DigestMismatch(expected=Digest("sha256", named[1]), actual=actual)
    return raw


def _image(
    archive: Archive, exact: Exact, saved: SavedImage, compression: Compression | None, map: Map
) -> Image:
    known = MANIFEST in archive
    raw = _config(archive, saved.config) if known else v1.config_of(archive, saved)
    places = tuple(archive.member(name) for name in saved.layers)
    # Archives have no other way to say that layers stay as they are.
    compression = None if isinstance(compression, Plain) else compression
    kept = exact.find((Digest.of(raw), places), (*saved.repo_tags, *_full(saved.repo_tags)))
    if kept is not None and (compression is None or not _is_of_an_engine(saved)):
        return kept
    descriptor = Descriptor(media_type=media.DOCKER_CONFIG, size=len(raw), digest=Digest.of(raw))
    config = Blob(descriptor=descriptor, opener=BytesOpener(raw))
    listed = DiffIDs(config, len(saved.layers))

    def made(position: int) -> Layer:
        return _layer(archive, saved, listed, position, compression)

    layers = tuple(map(made, range(len(saved.layers))))
    manifest = Manifest(
        media_type=media.DOCKER_MANIFEST,
        config=config.descriptor,
        layers=tuple(layer.descriptor for layer in layers),
    )
    return Image(document=make(manifest, media.DOCKER_MANIFEST), config=config, layers=layers)


def _is_of_an_engine(saved: SavedImage) -> bool:
    """
    Tell whether a manifest names what an engine unpacked, as Docker's since 25 do, and so
    is that of no registry. Only they list the sources of all layers.
    """
    sources = [saved.layer_sources[diff_id] for diff_id in saved.layer_sources]
    return bool(sources) and all(
        not source.urls and media.compression_of(source.media_type) == "none" for source in sources
    )


def _layer(
    archive: Archive,
    saved: SavedImage,
    listed: DiffIDs,
    position: int,
    compression: Compression | None,
) -> Layer:
    name = saved.layers[position]
    opener, size = archive.open(name), archive.member(name).size
    diff_id = listed.values[position]
    with opener.open() as stream:
        kind = sniff(stream.read(8))
    digest = diff_id if kind == "none" else _digest(name, opener)
    # The field gives zstd layers OCI's type in either kind of manifest.
    media_type = media.layer_type(kind, docker=kind != "zstd")
    descriptor = Descriptor(media_type=media_type, size=size, digest=digest)
    source = saved.layer_sources.get(diff_id)
    if source is not None and (source.urls or (source.digest, source.size) == (digest, size)):
        descriptor = source
    layer = Layer(blob=Blob(descriptor=descriptor, opener=opener), listed=listed, position=position)
    if compression is None or kind != "none" or descriptor.urls:
        return layer
    return _compressed(layer, compression)


def _compressed(layer: Layer, compression: Compression) -> Layer:
    with layer.blob.open() as stream:
        # What lies there as it is, is named by its diff ID, and verified by it.
        made = build_layer(
            chunks(stream), compression=compression, docker=True, diff_id=layer.digest
        )
    return evolve(made, listed=layer.listed, position=layer.position)


def _digest(name: str, opener: Opener) -> Digest:
    if (named := _NAMED.fullmatch(name)) is not None:
        return Digest("sha256", named[1] or named[2])
    running = hasher()
    with opener.open() as stream:
        while chunk := stream.read(CHUNK):
            running.update(chunk)
    return finish(running)
