"""
The storage in memory: what it costs.
"""

from __future__ import annotations

import io

from ocikit.content.streams import BytesOpener
from ocikit.digest import Digest
from ocikit.server.memory import Memory


def test_bytes_are_held_without_a_copy() -> None:
    """
    A blob that comes as bytes in memory is those very bytes.
    """
    memory, data = Memory(), bytes(range(256)) * 100
    upload = memory.begin("a", "sha256")
    memory.receive("a", upload, BytesOpener(data).open(), 0, len(data))
    memory.commit("a", upload, Digest.of(data))
    blob = memory.blob("a", Digest.of(data))
    assert blob is not None
    assert isinstance(blob.opener, BytesOpener)
    assert blob.opener.data is data


def test_a_blob_is_held_once() -> None:
    """
    Repositories that hold the same blob share its bytes, mounted or pushed.
    """
    memory, digest = Memory(), Digest.of(b"data")
    for name in ("a", "b"):
        upload = memory.begin(name, "sha256")
        memory.receive(name, upload, io.BytesIO(b"".join([b"da", b"ta"])), None, None)
        memory.commit(name, upload, digest)
    memory.mount("c", digest, "b")
    assert memory.blob("a", digest) is memory.blob("b", digest) is memory.blob("c", digest)
    assert list(memory.holders(digest)) == ["a", "b", "c"]
