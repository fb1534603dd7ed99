"""
Random content, for tests and benchmarks: the same source of randomness gives the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from ocikit.content.blob import of_bytes
from ocikit.content.build import build_layer
from ocikit.content.compression import DEFAULT, Compression
from ocikit.content.image import Image, Index
from ocikit.content.layer import Layer
from ocikit.content.partial import artifact as make_artifact
from ocikit.content.partial import image_of, index_of
from ocikit.content.streams import CHUNK
from ocikit.platforms import LINUX_AMD64, Platform
from ocikit.spec.config import ConfigFile, History
from ocikit.spec.descriptor import Descriptor

if TYPE_CHECKING:
    from random import Random

#: What synthetic artifacts are.
ARTIFACT_TYPE: Final = "application/vnd.ocikit.synthetic"
PLATFORMS: Final = (LINUX_AMD64, Platform(os="linux", architecture="arm64", variant="v8"))

_BLOCK = 512


def layer(
    random: Random, size: int = 1024, *, compression: Compression = DEFAULT, docker: bool = False
) -> Layer:
    """
    Make a layer of one file of `size` random bytes.

    >>> from random import Random
    >>> layer(Random(1)) == layer(Random(1)), layer(Random(1)) == layer(Random(2))
    (True, False)
    """
    return build_layer(_archive(random, size), compression=compression, docker=docker)


def _archive(random: Random, size: int) -> Iterator[bytes]:
    import tarfile

    info = tarfile.TarInfo(f"random/{random.getrandbits(64):016x}")
    info.size = size
    yield info.tobuf(tarfile.PAX_FORMAT)
    for at in range(0, size, CHUNK):
        yield random.randbytes(min(CHUNK, size - at))
    yield bytes(-size % _BLOCK + 2 * _BLOCK)


def image(
    random: Random,
    *,
    layers: int = 1,
    size: int = 1024,
    platform: Platform = LINUX_AMD64,
    compression: Compression = DEFAULT,
    docker: bool = False,
) -> Image:
    """
    Make an image of `layers` random layers of `size` bytes each.

    >>> from random import Random
    >>> len(image(Random(1), layers=3, docker=True).config_file.rootfs.diff_ids)
    3
    """
    made = [layer(random, size, compression=compression, docker=docker) for _ in range(layers)]
    history = tuple(
        History(created_by="synthetic", comment=f"layer {number} of {layers}")
        for number in range(1, layers + 1)
    )
    config = ConfigFile(
        architecture=platform.architecture,
        os=platform.os,
        os_version=platform.os_version,
        os_features=platform.os_features,
        variant=platform.variant,
        history=history,
    )
    return image_of(config, made, docker=docker)


def artifact(
    random: Random, *, files: int = 1, size: int = 1024, subject: Descriptor | None = None
) -> Image:
    """
    Make an artifact of random files, about `subject` if there is one.
    """
    made = [of_bytes(random.randbytes(size), "application/octet-stream") for _ in range(files)]
    return make_artifact(ARTIFACT_TYPE, made, subject=subject)


def index(
    random: Random,
    *,
    platforms: Sequence[Platform] = PLATFORMS,
    layers: int = 1,
    size: int = 1024,
    compression: Compression = DEFAULT,
    docker: bool = False,
) -> Index:
    """
    Make an index of random images, one for each platform.

    >>> from random import Random
    >>> [str(child.descriptor.platform) for child in index(Random(1)).children]
    ['linux/amd64', 'linux/arm64/v8']
    """
    return index_of(
        [
            image(
                random,
                layers=layers,
                size=size,
                platform=platform,
                compression=compression,
                docker=docker,
            )
            for platform in platforms
        ],
        docker=docker,
    )
