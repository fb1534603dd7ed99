"""
Error responses: which error each is, what it says, and what it must not.
"""

from __future__ import annotations

import io
import json
import pickle

import pytest

from ocikit.content.streams import BytesOpener
from ocikit.errors import Missing, OciError, Refused, Unreachable
from ocikit.http import faults
from ocikit.http.faults import Answered
from ocikit.http.message import Headers, Request, Response
from ocikit.spec.api import Problem

AT = "https://r.io/v2/me/app"
D = "sha256:" + "0" * 64


def _error(method: str, url: str, status: int, body: bytes = b"", /, **headers: str) -> Answered:
    pairs = {name.replace("_", "-"): value for name, value in headers.items()}
    response = Response(status=status, headers=Headers(pairs), body=BytesOpener(body).open())
    return faults.error_of(Request(method=method, url=url), response)


def _body(*codes: str) -> bytes:
    return json.dumps({"errors": [{"code": code, "message": "m"} for code in codes]}).encode()


KINDS: list[tuple[str, str, int, bytes, type[Answered], type[OciError]]] = [
    ("GET", f"{AT}/manifests/t", 404, b"", faults.ManifestUnknown, Missing),
    ("HEAD", f"{AT}/manifests/t", 404, b"", faults.ManifestUnknown, Missing),
    ("DELETE", f"{AT}/manifests/t", 404, b"", faults.ManifestUnknown, Missing),
    ("GET", f"{AT}/manifests/t", 404, _body("UNKNOWN"), faults.ManifestUnknown, Missing),
    ("GET", f"{AT}/manifests/t", 404, _body("NAME_UNKNOWN"), faults.NameUnknown, Missing),
    ("PUT", f"{AT}/manifests/t", 404, b"", faults.NameUnknown, Missing),
    (
        "PUT",
        f"{AT}/manifests/t",
        404,
        _body("MANIFEST_BLOB_UNKNOWN"),
        faults.RegistryRefused,
        Refused,
    ),
    ("GET", f"{AT}/blobs/{D}", 404, b"", faults.BlobUnknown, Missing),
    ("POST", f"{AT}/blobs/uploads/", 404, b"", faults.NameUnknown, Missing),
    ("PATCH", f"{AT}/blobs/uploads/1?x", 404, b"", faults.UploadUnknown, Missing),
    ("PUT", "https://cdn.io/u", 404, _body("BLOB_UPLOAD_UNKNOWN"), faults.UploadUnknown, Missing),
    ("GET", f"{AT}/tags/list?n=1", 404, b"", faults.NameUnknown, Missing),
    ("GET", f"{AT}/referrers/{D}", 404, b"", faults.NotThere, Missing),
    ("GET", "https://r.io/v2/", 404, b"<html>", faults.NotThere, Missing),
    ("GET", f"{AT}/manifests/t", 401, b"", faults.Unauthorized, Refused),
    ("GET", f"{AT}/manifests/t", 403, _body("DENIED"), faults.Denied, Refused),
    ("GET", f"{AT}/manifests/t", 429, b"", faults.TooManyRequests, Refused),
    ("PUT", f"{AT}/manifests/t", 400, _body("MANIFEST_INVALID"), faults.RegistryRefused, Refused),
    ("GET", f"{AT}/manifests/t", 204, b"", faults.RegistryRefused, Refused),
    ("GET", f"{AT}/manifests/t", 302, b"", faults.RegistryRefused, Refused),
    ("GET", f"{AT}/manifests/t", 416, b"", faults.RegistryRefused, Refused),
    ("GET", f"{AT}/manifests/t", 501, b"", faults.RegistryRefused, Refused),
    ("GET", f"{AT}/manifests/t", 500, b"", faults.ServerFailed, Unreachable),
    ("GET", f"{AT}/manifests/t", 503, _body("UNAVAILABLE"), faults.ServerFailed, Unreachable),
    ("GET", f"{AT}/manifests/t", 522, b"", faults.ServerFailed, Unreachable),
    ("GET", f"{AT}/manifests/t", 408, b"", faults.ServerFailed, Unreachable),
    ("GET", f"{AT}/manifests/t", 499, b"", faults.ServerFailed, Unreachable),
]


@pytest.mark.parametrize(("method", "url", "status", "body", "leaf", "family"), KINDS)
def test_each_response_is_one_leaf_of_one_family(
    method: str, url: str, status: int, body: bytes, leaf: type[Answered], family: type[OciError]
) -> None:
    """
    By status, then by code, then by what was asked: a HEAD has no body to tell by.
    """
    error = _error(method, url, status, body)
    assert type(error) is leaf
    assert isinstance(error, family)
    assert error.status == status


def test_what_is_expected_passes_unread() -> None:
    """
    `check` hands the same response on, its body unread.
    """
    response = Response(status=202, body=BytesOpener(b"abc").open())
    assert faults.check(Request(method="PUT", url=AT), response, 201, 202) is response
    assert response.body.read() == b"abc"


def test_an_error_tells_what_where_and_what_to_do() -> None:
    """
    One line: method, URL, status, what the registry says, and a hint.
    """
    body = b'{"errors":[{"code":"MANIFEST_UNKNOWN","message":"unknown","detail":{"Tag":"t"}}]}'
    assert str(_error("GET", f"{AT}/manifests/t", 404, body)) == (
        f"GET {AT}/manifests/t: 404 Not Found; MANIFEST_UNKNOWN: unknown "
        '({"Tag":"t"}); check the tag or digest, and that the image was pushed'
    )
    assert str(_error("GET", AT, 522, b"")) == f"GET {AT}: status 522"


def test_all_that_is_reported_is_told() -> None:
    """
    distribution-spec, "Error Codes": there may be several.
    """
    error = _error("PUT", f"{AT}/manifests/t", 400, _body("A", "B"))
    assert error.codes == ("A", "B")
    assert "A: m; B: m" in str(error)


@pytest.mark.parametrize(
    ("body", "kind", "told"),
    [
        (b"no such host\n", "text/plain", "no such host"),
        (b'{"details":"incorrect username or password"}', "application/json", '{"details":"inc'),
        (b"<html><body>Rate limit</body></html>", "text/html", ""),
        (b"<!doctype html>", "", ""),
        (b"\xff\xfe", "application/octet-stream", "�"),
        (b'{"errors":[]}', "application/json", '{"errors":[]}'),
        (b'{"errors":{"code":1}}', "application/json", '{"errors":'),
        (b'{"errors":[1,{"code":2},{"message":"x"}]}', "application/json", ""),
        (b'{"errors":[{"code":"A"', "application/json", '{"errors":'),
        (b"", "", ""),
    ],
)
def test_bodies_that_are_not_as_specified(body: bytes, kind: str, told: str) -> None:
    """
    Gateways answer in HTML, token services in JSON of their own: the status stays.
    """
    error = _error("GET", AT, 429, body, Content_Type=kind)
    assert type(error) is faults.TooManyRequests
    assert error.text.startswith(told)
    assert bool(error.text) == bool(told)


def test_a_long_body_does_not_hide_the_status() -> None:
    """
    No more than 64 KiB are read of it, and it is closed.
    """
    body = io.BytesIO(b'{"errors":[' + b" " * (1 << 20) + b"]}")
    error = faults.error_of(Request(method="GET", url=AT), Response(status=500, body=body))
    assert error.status == 500
    assert body.closed
    assert len(str(error)) < 1000


class Broken(io.BytesIO):
    """
    A body that breaks off.
    """

    def read(self, size: int | None = -1, /) -> bytes:
        raise ConnectionResetError


def test_a_body_that_breaks_off_does_not_hide_the_status() -> None:
    """
    The status came first.
    """
    body = Broken()
    error = faults.error_of(Request(method="GET", url=AT), Response(status=403, body=body))
    assert type(error) is faults.Denied
    assert body.closed


def test_the_body_of_a_head_is_not_read() -> None:
    """
    RFC 9110, 9.3.2: there is none; a stream that waits for one would hang.
    """
    error = faults.error_of(Request(method="HEAD", url=AT), Response(status=403, body=Broken()))
    assert error.problems == ()


def test_an_error_says_how_long_to_wait() -> None:
    """
    Retry-After in seconds or as a date against the server's clock.
    """
    assert _error("GET", AT, 429, Retry_After="7").retry_after == 7
    assert "wait 7 s" in str(_error("GET", AT, 503, Retry_After="7"))
    date, until = "Wed, 21 Oct 2015 07:28:00 GMT", "Wed, 21 Oct 2015 07:28:30 GMT"
    dated = _error("GET", AT, 429, Retry_After=until, Date=date)
    assert dated.retry_after == 30


def test_no_secret_comes_back_from_a_server() -> None:
    """
    A server may repeat what it was sent, in every member, also in names and deep down.
    """
    secrets = {
        "message": "token Bearer SECRET-1234 is bad",
        "detail": {
            "url": "https://cdn.io/?sig=SECRET",
            "deep": [{"password=SECRET": "Basic SECRET=="}],
            "n": 1,
        },
    }
    body = json.dumps({"errors": [{"code": "token=SECRET", **secrets}]}).encode()
    error = _error("GET", "https://u:SECRET@r.io/v2/?sig=SECRET#SECRET", 400, body)
    plain = _error("GET", AT, 400, b"Authorization: Bearer SECRET")
    for shown in (str(error), repr(error), str(plain), repr(plain), repr(pickle.dumps(error))):
        assert "SECRET" not in shown


def test_details_have_a_depth() -> None:
    """
    What is nested deeper than anybody reads is dropped.
    """
    detail: object = "x"
    for _ in range(50):
        detail = [detail]
    body = json.dumps({"errors": [{"code": "A", "detail": detail}]}).encode()
    assert "x" not in repr(_error("GET", AT, 400, body).problems[0].detail)


def test_errors_compare_hash_and_pickle_by_value() -> None:
    """
    They cross processes, and tests compare them.
    """
    one, other = (_error("GET", AT, 429, _body("A"), Retry_After="7") for _ in range(2))
    assert one == other
    assert hash(one) == hash(other)
    assert pickle.loads(pickle.dumps(one)) == one
    assert one != _error("GET", AT, 429, _body("B"))


def test_what_a_server_writes_is_read_back() -> None:
    """
    Client and server share the form of errors.
    """
    problem = Problem(code="DENIED", message="no", detail={"a": 1})
    response = faults.fault(403, problem, headers=Headers({"Retry-After": "3"}))
    body = response.body.read()
    assert response.headers.get("Content-Type") == "application/json"
    assert response.headers.get("Content-Length") == str(len(body))
    error = _error("GET", AT, 403, body, Retry_After="3")
    assert error.problems == (problem,)
    assert error.retry_after == 3


def test_a_server_may_report_nothing() -> None:
    """
    An error without problems still has the form of one.
    """
    assert faults.fault(500).body.read() == b'{"errors":[]}'
