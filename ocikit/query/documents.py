"""
What is wrong with the documents of content: manifests, indexes, configurations.
"""

from __future__ import annotations

from collections.abc import Iterator

from ocikit import media, platforms
from ocikit.content.image import Image
from ocikit.errors import OciError
from ocikit.platforms import Platform
from ocikit.query.finding import FAILURES, Finding, Severity
from ocikit.sizes import counted
from ocikit.spec.config import ConfigFile
from ocikit.spec.document import MAX_CONFIG, DocumentTooLarge, read
from ocikit.spec.manifest import IndexManifest, Manifest


def failed(where: str, error: OciError) -> Iterator[Finding]:
    """
    Tell why content could not be read; every problem of a document by itself.
    """
    from ocikit.spec.gojson import JSONInvalid

    if isinstance(error, JSONInvalid):
        for path, message in error.problems:
            yield Finding(Severity.ERROR, where, f"{error.what} {path}: {message}")
    else:
        yield Finding(Severity.ERROR, where, str(error))


def document_findings(
    document: Manifest | IndexManifest, media_type: str, where: str
) -> Iterator[Finding]:
    """
    Tell what is wrong with the members that manifests and indexes share.
    """
    if document.schema_version != 2:
        reason = f"schemaVersion is {document.schema_version}; it should be 2"
        yield Finding(Severity.ERROR, where, reason)
    said = document.media_type
    if said and said != media_type:
        yield Finding(Severity.ERROR, where, f"it says it is {said!r} but goes as {media_type!r}")


def read_config(image: Image, where: str) -> tuple[list[Finding], ConfigFile | None]:
    """
    Read an image's configuration anew, and compare it with the manifest.

    Returns:
        What is wrong, and the configuration where it could be read.
    """
    try:
        file = read(_config_bytes(image), ConfigFile).value
    except FAILURES as error:
        return list(failed(where, error)), None
    return [
        Finding(severity, where, reason) for severity, reason in _config_problems(file, image)
    ], file


def _config_bytes(image: Image) -> bytes:
    blob = image.config
    if blob.size > MAX_CONFIG:
        raise DocumentTooLarge(what=str(blob.digest), size=blob.size, limit=MAX_CONFIG)
    with blob.open() as stream:
        return stream.read()


def _config_problems(file: ConfigFile, image: Image) -> Iterator[tuple[Severity, str]]:
    layers, listed = len(image.layers), len(file.rootfs.diff_ids)
    if file.rootfs.type != "layers":
        yield Severity.ERROR, f"rootfs.type is {file.rootfs.type!r}; it should be 'layers'"
    if listed != layers:
        text = f"it lists {counted(listed, 'diff ID')} for {counted(layers, 'layer')}"
        yield Severity.ERROR, text
    made = sum(not entry.empty_layer for entry in file.history)
    if file.history and made != layers:
        text = f"its history made {counted(made, 'layer')}, but there are {layers}"
        yield Severity.WARNING, text


def flavour_findings(layer: str, manifest: str, where: str) -> Iterator[Finding]:
    """
    Tell whether a layer's media type is of the other family than its manifest's.
    """
    # Docker's manifests list zstd by OCI's name, for want of one that readers agree on.
    own = media.is_docker(layer) == media.is_docker(manifest)
    zstd = media.is_docker(manifest) and media.compression_of(layer) == "zstd"
    if media.is_layer(layer) and not own and not zstd:
        yield Finding(Severity.WARNING, where, f"{layer} does not go with {manifest}")


def platform_findings(
    listed: Platform | None, file: ConfigFile | None, where: str
) -> Iterator[Finding]:
    """
    Tell whether an index lists an image for another platform than it is made for.
    """
    own = None if file is None else file.platform
    if listed is None or own is None:
        return
    one, other = platforms.normalise(listed), platforms.normalise(own)
    pairs = [
        (one.os, other.os, True),
        (one.architecture, other.architecture, True),
        # A configuration of old does not know its variant or OS version.
        (one.variant, other.variant, bool(own.variant and listed.variant)),
        (one.os_version, other.os_version, bool(own.os_version and listed.os_version)),
    ]
    if any(left != right for left, right, told in pairs if told):
        reason = f"it is listed for {listed}, but its config is for {own}"
        yield Finding(Severity.ERROR, where, reason)
