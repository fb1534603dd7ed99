"""
A plan, carried out: children before parents, and nothing after an error.
"""

from __future__ import annotations

import random
import threading
from typing import Any

import pytest

from ocikit import media
from ocikit._records import evolve, record
from ocikit.content import synthetic
from ocikit.content.blob import Blob
from ocikit.content.image import Child, Image, Index, Loaded
from ocikit.content.streams import Stream
from ocikit.content.verify import DigestMismatch
from ocikit.errors import Missing
from ocikit.http.faults import Denied
from ocikit.http.message import Request, Response
from ocikit.progress import Event, Meter, Update, add
from ocikit.registry.flush import flush
from ocikit.registry.load import load
from ocikit.server.handler import registry
from ocikit.spec.document import make
from ocikit.spec.manifest import IndexManifest
from ocikit.testing.time import VirtualTime
from ocikit.testing.wires import Recorder, answer, client

IMAGE = synthetic.image(random.Random(1), layers=3, size=100)
INDEX = synthetic.index(random.Random(2), size=50)


def test_an_index_comes_after_its_children() -> None:
    """
    HEAD each child; the index itself last and by its tag only.
    """
    wire = Recorder(registry())
    flush("r.io/a:1", INDEX, client=client(wire))
    manifests = [line for line in wire.lines if "/manifests/" in line]
    digests = [child.descriptor.digest for child in INDEX.children]
    assert manifests == [
        "HEAD /v2/a/manifests/1 404",
        *[f"HEAD /v2/a/manifests/{digest} 404" for digest in digests],
        *[f"PUT /v2/a/manifests/{digest} 201" for digest in digests],
        "PUT /v2/a/manifests/1 201",
    ]


def test_a_child_that_is_there_is_not_looked_into() -> None:
    """
    An index that gains a child costs what the child costs.
    """
    wire = Recorder(registry())
    child = INDEX.children[0].content
    assert isinstance(child, Image)
    flush(f"r.io/a@{child.digest}", child, client=client(wire))
    wire.clear()
    flush("r.io/a:1", INDEX, client=client(wire))
    assert not any(str(child.layers[0].digest) in line for line in wire.lines)


def test_a_registry_checks_that_all_is_there() -> None:
    """
    The server refuses manifests whose blobs are missing: the order holds for threads.
    """
    for jobs in (1, 8):
        send = registry()
        flush("r.io/a:1", INDEX, client=client(send, jobs=jobs))
        assert load("r.io/a:1", client=client(send)) == INDEX


def test_nested_indexes_keep_their_order() -> None:
    """
    Children of children first.
    """
    outer = synthetic_outer()
    send = registry()
    flush("r.io/a:1", outer, client=client(send, jobs=4))
    loaded = load("r.io/a:1", client=client(send))
    assert isinstance(loaded, Index)
    assert loaded.children[0].content == INDEX


def synthetic_outer() -> Index:
    """
    An index of an index and an image.
    """
    inner = (INDEX, IMAGE)
    document = make(
        IndexManifest(media_type=media.OCI_INDEX, manifests=tuple(c.descriptor for c in inner)),
        media.OCI_INDEX,
    )
    children = tuple(Child(descriptor=c.descriptor, opener=Loaded(c)) for c in inner)
    return Index(document=document, children=children)


@record
class Short:
    """
    An opener whose bytes are others.
    """

    data: bytes

    def open(self) -> Stream:
        """
        Open them.
        """
        import io

        return io.BytesIO(self.data)


@pytest.mark.parametrize("jobs", [1, 4])
def test_wrong_bytes_leave_no_tag(jobs: int) -> None:
    """
    What a source gives is verified on its way; nothing that names it is put.
    """
    bad = evolve(IMAGE.layers[1].blob, opener=Short(bytes(IMAGE.layers[1].size)))
    layers = (IMAGE.layers[0], evolve(IMAGE.layers[1], blob=bad), IMAGE.layers[2])
    image = evolve(IMAGE, layers=layers)
    send, time = registry(), VirtualTime()
    with pytest.raises(DigestMismatch):
        flush("r.io/a:1", image, client=client(send, jobs=jobs, time=time))
    with pytest.raises(Missing):
        load("r.io/a:1", client=client(send))
    assert time.slept == []


def test_the_first_refusal_ends_it() -> None:
    """
    Who may not push is told after one request each, not after all blobs.
    """

    def send(request: Request) -> Response:
        return answer(403 if request.method == "POST" else 404)

    wire = Recorder(send)
    with pytest.raises(Denied):
        flush("r.io/a:1", IMAGE, client=client(wire))
    # The mount and the plain upload after it, for the first blob alone.
    assert wire.kinds == ["HEAD manifest 404", "POST mount 403", "POST upload 403"]


def test_an_error_stops_uploads_that_are_under_way() -> None:
    """
    Ten gigabytes are not sent to their end when the registry refused the first blob.
    """
    refused = threading.Event()
    big = synthetic.image(random.Random(3), layers=2, size=3 << 20)
    first, second = (layer.blob for layer in big.layers)

    @record
    class Slow:
        """
        Bytes that come when the other blob was refused.
        """

        blob: Blob

        def open(self) -> Any:
            """
            Wait, then open.
            """
            assert refused.wait(30)
            return self.blob.opener.open()

    inner = registry()

    def send(request: Request) -> Response:
        if request.method == "HEAD" and str(first.digest) in request.url:
            # The flag that stops the others is set a moment after this is answered.
            refused.set()
            return answer(404)
        if request.method == "POST" and refused.is_set():
            return answer(403)
        return inner(request)

    slow = evolve(big.layers[1], blob=evolve(second, opener=Slow(second)))
    image = evolve(big, layers=(big.layers[0], slow))
    with pytest.raises(Denied):
        flush("r.io/a:1", image, client=client(send, jobs=2))


def test_progress_adds_up() -> None:
    """
    Bytes moved are those planned; each blob is started and done.
    """
    updates: list[Update] = []
    flush("r.io/a:1", IMAGE, client=client(registry(), jobs=4), report=updates.append)
    meter = Meter()
    for update in updates:
        meter = add(meter, update)
    total = sum(layer.size for layer in IMAGE.layers) + IMAGE.config.size
    assert (meter.planned, meter.moved, meter.fraction) == (total, total, 1.0)
    assert updates[-2] == Update(event=Event.TAGGED, digest=IMAGE.digest, name="1")
