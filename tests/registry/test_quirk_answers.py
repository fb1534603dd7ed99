"""
One test for each thing that registries say otherwise: what happens, and that it does no harm.
"""

from __future__ import annotations

import gzip
import json
import random

import pytest

from ocikit import media
from ocikit._records import evolve
from ocikit.content import synthetic
from ocikit.content.image import Image
from ocikit.content.partial import artifact
from ocikit.errors import Missing, Refused
from ocikit.http.faults import ManifestUnknown, RegistryRefused
from ocikit.registry.delete import delete
from ocikit.registry.flush import flush
from ocikit.registry.head import head
from ocikit.registry.list import tags
from ocikit.registry.load import load
from ocikit.registry.referrers import referrers
from ocikit.registry.settings import Settings
from ocikit.server.quirks.answers import (
    Compressed,
    CookiesJudged,
    FieldUnsaid,
    MediaTypeNeeded,
    NamespaceNeeded,
    NotOffered,
    OldUnlessSeveral,
    StatusInstead,
    TypesRefused,
    UnknownCode,
)
from ocikit.server.quirks.limits import ReadsLimited
from ocikit.server.quirks.lists import (
    DigestsAmongTags,
    NullAmongTags,
    PageLimited,
    PagesIgnored,
    PagesOpaque,
    TagsNull,
)
from ocikit.server.quirks.profiles import PROFILES
from ocikit.testing.wires import client
from tests.registry.quirky import IMAGE, INDEX, Quirky

NAME = "r.io/a:1"
DOCKER = synthetic.image(random.Random(5), docker=True)


def test_ecr_gives_no_digest_with_a_manifest() -> None:
    """
    HEAD has it, GET has not: the bytes are hashed.
    """
    one = Quirky(FieldUnsaid(name="Docker-Content-Digest", methods=("GET",), kinds=("manifest",)))
    pinned = flush(NAME, IMAGE, client=one.client)
    for method, said in (("HEAD", str(IMAGE.digest)), ("GET", "")):
        response = one.ask(method, "/v2/a/manifests/1")
        assert response.headers.get("Docker-Content-Digest") == said
    assert load(NAME, client=one.client) == IMAGE
    assert load(pinned, client=one.client) == IMAGE


def test_red_hat_gives_no_digest_at_all() -> None:
    """
    Whoever asks for a descriptor is answered by the bytes.
    """
    one = Quirky(FieldUnsaid(name="Docker-Content-Digest", methods=("GET", "HEAD")))
    flush(NAME, IMAGE, client=one.client)
    one.wire.clear()
    assert head(NAME, client=one.client).digest == IMAGE.digest
    assert [request.method for request in one.wire.requests] == ["HEAD", "GET"]


def test_red_hat_compresses_for_whoever_takes_it() -> None:
    """
    Bytes under a digest are asked for as they are, and so they come.
    """
    one = Quirky(Compressed())
    flush(NAME, IMAGE, client=one.client)
    url = f"/v2/a/blobs/{IMAGE.config.digest}"
    with one.ask("GET", url, Accept_Encoding="gzip") as response:
        assert gzip.decompress(response.body.read()) == IMAGE.config.content
    assert load(NAME, client=one.client) == IMAGE
    assert _config(load(NAME, client=one.client)) == IMAGE.config.content
    asked = {request.headers.get("Accept-Encoding") for request in one.wire.requests}
    assert asked <= {"identity", ""}


def _config(content: object) -> bytes:
    assert isinstance(content, Image)
    return content.config.content


@pytest.mark.parametrize("message", ["Not Found", "artifact app:2 not found"])
def test_red_hat_and_harbor_tell_of_the_unknown_as_unknown(message: str) -> None:
    """
    The code says nothing; the status and what was asked for do.
    """
    one = Quirky(UnknownCode(message=message))
    flush(NAME, IMAGE, client=one.client)
    with pytest.raises(ManifestUnknown, match=message):
        load("r.io/a:2", client=one.client)
    with pytest.raises(Missing):
        load("r.io/none:2", client=one.client)


def test_harbor_gives_what_is_old_unless_types_come_apart() -> None:
    """
    One Accept field with all types gets schema 1; it is asked again, a field for each.
    """
    one = Quirky(OldUnlessSeveral())
    flush(NAME, INDEX, client=one.client)
    old = one.ask("GET", "/v2/a/manifests/1", Accept=f"{media.OCI_INDEX}, {media.OCI_MANIFEST}")
    assert old.headers.get("Content-Type") == media.DOCKER_SCHEMA1
    one.wire.clear()
    assert load(NAME, client=one.client) == INDEX
    assert len(one.wire.requests) == 2
    assert head(NAME, client=one.client).digest == INDEX.digest


def test_harbor_links_to_the_next_page_by_path() -> None:
    """
    Without a host, which the client knows.
    """
    one = Quirky(settings=Settings(page_size=1))
    for tag in "123":
        flush(f"r.io/a:{tag}", IMAGE, client=one.client)
    assert one.ask("GET", "/v2/a/tags/list?n=1").headers.get("Link").startswith("</v2/a/tags/")
    assert list(tags("r.io/a", client=one.client)) == ["1", "2", "3"]


def test_ecr_refuses_pages_of_more_than_a_thousand() -> None:
    """
    No more are asked for at once.
    """
    one = Quirky(PageLimited(most=1000))
    flush(NAME, IMAGE, client=one.client)
    assert one.ask("GET", "/v2/a/tags/list?n=1001").status == 400
    assert list(tags("r.io/a", client=one.client)) == ["1"]


def test_ecr_says_itself_what_the_next_page_is() -> None:
    """
    Its link is followed as it is, and `last` is never said.
    """
    one = Quirky(PagesOpaque(), settings=Settings(page_size=2))
    for number in range(5):
        flush(f"r.io/a:{number}", IMAGE, client=one.straight)
    assert one.ask("GET", "/v2/a/tags/list?last=1").status == 405
    assert list(tags("r.io/a", client=one.client)) == list("01234")
    assert one.answers("next_token=") == [200, 200]


def test_harbor_takes_who_sends_cookies_for_a_browser() -> None:
    """
    They are not sent back.
    """
    one = Quirky(CookiesJudged())
    assert one.ask("PUT", "/v2/a/manifests/1", Cookie="_gorilla_csrf=MTIz").status == 403
    flush(NAME, IMAGE, client=one.client)
    assert load(NAME, client=one.client) == IMAGE
    assert not any("Cookie" in request.headers for request in one.wire.requests)


def test_ecr_refuses_manifests_that_do_not_say_what_they_are() -> None:
    """
    They are not made to say it, for that would be another manifest: it is told.
    """
    one = Quirky(MediaTypeNeeded())
    raw = IMAGE.document.raw
    bare = raw.replace(f'"mediaType":"{media.OCI_MANIFEST}",'.encode(), b"")
    assert bare != raw
    odd = evolve(IMAGE, document=evolve(IMAGE.document, raw=bare))
    with pytest.raises(RegistryRefused, match="Invalid JSON syntax"):
        flush(NAME, odd, client=one.client)
    with pytest.raises(Missing):
        load(NAME, client=one.client)
    flush(NAME, IMAGE, client=one.client)


def test_openshift_refuses_schema_2() -> None:
    """
    It is told, and no tag is there; OCI images are taken.
    """
    one = Quirky(TypesRefused(types=(media.DOCKER_MANIFEST,)))
    with pytest.raises(RegistryRefused, match="unsupported"):
        flush(NAME, DOCKER, client=one.client)
    with pytest.raises(Missing):
        load(NAME, client=one.client)
    flush(NAME, IMAGE, client=one.client)
    assert load(NAME, client=one.client) == IMAGE


def test_artifactory_forbids_to_look_for_what_is_not_there() -> None:
    """
    HEAD answers 403 for 404: what may not be there is pushed, not given up.
    """
    one = Quirky(
        StatusInstead(methods=("HEAD",), kinds=("manifest", "blob"), status=404, instead=403)
    )
    flush(NAME, INDEX, client=one.client)
    assert 403 in one.answers("HEAD")
    assert load(NAME, client=one.client) == INDEX


def test_artifactory_lists_digests_among_tags() -> None:
    """
    Those of an index's images; they are no tags, and not given for such.
    """
    one = Quirky(DigestsAmongTags())
    flush(NAME, INDEX, client=one.client)
    with one.ask("GET", "/v2/a/tags/list") as response:
        assert json.loads(response.body.read())["tags"][0].startswith("sha256:")
    assert list(tags("r.io/a", client=one.client)) == ["1"]


def test_nexus_has_a_null_among_tags() -> None:
    """
    It is no tag.
    """
    one = Quirky(NullAmongTags())
    flush(NAME, IMAGE, client=one.client)
    with one.ask("GET", "/v2/a/tags/list") as response:
        assert json.loads(response.body.read())["tags"] == ["1", None]
    assert list(tags("r.io/a", client=one.client)) == ["1"]


def test_distribution_has_null_for_no_tags() -> None:
    """
    A repository that has manifests, and no tags.
    """
    one = Quirky(TagsNull())
    flush(f"r.io/a@{IMAGE.digest}", IMAGE, client=one.client)
    with one.ask("GET", "/v2/a/tags/list") as response:
        assert json.loads(response.body.read())["tags"] is None
    assert list(tags("r.io/a", client=one.client)) == []


def test_distribution_gives_all_tags_at_once() -> None:
    """
    Whatever part of them is asked for: each is given once.
    """
    one = Quirky(PagesIgnored(), settings=Settings(page_size=2))
    for number in range(5):
        flush(f"r.io/a:{number}", IMAGE, client=one.straight)
    with one.ask("GET", "/v2/a/tags/list?n=2&last=3") as response:
        assert len(json.loads(response.body.read())["tags"]) == 5
        assert "Link" not in response.headers
    assert list(tags("r.io/a", client=one.client)) == list("01234")


def test_docker_hub_refuses_with_a_page_for_people() -> None:
    """
    429 and HTML: it is waited for as long as it says. HEAD is free.
    """
    one = Quirky(ReadsLimited(every=2, wait=3))
    flush(NAME, IMAGE, client=one.client)
    for _ in range(6):
        assert load(NAME, client=one.client) == IMAGE
    assert 429 in one.answers("GET /v2/a/manifests")
    for _ in range(6):
        assert one.ask("HEAD", "/v2/a/manifests/1").status == 200


def test_docker_hub_names_have_two_parts() -> None:
    """
    What has one is read as `library/`, there and nowhere else.
    """
    hub = client(NamespaceNeeded()(Quirky().plain))
    flush("alpine:1", IMAGE, client=hub)
    assert load("docker.io/library/alpine:1", client=hub) == IMAGE
    with pytest.raises(Refused):
        load("r.io/alpine:1", client=hub)


@pytest.mark.parametrize("name", ["docker_hub", "ghcr"])
def test_docker_hub_and_ghcr_delete_nothing(name: str) -> None:
    """
    They are told so, and the image stays.
    """
    one = client(PROFILES[name](Quirky().plain))
    pinned = flush(f"{PROFILES[name].host}/a/b:1", IMAGE, client=one)
    with pytest.raises(RegistryRefused, match="405"):
        delete(pinned, client=one)
    assert load(pinned, client=one) == IMAGE


def test_ghcr_and_distribution_list_no_referrers() -> None:
    """
    404, and no OCI-Subject: clients keep the list under a tag.
    """
    one = Quirky(
        FieldUnsaid(name="OCI-Subject"),
        NotOffered(methods=("GET",), kinds=("referrers",), status=404),
    )
    flush(NAME, IMAGE, client=one.client)
    note = artifact("text/plain", subject=IMAGE.descriptor)
    flush("r.io/a:note", note, client=one.client)
    assert [each.digest for each in referrers(NAME, client=one.client)] == [note.digest]
    assert f"sha256-{IMAGE.digest.hex}" in list(tags("r.io/a", client=one.client))
