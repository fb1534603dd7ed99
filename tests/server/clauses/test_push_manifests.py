"""
distribution-spec, "Push" and "Pushing Manifests".
"""

from __future__ import annotations

import json

import pytest

from ocikit import media
from ocikit.http.message import Send
from ocikit.testing.asking import descriptor
from tests.server.clauses.conftest import Serving
from tests.server.samples import ask, digest, image, index, push_blob, push_image, put, refused

ALGORITHMS = ("sha256", "sha384", "sha512")
MEBIBYTE = 1 << 20


def codes(body: bytes) -> list[str]:
    """
    Give the code of each error.
    """
    return [problem["code"] for problem in json.loads(body)["errors"]]


@pytest.mark.parametrize("kind", [media.OCI_MANIFEST, media.OCI_INDEX], ids=["image", "index"])
def test_a_subject_need_not_be_there(send: Send, kind: str) -> None:
    """
    "A registry MUST initially accept an otherwise valid manifest with a `subject` field that
    references a manifest that does not exist in the repository, allowing clients to push a
    manifest and referrers to that manifest in either order." (Push)
    """
    push_blob(send, "a", b"{}")
    subject = descriptor(image(annotations={"a": "b"}), media.OCI_MANIFEST)
    raw = image(subject=subject) if kind == media.OCI_MANIFEST else index(subject=subject)
    assert put(send, "a", "t", raw, kind).status == 201
    assert put(send, "a", "u", image(annotations={"a": "b"})).status == 201


def test_what_is_missing_is_told_one_by_one(send: Send) -> None:
    """
    "A registry MAY reject a manifest uploaded to the manifest endpoint with descriptors in
    other fields that reference a manifest or blob that does not exist in the registry. When a
    manifest is rejected for this reason, it MUST result in one or more
    `MANIFEST_BLOB_UNKNOWN` errors" (Push)
    """
    response = put(send, "a", "t", image(b"1", b"2"))
    assert response.status == 400
    assert codes(response.body.read()) == ["MANIFEST_BLOB_UNKNOWN"] * 3
    response = put(send, "a", "t", index(image()), media.OCI_INDEX)
    assert (response.status, codes(response.body.read())) == (400, ["MANIFEST_BLOB_UNKNOWN"])


def test_what_is_missing_may_be_let_pass(serving: Serving) -> None:
    """
    "A registry MAY reject a manifest uploaded to the manifest endpoint with descriptors in
    other fields" (Push), or not: that is a switch.
    """
    send = serving(sparse=True)
    assert put(send, "a", "t", image(b"1", b"2")).status == 201
    assert put(send, "a", "u", index(image(b"3")), media.OCI_INDEX).status == 201


def test_parameters_of_the_type_are_ignored(send: Send) -> None:
    """
    "The registry SHOULD ignore parameters on the `Content-Type` header." (Pushing Manifests)
    """
    push_blob(send, "a", b"{}")
    for kind in (f"{media.OCI_MANIFEST}; charset=utf-8", f'{media.OCI_MANIFEST};a="b";c=d'):
        assert put(send, "a", "t", image(), kind).status == 201


def test_a_manifest_need_not_say_its_type(send: Send) -> None:
    """
    "All manifests SHOULD include a `mediaType` field declaring the type of the manifest being
    pushed." (Pushing Manifests) One that does not is what its header says.
    """
    push_blob(send, "a", b"{}")
    assert put(send, "a", "t", image(mediaType=None)).status == 201


def test_the_type_has_to_be_the_one_of_the_manifest(send: Send) -> None:
    """
    "If a manifest includes a `mediaType` field, clients MUST set the `Content-Type` header to
    the value specified by the `mediaType` field." (Pushing Manifests)
    """
    push_blob(send, "a", b"{}")
    response = put(send, "a", "t", image(), media.DOCKER_MANIFEST)
    assert refused(response) == (400, "MANIFEST_INVALID")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_reference_is_a_digest_or_a_tag(send: Send, algorithm: str) -> None:
    """
    "`<name>` is the namespace of the repository, and the `<reference>` MUST be either a) a
    digest or b) a tag." (Pushing Manifests)
    """
    push_blob(send, "a", b"{}")
    assert put(send, "a", "t", image()).status == 201
    assert put(send, "a", digest(image(), algorithm), image()).status == 201
    other = put(send, "a", digest(b"other", algorithm), image())
    assert refused(other) == (400, "DIGEST_INVALID")
    assert refused(put(send, "a", "sha256:no", image())) == (400, "DIGEST_INVALID")
    assert put(send, "a", "-t", image()).status == 400


def test_a_manifest_refers_to_its_blobs(send: Send) -> None:
    """
    "The uploaded manifest MUST reference any blobs that make up the object." (Pushing
    Manifests) One without the members for that is none.
    """
    push_blob(send, "a", b"{}")
    for raw in (image(config=None), image(layers=None), b"{}", b"[]", b""):
        assert refused(put(send, "a", "t", raw)) == (400, "MANIFEST_INVALID")


def test_a_manifest_may_have_no_blobs(send: Send) -> None:
    """
    "However, the list of blobs MAY be empty." (Pushing Manifests)
    """
    push_blob(send, "a", b"{}")
    assert put(send, "a", "t", image()).status == 201
    assert put(send, "a", "u", index(), media.OCI_INDEX).status == 201


def test_each_byte_of_it_is_kept(send: Send) -> None:
    """
    "The registry MUST store the manifest in the exact byte representation provided by the
    client." (Pushing Manifests)
    """
    push_blob(send, "a", b"{}")
    value = json.loads(
        image(annotations={"b": "\u00e9<", "a": "\U0001f433"}, z={"own": [1.50, None]})
    )
    for raw in (
        json.dumps(value, indent=3).encode() + b"\r\n\n",
        json.dumps(value, ensure_ascii=False).encode(),
        json.dumps(dict(reversed(value.items())), separators=(",", ":")).encode(),
    ):
        assert put(send, "a", "t", raw).status == 201
        for reference in ("t", digest(raw)):
            assert ask(send, "GET", f"/v2/a/manifests/{reference}").body.read() == raw


def test_a_push_is_201_with_where_it_can_be_pulled(send: Send) -> None:
    """
    "Upon a successful upload, the registry MUST return response code `201 Created`, and MUST
    have the following header" (Pushing Manifests): `Location`, "a pullable manifest URL".
    """
    push_blob(send, "a", b"{}")
    for reference in ("t", digest(image(), "sha512")):
        response = put(send, "a", reference, image())
        assert response.status == 201
        pulled = ask(send, "GET", response.headers.get("Location"))
        assert (pulled.status, pulled.body.read()) == (200, image())


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_push_tells_the_digest(send: Send, algorithm: str) -> None:
    """
    "The Docker-Content-Digest header returns the digest of the uploaded blob, and MUST be
    equal to the client provided digest." (Pushing Manifests)
    """
    push_blob(send, "a", b"{}")
    pinned = digest(image(), algorithm)
    assert put(send, "a", pinned, image()).headers.get("Docker-Content-Digest") == pinned
    tagged = put(send, "a", "t", image())
    assert tagged.headers.get("Docker-Content-Digest") == digest(image())


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_tags_may_come_with_a_digest(send: Send, algorithm: str) -> None:
    """
    "When pushing a manifest by digest, the registry MAY support the pushing of tags specified
    by addition of `tag` query parameters." (Pushing Manifests) Each is told as an `OCI-Tag`,
    and ten at least have to be possible.
    """
    push_blob(send, "a", b"{}")
    pinned, tags = digest(image(), algorithm), [f"t{number}" for number in range(12)]
    query = "&".join(f"tag={tag}" for tag in tags)
    response = put(send, "a", f"{pinned}?{query}", image())
    assert response.status == 201
    told = [value for name, value in response.headers if name.lower() == "oci-tag"]
    assert ",".join(told).replace(" ", "").split(",") == tags
    for tag in tags:
        pulled = ask(send, "GET", f"/v2/a/manifests/{tag}")
        assert pulled.headers.get("Docker-Content-Digest") == pinned


def test_a_repository_that_is_not_there_is_404(send: Send) -> None:
    """
    "An attempt to pull a nonexistent repository MUST return response code `404 Not Found`."
    (Pushing Manifests)
    """
    for reference in ("t", digest(b"x")):
        assert refused(ask(send, "GET", f"/v2/none/manifests/{reference}"))[0] == 404
    assert refused(ask(send, "GET", f"/v2/none/blobs/{digest(b'x')}"))[0] == 404


def test_four_megabytes_are_not_too_much(send: Send) -> None:
    """
    "Client and registry implementations SHOULD expect to be able to support manifest pushes of
    at least 4 megabytes." (Pushing Manifests)
    """
    push_blob(send, "a", b"{}")
    empty = len(image(annotations={"a": ""}))
    raw = image(annotations={"a": "x" * (4 * MEBIBYTE - empty)})
    assert len(raw) == 4 * MEBIBYTE
    assert put(send, "a", "t", raw).status == 201
    assert ask(send, "GET", "/v2/a/manifests/t").body.read() == raw


def test_too_large_a_manifest_is_413(send: Send) -> None:
    """
    "A registry SHOULD enforce some limit on the maximum manifest size that it can accept. A
    registry that enforces this limit SHOULD respond to a request to push a manifest over this
    limit with a response code `413 Payload Too Large`." (Pushing Manifests)
    """
    push_blob(send, "a", b"{}")
    raw = image(annotations={"a": "x" * (16 * MEBIBYTE)})
    assert put(send, "a", "t", raw).status == 413
    assert ask(send, "GET", "/v2/a/manifests/t").status == 404


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_subject_is_acknowledged(send: Send, algorithm: str) -> None:
    """
    "When processing a request for an image manifest with the `subject` field, a registry
    implementation that supports the referrers API MUST respond with the response header
    `OCI-Subject: <subject digest>` to indicate to the client that the registry processed the
    request's `subject`." (Pushing Manifests with Subject)
    """
    push_blob(send, "a", b"{}")
    subject = descriptor(b"not there", media.OCI_MANIFEST, algorithm)
    response = put(send, "a", "t", image(subject=subject))
    assert response.headers.get("OCI-Subject") == subject["digest"]


def test_a_subject_that_nobody_could_list_is_not_acknowledged(serving: Serving) -> None:
    """
    "When processing a request for an image manifest with the `subject` field, a registry
    implementation that supports the referrers API MUST respond with the response header"
    (Pushing Manifests with Subject); one that does not must not, so that clients keep the list.
    """
    send = serving(referrers=False)
    raw = push_image(send, "a", "t")
    response = put(send, "a", "u", image(subject=descriptor(raw, media.OCI_MANIFEST)))
    assert response.status == 201
    assert "OCI-Subject" not in response.headers
