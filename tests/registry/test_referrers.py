"""
What refers to a manifest, as registries list it.
"""

from __future__ import annotations

import random

import pytest

from ocikit import media
from ocikit._records import evolve
from ocikit.content import synthetic
from ocikit.content.empty import IMAGE
from ocikit.content.image import Image
from ocikit.content.partial import artifact
from ocikit.digest import Digest
from ocikit.errors import Corrupt
from ocikit.http.faults import Denied, ManifestUnknown
from ocikit.http.message import Request, Response
from ocikit.http.paging import LinkInvalid
from ocikit.registry.attach import attach
from ocikit.registry.flush import flush
from ocikit.registry.referrers import TooManyReferrers, referrers
from ocikit.server.handler import registry
from ocikit.spec.descriptor import Descriptor
from ocikit.spec.encode import unstructure
from ocikit.spec.gojson import dumps
from ocikit.spec.manifest import IndexManifest
from ocikit.testing.wires import Recorder, answer, client, target

NAME = f"r.io/a@{IMAGE.digest}"
SBOM, NOTE = "application/spdx+json", "text/plain"


def about(kind: str, seed: int = 1) -> Image:
    """
    An artifact about the image.
    """
    made = synthetic.artifact(random.Random(seed))
    return artifact(kind, [layer.blob for layer in made.layers], subject=IMAGE.descriptor)


def page(*entries: Descriptor, **headers: str) -> Response:
    """
    A page of a list.
    """
    body = dumps(unstructure(IndexManifest(media_type=media.OCI_INDEX, manifests=entries)))
    return answer(200, body, Content_Type=media.OCI_INDEX, **headers)


def entry(number: int, kind: str = "") -> Descriptor:
    """
    Something that is listed.
    """
    digest = Digest.of(str(number).encode())
    return Descriptor(media_type=media.OCI_MANIFEST, digest=digest, size=1, artifact_type=kind)


@pytest.mark.parametrize("knows", [True, False])
def test_all_that_refers_to_it_is_given(knows: bool) -> None:
    """
    By the registry, or from the tag under which clients list them: it makes no difference.
    """
    wire = Recorder(registry(referrers=knows))
    one = client(wire)
    flush("r.io/a:1", IMAGE, client=one)
    made = [attach("r.io/a:1", about(kind), client=one).digest for kind in (SBOM, NOTE)]
    found = list(referrers("r.io/a:1", client=one))
    assert {each.digest for each in found} == set(made)
    assert {each.artifact_type for each in found} == {SBOM, NOTE}
    only = list(referrers(NAME, artifact_type=SBOM, client=one))
    assert [each.digest for each in only] == made[:1]


def test_a_registry_is_told_what_is_wanted() -> None:
    """
    What it gives is looked at all the same: filters are optional.
    """
    held = [page(entry(1, SBOM), entry(2, NOTE), entry(3))]
    wire = Recorder(lambda request: held[0])
    found = list(referrers(NAME, artifact_type=SBOM, client=client(wire)))
    assert [each.digest for each in found] == [entry(1).digest]
    assert target(wire.requests[-1]).endswith("?artifactType=application/spdx%2Bjson")
    held[0] = page(entry(1, SBOM), entry(3), OCI_Filters_Applied="artifactType")
    found = list(referrers(NAME, artifact_type=SBOM, client=client(wire)))
    assert [each.digest for each in found] == [entry(1).digest, entry(3).digest]


def test_pages_are_followed_as_they_are_needed() -> None:
    """
    The first is not all. Nothing is asked before the first is taken.
    """
    wire = Recorder(registry(page=2))
    one = client(wire)
    made = {attach_at(one, seed) for seed in range(5)}
    wire.clear()
    found = referrers(NAME, client=one)
    assert wire.requests == []
    first = [next(found), next(found)]
    assert len(wire.requests) == 1
    assert {each.digest for each in (*first, *found)} == made
    assert len(wire.requests) == 3


def attach_at(one: object, seed: int) -> Digest:
    """
    Put an artifact there.
    """
    made = about(NOTE, seed)
    flush(f"r.io/a@{made.digest}", made, client=one)  # type: ignore[arg-type]
    return made.digest


@pytest.mark.parametrize("status", [400, 404, 405, 406, 501])
def test_a_registry_that_does_not_know_them_may_say_so_in_any_way(status: int) -> None:
    """
    The tag is looked at then; when there is none, there are no referrers.
    """
    wire = Recorder(lambda request: answer(status if "/referrers/" in request.url else 404))
    assert list(referrers(NAME, client=client(wire))) == []
    assert wire.lines[-1] == f"GET /v2/a/manifests/sha256-{IMAGE.digest.hex} 404"


def test_a_page_for_people_is_no_list() -> None:
    """
    200, and HTML, to whatever is not known.
    """
    html = answer(200, b"<html>", Content_Type="text/html")
    wire = Recorder(lambda request: html if "/referrers/" in request.url else answer(404))
    assert list(referrers(NAME, client=client(wire))) == []


def test_refusals_are_told() -> None:
    """
    That somebody may not look is not that there is nothing.
    """
    with pytest.raises(Denied):
        list(referrers(NAME, client=client(lambda request: answer(403))))
    with pytest.raises(ManifestUnknown):
        list(referrers("r.io/a:1", client=client(lambda request: answer(404))))


def test_lists_without_an_end_are_refused() -> None:
    """
    Ones that lead back, to another server, or give ever new ones.
    """
    for link in ("</v2/a/referrers/x?n=1>", "<https://evil.io/next>"):
        looped = Recorder(lambda request, link=link: page(entry(1), Link=link))  # type: ignore[misc]
        with pytest.raises(LinkInvalid):
            list(referrers(NAME, client=client(looped)))
    count = iter(range(10**9))

    def endless(request: Request) -> Response:
        entries = [entry(next(count)) for _ in range(30_000)]
        return page(*entries, Link=f"</v2/a/referrers/x?n={next(count)}>")

    with pytest.raises(TooManyReferrers):
        list(referrers(NAME, client=client(endless)))


def test_what_is_listed_twice_is_given_once() -> None:
    """
    Pages may overlap when something is pushed meanwhile.
    """
    assert len(list(referrers(NAME, client=client(lambda request: page(entry(1), entry(1)))))) == 1


def test_a_later_page_that_is_gone_is_told() -> None:
    """
    Only the first answer tells whether a registry knows referrers.
    """

    def send(request: Request) -> Response:
        return answer(404) if "last" in request.url else page(entry(1), Link="<?last=1>")

    with pytest.raises(Exception, match="404"):
        list(referrers(NAME, client=client(send)))


def test_what_is_no_list_is_told() -> None:
    """
    JSON of another kind, under the right type.
    """
    bad = answer(200, b"[]", Content_Type=media.OCI_INDEX)
    with pytest.raises(Corrupt):
        list(referrers(NAME, client=client(lambda request: bad)))


def test_an_artifact_becomes_about_what_it_is_attached_to() -> None:
    """
    Whatever it was about before; its descriptor is the plain one.
    """
    one = client(registry())
    flush("r.io/a:1", IMAGE, client=one)
    other = evolve(IMAGE.descriptor, digest=Digest.of(b"other"))
    made = artifact(NOTE, subject=other)
    pinned = attach("r.io/a:1", made, client=one)
    assert [each.digest for each in referrers("r.io/a:1", client=one)] == [pinned.digest]
    with pytest.raises(ManifestUnknown):
        attach("r.io/a:2", made, client=one)
