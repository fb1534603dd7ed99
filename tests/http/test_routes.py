"""
Requests of the distribution specification, as its table of endpoints has them.
"""

from __future__ import annotations

import pytest

from ocikit import media
from ocikit.content.streams import BytesOpener as Bytes
from ocikit.digest import Digest
from ocikit.http import routes
from ocikit.http.message import NO_BODY, Body, Request, body_of

BASE, PATH = "https://r.io", "me/app"
D = Digest.of(b"x")
AT = f"{BASE}/v2/{PATH}"
LOCATION = "https://cdn.io/up?_state=a%2Fb%3D&x"

ENDPOINTS: list[tuple[Request, str, str]] = [
    (routes.ping(BASE), "GET", f"{BASE}/v2/"),
    (routes.get_manifest(BASE, PATH, "1.0"), "GET", f"{AT}/manifests/1.0"),
    (routes.head_manifest(BASE, PATH, str(D)), "HEAD", f"{AT}/manifests/{D}"),
    (routes.put_manifest(BASE, PATH, "t", b"{}", "a/b"), "PUT", f"{AT}/manifests/t"),
    (routes.delete_manifest(BASE, PATH, str(D)), "DELETE", f"{AT}/manifests/{D}"),
    (routes.get_blob(BASE, PATH, D), "GET", f"{AT}/blobs/{D}"),
    (routes.head_blob(BASE, PATH, D), "HEAD", f"{AT}/blobs/{D}"),
    (routes.delete_blob(BASE, PATH, D), "DELETE", f"{AT}/blobs/{D}"),
    (routes.start_upload(BASE, PATH), "POST", f"{AT}/blobs/uploads/"),
    (routes.start_upload(BASE, PATH, mount=D), "POST", f"{AT}/blobs/uploads/?mount={D}"),
    (
        routes.start_upload(BASE, PATH, mount=D, source="o/b"),
        "POST",
        f"{AT}/blobs/uploads/?mount={D}&from=o/b",
    ),
    (routes.post_blob(BASE, PATH, D, NO_BODY), "POST", f"{AT}/blobs/uploads/?digest={D}"),
    (routes.patch_upload(LOCATION, NO_BODY), "PATCH", LOCATION),
    (routes.finish_upload(LOCATION, D), "PUT", f"{LOCATION}&digest={D}"),
    (routes.finish_upload("https://r.io/u", D), "PUT", f"https://r.io/u?digest={D}"),
    (routes.upload_status(LOCATION), "GET", LOCATION),
    (routes.cancel_upload(LOCATION), "DELETE", LOCATION),
    (routes.get_tags(BASE, PATH), "GET", f"{AT}/tags/list?n=1000"),
    (routes.get_tags(BASE, PATH, n=None), "GET", f"{AT}/tags/list"),
    (routes.get_catalog(BASE, n=2, last="a/b"), "GET", f"{BASE}/v2/_catalog?n=2&last=a/b"),
    (routes.get_referrers(BASE, PATH, D), "GET", f"{AT}/referrers/{D}"),
    (
        routes.get_referrers(BASE, PATH, D, artifact_type="a/b+json"),
        "GET",
        f"{AT}/referrers/{D}?artifactType=a/b%2Bjson",
    ),
]


@pytest.mark.parametrize(("request_", "method", "url"), ENDPOINTS)
def test_endpoints(request_: Request, method: str, url: str) -> None:
    """
    Method and URL are those of the specification; what a Location holds is untouched.
    """
    assert (request_.method, request_.url) == (method, url)


@pytest.mark.parametrize("request_", [row[0] for row in ENDPOINTS])
def test_no_request_carries_credentials_or_asks_for_recoding(request_: Request) -> None:
    """
    Whoever sends adds credentials by origin; bytes under a digest come as they are.
    """
    assert "Authorization" not in request_.headers
    assert request_.headers.get("Accept-Encoding", "identity") == "identity"


def test_all_manifests_are_accepted_unless_told() -> None:
    """
    A registry may convert, or deny, what is not accepted.
    """
    every = routes.get_manifest(BASE, PATH, "t").headers.get("Accept")
    assert every.split(", ") == list(media.MANIFESTS)
    one = routes.head_manifest(BASE, PATH, "t", accept=[media.OCI_INDEX])
    assert one.headers.get("Accept") == media.OCI_INDEX


def test_a_manifest_goes_out_byte_for_byte_under_its_type() -> None:
    """
    Bytes are identity.
    """
    request = routes.put_manifest(BASE, PATH, "t", b'{ "a":1}', media.OCI_MANIFEST)
    assert request.body.opener.open().read() == b'{ "a":1}'
    assert request.headers.get("Content-Type") == media.OCI_MANIFEST


@pytest.mark.parametrize(
    ("start", "end", "asked"),
    [(0, None, ""), (5, None, "bytes=5-"), (0, 5, "bytes=0-4"), (5, 6, "bytes=5-5")],
)
def test_a_part_of_a_blob(start: int, end: int | None, asked: str) -> None:
    """
    RFC 9110, 14.1.2: ranges name the last byte, not the one after.
    """
    request = routes.get_blob(BASE, PATH, D, start=start, end=end)
    assert request.headers.get("Range") == asked


def test_chunks_say_where_they_belong() -> None:
    """
    distribution-spec, "Pushing a blob in chunks": Content-Range has no unit.
    """
    chunk = body_of(b"abcd")
    assert (
        routes.patch_upload("https://r.io/u", chunk, start=8).headers.get("Content-Range") == "8-11"
    )
    assert "Content-Range" not in routes.patch_upload("https://r.io/u", chunk).headers
    last = routes.finish_upload("https://r.io/u", D, chunk, start=12)
    assert last.headers.get("Content-Range") == "12-15"
    assert "Content-Range" not in routes.finish_upload("https://r.io/u", D, start=12).headers


def test_a_stream_of_unknown_length_has_no_range() -> None:
    """
    Nobody can say where it ends.
    """
    stream = Body(opener=Bytes(b"abc"), length=None)
    assert "Content-Range" not in routes.patch_upload("https://r.io/u", stream, start=0).headers


def test_what_is_no_name_cannot_leave_its_place() -> None:
    """
    Names are checked where they are made; a URL is built as if they were not.
    """
    request = routes.get_manifest(BASE, "a b?c#d", "../x?y")
    assert request.url == f"{BASE}/v2/a%20b%3Fc%23d/manifests/..%2Fx%3Fy"
