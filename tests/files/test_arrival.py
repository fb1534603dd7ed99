"""
Blobs from far away into files.
"""

from __future__ import annotations

import io
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocikit.content.blob import Blob
from ocikit.content.streams import ResumableOpener, Stream
from ocikit.content.verify import DigestMismatch, SizeMismatch
from ocikit.digest import Digest
from ocikit.errors import Corrupt
from ocikit.files.arrival import BUFFER
from ocikit.files.copy import pour
from ocikit.files.part import Mark
from ocikit.progress import Event, Meter, Update, add
from ocikit.spec.descriptor import Descriptor

DATA = bytes(range(251)) * (3 * BUFFER // 251)


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


def blob(far: Far) -> Blob:
    """
    The data, from there.
    """
    descriptor = Descriptor(media_type="x", digest=Digest.of(DATA), size=len(DATA))
    return Blob(descriptor=descriptor, opener=far)


def poured(path: Path, far: Far, mark: Mark, offset: int = 0) -> list[Update]:
    """
    Pour it into a file that may hold a part of it; give what was told.
    """
    updates: list[Update] = []
    with path.open("r+b" if path.exists() else "x+b", buffering=0) as file:
        pour(blob(far), file.fileno(), offset, report=updates.append, mark=mark)
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


def test_what_lay_there_and_was_wrong_is_fetched_anew(tmp_path: Path) -> None:
    """
    After a power cut a part may hold anything.
    """
    path, far = tmp_path / "a", Far([DATA])
    path.write_bytes(bytes(BUFFER + 5))
    updates = poured(path, far, Mark(count=BUFFER + 5))
    assert path.read_bytes() == DATA
    assert far.asked == [BUFFER + 5, 0]
    assert total(updates) == (len(DATA), 0)


@pytest.mark.parametrize("wrong", [DATA[:-1] + b"!", DATA + b"more", b"!" + DATA[1:]])
def test_what_came_wrong_is_read_again(tmp_path: Path, wrong: bytes) -> None:
    """
    A bit that flipped on the way is not the end of a pull.
    """
    far = Far([wrong, wrong, DATA])
    updates = poured(tmp_path / "a", far, Mark())
    assert (tmp_path / "a").read_bytes() == DATA
    assert total(updates) == (len(DATA), 0)
    assert [update.event for update in updates].count(Event.RETRIED) == 2


def test_what_stays_wrong_is_refused(tmp_path: Path) -> None:
    """
    Three readings are enough; nothing is counted of them.
    """
    far, mark, updates = Far([DATA[:-1] + b"!"]), Mark(), list[Update]()
    with (tmp_path / "a").open("x+b", buffering=0) as file, pytest.raises(DigestMismatch):
        pour(blob(far), file.fileno(), report=updates.append, mark=mark)
    assert len(far.asked) == 3
    assert (mark.count, total(updates)) == (0, (0, 0))


def test_what_is_too_short_is_refused(tmp_path: Path) -> None:
    """
    Its size is told, and not that of a part.
    """
    with pytest.raises(SizeMismatch):
        poured(tmp_path / "a", Far([DATA[:9]]), Mark())


def test_a_document_that_came_wrong_is_read_again() -> None:
    """
    A configuration is read into memory, and as likely to be wrong once.
    """
    assert blob(Far([b"!" + DATA[1:], DATA])).content == DATA
    with pytest.raises(Corrupt):
        _ = blob(Far([DATA[1:] + b"!"])).content
