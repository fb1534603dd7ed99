"""
Garbage found in registries and deleted there.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from ocikit.content import synthetic
from ocikit.content.partial import artifact
from ocikit.errors import Missing
from ocikit.google.collecting import TagTookManifest, find, remove
from ocikit.google.garbage import UNTAGGED, Retention
from ocikit.http.message import Request, Response
from ocikit.mutate.time import time
from ocikit.query.tagged import TagFilter
from ocikit.registry.list import tags
from ocikit.registry.load import load
from ocikit.registry.tag import tag
from ocikit.testing.wires import client
from tests.google.conftest import IMAGE, INDEX, OTHER, Place

CI = TagFilter(include=("ci-*",))
SIGNATURE = artifact("example/signature", subject=IMAGE.descriptor)
OF_SIGNATURE = artifact("example/note", subject=SIGNATURE.descriptor)
DANGLING = artifact("example/signature", subject=synthetic.image(Random(9)).descriptor)


@pytest.fixture
def full(gcr: Place) -> Place:
    """
    A repository with an index, an image that is signed, and two manifests of no use.
    """
    for content, *names in [
        (INDEX, "1"),
        (IMAGE, "2"),
        (SIGNATURE,),
        (OF_SIGNATURE,),
        (OTHER,),
        (DANGLING,),
    ]:
        gcr.put("me/app", content, *names)  # type: ignore[arg-type]  # content, then names
    gcr.asked()
    return gcr


def test_what_no_tag_leads_to(full: Place) -> None:
    """
    Neither the images of the index nor signatures are among it; nothing is written.
    """
    found = find("gcr.io/me/app", client=full.client)
    assert {each.digest for each in found.manifests} == {OTHER.digest, DANGLING.digest}
    lines = full.asked()
    assert all(line.startswith("GET") for line in lines)
    # The list, the index, and the four that might go with the two images of the index.
    assert len(lines) == 1 + 1 + 6


def test_it_is_deleted_and_nothing_else(full: Place) -> None:
    """
    All that is tagged can be pulled afterwards, with what is about it; once is enough.
    """
    found = find("gcr.io/me/app", client=full.client)
    done = remove(found, UNTAGGED, client=full.client)
    assert {each.digest for each in done.manifests} == {OTHER.digest, DANGLING.digest}
    assert done.failed == ()
    for content in (INDEX, IMAGE, SIGNATURE, OF_SIGNATURE):
        assert load(f"gcr.io/me/app@{content.digest}", client=full.client) == content
    for child in INDEX.children:
        assert load(f"gcr.io/me/app@{child.descriptor.digest}", client=full.client)
    with pytest.raises(Missing):
        load(f"gcr.io/me/app@{OTHER.digest}", client=full.client)
    assert find("gcr.io/me/app", client=full.client).manifests == ()


def test_what_got_a_tag_meanwhile_stays(full: Place) -> None:
    """
    And what something new refers to.
    """
    found = find("gcr.io/me/app", client=full.client)
    tag(f"gcr.io/me/app@{OTHER.digest}", "late", client=full.client)
    done = remove(found, UNTAGGED, client=full.client)
    assert {each.digest for each in done.manifests} == {DANGLING.digest}


def test_of_an_age(full: Place) -> None:
    """
    By when it came to the registry.
    """
    start = full.time.now
    full.time.now += timedelta(days=9).total_seconds()
    full.put("me/app", artifact("example/new"))
    before = datetime.fromtimestamp(start, UTC) + timedelta(days=8)
    found = find("gcr.io/me/app", Retention(before=before), client=full.client)
    assert {each.digest for each in found.manifests} == {OTHER.digest, DANGLING.digest}
    early = Retention(before=datetime.fromtimestamp(start, UTC) - timedelta(days=1))
    assert find("gcr.io/me/app", early, client=full.client).manifests == ()


def test_an_index_that_cannot_be_read_ends_it(full: Place) -> None:
    """
    Nobody knows what it needs.
    """

    def lost(request: Request) -> Response:
        if request.method == "GET" and str(INDEX.digest) in request.url:
            return Response(status=404)
        return full.wire(request)

    with pytest.raises(Missing):
        find("gcr.io/me/app", client=client(lost, time=full.time))


def test_what_is_needed_by_what_stays_undeleted_stays(gcr: Place) -> None:
    """
    When an index cannot be deleted its images are not, and the rest is.
    """
    gcr.put("me/app", INDEX)
    gcr.put("me/app", OTHER)

    def stubborn(request: Request) -> Response:
        if request.method == "DELETE" and str(INDEX.digest) in request.url:
            return Response(status=403)
        return gcr.wire(request)

    far = client(stubborn, time=gcr.time)
    done = remove(find("gcr.io/me/app", client=far), UNTAGGED, client=far)
    assert [each.digest for each in done.manifests] == [OTHER.digest]
    assert [each.name for each in done.failed] == [f"gcr.io/me/app@{INDEX.digest}"]
    assert load(f"gcr.io/me/app@{INDEX.children[0].descriptor.digest}", client=far)


def test_tags_first_where_it_has_to_be(gcr: Place) -> None:
    """
    Google's registries delete no manifest that has a tag.
    """
    gcr.put("me/app", IMAGE, "ci-1", "ci-2")
    gcr.put("me/app", OTHER, "1")

    def tagged(request: Request) -> Response:
        by_digest = request.method == "DELETE" and "@" not in request.url
        if (
            by_digest
            and "sha256:" in request.url
            and len(list(tags("gcr.io/me/app", client=gcr.client))) > 1
        ):
            return Response(status=400)
        return gcr.wire(request)

    far, retention = client(tagged, time=gcr.time), Retention(tags=CI)
    done = remove(find("gcr.io/me/app", retention, client=far), retention, client=far)
    assert [each.digest for each in done.manifests] == [IMAGE.digest]
    assert list(tags("gcr.io/me/app", client=gcr.client)) == ["1"]


def test_registries_that_take_more_than_a_tag(gcr: Place) -> None:
    """
    It is seen at the first, and there is no second.
    """
    gcr.put("me/app", IMAGE, "ci-1", "ci-2", "1")

    def greedy(request: Request) -> Response:
        if request.method == "DELETE":
            url = f"https://gcr.io/v2/me/app/manifests/{IMAGE.digest}"
            request = Request(method="DELETE", url=url, headers=request.headers)
        return gcr.wire(request)

    far, retention = client(greedy, time=gcr.time), Retention(tags=CI)
    done = remove(find("gcr.io/me/app", retention, client=far), retention, client=far)
    assert done.tags == ()
    [failed] = done.failed
    assert isinstance(failed.error, TagTookManifest)


@pytest.fixture
def others(plain: Place) -> Place:
    """
    A registry that lists tags only; images of some days of a month.
    """
    for day in (1, 2, 3):
        made = time(synthetic.image(Random(day), layers=1, size=10), f"2024-02-0{day}T00:00:00Z")
        plain.put("app", made, f"ci-{day}")
        plain.put("app", artifact("example/signature", subject=made.descriptor))
    plain.put("app", INDEX, "1", "ci-1.0")
    plain.put("app", artifact("example/untimed"), "ci-x")
    plain.asked()
    return plain


def test_others_tell_only_what_tags_lead_to(others: Place) -> None:
    """
    Nothing can be found without tags that may go, and nothing is asked for it.
    """
    found = find("r.example/app", client=others.client)
    assert (found.manifests, found.listing.extended) == ((), False)
    assert len(others.asked()) == 1


def test_of_others_what_goes_with_a_tag(others: Place) -> None:
    """
    What is about it, though it is in no list; not what has another tag, nor the newest.
    """
    retention = Retention(tags=CI, keep=1)
    found = find("r.example/app", retention, client=others.client)
    assert {each.tags for each in found.manifests} == {("ci-1",), ("ci-2",), ()}
    assert len(found.manifests) == 4
    # When the images of the index were made nobody says, nor of the artifact.
    assert (found.tags, found.ageless) == ((), 2)
    done = remove(found, retention, client=others.client)
    assert (len(done.manifests), done.failed) == (4, ())
    assert sorted(tags("r.example/app", client=others.client)) == ["1", "ci-1.0", "ci-3", "ci-x"]


def test_of_others_the_images_of_an_index(plain: Place) -> None:
    """
    They go with it, but for those that another index has.
    """
    plain.put("app", INDEX, "ci-1")
    shared = INDEX.children[0].content
    plain.put("app", shared, "1")
    retention = Retention(tags=CI)
    done = remove(
        find("r.example/app", retention, client=plain.client), retention, client=plain.client
    )
    assert {each.digest for each in done.manifests} == {
        INDEX.digest,
        *(child.descriptor.digest for child in INDEX.children[1:]),
    }
    assert done.manifests[0].digest == INDEX.digest
    assert load("r.example/app:1", client=plain.client) == shared
