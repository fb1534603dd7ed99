"""
Blobs whose source stumbles.
"""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from ocikit._records import record
from ocikit.content.blob import Blob, of_bytes
from ocikit.content.spool import Spool
from ocikit.content.streams import Stream
from ocikit.content.verify import DigestMismatch, SizeMismatch, VerifiedStream
from ocikit.errors import Corrupt, OciError, Unreachable
from ocikit.files.opener import FileMissing, FileOpener
from ocikit.progress import Event
from ocikit.registry.outgoing import Outgoing
from ocikit.spec.descriptor import Descriptor
from tests.registry.work import BROKEN, LARGE, LITTLE, Work


@record
class Read:
    """
    An opener that reads as it is told, each time in another way.
    """

    streams: list[bytes | Exception]

    def open(self) -> Stream:
        """
        Open the next.
        """
        given = self.streams.pop(0) if len(self.streams) > 1 else self.streams[0]
        if isinstance(given, Exception):
            raise given
        return io.BytesIO(given)


def source(*streams: bytes | Exception) -> Blob:
    """
    The little blob, from somewhere unreliable.
    """
    return Blob(descriptor=LITTLE.descriptor, opener=Read(list(streams)))


def test_a_source_that_gives_wrong_bytes_once_is_read_again() -> None:
    """
    A bit that flips on the way from the source is not the end of a copy.
    """
    good = LITTLE.opener.open().read()
    work = Work()
    work.put(source(b"x" * LITTLE.size, good))
    assert work.has(LITTLE)
    assert [update.event for update in work.updates].count(Event.RETRIED) == 1


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (bytes(1000), DigestMismatch),
        (bytes(999), SizeMismatch),
        (bytes(1001), Corrupt),
        (b"", SizeMismatch),
    ],
)
def test_a_source_that_stays_wrong_is_told(data: bytes, error: type[OciError]) -> None:
    """
    It is the source that is at fault, whatever the registry made of its bytes.
    """
    work = Work()
    with pytest.raises(error):
        work.put(source(data))
    assert not work.has(LITTLE)
    assert work.meter.moved == 0


def test_a_source_that_cannot_be_reached_is_told() -> None:
    """
    The error is the source's, not the registry's to which less came than was said.
    """
    work = Work()
    with pytest.raises(Unreachable) as caught:
        work.put(source(BROKEN))
    assert caught.value == BROKEN


def test_a_file_is_hashed_by_the_registry_alone(tmp_path: Path) -> None:
    """
    Two hashes of one gigabyte on one machine cost a third of the time.
    """
    path = tmp_path / "blob"
    path.write_bytes(LARGE.opener.open().read())
    work = Work()
    work.put(Blob(descriptor=LARGE.descriptor, opener=FileOpener(path)))
    assert work.has(LARGE)
    body = next(r.body for r in work.wire.requests if r.method == "PUT")
    assert isinstance(body.opener, Outgoing)


def test_what_waits_in_a_file_of_ours_is_hashed_by_the_registry_alone() -> None:
    """
    It was hashed when it was written.
    """
    spool = Spool(memory=0)
    spool.write(LARGE.content)
    work = Work()
    work.put(Blob(descriptor=LARGE.descriptor, opener=spool.opener()))
    assert work.has(LARGE)
    body = next(r.body for r in work.wire.requests if r.method == "PUT")
    with body.opener.open() as stream:
        assert not isinstance(getattr(stream, "_stream", None), VerifiedStream)


@pytest.mark.parametrize(
    ("data", "error"),
    [(bytes(1000), DigestMismatch), (bytes(999), SizeMismatch), (bytes(1001), Corrupt)],
)
def test_a_file_that_is_wrong_is_told(tmp_path: Path, data: bytes, error: type[OciError]) -> None:
    """
    The registry finds it out; then we look, and say that it is the file.
    """
    path = tmp_path / "blob"
    path.write_bytes(data)
    work = Work()
    with pytest.raises(error):
        work.put(Blob(descriptor=LITTLE.descriptor, opener=FileOpener(path)))
    assert not work.has(LITTLE)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    """
    At once: a file does not come back by waiting.
    """
    work = Work()
    with pytest.raises(FileMissing):
        work.put(Blob(descriptor=LITTLE.descriptor, opener=FileOpener(tmp_path / "gone")))
    assert work.time.slept == []


def test_an_empty_blob_is_a_blob() -> None:
    """
    No bytes are content too.
    """
    work, empty = Work(), of_bytes(b"", "application/octet-stream")
    work.put(empty)
    assert work.has(empty)


def test_inline_data_is_sent_from_the_descriptor() -> None:
    """
    descriptor.md, "data": it stands for the content, wherever that was.
    """
    data = b"inline"
    plain = of_bytes(data, "application/octet-stream").descriptor
    descriptor = Descriptor(
        media_type=plain.media_type, size=plain.size, digest=plain.digest, data=data
    )
    work = Work()
    work.put(Blob(descriptor=descriptor, opener=Read([BROKEN])))
    assert work.has(of_bytes(data, ""))
