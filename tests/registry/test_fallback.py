"""
Lists of referrers, for registries that keep none.
"""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from ocikit import media
from ocikit._records import FrozenMap, evolve
from ocikit.content import synthetic
from ocikit.content.empty import IMAGE
from ocikit.content.image import Image, Index
from ocikit.digest import Digest
from ocikit.http import routes
from ocikit.http.faults import ServerFailed
from ocikit.http.message import NO_BODY, Headers, Request, Response, Send, body_of
from ocikit.http.retry import NEVER
from ocikit.http.scope import PUSH
from ocikit.name.parse import parse_repository
from ocikit.registry.fallback import (
    ListContended,
    NotAReferrersList,
    add,
    listed,
    remove,
    tag_of,
)
from ocikit.registry.flush import flush
from ocikit.registry.load import load
from ocikit.registry.session import Access, reach
from ocikit.registry.settings import Settings
from ocikit.server.handler import registry
from ocikit.spec.descriptor import Descriptor
from ocikit.spec.document import edit, make
from ocikit.spec.manifest import IndexManifest
from ocikit.testing.wires import Recorder, answer, client

SUBJECT = IMAGE.descriptor
LIST = f"r.io/a:sha256-{IMAGE.digest.hex}"


def about(seed: int) -> Image:
    """
    An artifact about the subject, with annotations.
    """
    artifact = synthetic.artifact(random.Random(seed), subject=SUBJECT)
    notes = FrozenMap({"seed": str(seed)})
    document = edit(artifact.document, lambda m: evolve(m, annotations=notes))
    return evolve(artifact, document=document)


def old() -> Recorder:
    """
    A registry from before referrers.
    """
    held = registry(referrers=False)

    def send(request: Request) -> Response:
        response = held(request)
        return evolve(response, headers=response.headers.without("OCI-Subject"))

    return Recorder(send)


def test_a_registry_that_lists_them_is_left_alone() -> None:
    """
    It says so by OCI-Subject.
    """
    wire = Recorder(registry())
    flush("r.io/a:sbom", about(1), client=client(wire))
    assert wire.lines[-1] == "PUT /v2/a/manifests/sbom 201"


def test_others_are_listed_by_tag() -> None:
    """
    distribution-spec, "Referrers Tag Schema": with their type and annotations.
    """
    wire = old()
    one, two = about(1), about(2)
    flush("r.io/a:1", one, client=client(wire))
    flush("r.io/a:2", two, client=client(wire))
    listed = load(LIST, client=client(wire))
    assert isinstance(listed, Index)
    assert [child.descriptor.digest for child in listed.children] == [one.digest, two.digest]
    first = listed.children[0].descriptor
    assert first.artifact_type == one.artifact_type
    assert first.annotations == {"seed": "1"}
    assert listed.media_type == media.OCI_INDEX


def test_each_is_listed_once() -> None:
    """
    Under another tag it is still the same referrer.
    """
    wire = old()
    flush("r.io/a:1", about(1), client=client(wire))
    wire.clear()
    flush("r.io/a:2", about(1), client=client(wire))
    listed = load(LIST, client=client(wire))
    assert isinstance(listed, Index)
    assert len(listed.children) == 1
    assert sum("PUT /v2/a/manifests/sha256-" in line for line in wire.lines) == 0


def test_what_the_list_holds_otherwise_stays() -> None:
    """
    Members of the list that nobody here knows are kept, and their order.
    """
    wire = old()
    raw = b'{"x": null, "schemaVersion": 2, "mediaType": "%s", "manifests": []}'
    document = raw % media.OCI_INDEX.encode()
    put = Request(
        method="PUT",
        url=f"https://r.io/v2/a/manifests/sha256-{IMAGE.digest.hex}",
        headers=Headers({"Content-Type": media.OCI_INDEX}),
        body=body_of(document),
    )
    assert wire(put).status == 201
    flush("r.io/a:1", about(1), client=client(wire))
    listed = load(LIST, client=client(wire))
    assert isinstance(listed, Index)
    assert listed.document.raw.startswith(b'{"x":null,"schemaVersion":2,')


def test_another_thing_under_that_tag_is_not_overwritten() -> None:
    """
    The specification wants it reported.
    """
    wire = old()
    flush(LIST, IMAGE, client=client(wire))
    with pytest.raises(NotAReferrersList, match="delete that tag"):
        flush("r.io/a:1", about(1), client=client(wire))


def test_a_long_digest_is_cut() -> None:
    """
    A tag has at most 128 characters; sha512 has more.
    """
    wire = old()
    subject = evolve(SUBJECT, digest=Digest.of(b"x", "sha512"))
    artifact = synthetic.artifact(random.Random(1), subject=subject)
    flush("r.io/a:1", artifact, client=client(wire))
    assert f"sha512-{subject.digest.hex}"[:128] in wire.lines[-1]


def test_what_was_not_listed_the_last_time_is() -> None:
    """
    Who pushed it may have been killed between the manifest and the list.
    """
    wire = old()
    cut = Recorder(lambda request: _refuse_lists(wire, request))
    with pytest.raises(ServerFailed):
        flush("r.io/a:1", about(1), client=client(cut, settings=Settings(retry=NEVER)))
    flush("r.io/a:1", about(1), client=client(wire))
    index = load(LIST, client=client(wire))
    assert isinstance(index, Index)
    assert len(index.children) == 1


def _refuse_lists(send: Send, request: Request) -> Response:
    is_list = request.method == "PUT" and "/manifests/sha256-" in request.url
    return answer(503) if is_list else send(request)


HERE = parse_repository("r.io/a")


def way(send: Send) -> Access:
    """
    The way to write there, on which no time is lost.
    """
    return reach(client(send), HERE, PUSH)


def entry(seed: int) -> Descriptor:
    """
    Something that is listed.
    """
    return about(seed).descriptor


class Others:
    """
    A registry in which another client, which read the list before, writes over ours.
    """

    def __init__(self, times: int) -> None:
        self.held = registry(referrers=False, sparse=True)
        self.times = times

    def __call__(self, request: Request) -> Response:
        if request.method != "PUT" or not self.times:
            return self.held(request)
        self.times -= 1
        before = listed(way(self.held), HERE, SUBJECT.digest)
        response = self.held(request)
        theirs = (*before, entry(100 + self.times))
        index = IndexManifest(media_type=media.OCI_INDEX, manifests=theirs)
        raw, tag = make(index, media.OCI_INDEX).raw, tag_of(HERE, SUBJECT.digest).tag
        put = routes.put_manifest("https://r.io", "a", tag, raw, media.OCI_INDEX)
        assert self.held(put).status == 201
        return response


def test_what_another_wrote_over_is_written_again() -> None:
    """
    Both had read the same list: without another look, the slower one would win.
    """
    others = Others(2)
    add(way(others), HERE, SUBJECT.digest, entry(1))
    found = [each.digest for each in listed(way(others), HERE, SUBJECT.digest)]
    assert found == [entry(101).digest, entry(100).digest, entry(1).digest]


def test_it_is_given_up_in_the_end() -> None:
    """
    Somebody who always writes over it has to be found by a person.
    """
    with pytest.raises(ListContended, match="try again"):
        add(way(Others(99)), HERE, SUBJECT.digest, entry(1))


def test_many_at_once_lose_nothing() -> None:
    """
    Each writes, looks whether it is still there, and writes again.
    """
    held = registry(referrers=False, sparse=True)
    wanted = [entry(seed) for seed in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda each: add(way(held), HERE, SUBJECT.digest, each), wanted))
    found = {each.digest for each in listed(way(held), HERE, SUBJECT.digest)}
    assert found == {each.digest for each in wanted}


class Heeding:
    """
    A registry that names states of manifests, and heeds conditions.
    """

    def __init__(self, weak: bool = False) -> None:
        self.held = registry(referrers=False, sparse=True)
        self.weak = weak
        self.refused = 0
        self.conditions: list[str] = []

    def __call__(self, request: Request) -> Response:
        if "/manifests/" not in request.url:
            return self.held(request)
        there = self.held(evolve(request, method="HEAD", body=NO_BODY))
        tag = f'"{there.headers.get("Docker-Content-Digest")}"' if there.status == 200 else ""
        wanted = request.headers.get("If-Match")
        self.conditions += [f"{n}: {v}" for n, v in request.headers if n.startswith("If-")]
        none = request.headers.get("If-None-Match")
        if request.method == "PUT" and ((wanted and wanted != tag) or (none and tag)):
            self.refused += 1
            return answer(412)
        response = self.held(request)
        etag = f"W/{tag}" if self.weak else tag
        return evolve(response, headers=response.headers.with_("ETag", etag))


def test_says_which_list_it_has_read() -> None:
    """
    distribution-spec: clients may use conditional requests; then nobody is overwritten.
    """
    heeding = Heeding()
    for seed in (1, 2):
        add(way(heeding), HERE, SUBJECT.digest, entry(seed))
    assert [each.partition(":")[0] for each in heeding.conditions] == ["If-None-Match", "If-Match"]
    with ThreadPoolExecutor(4) as pool:
        wanted = [entry(seed) for seed in range(3, 9)]
        list(pool.map(lambda each: add(way(heeding), HERE, SUBJECT.digest, each), wanted))
    assert len(listed(way(heeding), HERE, SUBJECT.digest)) == 8


def test_a_weak_state_is_not_compared() -> None:
    """
    It only says that two are alike.
    """
    heeding = Heeding(weak=True)
    for seed in (1, 2):
        add(way(heeding), HERE, SUBJECT.digest, entry(seed))
    assert len(heeding.conditions) == 1


def test_a_registry_that_mistakes_its_own_states_is_written_to_all_the_same() -> None:
    """
    It refuses though nothing has changed.
    """
    held = registry(referrers=False, sparse=True)

    def send(request: Request) -> Response:
        if any(name.startswith("If-") for name, _ in request.headers):
            return answer(412)
        response = held(request)
        return evolve(response, headers=response.headers.with_("ETag", '"always"'))

    for seed in (1, 2):
        add(way(send), HERE, SUBJECT.digest, entry(seed))
    assert len(listed(way(held), HERE, SUBJECT.digest)) == 2


def test_what_is_deleted_is_taken_out() -> None:
    """
    What is not there is no reason to write.
    """
    wire = Recorder(registry(referrers=False, sparse=True))
    for seed in (1, 2):
        add(way(wire), HERE, SUBJECT.digest, entry(seed))
    remove(way(wire), HERE, SUBJECT.digest, entry(1).digest)
    assert [each.digest for each in listed(way(wire), HERE, SUBJECT.digest)] == [entry(2).digest]
    wire.clear()
    remove(way(wire), HERE, SUBJECT.digest, entry(1).digest)
    assert not any(request.method == "PUT" for request in wire.requests)
