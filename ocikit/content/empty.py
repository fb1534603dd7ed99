"""
The empty image and the empty index, byte for byte as go-containerregistry has them.
"""

from __future__ import annotations

from typing import Final

from ocikit import media
from ocikit.content.blob import Blob, of_bytes
from ocikit.content.image import Image, Index
from ocikit.spec.document import read
from ocikit.spec.manifest import IndexManifest, Manifest

_CONFIG = (
    b'{"architecture":"","created":"0001-01-01T00:00:00Z","os":"",'
    b'"rootfs":{"type":"layers","diff_ids":null},"config":{}}'
)
_MANIFEST = (
    b'{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json",'
    b'"config":{"mediaType":"application/vnd.docker.container.image.v1+json","size":115,'
    b'"digest":"sha256:5b943e2b943f6c81dbbd4e2eca5121f4fcc39139e3d1219d6d89bd925b77d9fe"},'
    b'"layers":[]}'
)
_INDEX = b'{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}'

#: The Docker image of no layers, where an image that is built from nothing begins.
IMAGE: Final = Image(
    document=read(_MANIFEST, Manifest, media.DOCKER_MANIFEST),
    config=of_bytes(_CONFIG, media.DOCKER_CONFIG),
    layers=(),
)

#: The OCI index of no children.
INDEX: Final = Index(document=read(_INDEX, IndexManifest, media.OCI_INDEX), children=())

#: The blob `{}` that stands where there is nothing to say (manifest.md, "Guidance for
#: an Empty Descriptor").
BLOB: Final[Blob] = of_bytes(b"{}", media.OCI_EMPTY)
