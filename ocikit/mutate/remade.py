"""
Layers made anew, and images of other layers.

The tar of a layer is read and written by `ocikit.tree`, which is only loaded when there
is one to write.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import attrs

from ocikit import media
from ocikit._records import FrozenMap, evolve
from ocikit.content.build import build_layer
from ocikit.content.compression import DEFAULT, Compression, Plain, Zstd
from ocikit.content.image import Image
from ocikit.content.layer import Layer
from ocikit.digest import Digest
from ocikit.errors import Unsupported
from ocikit.mutate.rebuild import rebuild, reconfigure
from ocikit.spec.config import ConfigFile, History
from ocikit.spec.descriptor import Descriptor

#: Annotations that speak of the bytes of a layer, such as where in it files are.
_OF_BYTES: Final = (
    "containerd.io/snapshot/",
    "io.containers.zstd-chunked.",
    "io.github.containers.zstd-chunked.",
)
_COMPRESSIONS: Final[dict[str | None, Compression]] = {
    "none": Plain(),
    "gzip": DEFAULT,
    "zstd": Zstd(),
}


@attrs.frozen(kw_only=True)
class NotALayer(Unsupported):
    """
    A blob of an image is no archive of files.
    """

    digest: Digest
    media_type: str

    def __str__(self) -> str:
        return f"{self.digest} is {self.media_type!r}, and no layer of files"


def all_layers(image: Image) -> tuple[Layer, ...]:
    """
    Give the layers of an image of files.

    Raises:
        NotAnImage: it is an artifact.
        DiffIDsMissing: its configuration does not list as many layers.
        NotALayer: it has something that is no archive of files.
    """
    _ = image.config_document
    for layer in image.layers:
        if not media.is_layer(layer.media_type):
            raise NotALayer(digest=layer.digest, media_type=layer.media_type)
        if layer.listed is not None:
            _ = layer.listed.values
    return image.layers


def compression_like(layers: Iterable[Layer]) -> Compression:
    """
    Give the compression that all of some layers have; gzip when they differ.
    """
    found = {media.compression_of(layer.media_type) for layer in layers}
    return _COMPRESSIONS.get(found.pop(), DEFAULT) if len(found) == 1 else DEFAULT


def described(old: Descriptor, new: Layer) -> Layer:
    """
    Let the descriptor of an old layer speak of a new one.

    What it said of the old one's bytes is left out: where they are, and what is in them.
    """
    annotations = FrozenMap(
        {key: value for key, value in old.annotations.items() if not key.startswith(_OF_BYTES)}
    )
    said = evolve(
        old,
        media_type=new.media_type,
        digest=new.digest,
        size=new.size,
        urls=(),
        data=None,
        annotations=annotations,
    )
    return evolve(new, blob=evolve(new.blob, descriptor=said))


def written_again(image: Image, layer: Layer, pieces: Iterable[bytes]) -> Layer:
    """
    Make a layer of an image anew of a tar stream, compressed and described as it was.
    """
    compression = compression_like([layer])
    kind = type_of(image, layer.media_type, compression)
    made = build_layer(pieces, compression=compression, media_type=kind)
    return described(layer.descriptor, made)


def new_type(image: Image, compression: Compression) -> str:
    """
    Give the media type of a new layer of an image.

    That of zstd is always OCI's: Docker's manifests have none that readers agree on.
    """
    docker = media.is_docker(image.media_type) and compression.name != "zstd"
    return media.layer_type(compression.name, docker=docker)


def type_of(image: Image, old: str, compression: Compression) -> str:
    """
    Give the media type of a layer of an image that is written again.

    It stays where the compression does. What was made here is no foreign layer any more.
    """
    same = media.compression_of(old) == compression.name and not media.is_foreign(old)
    return old if same else new_type(image, compression)


def with_layers(
    image: Image, layers: tuple[Layer, ...], history: tuple[History, ...] | None = None
) -> Image:
    """
    Give the image with other layers, and a configuration that lists them.

    Args:
        image: what is changed.
        layers: all layers, lowest first; their diff IDs are known.
        history: all of it; None to leave it.
    """
    diff_ids = tuple(layer.diff_id for layer in layers)

    def change(file: ConfigFile) -> ConfigFile:
        rootfs = file.rootfs
        if rootfs.diff_ids != diff_ids:
            rootfs = evolve(rootfs, diff_ids=diff_ids)
        entries = file.history if history is None else history
        return evolve(file, rootfs=rootfs, history=entries)

    return rebuild(image, config=reconfigure(image, change), layers=layers)
