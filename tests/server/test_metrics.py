"""
What a server tells of itself: numbers for Prometheus, and that it is well.
"""

from __future__ import annotations

from ocikit.http.message import Request, Response
from ocikit.server.app import application, asgi_application, both, observed
from ocikit.server.handler import registry
from ocikit.server.memory import Memory
from ocikit.server.web.guard import Exchange
from ocikit.server.web.metrics import Metrics
from ocikit.server.web.serve import serve
from tests.server.gateways import Gateway, Loop, over_http
from tests.server.samples import ask, push_blob


def test_what_was_asked_is_counted() -> None:
    """
    By method, kind and status, with bytes in and out and how long it took.
    """
    metrics, storage, log = Metrics(), Memory(), list[Exchange]()
    send = observed(registry(storage), storage, metrics)
    with serve(send, log=both(metrics, log.append)) as server:
        client = over_http(server.host)
        name = push_blob(client, "a", b"hello")
        assert ask(client, "GET", f"/v2/a/blobs/{name}").body.read() == b"hello"
        ask(client, "BREW", "/v2/a/tags/list")
        asked = ask(client, "GET", "/metrics").body.read().decode()
    # What is told after an answer is told when the server has closed.
    text = metrics.text()
    assert asked.splitlines()[:2] == text.splitlines()[:2]
    assert 'ocikit_requests_total{method="POST",kind="uploads",status="201"} 1\n' in text
    assert 'ocikit_requests_total{method="GET",kind="blob",status="200"} 1\n' in text
    assert 'ocikit_requests_total{method="other",kind="tags",status="405"} 1\n' in text
    assert "ocikit_received_bytes_total 5\n" in text
    assert "ocikit_uploads_under_way 0\n" in text
    assert 'ocikit_request_seconds_bucket{le="+Inf"}' in text
    assert [each.received for each in log if each.method == "POST"] == [5]


def test_uploads_are_told_of_while_they_come() -> None:
    """
    A gauge says how many there are, and none is left when one fails.
    """
    metrics, seen = Metrics(), list[str]()

    def handler(request: Request) -> Response:
        seen.append(metrics.text())
        raise ConnectionResetError

    send = observed(handler, Memory(), metrics)
    try:
        ask(send, "PATCH", "/v2/a/blobs/uploads/x", b"data")
    except ConnectionResetError:
        seen.append(metrics.text())
    assert "ocikit_uploads_under_way 1\n" in seen[0]
    assert "ocikit_uploads_under_way 0\n" in seen[1]


def test_it_is_well_while_its_storage_can_be_read() -> None:
    """
    And metrics are answered only where they were asked for.
    """

    class Broken(Memory):
        def repositories(self, last: str, limit: int) -> list[str]:
            raise OSError("the disk is gone")

    send = observed(registry(), Memory(), None)
    assert ask(send, "GET", "/healthz").status == 200
    assert ask(send, "HEAD", "/healthz").body.read() == b""
    assert ask(send, "GET", "/metrics").status == 404
    assert ask(observed(registry(), Broken(), None), "GET", "/healthz").status == 503


def test_applications_have_all_of_it() -> None:
    """
    Both gateways give what was asked for: users, switches, and what they tell.
    """
    for send in (
        Gateway(application(read_only=True, metrics=True)),
        Loop(asgi_application(read_only=True, metrics=True)),
    ):
        assert ask(send, "POST", "/v2/a/blobs/uploads/").status == 405
        assert ask(send, "GET", "/healthz").status == 200
        text = ask(send, "GET", "/metrics").body.read()
        assert b'kind="uploads",status="405"} 1' in text
