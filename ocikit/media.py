"""
Media types of the OCI and Docker image formats, and total predicates over them.

Any text is a media type to these functions; what is not known is simply none of the
kinds asked for. Parameters (`; charset=utf-8`) are not part of a media type: strip them
with `essence` where they come from a header.
"""

from __future__ import annotations

from typing import Final

import attrs

from ocikit.errors import Unsupported

OCI_DESCRIPTOR: Final = "application/vnd.oci.descriptor.v1+json"
OCI_INDEX: Final = "application/vnd.oci.image.index.v1+json"
OCI_MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"
OCI_CONFIG: Final = "application/vnd.oci.image.config.v1+json"
OCI_EMPTY: Final = "application/vnd.oci.empty.v1+json"
OCI_LAYER: Final = "application/vnd.oci.image.layer.v1.tar"
OCI_LAYER_GZIP: Final = "application/vnd.oci.image.layer.v1.tar+gzip"
OCI_LAYER_ZSTD: Final = "application/vnd.oci.image.layer.v1.tar+zstd"
OCI_FOREIGN_LAYER: Final = "application/vnd.oci.image.layer.nondistributable.v1.tar"
OCI_FOREIGN_LAYER_GZIP: Final = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"
OCI_FOREIGN_LAYER_ZSTD: Final = "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd"

DOCKER_MANIFEST: Final = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_MANIFEST_LIST: Final = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_SCHEMA1: Final = "application/vnd.docker.distribution.manifest.v1+json"
DOCKER_SCHEMA1_SIGNED: Final = "application/vnd.docker.distribution.manifest.v1+prettyjws"
DOCKER_CONFIG: Final = "application/vnd.docker.container.image.v1+json"
DOCKER_PLUGIN_CONFIG: Final = "application/vnd.docker.plugin.v1+json"
DOCKER_LAYER: Final = "application/vnd.docker.image.rootfs.diff.tar"
DOCKER_LAYER_GZIP: Final = "application/vnd.docker.image.rootfs.diff.tar.gzip"
DOCKER_LAYER_ZSTD: Final = "application/vnd.docker.image.rootfs.diff.tar.zstd"
DOCKER_FOREIGN_LAYER: Final = "application/vnd.docker.image.rootfs.foreign.diff.tar"
DOCKER_FOREIGN_LAYER_GZIP: Final = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"

#: What a client accepts when it asks for any manifest, in order of preference.
MANIFESTS: Final = (
    OCI_INDEX,
    OCI_MANIFEST,
    DOCKER_MANIFEST_LIST,
    DOCKER_MANIFEST,
    DOCKER_SCHEMA1_SIGNED,
    DOCKER_SCHEMA1,
)

_INDEXES: Final = frozenset({OCI_INDEX, DOCKER_MANIFEST_LIST})
_IMAGES: Final = frozenset({OCI_MANIFEST, DOCKER_MANIFEST})
_CONFIGS: Final = frozenset({OCI_CONFIG, DOCKER_CONFIG})
_SCHEMA1: Final = frozenset({DOCKER_SCHEMA1, DOCKER_SCHEMA1_SIGNED})

_FOREIGN_TO_PLAIN: Final = {
    OCI_FOREIGN_LAYER: OCI_LAYER,
    OCI_FOREIGN_LAYER_GZIP: OCI_LAYER_GZIP,
    OCI_FOREIGN_LAYER_ZSTD: OCI_LAYER_ZSTD,
    DOCKER_FOREIGN_LAYER: DOCKER_LAYER,
    DOCKER_FOREIGN_LAYER_GZIP: DOCKER_LAYER_GZIP,
}
_COMPRESSIONS: Final = {
    OCI_LAYER: "none",
    OCI_LAYER_GZIP: "gzip",
    OCI_LAYER_ZSTD: "zstd",
    DOCKER_LAYER: "none",
    DOCKER_LAYER_GZIP: "gzip",
    DOCKER_LAYER_ZSTD: "zstd",
}
_OCI_TO_DOCKER: Final = {
    OCI_INDEX: DOCKER_MANIFEST_LIST,
    OCI_MANIFEST: DOCKER_MANIFEST,
    OCI_CONFIG: DOCKER_CONFIG,
    OCI_LAYER: DOCKER_LAYER,
    OCI_LAYER_GZIP: DOCKER_LAYER_GZIP,
    OCI_LAYER_ZSTD: DOCKER_LAYER_ZSTD,
    OCI_FOREIGN_LAYER: DOCKER_FOREIGN_LAYER,
    OCI_FOREIGN_LAYER_GZIP: DOCKER_FOREIGN_LAYER_GZIP,
}
_DOCKER_TO_OCI: Final = {docker: oci for oci, docker in _OCI_TO_DOCKER.items()}


@attrs.frozen(kw_only=True)
class CompressionUnknown(Unsupported):
    """
    No media type says that a layer is compressed this way.
    """

    compression: str

    def __str__(self) -> str:
        return f"layers are not compressed with {self.compression!r}; use none, gzip or zstd"


def essence(header: str) -> str:
    """
    Strip parameters and case from a Content-Type header (RFC 9110, 8.3.1).

    >>> essence("Application/JSON; charset=utf-8")
    'application/json'
    """
    return header.partition(";")[0].strip().lower()


def is_index(media_type: str) -> bool:
    """
    Tell whether this is an OCI index or a Docker manifest list.
    """
    return media_type in _INDEXES


def is_image(media_type: str) -> bool:
    """
    Tell whether this is an OCI or Docker (schema 2) image manifest.
    """
    return media_type in _IMAGES


def is_schema1(media_type: str) -> bool:
    """
    Tell whether this is one of Docker's retired schema 1 manifests.
    """
    return media_type in _SCHEMA1


def is_manifest(media_type: str) -> bool:
    """
    Tell whether registries keep this as a manifest rather than as a blob.
    """
    return media_type in _INDEXES or media_type in _IMAGES or media_type in _SCHEMA1


def is_config(media_type: str) -> bool:
    """
    Tell whether this is the configuration of a runnable image.
    """
    return media_type in _CONFIGS


def is_layer(media_type: str) -> bool:
    """
    Tell whether this is a file system layer, foreign ones included.
    """
    return media_type in _COMPRESSIONS or media_type in _FOREIGN_TO_PLAIN


def is_foreign(media_type: str) -> bool:
    """
    Tell whether this layer is not to be distributed (image-spec, layer.md).
    """
    return media_type in _FOREIGN_TO_PLAIN


def is_docker(media_type: str) -> bool:
    """
    Tell whether this is one of Docker's own media types.
    """
    return media_type.startswith("application/vnd.docker.")


def compression_of(media_type: str) -> str | None:
    """
    Give the compression a layer's media type promises: none, gzip, zstd; else None.

    It is a promise only: what the bytes are is told by sniffing them.
    """
    return _COMPRESSIONS.get(_FOREIGN_TO_PLAIN.get(media_type, media_type))


def layer_type(compression: str, *, docker: bool = False) -> str:
    """
    Give the media type of a layer of that compression ("none", "gzip" or "zstd").

    Raises:
        CompressionUnknown: no layer has that compression.

    >>> layer_type("zstd")
    'application/vnd.oci.image.layer.v1.tar+zstd'
    """
    for kind, name in _COMPRESSIONS.items():
        if name == compression and is_docker(kind) == docker:
            return kind
    raise CompressionUnknown(compression=compression)


def to_docker(media_type: str) -> str:
    """
    Give Docker's counterpart of an OCI media type; any other is returned as it is.
    """
    return _OCI_TO_DOCKER.get(media_type, media_type)


def to_oci(media_type: str) -> str:
    """
    Give OCI's counterpart of a Docker media type; any other is returned as it is.
    """
    return _DOCKER_TO_OCI.get(media_type, media_type)
