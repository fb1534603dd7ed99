"""
What a registry is asked by those who mean it harm, or know no better.
"""

from __future__ import annotations

import json
from contextlib import suppress
from urllib.parse import quote

import pytest

from ocikit import media
from ocikit.http.message import Headers, Request, Send
from ocikit.testing.asking import descriptor
from tests.server.samples import ask, begin, digest, image, index, push_blob, put, refused

NAMES = [
    "UPPER",
    "a\0b",
    "a" * 256,
    "a/" * 200 + "a",
    "-a",
    "a-",
    "a..b",
    "a___b",
    "a//b",
    "",
    "a b",
    "ä",
    "a:b",
    "a@b",
    "a\r\nX-Evil: 1",
    "\u212a",
]
TAGS = ["..", ".", ".x", "-x", "x" * 129, "a\0", "a\r\nX", "a b", "ä", "a+b", ""]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("method", "rest"),
    [
        ("GET", "manifests/t"),
        ("PUT", "manifests/t"),
        ("GET", f"blobs/{digest(b'')}"),
        ("POST", "blobs/uploads/"),
        ("PATCH", "blobs/uploads/x"),
        ("GET", "tags/list"),
        ("GET", f"referrers/{digest(b'')}"),
    ],
)
def test_a_name_that_is_none(send: Send, name: str, method: str, rest: str) -> None:
    """
    Names are of the strict grammar, encoded or not, for every verb.
    """
    assert refused(ask(send, method, f"/v2/{quote(name)}/{rest}"))[1] == "NAME_INVALID"
    assert refused(ask(send, method, f"/v2/{name}/{rest}"))[1] == "NAME_INVALID"


@pytest.mark.parametrize("up", ["..", "%2e%2e", ".%2E", ".", "%2e", "..%2f..", "%2e%2e%2fx"])
@pytest.mark.parametrize("path", ["/v2/a/{}/{}/b/blobs/uploads/", "/v2/{}/blobs/uploads/"])
def test_a_path_that_climbs(send: Send, up: str, path: str) -> None:
    """
    It is not followed, not redirected, and not taken for a name.
    """
    response = ask(send, "POST", path.replace("{}", up))
    assert response.status in (400, 404)
    assert refused(response)[1] == "NAME_INVALID"


@pytest.mark.parametrize("tag", TAGS)
def test_a_tag_that_is_none(send: Send, tag: str) -> None:
    """
    It is not kept, by itself or as a parameter of a digest.
    """
    push_blob(send, "a", b"{}")
    response = put(send, "a", quote(tag), image())
    assert response.status in (400, 404)
    assert refused(response)[1] == "NAME_INVALID"
    by_digest = put(send, "a", f"{digest(image())}?tag={quote(tag)}", image())
    assert refused(by_digest) == (400, "NAME_INVALID")
    assert json.loads(ask(send, "GET", "/v2/a/tags/list").body.read())["tags"] == []


@pytest.mark.parametrize(
    "text",
    [
        "sha256:",
        "sha256:baddigeststring",
        "sha256:" + "A" * 64,
        "sha256:" + "0" * 63,
        "sha512:" + "0" * 64,
        "md5:" + "0" * 32,
        "sha256:../../../../etc/passwd",
        "sha256:%00",
        ":",
    ],
)
@pytest.mark.parametrize("kind", ["blobs", "manifests", "referrers"])
def test_a_digest_that_is_none(send: Send, text: str, kind: str) -> None:
    """
    It is a 400 before anything is looked up; with slashes in it, it is not even a name.
    """
    response = ask(send, "GET", f"/v2/a/{kind}/{text}")
    assert response.status in (400, 404)
    assert refused(response)[1] in ("DIGEST_INVALID", "NAME_INVALID", "UNSUPPORTED")


CONFIG = descriptor(b"{}", media.OCI_CONFIG)
LAYER = descriptor(b"layer", media.OCI_LAYER)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"{",
        b"not JSON",
        b"\xff\xfe{}",
        image() + b"x",
        image() + image(),
        b"[" * 100_000,
        b'{"a":' * 100_000,
        image().replace(b'{"schemaVersion": 2', b'{"schemaVersion": 2, "schemaVersion": 2'),
        image().replace(b'"layers": []', b'"layers": [], "x": {"a": 1, "a": 2}'),
        image(x=float("nan")),
        image(schemaVersion=1),
        image(schemaVersion="2"),
        image(schemaVersion=True),
        image(schemaVersion=None),
        image(manifests=[]),
        image(fsLayers=[]),
        image(mediaType=media.OCI_INDEX),
        image(mediaType=1),
        image(config=None),
        image(layers=None),
        image(layers={}),
        image(config=0).replace(b'"config": 0', b'"config": null'),
        image(layers=[None]),
        image(config=[CONFIG]),
        image(layers=[LAYER | {"size": -1}]),
        image(layers=[LAYER | {"size": 4}]),
        image(layers=[LAYER | {"size": 2**62}]),
        image(layers=[LAYER | {"size": "5"}]),
        image(layers=[LAYER | {"size": 5.0}]),
        image(layers=[LAYER | {"size": True}]),
        image(layers=[LAYER | {"digest": "sha256:../../../../pwned"}]),
        image(layers=[LAYER | {"digest": "md5:" + "0" * 32}]),
        image(layers=[LAYER | {"digest": None}]),
        image(layers=[{}]),
        image(config=CONFIG | {"size": 3}),
        image(subject={}),
        image(subject=LAYER | {"digest": "x"}),
        image(annotations={"a": 1}),
        image(annotations=[]),
    ],
    ids=lambda raw: repr(raw[-60:]),
)
def test_a_manifest_that_is_none(send: Send, raw: bytes) -> None:
    """
    One digest has one meaning: whatever is malformed, ambiguous or lies about sizes is
    refused, and not kept.
    """
    push_blob(send, "a", b"{}")
    push_blob(send, "a", b"layer")
    assert refused(put(send, "a", "t", raw)) == (400, "MANIFEST_INVALID")
    assert ask(send, "GET", f"/v2/a/manifests/{digest(raw)}").status == 404


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (image(), media.OCI_INDEX),
        (image(mediaType=None), media.OCI_INDEX),
        (index(), media.OCI_MANIFEST),
        (index(mediaType=None), media.OCI_MANIFEST),
        (index(layers=[]), media.OCI_INDEX),
        (index(config=CONFIG), media.OCI_INDEX),
        (index(manifests=None), media.OCI_INDEX),
        (image(), media.DOCKER_MANIFEST),
        (image(), ""),
        (image(mediaType=None), ""),
        (image(), "text/plain"),
        (image(mediaType="text/plain"), "text/plain"),
        (image(mediaType=None), media.DOCKER_SCHEMA1),
        (image(mediaType=media.OCI_CONFIG), media.OCI_CONFIG),
    ],
)
def test_a_manifest_of_another_type(send: Send, raw: bytes, kind: str) -> None:
    """
    The type it is pushed as is the type that it is, and one that a registry knows
    (CVE-2021-41190).
    """
    push_blob(send, "a", b"{}")
    assert refused(put(send, "a", "t", raw, kind)) == (400, "MANIFEST_INVALID")


def test_a_manifest_of_another_digest(send: Send) -> None:
    """
    What a digest gives is what it names.
    """
    push_blob(send, "a", b"{}")
    response = put(send, "a", digest(b"other"), image())
    assert refused(response) == (400, "DIGEST_INVALID")
    assert ask(send, "GET", f"/v2/a/manifests/{digest(b'other')}").status == 404


@pytest.mark.parametrize("host", ["evil.example", "evil.example:1", "[::1]:5000"])
def test_no_host_is_repeated(send: Send, host: str) -> None:
    """
    A Location built of the client's Host would send others to it, through a cache.
    """
    headers = Headers({"Host": host, "X-Forwarded-Host": host})
    url = f"http://{host}/v2/a/blobs/uploads/"
    response = send(Request(method="POST", url=url, headers=headers))
    assert not any(host in value for _, value in response.headers)


@pytest.mark.parametrize("upload", ["x", "..", "%2e%2e", "a%0d%0aX:1", "x" * 900, "\0", "*"])
@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_an_upload_that_is_none(send: Send, upload: str, method: str) -> None:
    """
    Whatever it is called, it is a 404 that sets no header.
    """
    response = ask(send, method, f"/v2/a/blobs/uploads/{upload}")
    assert response.status == 404
    assert response.headers.get("X") == ""
    assert refused(response)[1] in ("BLOB_UPLOAD_UNKNOWN", "NAME_INVALID")


def test_a_query_of_too_many_parts(send: Send) -> None:
    """
    A query is bounded, and so is the work that it makes.
    """
    query = "&".join(f"tag={n}" for n in range(1000))
    assert ask(send, "PUT", f"/v2/a/manifests/{digest(b'')}?{query}").status in (400, 414)


def test_a_path_of_great_length(send: Send) -> None:
    """
    It is answered without being read, by the server or by the registry. Who reads no
    further may break the line before its answer is heard.
    """
    with suppress(ConnectionError):
        status = ask(send, "GET", "/v2/" + "a/" * 100_000 + "tags/list").status
        assert status in (400, 404, 414, 431)
    assert ask(send, "GET", "/v2/").status == 200


def test_an_upload_cannot_be_finished_as_something_else(send: Send) -> None:
    """
    The name of a session is that of one blob: a second PUT finds it gone.
    """
    location = begin(send, "a")
    assert ask(send, "PUT", f"{location}?digest={digest(b'one')}", b"one").status == 201
    again = ask(send, "PUT", f"{location}?digest={digest(b'two')}", b"two")
    assert refused(again) == (404, "BLOB_UPLOAD_UNKNOWN")
