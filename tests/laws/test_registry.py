"""
Laws of registries: what is flushed is loaded, and what goes wrong is told.
"""

from __future__ import annotations

import io
import json
import pickle
from collections.abc import Callable
from contextlib import suppress
from random import Random

import attrs
from hypothesis import given
from hypothesis import strategies as st

from ocikit._records import evolve
from ocikit.content.blob import Blob
from ocikit.content.image import Content, Image, Index
from ocikit.digest import Digest
from ocikit.errors import Missing, OciError, Refused, Unreachable
from ocikit.http.message import Request, Response, Send
from ocikit.http.retry import Policy
from ocikit.query.plan import plan
from ocikit.query.walk import walk
from ocikit.registry.faults import ConnectionBroken
from ocikit.registry.flush import flush
from ocikit.registry.load import load
from ocikit.registry.settings import Settings
from ocikit.server.handler import registry
from ocikit.testing import strategies as oci
from ocikit.testing.wires import Broken, Recorder, answer, client

NAME = "r.io/a:1"


@given(oci.contents(depth=2), st.sampled_from([1, 3]))
def test_what_is_flushed_is_loaded(content: Content, jobs: int) -> None:
    """
    `load(flush(x)) == x`, by tag and by digest, and so is all that is below.
    """
    one = client(registry(), jobs=jobs)
    pinned = flush(NAME, content, client=one)
    assert load(NAME, client=one) == content
    loaded = load(pinned, client=one)
    assert loaded == content
    assert list(walk(loaded)) == list(walk(content))
    assert [_bytes(found) for found in walk(loaded)] == [_bytes(found) for found in walk(content)]


def _bytes(content: Content) -> bytes:
    return content.content if isinstance(content, Blob) else content.document.raw


@given(oci.contents())
def test_flushing_again_costs_one_request(content: Content) -> None:
    """
    What is there is not sent, whatever it is; of what is about something else it is seen
    that it is listed there as well.
    """
    wire = Recorder(registry())
    flush(NAME, content, client=client(wire))
    wire.clear()
    flush(NAME, content, client=client(wire))
    about = isinstance(content, Image | Index) and content.manifest.subject is not None
    assert [request.method for request in wire.requests] == ["HEAD", *["GET"] * about]


@given(oci.contents(depth=2))
def test_a_copy_is_the_same(content: Content) -> None:
    """
    From one registry to another and back to the first, blobs flow unread.
    """
    one, two = client(registry()), client(registry())
    flush("one.io/a:1", content, client=one)
    flush("two.io/b:1", load("one.io/a:1", client=one), client=two)
    back = flush("one.io/c:1", load("two.io/b:1", client=two), client=one)
    assert load(back, client=one) == content


@given(oci.contents(depth=2))
def test_a_copy_within_a_registry_moves_no_blob(content: Content) -> None:
    """
    All is mounted: one request for each blob.
    """
    wire = Recorder(registry())
    one = client(wire)
    flush("r.io/a:1", content, client=one)
    wire.clear()
    loaded = load("r.io/a:1", client=one)
    flush("r.io/b:1", loaded, client=one)
    assert not any("/uploads/" in r.url for r in wire.requests if r.method == "PUT")
    assert sum(r.method == "POST" for r in wire.requests) == len(plan(content).blobs)


@given(oci.images(), st.data())
def test_unknown_members_survive(image: Image, data: st.DataObject) -> None:
    """
    Order, nulls, unknown members, text beyond ASCII and blanks: byte for byte.
    """
    document = json.loads(image.document.raw)
    document |= {"ünknown": None, "x": data.draw(st.sampled_from([1e2, "é\u2028", [None], {}]))}
    order = data.draw(st.permutations(sorted(document)))
    raw = json.dumps({key: document[key] for key in order}, ensure_ascii=False, indent=1)
    odd = evolve(image, document=evolve(image.document, raw=raw.encode()))
    one = client(registry())
    loaded = load(flush(NAME, odd, client=one), client=one)
    assert isinstance(loaded, Image)
    assert loaded.document.raw == raw.encode()


Change = Callable[[bytes], bytes]


@st.composite
def changes(draw: st.DrawFn) -> Change:
    """
    Ways in which bytes go wrong on the way.
    """
    kind = draw(st.sampled_from(["flip", "cut", "grow", "none", "other", "json"]))
    place = draw(st.floats(0, 1, exclude_max=True))
    bit = draw(st.integers(0, 7))

    def change(data: bytes) -> bytes:
        at = int(place * len(data))
        match kind:
            case "flip" if data:
                return data[:at] + bytes([data[at] ^ (1 << bit)]) + data[at + 1 :]
            case "cut":
                return data[:at]
            case "grow":
                return data + b"\0"
            case "none":
                return b""
            case "json":
                return b'{"schemaVersion":2}'
        return bytes(len(data))

    return change


@attrs.define(eq=False)
class Damaged:
    """
    A registry of whose answers one is damaged, again and again.
    """

    send: Send
    #: How many answers with bytes come before it.
    left: int
    change: Change
    url: str = ""
    #: Whether anything was changed at all.
    done: bool = False

    def __call__(self, request: Request) -> Response:
        response = self.send(request)
        if request.method != "GET" or response.status != 200 or request.url.endswith("/v2/"):
            return response
        if self.left == 0:
            self.url = self.url or request.url
        self.left -= 1
        if request.url != self.url:
            return response
        data = response.body.read()
        changed = self.change(data)
        self.done = self.done or changed != data
        return evolve(response, body=io.BytesIO(changed))


@given(oci.contents(), st.integers(0, 6), changes())
def test_damage_is_told(content: Content, place: int, change: Change) -> None:
    """
    Corrupt, short, long or wrongly typed bytes at any point: a typed error, and never
    other content than was flushed.
    """
    held = registry()
    flush(NAME, content, client=client(held))
    damaged = Damaged(held, place, change)
    one = client(damaged, settings=Settings(retry=Policy(attempts=2)))
    try:
        loaded = load(NAME, client=one)
        contents = [_bytes(found) for found in walk(loaded)]
    except OciError:
        assert damaged.done
    else:
        assert contents == [_bytes(found) for found in walk(content)]


@given(oci.contents(), st.integers(0, 6), changes())
def test_a_copy_of_damage_leaves_no_tag(content: Content, place: int, change: Change) -> None:
    """
    What cannot be read whole is not named.
    """
    held, target = registry(), registry()
    flush("one.io/a:1", content, client=client(held))
    damaged = Damaged(held, place, change)
    source = client(damaged, settings=Settings(retry=Policy(attempts=2)))
    try:
        loaded = load("one.io/a:1", client=source)
        flush("two.io/b:1", loaded, client=client(target))
    except OciError:
        assert damaged.done
        url = "https://two.io/v2/b/manifests/1"
        assert target(Request(method="HEAD", url=url)).status == 404
    else:
        assert load("two.io/b:1", client=client(target)) == content


@given(oci.contents(depth=2), st.randoms(use_true_random=False), st.sampled_from([0.05, 0.2]))
def test_chaos_ends_well_or_is_told(content: Content, chance: Random, share: float) -> None:
    """
    Any request may fail, before or after it was done; what is there then is right.
    """
    held = registry()
    wire = Chaos(held, chance, share)
    one = client(wire, settings=Settings(retry=Policy(attempts=6)))
    # That bytes were corrupt is not among what may be said: none were.
    with suppress(Missing, Refused, Unreachable):
        pinned = flush(NAME, content, client=one)
        loaded = load(pinned, client=one)
        assert [_bytes(f) for f in walk(loaded)] == [_bytes(f) for f in walk(content)]
        assert load(NAME, client=client(held)) == content


@attrs.define(eq=False)
class Chaos:
    """
    A wire on which a share of the requests goes wrong.
    """

    send: Send
    chance: Random
    share: float

    def __call__(self, request: Request) -> Response:
        if self.chance.random() >= self.share:
            return self.send(request)
        kind = self.chance.choice(["reset", "lost", "500", "503", "429", "cut"])
        if kind == "reset":
            raise ConnectionBroken(url=request.url, reason="reset")
        if kind in ("500", "503", "429"):
            return answer(int(kind))
        response = self.send(request)
        if kind == "lost" or request.method != "GET":
            response.body.close()
            raise ConnectionBroken(url=request.url, reason="lost")
        data = response.body.read()
        return evolve(response, body=Broken(data[: self.chance.randrange(len(data) + 1)]))


@given(oci.indexes())
def test_content_of_a_registry_pickles(index: Index) -> None:
    """
    A loaded index goes to another process as names and digests.
    """
    one = client(registry())
    flush(NAME, index, client=one)
    loaded = load(NAME, client=one)
    assert isinstance(loaded, Index)
    bare = [
        evolve(child.opener, client=evolve(one, send=None, clock=None, keychain=None))
        for child in loaded.children
    ]
    assert pickle.loads(pickle.dumps(bare)) == bare


@given(st.binary(max_size=60), st.sampled_from(["application/x", "text/html", ""]))
def test_any_answer_is_content_or_an_error(raw: bytes, kind: str) -> None:
    """
    Nothing that a server can say raises anything but our own errors.
    """

    def send(request: Request) -> Response:
        return answer(200, raw, Content_Type=kind)

    try:
        found = load(NAME, client=client(send))
    except OciError:
        return
    assert found.digest == Digest.of(raw)
