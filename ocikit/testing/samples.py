"""
Content with traps, each made by hand: what readers and writers get wrong, and seldom meet.

Documents are written byte by byte, so that no library of ours has a say in their form.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from ocikit import media
from ocikit._records import evolve
from ocikit.content.assemble import Source, assemble
from ocikit.content.blob import Blob, of_bytes
from ocikit.content.build import build_layer
from ocikit.content.compression import Compression, Gzip
from ocikit.content.image import Content, ContentOpener, Image, Index, Loaded
from ocikit.content.layer import Layer
from ocikit.content.partial import image_of
from ocikit.content.streams import BytesOpener, Opener
from ocikit.digest import Digest
from ocikit.platforms import Platform
from ocikit.spec.config import ConfigFile
from ocikit.spec.descriptor import Descriptor
from ocikit.testing.contents import archive

_ALGORITHMS: Final = ("sha256", "sha512")
#: A type that no program knows.
UNKNOWN: Final = "application/vnd.example.unheard-of.v7+x"


@functools.lru_cache(maxsize=256)
def layer(name: str, *, compression: Compression = Gzip(), docker: bool = False) -> Layer:
    """
    Make a small layer of one file, that no other name gives.

    >>> layer("a").digest == layer("b").digest
    False
    """
    return build_layer([archive(((name, name.encode()),))], compression=compression, docker=docker)


def image(*names: str, config: ConfigFile | None = None) -> Image:
    """
    Make an image of small layers.

    >>> len(image("a", "b").layers)
    2
    """
    known = ConfigFile(os="linux", architecture="amd64") if config is None else config
    return image_of(known, [layer(name) for name in names])


def blob_of(data: bytes, media_type: str = media.OCI_LAYER, **more: Any) -> Blob:
    """
    Make a blob whose descriptor says more than it has to.
    """
    blob = of_bytes(data, media_type)
    return evolve(blob, descriptor=evolve(blob.descriptor, **more))


def large(size: int) -> Image:
    """
    Make an image with a layer of so many bytes, whose parts differ.

    >>> large(1000).layers[0].size
    1000
    """
    data = (b"".join(number.to_bytes(4, "big") for number in range(256)) * (size // 1024 + 1))[
        :size
    ]
    whole = Layer(blob=of_bytes(data, media.OCI_LAYER), diff_id=Digest.of(data))
    return image_of(ConfigFile(os="linux", architecture="amd64"), [whole])


def described(
    data: bytes, media_type: str, /, *, algorithm: str = "sha256", **more: Any
) -> dict[str, Any]:
    """
    Describe some bytes, as documents list them.

    >>> described(b"", "text/plain", urls=["http://a.test"])["urls"]
    ['http://a.test']
    """
    digest = str(Digest.of(data, algorithm))
    return {"mediaType": media_type, "digest": digest, "size": len(data), **more}


def document(
    written: bytes | Mapping[str, Any],
    media_type: str,
    parts: Iterable[bytes | Content] = (),
    *,
    algorithm: str = "sha256",
) -> Content:
    """
    Make content of a document as it is written, and of all that it lists.

    >>> document({"schemaVersion": 2, "manifests": []}, media.OCI_INDEX).size
    37
    """
    raw = written if isinstance(written, bytes) else json.dumps(written).encode()
    held: dict[Digest, bytes] = {}
    inside: dict[Digest, Content] = {}
    for part in parts:
        if isinstance(part, bytes):
            held |= {Digest.of(part, algorithm): part for algorithm in _ALGORITHMS}
        else:
            inside[part.digest] = part

    def opener(descriptor: Descriptor) -> Opener:
        return BytesOpener(held[descriptor.digest])

    def child(descriptor: Descriptor) -> ContentOpener:
        found = inside.get(descriptor.digest)
        return Loaded(found or Blob(descriptor=descriptor, opener=opener(descriptor)))

    about = Descriptor(media_type=media_type, digest=Digest.of(raw, algorithm), size=len(raw))
    return assemble(raw, about, Source(blob=opener, child=child))


def configured(*layers: Layer, **more: Any) -> dict[str, Any]:
    """
    Write the configuration of an image.
    """
    listed = [str(each.diff_id) for each in layers]
    rootfs = {"type": "layers", "diff_ids": listed}
    return {"architecture": "amd64", "os": "linux", "config": {}, "rootfs": rootfs, **more}


def manifest(
    *layers: Layer, config: bytes | Mapping[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    """
    Write the manifest of an image; `more` are further members.
    """
    raw = config_of(*layers) if config is None else _written(config)
    return {
        "schemaVersion": 2,
        "mediaType": media.OCI_MANIFEST,
        "config": described(raw, media.OCI_CONFIG),
        "layers": [described(data(each), each.media_type) for each in layers],
        **more,
    }


def by_hand(
    *layers: Layer, config: bytes | Mapping[str, Any] | None = None, **more: Any
) -> Content:
    """
    Make an image whose documents are written by hand.

    >>> by_hand(layer("a"), annotations={"a": "b"}).manifest.annotations
    FrozenMap({'a': 'b'})
    """
    raw = config_of(*layers) if config is None else _written(config)
    parts = [raw, *(data(each) for each in layers)]
    return document(manifest(*layers, config=raw, **more), media.OCI_MANIFEST, parts)


def config_of(*layers: Layer) -> bytes:
    """
    Write the configuration that `by_hand` has where it is given none.
    """
    return json.dumps(configured(*layers)).encode()


def index(*children: Content, **more: Any) -> Content:
    """
    Make an index by hand, of children that are described as briefly as can be.

    >>> len(index(image("a"), image("b")).children)
    2
    """
    listed = [described(raw(each), each.media_type) for each in children]
    return listing(listed, *children, **more)


def listing(listed: list[dict[str, Any]], *children: Content, **more: Any) -> Content:
    """
    Make an index of what is listed, with more members.
    """
    written = {"schemaVersion": 2, "mediaType": media.OCI_INDEX, "manifests": listed, **more}
    return document(written, media.OCI_INDEX, children)


def nested(depth: int) -> Content:
    """
    Make an image in an index in an index, and so on.
    """
    content: Content = image("deep")
    for _ in range(depth):
        content = index(content)
    return content


def raw(content: Content) -> bytes:
    """
    Give the bytes of a document, or of a blob.
    """
    return content.document.raw if isinstance(content, Image | Index) else content.content


def data(layer: Layer) -> bytes:
    """
    Give the bytes of a layer.
    """
    with layer.blob.open() as stream:
        return stream.read()


def odd(value: Any) -> bytes:
    """
    Write JSON as a person might who wants to see whether its bytes are kept.

    >>> odd({"a": [1]})
    b'{ "a"\\t:[\\n1]\\n}\\n'
    """
    text = json.dumps(value, separators=(",", "\t:"), ensure_ascii=False)
    return text.replace("{", "{ ").replace("[", "[\n").replace("}", "\n}").encode() + b"\n"


def platforms() -> tuple[Platform, ...]:
    """
    Give platforms that are the same but for one thing.
    """
    arm = Platform(os="linux", architecture="arm")
    windows = Platform(os="windows", architecture="amd64", os_version="10.0.17763.1")
    return (
        *(arm, evolve(arm, variant="v6"), evolve(arm, variant="v7")),
        *(windows, evolve(windows, os_version="10.0.20348.1")),
        evolve(windows, os_features=("win32k",)),
    )


def _written(value: bytes | Mapping[str, Any]) -> bytes:
    return value if isinstance(value, bytes) else json.dumps(value).encode()
