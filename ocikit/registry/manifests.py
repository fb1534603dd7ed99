"""
Manifests as a registry serves them: bytes, and the descriptor that they prove.

Most questions are answered by headers alone: what reads documents is loaded when one comes.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Final

import attrs

from ocikit import media
from ocikit._records import evolve, record
from ocikit.digest import Digest
from ocikit.errors import Missing, OciError
from ocikit.http import answers, routes
from ocikit.http.faults import Answered, RegistryRefused, TooManyRequests, Unauthorized
from ocikit.http.message import Headers, Response
from ocikit.name.records import Pinned, Reference
from ocikit.registry.session import Access
from ocikit.spec.descriptor import Descriptor

#: What registries answer to a manifest.
_TAKEN: Final = (201, 200, 202, 204)
#: How often a manifest is sent that does not arrive as it was, and asked for that does not.
_SENDINGS: Final = 3
_READINGS: Final = 3
#: Signed manifests of schema 1 are named by the digest of what was signed, not of all.
_SIGNED: Final = media.DOCKER_SCHEMA1_SIGNED


@record
class Stored:
    """
    A manifest as a registry stores it.
    """

    raw: bytes = attrs.field(repr=False)
    media_type: str
    digest: Digest


def fetch(access: Access, reference: Reference) -> tuple[bytes, Descriptor]:
    """
    Get a manifest by tag or digest, and describe it.

    Raises:
        DigestMismatch: the bytes were others each time.
        DocumentTooLarge: there are more than 4 MiB.
        ManifestUnknown: there is none.
    """
    return fetch_with(access, reference)[:2]


def fetch_with(access: Access, reference: Reference) -> tuple[bytes, Descriptor, Response]:
    """
    Get a manifest by tag or digest, and the response that it came in.

    Its bytes are what a digest in the reference names, or else what the registry says
    that they are; when they are not, they are asked for again, by digest.

    Raises:
        DigestMismatch: the bytes were others each time.
        DocumentTooLarge: there are more than 4 MiB.
        ManifestUnknown: there is none.
    """
    raw, response = _get(access, reference.identifier)
    kind = _kind(raw, response)
    said = answers.digest_of(response.headers)
    expected = reference.digest if isinstance(reference, Pinned) else said
    if expected is None:
        return raw, _describe(raw, kind, Digest.of(raw)), response
    left = _READINGS
    while (actual := _known_as(raw, kind, expected)) != expected:
        left -= 1
        if not left:
            raise _mismatch(expected, actual)
        raw, response = _get(access, str(expected))
        kind = _kind(raw, response)
    digest = Digest.of(raw) if kind == _SIGNED else expected
    return raw, _describe(raw, kind, digest), response


def _known_as(raw: bytes, kind: str, expected: Digest) -> Digest:
    """
    Give the digest by which registries know a manifest.
    """
    from ocikit.spec.gojson import JSONInvalid
    from ocikit.spec.schema1 import identity

    with suppress(JSONInvalid):
        return identity(raw, kind, expected.algorithm)
    # It should be signed, and was altered on the way.
    return Digest.of(raw, expected.algorithm)


def fetch_child(access: Access, descriptor: Descriptor) -> bytes:
    """
    Get the manifest that a descriptor names; who reads it checks it against that.
    """
    if descriptor.data is not None:
        return descriptor.data
    kind = descriptor.media_type
    accept = (kind, *(other for other in media.MANIFESTS if other != kind))
    left = _READINGS
    while True:
        left -= 1
        raw, _ = _get(access, str(descriptor.digest), accept)
        if not left or Digest.of(raw, descriptor.digest.algorithm) == descriptor.digest:
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
        raise _mismatch(reference.digest, found.digest)
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
            found = answers.descriptor_of(response.headers)
        if found is not None and media.is_schema1(found.media_type):
            with access.ask(routes.apart(request), 200) as response:
                found = answers.descriptor_of(response.headers)
        return found
    except (Unauthorized, TooManyRequests):
        raise
    except Answered as refused:
        if refused.status >= 500:
            raise
        return None


def put(
    access: Access, identifier: str, content: Stored, conditions: Headers | None = None
) -> Headers:
    """
    Put a manifest under a tag or its digest, and see that what arrived is what was sent.

    What a registry finds wrong with it may have come about on the way: it is sent again
    before that is believed.

    Args:
        access: the way to the repository.
        identifier: the tag or digest.
        content: what to put there.
        conditions: fields that say what must be there before.

    Returns:
        The headers of the answer.

    Raises:
        DigestMismatch: the registry has other bytes each time.
        Refused, Missing: it does not take it, or lacks what it refers to.
        Unreachable: it said nothing.
    """
    request = routes.put_manifest(
        access.base, access.path, identifier, content.raw, content.media_type
    )
    headers = Headers((*request.headers, *(conditions or Headers())))
    request = evolve(request, headers=headers)
    left = _SENDINGS
    while True:
        left -= 1
        try:
            with access.ask(request, *_TAKEN) as response:
                said = _arrived(access, identifier, content, response)
        except (RegistryRefused, Missing) as error:
            if not left or not (isinstance(error, Missing) or error.status == 400):
                raise
            continue
        if said == content.digest:
            return response.headers
        if not left:
            raise _mismatch(content.digest, said)


def _arrived(access: Access, identifier: str, content: Stored, response: Response) -> Digest:
    """
    Say what the registry has now; it is asked when it did not say.

    What it calls a manifest of schema 1 depends on how old it is.
    """
    said = answers.digest_of(response.headers)
    if said is None and (found := probe(access, identifier)) is not None:
        said = found.digest
    old = media.is_schema1(content.media_type)
    if old or said is None or said.algorithm != content.digest.algorithm:
        return content.digest
    return said


def _get(
    access: Access, identifier: str, accept: tuple[str, ...] = media.MANIFESTS
) -> tuple[bytes, Response]:
    from ocikit.spec.document import MAX_MANIFEST

    request = routes.get_manifest(access.base, access.path, identifier, accept=accept)
    raw, response = access.read(request, MAX_MANIFEST)
    if media.is_schema1(answers.media_type_of(response.headers)):
        # Some registries give what is old unless each type has a field of its own.
        raw, response = access.read(routes.apart(request), MAX_MANIFEST)
    return raw, response


def _mismatch(expected: Digest, actual: Digest) -> OciError:
    from ocikit.content.verify import DigestMismatch

    return DigestMismatch(expected=expected, actual=actual)


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
