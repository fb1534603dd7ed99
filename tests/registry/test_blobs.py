"""
Blobs to a registry that stumbles.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pytest

from ocikit.content.blob import Blob
from ocikit.errors import Corrupt, OciError
from ocikit.http.faults import RegistryRefused, TooManyRequests
from ocikit.http.message import Request, Response
from ocikit.registry.blobs import SMALL
from ocikit.registry.faults import CertificateUntrusted, ConnectionBroken
from ocikit.testing.wires import answer
from tests.registry.work import (
    BROKEN,
    FORGOTTEN,
    GARBLED,
    LARGE,
    LITTLE,
    Change,
    Choose,
    Work,
    lost,
    once,
    status,
)

STUMBLES: Final = {
    "reset before POST": lambda: once("POST", BROKEN),
    "reset before PUT": lambda: once("PUT", BROKEN),
    "lost POST": lambda: once("POST", lost),
    "lost PUT": lambda: once("PUT", lost),
    "503 to POST": lambda: once("POST", status(503)),
    "503 to PUT": lambda: once("PUT", status(503)),
    "500 after PUT was done": lambda: once("PUT", status(500)),
    "429 to PUT": lambda: once("PUT", status(429)),
    "429 to POST": lambda: once("POST", status(429)),
    "session forgotten": lambda: once("PUT", status(404, FORGOTTEN)),
    "garbled on the way": lambda: once(
        "PUT", status(400, b'{"errors":[{"code":"DIGEST_INVALID"}]}')
    ),
    "out of order": lambda: once("PUT", status(416)),
    "reset before HEAD": lambda: once("HEAD", BROKEN),
}


@pytest.mark.parametrize("stumble", STUMBLES.values(), ids=STUMBLES)
@pytest.mark.parametrize("blob", [LITTLE, LARGE], ids=["little", "large"])
@pytest.mark.parametrize("chunk", [4 << 20, 300_000])
def test_it_arrives_after_one_stumble(
    blob: Blob, stumble: Callable[[], Choose], chunk: int
) -> None:
    """
    Whatever goes wrong once. Bytes are counted once.
    """
    work = Work(stumble(), chunk)
    work.put(blob)
    assert work.has(blob)
    assert work.meter.moved in (0, blob.size)


def test_what_was_lost_was_only_the_answer() -> None:
    """
    A PUT whose answer did not come is looked for before it is sent again.
    """
    work = Work(once("PUT", lost))
    work.put(LITTLE)
    assert work.methods == ["POST", "PUT", "HEAD"]


def test_after_a_break_a_large_blob_goes_in_chunks() -> None:
    """
    Not all is lost when it breaks again: no client passes where every connection breaks
    after 4 MiB.
    """
    work = Work(once("PUT", BROKEN), chunk=300_000)
    work.put(LARGE)
    assert work.methods == ["HEAD", "POST", "PUT", "HEAD", "POST", *["PATCH"] * 3, "PUT"]
    assert work.has(LARGE)
    chunks = [r for r in work.wire.requests if r.method == "PATCH"]
    assert {request.headers.get("Connection") for request in chunks} == {"close"}


def test_no_chunk_is_smaller_than_a_registry_wants() -> None:
    """
    OCI-Chunk-Min-Length; the last may be.
    """
    work = Work(once("PUT", BROKEN), chunk=300_000, chunk_min=600_000)
    work.put(LARGE)
    sent = [r.body.length for r in work.wire.requests if r.method in ("PATCH", "PUT")]
    assert sent == [LARGE.size, 600_000, LARGE.size - 600_000]
    assert work.has(LARGE)


def test_what_is_too_large_for_a_gateway_goes_in_chunks() -> None:
    """
    nginx takes 1 MiB unless it is told otherwise, and says 413.
    """

    def gateway(request: Request, before: int) -> Change:
        return answer(413, b"<html>") if (request.body.length or 0) > SMALL else None

    work = Work(gateway, chunk=SMALL)
    work.put(LARGE)
    assert "PATCH" in work.methods


def test_chunks_become_smaller() -> None:
    """
    What breaks connections after so many bytes lets a smaller chunk pass.
    """

    def tight(request: Request, before: int) -> None:
        if (request.body.length or 0) > 300_000:
            raise BROKEN
        if request.method == "GET":
            # Some registries cannot go on after a chunk that broke.
            raise ConnectionBroken(url=request.url, reason="lost")

    work = Work(tight, chunk=1 << 20)
    work.put(LARGE)
    sent = [r.body.length or 0 for r in work.wire.requests if r.method == "PATCH"]
    assert sent[-4:] == [256 << 10] * 4
    assert work.has(LARGE)


def test_nobody_waits_while_chunks_become_smaller() -> None:
    """
    A line that breaks after so many bytes breaks after them a second later too.
    """

    def tight(request: Request, before: int) -> Change:
        if (request.body.length or 0) > 300_000:
            request.body.opener.open().read()
            raise BROKEN
        return answer(404, FORGOTTEN) if request.method == "GET" else None

    work = Work(tight, chunk=600_000)
    work.put(LARGE)
    assert work.has(LARGE)
    # Once, for the chunk that broke before any had arrived.
    assert len(work.time.slept) <= 1


def test_it_gives_up_in_the_end() -> None:
    """
    Four attempts, with longer and longer waits between them.
    """

    def never(request: Request, before: int) -> None:
        if request.method == "PUT":
            raise BROKEN

    work = Work(never)
    with pytest.raises(ConnectionBroken):
        work.put(LITTLE)
    assert work.methods.count("PUT") == 4
    assert len(work.time.slept) == 3
    assert work.meter.moved == 0


@pytest.mark.parametrize(
    ("response", "error"),
    [(answer(403), "Denied"), (answer(400), "RegistryRefused"), (answer(413), "RegistryRefused")],
)
def test_a_refusal_is_final(response: Response, error: str) -> None:
    """
    Nothing is sent again to who does not want it.
    """
    work = Work(once("PUT", lambda _: response))
    with pytest.raises(OciError) as caught:
        work.put(LITTLE)
    assert type(caught.value).__name__ == error
    assert work.methods.count("PUT") == 1


def test_a_registry_that_asks_to_wait_too_long_is_left() -> None:
    """
    An hour is not waited.
    """
    work = Work(once("PUT", lambda _: answer(429, Retry_After="3600")))
    with pytest.raises(TooManyRequests):
        work.put(LITTLE)


def test_an_untrusted_certificate_is_final() -> None:
    """
    It will not be trusted a second later.
    """
    bad = CertificateUntrusted(url="https://cdn.io/", reason="expired")
    work = Work(once("PUT", bad))
    with pytest.raises(CertificateUntrusted):
        work.put(LITTLE)
    assert work.time.slept == []


def test_a_location_on_another_server_is_gone_to() -> None:
    """
    Google's registries have uploads elsewhere; credentials do not go there, which the
    tests of `authority` hold.
    """

    def elsewhere(response: Response) -> Response:
        path = response.headers.get("Location")
        return answer(202, Location=f"https://upload.io{path}")

    work = Work(once("POST", elsewhere))
    work.put(LITTLE)
    assert work.wire.requests[-1].url.startswith("https://upload.io/")
    assert work.has(LITTLE)


def test_a_registry_without_a_location_is_refused() -> None:
    """
    Where to go on cannot be guessed.
    """

    def nowhere(request: Request, before: int) -> Change:
        return (lambda _: answer(202)) if request.method == "POST" else None

    with pytest.raises(Corrupt, match="Location is missing"):
        Work(nowhere).put(LITTLE)


def test_garbled_uploads_end() -> None:
    """
    A registry that always reads other bytes than were sent is broken.
    """

    def garble(request: Request, before: int) -> Change:
        if request.method == "HEAD":
            return lambda _: answer(404)
        return (lambda _: answer(400, GARBLED)) if request.method == "PUT" else None

    work = Work(garble)
    with pytest.raises(RegistryRefused, match="DIGEST_INVALID"):
        work.put(LITTLE)
    assert work.methods.count("PUT") == 4
