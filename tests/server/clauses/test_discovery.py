"""
distribution-spec, "Content Discovery": listing tags and referrers.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from ocikit import media
from ocikit.http.message import Response, Send
from ocikit.testing.asking import descriptor
from tests.server.clauses.conftest import Serving
from tests.server.samples import ask, digest, image, index, push_blob, push_image, put, refused

#: In ASCII order.
TAGS = ["0", "9.1", "A", "Z", "_", "a", "a-b", "z"]


def pushed(send: Send) -> Send:
    """
    Push an image under all of the tags, the last first.
    """
    raw = push_image(send, "a", TAGS[-1])
    for tag in reversed(TAGS):
        assert put(send, "a", tag, raw).status == 201
    return send


def listed(response: Response) -> list[str]:
    """
    Read the tags of a response.
    """
    assert response.status == 200
    tags: list[str] = json.loads(response.body.read())["tags"]
    return tags


def test_a_repository_that_is_there_has_a_list(send: Send) -> None:
    """
    "Assuming a repository is found, this request MUST return a `200 OK` response code."
    (Listing Tags)
    """
    assert listed(ask(pushed(send), "GET", "/v2/a/tags/list")) == TAGS
    assert refused(ask(send, "GET", "/v2/none/tags/list")) == (404, "NAME_UNKNOWN")


def test_a_list_of_tags_may_be_empty(send: Send) -> None:
    """
    "The list of tags MAY be empty if there are no tags on the repository." (Listing Tags)
    """
    push_blob(send, "a", b"{}")
    assert listed(ask(send, "GET", "/v2/a/tags/list")) == []
    raw = push_image(send, "a", "t")
    assert ask(send, "DELETE", "/v2/a/manifests/t").status == 202
    assert put(send, "a", digest(raw), raw).status == 201
    assert listed(ask(send, "GET", "/v2/a/tags/list")) == []


def test_tags_are_in_order(send: Send) -> None:
    """
    "If the list is not empty, the tags MUST be in lexical (i.e. case-insensitive alphanumeric
    order) or "ASCIIbetical" order." (Listing Tags)
    """
    found = listed(ask(pushed(send), "GET", "/v2/a/tags/list"))
    assert found == sorted(found) == TAGS


def test_a_list_of_tags_is_json(send: Send) -> None:
    """
    "Upon success, the response MUST be a json body in the following format" (Listing Tags)
    """
    raw = push_image(send, "a/b", "t")
    assert put(send, "a/b", "u", raw).status == 201
    response = ask(send, "GET", "/v2/a/b/tags/list")
    assert response.headers.get("Content-Type") == "application/json"
    assert json.loads(response.body.read()) == {"name": "a/b", "tags": ["t", "u"]}


@pytest.mark.parametrize("n", [8, 9, 1000000])
def test_there_are_fewer_only_when_there_are_no_more(send: Send, n: int) -> None:
    """
    "The response to such a request MAY return fewer than `<int>` results, but only when the
    total number of tags attached to the repository is less than `<int>` or a `Link` header is
    provided." (Listing Tags)
    """
    response = ask(pushed(send), "GET", f"/v2/a/tags/list?n={n}")
    assert listed(response) == TAGS
    assert "Link" not in response.headers


def test_the_registry_may_give_fewer_with_a_link(serving: Serving) -> None:
    """
    "The response to such a request MAY return fewer than `<int>` results, but only when the
    total number of tags attached to the repository is less than `<int>` or a `Link` header is
    provided." (Listing Tags) No page is larger than the registry likes.
    """
    pushed(serving())
    send = serving(page=3)
    response = ask(send, "GET", "/v2/a/tags/list?n=5")
    assert listed(response) == TAGS[:3]
    assert "Link" in response.headers


@pytest.mark.parametrize("n", [1, 3, 7])
def test_there_are_as_many_as_asked_for(send: Send, n: int) -> None:
    """
    "Otherwise, the response MUST include `<int>` results." (Listing Tags)
    """
    assert listed(ask(pushed(send), "GET", f"/v2/a/tags/list?n={n}")) == TAGS[:n]


def test_a_link_leads_to_the_next(send: Send) -> None:
    """
    "A `Link` header MAY be included in the response when additional tags are available. If
    included, the `Link` header MUST be set according to RFC5988 with the Relation Type
    `rel="next"`." (Listing Tags)
    """
    pages, path = list[list[str]](), "/v2/a/tags/list?n=3"
    pushed(send)
    while path:
        response = ask(send, "GET", path)
        pages.append(listed(response))
        link = response.headers.get("Link")
        assert not link or link.endswith('>; rel="next"')
        path = link[1:].partition(">")[0]
    assert pages == [TAGS[:3], TAGS[3:6], TAGS[6:]]


def test_none_are_none_without_a_link(send: Send) -> None:
    """
    "When `n` is zero, this endpoint MUST return an empty list, and MUST NOT include a `Link`
    header." (Listing Tags)
    """
    response = ask(pushed(send), "GET", "/v2/a/tags/list?n=0")
    assert listed(response) == []
    assert "Link" not in response.headers


def test_a_part_is_in_order_from_the_beginning(send: Send) -> None:
    """
    "Without the `last` query parameter (described next), the list returned will start at the
    beginning of the list and include `<int>` results. As above, the tags MUST be in lexical
    or "ASCIIbetical" order." (Listing Tags)
    """
    assert listed(ask(pushed(send), "GET", "/v2/a/tags/list?n=4")) == TAGS[:4]


def test_last_is_a_tag_and_no_number(send: Send) -> None:
    """
    "`<tagname>` MUST NOT be a numerical index, but rather it MUST be a proper tag." (Listing
    Tags)
    """
    assert listed(ask(pushed(send), "GET", "/v2/a/tags/list?n=2&last=0")) == ["9.1", "A"]


@pytest.mark.parametrize("last", ["0", "A", "B", "a", "z", "zz"])
def test_what_comes_after_last_is_in_order(send: Send, last: str) -> None:
    """
    "That is to say, `<tagname>` will not be included in the results, but up to `<int>` tags
    *after* `<tagname>` will be returned. The tags MUST be in lexical or "ASCIIbetical" order."
    (Listing Tags)
    """
    found = listed(ask(pushed(send), "GET", f"/v2/a/tags/list?n=3&last={last}"))
    assert found == [tag for tag in TAGS if tag > last][:3]


def test_last_may_come_alone(send: Send) -> None:
    """
    "When using the `last` query parameter, the `n` parameter is OPTIONAL." (Listing Tags)
    """
    assert listed(ask(pushed(send), "GET", "/v2/a/tags/list?last=Z")) == TAGS[4:]


SUBJECT = image(annotations={"this": "is it"})


def refer(send: Send, tag: str, raw: bytes, kind: str = media.OCI_MANIFEST) -> str:
    """
    Push something that may be about another; gives its digest.
    """
    push_blob(send, "a", b"{}")
    assert put(send, "a", tag, raw, kind).status == 201
    return digest(raw)


def about(**members: Any) -> bytes:
    """
    Write an image about the subject.
    """
    return image(subject=descriptor(SUBJECT, media.OCI_MANIFEST), **members)


def about_index(**members: Any) -> bytes:
    """
    Write an index about the subject.
    """
    return index(subject=descriptor(SUBJECT, media.OCI_MANIFEST), **members)


def referrers(send: Send, query: str = "") -> list[dict[str, Any]]:
    """
    List what refers to the subject.
    """
    response = ask(send, "GET", f"/v2/a/referrers/{digest(SUBJECT)}{query}")
    assert response.status == 200
    found: list[dict[str, Any]] = json.loads(response.body.read())["manifests"]
    return found


def test_a_repository_that_is_there_has_referrers(send: Send) -> None:
    """
    "Assuming a repository is found, this request MUST return a `200 OK` response code."
    (Listing Referrers)
    """
    told = refer(send, "t", about())
    assert [each["digest"] for each in referrers(send)] == [told]


@pytest.mark.parametrize("name", ["a", "none"])
def test_referrers_are_never_404(send: Send, name: str) -> None:
    """
    "If the registry supports the referrers API, the registry MUST NOT return a `404 Not Found`
    to a referrers API requests." (Listing Referrers)
    """
    push_blob(send, "a", b"{}")
    assert ask(send, "GET", f"/v2/{name}/referrers/{digest(SUBJECT)}").status == 200


@pytest.mark.parametrize("text", ["sha256:no", "t", "sha256:" + "A" * 64, "md5:" + "0" * 32])
def test_referrers_of_no_digest_are_400(send: Send, text: str) -> None:
    """
    "If the request is invalid, such as a `<digest>` with an invalid syntax, a `400 Bad
    Request` MUST be returned." (Listing Referrers)
    """
    assert refused(ask(send, "GET", f"/v2/a/referrers/{text}")) == (400, "DIGEST_INVALID")


def test_referrers_are_an_index(send: Send) -> None:
    """
    "Upon success, the response MUST be a JSON body with an image index containing a list of
    descriptors. The `Content-Type` header MUST be set to
    `application/vnd.oci.image.index.v1+json`." (Listing Referrers)
    """
    refer(send, "t", about())
    response = ask(send, "GET", f"/v2/a/referrers/{digest(SUBJECT)}")
    assert response.headers.get("Content-Type") == media.OCI_INDEX
    value = json.loads(response.body.read())
    assert (value["schemaVersion"], value["mediaType"]) == (2, media.OCI_INDEX)
    listed = value["manifests"][0]
    assert {key: listed[key] for key in ("mediaType", "digest", "size")} == descriptor(
        about(), media.OCI_MANIFEST
    )


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
def test_referrers_are_of_the_same_repository_and_subject(send: Send, algorithm: str) -> None:
    """
    "Each descriptor is of an image manifest or index in the same `<name>` namespace with a
    `subject` field that specifies the value of `<digest>`." (Listing Referrers)
    """
    subject = descriptor(SUBJECT, media.OCI_MANIFEST, algorithm)
    first, second = image(subject=subject), index(subject=subject)
    refer(send, "t", first)
    refer(send, "u", second, media.OCI_INDEX)
    refer(send, "v", image(subject=descriptor(b"another", media.OCI_MANIFEST)))
    push_image(send, "b", "t", subject=subject, annotations={"b": "c"})
    response = ask(send, "GET", f"/v2/a/referrers/{digest(SUBJECT, algorithm)}")
    found = {each["digest"] for each in json.loads(response.body.read())["manifests"]}
    assert found == {digest(first), digest(second)}


def test_referrers_tell_their_type(send: Send) -> None:
    """
    "The descriptors MUST include an `artifactType` field that is set to the value of the
    `artifactType` in the image manifest or index, if present." (Listing Referrers)
    """
    refer(send, "t", about(artifactType="x/image"))
    refer(send, "u", about_index(artifactType="x/index"), media.OCI_INDEX)
    assert {each["artifactType"] for each in referrers(send)} == {"x/image", "x/index"}


@pytest.mark.parametrize("members", [{}, {"artifactType": ""}], ids=["missing", "empty"])
def test_an_image_without_a_type_is_of_that_of_its_config(
    send: Send, members: dict[str, Any]
) -> None:
    """
    "If the `artifactType` is empty or missing in the image manifest, the value of
    `artifactType` MUST be set to the config descriptor `mediaType` value." (Listing Referrers)
    """
    refer(send, "t", about(config=descriptor(b"{}", "x/config"), **members))
    assert [each["artifactType"] for each in referrers(send)] == ["x/config"]


@pytest.mark.parametrize("members", [{}, {"artifactType": ""}], ids=["missing", "empty"])
def test_an_index_without_a_type_has_none(send: Send, members: dict[str, Any]) -> None:
    """
    "If the `artifactType` is empty or missing in an index, the `artifactType` MUST be
    omitted." (Listing Referrers)
    """
    refer(send, "t", about_index(**members), media.OCI_INDEX)
    assert ["artifactType" in each for each in referrers(send)] == [False]


def test_referrers_tell_their_annotations(send: Send) -> None:
    """
    "The descriptors MUST include annotations from the image manifest or index." (Listing
    Referrers)
    """
    notes = {"a": "b", "c": "\u00e9 <&>", "": ""}
    refer(send, "t", about(annotations=notes))
    refer(send, "u", about_index(annotations=notes), media.OCI_INDEX)
    assert [each["annotations"] for each in referrers(send)] == [notes, notes]


def test_no_referrers_are_an_empty_list(send: Send) -> None:
    """
    "If a query results in no matching referrers, an empty manifest list MUST be returned."
    (Listing Referrers)
    """
    assert referrers(send) == []
    refer(send, "t", about(artifactType="x/y"))
    assert referrers(send, "?artifactType=x/z") == []
    assert ask(send, "DELETE", f"/v2/a/manifests/{digest(about(artifactType='x/y'))}").status == 202
    assert referrers(send) == []


def test_many_referrers_are_linked_pages(serving: Serving) -> None:
    """
    "A `Link` header MUST be included in the response when the descriptor list cannot be
    returned in a single manifest. Each response is an image index with different descriptors
    in the `manifests` field. The `Link` header MUST be set according to RFC5988 with the
    Relation Type `rel="next"`." (Listing Referrers)
    """
    send, path = serving(page=2), f"/v2/a/referrers/{digest(SUBJECT)}"
    told = {refer(send, f"t{n}", about(annotations={"n": str(n)})) for n in range(5)}
    pages = list[list[str]]()
    while path:
        response = ask(send, "GET", path)
        assert response.headers.get("Content-Type") == media.OCI_INDEX
        pages.append([each["digest"] for each in json.loads(response.body.read())["manifests"]])
        link = response.headers.get("Link")
        assert not link or link.endswith('>; rel="next"')
        path = link[1:].partition(">")[0]
    assert [len(page) for page in pages] == [2, 2, 1]
    assert {each for page in pages for each in page} == told


def test_referrers_are_filtered_by_their_type(send: Send) -> None:
    """
    "The registry SHOULD support filtering on `artifactType`. [...] If filtering is requested
    and applied, the response MUST include a header `OCI-Filters-Applied: artifactType`
    denoting that an `artifactType` filter was applied." (Listing Referrers)
    """
    wanted = refer(send, "t", about(artifactType="x/y+z"))
    refer(send, "u", about(artifactType="x/y"))
    path = f"/v2/a/referrers/{digest(SUBJECT)}"
    response = ask(send, "GET", f"{path}?artifactType=x%2Fy%2Bz")
    assert response.headers.get("OCI-Filters-Applied") == "artifactType"
    found = json.loads(response.body.read())["manifests"]
    assert [each["digest"] for each in found] == [wanted]
    assert "OCI-Filters-Applied" not in ask(send, "GET", path).headers


def test_what_was_pushed_before_there_were_referrers_is_listed(serving: Serving) -> None:
    """
    "Registries MUST include preexisting image manifests that are listed in an image index
    tagged with the referrers tag schema and have a valid `subject` field in the referrers API
    response." (Enabling the Referrers API) "Registries MAY include all preexisting image
    manifests with a `subject` field in the referrers API response." (Enabling the Referrers
    API) All are.
    """
    before = serving(referrers=False)
    told = {refer(before, "t", about()), refer(before, "u", about(artifactType="x/y"))}
    assert ask(before, "GET", f"/v2/a/referrers/{digest(SUBJECT)}").status == 404
    assert {each["digest"] for each in referrers(serving())} == told


def test_what_is_pushed_from_then_on_is_listed(serving: Serving) -> None:
    """
    "After the referrers API is enabled, Registries MUST include all newly pushed image
    manifests with a valid `subject` field in the referrers API response." (Enabling the
    Referrers API)
    """
    refer(serving(referrers=False), "t", image())
    told = refer(serving(), "u", about())
    assert [each["digest"] for each in referrers(serving())] == [told]
