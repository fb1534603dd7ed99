"""
Manifests of schema 1.
"""

from __future__ import annotations

import base64
import json

import pytest

from ocikit import media
from ocikit.digest import Digest
from ocikit.spec.gojson import JSONInvalid
from ocikit.spec.schema1 import identity, layers

SUM = "sha256:" + "a" * 64
OTHER = "sha256:" + "b" * 64
PAYLOAD = (
    b'{\n   "schemaVersion": 1,\n   "fsLayers": [\n      {"blobSum": "%s"}\n   ]\n}' % SUM.encode()
)


def url64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def signed(payload: bytes = PAYLOAD, tail: int = 2, **changes: object) -> bytes:
    """
    Sign it, as libtrust lays it out; nobody here checks the signature itself.
    """
    length = len(payload) - tail
    protected = {"formatLength": length, "formatTail": url64(payload[length:]), **changes}
    signature = {"protected": url64(json.dumps(protected).encode()), "signature": "x"}
    text = json.dumps([signature]).encode()
    return payload[:length] + b',\n   "signatures": ' + text + payload[length:]


def test_what_was_signed_names_it() -> None:
    """
    Whoever signs it anew does not change which image it is.
    """
    assert identity(signed(), media.DOCKER_SCHEMA1_SIGNED) == Digest.of(PAYLOAD)
    assert identity(signed(), media.DOCKER_SCHEMA1_SIGNED, "sha512").algorithm == "sha512"
    assert identity(PAYLOAD, media.DOCKER_SCHEMA1) == Digest.of(PAYLOAD)


@pytest.mark.parametrize(
    "raw",
    [
        *(PAYLOAD, b"{}", b"[]", b'{"signatures":[]}', b'{"signatures":[1]}'),
        *(b'{"signatures":[{"protected":1}]}', b'{"signatures":[{"protected":"!!"}]}'),
        *(signed(formatLength=10**6), signed(formatLength=-1), signed(formatLength=True)),
        *(signed(formatTail=None), signed(formatTail="é")),
    ],
)
def test_what_is_not_signed_is_told(raw: bytes) -> None:
    """
    It was altered on the way, or was never such a document.
    """
    with pytest.raises(JSONInvalid, match="schema 1"):
        identity(raw, media.DOCKER_SCHEMA1_SIGNED)


def test_layers_are_given_lowest_first() -> None:
    """
    The document lists them the other way round, and empty ones many times.
    """
    sums = [OTHER, SUM, OTHER, SUM]
    raw = json.dumps({"fsLayers": [{"blobSum": each} for each in sums]}).encode()
    assert [str(each) for each in layers(raw)] == [SUM, OTHER]


@pytest.mark.parametrize(
    "raw",
    [b"{}", b"[]", b'{"fsLayers":{}}', b'{"fsLayers":[1]}', b'{"fsLayers":[{"blobSum":"md5:0"}]}'],
)
def test_what_lists_no_layers_is_told(raw: bytes) -> None:
    """
    With the place in the document.
    """
    with pytest.raises(JSONInvalid, match="schema 1: "):
        layers(raw)
