"""
Storage that a registry sends readers to.
"""

from __future__ import annotations

import pytest

from ocikit.digest import Digest
from ocikit.errors import Unreachable
from ocikit.http import routes
from ocikit.http.faults import Denied
from ocikit.http.message import Request, Response
from ocikit.name.parse import parse_repository
from ocikit.registry.elsewhere import AddressRefused
from ocikit.registry.resume import ResumedStream
from ocikit.registry.session import reach
from ocikit.testing.time import VirtualTime
from ocikit.testing.wires import Broken, Recorder, answer, client

DATA = bytes(1000)
BLOB = routes.get_blob("https://r.io", "a", Digest.of(DATA))


class Storage:
    """
    A registry that keeps its blobs elsewhere, under addresses for one use.
    """

    def __init__(self, *answers: Response) -> None:
        self.answers = list(answers)
        self.given = 0

    def __call__(self, request: Request) -> Response:
        if request.url.startswith("https://r.io/"):
            self.given += 1
            return answer(307, Location=f"https://s3.io/x?X-Sig={self.given}")
        return self.answers.pop(0)


def read(storage: Storage, wire: Recorder | None = None) -> bytes:
    """
    The blob.
    """
    one = client(wire or storage, time=VirtualTime())
    with ResumedStream(reach(one, parse_repository("r.io/a")), BLOB, len(DATA)) as stream:
        return stream.read()


@pytest.mark.parametrize("status", [400, 401, 403, 410])
def test_another_address_is_asked_for(status: int) -> None:
    """
    One that is past its time is never tried twice: the registry is asked again.
    """
    storage = Storage(answer(status, b"<Code>ExpiredToken</Code>"), answer(200, DATA))
    assert read(storage) == DATA
    assert storage.given == 2


def test_also_in_the_middle() -> None:
    """
    After a break the address that was good has gone bad.
    """
    cut = Response(status=200, headers=answer(200).headers, body=Broken(DATA[:300]))
    rest = answer(206, DATA[300:], Content_Range="bytes 300-999/1000")
    storage = Storage(cut, answer(403), rest)
    wire = Recorder(storage)
    assert read(storage, wire) == DATA
    assert [request.headers.get("Range") for request in wire.requests[-2:]] == ["bytes=300-"] * 2


def test_it_is_given_up_in_the_end() -> None:
    """
    The address is told without its signature.
    """
    with pytest.raises(AddressRefused, match="answers 403") as caught:
        read(Storage(*[answer(403) for _ in range(9)]))
    assert isinstance(caught.value, Unreachable)
    assert "X-Sig=REDACTED" in str(caught.value)


def test_what_the_registry_itself_refuses_is_final() -> None:
    """
    It says no by a code of its own.
    """
    one = client(lambda request: answer(403))
    with pytest.raises(Denied):
        ResumedStream(reach(one, parse_repository("r.io/a")), BLOB, len(DATA))
