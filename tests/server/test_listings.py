"""
Listings: distribution-spec, "Listing Tags", "Listing Referrers"; Docker's `_catalog`.
"""

from __future__ import annotations

import json
import re
from random import Random
from typing import Any

import pytest

from ocikit import media
from ocikit.content import synthetic
from ocikit.http.credentials import anonymous
from ocikit.http.message import Response, Send
from ocikit.registry.client import Client
from ocikit.registry.flush import flush
from ocikit.server.handler import registry
from ocikit.server.memory import Memory
from ocikit.server.storage import Storage
from ocikit.testing.asking import descriptor
from tests.server.samples import (
    ask,
    begin,
    digest,
    image,
    index,
    push_blob,
    push_image,
    put,
    refused,
)


def _json(response: Response) -> Any:
    assert response.status == 200
    return json.loads(response.body.read())


def _pages(send: Send, path: str, member: str) -> list[list[Any]]:
    """
    Follow the links of a listing, as a client does.
    """
    pages = []
    while path:
        response = ask(send, "GET", path)
        link = response.headers.get("Link")
        pages.append(_json(response)[member])
        match = re.fullmatch(r'<(/v2/[^>]+)>; rel="next"', link)
        assert match is not None or not link
        path = match[1] if match is not None else ""
    return pages


def _tagged(send: Send, *tags: str) -> None:
    push_blob(send, "a", b"{}")
    for tag in tags:
        assert put(send, "a", tag, image()).status == 201


def test_tags_come_in_order(send: Send) -> None:
    """
    "If the list is not empty, the tags MUST be in lexical order or ASCIIbetical order".
    """
    _tagged(send, "b", "B", "a10", "_", "a", "a2", "1")
    body = _json(ask(send, "GET", "/v2/a/tags/list"))
    assert body == {"name": "a", "tags": ["1", "B", "_", "a", "a10", "a2", "b"]}


def test_a_repository_may_have_no_tags(send: Send) -> None:
    """
    "The list of tags MAY be empty if there are no tags on the repository": it is a list.
    """
    push_blob(send, "a", b"{}")
    assert _json(ask(send, "GET", "/v2/a/tags/list")) == {"name": "a", "tags": []}


def test_a_repository_that_is_not_there_has_no_list(send: Send) -> None:
    """
    "An attempt to pull a nonexistent repository MUST return 404"; an upload that was only
    begun makes none.
    """
    begin(send, "a")
    assert refused(ask(send, "GET", "/v2/a/tags/list")) == (404, "NAME_UNKNOWN")


def test_n_limits_and_links(send: Send) -> None:
    """
    With `n` "the response MUST include <int> results" while there are so many, and Link
    leads to the rest, each tag once.
    """
    _tagged(send, *"abcdefg")
    path = "/v2/a/tags/list"
    assert _pages(send, f"{path}?n=3", "tags") == [list("abc"), list("def"), ["g"]]
    assert _pages(send, f"{path}?n=7", "tags") == [list("abcdefg")]
    assert _pages(send, f"{path}?n=99", "tags") == [list("abcdefg")]


def test_n_of_zero_is_an_empty_list(send: Send) -> None:
    """
    "When n is zero, this endpoint MUST return an empty list, and MUST NOT include a Link
    header".
    """
    _tagged(send, "a", "b")
    response = ask(send, "GET", "/v2/a/tags/list?n=0")
    assert "Link" not in response.headers
    assert _json(response)["tags"] == []


@pytest.mark.parametrize(
    ("query", "tags"),
    [
        ("last=c", "defg"),
        ("last=c&n=2", "de"),
        ("last=g", ""),
        ("last=zzz", ""),
        ("last=cc", "defg"),
        ("last=%00%2F%2E%2E", "abcdefg"),
        ("last=", "abcdefg"),
        ("n=2&n=junk", "ab"),
        ("n=99999999999999999", "abcdefg"),
        ("other=1", "abcdefg"),
    ],
)
def test_last_is_where_the_page_before_ended(send: Send, query: str, tags: str) -> None:
    """
    "<tagname> will not be included in the results, but up to <int> tags after it will";
    it need not be there, nor be a tag.
    """
    _tagged(send, *"abcdefg")
    assert "".join(_json(ask(send, "GET", f"/v2/a/tags/list?{query}"))["tags"]) == tags


@pytest.mark.parametrize("n", ["-1", "junk", "1e30", "", "1.0", "+1", "\uff19", "1" * 30])
@pytest.mark.parametrize("path", ["/v2/a/tags/list", "/v2/_catalog"])
def test_n_that_is_no_number_is_400(send: Send, n: str, path: str) -> None:
    """
    It is neither ignored nor the end of the server.
    """
    _tagged(send, "a")
    assert refused(ask(send, "GET", f"{path}?n={n}")) == (400, "UNSUPPORTED")


def test_no_page_is_larger_than_the_registry_likes(storage: Storage) -> None:
    """
    However many are asked for, and where no number is: the rest is linked.
    """
    send = registry(storage, page=2)
    _tagged(send, *"abcde")
    pages = [["a", "b"], ["c", "d"], ["e"]]
    assert _pages(send, "/v2/a/tags/list", "tags") == pages
    assert _pages(send, "/v2/a/tags/list?n=1000", "tags") == pages


def test_the_catalog_lists_what_holds_content(send: Send) -> None:
    """
    In order and in pages; a repository that lost all that it held is gone.
    """
    for name in ("c", "a/b", "a", "gone"):
        push_blob(send, name, b"x")
    begin(send, "begun")
    ask(send, "DELETE", f"/v2/gone/blobs/{digest(b'x')}")
    assert _json(ask(send, "GET", "/v2/_catalog")) == {"repositories": ["a", "a/b", "c"]}
    assert _pages(send, "/v2/_catalog?n=2", "repositories") == [["a", "a/b"], ["c"]]
    assert _json(ask(send, "GET", "/v2/_catalog?last=a")) == {"repositories": ["a/b", "c"]}


def _refer(send: Send, subject: bytes, tag: str, **members: Any) -> bytes:
    kind = media.OCI_INDEX if "manifests" in members else media.OCI_MANIFEST
    about = descriptor(subject, media.OCI_MANIFEST)
    raw = (index if "manifests" in members else image)(subject=about, **members)
    assert put(send, "a", tag, raw, kind).status == 201
    return raw


def test_referrers_are_described(send: Send) -> None:
    """
    "The descriptors MUST include an artifactType field set to the value of artifactType
    of the manifest if present", else of the configuration, "and annotations"; an index
    without one has none. The list is an OCI index, and says so.
    """
    subject = push_image(send, "a", "t")
    plain = _refer(send, subject, "1", annotations={"a": "1"})
    typed = _refer(send, subject, "2", artifactType="application/sbom")
    listed = _refer(send, subject, "3", manifests=[], annotations={"b": "2"})
    _refer(send, b"other", "4")
    response = ask(send, "GET", f"/v2/a/referrers/{digest(subject)}")
    assert response.headers.get("Content-Type") == media.OCI_INDEX
    assert "OCI-Filters-Applied" not in response.headers
    body = _json(response)
    assert (body["schemaVersion"], body["mediaType"]) == (2, media.OCI_INDEX)
    found = {each["digest"]: each for each in body["manifests"]}
    assert found == {
        digest(plain): descriptor(plain, media.OCI_MANIFEST)
        | {"artifactType": media.OCI_CONFIG, "annotations": {"a": "1"}},
        digest(typed): descriptor(typed, media.OCI_MANIFEST) | {"artifactType": "application/sbom"},
        digest(listed): descriptor(listed, media.OCI_INDEX) | {"annotations": {"b": "2"}},
    }


@pytest.mark.parametrize("repository", ["a", "nobody"])
def test_referrers_of_nothing_are_an_empty_index(send: Send, repository: str) -> None:
    """
    "MUST NOT return a 404"; "if no referrers, MUST return an image index with an empty
    manifests list".
    """
    push_image(send, "a", "t")
    response = ask(send, "GET", f"/v2/{repository}/referrers/{digest(b'none')}")
    assert _json(response)["manifests"] == []


def test_referrers_of_no_digest_are_400(send: Send) -> None:
    """
    "If the request is invalid, such as a digest with an invalid syntax, a 400 Bad Request
    MUST be returned".
    """
    assert refused(ask(send, "GET", "/v2/a/referrers/latest")) == (400, "DIGEST_INVALID")


def test_referrers_are_filtered_and_paged(storage: Storage) -> None:
    """
    "If filtering is requested and applied, the response MUST include the header
    OCI-Filters-Applied: artifactType"; Link keeps the filter.
    """
    send = registry(storage, page=2)
    subject = push_image(send, "a", "t")
    kinds = [{"artifactType": f"x/{n % 2}", "annotations": {"n": str(n)}} for n in range(10)]
    wanted = {digest(_refer(send, subject, f"r{n}", **kind)) for n, kind in enumerate(kinds)}
    path = f"/v2/a/referrers/{digest(subject)}"
    pages = _pages(send, f"{path}?artifactType=x%2F1", "manifests")
    assert [len(page) for page in pages] == [2, 2, 1]
    assert {each["artifactType"] for page in pages for each in page} == {"x/1"}
    response = ask(send, "GET", f"{path}?artifactType=x/1")
    assert response.headers.get("OCI-Filters-Applied") == "artifactType"
    every = [each["digest"] for page in _pages(send, path, "manifests") for each in page]
    assert sorted(every) == sorted(wanted)


def test_a_referrer_that_is_deleted_is_not_listed(send: Send) -> None:
    """
    Its subject may go before it, and it stays listed; when it goes, it does not.
    """
    subject = push_image(send, "a", "t")
    raw = _refer(send, subject, "r")
    path = f"/v2/a/referrers/{digest(subject)}"
    ask(send, "DELETE", f"/v2/a/manifests/{digest(subject)}")
    assert [each["digest"] for each in _json(ask(send, "GET", path))["manifests"]] == [digest(raw)]
    ask(send, "DELETE", f"/v2/a/manifests/{digest(raw)}")
    assert _json(ask(send, "GET", path))["manifests"] == []


def test_all_manifests_and_what_is_below(storage: Storage) -> None:
    """
    As Google lists them: those without a tag too, and names that only stand before others.
    """
    send = registry(storage, extended=True)
    client = Client(send=send, keychain=anonymous)
    made = synthetic.index(Random(1), size=10)
    flush("localhost/a/b:1", made, client=client)
    flush("localhost/a/b/c/d:1", made, client=client)
    told = _json(ask(send, "GET", "/v2/a/b/tags/list"))
    assert (told["child"], told["tags"], told["name"]) == (["c"], ["1"], "a/b")
    assert {name: found["tag"] for name, found in told["manifest"].items()} == {
        str(made.digest): ["1"],
        **{str(child.descriptor.digest): [] for child in made.children},
    }
    assert all(int(found["timeUploadedMs"]) > 0 for found in told["manifest"].values())
    only_before = _json(ask(send, "GET", "/v2/a/tags/list"))
    assert only_before == {"child": ["b"], "manifest": {}, "name": "a", "tags": []}
    assert refused(ask(send, "GET", "/v2/none/tags/list")) == (404, "NAME_UNKNOWN")


def test_a_manifest_is_as_old_as_its_first_put() -> None:
    """
    Whoever reads it, or puts it again, does not make it younger.
    """
    now = [1000.0]
    memory = Memory(lambda: now[0])
    send = registry(memory, extended=True)
    client = Client(send=send, keychain=anonymous)
    made = synthetic.image(Random(1), size=10)
    flush("localhost/a:1", made, client=client)
    now[0] = 2000.0
    flush("localhost/a:2", made, client=client)
    [found] = _json(ask(send, "GET", "/v2/a/tags/list"))["manifest"].values()
    assert (found["timeUploadedMs"], found["tag"]) == ("1000000", ["1", "2"])
