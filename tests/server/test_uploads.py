"""
Uploads: distribution-spec, "Pushing blobs", "Cancel a blob upload", "Mounting a blob".
"""

from __future__ import annotations

import io
import time
from typing import Any, cast

import attrs
import pytest

from ocikit.content.streams import BytesOpener, Stream
from ocikit.http.message import Body, Request, Send
from ocikit.server.handler import registry
from ocikit.server.storage import Storage, UploadUnknown
from tests.server.samples import ask, begin, code, digest, push_blob, refused

DATA = b"0123456789" * 10
ALGORITHMS = ["sha256", "sha384", "sha512"]


def _is_pullable(send: Send, location: str, data: bytes) -> bool:
    return ask(send, "GET", location).body.read() == data


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("data", [DATA, b""])
def test_one_post(send: Send, algorithm: str, data: bytes) -> None:
    """
    "Successful completion of the request MUST return a 201 Created and MUST include the
    Location header", a pullable blob URL.
    """
    name = digest(data, algorithm)
    response = ask(send, "POST", f"/v2/a/blobs/uploads/?digest={name}", data)
    assert response.status == 201
    assert response.headers.get("Docker-Content-Digest") == name
    assert _is_pullable(send, response.headers.get("Location"), data)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("data", [DATA, b""])
def test_post_then_put(send: Send, algorithm: str, data: bytes) -> None:
    """
    POST: "the response MUST have a code of 202 Accepted, and MUST include Location". PUT:
    "MUST have code 201 Created" and the location of the blob.
    """
    location, name = begin(send, "a"), digest(data, algorithm)
    response = ask(send, "PUT", f"{location}?digest={name}", data)
    assert response.status == 201
    assert response.headers.get("Docker-Content-Digest") == name
    assert _is_pullable(send, response.headers.get("Location"), data)


def test_locations_are_unique_and_relative(send: Send) -> None:
    """
    "The location MUST contain a UUID representing a unique session ID"; and whatever host
    a client says, no location repeats it.
    """
    first, second = begin(send, "a"), begin(send, "a")
    assert first != second
    assert first.startswith("/v2/a/blobs/uploads/")


@pytest.mark.parametrize("last", [b"", b"tail"])
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_chunks(send: Send, last: bytes, algorithm: str) -> None:
    """
    Each chunk "MUST be 202 Accepted, and MUST have Location and Range: 0-<end>"; the last
    one may come with the PUT, which "MUST be 201 Created".
    """
    location = begin(send, "a", f"?digest-algorithm={algorithm}")
    for start in (0, 40):
        part = DATA[:40] if start == 0 else DATA[40:]
        said = f"{start}-{start + len(part) - 1}"
        response = ask(send, "PATCH", location, part, Content_Range=said)
        assert response.status == 202
        assert response.headers.get("Range") == f"0-{start + len(part) - 1}"
        location = response.headers.get("Location")
    name = digest(DATA + last, algorithm)
    headers = {"Content-Range": f"100-{99 + len(last)}"} if last else {}
    response = ask(send, "PUT", f"{location}?digest={name}", last, headers)
    assert response.status == 201
    assert _is_pullable(send, response.headers.get("Location"), DATA + last)


def test_a_stream_is_a_chunk_of_unknown_length(send: Send) -> None:
    """
    Docker's clients send all in one PATCH without Content-Range, in chunks of HTTP.
    """
    body = Body(opener=BytesOpener(DATA), length=None)
    response = ask(send, "PATCH", begin(send, "a"), body)
    assert (response.status, response.headers.get("Range")) == (202, "0-99")
    location = response.headers.get("Location")
    assert ask(send, "PUT", f"{location}?digest={digest(DATA)}").status == 201


@pytest.mark.parametrize("said", ["50-59", "9-18", "0-9", "99999999999-99999999999"])
@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_a_chunk_out_of_order_is_416(send: Send, said: str, method: str) -> None:
    """
    "If a chunk is uploaded out of order, the registry MUST respond with a 416"; the upload
    stands where it stood, as GET tells, and can go on.
    """
    location = begin(send, "a")
    ask(send, "PATCH", location, DATA[:10], Content_Range="0-9")
    query = f"?digest={digest(DATA)}" if method == "PUT" else ""
    first, last = map(int, said.split("-"))
    data = DATA[: last - first + 1]
    refusal = ask(send, method, location + query, data, Content_Range=said)
    assert refused(refusal) == (416, "BLOB_UPLOAD_INVALID")
    status = ask(send, "GET", location)
    assert (status.status, status.headers.get("Range")) == (204, "0-9")
    assert ask(send, "PATCH", location, DATA[10:], Content_Range="10-99").status == 202
    assert ask(send, "PUT", f"{location}?digest={digest(DATA)}").status == 201


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("0-5", (400, "SIZE_INVALID")),
        ("0-10", (400, "SIZE_INVALID")),
        ("junk", (400, "BLOB_UPLOAD_INVALID")),
        ("bytes 0-9/10", (400, "BLOB_UPLOAD_INVALID")),
        ("9-0", (400, "BLOB_UPLOAD_INVALID")),
        ("-1-8", (400, "BLOB_UPLOAD_INVALID")),
        ("0-", (400, "BLOB_UPLOAD_INVALID")),
    ],
)
@pytest.mark.parametrize("known", [True, False])
def test_a_range_has_to_match_its_chunk(
    send: Send, said: str, expected: tuple[int, str], known: bool
) -> None:
    """
    "It MUST match the regular expression ^[0-9]+-[0-9]+$", and be of the chunk's length,
    also where that is known only at its end; nothing of such a chunk is kept.
    """
    location = begin(send, "a")
    body = Body(opener=BytesOpener(DATA[:10]), length=10 if known else None)
    assert refused(ask(send, "PATCH", location, body, Content_Range=said)) == expected
    assert ask(send, "PATCH", location, DATA, Content_Range="0-99").status == 202
    assert ask(send, "PUT", f"{location}?digest={digest(DATA)}").status == 201


def test_the_status_of_an_upload(send: Send) -> None:
    """
    "The response to an active upload MUST be a 204 No Content, and MUST have Location and
    Range".
    """
    location = begin(send, "a")
    for data, told in ((b"", "0-0"), (DATA, "0-99")):
        ask(send, "PATCH", location, data)
        response = ask(send, "GET", location)
        assert response.status == 204
        assert response.headers.get("Range") == told
        assert response.headers.get("Location") == location
        assert response.body.read() == b""


@pytest.mark.parametrize("method", ["GET", "PATCH", "PUT", "DELETE"])
@pytest.mark.parametrize("end", ["cancelled", "finished", "never", "elsewhere"])
def test_an_upload_that_is_not_there_is_404(send: Send, method: str, end: str) -> None:
    """
    One that ended, never began, or was begun in another repository.
    """
    location = begin(send, "a")
    query = f"?digest={digest(b'')}"
    if end == "cancelled":
        assert ask(send, "DELETE", location).status == 204
    elif end == "finished":
        assert ask(send, "PUT", location + query).status == 201
    else:
        location = "/v2/a/blobs/uploads/never" if end == "never" else location.replace("a", "b", 1)
    response = ask(send, method, location + query * (method == "PUT"))
    assert refused(response) == (404, "BLOB_UPLOAD_UNKNOWN")


@pytest.mark.parametrize(
    "wrong", [digest(b"other"), digest(b"other", "sha512"), "sha256:abc", "md5:" + "0" * 32, ""]
)
@pytest.mark.parametrize("way", ["post", "put", "put last chunk"])
def test_content_has_to_be_what_its_digest_names(send: Send, wrong: str, way: str) -> None:
    """
    A digest that is none, is of another algorithm than those we verify, or is not of what
    was sent: 400, and the repository holds nothing.
    """
    if way == "post":
        response = ask(send, "POST", f"/v2/a/blobs/uploads/?digest={wrong}", DATA)
    else:
        location = begin(send, "a")
        if way == "put last chunk":
            ask(send, "PATCH", location, DATA[:10])
        response = ask(send, "PUT", f"{location}?digest={wrong}", DATA)
    assert refused(response) == (400, "DIGEST_INVALID")
    assert send(Request(method="GET", url="http://r/v2/a/tags/list")).status == 404


def test_the_closing_put_has_a_digest(send: Send) -> None:
    """
    "The closing PUT request MUST include the digest of the whole blob".
    """
    assert refused(ask(send, "PUT", begin(send, "a"), DATA)) == (400, "DIGEST_INVALID")


def test_an_algorithm_that_cannot_be_verified_is_refused_at_once(send: Send) -> None:
    """
    A client that says early what it will send learns early that it is no use.
    """
    response = ask(send, "POST", "/v2/a/blobs/uploads/?digest-algorithm=md5")
    assert refused(response) == (400, "DIGEST_INVALID")


def test_a_least_length_of_chunks_is_told_and_kept(storage: Storage) -> None:
    """
    "If the registry has a minimum chunk size, the POST response SHOULD include
    OCI-Chunk-Min-Length"; the last chunk, which comes with the PUT, may be shorter.
    """
    send = registry(storage, chunk_min=50)
    response = ask(send, "POST", "/v2/a/blobs/uploads/")
    location = response.headers.get("Location")
    assert response.headers.get("OCI-Chunk-Min-Length") == "50"
    short = ask(send, "PATCH", location, DATA[:49], Content_Range="0-48")
    assert refused(short) == (416, "SIZE_INVALID")
    assert ask(send, "PATCH", location, DATA[:60], Content_Range="0-59").status == 202
    query = f"?digest={digest(DATA)}"
    assert ask(send, "PUT", location + query, DATA[60:], Content_Range="60-99").status == 201


def test_mounting(send: Send) -> None:
    """
    "The response to a successful mount MUST be 201 Created, and MUST contain Location".
    """
    name = push_blob(send, "from/here", DATA)
    response = ask(send, "POST", f"/v2/to/blobs/uploads/?mount={name}&from=from/here")
    assert response.status == 201
    assert response.headers.get("Docker-Content-Digest") == name
    assert _is_pullable(send, response.headers.get("Location"), DATA)


def test_mounting_from_wherever_it_is(send: Send) -> None:
    """
    "The registry MAY treat the from parameter as optional, and it MAY cross-mount the
    blob if it can be found".
    """
    name = push_blob(send, "from/here", DATA)
    assert ask(send, "POST", f"/v2/to/blobs/uploads/?mount={name}").status == 201
    assert ask(send, "GET", f"/v2/to/blobs/{name}").body.read() == DATA


@pytest.mark.parametrize("source", ["&from=b", "&from=nobody", "&from=../b", "&from=", ""])
def test_what_cannot_be_mounted_can_be_uploaded(send: Send, source: str) -> None:
    """
    A registry that "is unable to mount the requested blob SHOULD return a 202", whose
    session the client goes on with.
    """
    push_blob(send, "b", b"something else")
    location = begin(send, "a", f"?mount={digest(DATA)}{source}")
    assert ask(send, "PUT", f"{location}?digest={digest(DATA)}", DATA).status == 201


def test_mounting_no_digest(send: Send) -> None:
    """
    What is no digest can be neither mounted nor uploaded.
    """
    assert refused(ask(send, "POST", "/v2/a/blobs/uploads/?mount=x")) == (400, "DIGEST_INVALID")


@pytest.mark.parametrize("source", ["&from=secret", ""])
def test_nothing_is_mounted_from_what_the_client_may_not_read(
    storage: Storage, source: str
) -> None:
    """
    A mount would otherwise give a blob away to whoever knows its digest.
    """
    send = registry(storage, may_read=lambda request, repository: repository != "secret")
    name = push_blob(send, "secret", DATA)
    assert ask(send, "POST", f"/v2/a/blobs/uploads/?mount={name}{source}").status == 202
    push_blob(send, "public", DATA)
    assert ask(send, "POST", f"/v2/a/blobs/uploads/?mount={name}").status == 201


@attrs.frozen
class _Broken:
    data: bytes

    def open(self) -> Stream:
        return _Raw(self.data)


class _Raw(io.RawIOBase):
    def __init__(self, data: bytes) -> None:
        self._inner = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object, /) -> int:
        count = self._inner.readinto(buffer)  # type: ignore[arg-type]
        if not count:
            raise ConnectionResetError("the client is gone")
        return count


@pytest.mark.parametrize("said", ["0-99", None])
def test_a_chunk_that_breaks_off_is_resumed(handler: Send, said: str | None) -> None:
    """
    What came before the connection broke is kept, and GET tells how much that is.
    """
    send = handler
    location = begin(send, "a")
    headers = {"Content-Range": said} if said else {}
    body = Body(opener=_Broken(DATA[:70]), length=100)
    with pytest.raises(ConnectionResetError):
        ask(send, "PATCH", location, body, headers)
    assert ask(send, "GET", location).headers.get("Range") == "0-69"
    assert ask(send, "PATCH", location, DATA[70:], Content_Range="70-99").status == 202
    assert ask(send, "PUT", f"{location}?digest={digest(DATA)}").status == 201


def test_an_upload_goes_on_from_where_it_is_said_to_be(send: Send) -> None:
    """
    Whatever a server in front has passed on of a chunk that broke off.
    """
    location = begin(send, "a")
    with pytest.raises(ConnectionResetError):
        ask(send, "PATCH", location, Body(opener=_Broken(DATA[:70]), length=100))
    time.sleep(0.05)
    last = ask(send, "GET", location).headers.get("Range").partition("-")[2]
    at = int(last) + 1 if last != "0" else 0
    assert ask(send, "PATCH", location, DATA[at:], Content_Range=f"{at}-99").status == 202
    assert ask(send, "PUT", f"{location}?digest={digest(DATA)}").status == 201


@attrs.frozen
class _Watched:
    """
    A storage, and the names of the uploads that it began.
    """

    inner: Storage
    begun: list[str] = attrs.field(factory=list)

    def begin(self, repository: str, algorithm: str) -> str:
        self.begun.append(self.inner.begin(repository, algorithm))
        return self.begun[-1]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


def test_a_single_post_that_breaks_off_leaves_nothing(storage: Storage) -> None:
    """
    Nobody knows the name of its session, so that it would stay for ever.
    """
    watched = _Watched(storage)
    body = Body(opener=_Broken(DATA[:70]), length=100)
    path = f"/v2/a/blobs/uploads/?digest={digest(DATA)}"
    with pytest.raises(ConnectionResetError):
        ask(registry(cast(Storage, watched)), "POST", path, body)
    (name,) = watched.begun
    with pytest.raises(UploadUnknown):
        storage.received("a", name)


def test_the_slash_at_the_end_may_be_forgotten(send: Send) -> None:
    """
    Clients that join paths lose the slash of `/blobs/uploads/`.
    """
    assert ask(send, "POST", "/v2/a/blobs/uploads").status == 202
    assert code(ask(send, "GET", "/v2/a/blobs/uploads")) == "UNSUPPORTED"
