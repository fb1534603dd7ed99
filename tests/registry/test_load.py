"""
Content from a registry.
"""

from __future__ import annotations

import pickle
import random

import pytest

from ocikit import media
from ocikit._records import evolve
from ocikit.content import synthetic
from ocikit.content.assemble import ManifestAmbiguous
from ocikit.content.blob import Blob
from ocikit.content.image import Image, Index
from ocikit.content.verify import DigestMismatch, SizeMismatch
from ocikit.errors import Corrupt
from ocikit.http.faults import ManifestUnknown
from ocikit.http.message import Request, Response
from ocikit.name.parse import parse_reference
from ocikit.query.select import PlatformMissing
from ocikit.registry.faults import BodyTruncated
from ocikit.registry.flush import flush
from ocikit.registry.load import load
from ocikit.registry.opener import RegistryOpener
from ocikit.server.handler import registry
from ocikit.spec.document import make
from ocikit.spec.manifest import IndexManifest
from ocikit.testing.wires import Recorder, answer, client
from tests.registry.hosts import with_body

IMAGE = synthetic.image(random.Random(1), layers=2, size=100)
INDEX = synthetic.index(random.Random(2), size=50)
NAME = "r.io/a:1"


def held(content: Image | Index = IMAGE) -> Recorder:
    """
    A registry that has it.
    """
    wire = Recorder(registry())
    flush(NAME, content, client=client(wire))
    wire.clear()
    return wire


def test_reads_one_manifest() -> None:
    """
    Nothing but the manifest is read before it is needed; and no `/v2/` before it.
    """
    wire = held()
    assert load(NAME, client=client(wire)) == IMAGE
    assert wire.lines == ["GET /v2/a/manifests/1 200"]


def test_reads_blobs_when_they_are_opened() -> None:
    """
    One request for each.
    """
    wire = held()
    image = load(parse_reference(NAME), client=client(wire))
    assert isinstance(image, Image)
    wire.clear()
    assert image.layers[0].blob.open().read() == IMAGE.layers[0].blob.open().read()
    assert wire.lines == [f"GET /v2/a/blobs/{IMAGE.layers[0].digest} 200"]


def test_openers_are_records() -> None:
    """
    What was loaded goes to other processes, prints, and compares.
    """
    image = load(NAME, client=client(held()))
    assert isinstance(image, Image)
    opener = image.layers[0].blob.opener
    assert isinstance(opener, RegistryOpener)
    assert opener == evolve(opener)
    bare = evolve(opener, client=evolve(opener.client, send=None, clock=None))
    assert pickle.loads(pickle.dumps(bare)) == bare
    assert image.layers[0].blob.origin == parse_reference(NAME).repository


def test_an_index_stays_one() -> None:
    """
    Nothing collapses an index silently; children are loaded one at a time.
    """
    wire = held(INDEX)
    index = load(NAME, client=client(wire))
    assert isinstance(index, Index)
    assert index == INDEX
    wire.clear()
    assert [child.content for child in index.children] == [
        child.content for child in INDEX.children
    ]
    assert len(wire.requests) == 2


def test_a_platform_chooses_of_an_index() -> None:
    """
    Two requests: the index and the image.
    """
    wire = held(INDEX)
    platform = INDEX.children[1].descriptor.platform
    assert load(NAME, client=client(wire), platform=platform) == INDEX.children[1].content
    assert len(wire.requests) == 2
    with pytest.raises(PlatformMissing, match="choose one of"):
        load(NAME, client=client(wire), platform="plan9/mips")


def test_by_digest() -> None:
    """
    What flush returned loads what was flushed.
    """
    wire = held()
    assert load(f"r.io/a@{IMAGE.digest}", client=client(wire)) == IMAGE


def test_what_is_not_there_is_missed() -> None:
    """
    The registry's own words are in the error.
    """
    with pytest.raises(ManifestUnknown, match=r"manifests/2.*MANIFEST_UNKNOWN"):
        load("r.io/a:2", client=client(held()))


def test_schema_1_is_opaque() -> None:
    """
    Retired manifests are not understood, but copied.
    """
    raw = b'{"schemaVersion":1,"fsLayers":[]}'
    kind = media.DOCKER_SCHEMA1
    blob = load(NAME, client=client(lambda request: answer(200, raw, Content_Type=kind)))
    assert isinstance(blob, Blob)
    assert (blob.media_type, blob.content) == (media.DOCKER_SCHEMA1, raw)


def lying(wire: Recorder, kind: str, change: object) -> Recorder:
    """
    A registry whose manifests or blobs are changed on the way.
    """

    def send(request: Request) -> Response:
        response = wire(request)
        if f"/{kind}/" not in request.url or request.method != "GET":
            return response
        assert callable(change)
        data = response.body.read()
        return with_body(response, change(data))

    return Recorder(send)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda data: data[:-1] + bytes([data[-1] ^ 1]), DigestMismatch),
        (lambda data: data[:-1], BodyTruncated),
        (lambda data: data + b"x", SizeMismatch),
        (lambda data: b"", BodyTruncated),
    ],
)
def test_wrong_bytes_of_a_blob_are_told(change: object, error: type[Exception]) -> None:
    """
    Flipped, short, long or no bytes: an error of ours, never content.
    """
    image = load(NAME, client=client(lying(held(), "blobs", change)))
    assert isinstance(image, Image)
    with pytest.raises(error):
        image.layers[0].blob.open().read()


@pytest.mark.parametrize("change", [lambda d: d + b" ", lambda d: d[:-1], lambda d: b""])
def test_wrong_bytes_of_a_manifest_are_told(change: object) -> None:
    """
    A tag's bytes are compared with the digest beside them, twice.
    """
    with pytest.raises(DigestMismatch):
        load(NAME, client=client(lying(held(), "manifests", change)))


def test_a_child_that_is_not_what_the_index_lists_is_told() -> None:
    """
    An index is a list of digests and sizes, and is held to both.
    """
    listed = INDEX.children[0].descriptor
    wrong = make(IndexManifest(manifests=(evolve(listed, size=listed.size + 1),)), media.OCI_INDEX)
    honest = held(INDEX)

    def send(request: Request) -> Response:
        if request.url.endswith("manifests/1"):
            return answer(200, wrong.raw, Content_Type=media.OCI_INDEX)
        return honest(request)

    index = load(NAME, client=client(send))
    assert isinstance(index, Index)
    with pytest.raises(SizeMismatch):
        _ = index.children[0].content


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (IMAGE.document.raw, media.OCI_INDEX),
        (INDEX.document.raw, IMAGE.media_type),
        (
            IMAGE.document.raw.replace(b"{", b'{"manifests":[],', 1),
            IMAGE.media_type,
        ),
    ],
)
def test_what_can_be_read_in_two_ways_is_refused(raw: bytes, kind: str) -> None:
    """
    CVE-2021-41190: one digest, two meanings.
    """
    with pytest.raises((ManifestAmbiguous, Corrupt)):
        load(NAME, client=client(lambda request: answer(200, raw, Content_Type=kind)))
