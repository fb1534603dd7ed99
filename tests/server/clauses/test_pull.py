"""
distribution-spec, "Pull": manifests, blobs, and whether they are there.
"""

from __future__ import annotations

import pytest

from ocikit import media
from ocikit.http.message import Send
from tests.server.samples import ask, digest, image, index, push_blob, push_image, put, refused

NONE = digest(b"not there")
PARTS = ("t", "_", "A.b-c_d", "9" * 128)


def test_content_is_pulled_in_any_order(send: Send) -> None:
    """
    "Typically, the first step in pulling an object is to retrieve the manifest. However, you
    MAY retrieve content from the registry in any order." (Pull)
    """
    raw = push_image(send, "a", "t", b"layer")
    assert ask(send, "GET", f"/v2/a/blobs/{digest(b'layer')}").body.read() == b"layer"
    assert ask(send, "GET", f"/v2/a/blobs/{digest(b'{}')}").body.read() == b"{}"
    assert ask(send, "GET", "/v2/a/manifests/t").body.read() == raw


def test_a_reference_is_a_digest_or_a_tag(send: Send) -> None:
    """
    "`<reference>` MUST be either (a) the digest of the manifest or (b) a tag." (Pulling
    manifests)
    """
    raw = push_image(send, "a", "t")
    for reference in ("t", digest(raw)):
        assert ask(send, "GET", f"/v2/a/manifests/{reference}").body.read() == raw


@pytest.mark.parametrize("reference", ["-t", "sha256:baddigeststring", "t:u", "9" * 129])
def test_a_reference_of_another_format_names_nothing(send: Send, reference: str) -> None:
    """
    "The `<reference>` MUST NOT be in any other format." (Pulling manifests)
    """
    push_blob(send, "a", b"{}")
    assert ask(send, "GET", f"/v2/a/manifests/{reference}").status in (400, 404)
    assert put(send, "a", reference, image()).status in (400, 404)


def test_names_are_of_the_grammar(send: Send) -> None:
    """
    "Throughout this document, `<name>` MUST match the following regular expression" (Pulling
    manifests): components that are separated by slashes, their parts by one of . _ __ or
    dashes.
    """
    for name in ("a", "a/b/c", "a.b", "a_b", "a__b", "a---b", "0/1", "a" * 200):
        push_blob(send, name, b"{}")
    for name in ("A", "-a", "a-", "a..b", "a___b", "a./b", "a%20b", "_"):
        path = f"/v2/{name}/blobs/uploads/"
        assert refused(ask(send, "POST", path))[1] == "NAME_INVALID", name


def test_names_are_not_longer_than_clients_can_take(send: Send) -> None:
    """
    "For compatibility with those clients, registries should avoid values of `<name>` that
    would cause this limit to be exceeded." (Pulling manifests)
    """
    assert ask(send, "POST", f"/v2/{'a' * 255}/blobs/uploads/").status == 202
    long = ask(send, "POST", f"/v2/{'a' * 256}/blobs/uploads/")
    assert refused(long) == (400, "NAME_INVALID")


def test_tags_are_of_the_grammar(send: Send) -> None:
    """
    "`<reference>` as a tag MUST be at most 128 characters in length and MUST match the
    following regular expression" (Pulling manifests)
    """
    raw = push_image(send, "a", "t")
    for tag in PARTS:
        assert put(send, "a", tag, raw).status == 201
        assert ask(send, "GET", f"/v2/a/manifests/{tag}").body.read() == raw
    for tag in (".t", "-t", "t+u", "t%20", "9" * 129):
        assert put(send, "a", tag, raw).status == 400


def test_types_come_without_parameters(send: Send) -> None:
    """
    "The registry SHOULD NOT include parameters on the `Content-Type` header." (Pulling
    manifests)
    """
    push_blob(send, "a", b"{}")
    assert put(send, "a", "t", image(), f"{media.OCI_MANIFEST}; charset=utf-8").status == 201
    response = ask(send, "GET", "/v2/a/manifests/t")
    assert response.headers.get("Content-Type") == media.OCI_MANIFEST


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (image(mediaType=None), media.OCI_MANIFEST),
        (image(mediaType=media.DOCKER_MANIFEST), media.DOCKER_MANIFEST),
        (index(), media.OCI_INDEX),
        (index(mediaType=media.DOCKER_MANIFEST_LIST), media.DOCKER_MANIFEST_LIST),
    ],
    ids=["oci", "docker", "index", "list"],
)
def test_types_come_as_they_were_pushed(send: Send, raw: bytes, kind: str) -> None:
    """
    "The `Content-Type` header SHOULD match what the client pushed as the manifest's
    `Content-Type`." (Pulling manifests)
    """
    push_blob(send, "a", b"{}")
    assert put(send, "a", "t", raw, kind).status == 201
    assert ask(send, "GET", "/v2/a/manifests/t").headers.get("Content-Type") == kind


def test_whatever_a_client_accepts_it_gets_what_is_there(send: Send) -> None:
    """
    "In a successful response, the `Content-Type` header will indicate the type of the returned
    manifest." (Pulling manifests)
    """
    raw = push_image(send, "a", "t")
    for accepted in ("", "*/*", media.DOCKER_MANIFEST_LIST, "text/html"):
        response = ask(send, "GET", "/v2/a/manifests/t", Accept=accepted)
        assert (response.status, response.body.read()) == (200, raw)
        assert response.headers.get("Content-Type") == media.OCI_MANIFEST


def test_a_manifest_that_exists_is_given(send: Send) -> None:
    """
    "A GET request to an existing manifest URL MUST provide the expected manifest, with a
    response code that MUST be `200 OK`." (Pulling manifests)
    """
    raw = push_image(send, "a", "t", b"layer")
    response = ask(send, "GET", "/v2/a/manifests/t")
    assert (response.status, response.body.read()) == (200, raw)


def test_a_manifest_comes_with_its_digest(send: Send) -> None:
    """
    "A successful response MUST contain the digest of the uploaded blob in the header
    `Docker-Content-Digest`." (Pulling manifests)
    """
    raw = push_image(send, "a", "t")
    response = ask(send, "GET", "/v2/a/manifests/t")
    assert response.headers.get("Docker-Content-Digest") == digest(raw)


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
def test_its_digest_is_the_one_that_was_asked_for(send: Send, algorithm: str) -> None:
    """
    "The `Docker-Content-Digest` header, if present on the response, returns the digest of the
    uploaded blob which MAY differ from the provided digest." (Pulling manifests) It never
    differs here, whatever the algorithm.
    """
    push_blob(send, "a", b"{}")
    pinned = digest(image(), algorithm)
    assert put(send, "a", pinned, image()).status == 201
    response = ask(send, "GET", f"/v2/a/manifests/{pinned}")
    assert response.headers.get("Docker-Content-Digest") == pinned


@pytest.mark.parametrize("reference", ["none", NONE])
def test_a_manifest_that_is_not_there_is_404(send: Send, reference: str) -> None:
    """
    "If the manifest is not found in the repository, the response code MUST be `404 Not
    Found`." (Pulling manifests)
    """
    raw = push_image(send, "b", "t")
    push_blob(send, "a", b"{}")
    for each in (reference, "t", digest(raw)):
        response = ask(send, "GET", f"/v2/a/manifests/{each}")
        assert refused(response) == (404, "MANIFEST_UNKNOWN")


@pytest.mark.parametrize("data", [b"", b"x", bytes(range(256)) * 1000], ids=len)
def test_a_blob_that_exists_is_given(send: Send, data: bytes) -> None:
    """
    "A GET request to an existing blob URL MUST provide the expected blob, with a response code
    that MUST be `200 OK`." (Pulling blobs)
    """
    response = ask(send, "GET", f"/v2/a/blobs/{push_blob(send, 'a', data)}")
    assert (response.status, response.body.read()) == (200, data)


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
def test_a_blob_comes_with_its_digest(send: Send, algorithm: str) -> None:
    """
    "A successful response MUST contain the digest of the uploaded blob in the header
    `Docker-Content-Digest`. If present, the value of this header MUST be a digest matching
    that of the response body." (Pulling blobs)
    """
    name = push_blob(send, "a", b"data", algorithm)
    response = ask(send, "GET", f"/v2/a/blobs/{name}")
    told = response.headers.get("Docker-Content-Digest")
    assert told == name == digest(response.body.read(), algorithm)


def test_a_blob_that_is_not_there_is_404(send: Send) -> None:
    """
    "If the blob is not found in the repository, the response code MUST be `404 Not Found`."
    (Pulling blobs)
    """
    other = push_blob(send, "b", b"data")
    push_blob(send, "a", b"{}")
    for name in (NONE, other):
        assert refused(ask(send, "GET", f"/v2/a/blobs/{name}")) == (404, "BLOB_UNKNOWN")


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [("500-1499", 500, 1500), ("500-", 500, 2048), ("-500", 1548, 2048), ("2000-5000", 2000, 2048)],
)
def test_a_range_of_a_blob_is_given(send: Send, asked: str, start: int, end: int) -> None:
    """
    "A registry SHOULD support the `Range` request header in accordance with RFC 9110"
    (Pulling blobs)
    """
    data = bytes(range(256)) * 8
    name = push_blob(send, "a", data)
    response = ask(send, "GET", f"/v2/a/blobs/{name}", Range=f"bytes={asked}")
    assert (response.status, response.body.read()) == (206, data[start:end])
    assert response.headers.get("Content-Range") == f"bytes {start}-{end - 1}/2048"
    assert response.headers.get("Content-Length") == str(end - start)


@pytest.mark.parametrize("asked", ["500-0", "5000-10000"])
def test_a_range_that_cannot_be_is_416(send: Send, asked: str) -> None:
    """
    "A registry SHOULD support the `Range` request header in accordance with RFC 9110"
    (Pulling blobs)
    """
    name = push_blob(send, "a", bytes(2048))
    response = ask(send, "GET", f"/v2/a/blobs/{name}", Range=f"bytes={asked}")
    assert response.status == 416


def test_head_of_what_exists_is_200(send: Send) -> None:
    """
    "A HEAD request to an existing blob or manifest URL MUST return `200 OK`. A successful
    response MUST contain the digest of the uploaded blob or manifest in the header
    `Docker-Content-Digest`. A successful response MUST contain the size in bytes of the
    uploaded blob or manifest in the header `Content-Length`." (Checking if content exists in
    the registry)
    """
    raw = push_image(send, "a", "t", b"layer")
    places = {f"blobs/{digest(b'layer')}": b"layer", "manifests/t": raw}
    for place, data in {**places, f"manifests/{digest(raw)}": raw}.items():
        response = ask(send, "HEAD", f"/v2/a/{place}")
        assert (response.status, response.body.read()) == (200, b"")
        assert response.headers.get("Docker-Content-Digest") == digest(data)
        assert response.headers.get("Content-Length") == str(len(data))


def test_head_of_what_is_not_there_is_404(send: Send) -> None:
    """
    "If the blob or manifest is not found in the repository, the response code MUST be `404
    Not Found`." (Checking if content exists in the registry)
    """
    push_blob(send, "a", b"{}")
    for place in (f"blobs/{NONE}", "manifests/none", f"manifests/{NONE}"):
        response = ask(send, "HEAD", f"/v2/a/{place}")
        assert (response.status, response.body.read()) == (404, b"")
