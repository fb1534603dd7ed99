"""
distribution-spec, "Error Codes" and "Warnings".
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ocikit import media
from ocikit.http.message import Response, Send
from tests.server.clauses.conftest import Serving
from tests.server.samples import ask, begin, digest, image, index, push_blob, push_image, put

CODES = {
    "BLOB_UNKNOWN",
    "BLOB_UPLOAD_INVALID",
    "BLOB_UPLOAD_UNKNOWN",
    "DIGEST_INVALID",
    "MANIFEST_BLOB_UNKNOWN",
    "MANIFEST_INVALID",
    "MANIFEST_UNKNOWN",
    "NAME_INVALID",
    "NAME_UNKNOWN",
    "SIZE_INVALID",
    "UNAUTHORIZED",
    "DENIED",
    "UNSUPPORTED",
    "TOOMANYREQUESTS",
}
NONE = digest(b"not there")


def refusals(serving: Serving) -> Iterator[Response]:
    """
    Ask for all that a registry refuses, in each way.
    """
    send, gone = serving(), "/v2/a/blobs/uploads/" + "0" * 32
    blob = push_blob(send, "a", b"{}")
    upload = begin(send, "a")
    yield ask(send, "GET", f"/v2/a/blobs/{NONE}")
    yield ask(send, "PATCH", upload, b"1", Content_Range="bytes 0-0/1")
    yield ask(send, "PATCH", upload, b"1", Content_Range="5-5")
    yield ask(send, "PATCH", upload, b"1", Content_Range="0-5")
    yield ask(send, "PATCH", gone, b"1")
    yield ask(send, "PUT", upload)
    yield ask(send, "PUT", f"{upload}?digest={NONE}")
    yield put(send, "a", "t", image(b"not there"))
    yield put(send, "a", "t", index(image()), media.OCI_INDEX)
    yield put(send, "a", "t", b"no manifest")
    yield put(send, "a", "t", image(), "text/plain")
    yield put(send, "a", "-t", image())
    yield put(send, "a", f"{digest(image())}?tag=-t", image())
    yield put(send, "a", "t", b" " * (5 << 20))
    yield ask(send, "GET", "/v2/a/manifests/none")
    yield ask(send, "GET", "/v2/A/manifests/t")
    yield ask(send, "GET", "/v2/none/tags/list")
    yield ask(send, "GET", "/v2/a/tags/list?n=x")
    yield ask(send, "GET", f"/v2/a/blobs/{blob}", Range="bytes=9-")
    yield ask(send, "GET", "/v2/a/referrers/no")
    yield ask(send, "POST", "/v2/a/manifests/t")
    yield ask(send, "GET", "/v2/a")
    yield ask(serving(delete=False), "DELETE", f"/v2/a/blobs/{blob}")
    yield put(serving(read_only=True), "a", "t", image())


def problems(response: Response) -> list[dict[str, Any]]:
    """
    Read the errors of a response.
    """
    value = json.loads(response.body.read())
    assert list(value) == ["errors"]
    found: list[dict[str, Any]] = value["errors"]
    return found


def test_errors_are_of_one_format(serving: Serving) -> None:
    """
    "A `4XX` response code from the registry MAY return a body in any format. If the response
    body is in JSON format, it MUST have the following format" (Error Codes)
    """
    for response in refusals(serving):
        assert 400 <= response.status < 500
        assert response.headers.get("Content-Type") == "application/json"
        found = problems(response)
        assert found
        assert all({"code"} <= set(each) <= {"code", "message", "detail"} for each in found)


def test_codes_are_upper_case(serving: Serving) -> None:
    """
    "The `code` field MUST be a unique identifier, containing only uppercase alphabetic
    characters and underscores." (Error Codes)
    """
    for response in refusals(serving):
        for each in problems(response):
            assert each["code"].replace("_", "").isalpha()
            assert each["code"].isupper()


def test_messages_are_for_people(serving: Serving) -> None:
    """
    "The `message` field is OPTIONAL, and if present, it SHOULD be a human readable string or
    MAY be empty." (Error Codes)
    """
    for response in refusals(serving):
        assert all(" " in each["message"] for each in problems(response))


def test_codes_are_those_of_the_table(serving: Serving) -> None:
    """
    "The `code` field MUST be one of the following" (Error Codes)
    """
    found = {each["code"] for response in refusals(serving) for each in problems(response)}
    assert found <= CODES
    assert CODES - found == {"UNAUTHORIZED", "DENIED", "TOOMANYREQUESTS"}


def test_codes_of_schema_1_are_not_used(send: Send) -> None:
    """
    "The client MAY encounter error codes targeting Docker schema1 manifests, such as
    `TAG_INVALID`, or `MANIFEST_UNVERIFIED`. These error codes are OPTIONAL and clients SHOULD
    NOT depend on them." (Legacy Docker support error codes)
    """
    push_blob(send, "a", b"{}")
    for response in (
        put(send, "a", f"{digest(image())}?tag=-t", image()),
        put(send, "a", "t", b"{}", "application/vnd.docker.distribution.manifest.v1+prettyjws"),
    ):
        assert {each["code"] for each in problems(response)} <= CODES


def test_there_are_no_warnings(send: Send) -> None:
    """
    "Registry implementations MAY include informational warnings in `Warning` headers"
    (Warnings). This one has none to give.
    """
    push_image(send, "a", "t")
    for path in ("/v2/", "/v2/a/manifests/t", "/v2/a/tags/list", "/v2/none/tags/list"):
        assert "Warning" not in ask(send, "GET", path).headers
