"""
The registry as a whole: what any request gets, and what the switches do.
"""

from __future__ import annotations

import pickle

import pytest

from ocikit.http.message import Request, Send
from ocikit.server.call import Switches
from ocikit.server.handler import registry
from ocikit.server.storage import Storage
from tests.server.samples import (
    BASE,
    ask,
    begin,
    digest,
    image,
    push_blob,
    push_image,
    put,
    refused,
)


@pytest.mark.parametrize("path", ["/v2/", "/v2"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_says_that_it_is_a_registry(send: Send, path: str, method: str) -> None:
    """
    "If the response is 200 OK, then the registry implements this specification"; Docker
    wants to be told so in a header.
    """
    response = ask(send, method, path)
    assert response.status == 200
    assert response.headers.get("Docker-Distribution-API-Version") == "registry/2.0"


@pytest.mark.parametrize(
    "url",
    [
        BASE,
        "/",
        "/v1/",
        "/v2/a",
        "/v2/a/tags",
        "/v2/a/tags/other",
        "/v2/a/uploads/x",
        "/v2/a/blobs/x/uploads/y",
        "/favicon.ico",
        "*",
        "",
    ],
)
def test_what_is_no_part_of_the_api_is_404(send: Send, url: str) -> None:
    """
    A 404 with an error of the specification's form, whatever the path.
    """
    assert refused(send(Request(method="GET", url=url)))[0] == 404


@pytest.mark.parametrize("method", ["BREW", "get"])
def test_a_method_that_nobody_knows_is_405(send: Send, method: str) -> None:
    """
    Methods are told by their case; some servers refuse such themselves.
    """
    response = ask(send, method, "/v2/a/tags/list")
    assert (response.status, response.headers.get("Allow")) in ((405, "HEAD, GET"), (400, ""))


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/v2/", "HEAD, GET"),
        ("POST", "/v2/a/manifests/t", "HEAD, GET, PUT, DELETE"),
        ("PUT", f"/v2/a/blobs/{digest(b'')}", "HEAD, GET, DELETE"),
        ("GET", "/v2/a/blobs/uploads/", "POST"),
        ("HEAD", "/v2/a/blobs/uploads/", "POST"),
        ("DELETE", f"/v2/a/referrers/{digest(b'')}", "HEAD, GET"),
    ],
)
def test_a_method_that_is_not_offered_is_405(
    send: Send, method: str, path: str, allowed: str
) -> None:
    """
    RFC 9110, 15.5.6: a 405 says in Allow which methods there are.
    """
    response = ask(send, method, path)
    assert response.status == 405
    assert response.headers.get("Allow") == allowed


def test_deletion_can_be_switched_off(storage: Storage) -> None:
    """
    "If tag deletion is disabled, the registry MUST respond with either a 400 Bad Request
    or a 405"; it is the same for manifests and blobs. One's own upload is still one's own.
    """
    send = registry(storage, delete=False)
    raw = push_image(send, "a", "t", b"layer")
    for path in ("manifests/t", f"manifests/{digest(raw)}", f"blobs/{digest(b'layer')}"):
        assert refused(ask(send, "DELETE", f"/v2/a/{path}")) == (405, "UNSUPPORTED")
        assert ask(send, "GET", f"/v2/a/{path}").status == 200
    assert ask(send, "DELETE", begin(send, "a")).status == 204


def test_all_changes_can_be_switched_off(storage: Storage) -> None:
    """
    A registry that is read only gives what it has, and takes nothing.
    """
    raw = push_image(registry(storage), "a", "t")
    location = begin(registry(storage), "a")
    send = registry(storage, read_only=True)
    assert ask(send, "GET", "/v2/a/manifests/t").body.read() == raw
    assert put(send, "a", "u", raw).status == 405
    assert ask(send, "POST", "/v2/a/blobs/uploads/").status == 405
    assert ask(send, "PUT", f"{location}?digest={digest(b'')}").status == 405
    assert ask(send, "DELETE", "/v2/a/manifests/t").status == 405


def test_catalog_and_referrers_can_be_switched_off(storage: Storage) -> None:
    """
    Without the referrers API it is a 404, and no OCI-Subject says that it was understood,
    so that clients fall back to tags.
    """
    send = registry(storage, catalog=False, referrers=False)
    push_blob(send, "a", b"{}")
    about = {"mediaType": "application/x", "digest": digest(b""), "size": 0}
    assert "OCI-Subject" not in put(send, "a", "t", image(subject=about)).headers
    assert ask(send, "GET", "/v2/_catalog").status == 404
    assert ask(send, "GET", f"/v2/a/referrers/{digest(b'')}").status == 404


def test_an_unknown_switch_is_an_error() -> None:
    """
    A switch that is misspelt must not be silently on or off.
    """
    with pytest.raises(TypeError):
        registry(read_olny=True)


def test_switches_are_a_value() -> None:
    """
    They compare and pickle, as all records do.
    """
    switches = Switches(sparse=True)
    assert pickle.loads(pickle.dumps(switches)) == switches != Switches()
