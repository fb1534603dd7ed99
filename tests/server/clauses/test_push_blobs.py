"""
distribution-spec, "Pushing blobs": in one go, and mounting.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest

from ocikit.content.streams import BytesOpener
from ocikit.http.message import Body, Send
from tests.server.samples import ask, begin, digest, push_blob, refused

DATA = b"some data of a blob"
ALGORITHMS = ("sha256", "sha384", "sha512")


def pulled(send: Send, location: str) -> bytes:
    """
    Pull what lies at a location.
    """
    response = ask(send, "GET", location)
    assert response.status == 200
    return response.body.read()


@pytest.mark.parametrize(
    "name", ["sha256:baddigest", "md5:" + "0" * 32, "sha256:" + "A" * 64, "blake9:00", "x"]
)
def test_a_digest_that_cannot_be_verified_is_400(send: Send, name: str) -> None:
    """
    "In each implementation, if the client provided digest is invalid or uses an unsupported
    algorithm, the registry SHOULD respond with a response code `400 Bad Request`." (Pushing
    blobs)
    """
    single = ask(send, "POST", f"/v2/a/blobs/uploads/?digest={name}", DATA)
    assert refused(single) == (400, "DIGEST_INVALID")
    closed = ask(send, "PUT", f"{begin(send, 'a')}?digest={name}", DATA)
    assert refused(closed) == (400, "DIGEST_INVALID")


def test_post_begins_an_upload(send: Send) -> None:
    """
    "Upon success, the response MUST have a code of `202 Accepted`, and MUST include the
    following header" (POST then PUT): `Location`.
    """
    response = ask(send, "POST", "/v2/a/blobs/uploads/")
    assert response.status == 202
    assert response.headers.get("Location")


def test_a_location_has_an_id_of_its_own(send: Send) -> None:
    """
    "The `<location>` MUST contain a UUID representing a unique session ID for the upload to
    follow." (POST then PUT)
    """
    names = {begin(send, "a").rpartition("/")[2] for _ in range(3)}
    assert len(names) == 3
    assert {UUID(name).version for name in names} == {4}


def test_a_location_is_a_path(send: Send) -> None:
    """
    "Optionally, the location MAY be absolute (containing the protocol and/or hostname), or it
    MAY be relative (containing just the URL path)." (POST then PUT)
    """
    assert begin(send, "a").startswith("/v2/a/blobs/uploads/")


def test_a_location_may_be_given_more_parameters(send: Send) -> None:
    """
    "The `<location>` MAY contain critical query parameters." (POST then PUT) Here it does not,
    and what a client adds does no harm.
    """
    location = begin(send, "a")
    assert "?" not in location
    closed = ask(send, "PUT", f"{location}?x=1&digest={digest(DATA)}&y=2", DATA)
    assert closed.status == 201


def test_uploads_run_side_by_side(send: Send) -> None:
    """
    "Registries MUST support concurrent uploads from one or more clients, which is commonly
    implemented with a unique `<blob-push-location>` for each blob upload." (POST then PUT)
    """
    parts = {begin(send, name): bytes([number]) * 3000 for number, name in enumerate("aab")}

    def push(location: str) -> tuple[int, bytes]:
        for start in (0, 1000):
            piece = parts[location][start : start + 1000]
            assert ask(send, "PATCH", location, piece).status == 202
        path = f"{location}?digest={digest(parts[location])}"
        closed = ask(send, "PUT", path, parts[location][2000:])
        return closed.status, pulled(send, closed.headers.get("Location"))

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(push, parts)) == [(201, data) for data in parts.values()]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_put_ends_it_with_all_of_the_blob(send: Send, algorithm: str) -> None:
    """
    "Upon successful completion of the request, the response MUST have code `201 Created` and
    MUST have the following header" (POST then PUT): `Location`, "being a pullable blob URL".
    """
    location = begin(send, "a", f"?digest-algorithm={algorithm}")
    name = digest(DATA, algorithm)
    closed = ask(send, "PUT", f"{location}?digest={name}", DATA)
    assert closed.status == 201
    assert pulled(send, closed.headers.get("Location")) == DATA


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_single_post_is_enough(send: Send, algorithm: str) -> None:
    """
    "Registries MAY support pushing blobs using a single POST request." (Single POST)
    "Successful completion of the request MUST return a `201 Created` and MUST include the
    following header" (Single POST): `Location`.
    """
    name = digest(DATA, algorithm)
    response = ask(send, "POST", f"/v2/a/blobs/uploads/?digest={name}", DATA)
    assert response.status == 201
    assert pulled(send, response.headers.get("Location")) == DATA


def test_the_length_has_to_be_that_of_the_blob(send: Send) -> None:
    """
    "The `Content-Length` header MUST match the blob's actual content length." (Single POST)
    What has fewer bytes than its range says is not kept.
    """
    path = f"/v2/a/blobs/uploads/?digest={digest(DATA)}"
    response = ask(send, "POST", path, DATA, Content_Range=f"0-{len(DATA)}")
    assert refused(response) == (400, "SIZE_INVALID")
    assert ask(send, "HEAD", f"/v2/a/blobs/{digest(DATA)}").status == 404


def test_the_digest_has_to_be_that_of_the_blob(send: Send) -> None:
    """
    "Likewise, the `<digest>` MUST match the blob's digest." (Single POST)
    """
    name = digest(b"something else")
    response = ask(send, "POST", f"/v2/a/blobs/uploads/?digest={name}", DATA)
    assert refused(response) == (400, "DIGEST_INVALID")
    assert ask(send, "HEAD", f"/v2/a/blobs/{name}").status == 404
    closed = ask(send, "PUT", f"{begin(send, 'a')}?digest={name}", DATA)
    assert refused(closed) == (400, "DIGEST_INVALID")
    assert ask(send, "HEAD", f"/v2/a/blobs/{name}").status == 404


def test_a_blob_may_come_without_a_length(send: Send) -> None:
    """
    "There are two ways to push blobs: chunked or monolithic." (Pushing blobs) One whose length
    nobody knows beforehand comes in the transfer coding of HTTP.
    """
    body = Body(opener=BytesOpener(DATA), length=None)
    assert ask(send, "PATCH", location := begin(send, "a"), body).status == 202
    assert ask(send, "PUT", f"{location}?digest={digest(DATA)}").status == 201
    assert pulled(send, f"/v2/a/blobs/{digest(DATA)}") == DATA


def test_a_blob_is_mounted(send: Send) -> None:
    """
    "The response to a successful mount MUST be `201 Created`, and MUST contain the following
    header" (Mounting a blob from another repository): `Location`, from where it is pulled.
    """
    name = push_blob(send, "a", DATA)
    response = ask(send, "POST", f"/v2/b/c/blobs/uploads/?mount={name}&from=a")
    assert response.status == 201
    assert response.headers.get("Location").endswith(f"/v2/b/c/blobs/{name}")
    assert pulled(send, response.headers.get("Location")) == DATA


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_mount_tells_the_digest(send: Send, algorithm: str) -> None:
    """
    "The Docker-Content-Digest header returns the digest of the uploaded blob which MAY differ
    from the provided digest." (Mounting a blob from another repository) It never differs.
    """
    name = push_blob(send, "a", DATA, algorithm)
    response = ask(send, "POST", f"/v2/b/blobs/uploads/?mount={name}&from=a")
    assert response.headers.get("Docker-Content-Digest") == name


def test_a_mount_may_say_nothing_of_where_it_is(send: Send) -> None:
    """
    "The registry MAY treat the `from` parameter as optional, and it MAY cross-mount the blob
    if it can be found." (Mounting a blob from another repository)
    """
    name = push_blob(send, "a", DATA)
    assert ask(send, "POST", f"/v2/b/blobs/uploads/?mount={name}").status == 201
    assert pulled(send, f"/v2/b/blobs/{name}") == DATA


def test_what_cannot_be_mounted_is_uploaded(send: Send) -> None:
    """
    "if a registry does not support cross-repository mounting or is unable to mount the
    requested blob, it SHOULD return a `202`. This indicates that the upload session has begun
    and that the client MAY proceed with the upload." (Mounting a blob from another repository)
    """
    name = digest(DATA)
    for query in (f"mount={name}&from=none", f"mount={name}"):
        location = begin(send, "b", f"?{query}")
        assert ask(send, "GET", location).status == 204
    assert ask(send, "PUT", f"{location}?digest={name}", DATA).status == 201
