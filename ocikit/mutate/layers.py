"""
Layers on top of an image.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

import attrs

from ocikit import media
from ocikit._records import evolve
from ocikit.content.image import Image
from ocikit.content.layer import DiffIDs, Layer
from ocikit.errors import Invalid
from ocikit.mutate.changes import check_time
from ocikit.mutate.rebuild import rebuild, reconfigure, retyped
from ocikit.sizes import counted
from ocikit.spec.config import ZERO_TIME, ConfigFile, History

if TYPE_CHECKING:
    from ocikit.content.blob import Blob

#: One entry for every layer, or all entries, those of empty layers included.
Histories: TypeAlias = History | Sequence[History]


@attrs.frozen(kw_only=True)
class HistoryMismatch(Invalid):
    """
    Entries of history do not go with the layers they are given for.
    """

    layers: int
    entries: int

    def __str__(self) -> str:
        return (
            f"{counted(self.entries, 'entry')} of history that made a layer, for"
            f" {counted(self.layers, 'layer')};"
            " give one for each, and mark the others as empty_layer"
        )


def append(
    image: Image,
    *layers: Layer,
    history: Histories | None = None,
    created: str | None = None,
    created_by: str = "",
) -> Image:
    """
    Put layers on top of an image.

    The configuration gets their diff IDs and one entry of history for each. An artifact
    keeps its configuration as it is: only the manifest lists the layers. Media types are
    made to fit the manifest, Docker's or OCI's; but zstd goes under OCI's name in Docker's
    manifests too, for those have no type of their own that readers agree on.

    Args:
        image: what they are put on; its layers are not opened.
        layers: lowest first. A layer whose diff ID is not known is decompressed once.
        history: one entry for every layer, or a sequence with one entry for each layer
            in turn, between which entries of empty layers may stand.
        created: when the layers were made (RFC 3339), where `history` is not given.
        created_by: by what, likewise.

    Raises:
        HistoryMismatch: the history has more or fewer layers than there are.
        DiffIDsMissing: the configuration does not fit the layers it has already.
        ConfigInvalid: the time is not one.

    >>> from ocikit.content.blob import of_bytes
    >>> from ocikit.spec.document import make
    >>> from ocikit.spec.manifest import Manifest
    >>> config = of_bytes(make(ConfigFile()).raw, media.DOCKER_CONFIG)
    >>> manifest = Manifest(media_type=media.DOCKER_MANIFEST, config=config.descriptor)
    >>> image = Image(document=make(manifest), config=config, layers=())
    >>> layer = Layer(blob=of_bytes(bytes(1024), media.OCI_LAYER))
    >>> append(image, layer).manifest.layers[0].media_type
    'application/vnd.docker.image.rootfs.diff.tar'
    """
    entries = _entries(len(layers), history, created, created_by)
    if not entries:
        return image
    new = fitted(image, layers)
    config = None
    if media.is_config(image.config.media_type):
        config = _with_layers(image, new, entries)
    return rebuild(image, config=config, layers=(*image.layers, *new))


def fitted(image: Image, layers: Sequence[Layer]) -> tuple[Layer, ...]:
    """
    Give layers the media types of an image's family; see `append`.
    """
    docker = media.is_docker(image.media_type)
    return tuple(evolve(layer, blob=_fitted(layer.blob, docker)) for layer in layers)


def _with_layers(image: Image, layers: tuple[Layer, ...], entries: tuple[History, ...]) -> Blob:
    listed = DiffIDs(image.config, len(image.layers)).values
    diff_ids = (*listed, *(layer.diff_id for layer in layers))

    def change(file: ConfigFile) -> ConfigFile:
        rootfs = evolve(file.rootfs, diff_ids=diff_ids)
        return evolve(file, rootfs=rootfs, history=(*file.history, *entries))

    return reconfigure(image, change)


def _fitted(blob: Blob, docker: bool) -> Blob:
    kind = blob.media_type
    if not media.is_layer(kind):
        return blob
    if not docker:
        return retyped(blob, media.to_oci(kind))
    zstd = media.compression_of(kind) == "zstd"
    return retyped(blob, kind if zstd else media.to_docker(kind))


def _entries(
    layers: int, history: Histories | None, created: str | None, created_by: str
) -> tuple[History, ...]:
    if history is None:
        time = ZERO_TIME if created is None else check_time("created", created)
        return (History(created=time, created_by=created_by),) * layers
    if not isinstance(history, History):
        entries = tuple(history)
    elif history.empty_layer:
        entries = (history,)
    else:
        entries = (history,) * max(layers, 1)
    full = sum(not entry.empty_layer for entry in entries)
    if full != layers:
        raise HistoryMismatch(layers=layers, entries=full)
    return entries
