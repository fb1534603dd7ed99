"""
Python's logs: ours are redacted, and urllib3's of our requests are not there.
"""

from __future__ import annotations

import logging

import pytest
import urllib3

from ocikit.http.message import Request
from ocikit.registry.faults import ConnectionFailed
from ocikit.registry.transport import network
from tests.registry.sockets import listening, ok, says

#: urllib3 logs fields that it cannot read, with the URL.
ODD = ok(b"x", "X-Odd: y", "no colon here")


def test_requests_are_logged_redacted(caplog: pytest.LogCaptureFixture) -> None:
    """
    One line each, and nothing of what is signed in a URL, whoever logs.
    """
    caplog.set_level(logging.DEBUG)
    with listening(says(ok(b"x"), ODD)) as server:
        send = network()
        for _ in range(2):
            with send(Request(method="GET", url=f"{server.url}/b?X-Sig=hidden")) as response:
                response.body.read()
    lines = [record.getMessage() for record in caplog.records if record.name == "ocikit"]
    assert [line.partition(": ")[0] for line in lines] == [
        f"GET {server.url}/b?X-Sig=REDACTED",
        f"GET {server.url}/b?X-Sig=REDACTED",
    ]
    assert "hidden" not in caplog.text
    assert "no colon" not in caplog.text


def test_failures_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    """
    By the name of what happened.
    """
    caplog.set_level(logging.DEBUG)
    with listening(says(ok())) as server:
        url = server.url
    with pytest.raises(ConnectionFailed):
        network()(Request(method="GET", url=url))
    assert f"GET {url}: ConnectionFailed" in caplog.text


def test_what_others_do_with_urllib3_is_theirs(caplog: pytest.LogCaptureFixture) -> None:
    """
    Their requests are logged as ever.
    """
    caplog.set_level(logging.DEBUG)
    with listening(says(ok(b"x"))) as server:
        network()(Request(method="GET", url=server.url)).body.read()
    with listening(says(ok(b"x"))) as server:
        urllib3.request("GET", f"{server.url}/theirs")
    assert "/theirs" in caplog.text
