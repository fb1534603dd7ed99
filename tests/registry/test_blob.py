"""
Single blobs of a registry.
"""

from __future__ import annotations

import io
import random

import pytest

from ocikit.digest import Digest
from ocikit.http.faults import BlobUnknown
from ocikit.http.message import Response
from ocikit.progress import Event, Update
from ocikit.registry.blob import DigestNeeded, blob, pinned, put
from ocikit.registry.delete import delete_blob
from ocikit.registry.schema1 import SizeUnknown
from ocikit.registry.settings import Settings
from ocikit.server.handler import registry
from ocikit.testing.wires import Recorder, client

DATA = random.Random(1).randbytes(300_000)


@pytest.mark.parametrize("size", [0, 1, 99_999, 100_000, 300_000])
def test_what_is_put_is_found(size: int) -> None:
    """
    As it is, in chunks or at once.
    """
    one = client(registry(), settings=Settings(chunk_size=100_000))
    name = put("r.io/a", io.BytesIO(DATA[:size]), client=one)
    assert name.digest == Digest.of(DATA[:size])
    found = blob(name, client=one)
    assert found.size == size
    with found.open() as stream:
        assert stream.read() == DATA[:size]


def test_it_can_be_deleted() -> None:
    """
    A second time it is not there.
    """
    one = client(registry())
    name = put("r.io/a", io.BytesIO(DATA), client=one)
    delete_blob(name, client=one)
    with pytest.raises(BlobUnknown):
        blob(str(name), client=one)
    with pytest.raises(BlobUnknown):
        delete_blob(str(name), client=one)


def test_a_blob_has_no_tag() -> None:
    """
    It is said how to name one.
    """
    with pytest.raises(DigestNeeded, match="repository@sha256"):
        pinned("r.io/a:1")


def test_a_size_has_to_be_said() -> None:
    """
    A cut blob could not be told from a whole one otherwise.
    """
    one = client(lambda request: Response(status=200))
    with pytest.raises(SizeUnknown):
        blob(f"r.io/a@{Digest.of(DATA)}", client=one)


class Failing(io.BytesIO):
    """
    A source that fails at its end.
    """

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        if not data:
            raise OSError("gone")
        return data


def test_an_upload_whose_source_fails_is_given_up() -> None:
    """
    And what moved is told.
    """
    wire, updates = Recorder(registry()), list[Update]()
    one = client(wire, settings=Settings(chunk_size=100_000))
    with pytest.raises(OSError, match="gone"):
        put("r.io/a", Failing(DATA), client=one, report=updates.append)
    assert wire.requests[-1].method == "DELETE"
    assert sum(each.bytes for each in updates if each.event is Event.MOVED) == 200_000
