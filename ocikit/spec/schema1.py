"""
Docker's manifests of schema 1 (distribution, "Image Manifest V 2, Schema 1").

They are neither changed nor understood here: they copy, and for that it has to be known
which blobs they need, and by which digest a registry knows them.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any, NoReturn

from ocikit import media
from ocikit.digest import Digest
from ocikit.errors import OciError
from ocikit.spec.gojson import JSONInvalid, loads


def layers(raw: bytes) -> tuple[Digest, ...]:
    """
    Give the layers that a manifest needs, lowest first and each once.

    Raises:
        JSONInvalid: it is no manifest of schema 1.

    >>> raw = b'{"fsLayers":[{"blobSum":"sha256:' + b"0" * 64 + b'"}]}'
    >>> len(layers(raw))
    1
    """
    document = _object(loads(raw, _WHAT), "$")
    listed = document.get("fsLayers")
    if not isinstance(listed, list):
        _fail("$.fsLayers", "expected array")
    found = [_digest(each, f"$.fsLayers[{at}]") for at, each in enumerate(listed)]
    return tuple(dict.fromkeys(reversed(found)))


def identity(raw: bytes, media_type: str, algorithm: str = "sha256") -> Digest:
    """
    Give the digest by which registries know a document: of a signed one, that of what
    was signed.

    Raises:
        JSONInvalid: it should be signed, and is not.

    >>> identity(b"{}", media.OCI_MANIFEST) == Digest.of(b"{}")
    True
    """
    signed = media_type == media.DOCKER_SCHEMA1_SIGNED
    return Digest.of(_payload(raw) if signed else raw, algorithm)


_WHAT = "manifest of schema 1"


def _payload(raw: bytes) -> bytes:
    """
    Take the signatures out of a document again (docker/libtrust, "JSON Signatures").

    They were put in before the last bytes of what was signed, and say which those were.
    """
    signatures = _object(loads(raw, _WHAT), "$").get("signatures")
    if not isinstance(signatures, list) or not signatures:
        _fail("$.signatures", "expected array of one or more")
    protected = _object(signatures[0], "$.signatures[0]").get("protected")
    told = _object(loads(_decoded(protected, "protected"), _WHAT), "$.signatures[0].protected")
    length = told.get("formatLength")
    if not isinstance(length, int) or isinstance(length, bool) or not 0 <= length <= len(raw):
        _fail("$.signatures[0].protected.formatLength", "expected a length within the document")
    return raw[:length] + _decoded(told.get("formatTail"), "protected.formatTail")


def _decoded(text: Any, where: str) -> bytes:
    try:
        padded = f"{text}{'=' * (-len(text) % 4)}"
        return base64.b64decode(padded, altchars=b"-_", validate=True)
    except (TypeError, ValueError, binascii.Error):
        _fail(f"$.signatures[0].{where}", "expected base64url")


def _digest(item: Any, path: str) -> Digest:
    text = _object(item, path).get("blobSum")
    try:
        return Digest.parse(text if isinstance(text, str) else "")
    except OciError as error:
        _fail(f"{path}.blobSum", str(error))


def _object(value: Any, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        _fail(path, "expected object")
    return value


def _fail(path: str, reason: str) -> NoReturn:
    raise JSONInvalid(what=_WHAT, problems=((path, reason),))
