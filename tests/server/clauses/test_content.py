"""
image-spec: what holds for whoever stores images, a registry among them.
"""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from ocikit import media
from ocikit.http.message import Send
from ocikit.testing.asking import descriptor
from tests.server.samples import ask, digest, image, index, push_blob, put, refused

ALGORITHMS = ("sha256", "sha384", "sha512")


def kept(send: Send, raw: bytes, kind: str = media.OCI_MANIFEST) -> None:
    """
    Push a manifest, and pull the same.
    """
    assert put(send, "a", "t", raw, kind).status == 201
    assert ask(send, "GET", "/v2/a/manifests/t").body.read() == raw


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_digests_are_verified(send: Send, algorithm: str) -> None:
    """
    "Implementations MUST implement SHA-256 digest verification for use in descriptors."
    (descriptor.md) And "Implementations MAY implement SHA-512 digest verification for use in
    descriptors." (descriptor.md)
    """
    push_blob(send, "a", b"{}")
    push_blob(send, "a", b"layer", algorithm)
    layer = descriptor(b"layer", media.OCI_LAYER, algorithm)
    kept(send, image(layers=[layer]))
    wrong = {**layer, "digest": digest(b"other", algorithm)}
    response = put(send, "a", "u", image(layers=[wrong]))
    assert refused(response) == (400, "MANIFEST_BLOB_UNKNOWN")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_digests_are_lower_case_and_of_their_length(send: Send, algorithm: str) -> None:
    """
    "When the _algorithm identifier_ is `sha256`, the _encoded_ portion MUST match
    `/[a-f0-9]{64}/`. Note that `[A-F]` MUST NOT be used here." (descriptor.md)
    """
    push_blob(send, "a", b"{}")
    layer = descriptor(b"layer", media.OCI_LAYER, algorithm)
    name = layer["digest"]
    for wrong in (f"{algorithm}:{name.partition(':')[2].upper()}", name[:-1], name + "0"):
        response = put(send, "a", "t", image(layers=[{**layer, "digest": wrong}]))
        assert refused(response) == (400, "MANIFEST_INVALID")
        assert ask(send, "GET", f"/v2/a/blobs/{wrong}").status == 400


@pytest.mark.parametrize("more", [-1, 1, 1 << 40])
def test_sizes_are_those_of_the_content(send: Send, more: int) -> None:
    """
    "If the length of the retrieved content does not match the specified length, the content
    SHOULD NOT be trusted." (descriptor.md)
    """
    push_blob(send, "a", b"{}")
    push_blob(send, "a", b"layer")
    layer = descriptor(b"layer", media.OCI_LAYER)
    raw = image(layers=[{**layer, "size": layer["size"] + more}])
    assert refused(put(send, "a", "t", raw)) == (400, "MANIFEST_INVALID")
    kept(send, image())
    child = descriptor(image(), media.OCI_MANIFEST)
    raw = index(manifests=[{**child, "size": child["size"] + more}])
    assert refused(put(send, "a", "u", raw, media.OCI_INDEX)) == (400, "MANIFEST_INVALID")


def test_data_in_descriptors_stays(send: Send) -> None:
    """
    "Implementations MUST NOT populate the `data` field in situations where doing so would
    modify existing content identifiers." (descriptor.md) What is there stays, what is not is
    not added.
    """
    push_blob(send, "a", b"{}")
    config = descriptor(b"{}", media.OCI_EMPTY)
    kept(send, image(config={**config, "data": base64.b64encode(b"{}").decode()}))
    kept(send, image(config=config))


def test_content_is_never_changed(send: Send) -> None:
    """
    "Implementations storing or copying content MUST NOT modify or alter the content in a way
    that would change the digest of the content." (considerations.md)
    """
    data = b"\x1f\x8b no gzip at all \r\n\0"
    name = push_blob(send, "a", data)
    response = ask(send, "GET", f"/v2/a/blobs/{name}", Accept_Encoding="gzip, zstd, br")
    assert response.body.read() == data
    assert "Content-Encoding" not in response.headers
    push_blob(send, "a", b"{}")
    kept(send, b"\n" + image(layers=[descriptor(data, media.OCI_LAYER_GZIP)]) + b" \n")


@pytest.mark.parametrize("kind", [media.OCI_MANIFEST, media.OCI_INDEX], ids=["image", "index"])
def test_unknown_properties_are_no_error(send: Send, kind: str) -> None:
    """
    "Implementations that are reading/processing manifests or image indexes MUST NOT generate
    an error if they encounter an unknown property. Instead they MUST ignore unknown
    properties." (considerations.md)
    """
    push_blob(send, "a", b"{}")
    write = image if kind == media.OCI_MANIFEST else index
    kept(send, write(own=1, org={"x": [None, {}]}, layer="one"), kind)
    deep = {**descriptor(b"{}", media.OCI_CONFIG), "own": {"x": 1}}
    kept(send, image(config=deep))


def test_unknown_types_of_layers_are_no_error(send: Send) -> None:
    """
    "Implementations storing or copying image manifests MUST NOT error on encountering a
    `mediaType` that is unknown to the implementation." (manifest.md)
    """
    push_blob(send, "a", b"{}")
    for kind in ("x/y", "application/vnd.new.layer.v9+zip", "text/plain"):
        push_blob(send, "a", b"layer")
        kept(send, image(layers=[descriptor(b"layer", kind)]))


def test_unknown_types_of_configs_are_no_error(send: Send) -> None:
    """
    "Implementations storing or copying image manifests MUST NOT error on encountering a value
    that is unknown to the implementation." (manifest.md)
    """
    push_blob(send, "a", b"not even JSON")
    kept(send, image(config=descriptor(b"not even JSON", "x/config")))


def test_unknown_types_of_artifacts_are_no_error(send: Send) -> None:
    """
    "Implementations storing or copying image manifests MUST NOT error on encountering an
    `artifactType` that is unknown to the implementation." (manifest.md)
    """
    push_blob(send, "a", b"{}")
    kept(send, image(artifactType="application/vnd.example+type"))


def test_unknown_types_of_children_are_no_error(send: Send) -> None:
    """
    "An encountered `mediaType` that is unknown to the implementation MUST NOT generate an
    error." (image-index.md)
    """
    push_blob(send, "a", b"anything")
    kept(send, index(manifests=[descriptor(b"anything", "x/y")]), media.OCI_INDEX)


@pytest.mark.parametrize("version", [1, 3, "2", None, True])
def test_the_schema_version_is_2(send: Send, version: object) -> None:
    """
    "For this version of the specification, this MUST be `2` to ensure backward compatibility
    with older versions of Docker." (manifest.md)
    """
    push_blob(send, "a", b"{}")
    response = put(send, "a", "t", image(schemaVersion=version))
    assert refused(response) == (400, "MANIFEST_INVALID")


def test_an_index_may_be_empty(send: Send) -> None:
    """
    "While this property MUST be present, the size of the array MAY be zero." (image-index.md)
    """
    kept(send, index(), media.OCI_INDEX)
    missing = put(send, "a", "u", index(manifests=None), media.OCI_INDEX)
    assert refused(missing) == (400, "MANIFEST_INVALID")


def test_unknown_annotations_are_no_error(send: Send) -> None:
    """
    "Consumers MUST NOT generate an error if they encounter an unknown annotation key."
    (annotations.md)
    """
    push_blob(send, "a", b"{}")
    kept(send, image(annotations={"org.unknown": "", "": "x", "\u00e9": "\u00e9"}))


def test_annotations_are_texts(send: Send) -> None:
    """
    "Annotations MUST be a key-value map where both the key and value MUST be strings."
    (annotations.md)
    """
    push_blob(send, "a", b"{}")
    wrong: list[Any] = [{"a": 1}, {"a": None}, {"a": {}}, ["a"], "a"]
    for notes in wrong:
        raw = json.dumps({**json.loads(image()), "annotations": notes}).encode()
        assert refused(put(send, "a", "t", raw)) == (400, "MANIFEST_INVALID"), notes


def test_layers_that_may_not_be_given_away_need_not_be_there(send: Send) -> None:
    """
    "Implementations SHOULD NOT upload layers tagged with this media type; however, such a
    media type SHOULD NOT affect whether an implementation downloads the layer." (layer.md)
    """
    push_blob(send, "a", b"{}")
    layer = {**descriptor(b"theirs", media.OCI_FOREIGN_LAYER_GZIP), "urls": ["https://x.test/l"]}
    kept(send, image(layers=[layer]))
