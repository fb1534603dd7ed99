"""
Blobs: nothing unverified leaves them, whichever way it is asked for.
"""

from __future__ import annotations

import pytest

from ocikit._records import evolve
from ocikit.content.blob import Blob, of_bytes
from ocikit.content.streams import BytesOpener
from ocikit.content.verify import DigestMismatch, SizeMismatch
from ocikit.spec.document import MAX_CONFIG, DocumentTooLarge
from ocikit.testing.refusing import Counting, Refusing

GOOD = of_bytes(b"content", "x/y")


@pytest.mark.parametrize("opener", [BytesOpener(b"altered"), Counting(b"altered")])
def test_altered_content_does_not_leave(opener: BytesOpener | Counting) -> None:
    """
    Bytes in memory pass the same gate as those from elsewhere.
    """
    blob = evolve(GOOD, opener=opener)
    with pytest.raises(DigestMismatch):
        _ = blob.content
    with blob.open() as stream, pytest.raises(DigestMismatch):
        stream.read()


def test_short_content_does_not_leave() -> None:
    """
    A blob of half its bytes is none.
    """
    with pytest.raises(SizeMismatch):
        _ = evolve(GOOD, opener=Counting(b"cont")).content


def test_inline_data_comes_first() -> None:
    """
    Content that the descriptor carries is not fetched, and is verified like all else.
    """
    carried = evolve(GOOD.descriptor, data=b"content")
    blob = Blob(descriptor=carried, opener=Refusing())
    assert blob.open().read() == blob.content == b"content"
    lying = Blob(descriptor=evolve(carried, data=b"altered"), opener=Refusing())
    with pytest.raises(DigestMismatch):
        lying.open().read()


def test_content_is_read_once() -> None:
    """
    Documents are asked for often, and kept.
    """
    opener = Counting(b"content")
    blob = evolve(GOOD, opener=opener)
    assert blob.content is blob.content
    assert opener.opened == 1


def test_large_content_is_not_held_in_memory() -> None:
    """
    A layer that is taken for a document is refused before it is opened.
    """
    descriptor = evolve(GOOD.descriptor, size=MAX_CONFIG + 1)
    with pytest.raises(DocumentTooLarge):
        _ = Blob(descriptor=descriptor, opener=Refusing()).content


def test_blobs_are_equal_by_digest() -> None:
    """
    Where it comes from and what it is called is not what it is.
    """
    other = Blob(descriptor=evolve(GOOD.descriptor, media_type="z"), opener=Refusing())
    assert other == GOOD
    assert hash(other) == hash(GOOD)
    assert of_bytes(b"other", "x/y") != GOOD
