"""
What holds of writing that fails: it is told, and the place has what it had.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import pytest
from hypothesis import assume
from hypothesis import strategies as st

from ocikit._records import evolve
from ocikit.content.blob import Blob
from ocikit.content.image import Content, Image, Index, Loaded
from ocikit.content.streams import BytesOpener, Opener
from ocikit.errors import Corrupt, Missing, OciError, Unreachable
from ocikit.testing import samples
from ocikit.testing.breaking import BreakingOpener, FailingOpener, Ledger, at, counted
from ocikit.testing.contract import needs, share
from ocikit.testing.contracts_using import Using, held_open, names

_OLD: Final = ("old", "base")
_NEW: Final = ("a", "b", "c")
#: Where a blob is among those of an image: its configuration, and its layers in turn.
_WHERE: Final = {"configuration": 0, "first layer": 1, "last layer": -1}


class Broken(Exception):
    """
    An error of somebody else's, that no place knows.
    """


def lying(image: Image) -> Image:
    """
    Give an image whose last layer opens as something else than it is.

    >>> lying(samples.image("a")) == samples.image("a")
    True
    """
    last = image.layers[-1]
    broken = evolve(last.blob, opener=BytesOpener(b"?" * last.size))
    return evolve(image, layers=(*image.layers[:-1], evolve(last, blob=broken)))


class Failing(Using):
    """
    A write that fails changes nothing, and says what was wrong.
    """

    def law_lies_are_refused(self, data: st.DataObject) -> None:
        """
        Bytes that are not what their digest says are no part of a place: it raises, and
        holds what it held.
        """
        old, image = data.draw(self.images), data.draw(self.images)
        assume(image.layers and not _shared(old, image))
        with self.place() as folder:
            self.flush(folder, old)
            with pytest.raises(Corrupt):
                self.flush(folder, lying(image))
            self.found(folder, old)

    @share(4)
    def law_a_reader_that_breaks_changes_nothing(self, data: st.DataObject) -> None:
        """
        Whichever it is, and after however many bytes.
        """
        image = samples.image(*_NEW)
        position, after = data.draw(st.integers(0, 3)), data.draw(st.integers(0, 200))
        broken = at(image, position, lambda blob: BreakingOpener(blob.opener, after, _cut))
        with self.place() as folder:
            self.flush(folder, samples.image(*_OLD))
            with pytest.raises(Unreachable):
                self.flush(folder, broken)
            self.found(folder, samples.image(*_OLD))

    @pytest.mark.parametrize("where", _WHERE)
    def test_what_cannot_be_opened(self, tmp_path: Path, where: str) -> None:
        """
        Its error comes through, and nothing of the image is seen.
        """
        with pytest.raises(Missing):
            self._written(tmp_path, _WHERE[where], lambda _: FailingOpener(Missing))
        self.found(tmp_path, samples.image(*_OLD))

    @pytest.mark.parametrize("where", _WHERE)
    def test_what_lies_wherever_it_is(self, tmp_path: Path, where: str) -> None:
        """
        Configurations are no better than layers, and the first no better than the last.
        """
        with pytest.raises(Corrupt):
            self._written(tmp_path, _WHERE[where], lambda blob: BytesOpener(bytes(blob.size)))
        self.found(tmp_path, samples.image(*_OLD))

    @pytest.mark.parametrize("where", _WHERE)
    def test_what_ends_early(self, tmp_path: Path, where: str) -> None:
        """
        As a connection that is closed before all has come.
        """
        with pytest.raises(Corrupt):
            self._written(tmp_path, _WHERE[where], lambda blob: BytesOpener(_bytes(blob)[:-1]))
        self.found(tmp_path, samples.image(*_OLD))

    @pytest.mark.parametrize("where", _WHERE)
    def test_what_does_not_begin(self, tmp_path: Path, where: str) -> None:
        """
        No byte at all is no blob, where there should be some.
        """
        with pytest.raises(Corrupt):
            self._written(tmp_path, _WHERE[where], lambda _: BytesOpener(b""))
        self.found(tmp_path, samples.image(*_OLD))

    @pytest.mark.parametrize("where", _WHERE)
    def test_what_goes_on(self, tmp_path: Path, where: str) -> None:
        """
        All that should come, and a byte more.
        """
        with pytest.raises(Corrupt):
            self._written(tmp_path, _WHERE[where], lambda blob: BytesOpener(_bytes(blob) + b"x"))
        self.found(tmp_path, samples.image(*_OLD))

    def test_errors_of_others_come_as_they_are(self, tmp_path: Path) -> None:
        """
        Who gave the reader knows what its errors mean.
        """
        said = Broken("the cable")
        with pytest.raises(Broken) as raised:
            self._broken(tmp_path, lambda: said)
        assert raised.value is said

    def test_an_interrupt_changes_nothing(self, tmp_path: Path) -> None:
        """
        Who presses Ctrl-C amid a layer has what was there before.
        """
        with pytest.raises(KeyboardInterrupt):
            self._broken(tmp_path, KeyboardInterrupt)
        self.found(tmp_path, samples.image(*_OLD))

    def test_a_first_write_that_fails_leaves_nothing(self, tmp_path: Path) -> None:
        """
        There is nothing to load.
        """
        broken = at(samples.image(*_NEW), -1, lambda _: FailingOpener(_cut))
        with pytest.raises(Unreachable):
            self.flush(tmp_path, broken)
        with pytest.raises(self.gone):
            self.load(tmp_path)

    @pytest.mark.parametrize("error", [Broken, KeyboardInterrupt], ids=["error", "interrupt"])
    def test_no_file_is_left_of_it(self, tmp_path: Path, error: type[BaseException]) -> None:
        """
        But for blobs that are whole: nothing that has begun, and nothing by another name.
        """
        for name in ("a", "b"):
            (tmp_path / name).mkdir()
        self.flush(tmp_path / "a", samples.image(*_OLD))
        known = names(tmp_path / "a")
        self.flush(tmp_path / "a", samples.image(*_NEW))
        with pytest.raises(error):
            self._broken(tmp_path / "b", error)
        assert names(tmp_path / "b") <= known | names(tmp_path / "a")

    def test_the_next_one_gets_through(self, tmp_path: Path) -> None:
        """
        Nothing that was left stands in its way.
        """
        with pytest.raises(Unreachable):
            self._broken(tmp_path, _cut)
        self.back(tmp_path, samples.image(*_NEW))

    def test_the_next_one_may_be_another(self, tmp_path: Path) -> None:
        """
        It has nothing of what failed.
        """
        with pytest.raises(Corrupt):
            self._written(tmp_path, -1, lambda blob: BytesOpener(bytes(blob.size)))
        self.back(tmp_path, samples.image("a", "d"))

    def test_what_failed_again_and_again(self, tmp_path: Path) -> None:
        """
        Each time at another blob, and then not.
        """
        self.flush(tmp_path, samples.image(*_OLD))
        for position in range(4):
            image = samples.image(*(f"{position}{name}" for name in _NEW))
            with pytest.raises(Unreachable):
                self.flush(tmp_path, at(image, position, lambda _: FailingOpener(_cut)))
            self.found(tmp_path, samples.image(*_OLD))
        self.back(tmp_path, samples.image(*_NEW))

    def test_what_was_opened_is_closed(self, tmp_path: Path) -> None:
        """
        That of the blob that failed, too.
        """
        ledger, image = Ledger(), samples.image(*_NEW)
        broken = at(image, -1, lambda blob: BreakingOpener(blob.opener, 20, _cut))
        with pytest.raises(Unreachable):
            self.flush(tmp_path, counted(broken, ledger))
        assert ledger.opened
        assert ledger.now == 0

    def test_failing_leaves_nothing_open(self, tmp_path: Path) -> None:
        """
        A thousand failures do not use up what a process may have open.
        """
        fail = functools.partial(self._broken, tmp_path, _cut)
        with pytest.raises(Unreachable):
            fail()
        before = held_open()
        for _ in range(3):
            with pytest.raises(Unreachable):
                fail()
        assert held_open() <= before

    def test_who_fails_does_not_harm_who_does_not(self, tmp_path: Path) -> None:
        """
        Writers at once, of which some break: what is there in the end is whole.
        """
        good = samples.image(*_NEW)
        broken = at(good, -1, lambda blob: BreakingOpener(blob.opener, 30, _cut))

        def write(number: int) -> None:
            try:
                self.flush(tmp_path, broken if number % 2 else good)
            except Unreachable:
                assert number % 2

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(write, range(8)))
        self.found(tmp_path, good)

    @needs("indexes")
    def test_a_child_whose_blob_breaks(self, tmp_path: Path) -> None:
        """
        Of an index there is all or nothing.
        """
        index = samples.index(samples.image("a"), samples.image("b"))
        broken = at(index, -1, lambda blob: BreakingOpener(blob.opener, 9, _cut))
        self._keeps_old(tmp_path, broken, Unreachable)

    @needs("indexes")
    def test_a_child_that_cannot_be_loaded(self, tmp_path: Path) -> None:
        """
        No index is written that lacks one.
        """
        index = samples.index(samples.image("a"), samples.image("b"))
        assert isinstance(index, Index)
        lost = evolve(index.children[1], opener=FailingOpener(Missing))
        self._keeps_old(tmp_path, evolve(index, children=(index.children[0], lost)), Missing)

    @needs("indexes")
    def test_a_child_that_is_another(self, tmp_path: Path) -> None:
        """
        It is not what its index lists.
        """
        index = samples.index(samples.image("a"), samples.image("b"))
        assert isinstance(index, Index)
        other = evolve(index.children[1], opener=Loaded(content=samples.image("c")))
        self._keeps_old(tmp_path, evolve(index, children=(index.children[0], other)), Corrupt)

    @needs("indexes")
    def test_deep_within_an_index(self, tmp_path: Path) -> None:
        """
        The outermost is not written before the innermost is there.
        """
        broken = at(samples.nested(3), -1, lambda blob: BytesOpener(bytes(blob.size)))
        self._keeps_old(tmp_path, broken, Corrupt)

    def _keeps_old(self, folder: Path, broken: Content, error: type[Exception]) -> None:
        self.flush(folder, samples.image(*_OLD))
        with pytest.raises(error):
            self.flush(folder, broken)
        self.found(folder, samples.image(*_OLD))

    def _written(self, folder: Path, position: int, opener: Callable[[Blob], Opener]) -> None:
        self.flush(folder, samples.image(*_OLD))
        self.flush(folder, at(samples.image(*_NEW), position, opener))

    def _broken(self, folder: Path, error: Callable[[], BaseException]) -> None:
        """
        Write what was there, and then an image whose second layer breaks.
        """
        self._written(folder, 2, lambda blob: BreakingOpener(blob.opener, 30, error))


def _cut() -> OciError:
    return Unreachable("the cable")


def _bytes(blob: Blob) -> bytes:
    with blob.open() as stream:
        return stream.read()


def _shared(old: Image, new: Image) -> bool:
    # What a place has already it need not ask for again.
    there: set[object] = {layer.digest for layer in old.layers}
    last: Blob = new.layers[-1].blob
    earlier = {layer.digest for layer in new.layers[:-1]}
    return last.digest in there | earlier or not last.size
