"""
Lists of one repository, and what they cost.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from ocikit._records import evolve
from ocikit.content.empty import IMAGE as EMPTY
from ocikit.content.partial import artifact
from ocikit.errors import Missing
from ocikit.google.details import detailed, size_of
from ocikit.google.list import list as list_
from ocikit.google.listing import WantInvalid
from ocikit.http.paging import LinkInvalid
from ocikit.mutate.time import time
from ocikit.registry.settings import Settings
from ocikit.spec.gojson import JSONInvalid
from ocikit.testing.wires import answer, client, script
from tests.google.conftest import IMAGE, INDEX, Place


def test_google_tells_all_at_once(gcr: Place) -> None:
    """
    One request: tags, manifests with sizes and times, those without a tag too, and what
    is below.
    """
    gcr.put("me/app", INDEX, "1", "latest")
    gcr.put("me/app/sub", IMAGE, "2")
    gcr.put("me/application", IMAGE, "2")
    gcr.asked()
    found = list_("gcr.io/me/app", client=gcr.client, want="times")
    assert gcr.asked() == ["GET /v2/me/app/tags/list?n=10000 200"]
    assert found.extended
    assert found.children == ("sub",)
    assert found.tags == ("1", "latest")
    tagged = {each.digest: each for each in found.manifests}
    assert set(tagged) == {INDEX.digest, *(c.descriptor.digest for c in INDEX.children)}
    assert tagged[INDEX.digest].tags == ("1", "latest")
    child = INDEX.children[0]
    assert tagged[child.descriptor.digest].tags == ()
    assert tagged[child.descriptor.digest].size == size_of(child.content)
    assert tagged[INDEX.digest].uploaded == datetime.fromtimestamp(gcr.time.now, UTC)


def test_google_is_asked_for_more_at_once() -> None:
    """
    By the host alone; a size of pages that somebody wants is kept to.
    """
    for host, asked in [("eu.gcr.io", 10_000), ("us-docker.pkg.dev", 10_000), ("r.example", 1000)]:
        wire = script(answer(200, b'{"tags":[]}'))
        list_(f"{host}/a/b", client=client(wire))
        assert wire.requests[0].url == f"https://{host}/v2/a/b/tags/list?n={asked}"
    wire = script(answer(200, b'{"tags":[]}'))
    list_("gcr.io/a/b", client=client(wire, settings=Settings(page_size=5)))
    assert wire.requests[0].url.endswith("?n=5")


def test_others_are_asked_as_far_as_is_wanted(plain: Place) -> None:
    """
    Tags cost one request, digests a HEAD for each tag, sizes a GET for each manifest,
    times one more.
    """
    image = time(IMAGE, "2024-02-29T12:00:00Z")
    plain.put("app", image, "1", "latest")
    plain.put("app", INDEX, "both")
    plain.asked()
    counts = {}
    for want in ("tags", "digests", "sizes", "times"):
        found = list_("r.example/app", client=plain.client, want=want)
        lines = plain.asked()
        counts[want] = [sum(line.startswith(verb) for line in lines) for verb in ("GET", "HEAD")]
    # The age of an index is that of its first image, which takes a manifest as well.
    assert counts == {"tags": [1, 0], "digests": [1, 3], "sizes": [3, 3], "times": [6, 3]}
    assert not found.extended
    by_tag = {tag: each for each in found.manifests for tag in each.tags}
    assert by_tag["1"] is by_tag["latest"]
    assert by_tag["1"].size == size_of(image)
    assert by_tag["1"].created == datetime(2024, 2, 29, 12, tzinfo=UTC)
    assert by_tag["both"].media_type == INDEX.media_type


def test_only_some_tags_are_looked_at(plain: Place) -> None:
    """
    And others cost nothing.
    """
    plain.put("app", IMAGE, "1", "2", "3")
    found = list_("r.example/app", client=plain.client)
    plain.asked()
    [known] = detailed(found, "digests", client=plain.client, only={"2"}).manifests
    assert known.tags == ("2",)
    assert len(plain.asked()) == 1


def test_what_has_no_time_has_none(plain: Place) -> None:
    """
    An artifact has no configuration that says when, and its annotations may say so.
    """
    said = {"org.opencontainers.image.created": "2024-01-01T00:00:00Z"}
    plain.put("app", artifact("text/plain"), "none")
    dated = artifact("text/plain", annotations=evolve(EMPTY).manifest.annotations | said)
    plain.put("app", dated, "some")
    found = list_("r.example/app", client=plain.client, want="times")
    assert {each.tags[0]: each.since for each in found.manifests} == {
        "none": None,
        "some": datetime(2024, 1, 1, tzinfo=UTC),
    }


def test_pages_are_followed() -> None:
    """
    By their links, to the same server, and of Google's as well.
    """
    one = {"tags": ["1"], "manifest": {}, "child": ["a"], "name": "me"}
    two = {"tags": ["2"], "manifest": {}, "child": ["a", "b"], "name": "me"}
    wire = script(
        answer(200, json.dumps(one).encode(), Link="</v2/me/tags/list?n=1&last=1>; rel=next"),
        answer(200, json.dumps(two).encode()),
    )
    found = list_("gcr.io/me", client=client(wire))
    assert (found.tags, found.children) == (("1", "2"), ("a", "b"))


def test_pages_lead_nowhere_else() -> None:
    """
    A link to another host is refused.
    """
    wire = script(answer(200, b'{"tags":["1"]}', Link="<https://evil.example/v2/>; rel=next"))
    with pytest.raises(LinkInvalid):
        list_("gcr.io/me", client=client(wire))


@pytest.mark.parametrize(
    ("body", "tags"),
    [
        (b'{"tags":null}', ()),
        (b"{}", ()),
        (b'{"tags":["a",null]}', ("a",)),
        (b'{"tags":["a","sha256:abc"],"whatever":{}}', ("a",)),
        (b'{"child":null,"manifest":null,"tags":null,"whatever":1}', ()),
    ],
)
def test_lists_as_they_come(body: bytes, tags: tuple[str, ...]) -> None:
    """
    With nulls, with digests among the tags, and with members that nobody knows.
    """
    assert list_("r.example/app", client=client(script(answer(200, body)))).tags == tags


@pytest.mark.parametrize("body", [b"[]", b'{"tags":1}', b'{"tags":[1]}', b'{"manifest":[]}', b"x"])
def test_what_is_no_list_is_told(body: bytes) -> None:
    """
    With where it came from.
    """
    with pytest.raises(JSONInvalid, match=r"GET https://r.example/v2/app/tags/list"):
        list_("r.example/app", client=client(script(answer(200, body))))


def test_nothing_of_that_name(gcr: Place, plain: Place) -> None:
    """
    It is missing in either kind, and nothing else can be wanted than what there is.
    """
    for place in (gcr, plain):
        with pytest.raises(Missing):
            list_(f"{place.host}/none", client=place.client)
    with pytest.raises(WantInvalid, match="'all' cannot be wanted"):
        list_("r.example/app", client=plain.client, want="all")  # type: ignore[arg-type]  # a mistake
