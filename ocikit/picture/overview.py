"""
What a person wants to know of an image, at a look.
"""

from __future__ import annotations

from ocikit import media
from ocikit._records import EMPTY, FrozenMap, record
from ocikit.content.image import Image, Index
from ocikit.digest import Digest
from ocikit.spec.attestation import is_attestation
from ocikit.spec.config import ZERO_TIME, Config, ConfigFile
from ocikit.spec.descriptor import Descriptor


@record(kw_only=True)
class Overview:
    """
    An image or artifact.
    """

    #: How it was named by who asked.
    name: str
    digest: Digest
    media_type: str
    artifact_type: str = ""
    platform: str = ""
    #: RFC 3339; empty where it is not known.
    created: str = ""
    author: str = ""
    #: All bytes that a pull brings: manifest, configuration, and layers, each once.
    size: int
    layers: int
    #: What a container is run with.
    config: Config = Config()
    annotations: FrozenMap[str, str] = EMPTY
    #: What it is about.
    subject: Descriptor | None = None


@record(kw_only=True)
class Listed:
    """
    What an index lists.
    """

    descriptor: Descriptor
    #: Bytes that a pull brings, where it is an image that was loaded.
    size: int | None = None

    @property
    def what(self) -> str:
        """
        The platform, or what else it is.
        """
        given = self.descriptor
        if is_attestation(given):
            return "attestation"
        return str(given.platform or "") or given.artifact_type or given.media_type


@record(kw_only=True)
class IndexOverview:
    """
    An index.
    """

    name: str
    digest: Digest
    media_type: str
    artifact_type: str = ""
    size: int
    listed: tuple[Listed, ...]
    annotations: FrozenMap[str, str] = EMPTY
    subject: Descriptor | None = None


def overview(image: Image, name: str = "") -> Overview:
    """
    Sum up an image or artifact; no layer is opened.

    Args:
        image: of an image the configuration is read.
        name: how it was named.

    Raises:
        Missing, Unreachable, Corrupt: the configuration could not be had.

    >>> from ocikit.content.synthetic import image
    >>> import random
    >>> overview(image(random.Random(1)), "app:1").platform
    'linux/amd64'
    """
    known = media.is_config(image.config.media_type)
    file = image.config_file if known else ConfigFile()
    return Overview(
        name=name,
        digest=image.digest,
        media_type=image.media_type,
        artifact_type=image.artifact_type,
        platform=str(file.platform or ""),
        created="" if file.created == ZERO_TIME else file.created,
        author=file.author,
        size=pulled(image),
        layers=len(image.layers),
        config=file.config,
        annotations=image.manifest.annotations,
        subject=image.manifest.subject,
    )


def index_overview(index: Index, name: str = "") -> IndexOverview:
    """
    Sum up an index; the manifests of its images are loaded, for their sizes.

    Raises:
        Missing, Unreachable, Corrupt: a child could not be had.

    >>> from ocikit.content.synthetic import index
    >>> import random
    >>> [each.what for each in index_overview(index(random.Random(1))).listed]
    ['linux/amd64', 'linux/arm64/v8']
    """
    listed = []
    for child in index.children:
        given = child.descriptor
        # Attestations are as many as images, and nobody pulls them.
        loads = media.is_image(given.media_type) and not is_attestation(given)
        content = child.content if loads else None
        size = pulled(content) if isinstance(content, Image) else None
        listed.append(Listed(descriptor=given, size=size))
    return IndexOverview(
        name=name,
        digest=index.digest,
        media_type=index.media_type,
        artifact_type=index.artifact_type,
        size=index.size,
        listed=tuple(listed),
        annotations=index.manifest.annotations,
        subject=index.manifest.subject,
    )


def pulled(image: Image) -> int:
    """
    Sum up the bytes that a pull brings: manifest, configuration, and layers, each once.
    """
    blobs = (image.config, *(layer.blob for layer in image.layers))
    return image.size + sum({blob.digest: blob.size for blob in blobs}.values())
