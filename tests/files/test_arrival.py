"""
Blobs from far away into files.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocikit.content.blob import Blob
from ocikit.content.streams import FillingStream, ResumableOpener, Stream
from ocikit.content.verify import DigestMismatch, SizeMismatch
from ocikit.digest import Digest
from ocikit.errors import Corrupt
from ocikit.files.arrival import BUFFER, LARGE
from ocikit.files.copy import pour
from ocikit.files.part import Mark
from ocikit.progress import Event, Meter, Update, add
from ocikit.spec.descriptor import Descriptor

if TYPE_CHECKING:
    from ocikit.content.streams import WriteableBuffer

DATA = bytes(range(251)) * (3 * BUFFER // 251)
#: So much that it is hashed beside.
MUCH = DATA * (LARGE // len(DATA) + 2)


@attrs.define
class Far:
    """
    An opener from which each reading gives other bytes.
    """

    readings: list[bytes]
    asked: list[int] = attrs.field(factory=list)

    def open(self) -> Stream:
        return self.open_at(0)

    def open_at(self, offset: int) -> Stream:
        self.asked.append(offset)
        given = self.readings.pop(0) if len(self.readings) > 1 else self.readings[0]
        return io.BytesIO(given[offset:])


@pytest.fixture(params=[DATA, MUCH], ids=["a little", "much"])
def data(request: pytest.FixtureRequest) -> bytes:
    """
    What is hashed where it is received, and what is hashed beside.
    """
    found: bytes = request.param
    return found


def blob(far: Far, data: bytes = DATA) -> Blob:
    """
    The data, from there.
    """
    descriptor = Descriptor(media_type="x", digest=Digest.of(data), size=len(data))
    return Blob(descriptor=descriptor, opener=far)


def poured(path: Path, far: Far, mark: Mark, offset: int = 0, data: bytes = DATA) -> list[Update]:
    """
    Pour it into a file that may hold a part of it; give what was told.
    """
    updates: list[Update] = []
    with path.open("r+b" if path.exists() else "x+b", buffering=0) as file:
        pour(blob(far, data), file.fileno(), offset, report=updates.append, mark=mark)
    return updates


def total(updates: list[Update]) -> tuple[int, int]:
    """
    How much moved, and how much was there.
    """
    meter = Meter()
    for update in updates:
        meter = add(meter, update)
    return meter.moved, meter.saved


def test_far_away_is_what_can_be_opened_in_the_middle() -> None:
    """
    Files and memory are read again as a whole.
    """
    assert isinstance(Far([DATA]), ResumableOpener)
    assert not isinstance(io.BytesIO(), ResumableOpener)


@given(had=st.integers(0, len(DATA)), offset=st.integers(0, 1000))
def test_only_what_is_missing_is_asked_for(
    tmp_path_factory: pytest.TempPathFactory, had: int, offset: int
) -> None:
    """
    What is there is hashed from the file, the rest is fetched, and all is verified.
    """
    path, far = tmp_path_factory.mktemp("far") / "a", Far([DATA])
    path.write_bytes(bytes(offset) + DATA[:had])
    mark = Mark(count=had)
    updates = poured(path, far, mark, offset)
    assert path.read_bytes()[offset:] == DATA
    assert far.asked == ([] if had == len(DATA) else [had])
    assert mark.count == len(DATA)
    assert total(updates) == (len(DATA) - had, had)


def test_what_lay_there_and_was_wrong_is_fetched_anew(tmp_path: Path, data: bytes) -> None:
    """
    After a power cut a part may hold anything.
    """
    path, far = tmp_path / "a", Far([data])
    path.write_bytes(bytes(BUFFER + 5))
    updates = poured(path, far, Mark(count=BUFFER + 5), data=data)
    assert path.read_bytes() == data
    assert far.asked == [BUFFER + 5, 0]
    assert total(updates) == (len(data), 0)


@pytest.mark.parametrize(
    "spoil",
    [lambda data: data[:-1] + b"!", lambda data: data + b"more", lambda data: b"!" + data[1:]],
)
def test_what_came_wrong_is_read_again(
    tmp_path: Path, data: bytes, spoil: Callable[[bytes], bytes]
) -> None:
    """
    A bit that flipped on the way is not the end of a pull.
    """
    wrong = spoil(data)
    far = Far([wrong, wrong, data])
    updates = poured(tmp_path / "a", far, Mark(), data=data)
    assert (tmp_path / "a").read_bytes() == data
    assert total(updates) == (len(data), 0)
    assert [update.event for update in updates].count(Event.RETRIED) == 2


def test_what_stays_wrong_is_refused(tmp_path: Path, data: bytes) -> None:
    """
    Three readings are enough; nothing is counted of them.
    """
    far, mark, updates = Far([data[:-1] + b"!"]), Mark(), list[Update]()
    with (tmp_path / "a").open("x+b", buffering=0) as file, pytest.raises(DigestMismatch):
        pour(blob(far, data), file.fileno(), report=updates.append, mark=mark)
    assert len(far.asked) == 3
    assert (mark.count, total(updates)) == (0, (0, 0))


def test_what_is_too_short_is_refused(tmp_path: Path, data: bytes) -> None:
    """
    Its size is told, and not that of a part.
    """
    with pytest.raises(SizeMismatch):
        poured(tmp_path / "a", Far([data[:9]]), Mark(), data=data)


@pytest.mark.parametrize("had", [1, BUFFER, LARGE // 2, len(MUCH) - LARGE, len(MUCH) - 1])
@pytest.mark.parametrize("step", [1 << 16, 1 << 20, 3 << 20])
def test_much_is_gone_on_with(tmp_path: Path, had: int, step: int) -> None:
    """
    However little comes at a time, each byte is hashed once and in its order.
    """
    path = tmp_path / "a"
    path.write_bytes(MUCH[:had])
    opener = Slow([MUCH], step=step)
    updates = poured(path, opener, Mark(count=had), data=MUCH)
    assert path.read_bytes() == MUCH
    assert (opener.asked, total(updates)) == ([had], (len(MUCH) - had, had))
    assert [each.name for each in threading.enumerate() if each.name == "ocikit-hash"] == []


@attrs.define
class Slow(Far):
    """
    It gives a little at a time.
    """

    step: int = attrs.field(kw_only=True)

    def open_at(self, offset: int) -> Stream:
        return Little(super().open_at(offset), self.step)


class Little(FillingStream):
    """
    A stream that gives less than it is asked for.
    """

    def __init__(self, stream: Stream, step: int) -> None:
        self._stream, self._step = stream, step

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        return self._stream.readinto(memoryview(buffer).cast("B")[: self._step])


def test_a_document_that_came_wrong_is_read_again() -> None:
    """
    A configuration is read into memory, and as likely to be wrong once.
    """
    assert blob(Far([b"!" + DATA[1:], DATA])).content == DATA
    with pytest.raises(Corrupt):
        _ = blob(Far([DATA[1:] + b"!"])).content
