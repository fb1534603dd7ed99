"""
Content to a registry: what is asked, what is sent, and in which order.
"""

from __future__ import annotations

import random
from collections import Counter

import pytest

from ocikit import media
from ocikit._records import evolve
from ocikit.content import synthetic
from ocikit.content.blob import of_bytes
from ocikit.content.empty import IMAGE as EMPTY
from ocikit.content.image import Image
from ocikit.digest import Digest
from ocikit.http.message import Request, Response
from ocikit.mutate.settings import labels
from ocikit.name.parse import parse_reference
from ocikit.progress import Event, Update
from ocikit.registry.flush import OtherDigest, flush
from ocikit.registry.load import load
from ocikit.server.handler import registry
from ocikit.spec.document import edit
from ocikit.testing.wires import Recorder, answer, client

IMAGE = synthetic.image(random.Random(1), layers=3, size=100)
LARGE = synthetic.image(random.Random(1), layers=1, size=2 << 20)
INDEX = synthetic.index(random.Random(2), size=50)


def test_a_new_image_costs_two_requests_a_blob() -> None:
    """
    Offering a small blob for mounting from its own repository asks for it and begins its
    upload at once.
    """
    wire = Recorder(registry())
    flush("r.io/a:1", IMAGE, client=client(wire))
    assert wire.kinds == [
        "HEAD manifest 404",
        *["POST mount 202", "PUT upload 201"] * 4,
        "PUT manifest 201",
    ]


def test_a_large_blob_is_asked_for_before() -> None:
    """
    No megabyte is sent on the hope that a registry mounts from itself.
    """
    wire = Recorder(registry())
    flush("r.io/a:1", LARGE, client=client(wire))
    assert wire.kinds[1:4] == ["HEAD blob 404", "POST upload 202", "PUT upload 201"]


def test_what_is_there_costs_one_request() -> None:
    """
    A tag that is this content already ends it.
    """
    wire = Recorder(registry())
    flush("r.io/a:1", IMAGE, client=client(wire))
    wire.clear()
    updates: list[Update] = []
    flush("r.io/a:1", IMAGE, client=client(wire), report=updates.append)
    assert wire.lines == ["HEAD /v2/a/manifests/1 200"]
    assert [update.event for update in updates] == [Event.EXISTS]


def test_another_tag_costs_one_request_a_blob() -> None:
    """
    Blobs that are there are not sent.
    """
    wire = Recorder(registry())
    flush("r.io/a:1", IMAGE, client=client(wire))
    wire.clear()
    flush("r.io/a:2", IMAGE, client=client(wire))
    assert wire.kinds == ["HEAD manifest 404", *["POST mount 201"] * 4, "PUT manifest 201"]


@pytest.mark.parametrize("image", [IMAGE, LARGE])
def test_blobs_of_the_registry_are_mounted(image: Image) -> None:
    """
    One request each, large or small, and no byte.
    """
    wire = Recorder(registry())
    one = client(wire)
    flush("r.io/a:1", image, client=one)
    loaded = load("r.io/a:1", client=one)
    wire.clear()
    updates: list[Update] = []
    flush("r.io/b:1", loaded, client=one, report=updates.append)
    blobs = len(image.layers) + 1
    assert wire.kinds == ["HEAD manifest 404", *["POST mount 201"] * blobs, "PUT manifest 201"]
    assert Counter(update.event for update in updates)[Event.MOUNTED] == blobs
    assert load("r.io/b:1", client=one) == image


def test_what_is_uploaded_goes_before_what_is_mounted() -> None:
    """
    However small: an upload is two requests, of which one waits for the other.
    """
    wire = Recorder(registry())
    one = client(wire)
    flush("r.io/a:1", IMAGE, client=one)
    loaded = load("r.io/a:1", client=one)
    assert isinstance(loaded, Image)
    wire.clear()
    flush("r.io/b:1", labels(loaded, set={"new": "label"}), client=one)
    assert wire.kinds[2:-1] == ["POST mount 202", "PUT upload 201", *["POST mount 201"] * 3]


def test_blobs_of_another_registry_are_not_mounted() -> None:
    """
    Docker Hub fails on a `from` that it does not know; others mistake it for theirs.
    """
    source, target = registry(), Recorder(registry())
    flush("one.io/a:1", IMAGE, client=client(source))
    loaded = load("one.io/a:1", client=client(source))
    flush("two.io/b:1", loaded, client=client(target))
    assert all("from=a" not in request.url for request in target.requests)
    assert load("two.io/b:1", client=client(target)) == IMAGE


def test_what_another_registry_has_may_lie_in_this_one_too() -> None:
    """
    It is offered for mounting from wherever that is, which is not said: only the place
    where it was found is known, and that is of no concern to this registry.
    """
    source, held = registry(), registry()
    flush("one.io/a:1", LARGE, client=client(source))
    flush("two.io/other:1", LARGE, client=client(held))
    loaded = load("one.io/a:1", client=client(source))
    wire = Recorder(held)
    flush("two.io/b:1", loaded, client=client(wire))
    digest = LARGE.layers[0].digest
    assert f"POST /v2/b/blobs/uploads/?mount={digest} 201" in wire.lines
    assert load("two.io/b:1", client=client(held)) == LARGE


@pytest.mark.parametrize("status", [400, 404, 405])
def test_a_registry_that_mounts_from_named_places_only_is_sent_it(status: int) -> None:
    """
    Quay fails when it is not told from where.
    """
    source, held = registry(), registry()
    flush("one.io/a:1", LARGE, client=client(source))
    loaded = load("one.io/a:1", client=client(source))

    def send(request: Request) -> Response:
        nowhere = "mount=" in request.url and "from=" not in request.url
        return answer(status) if nowhere else held(request)

    flush("two.io/b:1", loaded, client=client(send))
    assert load("two.io/b:1", client=client(held)) == LARGE


def test_a_registry_that_does_not_mount_is_sent_the_blob() -> None:
    """
    202 begins the upload: no second POST (features, 9.7).
    """
    inner = registry()

    def send(request: Request) -> Response:
        return inner(evolve(request, url=request.url.partition("?mount")[0]))

    flush("r.io/a:1", IMAGE, client=client(send))
    loaded = load("r.io/a:1", client=client(send))
    wire = Recorder(send)
    flush("r.io/b:1", loaded, client=client(wire))
    assert wire.kinds[1:3] == ["POST mount 202", "PUT upload 201"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 500])
def test_a_registry_that_stumbles_over_a_mount_is_sent_the_blob(status: int) -> None:
    """
    Quay and others refuse what they do not know; an upload they take.
    """
    inner = registry()

    def send(request: Request) -> Response:
        if "mount=" in request.url:
            return answer(status)
        return inner(request)

    flush("r.io/a:1", IMAGE, client=client(send))
    assert load("r.io/a:1", client=client(send)) == IMAGE


def test_by_digest() -> None:
    """
    Content may be put without a tag.
    """
    wire = Recorder(registry())
    pinned = flush(f"r.io/a@{IMAGE.digest}", IMAGE, client=client(wire))
    assert pinned == parse_reference(f"r.io/a@{IMAGE.digest}")
    assert wire.lines[-1] == f"PUT /v2/a/manifests/{IMAGE.digest} 201"


def test_not_under_another_digest() -> None:
    """
    Nothing is asked for what cannot be.
    """
    with pytest.raises(OtherDigest, match="by a tag"):
        flush(f"r.io/a@{EMPTY.digest}", IMAGE, client=client(registry()))


def test_gives_the_reference_by_digest() -> None:
    """
    The tag stays for people to read.
    """
    pinned = flush("r.io/a:1", EMPTY, client=client(registry()))
    assert str(pinned) == f"r.io/a:1@{EMPTY.digest}"


def test_what_is_not_understood_is_put_as_it_is() -> None:
    """
    Schema 1, and manifests of kinds to come, copy byte for byte.
    """
    raw = b'{ "schemaVersion": 1 }'
    blob = of_bytes(raw, media.DOCKER_SCHEMA1)
    wire = Recorder(lambda request: answer(404 if request.method == "HEAD" else 201))
    flush("r.io/a:1", blob, client=client(wire))
    put = next(request for request in wire.requests if request.method == "PUT")
    assert put.headers.get("Content-Type") == media.DOCKER_SCHEMA1
    assert put.body.opener.open().read() == raw
    other = of_bytes(b"{}", "application/vnd.to.come+json")
    flush("r.io/a:2", other, client=client(wire))
    assert [request.method for request in wire.requests].count("PUT") == 2


def test_the_same_blob_is_sent_once() -> None:
    """
    Each piece is in the plan once.
    """
    layer = IMAGE.layers[0]
    twice = synthetic.image(random.Random(1), layers=1, size=100)
    document = twice.document
    document = edit(document, lambda m: evolve(m, layers=m.layers * 2))
    image = Image(document=document, config=twice.config, layers=twice.layers * 2)
    wire = Recorder(registry())
    flush("r.io/a:1", image, client=client(wire))
    assert sum("PUT upload" in line for line in wire.kinds) == 2
    assert layer is not None


def test_foreign_layers_stay_where_they_are() -> None:
    """
    image-spec, layer.md: they are not to be distributed, unless one asks for it.
    """
    kind = media.OCI_FOREIGN_LAYER_GZIP
    layer = IMAGE.layers[0]
    foreign = evolve(
        layer, blob=evolve(layer.blob, descriptor=evolve(layer.descriptor, media_type=kind))
    )
    document = edit(IMAGE.document, lambda m: evolve(m, layers=(foreign.descriptor,)))
    image = Image(document=document, config=IMAGE.config, layers=(foreign,))
    for wanted in (False, True):
        wire = Recorder(registry(sparse=True))
        flush("r.io/a:1", image, client=client(wire), foreign=wanted)
        assert any(str(layer.digest) in line for line in wire.lines) is wanted


def test_digest_of_another_algorithm() -> None:
    """
    What is named by sha512 is put and found by sha512.
    """
    raw = EMPTY.document.raw
    document = evolve(EMPTY.document, algorithm="sha512")
    image = evolve(EMPTY, document=document)
    assert image.digest == Digest.of(raw, "sha512")
    send = registry()
    pinned = flush(f"r.io/a@{image.digest}", image, client=client(send))
    assert load(pinned, client=client(send)).digest == image.digest
