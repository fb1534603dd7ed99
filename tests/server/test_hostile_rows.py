"""
The requests by which registries were compared, row by row, in every way that ours is asked.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

import pytest

from ocikit import media
from ocikit.content.streams import Stream
from ocikit.http.message import Body, Headers, Request, Send
from ocikit.testing.asking import descriptor
from tests.server.samples import ask, begin, digest, image, index, push_blob, push_image, put

Row: TypeAlias = Callable[[Send], Iterator[int]]
ROWS: Final[dict[str, tuple[Row, tuple[int, ...]]]] = {}
LAYER: Final = descriptor(b"layer", media.OCI_LAYER)


def row(name: str, *expected: int) -> Callable[[Row], Row]:
    """
    Name what is asked, and the statuses that answer it.
    """

    def keep(ask: Row) -> Row:
        ROWS[name] = ask, expected
        return ask

    return keep


@row("traversal in the path", 404, 404)
def _climb(send: Send) -> Iterator[int]:
    yield ask(send, "POST", "/v2/a/../../b/blobs/uploads/").status
    yield ask(send, "POST", "/v2/a/%2e%2e/%2e%2e/b/blobs/uploads/").status


@row("names: upper case, NUL, 300 characters", 400, 400, 400)
def _names(send: Send) -> Iterator[int]:
    for name in ("UPPER", "a%00b", "a" * 300):
        yield ask(send, "POST", f"/v2/{name}/blobs/uploads/").status


@row("tags: .x, -x, 129 characters, NUL, a line break", 400, 400, 400, 400, 400)
def _tags(send: Send) -> Iterator[int]:
    push_blob(send, "a", b"{}")
    for tag in (".x", "-x", "x" * 129, "a%00", "a%0d%0aX:1"):
        yield put(send, "a", tag, image()).status


@row("layers beside manifests", 400)
def _both(send: Send) -> Iterator[int]:
    push_blob(send, "a", b"{}")
    yield put(send, "a", "t", image(manifests=[])).status


@row("the type of an index, the body of an image", 400, 400)
def _types(send: Send) -> Iterator[int]:
    push_blob(send, "a", b"{}")
    yield put(send, "a", "t", image(), media.OCI_INDEX).status
    yield put(send, "a", "t", index(), media.OCI_MANIFEST).status


@row("no type, text/plain", 400, 400)
def _untyped(send: Send) -> Iterator[int]:
    push_blob(send, "a", b"{}")
    yield ask(send, "PUT", "/v2/a/manifests/t", image(mediaType=None)).status
    yield put(send, "a", "t", image(mediaType=None), "text/plain").status


@row("no JSON, trailing garbage, 100,000 deep", 400, 400, 400)
def _json(send: Send) -> Iterator[int]:
    push_blob(send, "a", b"{}")
    for raw in (b"not JSON", image() + b"x", b"[" * 100_000):
        yield put(send, "a", "t", raw).status


@row("a layer that is missing", 400)
def _missing(send: Send) -> Iterator[int]:
    push_blob(send, "a", b"{}")
    yield put(send, "a", "t", image(b"layer")).status


@row("a wrong size, a negative one", 400, 400)
def _sizes(send: Send) -> Iterator[int]:
    push_image(send, "a", "t", b"layer")
    for size in (4, -1):
        yield put(send, "a", "u", image(layers=[LAYER | {"size": size}])).status


@row("a bad digest in a layer, schema version 1", 400, 400)
def _digests(send: Send) -> Iterator[int]:
    push_image(send, "a", "t", b"layer")
    yield put(send, "a", "u", image(layers=[LAYER | {"digest": "sha256:../../x"}])).status
    yield put(send, "a", "u", image(schemaVersion=1)).status


@row("duplicate keys", 400)
def _twice(send: Send) -> Iterator[int]:
    push_blob(send, "a", b"{}")
    raw = image().replace(b'{"schemaVersion": 2', b'{"schemaVersion": 2, "schemaVersion": 2')
    yield put(send, "a", "t", raw).status


@row("PUT by another digest than the content's", 400)
def _other(send: Send) -> Iterator[int]:
    push_blob(send, "a", b"{}")
    yield put(send, "a", digest(b"other"), image()).status


class _Spaces(io.RawIOBase):
    def __init__(self) -> None:
        self._left = 64 << 20

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        count = min(len(buffer), self._left)
        buffer[:count] = b" " * count
        self._left -= count
        return count


class _SpacesOpener:
    def open(self) -> Stream:
        return _Spaces()


@row("a manifest of 64 MiB", 413, 413)
def _large(send: Send) -> Iterator[int]:
    for length in (64 << 20, None):
        body = Body(opener=_SpacesOpener(), length=length)
        yield ask(send, "PUT", "/v2/a/manifests/t", body, Content_Type=media.OCI_MANIFEST).status


@row("an upload's name in another repository", 404, 404, 404)
def _elsewhere(send: Send) -> Iterator[int]:
    location = begin(send, "a").replace("/v2/a/", "/v2/b/")
    yield ask(send, "PATCH", location, b"x").status
    yield ask(send, "PUT", f"{location}?digest={digest(b'x')}", b"x").status
    yield ask(send, "DELETE", location).status


@row("a commit with a wrong, a short, an unknown digest", 400, 400, 400)
def _commits(send: Send) -> Iterator[int]:
    for name in (digest(b"other"), "sha256:abc", "md5:" + "0" * 32):
        location = begin(send, "a")
        yield ask(send, "PUT", f"{location}?digest={name}", b"x").status


@row("PATCH: a gap, a length that is not the range's, junk", 416, 400, 400)
def _chunks(send: Send) -> Iterator[int]:
    for said in ("5-9", "0-9", "junk"):
        yield ask(send, "PATCH", begin(send, "a"), b"12345", Content_Range=said).status


@row("tags: n of -1, 0, junk, 1e30", 400, 200, 400, 400)
def _n(send: Send) -> Iterator[int]:
    push_image(send, "a", "t", b"layer")
    for n in ("-1", "0", "junk", "1e30"):
        yield ask(send, "GET", f"/v2/a/tags/list?n={n}").status


@row("tags: last of junk", 200)
def _last(send: Send) -> Iterator[int]:
    push_image(send, "a", "t", b"layer")
    yield ask(send, "GET", "/v2/a/tags/list?last=%00%ff..%2f").status


@row("Range: past the end, junk, 1,000 that overlap", 416, 416, 416)
def _ranges(send: Send) -> Iterator[int]:
    name = push_blob(send, "a", b"x" * 1000)
    many = "bytes=" + ",".join(["0-999"] * 1000)
    for said in ("bytes=1000-", "junk", many):
        yield ask(send, "GET", f"/v2/a/blobs/{name}", Range=said).status


@row("a Host that is somebody else's", 202)
def _host(send: Send) -> Iterator[int]:
    headers = Headers({"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
    url = "http://evil.example/v2/a/blobs/uploads/"
    response = send(Request(method="POST", url=url, headers=headers))
    assert not any("evil" in value for _, value in response.headers)
    yield response.status


@pytest.mark.parametrize("name", ROWS)
def test_each_row_is_answered_as_it_should(send: Send, name: str) -> None:
    """
    With the statuses that the row names, whoever stands between the client and us.
    """
    asked, expected = ROWS[name]
    assert tuple(asked(send)) == expected
