"""
Delete from a registry.
"""

from __future__ import annotations

import pytest

from ocikit.content.empty import IMAGE
from ocikit.content.partial import artifact
from ocikit.errors import Missing, Refused
from ocikit.http.faults import ManifestUnknown
from ocikit.http.message import Request, Response
from ocikit.name.parse import parse_reference
from ocikit.name.records import Tag
from ocikit.registry.attach import attach
from ocikit.registry.delete import TagsStay, delete, untag
from ocikit.registry.faults import ConnectionBroken
from ocikit.registry.flush import flush
from ocikit.registry.head import head
from ocikit.registry.load import load
from ocikit.registry.referrers import referrers
from ocikit.server.handler import registry
from ocikit.testing.wires import Recorder, answer, client, script


def test_a_tag_goes_alone() -> None:
    """
    One request; the manifest stays.
    """
    wire = Recorder(registry())
    pinned = flush("r.io/a:1", IMAGE, client=client(wire))
    wire.clear()
    delete("r.io/a:1", client=client(wire))
    assert wire.lines == ["DELETE /v2/a/manifests/1 202"]
    with pytest.raises(Missing):
        load("r.io/a:1", client=client(wire))
    assert load(pinned, client=client(wire)) == IMAGE


def test_a_manifest_goes_by_its_digest() -> None:
    """
    And all its tags with it.
    """
    wire = Recorder(registry())
    pinned = flush("r.io/a:1", IMAGE, client=client(wire))
    delete(pinned, client=client(wire))
    with pytest.raises(Missing):
        load("r.io/a:1", client=client(wire))


def test_what_is_not_there_is_missed() -> None:
    """
    Deleting twice is told.
    """
    with pytest.raises(Missing):
        delete("r.io/a:1", client=client(registry()))


def test_a_registry_may_not_delete() -> None:
    """
    Many have it switched off.
    """
    with pytest.raises(Refused, match="405"):
        delete("r.io/a:1", client=client(script(answer(405))))


def test_asks_for_the_right_to_delete() -> None:
    """
    A token to pull and push does not do.
    """
    wire = script(
        answer(401, WWW_Authenticate='Bearer realm="https://r.io/t"'),
        answer(200, b'{"token":"t"}'),
        answer(202),
    )
    delete("r.io/a:1", client=client(wire))
    assert wire.requests[1].url.endswith("scope=repository:a:pull,push,delete")


#: It keeps no list of referrers.
OLD = registry(referrers=False)


def test_a_referrer_is_taken_out_of_the_list() -> None:
    """
    distribution-spec: clients that list them remove them, too.
    """
    one = client(OLD)
    flush("r.io/listed:1", IMAGE, client=one)
    names = [attach("r.io/listed:1", artifact(f"example/{n}"), client=one) for n in range(2)]
    delete(names[0], client=one)
    assert [each.digest for each in referrers("r.io/listed:1", client=one)] == [names[1].digest]


def test_a_registry_that_lists_them_is_left_alone() -> None:
    """
    It takes them out itself.
    """
    wire = Recorder(registry())
    one = client(wire)
    flush("r.io/a:1", IMAGE, client=one)
    name = attach("r.io/a:1", artifact("example/x"), client=one)
    wire.clear()
    delete(name, client=one)
    assert not any(request.method == "PUT" for request in wire.requests)
    assert list(referrers("r.io/a:1", client=one)) == []


def only_by_digest(request: Request) -> Response:
    """
    docker-registry 2.8: tags go only with what they name.
    """
    if request.method == "DELETE" and "sha256:" not in request.url:
        return answer(405, b'{"errors":[{"code":"UNSUPPORTED"}]}')
    return OLD(request)


def test_a_registry_that_deletes_no_tag_is_told_of() -> None:
    """
    With what can be done instead.
    """
    one = client(only_by_digest)
    flush("r.io/tags:1", IMAGE, client=one)
    with pytest.raises(TagsStay, match="swap the tag out"):
        delete("r.io/tags:1", client=one)


def tag_of(text: str) -> Tag:
    """
    A name by tag.
    """
    named = parse_reference(text)
    assert isinstance(named, Tag)
    return named


def test_a_tag_is_swapped_out() -> None:
    """
    What it named stays, with its other tags, though that registry deletes digests only.
    """
    one = client(only_by_digest)
    for tag in ("1", "2"):
        flush(f"r.io/swapped:{tag}", IMAGE, client=one)
    untag(tag_of("r.io/swapped:1"), client=one)
    with pytest.raises(ManifestUnknown):
        head("r.io/swapped:1", client=one)
    assert load("r.io/swapped:2", client=one) == IMAGE
    with pytest.raises(ManifestUnknown):
        untag(tag_of("r.io/swapped:1"), client=one)


def test_what_was_deleted_though_the_answer_was_lost() -> None:
    """
    A second attempt finds nothing, and that is what was wanted.
    """
    held, lost = registry(), list[str]()
    flush("r.io/a:1", IMAGE, client=client(held))

    def send(request: Request) -> Response:
        response = held(request)
        if request.method == "DELETE" and not lost:
            lost.append(request.url)
            raise ConnectionBroken(url=request.url, reason="reset")
        return response

    delete("r.io/a:1", client=client(send))
    with pytest.raises(ManifestUnknown):
        delete("r.io/a:1", client=client(send))
