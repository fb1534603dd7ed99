"""
Lists of referrers, for registries that keep none.
"""

from __future__ import annotations

import random

import pytest

from ocikit import media
from ocikit._records import FrozenMap, evolve
from ocikit.content import synthetic
from ocikit.content.empty import IMAGE
from ocikit.content.image import Image, Index
from ocikit.content.streams import BytesOpener
from ocikit.digest import Digest
from ocikit.http.message import Headers, Request, Response, body_of
from ocikit.registry.flush import flush
from ocikit.registry.load import load
from ocikit.registry.referrers import NotAReferrersList
from ocikit.server.handler import registry
from ocikit.spec.document import edit
from tests.registry.wires import Recorder, client

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
    distribution-spec, "Referrers Tag Schema"; crane leaves out the annotations.
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
    assert isinstance(artifact.config.opener, BytesOpener)
    flush("r.io/a:1", artifact, client=client(wire))
    assert f"sha512-{subject.digest.hex}"[:128] in wire.lines[-1]
