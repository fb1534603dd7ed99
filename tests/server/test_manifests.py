"""
Manifests: distribution-spec, "Pulling manifests", "Pushing Manifests", "Deleting".
"""

from __future__ import annotations

import json

import pytest

from ocikit import media
from ocikit.content.streams import BytesOpener
from ocikit.http.message import Body, Send
from ocikit.server.handler import registry
from ocikit.server.storage import Storage
from ocikit.spec.document import MAX_MANIFEST
from ocikit.testing.asking import descriptor
from tests.server.samples import (
    ask,
    digest,
    image,
    index,
    push_blob,
    push_image,
    put,
    refused,
    undated,
)

ALGORITHMS = ["sha256", "sha384", "sha512"]


def test_a_tag_gives_the_manifest(send: Send) -> None:
    """
    "A GET request to an existing manifest URL MUST provide the expected manifest, with a
    response code that MUST be 200 OK"; Content-Type and Docker-Content-Digest with it.
    """
    raw = push_image(send, "a/b", "t", b"layer")
    response = ask(send, "GET", "/v2/a/b/manifests/t")
    assert (response.status, response.body.read()) == (200, raw)
    assert response.headers.get("Content-Type") == media.OCI_MANIFEST
    assert response.headers.get("Content-Length") == str(len(raw))
    assert response.headers.get("Docker-Content-Digest") == digest(raw)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_digest_gives_the_manifest_under_that_digest(send: Send, algorithm: str) -> None:
    """
    The digest that is told is the one that was asked for, whatever its algorithm.
    """
    push_blob(send, "a", b"{}")
    raw, name = image(), digest(image(), algorithm)
    pushed = put(send, "a", name, raw)
    assert pushed.status == 201
    assert pushed.headers.get("Docker-Content-Digest") == name
    response = ask(send, "GET", f"/v2/a/manifests/{name}")
    assert (response.status, response.body.read()) == (200, raw)
    assert response.headers.get("Docker-Content-Digest") == name


def test_head_is_get_without_a_body(send: Send) -> None:
    """
    "A HEAD request to an existing blob or manifest URL MUST return 200 OK", with the
    digest, and the size in bytes in Content-Length.
    """
    push_image(send, "a", "t", b"layer")
    head, get = (ask(send, method, "/v2/a/manifests/t") for method in ("HEAD", "GET"))
    assert undated(head) == undated(get)
    assert head.body.read() == b""


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE"])
@pytest.mark.parametrize(
    "path",
    [
        "/v2/a/manifests/none",
        f"/v2/a/manifests/{digest(b'none')}",
        "/v2/nobody/manifests/t",
        # What is no tag is none that anybody has.
        "/v2/a/manifests/.INVALID_MANIFEST_NAME",
        "/v2/a/manifests/",
    ],
)
def test_what_is_not_there_is_404(send: Send, method: str, path: str) -> None:
    """
    "If the manifest is not found in the repository, the response code MUST be 404".
    """
    push_image(send, "a", "t")
    response = ask(send, method, path)
    assert response.status == 404
    if method != "HEAD":
        assert refused(response) == (404, "MANIFEST_UNKNOWN")


def test_a_push_is_201_with_a_location_that_can_be_pulled(send: Send) -> None:
    """
    "The registry MUST return response code 201 Created, and MUST have the Location
    header"; it is "a pullable manifest URL".
    """
    push_blob(send, "a", b"{}")
    response = put(send, "a", "t", image())
    assert response.status == 201
    assert response.headers.get("Docker-Content-Digest") == digest(image())
    location = response.headers.get("Location")
    assert location.startswith("/"), "only the client knows our name"
    assert ask(send, "GET", location).body.read() == image()


def test_bytes_are_kept_as_they_are(send: Send) -> None:
    """
    "The registry MUST store the manifest in the exact byte representation provided":
    unknown members, odd order, spaces, and escapes too.
    """
    push_blob(send, "a", b"{}")
    config = json.dumps(descriptor(b"{}", "application/x"))
    raw = '{ "x" : {"ü\\u00fc": [1.50, null]},"layers":[], "config":%s,\n"schemaVersion":2 }\n'
    data = (raw % config).encode()
    assert put(send, "a", "t", data).status == 201
    assert ask(send, "GET", "/v2/a/manifests/t").body.read() == data


@pytest.mark.parametrize(
    ("kind", "write"),
    [
        (media.OCI_MANIFEST, image),
        (media.DOCKER_MANIFEST, image),
        (media.OCI_INDEX, index),
        (media.DOCKER_MANIFEST_LIST, index),
    ],
)
@pytest.mark.parametrize("told", [True, False])
def test_all_types_are_taken(send: Send, kind: str, write: object, told: bool) -> None:
    """
    OCI's and Docker's, images and indexes, whether or not the document names its type.
    """
    push_blob(send, "a", b"{}")
    assert callable(write)
    raw = write(mediaType=kind if told else None)
    assert put(send, "a", "t", raw, kind).status == 201
    assert ask(send, "HEAD", "/v2/a/manifests/t").headers.get("Content-Type") == kind


def test_parameters_of_the_type_are_ignored(send: Send) -> None:
    """
    "Registries SHOULD ignore any parameters" of Content-Type, and give none back.
    """
    push_blob(send, "a", b"{}")
    assert put(send, "a", "t", image(), f"{media.OCI_MANIFEST}; charset=utf-8").status == 201
    response = ask(send, "HEAD", "/v2/a/manifests/t")
    assert response.headers.get("Content-Type") == media.OCI_MANIFEST


def test_several_tags_come_with_a_digest(send: Send) -> None:
    """
    `PUT .../manifests/<digest>?tag=a&tag=b` sets both; each is told in OCI-Tag.
    """
    push_blob(send, "a", b"{}")
    name = digest(image(), "sha512")
    response = put(send, "a", f"{name}?tag=x&tag=y&tag=x", image())
    assert response.status == 201
    assert response.headers.all("OCI-Tag") == ["x", "y"]
    for tag in ("x", "y"):
        found = ask(send, "GET", f"/v2/a/manifests/{tag}")
        assert found.headers.get("Docker-Content-Digest") == name
        assert found.body.read() == image()


def test_a_tag_moves(send: Send) -> None:
    """
    A tag points to what it was put to last; the manifest before it stays.
    """
    old, new = (push_image(send, "a", "t", layer) for layer in (b"old", b"new"))
    assert ask(send, "GET", "/v2/a/manifests/t").body.read() == new
    assert ask(send, "GET", f"/v2/a/manifests/{digest(old)}").body.read() == old


def test_blobs_may_be_none(send: Send) -> None:
    """
    "The list of blobs MAY be empty", and an index may be.
    """
    push_blob(send, "a", b"{}")
    assert put(send, "a", "t", image()).status == 201
    assert put(send, "a", "u", index(), media.OCI_INDEX).status == 201
    # Go writes an empty list as null.
    for raw, kind in ((image(), media.OCI_MANIFEST), (index(), media.OCI_INDEX)):
        assert put(send, "a", "t", raw.replace(b"[]", b"null"), kind).status == 201


def test_each_missing_blob_is_told(send: Send) -> None:
    """
    "When a manifest is rejected for this reason, it MUST result in one or more
    MANIFEST_BLOB_UNKNOWN errors"; and nothing is kept.
    """
    push_blob(send, "a", b"there")
    response = put(send, "a", "t", image(b"there", b"one", b"two"))
    body = json.loads(response.body.read())
    assert response.status == 400
    assert [problem["code"] for problem in body["errors"]] == ["MANIFEST_BLOB_UNKNOWN"] * 3
    text = json.dumps(body)
    assert all(digest(blob) in text for blob in (b"{}", b"one", b"two"))
    assert digest(b"there") not in text
    assert ask(send, "GET", "/v2/a/manifests/t").status == 404


def test_a_blob_of_another_repository_is_missing(send: Send) -> None:
    """
    What is not in the repository cannot be pulled from it, so it is missing.
    """
    push_blob(send, "other", b"{}")
    assert refused(put(send, "a", "t", image())) == (400, "MANIFEST_BLOB_UNKNOWN")


def test_children_of_an_index_have_to_be_there(send: Send) -> None:
    """
    An index refers to manifests of its repository, indexes included, and to blobs.
    """
    child = push_image(send, "a", "t", b"layer")
    refusal = put(send, "a", "i", index(child, b"none"), media.OCI_INDEX)
    assert refused(refusal) == (400, "MANIFEST_BLOB_UNKNOWN")
    inner = index(child)
    assert put(send, "a", "i", inner, media.OCI_INDEX).status == 201
    outer = index(manifests=[descriptor(inner, media.OCI_INDEX)])
    assert put(send, "a", "o", outer, media.OCI_INDEX).status == 201
    cache = index(manifests=[descriptor(b"layer", media.OCI_LAYER)])
    assert put(send, "a", "c", cache, media.OCI_INDEX).status == 201, "as builders cache"


def test_sparse_content_is_taken_when_asked_for(storage: Storage) -> None:
    """
    The switch `sparse` takes manifests and indexes without what they refer to.
    """
    send = registry(storage, sparse=True)
    assert put(send, "a", "t", image(b"none")).status == 201
    assert put(send, "a", "i", index(b"none"), media.OCI_INDEX).status == 201


@pytest.mark.parametrize("kind", [media.OCI_FOREIGN_LAYER_GZIP, media.DOCKER_FOREIGN_LAYER_GZIP])
def test_foreign_layers_need_not_be_there(send: Send, kind: str) -> None:
    """
    Layers that are not to be distributed are pulled from somewhere else.
    """
    push_blob(send, "a", b"{}")
    layers = [descriptor(b"elsewhere", kind)]
    assert put(send, "a", "t", image(layers=layers)).status == 201


def test_a_subject_need_not_be_there(send: Send) -> None:
    """
    "A registry MUST accept an otherwise valid manifest with a subject field that
    references a manifest that does not exist", and tells in OCI-Subject that it has
    understood.
    """
    push_blob(send, "a", b"{}")
    subject = descriptor(b"none", media.OCI_MANIFEST)
    response = put(send, "a", "t", image(subject=subject))
    assert response.status == 201
    assert response.headers.get("OCI-Subject") == digest(b"none")


def test_deleting_a_tag_leaves_the_manifest(send: Send) -> None:
    """
    "Upon success, the registry MUST respond with a 202 Accepted code"; the tag is a 404
    at once, and the manifest stays under its digest and other tags.
    """
    raw = push_image(send, "a", "t")
    put(send, "a", "u", raw)
    assert ask(send, "DELETE", "/v2/a/manifests/t").status == 202
    assert ask(send, "GET", "/v2/a/manifests/t").status == 404
    assert ask(send, "GET", "/v2/a/manifests/u").status == 200
    assert ask(send, "GET", f"/v2/a/manifests/{digest(raw)}").status == 200
    assert ask(send, "DELETE", "/v2/a/manifests/t").status == 404


def test_deleting_a_manifest_deletes_its_tags(send: Send) -> None:
    """
    "A GET to /v2/<name>/manifests/<digest> and any tag pointing to that digest will
    return a 404"; other manifests keep theirs.
    """
    raw, other = (push_image(send, "a", tag, tag.encode()) for tag in ("t", "other"))
    put(send, "a", "u", raw)
    assert ask(send, "DELETE", f"/v2/a/manifests/{digest(raw)}").status == 202
    for gone in ("t", "u", digest(raw)):
        assert ask(send, "GET", f"/v2/a/manifests/{gone}").status == 404
    assert ask(send, "GET", "/v2/a/manifests/other").body.read() == other


def test_a_large_manifest_is_taken_and_a_larger_one_is_413(send: Send) -> None:
    """
    "Registries SHOULD expect to support manifest pushes of at least 4 megabytes", and
    beyond their limit "SHOULD respond with 413 Payload Too Large".
    """
    push_blob(send, "a", b"{}")
    short = len(image(annotations={"a": ""}))
    most = image(annotations={"a": "x" * (MAX_MANIFEST - short)})
    assert put(send, "a", "t", most).status == 201
    assert refused(put(send, "a", "t", most + b" ")) == (413, "SIZE_INVALID")


def test_a_manifest_of_unknown_length_is_bounded_while_it_is_read(send: Send) -> None:
    """
    What comes in chunks does not say how long it is; no more than the limit is read.
    """
    body = Body(opener=BytesOpener(b" " * (MAX_MANIFEST + 10)), length=None)
    response = ask(send, "PUT", "/v2/a/manifests/t", body, Content_Type=media.OCI_MANIFEST)
    assert refused(response) == (413, "SIZE_INVALID")
