"""
The part of the contract of registries that is about lists: tags, catalog and referrers.
"""

from __future__ import annotations

import json
from urllib.parse import quote

from ocikit import media
from ocikit.testing.asking import artifact
from ocikit.testing.contract import Contract
from ocikit.testing.corner import Corner, named

_TAGS = ("0", "10", "9", "T", "a", "b", "t-1", "t.1")
_SUBJECT = b"subject"


class RegistryLists(Contract):
    """
    Lists have all that is there, page by page, and nothing else.
    """

    def test_tags_are_those_that_were_pushed(self, here: Corner) -> None:
        """
        All of them, under the name of the repository.
        """
        here.push_blob(b"{}")
        for tag in _TAGS:
            here.put(tag, _artifact("application/x"))
        status, body = here.read("GET", "tags/list")
        assert status == 200
        assert json.loads(body)["name"] == here.name
        assert sorted(json.loads(body)["tags"]) == sorted(_TAGS)

    def test_tags_are_in_order(self, here: Corner) -> None:
        """
        Of ASCII, or without regard to case.
        """
        here.push_blob(b"{}")
        for tag in reversed(_TAGS):
            here.put(tag, _artifact("application/x"))
        found = json.loads(here.read("GET", "tags/list")[1])["tags"]
        assert tuple(found) in (_TAGS, tuple(sorted(_TAGS, key=str.lower)))

    def test_pages_of_tags_lose_none(self, here: Corner) -> None:
        """
        However large a page is; links lead from one to the next.
        """
        here.push_blob(b"{}")
        for tag in _TAGS:
            here.put(tag, _artifact("application/x"))
        for size in (1, 3, 99):
            path = f"/v2/{here.name}/tags/list?n={size}"
            assert sorted(here.pages(path, "tags")) == sorted(_TAGS)

    def test_a_page_is_not_larger_than_asked(self, here: Corner) -> None:
        """
        And begins after the tag that was named.
        """
        here.push_blob(b"{}")
        for tag in _TAGS:
            here.put(tag, _artifact("application/x"))
        found = json.loads(here.read("GET", "tags/list?n=2&last=T")[1])["tags"]
        assert found == ["a", "b"]

    def test_tags_of_nothing_are_404(self, here: Corner) -> None:
        """
        A repository that holds nothing is none.
        """
        assert here.other("nobody")("GET", "tags/list").status == 404

    def test_the_catalog_lists_repositories(self, here: Corner) -> None:
        """
        In order, page by page.
        """
        for name in ("a", "b", "c"):
            here.other(name).push_image("t", b"one")
        found = list(here.pages("/v2/_catalog?n=2", "repositories"))
        wanted = [here.other(name).name for name in ("a", "b", "c")]
        assert [name for name in found if name in wanted] == wanted

    def test_what_is_about_nothing_is_an_empty_index(self, here: Corner) -> None:
        """
        What has no referrers, or is not there, is not an error.
        """
        here.push_blob(b"{}")
        response = here("GET", f"referrers/{named(_SUBJECT)}")
        assert response.status == 200
        assert response.headers.get("Content-Type") == media.OCI_INDEX
        assert json.loads(response.body.read())["manifests"] == []

    def test_a_push_about_something_says_so(self, here: Corner) -> None:
        """
        By a header, so that clients need not keep lists of their own.
        """
        here.push_blob(b"{}")
        response = here.put(named(_artifact("a/b")), _artifact("a/b"))
        assert response.headers.get("OCI-Subject") == named(_SUBJECT)

    def test_a_subject_lists_what_is_about_it(self, here: Corner) -> None:
        """
        With type, size and annotations, so that nothing need be pulled to choose.
        """
        here.push_blob(b"{}")
        made = [_artifact(kind) for kind in ("application/x", "application/y")]
        for raw in made:
            here.put(named(raw), raw)
        found = _referrers(here)
        assert {each["digest"] for each in found} == {named(raw) for raw in made}
        assert {each["artifactType"] for each in found} == {"application/x", "application/y"}
        assert {each["size"] for each in found} == {len(raw) for raw in made}
        assert all(each["annotations"] == {"a": "b"} for each in found)

    def test_referrers_are_filtered_by_what_they_are(self, here: Corner) -> None:
        """
        When the answer says so; all of them otherwise.
        """
        here.push_blob(b"{}")
        for kind in ("application/x", "application/y"):
            here.put(named(_artifact(kind)), _artifact(kind))
        path = f"referrers/{named(_SUBJECT)}?artifactType={quote('application/x', safe='')}"
        response = here("GET", path)
        found = json.loads(response.body.read())["manifests"]
        # One that does not filter does not say that it did.
        if response.headers.get("OCI-Filters-Applied"):
            assert [each["artifactType"] for each in found] == ["application/x"]
        else:
            assert len(found) == 2

    def test_deleted_referrers_are_not_listed(self, here: Corner) -> None:
        """
        As soon as they are gone.
        """
        here.push_blob(b"{}")
        raw = _artifact("application/x")
        here.put(named(raw), raw)
        assert here("DELETE", f"manifests/{named(raw)}").status == 202
        assert _referrers(here) == []


def _referrers(here: Corner) -> list[dict[str, object]]:
    path = f"/v2/{here.name}/referrers/{named(_SUBJECT)}"
    return list(here.pages(path, "manifests"))


def _artifact(kind: str) -> bytes:
    return artifact(kind, _SUBJECT, annotations={"a": "b"})
