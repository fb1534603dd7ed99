"""
distribution-spec, "Content Management": deleting tags, manifests and blobs.
"""

from __future__ import annotations

import pytest

from ocikit import media
from ocikit.http.message import Send
from tests.server.clauses.conftest import Serving
from tests.server.samples import ask, digest, index, push_blob, push_image, put, refused

NONE = digest(b"not there")


def test_deletion_is_there_unless_it_is_switched_off(serving: Serving) -> None:
    """
    "Registries MAY implement deletion or they MAY disable it. Similarly, a registry MAY
    implement tag deletion, while others MAY allow deletion only by manifest." (Content
    Management)
    """
    raw = push_image(serving(), "a", "t", b"layer")
    for place in ("manifests/t", f"manifests/{digest(raw)}", f"blobs/{digest(b'layer')}"):
        assert ask(serving(delete=False), "DELETE", f"/v2/a/{place}").status == 405
        assert ask(serving(), "DELETE", f"/v2/a/{place}").status == 202


def test_deleting_a_tag_is_202(send: Send) -> None:
    """
    "Upon success, the registry MUST respond with a `202 Accepted` code." (Deleting tags)
    """
    push_image(send, "a", "t")
    assert ask(send, "DELETE", "/v2/a/manifests/t").status == 202
    assert refused(ask(send, "DELETE", "/v2/a/manifests/t")) == (404, "MANIFEST_UNKNOWN")


def test_tags_may_be_for_ever(serving: Serving) -> None:
    """
    "If tag deletion is disabled, the registry MUST respond with either a `400 Bad Request` or
    a `405 Method Not Allowed`." (Deleting tags)
    """
    push_image(serving(), "a", "t")
    send = serving(delete=False)
    assert refused(ask(send, "DELETE", "/v2/a/manifests/t")) == (405, "UNSUPPORTED")
    assert ask(send, "GET", "/v2/a/manifests/t").status == 200


def test_a_tag_that_was_deleted_is_gone_at_once(send: Send) -> None:
    """
    "Once deleted, a `GET` to `/v2/<name>/manifests/<tag>` will return a 404." (Deleting tags)
    The manifest stays, and its other tags.
    """
    raw = push_image(send, "a", "t")
    assert put(send, "a", "u", raw).status == 201
    assert ask(send, "DELETE", "/v2/a/manifests/t").status == 202
    for method in ("GET", "HEAD"):
        assert ask(send, method, "/v2/a/manifests/t").status == 404
    for reference in ("u", digest(raw)):
        assert ask(send, "GET", f"/v2/a/manifests/{reference}").status == 200


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
def test_deleting_a_manifest_is_202(send: Send, algorithm: str) -> None:
    """
    "Upon success, the registry MUST respond with a `202 Accepted` code." (Deleting Manifests)
    """
    raw = push_image(send, "a", "t")
    pinned = digest(raw, algorithm)
    assert put(send, "a", pinned, raw).status == 201
    assert ask(send, "DELETE", f"/v2/a/manifests/{pinned}").status == 202


def test_there_is_nothing_to_delete_where_nothing_is(send: Send) -> None:
    """
    "If the repository does not exist, the response MUST return `404 Not Found`." (Deleting
    Manifests)
    """
    for reference in (NONE, "t"):
        assert refused(ask(send, "DELETE", f"/v2/none/manifests/{reference}"))[0] == 404


def test_manifests_may_be_for_ever(serving: Serving) -> None:
    """
    "If manifest deletion is disabled, the registry MUST respond with either a `400 Bad
    Request` or a `405 Method Not Allowed`." (Deleting Manifests)
    """
    raw = push_image(serving(), "a", "t")
    send = serving(delete=False)
    response = ask(send, "DELETE", f"/v2/a/manifests/{digest(raw)}")
    assert refused(response) == (405, "UNSUPPORTED")
    assert ask(send, "GET", "/v2/a/manifests/t").status == 200


def test_a_manifest_that_was_deleted_is_gone_at_once_with_its_tags(send: Send) -> None:
    """
    "Once deleted, a `GET` to `/v2/<name>/manifests/<digest>` and any tag pointing to that
    digest will return a 404." (Deleting Manifests)
    """
    raw = push_image(send, "a", "t")
    assert put(send, "a", "u", raw).status == 201
    other = push_image(send, "a", "v", b"layer")
    assert ask(send, "DELETE", f"/v2/a/manifests/{digest(raw)}").status == 202
    for reference in ("t", "u", digest(raw)):
        for method in ("GET", "HEAD"):
            assert ask(send, method, f"/v2/a/manifests/{reference}").status == 404
    assert ask(send, "GET", "/v2/a/manifests/v").body.read() == other


def test_a_manifest_goes_though_an_index_lists_it(send: Send) -> None:
    """
    "Upon success, the registry MUST respond with a `202 Accepted` code." (Deleting Manifests)
    """
    raw = push_image(send, "a", "t")
    assert put(send, "a", "u", index(raw), media.OCI_INDEX).status == 201
    assert ask(send, "DELETE", f"/v2/a/manifests/{digest(raw)}").status == 202
    assert ask(send, "GET", "/v2/a/manifests/u").body.read() == index(raw)


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
def test_deleting_a_blob_is_202(send: Send, algorithm: str) -> None:
    """
    "Upon success, the registry MUST respond with code `202 Accepted`." (Deleting Blobs) It is
    gone at once, and other repositories keep it.
    """
    name = push_blob(send, "a", b"data", algorithm)
    assert ask(send, "POST", f"/v2/b/blobs/uploads/?mount={name}&from=a").status == 201
    assert ask(send, "DELETE", f"/v2/a/blobs/{name}").status == 202
    assert ask(send, "HEAD", f"/v2/a/blobs/{name}").status == 404
    assert ask(send, "GET", f"/v2/b/blobs/{name}").body.read() == b"data"
    assert ask(send, "DELETE", f"/v2/b/blobs/{name}").status == 202


def test_deleting_a_blob_that_is_not_there_is_404(send: Send) -> None:
    """
    "If the blob is not found, a `404 Not Found` code MUST be returned." (Deleting Blobs)
    """
    push_blob(send, "a", b"{}")
    for name in ("a", "none"):
        response = ask(send, "DELETE", f"/v2/{name}/blobs/{NONE}")
        assert refused(response) == (404, "BLOB_UNKNOWN")


def test_blobs_may_be_for_ever(serving: Serving) -> None:
    """
    "If blob deletion is disabled, the registry MUST respond with either a `400 Bad Request` or
    a `405 Method Not Allowed`." (Deleting Blobs)
    """
    name = push_blob(serving(), "a", b"data")
    send = serving(delete=False)
    assert refused(ask(send, "DELETE", f"/v2/a/blobs/{name}")) == (405, "UNSUPPORTED")
    assert ask(send, "GET", f"/v2/a/blobs/{name}").body.read() == b"data"
