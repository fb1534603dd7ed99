"""
Blobs to a registry that stumbles.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from typing import Final

import pytest

from ocikit._records import record
from ocikit.content.blob import Blob, of_bytes
from ocikit.content.streams import Stream
from ocikit.content.verify import DigestMismatch, SizeMismatch
from ocikit.errors import Corrupt, OciError, Unreachable
from ocikit.http.faults import RegistryRefused, TooManyRequests
from ocikit.http.message import Request, Response
from ocikit.http.retry import Policy
from ocikit.http.scope import PUSH
from ocikit.name.parse import parse_repository
from ocikit.progress import Event, Meter, Update, add
from ocikit.registry.blobs import SMALL, Target, put_blob
from ocikit.registry.faults import CertificateUntrusted, ConnectionBroken
from ocikit.registry.parallel import Stop
from ocikit.registry.session import reach
from ocikit.registry.settings import Settings
from ocikit.server.handler import registry
from ocikit.spec.descriptor import Descriptor
from tests.registry.wires import Faulty, Recorder, Time, answer, client

REPOSITORY = parse_repository("r.io/a")
LITTLE = of_bytes(random.Random(1).randbytes(1000), "application/octet-stream")
LARGE = of_bytes(random.Random(1).randbytes(SMALL + 1000), "application/octet-stream")
FORGOTTEN = b'{"errors":[{"code":"BLOB_UPLOAD_UNKNOWN"}]}'
GARBLED = b'{"errors":[{"code":"DIGEST_INVALID"}]}'
BROKEN = ConnectionBroken(url="https://r.io/", reason="reset by peer")

Choose = Callable[[Request, int], Callable[[Response], Response] | None]


@record
class Read:
    """
    An opener that reads as it is told, each time in another way.
    """

    streams: list[bytes | Exception]

    def open(self) -> Stream:
        """
        Open the next.
        """
        given = self.streams.pop(0) if len(self.streams) > 1 else self.streams[0]
        if isinstance(given, Exception):
            raise given
        return io.BytesIO(given)


class Work:
    """
    One blob, put into a registry over a wire where things go wrong.
    """

    def __init__(self, choose: Choose | None = None, chunk: int = 4 << 20) -> None:
        self.held = registry()
        self.wire = Recorder(Faulty(self.held, choose or (lambda request, before: None)))
        self.time = Time()
        self.updates: list[Update] = []
        self.client = client(
            self.wire,
            time=self.time,
            settings=Settings(retry=Policy(attempts=4), chunk_size=chunk),
        )

    def put(self, blob: Blob) -> None:
        put_blob(
            Target(
                client=self.client,
                repository=REPOSITORY,
                access=reach(self.client, REPOSITORY, PUSH),
                report=self.updates.append,
                stop=Stop(),
            ),
            blob,
        )

    def has(self, blob: Blob) -> bool:
        url = f"https://r.io/v2/a/blobs/{blob.digest}"
        return self.held(Request(method="HEAD", url=url)).status == 200

    @property
    def methods(self) -> list[str]:
        return [request.method for request in self.wire.requests]

    @property
    def meter(self) -> Meter:
        meter = Meter()
        for update in self.updates:
            meter = add(meter, update)
        return meter


def once(method: str, change: Callable[[Response], Response] | Exception) -> Choose:
    """
    Let the first request of a method go wrong.
    """
    gone: list[str] = []

    def choose(request: Request, before: int) -> Callable[[Response], Response] | None:
        if request.method != method or gone:
            return None
        gone.append(method)
        if isinstance(change, Exception):
            raise change
        return change

    return choose


def lost(response: Response) -> Response:
    """
    The other side did it, but its answer does not arrive.
    """
    raise BROKEN


def status(code: int, body: bytes = b"") -> Callable[[Response], Response]:
    """
    Another answer, after the thing was done.
    """
    return lambda response: answer(code, body)


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
    Whatever goes wrong once: no peer passes all of these. Bytes are counted once.
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


def source(*streams: bytes | Exception) -> Blob:
    """
    The little blob, from somewhere unreliable.
    """
    return Blob(descriptor=LITTLE.descriptor, opener=Read(list(streams)))


def test_a_source_that_gives_wrong_bytes_once_is_read_again() -> None:
    """
    A bit that flips on the way from the source is not the end of a copy.
    """
    good = LITTLE.opener.open().read()
    work = Work()
    work.put(source(b"x" * LITTLE.size, good))
    assert work.has(LITTLE)
    assert [update.event for update in work.updates].count(Event.RETRIED) == 1


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (bytes(1000), DigestMismatch),
        (bytes(999), SizeMismatch),
        (bytes(1001), Corrupt),
        (b"", SizeMismatch),
    ],
)
def test_a_source_that_stays_wrong_is_told(data: bytes, error: type[OciError]) -> None:
    """
    It is the source that is at fault, whatever the registry made of its bytes.
    """
    work = Work()
    with pytest.raises(error):
        work.put(source(data))
    assert not work.has(LITTLE)
    assert work.meter.moved == 0


def test_a_source_that_cannot_be_reached_is_told() -> None:
    """
    The error is the source's, not the registry's to which less came than was said.
    """
    work = Work()
    with pytest.raises(Unreachable) as caught:
        work.put(source(BROKEN))
    assert caught.value == BROKEN


def test_an_empty_blob_is_a_blob() -> None:
    """
    No bytes are content too.
    """
    work, empty = Work(), of_bytes(b"", "application/octet-stream")
    work.put(empty)
    assert work.has(empty)


def test_inline_data_is_sent_from_the_descriptor() -> None:
    """
    descriptor.md, "data": it stands for the content, wherever that was.
    """
    data = b"inline"
    plain = of_bytes(data, "application/octet-stream").descriptor
    descriptor = Descriptor(
        media_type=plain.media_type, size=plain.size, digest=plain.digest, data=data
    )
    work = Work()
    work.put(Blob(descriptor=descriptor, opener=Read([BROKEN])))
    assert work.has(of_bytes(data, ""))


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

    def nowhere(request: Request, before: int) -> Callable[[Response], Response] | None:
        return (lambda _: answer(202)) if request.method == "POST" else None

    with pytest.raises(Corrupt, match="Location is missing"):
        Work(nowhere).put(LITTLE)


def test_garbled_uploads_end() -> None:
    """
    A registry that always reads other bytes than were sent is broken.
    """

    def garble(request: Request, before: int) -> Callable[[Response], Response] | None:
        if request.method == "HEAD":
            return lambda _: answer(404)
        return (lambda _: answer(400, GARBLED)) if request.method == "PUT" else None

    work = Work(garble)
    with pytest.raises(RegistryRefused, match="DIGEST_INVALID"):
        work.put(LITTLE)
    assert work.methods.count("PUT") == 4
