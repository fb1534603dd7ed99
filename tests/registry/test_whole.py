"""
Documents whose lines break.
"""

from __future__ import annotations

import io

import pytest

from ocikit import media
from ocikit.content.empty import IMAGE
from ocikit.http.message import Request, Response
from ocikit.name.parse import parse_reference
from ocikit.registry.list import tags
from ocikit.registry.manifests import fetch
from ocikit.registry.session import reach
from ocikit.registry.whole import whole
from ocikit.spec.document import DocumentTooLarge
from ocikit.testing.time import VirtualTime
from ocikit.testing.wires import Broken, answer, client, script

RAW = IMAGE.document.raw
ASKED = Request(method="GET", url="https://r.io/v2/")


def broken(data: bytes) -> Response:
    """
    A response that breaks after these bytes.
    """
    return Response(status=200, headers=answer(200).headers, body=Broken(data))


def test_a_manifest_that_breaks_off_is_asked_for_again() -> None:
    """
    A reset in the middle of one, or before its first byte, is waited out.
    """
    good, time = answer(200, RAW, Content_Type=media.DOCKER_MANIFEST), VirtualTime()
    wire = script(broken(RAW[:9]), broken(b""), good)
    name = parse_reference("r.io/a:1")
    assert fetch(reach(client(wire, time=time), name.repository), name)[0] == RAW
    assert len(time.slept) == 2


def test_a_page_that_breaks_off_is_asked_for_again() -> None:
    """
    No tag is given twice.
    """
    page = b'{"tags":["1","2"]}'
    wire = script(broken(page[:12]), answer(200, page))
    assert list(tags("r.io/a", client=client(wire))) == ["1", "2"]


def test_a_token_that_breaks_off_is_asked_for_again() -> None:
    """
    Who gives it out is as likely to stumble.
    """
    asks = answer(401, WWW_Authenticate='Bearer realm="https://r.io/token",service="r"')
    token, page = b'{"token":"t"}', b'{"tags":[]}'
    wire = script(asks, broken(token[:5]), answer(200, token), answer(200, page))
    assert list(tags("r.io/a", client=client(wire))) == []


def test_no_more_is_read_than_may_come() -> None:
    """
    And one byte, by which who bounds it sees that there is more.
    """
    endless = io.BytesIO(bytes(100))
    response = whole(script(Response(status=200, body=endless)), 10)(ASKED)
    assert response.body.read() == bytes(11)
    assert endless.closed
    wire, name = script(answer(200, bytes(5 << 20))), parse_reference("r.io/a:1")
    with pytest.raises(DocumentTooLarge):
        fetch(reach(client(wire), name.repository), name)


def test_the_body_of_an_error_stays_as_it_is() -> None:
    """
    The status of one that breaks off says enough.
    """
    refused = Response(status=403, body=Broken(b"{"))
    assert whole(script(refused), 10)(ASKED) is refused
