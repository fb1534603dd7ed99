"""
What responses say.
"""

from __future__ import annotations

import io

import pytest

from ocikit.content.streams import BytesOpener
from ocikit.digest import Digest
from ocikit.http import answers
from ocikit.http.message import Headers, Request, Response
from ocikit.spec.descriptor import Descriptor
from ocikit.spec.document import DocumentTooLarge
from ocikit.spec.gojson import JSONInvalid

D = Digest.of(b"x")
ASKED = Request(method="GET", url="https://r.io/v2/a/tags/list?n=1&token=SECRET")


def _response(body: bytes = b"", status: int = 200, **headers: str) -> Response:
    pairs = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status=status, headers=Headers(pairs), body=BytesOpener(body).open())


def test_headers_describe_content() -> None:
    """
    A HEAD is enough when the registry sends all three headers.
    """
    headers = Headers(
        {
            "content-type": "Application/JSON; charset=utf-8",
            "content-length": "12",
            "docker-content-digest": str(D),
        }
    )
    expected = Descriptor(media_type="application/json", size=12, digest=D)
    assert answers.descriptor_of(headers) == expected
    for name in ("Content-Type", "Content-Length", "Docker-Content-Digest"):
        assert answers.descriptor_of(headers.without(name)) is None


@pytest.mark.parametrize("text", ["", "-1", "1e3", "+1", "12, 12", "٣", "9" * 19, "0x1"])
def test_a_length_is_digits_and_no_more(text: str) -> None:
    """
    What `int` takes is more than HTTP's grammar.
    """
    assert answers.length_of(Headers({"Content-Length": text})) is None


@pytest.mark.parametrize("text", ["", "sha256:../../x", "md5:abc", "sha256:" + "A" * 64])
def test_a_digest_that_is_none_is_not_believed(text: str) -> None:
    """
    The bytes themselves will tell.
    """
    assert answers.digest_of(Headers({"Docker-Content-Digest": text})) is None
    assert answers.subject_of(Headers({"OCI-Subject": text})) is None


def test_lesser_headers() -> None:
    """
    OCI-Subject, OCI-Filters-Applied, OCI-Chunk-Min-Length.
    """
    headers = Headers(
        {
            "OCI-Subject": str(D),
            "OCI-Filters-Applied": "artifactType, x",
            "OCI-Chunk-Min-Length": "5242880",
        }
    )
    assert answers.subject_of(headers) == D
    assert answers.filters_of(headers) == {"artifactType", "x"}
    assert answers.chunk_minimum_of(headers) == 5242880
    assert answers.filters_of(Headers()) == frozenset()
    assert answers.chunk_minimum_of(Headers({"OCI-Chunk-Min-Length": "much"})) == 0


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("0-99", 100),
        ("bytes=0-99", 100),
        ("bytes 0-99", 100),
        ("0-0", 0),
        ("", None),
        ("5-9", None),
        ("0-", None),
        ("0--1", None),
        ("all", None),
    ],
)
def test_how_much_of_an_upload_arrived(text: str, offset: int | None) -> None:
    """
    distribution-spec, "Pushing a blob in chunks": Range names the last byte, inclusive.
    """
    assert answers.offset_of(Headers({"Range": text})) == offset


def test_mounted_or_not() -> None:
    """
    distribution-spec, "Mounting": 201 is done, 202 is an upload instead.
    """
    assert answers.mounted(_response(status=201))
    assert not answers.mounted(_response(status=202))


LOCATIONS = [
    ("https://r.io/u?_state=a%2Fb%3d%3D&&x=", "https://r.io/u?_state=a%2Fb%3d%3D&&x="),
    ("/v2/a/u?s=%7E~", "https://r.io/v2/a/u?s=%7E~"),
    ("next?s=1", "https://r.io/v2/a/blobs/uploads/next?s=1"),
    ("?s=2", "https://r.io/v2/a/blobs/uploads/?s=2"),
    ("//cdn.io/u", "https://cdn.io/u"),
    ("https://cdn.io/u#part", "https://cdn.io/u"),
]


@pytest.mark.parametrize(("given", "url"), LOCATIONS)
def test_locations_are_resolved_and_their_query_is_untouched(given: str, url: str) -> None:
    """
    RFC 3986, 5; what a registry signed must come back as it was.
    """
    request = Request(method="POST", url="https://r.io/v2/a/blobs/uploads/?mount=x")
    assert answers.upload_location(request, _response(Location=given)) == url


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("", "is missing"),
        ("http://r.io/u?s=SECRET", "plain HTTP"),
        ("ftp://r.io/u", "not an HTTP URL"),
        ("https://me:SECRET@r.io/u", "not an HTTP URL"),
        ("https://[r.io/", "not an HTTP URL"),
        ("https://r.io/a b", "not an HTTP URL"),
        ("javascript:alert(1)", "not an HTTP URL"),
    ],
)
def test_locations_that_lead_astray_are_refused(given: str, said: str) -> None:
    """
    Missing, downgraded to plain HTTP, or unreadable: and the error shows no secret.
    """
    request = Request(method="POST", url="https://r.io/v2/a/blobs/uploads/?t=SECRET")
    with pytest.raises(answers.LocationInvalid, match=said) as caught:
        answers.upload_location(request, _response(Location=given))
    assert "SECRET" not in str(caught.value) + repr(caught.value)


def test_a_plain_registry_may_stay_plain() -> None:
    """
    A registry on this machine speaks HTTP.
    """
    request = Request(method="POST", url="http://localhost:5000/v2/a/blobs/uploads/")
    response = _response(Location="http://localhost:5000/u")
    assert answers.upload_location(request, response) == "http://localhost:5000/u"


@pytest.mark.parametrize(
    ("body", "tags"),
    [
        (b'{"name":"a","tags":["1","2"]}', ("1", "2")),
        (b'{"name":"a","tags":null}', ()),
        (b'{"name":"a"}', ()),
        (b'{"tags":["1",null,"2"]}', ("1", "2")),
    ],
)
def test_pages_of_tags(body: bytes, tags: tuple[str, ...]) -> None:
    """
    distribution writes null for no tags; Nexus writes nulls among them.
    """
    assert answers.tags_of(ASKED, _response(body)) == tags


def test_pages_of_repositories() -> None:
    """
    Docker's catalog has another member.
    """
    page = _response(b'{"repositories":["a/b"]}')
    assert answers.repositories_of(ASKED, page) == ("a/b",)


@pytest.mark.parametrize("body", [b"", b"[]", b'{"tags":{}}', b'{"tags":[1]}', b"<html>"])
def test_what_is_no_page_is_told(body: bytes) -> None:
    """
    A proxy's login page must not pass for an empty list.
    """
    with pytest.raises(JSONInvalid) as caught:
        answers.tags_of(ASKED, _response(body))
    assert "https://r.io/v2/a/tags/list" in str(caught.value)
    assert "SECRET" not in str(caught.value)


class Drip(io.RawIOBase):
    """
    A body that gives one byte at a time, and tells whether it was closed.
    """

    def __init__(self, size: int) -> None:
        self.left = size

    def read(self, size: int = -1, /) -> bytes:
        self.left -= 1
        return b"x" if self.left >= 0 and size else b""


def test_bodies_are_bounded_and_closed() -> None:
    """
    A body is read to its bound and one byte more, however little comes at a time.
    """
    exact, long = Drip(10), Drip(1 << 30)
    assert answers.read_body(ASKED, Response(status=200, body=exact), 10) == b"x" * 10
    assert exact.closed
    with pytest.raises(DocumentTooLarge) as caught:
        answers.read_body(ASKED, Response(status=200, body=long), 10)
    assert long.closed
    assert long.left == (1 << 30) - 11
    assert "SECRET" not in str(caught.value)


@pytest.mark.parametrize("junk", [b"[],", b"{},", b"[[[[", b'{"a":'])
def test_a_page_is_one_list(junk: bytes) -> None:
    """
    Lists in a list take a hundred times their bytes: they are not even read.
    """
    with pytest.raises(JSONInvalid, match="in its list"):
        answers.tags_of(ASKED, _response(b'{"tags":[' + junk * 100_000))


def test_a_page_has_a_number_of_names() -> None:
    """
    A registry that takes no heed of `n` sends a hundred thousand, and nobody ten million.
    """
    many = b'{"tags":[' + b",".join([b'"a"'] * 100_000) + b"]}"
    assert len(answers.tags_of(ASKED, _response(many))) == 100_000
    more = b'{"tags":[' + b"0," * (answers.MAX_NAMES + 1)
    with pytest.raises(JSONInvalid, match="values"):
        answers.tags_of(ASKED, _response(more))
