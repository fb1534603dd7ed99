"""
Each kind of fault: that it befalls what it should, and that a client meets it.
"""

from __future__ import annotations

import io
import pickle
import random
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest

from ocikit._records import evolve
from ocikit.content import synthetic
from ocikit.content.blob import Blob
from ocikit.content.compression import Plain
from ocikit.content.image import Image
from ocikit.errors import Missing, Refused, Unreachable
from ocikit.http.credentials import Basic
from ocikit.http.faults import ManifestUnknown, RegistryRefused
from ocikit.http.message import Middleware, Request, Send
from ocikit.http.paging import LinkInvalid
from ocikit.registry.client import Client
from ocikit.registry.flush import flush
from ocikit.registry.list import tags
from ocikit.registry.load import load
from ocikit.registry.referrers import referrers
from ocikit.registry.settings import Settings
from ocikit.registry.upload import upload
from ocikit.server.auth.bearer import token_auth
from ocikit.server.faults.mishaps import (
    AnswerLost,
    DigestLie,
    Drop,
    Flip,
    Latency,
    LinkGarbled,
    NoReferrers,
    RangeLie,
    Redirected,
    Status,
    TokenExpired,
    UploadLost,
)
from ocikit.server.faults.plan import Fault, FaultInvalid, Faulty, faulty
from ocikit.server.faults.watched import LineBroken
from ocikit.server.handler import registry
from ocikit.server.quirks.uploads import MountNeedsSource, MountNever
from ocikit.server.web.serve import serve
from ocikit.testing.time import VirtualTime
from ocikit.testing.wires import client

NAME = "r.io/a:1"
IMAGE = synthetic.image(random.Random(1), layers=2, size=300_000)


class Line:
    """
    A registry behind faults, and two clients of it: one that meets them, and one past them.
    """

    def __init__(self, *faults: Fault, tokens: bool = False, pushed: bool = True) -> None:
        held: Send = registry()
        held = token_auth(held, {"me": "pw"}) if tokens else held
        self.time = VirtualTime()
        self.bad: Faulty = faulty(held, *faults, sleep=self.time.sleep)
        self.straight = client(held, keychain=lambda resource: Basic("me", "pw"))
        self.client = client(
            self.bad,
            keychain=lambda resource: Basic("me", "pw"),
            time=self.time,
            settings=Settings(chunk_size=100_000),
        )
        if pushed:
            flush(NAME, IMAGE, client=self.straight)

    def pull(self) -> None:
        """
        Pull each byte, and see that it is right.
        """
        loaded = load(NAME, client=self.client)
        assert isinstance(loaded, Image)
        assert [b.content for b in _blobs(loaded)] == [b.content for b in _blobs(IMAGE)]

    def push(self) -> None:
        """
        Push, and see that all is there.
        """
        flush("r.io/b:1", IMAGE, client=self.client)
        loaded = load("r.io/b:1", client=self.straight)
        assert isinstance(loaded, Image)
        assert [b.content for b in _blobs(loaded)] == [b.content for b in _blobs(IMAGE)]

    @property
    def struck(self) -> int:
        """
        How many requests something befell.
        """
        return len(self.bad.strikes)


def _blobs(image: Image) -> list[Blob]:
    return [image.config, *(layer.blob for layer in image.layers)]


PULLED = {
    "503": Fault(Status(status=503), kind="manifest", times=2),
    "429": Fault(Status(status=429, headers=(("Retry-After", "7"),)), kind="blob"),
    "latency": Fault(Latency(seconds=30), method="GET", times=3),
    "reset before": Fault(Drop(of="request"), kind="blob", times=2),
    "reset in a manifest": Fault(Drop(after=100), kind="manifest"),
    "reset in a blob": Fault(Drop(after=100_000), kind="blob", times=3),
    "flip in a blob": Fault(Flip(at=0.9), kind="blob"),
    "flip in a manifest": Fault(Flip(), kind="manifest"),
    "answer lost": Fault(AnswerLost(), kind="blob"),
    "redirect": Fault(Redirected(), kind="blob", times=None),
    "expired redirect": Fault(Redirected(lifetime=0), kind="blob", times=2),
}
PUSHED = {
    "503": Fault(Status(status=503), method="PUT", times=2),
    "done but failed": Fault(Status(status=500, done=True), method="PUT", kind="upload"),
    "reset in an upload": Fault(Drop(of="request", after=50_000), kind="upload", times=3),
    "answer lost": Fault(AnswerLost(), method="PUT", times=3),
    "answer of the manifest lost": Fault(AnswerLost(), method="PUT", kind="manifest"),
    "flip in an upload": Fault(Flip(of="request"), method="PUT", kind="upload"),
    "flip in a manifest": Fault(Flip(of="request"), method="PUT", kind="manifest"),
    "upload lost": Fault(UploadLost(), kind="upload", times=2),
    "mount refused": Fault(MountNever(), kind="uploads", times=None),
    "mount an error": Fault(MountNeedsSource(), kind="uploads", times=None),
    "digest lie to HEAD": Fault(DigestLie(), method="HEAD", times=None),
    "digest lie to PUT": Fault(DigestLie(), method="PUT", kind="manifest"),
}


@pytest.mark.parametrize("name", sorted(PULLED))
def test_a_pull_gets_through(name: str) -> None:
    """
    It is tried again, resumed, or asked elsewhere; and every byte is right.
    """
    line = Line(PULLED[name])
    line.pull()
    assert line.struck


@pytest.mark.parametrize("name", sorted(PUSHED))
def test_a_push_gets_through(name: str) -> None:
    """
    It is tried again, resumed, or begun anew; and all of it is there.
    """
    line = Line(PUSHED[name])
    line.push()
    assert line.struck


def test_what_is_asked_for_is_waited_for() -> None:
    """
    Retry-After, and latency, by the clock that was handed in.
    """
    line = Line(PULLED["latency"], PULLED["429"])
    line.pull()
    assert line.time.slept.count(30) == 3
    assert any(7 <= slept < 10 for slept in line.time.slept)


def test_expired_tokens_are_replaced() -> None:
    """
    Once for each request.
    """
    line = Line(Fault(TokenExpired(), kind="blob", every=2, times=3), tokens=True)
    line.pull()
    line.push()
    assert line.struck


def test_a_registry_without_referrers_is_asked_by_tag() -> None:
    """
    What was put while it had none is found by both.
    """
    line = Line(Fault(NoReferrers(), kind="referrers", times=None))
    assert list(referrers(NAME, client=line.client)) == []
    assert line.struck == 1


def test_a_garbled_link_is_told() -> None:
    """
    What else there is cannot be known.
    """
    line = Line(Fault(LinkGarbled(), kind="tags"))
    flush("r.io/a:2", IMAGE, client=line.straight)
    one = evolve(line.client, settings=Settings(page_size=1))
    with pytest.raises(LinkInvalid, match="malformed"):
        list(tags("r.io/a", client=one))


@pytest.mark.parametrize("said", ["bytes 0-0/1", "bytes 999999-9999999/99999999", "what?", ""])
def test_a_wrong_content_range_is_not_believed(said: str) -> None:
    """
    A blob that is resumed with it is right in the end, whatever it says.
    """
    line = Line(
        Fault(Drop(after=100_000), kind="blob"), Fault(RangeLie(said=said), kind="blob", skip=1)
    )
    line.pull()


def test_a_manifest_that_is_said_to_be_another_is_refused() -> None:
    """
    By tag nobody could tell which of both is right.
    """
    line = Line(Fault(DigestLie(), kind="manifest", times=None))
    with pytest.raises((ManifestUnknown, Missing)):
        line.pull()


def test_what_never_ends_is_told() -> None:
    """
    An error, and no tag.
    """
    for befalls in (Status(status=503), AnswerLost(), Drop(of="request"), Flip(of="request")):
        line = Line(Fault(befalls, method="PUT", times=None), pushed=False)
        with pytest.raises((Unreachable, Refused)):
            line.push()
        if not isinstance(befalls, AnswerLost):
            with pytest.raises(Missing):
                load("r.io/b:1", client=line.straight)


def test_a_refusal_is_told_as_it_is() -> None:
    """
    What is meant is not asked again.
    """
    line = Line(Fault(Status(status=403), method="PUT", kind="manifest", times=None))
    with pytest.raises(Refused, match="403"):
        line.push()
    assert line.struck == 1


def test_a_stream_that_is_read_once_survives() -> None:
    """
    In chunks; what arrived of one is not sent again.
    """
    line = Line(
        Fault(Drop(of="request", after=30_000), method="PATCH", every=2, times=3),
        Fault(AnswerLost(), method="PATCH", skip=5),
    )
    data = random.Random(1).randbytes(1_000_000)
    layer = upload("r.io/a", io.BytesIO(data), client=line.client, compression=Plain())
    assert layer.blob.content == data
    assert line.struck == 4


def asked(*faults: Fault, path: str = "/v2/a/tags/list") -> str:
    """
    Ask six times; an x for each that something befell.
    """
    send = faulty(lambda request: registry()(Request(method="GET", url="http://r/v2/")), *faults)
    request = Request(method="GET", url=f"https://r.io{path}")
    return "".join("x" if send(request).status == 418 else "." for _ in range(6))


TEAPOT: Middleware = Status(status=418)


def test_which_requests_are_befallen() -> None:
    """
    By method, part and repository; those that fit are counted alone.
    """
    assert asked(Fault(TEAPOT)) == "x....."
    assert asked(Fault(TEAPOT, skip=2, times=2)) == "..xx.."
    assert asked(Fault(TEAPOT, skip=1, every=2, times=None)) == ".x.x.x"
    assert asked(Fault(TEAPOT, times=0)) == "......"
    assert asked(Fault(TEAPOT, times=None, chance=0.0)) == "......"
    assert asked(Fault(TEAPOT, times=None, method="PUT")) == "......"
    assert asked(Fault(TEAPOT, times=None, kind="blob")) == "......"
    assert asked(Fault(TEAPOT, times=None, kind="tags", repository="a|b")) == "xxxxxx"
    assert asked(Fault(TEAPOT, times=None, repository="aa?b")) == "......"
    assert asked(Fault(TEAPOT, times=1, kind="other"), path="/token?scope=x") == "x....."
    assert asked(Fault(TEAPOT, kind="catalog"), path="/v2/_catalog") == "x....."


def test_faults_are_counted_each_for_itself() -> None:
    """
    Two that befall one request both do; what befell is remembered.
    """
    time = VirtualTime()
    slow, busy = Fault(Latency(seconds=5)), Fault(Status(status=503), times=2)
    send = faulty(registry(), slow, busy, sleep=time.sleep)
    request = Request(method="GET", url="https://r.io/v2/?a=b")
    assert [send(request).status for _ in range(3)] == [503, 503, 200]
    assert time.slept == [5]
    assert [(s.method, s.path, s.fault) for s in send.strikes] == [
        ("GET", "/v2/", 0),
        ("GET", "/v2/", 1),
        ("GET", "/v2/", 1),
    ]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("kind", "blobs"), ("skip", -1), ("every", 0), ("times", -1), ("chance", 1.5)),
        *(("chance", float("nan")), ("repository", "(")),
    ],
)
def test_faults_that_cannot_be(field: str, value: Any) -> None:
    """
    The field is named.
    """
    with pytest.raises(FaultInvalid, match=field):
        Fault(TEAPOT, **{field: value})


def test_a_broken_line_is_an_error_of_the_network() -> None:
    """
    For a client of the family of unreachable, for a socket a broken connection.
    """
    error = LineBroken(url="https://r.io/v2/?X-Signature=abc")
    assert isinstance(error, Unreachable)
    assert isinstance(error, ConnectionError)
    assert "abc" not in str(error)
    assert pickle.loads(pickle.dumps(error)) == error


@contextmanager
def served(*faults: Fault) -> Generator[tuple[Faulty, str, Client], None, None]:
    """
    A registry behind faults, on a socket.
    """
    time = VirtualTime()
    bad = faulty(registry(), *faults, sleep=time.sleep)
    with serve(bad) as server:
        yield bad, server.host, Client(clock=time.clock, settings=Settings(chunk_size=100_000))


@pytest.mark.parametrize("name", sorted({*PULLED, *PUSHED}))
def test_on_a_socket(name: str) -> None:
    """
    Lines break as they do in one process, and what gets through there gets through here.
    """
    faults = [found[name] for found in (PULLED, PUSHED) if name in found]
    with served(*faults) as (bad, host, one):
        flush(f"{host}/a:1", IMAGE, client=one)
        loaded = load(f"{host}/a:1", client=one)
        assert isinstance(loaded, Image)
        assert [b.content for b in _blobs(loaded)] == [b.content for b in _blobs(IMAGE)]
        assert bad.strikes


def test_first_contact_breaks() -> None:
    """
    The first request of all, to a registry of which it is not known how it speaks.
    """
    for name in ("r.io", "localhost:5000"):
        line = Line(Fault(Drop(of="request"), kind="base", times=2), pushed=False)
        flush(f"{name}/b:1", IMAGE, client=line.client)
        assert load(f"{name}/b:1", client=line.client) == IMAGE


def test_refused_chunks() -> None:
    """
    A registry that says no to a chunk is believed.
    """
    line = Line(Fault(Status(status=400), method="PATCH", times=None))
    stream = io.BytesIO(bytes(1_000_000))
    with pytest.raises(RegistryRefused, match="400"):
        upload("r.io/a", stream, client=line.client, compression=Plain())
