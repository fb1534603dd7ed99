"""
Blobs: distribution-spec, "Pulling blobs", "Deleting Blobs"; ranges of RFC 9110.
"""

from __future__ import annotations

import pytest

from ocikit.http.message import Send
from tests.server.samples import ask, digest, push_blob, refused, undated

ALGORITHMS = ["sha256", "sha384", "sha512"]
DATA = bytes(range(256)) * 10


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("data", [DATA, b""])
def test_a_digest_gives_the_blob(send: Send, algorithm: str, data: bytes) -> None:
    """
    "A GET request to an existing blob URL MUST provide the expected blob, with a response
    code that MUST be 200 OK"; Docker-Content-Digest is the digest that was asked for.
    """
    name = push_blob(send, "a/b", data, algorithm)
    response = ask(send, "GET", f"/v2/a/b/blobs/{name}")
    assert (response.status, response.body.read()) == (200, data)
    assert response.headers.get("Docker-Content-Digest") == name
    assert response.headers.get("Content-Length") == str(len(data))
    assert response.headers.get("Content-Type") == "application/octet-stream"


def test_head_is_get_without_a_body(send: Send) -> None:
    """
    "A HEAD request to an existing blob or manifest URL MUST return 200 OK", and
    Content-Length is the size of the blob. A range is not for HEAD (RFC 9110, 14.2).
    """
    path = f"/v2/a/blobs/{push_blob(send, 'a', DATA)}"
    head, get = (ask(send, method, path) for method in ("HEAD", "GET"))
    assert undated(head) == undated(get)
    assert head.body.read() == b""
    assert undated(ask(send, "HEAD", path, Range="bytes=0-9")) == undated(head)


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE"])
@pytest.mark.parametrize("repository", ["a", "nobody"])
def test_what_is_not_there_is_404(send: Send, method: str, repository: str) -> None:
    """
    "If the blob is not found in the repository, the response code MUST be 404".
    """
    push_blob(send, "a", DATA)
    response = ask(send, method, f"/v2/{repository}/blobs/{digest(b'none')}")
    assert response.status == 404
    if method != "HEAD":
        assert refused(response) == (404, "BLOB_UNKNOWN")


def test_a_blob_is_only_where_it_was_pushed(send: Send) -> None:
    """
    Who may read one repository must not read another's blobs through it.
    """
    name = push_blob(send, "a", DATA)
    assert ask(send, "GET", f"/v2/b/blobs/{name}").status == 404


def test_deleting_takes_it_out_of_one_repository(send: Send) -> None:
    """
    "Upon success, the registry MUST respond with code 202 Accepted"; it is a 404 at once
    there, and others that hold it keep it.
    """
    name = push_blob(send, "a", DATA)
    push_blob(send, "b", DATA)
    assert ask(send, "DELETE", f"/v2/a/blobs/{name}").status == 202
    assert ask(send, "GET", f"/v2/a/blobs/{name}").status == 404
    assert ask(send, "GET", f"/v2/b/blobs/{name}").body.read() == DATA
    assert refused(ask(send, "DELETE", f"/v2/a/blobs/{name}")) == (404, "BLOB_UNKNOWN")


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=500-1499", 500, 1500),
        ("bytes=500-", 500, 2560),
        ("bytes=-500", 2060, 2560),
        ("bytes=-9999", 0, 2560),
        ("bytes=2000-5000", 2000, 2560),
        ("bytes=0-2559", 0, 2560),
        ("bytes= 1 - 2", 1, 3),
    ],
)
def test_a_range_is_206_with_just_that(send: Send, asked: str, start: int, end: int) -> None:
    """
    "Registries SHOULD support the Range request header"; lengths are those of the part.
    """
    response = ask(send, "GET", f"/v2/a/blobs/{push_blob(send, 'a', DATA)}", Range=asked)
    assert (response.status, response.body.read()) == (206, DATA[start:end])
    assert response.headers.get("Content-Range") == f"bytes {start}-{end - 1}/2560"
    assert response.headers.get("Content-Length") == str(end - start)


@pytest.mark.parametrize(
    "asked",
    [
        "bytes=500-0",
        "bytes=5000-10000",
        "bytes=2560-",
        "bytes=-0",
        "bytes=-",
        "bytes=",
        "bytes=a-b",
        "items=0-5",
        "bytes=0-1,3-4",
        "bytes=" + ",".join(f"{n}-{n + 2}" for n in range(1000)),
        "bytes=-9999999999999999999999999",
        "junk",
    ],
)
def test_a_range_that_cannot_be_is_416(send: Send, asked: str) -> None:
    """
    RFC 9110, 15.5.17: 416 with the size in Content-Range, and a short body of its own.
    """
    response = ask(send, "GET", f"/v2/a/blobs/{push_blob(send, 'a', DATA)}", Range=asked)
    assert response.headers.get("Content-Range") == "bytes */2560"
    assert int(response.headers.get("Content-Length")) < 300
    assert refused(response) == (416, "SIZE_INVALID")


def test_no_part_of_nothing_can_be_had(send: Send) -> None:
    """
    An empty blob has no range.
    """
    path = f"/v2/a/blobs/{push_blob(send, 'a', b'')}"
    assert ask(send, "GET", path, Range="bytes=0-").status == 416


def test_a_range_of_something_else_is_the_whole(send: Send) -> None:
    """
    RFC 9110, 13.1.5: If-Range with another validator turns a range off.
    """
    name = push_blob(send, "a", DATA)
    path = f"/v2/a/blobs/{name}"
    etag = ask(send, "HEAD", path).headers.get("ETag")
    same = ask(send, "GET", path, Range="bytes=1-2", If_Range=etag)
    other = ask(send, "GET", path, Range="bytes=1-2", If_Range='"other"')
    assert (same.status, same.body.read()) == (206, DATA[1:3])
    assert (other.status, other.body.read()) == (200, DATA)
