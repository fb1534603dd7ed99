"""
Requests and responses as records.
"""

from __future__ import annotations

import pickle

from ocikit.http.message import Body, Headers, Request, Response, body_of


def test_names_of_headers_compare_without_case_and_keep_their_order() -> None:
    """
    RFC 9110, 5.1 and 5.3: a field may come several times, in any spelling.
    """
    headers = Headers((("Link", "<a>"), ("LINK", "<b>"), ("X", "1")))
    assert headers.all("link") == ["<a>", "<b>"]
    assert headers.get("lInK") == "<a>"
    assert "x" in headers
    assert "y" not in headers
    assert headers.get("y", "none") == "none"


def test_setting_and_dropping_a_field_leaves_the_others() -> None:
    """
    `with_` replaces all spellings of a field, and changes nothing in place.
    """
    headers = Headers((("Accept", "a"), ("accept", "b"), ("Range", "c")))
    assert list(headers.with_("ACCEPT", "d")) == [("Range", "c"), ("ACCEPT", "d")]
    assert list(headers.without("accept", "range")) == []
    assert len(list(headers)) == 3


def test_a_record_of_a_request_shows_no_secret() -> None:
    """
    Requests are printed by tests, logs and tracebacks: `repr` goes through the redactor.
    """
    request = Request(
        method="POST",
        url="https://me:hunter2@cdn.io/upload?X-Amz-Signature=topsecret&digest=sha256:1",
        headers=Headers({"Authorization": "Bearer topsecret", "Range": "bytes=1-"}),
        body=body_of(b"refresh_token=topsecret"),
    )
    shown = repr(request)
    assert "topsecret" not in shown
    assert "hunter2" not in shown
    assert "bytes=1-" in shown
    assert "digest=sha256:1" in shown


def test_a_request_pickles_whole() -> None:
    """
    What is hidden from people still travels: a request is of no use without it.
    """
    request = Request(method="GET", url="https://r.io/?sig=1", headers=Headers({"A": "b"}))
    assert pickle.loads(pickle.dumps(request)) == request


def test_a_body_opens_again_and_again() -> None:
    """
    Retries depend on it.
    """
    body: Body = body_of(b"abc")
    assert [body.opener.open().read(), body.opener.open().read(), body.length] == [
        b"abc",
        b"abc",
        3,
    ]


def test_leaving_a_response_closes_its_body() -> None:
    """
    A connection goes back to its pool when its response is left.
    """
    response = Response(status=200)
    with response:
        assert response.body.read() == b""
    assert getattr(response.body, "closed", False)
