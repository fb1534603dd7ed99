"""
Manifests as a registry serves them: bytes, and the descriptor that they prove.
"""

from __future__ import annotations

from typing import Any, Final

from ocikit import media
from ocikit.content.verify import DigestMismatch
from ocikit.digest import Digest
from ocikit.http import answers, routes
from ocikit.http.faults import Answered, TooManyRequests, Unauthorized
from ocikit.http.message import Response
from ocikit.name.records import Pinned, Reference
from ocikit.registry.session import Access
from ocikit.spec.descriptor import Descriptor
from ocikit.spec.document import MAX_MANIFEST

#: Signed manifests of schema 1 are named by the digest of what was signed, not of all.
_SIGNED: Final = media.DOCKER_SCHEMA1_SIGNED


def fetch(access: Access, reference: Reference) -> tuple[bytes, Descriptor]:
    """
    Get a manifest by tag or digest.

    Its bytes are what a digest in the reference names, or else what the registry says
    that they are; when they are not, they are asked for once more, by digest.

    Raises:
        DigestMismatch: twice the bytes were others.
        DocumentTooLarge: there are more than 4 MiB.
        ManifestUnknown: there is none.
    """
    raw, response = _get(access, reference.identifier)
    kind = _kind(raw, response)
    said = answers.digest_of(response.headers)
    expected = reference.digest if isinstance(reference, Pinned) else said
    if expected is None or (kind == _SIGNED and not isinstance(reference, Pinned)):
        return raw, _describe(raw, kind, Digest.of(raw))
    if Digest.of(raw, expected.algorithm) != expected:
        raw, response = _get(access, str(expected))
        kind = _kind(raw, response)
        actual = Digest.of(raw, expected.algorithm)
        if actual != expected:
            raise DigestMismatch(expected=expected, actual=actual)
    return raw, _describe(raw, kind, expected)


def fetch_child(access: Access, descriptor: Descriptor) -> bytes:
    """
    Get the manifest that a descriptor names; who reads it checks it against that.
    """
    if descriptor.data is not None:
        return descriptor.data
    kind = descriptor.media_type
    accept = (kind, *(other for other in media.MANIFESTS if other != kind))
    raw, _ = _get(access, str(descriptor.digest), accept)
    if Digest.of(raw, descriptor.digest.algorithm) != descriptor.digest:
        raw, _ = _get(access, str(descriptor.digest), accept)
    return raw


def describe(access: Access, reference: Reference) -> Descriptor:
    """
    Describe a manifest, without its bytes if the registry can do that.

    Registries that know no HEAD, or leave out what it should say, are asked for the
    bytes; so are those that refuse, for only then they say why.

    Raises:
        DigestMismatch: the registry has other content than the reference names.
        ManifestUnknown: there is none.
    """
    found = probe(access, reference.identifier)
    if found is None:
        return fetch(access, reference)[1]
    if isinstance(reference, Pinned) and found.digest != reference.digest:
        raise DigestMismatch(expected=reference.digest, actual=found.digest)
    return found


def probe(access: Access, identifier: str) -> Descriptor | None:
    """
    Ask for a manifest's descriptor by HEAD; None when it is not there or not said.

    Raises:
        Unauthorized, TooManyRequests, ServerFailed: an answer may come another time.
    """
    request = routes.head_manifest(access.base, access.path, identifier)
    try:
        with access.ask(request, 200) as response:
            return answers.descriptor_of(response.headers)
    except (Unauthorized, TooManyRequests):
        raise
    except Answered as refused:
        if refused.status >= 500:
            raise
        return None


def _get(
    access: Access, identifier: str, accept: tuple[str, ...] = media.MANIFESTS
) -> tuple[bytes, Response]:
    request = routes.get_manifest(access.base, access.path, identifier, accept=accept)
    response = access.ask(request, 200)
    return answers.read_body(request, response, MAX_MANIFEST), response


def _describe(raw: bytes, kind: str, digest: Digest) -> Descriptor:
    return Descriptor(media_type=kind, size=len(raw), digest=digest)


def _kind(raw: bytes, response: Response) -> str:
    served = answers.media_type_of(response.headers)
    return served if media.is_manifest(served) else _sniffed(raw) or served


def _sniffed(raw: bytes) -> str:
    """
    Tell from a document what it is, for registries that serve it as something else.
    """
    from ocikit.spec.gojson import loads

    document: Any = loads(raw, "manifest")
    members: dict[str, Any] = document if isinstance(document, dict) else {}
    said = members.get("mediaType")
    if isinstance(said, str) and said:
        return said
    if "manifests" in members:
        return media.OCI_INDEX
    if "config" in members:
        return media.OCI_MANIFEST
    if members.get("schemaVersion") == 1:
        return _SIGNED if "signatures" in members else media.DOCKER_SCHEMA1
    return ""
