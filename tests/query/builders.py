"""
Content made by hand, so that tests can make it wrong.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from typing import Any, Final

from ocikit import media
from ocikit._records import FrozenMap, evolve
from ocikit.content.assemble import Source, assemble
from ocikit.content.blob import Blob, of_bytes
from ocikit.content.compression import Zstd, compressor
from ocikit.content.image import Child, Content, Image, Index, Loaded
from ocikit.content.layer import Layer
from ocikit.content.streams import Opener
from ocikit.digest import Digest
from ocikit.platforms import parse
from ocikit.spec.descriptor import Descriptor
from ocikit.testing.building import archive
from ocikit.testing.refusing import Refusing

REFERENCE_TYPE: Final = "vnd.docker.reference.type"
REFERENCE_DIGEST: Final = "vnd.docker.reference.digest"


def tar(*names: str) -> bytes:
    """
    Make a tar of small files of these names.
    """
    return archive(*((name, name.encode()) for name in names))


def pack(data: bytes, compression: str) -> bytes:
    """
    Compress data.
    """
    if compression == "gzip":
        return gzip.compress(data, mtime=0)
    if compression == "zstd":
        zstd = compressor(Zstd())
        return zstd.compress(data) + zstd.flush()
    return data


def layer(
    *names: str,
    compression: str = "gzip",
    docker: bool = False,
    media_type: str = "",
    closed: bool = False,
) -> Layer:
    """
    Make a layer of small files; one that must not be opened when it is `closed`.
    """
    data = tar(*names)
    kind = media_type or media.layer_type(compression, docker=docker)
    blob = of_bytes(pack(data, compression), kind)
    if closed:
        blob = evolve(blob, opener=Refusing())
    return Layer(blob=blob, diff_id=Digest.of(data))


def described(blob: Blob) -> dict[str, Any]:
    """
    Give a blob's descriptor as JSON, in Go's order.
    """
    return {"mediaType": blob.media_type, "size": blob.size, "digest": str(blob.digest)}


def compact(value: Any) -> bytes:
    """
    Write JSON compactly, members as they are.
    """
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def loaded(
    raw: bytes, media_type: str, openers: Mapping[str, Opener], algorithm: str = "sha256"
) -> Image:
    """
    Load an image of a manifest's bytes, as places do.
    """
    digest = Digest.of(raw, algorithm)
    descriptor = Descriptor(media_type=media_type, digest=digest, size=len(raw))
    source = Source(
        blob=lambda descriptor: openers.get(str(descriptor.digest), Refusing()),
        child=lambda descriptor: Refusing(),
    )
    content = assemble(raw, descriptor, source)
    assert isinstance(content, Image)
    return content


def image(
    platform: str = "linux/amd64",
    *layers: Layer,
    docker: bool = False,
    config_type: str = "",
    config: Mapping[str, Any] | None = None,
    manifest: Mapping[str, Any] | None = None,
    inline: bool = False,
) -> Image:
    """
    Make an image in Go's form, and load it.

    Members of `config` and `manifest` replace or follow those that there are; those
    that are None are left out.
    """
    named = parse(platform) if platform else None
    members: dict[str, Any] = {
        "architecture": named.architecture if named else "",
        "created": "0001-01-01T00:00:00Z",
        "history": [{"created": "0001-01-01T00:00:00Z"} for _ in layers] or None,
        "os": named.os if named else "",
        "rootfs": {"type": "layers", "diff_ids": [str(each.diff_id) for each in layers]},
        "config": {},
        "variant": (named.variant if named else "") or None,
        **(config or {}),
    }
    kind = config_type or (media.DOCKER_CONFIG if docker else media.OCI_CONFIG)
    file = of_bytes(compact({k: v for k, v in members.items() if v is not None}), kind)
    return _listing(file, layers, docker, manifest or {}, inline)


def _listing(
    file: Blob, layers: tuple[Layer, ...], docker: bool, members: Mapping[str, Any], inline: bool
) -> Image:
    kind = media.DOCKER_MANIFEST if docker else media.OCI_MANIFEST
    said = described(file)
    if inline:
        import base64

        said["data"] = base64.b64encode(file.content).decode()
    listing = {
        "schemaVersion": 2,
        "mediaType": kind,
        "config": said,
        "layers": [described(each.blob) for each in layers],
        **members,
    }
    openers = {str(each.digest): each.blob.opener for each in layers}
    openers[str(file.digest)] = file.opener
    raw = compact({k: v for k, v in listing.items() if v is not None})
    return loaded(raw, kind, openers)


def artifact(*layers: Layer) -> Image:
    """
    Make an artifact, whose config is empty (image-spec, manifest.md, "empty descriptor").
    """
    file = of_bytes(b"{}", media.OCI_EMPTY)
    made = _listing(file, layers, False, {"artifactType": "application/vnd.example"}, False)
    return evolve(made, config=evolve(made.config, opener=Refusing()))


def listed(content: Content, platform: str = "", **annotations: str) -> Child:
    """
    List content in an index, under this platform.
    """
    descriptor = evolve(
        content.descriptor,
        platform=parse(platform) if platform else None,
        annotations=FrozenMap(annotations),
    )
    return Child(descriptor=descriptor, opener=Loaded(content))


def attestation(about: Content) -> Child:
    """
    List an attestation as BuildKit does.
    """
    statement = of_bytes(b'{"about":"' + str(about.digest).encode() + b'"}', "application/in-toto")
    annotations = {REFERENCE_TYPE: "attestation-manifest", REFERENCE_DIGEST: str(about.digest)}
    made = image("unknown/unknown", Layer(blob=statement, diff_id=statement.digest))
    return listed(made, "unknown/unknown", **annotations)


def index(*children: Child, **members: Any) -> Index:
    """
    Make an index in Go's form, and load it.
    """
    from ocikit.spec.encode import unstructure

    listing = {
        "schemaVersion": 2,
        "mediaType": media.OCI_INDEX,
        "manifests": [unstructure(child.descriptor) for child in children],
        **members,
    }
    raw = compact(listing)
    descriptor = Descriptor(
        media_type=str(listing["mediaType"]), digest=Digest.of(raw), size=len(raw)
    )
    openers = {child.descriptor.digest: child.opener for child in children}
    source = Source(
        blob=lambda descriptor: Refusing(),
        child=lambda descriptor: openers[descriptor.digest],
    )
    content = assemble(raw, descriptor, source)
    assert isinstance(content, Index)
    return content


def tarred(data: bytes, compression: str = "none") -> Layer:
    """
    Make a layer of a tar stream, good or not.
    """
    blob = of_bytes(pack(data, compression), media.layer_type(compression))
    return Layer(blob=blob, diff_id=Digest.of(data))


def of_tars(*streams: bytes, compression: str = "none") -> Image:
    """
    Make an image of tar streams, lowest first.
    """
    return image("linux/amd64", *(tarred(each, compression) for each in streams))
