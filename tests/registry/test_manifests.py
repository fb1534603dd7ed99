"""
Manifests as registries serve them, honest and not.
"""

from __future__ import annotations

import json

import pytest

from ocikit import media
from ocikit.content.empty import IMAGE, INDEX
from ocikit.content.verify import DigestMismatch
from ocikit.digest import Digest
from ocikit.errors import Corrupt, OciError
from ocikit.http.faults import Denied, ManifestUnknown, ServerFailed
from ocikit.http.message import Response
from ocikit.http.retry import NEVER
from ocikit.name.parse import parse_reference
from ocikit.name.records import Reference
from ocikit.registry.manifests import Stored, describe, fetch, fetch_child, probe, put
from ocikit.registry.session import Access, reach
from ocikit.registry.settings import Settings
from ocikit.spec.descriptor import Descriptor
from ocikit.spec.document import MAX_MANIFEST, DocumentTooLarge
from ocikit.testing.wires import Script, answer, client, methods, script
from tests.spec.test_schema1 import PAYLOAD, signed

RAW = IMAGE.document.raw
TAG = parse_reference("r.io/a:1")
PIN = parse_reference(f"r.io/a@{IMAGE.digest}")


def access(wire: Script) -> Access:
    """
    The way to r.io/a.
    """
    return reach(client(wire, settings=Settings(retry=NEVER)), TAG.repository)


def served(raw: bytes = RAW, digest: str = str(IMAGE.digest), kind: str = "") -> Response:
    """
    A manifest with the headers of the honest one.
    """
    pairs = {"Docker_Content_Digest": digest} if digest else {}
    return answer(200, raw, Content_Type=kind or media.DOCKER_MANIFEST, **pairs)


@pytest.mark.parametrize("reference", [TAG, PIN])
def test_an_honest_one_is_taken(reference: Reference) -> None:
    """
    One request; the descriptor is proved by the bytes.
    """
    wire = script(served())
    assert fetch(access(wire), reference) == (RAW, IMAGE.descriptor)


def test_accepts_all_kinds() -> None:
    """
    A registry converts what a client does not say it knows.
    """
    wire = script(served())
    fetch(access(wire), TAG)
    assert wire.requests[0].headers.get("Accept") == ", ".join(media.MANIFESTS)


@pytest.mark.parametrize("reference", [TAG, PIN])
def test_a_flipped_bit_is_mended(reference: Reference) -> None:
    """
    A tag's bytes are held to the digest beside them: we ask again, by that digest.
    """
    wire = script(served(RAW.replace(b"2", b"3", 1)), served())
    assert fetch(access(wire), reference) == (RAW, IMAGE.descriptor)
    assert methods(wire.requests)[1] == f"GET /v2/a/manifests/{IMAGE.digest}"


@pytest.mark.parametrize("reference", [TAG, PIN])
def test_bytes_that_stay_wrong_are_refused(reference: Reference) -> None:
    """
    A digest in the reference, or beside the bytes, is what they must be.
    """
    other = RAW.replace(b"2", b"3", 1)
    with pytest.raises(DigestMismatch) as caught:
        fetch(access(script(*[served(other) for _ in range(3)])), reference)
    assert caught.value == DigestMismatch(expected=IMAGE.digest, actual=Digest.of(other))


def test_a_pin_wins_over_what_the_registry_says() -> None:
    """
    A header that lies does not make other bytes right.
    """
    other = RAW + b"\n"
    lies = [served(other, str(Digest.of(other))) for _ in range(3)]
    with pytest.raises(DigestMismatch):
        fetch(access(script(*lies)), PIN)


def test_a_registry_that_does_not_say_is_taken_at_its_bytes() -> None:
    """
    ECR sends no digest with a manifest.
    """
    assert fetch(access(script(served(digest=""))), TAG)[1] == IMAGE.descriptor


@pytest.mark.parametrize("algorithm", ["sha384", "sha512"])
def test_other_algorithms_are_verified(algorithm: str) -> None:
    """
    The digest stays of the algorithm that it was asked or told by.
    """
    digest = Digest.of(RAW, algorithm)
    assert fetch(access(script(served(digest=str(digest)))), TAG)[1].digest == digest


@pytest.mark.parametrize("kind", ["text/html", "application/json", "text/plain; charset=utf-8"])
def test_a_document_that_says_what_it_is_is_believed(kind: str) -> None:
    """
    Registries behind static file servers serve manifests as anything.
    """
    assert fetch(access(script(served(kind=kind))), TAG)[1].media_type == media.DOCKER_MANIFEST


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        ({"manifests": []}, media.OCI_INDEX),
        ({"config": {}, "layers": []}, media.OCI_MANIFEST),
        ({"schemaVersion": 1, "fsLayers": []}, media.DOCKER_SCHEMA1),
        ({"schemaVersion": 1, "signatures": []}, media.DOCKER_SCHEMA1_SIGNED),
        ({"mediaType": "application/x"}, "application/x"),
        ({}, "application/json"),
        ([], "application/json"),
    ],
)
def test_a_document_that_does_not_say_is_told_by_its_members(document: object, kind: str) -> None:
    """
    OCI documents need not have a mediaType.
    """
    raw = json.dumps(document).encode()
    found = served(raw, "", "application/json")
    assert fetch(access(script(found)), TAG)[1].media_type == kind


def test_a_page_for_people_is_no_manifest() -> None:
    """
    A login page of a captive network comes with 200 OK.
    """
    with pytest.raises(Corrupt, match="manifest"):
        fetch(access(script(served(b"<html>", "", "text/html"))), TAG)


def test_a_signed_manifest_is_not_named_by_all_its_bytes() -> None:
    """
    The digest beside schema 1 is of what was signed; its descriptor is of its bytes.
    """
    found = signed(), str(Digest.of(PAYLOAD)), media.DOCKER_SCHEMA1_SIGNED
    # Types are named apart the second time.
    descriptor = fetch(access(script(served(*found), served(*found))), TAG)[1]
    assert descriptor.digest == Digest.of(signed())


def test_a_flood_is_not_drunk() -> None:
    """
    No more of it is read than a manifest may have.
    """
    with pytest.raises(DocumentTooLarge):
        fetch(access(script(served(bytes(MAX_MANIFEST + 1)))), TAG)


def test_a_child_is_asked_for_as_what_it_is() -> None:
    """
    What the index says comes first; else as any.
    """
    wire = script(served())
    assert fetch_child(access(wire), IMAGE.descriptor) == RAW
    accept = wire.requests[0].headers.get("Accept").split(", ")
    assert accept[0] == media.DOCKER_MANIFEST
    assert sorted(accept) == sorted(media.MANIFESTS)


def test_a_child_inside_its_descriptor_is_not_asked_for() -> None:
    """
    descriptor.md, "data": the content itself.
    """
    inline = Descriptor(media_type=media.OCI_INDEX, size=2, digest=Digest.of(b"{}"), data=b"{}")
    assert fetch_child(access(script()), inline) == b"{}"


def test_a_child_with_a_flipped_bit_is_asked_for_again() -> None:
    """
    Twice; then whoever reads it finds it wrong.
    """
    wire = script(served(b"{"), served(b"["), served())
    assert fetch_child(access(wire), IMAGE.descriptor) == RAW
    assert fetch_child(access(script(*[served(b"{") for _ in range(3)])), IMAGE.descriptor) == b"{"


def test_head_is_enough_when_it_says_all() -> None:
    """
    Docker Hub counts GET against the rate limit, and HEAD not.
    """
    head = answer(
        200,
        Content_Type=f"{media.DOCKER_MANIFEST}; charset=utf-8",
        Content_Length=str(len(RAW)),
        Docker_Content_Digest=str(IMAGE.digest),
    )
    wire = script(head)
    assert describe(access(wire), TAG) == IMAGE.descriptor
    assert methods(wire.requests) == ["HEAD /v2/a/manifests/1"]


@pytest.mark.parametrize(
    "head", [answer(405), answer(404), answer(403), answer(200), answer(400, b"{}")]
)
def test_get_says_what_head_does_not(head: Response) -> None:
    """
    Some registries know no HEAD, some leave out the digest, some say 404 or 403.
    """
    assert describe(access(script(head, served())), TAG) == IMAGE.descriptor


def test_get_says_why() -> None:
    """
    HEAD has no body: only GET tells what is wrong.
    """
    body = b'{"errors":[{"code":"MANIFEST_UNKNOWN","message":"gone fishing"}]}'
    with pytest.raises(ManifestUnknown, match="gone fishing"):
        describe(access(script(answer(404), answer(404, body))), TAG)


def test_head_of_a_pin_must_be_of_it() -> None:
    """
    A registry that says it has other content under a digest has none.
    """
    head = answer(
        200,
        Content_Type=media.OCI_INDEX,
        Content_Length="9",
        Docker_Content_Digest=str(INDEX.digest),
    )
    with pytest.raises(DigestMismatch):
        describe(access(script(head)), PIN)


@pytest.mark.parametrize(
    ("status", "error"), [(401, "Unauthorized"), (429, "TooMany"), (503, "ServerFailed")]
)
def test_a_probe_is_no_guess(status: int, error: str) -> None:
    """
    Only what means "not there" is taken for it.
    """
    with pytest.raises(Exception, match=str(status)) as caught:
        # After a 401 that does not say what is wanted, `/v2/` is asked.
        probe(access(script(answer(status), answer(404))), "1")
    assert error in type(caught.value).__name__


@pytest.mark.parametrize("status", [403, 404, 405])
def test_a_probe_takes_a_refusal_for_nothing_there(status: int) -> None:
    """
    A robot that may only push is refused when it looks; Artifactory says 403 for 404.
    """
    assert probe(access(script(answer(status))), "1") is None


def test_errors_are_of_what_was_asked() -> None:
    """
    Families say whose fault it is.
    """
    with pytest.raises(Denied):
        fetch(access(script(answer(403))), TAG)
    with pytest.raises(ServerFailed):
        fetch(access(script(answer(502))), TAG)


STORED = Stored(RAW, media.DOCKER_MANIFEST, IMAGE.digest)


def taken(digest: str = str(IMAGE.digest)) -> Response:
    """
    What a registry says that has taken a manifest.
    """
    return answer(201, Docker_Content_Digest=digest) if digest else answer(201)


def test_what_arrived_is_what_was_sent() -> None:
    """
    A registry says what it has; when that is something else, it is sent again.
    """
    wire = script(taken(str(Digest.of(b"flipped"))), taken())
    put(access(wire), "1", STORED)
    assert methods(wire.requests) == ["PUT /v2/a/manifests/1"] * 2


def test_a_registry_that_does_not_say_is_asked() -> None:
    """
    Not all send the digest with the answer.
    """
    wire = script(taken(""), served())
    put(access(wire), "1", STORED)
    assert methods(wire.requests)[1] == "HEAD /v2/a/manifests/1"
    put(access(script(taken(""), answer(404))), "1", STORED)


def test_what_never_arrives_as_it_was_is_told() -> None:
    """
    Under the tag there is something else then.
    """
    other = Digest.of(b"other")
    with pytest.raises(DigestMismatch) as caught:
        put(access(script(*[taken(str(other)) for _ in range(3)])), "1", STORED)
    assert caught.value == DigestMismatch(expected=IMAGE.digest, actual=other)


@pytest.mark.parametrize("status", [400, 404])
def test_what_a_registry_finds_wrong_is_sent_again(status: int) -> None:
    """
    A bit may have flipped on the way; what is wrong in itself stays wrong.
    """
    put(access(script(answer(status), taken())), "1", STORED)
    with pytest.raises(OciError):
        put(access(script(*[answer(status) for _ in range(3)])), "1", STORED)


def test_other_refusals_of_a_manifest_are_final() -> None:
    """
    Who may not push is told so after one request.
    """
    wire = script(answer(403))
    with pytest.raises(Denied):
        put(access(wire), "1", STORED)


def test_the_digest_of_a_signed_manifest_is_of_what_was_signed() -> None:
    """
    Registries name schema 1 so: it is not compared.
    """
    signed = Stored(RAW, media.DOCKER_SCHEMA1_SIGNED, IMAGE.digest)
    put(access(script(taken(str(Digest.of(b"payload"))))), "1", signed)


def test_another_algorithm_says_nothing() -> None:
    """
    A registry that hashes otherwise is believed.
    """
    put(access(script(taken(str(Digest.of(RAW, "sha512"))))), "1", STORED)
