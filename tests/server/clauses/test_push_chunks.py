"""
distribution-spec, "Pushing a blob in chunks" and "Cancel a blob upload".
"""

from __future__ import annotations

import time

import pytest

from ocikit.http.message import Response, Send
from ocikit.server.disk.storage import Disk
from ocikit.server.garbage import collect
from ocikit.server.handler import registry
from ocikit.server.memory import Memory
from ocikit.server.objects.storage import Objects
from ocikit.server.storage import Storage
from tests.server.clauses.conftest import Serving
from tests.server.samples import ask, begin, digest, refused

DATA = bytes(range(256)) * 4


def patch(send: Send, location: str, start: int, end: int) -> Response:
    """
    Send the chunk of the data from `start` up to `end`, said to be there.
    """
    headers = {"Content-Range": f"{start}-{end - 1}"}
    return ask(send, "PATCH", location, DATA[start:end], headers)


def close(send: Send, location: str, data: bytes = b"", said: str = "") -> Response:
    """
    End an upload of the data, with its last chunk if there is one, and where that is.
    """
    headers = {"Content-Range": said} if said else {}
    return ask(send, "PUT", f"{location}?digest={digest(DATA)}", data, headers)


def test_a_minimum_of_chunks_is_told(serving: Serving) -> None:
    """
    "If the registry has a minimum chunk size, the `POST` response SHOULD include the following
    header, where `<size>` is the size in bytes" (Pushing a blob in chunks):
    `OCI-Chunk-Min-Length`.
    """
    response = ask(serving(chunk_min=100), "POST", "/v2/a/blobs/uploads/")
    assert response.headers.get("OCI-Chunk-Min-Length") == "100"
    without = ask(serving(), "POST", "/v2/a/blobs/uploads/")
    assert "OCI-Chunk-Min-Length" not in without.headers


def test_an_algorithm_is_told_ahead(send: Send) -> None:
    """
    "When pushing a blob with a digest algorithm other than `sha256`, the post request SHOULD
    include the `digest-algorithm` parameter" (Pushing a blob in chunks). Who does not is
    understood as well.
    """
    name = digest(DATA, "sha512")
    for query in ("?digest-algorithm=sha512", ""):
        location = begin(send, "a", query)
        assert patch(send, location, 0, 1000).status == 202
        assert ask(send, "PUT", f"{location}?digest={name}", DATA[1000:]).status == 201
    assert ask(send, "GET", f"/v2/a/blobs/{name}").body.read() == DATA


def test_a_range_has_both_ends(send: Send) -> None:
    """
    "The `<range>` refers to the byte range of the chunk, and MUST be inclusive on both ends."
    (Pushing a blob in chunks)
    """
    location = begin(send, "a")
    wrong = ask(send, "PATCH", location, DATA[:100], Content_Range="0-100")
    assert refused(wrong) == (400, "SIZE_INVALID")
    assert ask(send, "PATCH", location, DATA[:100], Content_Range="0-99").status == 202


def test_the_first_range_begins_with_nought(send: Send) -> None:
    """
    "The first chunk's range MUST begin with `0`." (Pushing a blob in chunks)
    """
    assert patch(send, begin(send, "a"), 1, 100).status == 416
    assert patch(send, begin(send, "a"), 0, 100).status == 202


@pytest.mark.parametrize("text", ["bytes 0-99/1024", "bytes=0-99", "0-", "-99", "0-99/*", "99-0"])
def test_a_range_is_two_numbers(send: Send, text: str) -> None:
    """
    "It MUST match the following regular expression" (Pushing a blob in chunks): two numbers
    with a dash between them.
    """
    response = ask(send, "PATCH", begin(send, "a"), DATA[:100], Content_Range=text)
    assert refused(response) == (400, "BLOB_UPLOAD_INVALID")


def test_the_final_chunk_may_be_short(serving: Serving) -> None:
    """
    "the size of each chunk, except for the final chunk, SHOULD be greater or equal to that
    value. The final chunk MAY have any length." (Pushing a blob in chunks)
    """
    send = serving(chunk_min=100)
    location = begin(send, "a")
    assert patch(send, location, 0, 99).status == 416
    assert patch(send, location, 0, 1000).status == 202
    assert close(send, location, DATA[1000:]).status == 201


def test_a_chunk_that_came_is_202(send: Send) -> None:
    """
    "The response for each successful chunk upload MUST be `202 Accepted`, and MUST have the
    following headers" (Pushing a blob in chunks): `Location`, and `Range` with "the position
    of the last uploaded byte of the blob".
    """
    location = begin(send, "a")
    for start, end in ((0, 500), (500, 501), (501, 1024)):
        response = patch(send, location, start, end)
        assert response.status == 202
        assert response.headers.get("Range") == f"0-{end - 1}"
        location = response.headers.get("Location")
    assert close(send, location).status == 201


def test_chunks_come_in_order(send: Send) -> None:
    """
    "Chunks MUST be uploaded in order, with the first byte of a chunk being the last chunk's
    `<end-of-range>` plus one." (Pushing a blob in chunks)
    """
    location = begin(send, "a")
    for start in range(0, 1024, 256):
        assert patch(send, location, start, start + 256).status == 202
    assert close(send, location).status == 201


@pytest.mark.parametrize("start", [0, 499, 501, 900])
def test_a_chunk_out_of_order_is_416_and_changes_nothing(send: Send, start: int) -> None:
    """
    "If a chunk is uploaded out of order, the registry MUST respond with a `416 Requested Range
    Not Satisfiable` code. A GET request may be used to retrieve the current valid offset and
    upload location." (Pushing a blob in chunks)
    """
    location = begin(send, "a")
    assert patch(send, location, 0, 500).status == 202
    assert refused(patch(send, location, start, start + 10))[0] == 416
    status = ask(send, "GET", location)
    assert status.headers.get("Range") == "0-499"
    assert patch(send, status.headers.get("Location"), 500, 1024).status == 202
    assert close(send, location).status == 201


def test_a_final_chunk_out_of_order_is_416(send: Send) -> None:
    """
    "If the final chunk is uploaded out of order, the registry MUST respond with a `416
    Requested Range Not Satisfiable` code." (Pushing a blob in chunks)
    """
    location = begin(send, "a")
    assert patch(send, location, 0, 500).status == 202
    early = close(send, location, DATA[600:], "600-1023")
    assert refused(early)[0] == 416
    assert close(send, location, DATA[500:], "500-1023").status == 201


@pytest.mark.parametrize("last", [b"", DATA[1000:]], ids=["patch", "put"])
def test_the_final_chunk_comes_either_way(send: Send, last: bytes) -> None:
    """
    "The final chunk MAY be uploaded using a `PATCH` request or it MAY be uploaded in the
    closing `PUT` request." (Pushing a blob in chunks)
    """
    location = begin(send, "a")
    assert patch(send, location, 0, len(DATA) - len(last)).status == 202
    assert close(send, location, last).status == 201
    assert ask(send, "GET", f"/v2/a/blobs/{digest(DATA)}").body.read() == DATA


def test_before_it_is_closed_there_is_no_blob(send: Send) -> None:
    """
    "Regardless of how the final chunk is uploaded, the session MUST be closed with a `PUT`
    request." (Pushing a blob in chunks)
    """
    location = begin(send, "a")
    assert patch(send, location, 0, 1024).status == 202
    assert ask(send, "HEAD", f"/v2/a/blobs/{digest(DATA)}").status == 404
    assert close(send, location).status == 201
    assert ask(send, "HEAD", f"/v2/a/blobs/{digest(DATA)}").status == 200
    assert ask(send, "GET", location).status == 404


def test_the_closing_put_has_the_digest_of_the_whole(send: Send) -> None:
    """
    "The closing `PUT` request MUST include the `<digest>` of the whole blob (not the final
    chunk) as a query parameter." (Pushing a blob in chunks)
    """
    location = begin(send, "a")
    assert patch(send, location, 0, 500).status == 202
    assert refused(ask(send, "PUT", location, DATA[500:])) == (400, "DIGEST_INVALID")
    part = ask(send, "PUT", f"{location}?digest={digest(DATA[500:])}", DATA[500:])
    assert refused(part) == (400, "DIGEST_INVALID")


def test_closing_is_201(send: Send) -> None:
    """
    "The response to a successful closing of the session MUST be `201 Created`, and MUST
    contain the following header" (Pushing a blob in chunks): `Location`, "a pullable blob
    URL".
    """
    location = begin(send, "a")
    assert patch(send, location, 0, 500).status == 202
    closed = close(send, location, DATA[500:])
    assert closed.status == 201
    assert ask(send, "GET", closed.headers.get("Location")).body.read() == DATA


def test_an_upload_tells_where_it_stands(send: Send) -> None:
    """
    "The response to an active upload `<location>` MUST be a `204 No Content` response code,
    and MUST have the following headers" (Pushing a blob in chunks): `Location` and `Range`.
    """
    location = begin(send, "a")
    assert patch(send, location, 0, 500).status == 202
    response = ask(send, "GET", location)
    assert (response.status, response.body.read()) == (204, b"")
    assert response.headers.get("Location").endswith(location)
    assert response.headers.get("Range") == "0-499"


def test_cancelling_is_204(send: Send) -> None:
    """
    "If successful, the response SHOULD be a `204 No Content` response code." (Cancel a blob
    upload)
    """
    location = begin(send, "a")
    assert patch(send, location, 0, 500).status == 202
    assert ask(send, "DELETE", location).status == 204
    assert refused(ask(send, "GET", location)) == (404, "BLOB_UPLOAD_UNKNOWN")


def test_uploads_that_nobody_goes_on_with_are_forgotten(storage: Storage) -> None:
    """
    "If this request fails or is not called, the server SHOULD eventually timeout unfinished
    uploads." (Cancel a blob upload) Object stores forget them by themselves, the others when their
    garbage is collected.
    """
    send = registry(storage)
    location = begin(send, "a")
    assert patch(send, location, 0, 500).status == 202
    if isinstance(storage, Objects):
        assert storage.expire(time.time() + 1) == 1
    else:
        assert isinstance(storage, Memory | Disk)
        assert [each.kind for each in collect(storage, expires=-1)] == ["upload"]
    assert ask(send, "GET", location).status == 404
