"""
Laws of places, to run against any: subclass the contract, and say how the place is used.
"""

import abc
import tempfile
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ocikit._records import evolve
from ocikit.content.blob import Blob
from ocikit.content.image import Content, Image
from ocikit.content.streams import BytesOpener
from ocikit.errors import Corrupt
from ocikit.query.plan import plan
from ocikit.testing.contents import contents, images
from ocikit.testing.contract import Contract


def all_bytes(content: Content) -> dict[str, bytes]:
    """
    Read every blob that content needs, by digest.
    """
    return {str(blob.digest): blob.open().read() for blob in plan(content, foreign=True).blobs}


def lying(image: Image) -> Image:
    """
    Give an image whose last layer opens as something else than it is.
    """
    last = image.layers[-1]
    broken = evolve(last.blob, opener=BytesOpener(b"?" * last.size))
    return evolve(image, layers=(*image.layers[:-1], evolve(last, blob=broken)))


class SourceContract(Contract):
    """
    What holds of whatever reads content: it gives what is there.

    A subclass whose name begins with `Test` is run by pytest:

        class TestMyReader(SourceContract):
            def flush(self, folder, content):
                layout.flush(folder, content)  # by hand, or by what is trusted

            def load(self, folder):
                return my_reader(folder)

    Each example has a new folder; a place without files makes what it needs by its name.
    """

    #: What the place can hold.
    contents: ClassVar[SearchStrategy[Content]] = contents(depth=2)
    #: Images that it can hold, of at least one layer.
    images: ClassVar[SearchStrategy[Image]] = images()

    @abc.abstractmethod
    def flush(self, folder: Path, content: Content) -> None:
        """
        Write content to the place, in place of what it holds.
        """

    @abc.abstractmethod
    def load(self, folder: Path) -> Content:
        """
        Load what was written last.
        """

    def law_gives_back_what_it_was_given(self, data: st.DataObject) -> None:
        """
        load(flush(x)) == x: documents to the byte, and every blob.
        """
        content = data.draw(self.contents)
        with tempfile.TemporaryDirectory() as folder:
            self.flush(Path(folder), content)
            back = self.load(Path(folder))
            assert back == content
            assert type(back) is type(content)
            assert all_bytes(back) == all_bytes(content)

    def law_can_be_read_again_and_again(self, data: st.DataObject) -> None:
        """
        Loading changes nothing, and what is open elsewhere is read from its beginning.
        """
        image = data.draw(self.images)
        with tempfile.TemporaryDirectory() as folder:
            self.flush(Path(folder), image)
            first, second = self.load(Path(folder)), self.load(Path(folder))
            assert first == second == image
            assert isinstance(first, Image)
            for layer in first.layers:
                with layer.blob.open() as one, layer.blob.open() as two:
                    assert one.read(10) == two.read(10)
                    assert one.read() == two.read()


class SinkContract(SourceContract):
    """
    What holds of whatever writes content: all of it is there, or nothing of it.

    A subclass says how it is written, and how it is read by what is trusted.
    """

    def law_the_last_one_counts(self, data: st.DataObject) -> None:
        """
        What is written over other content is whole, whatever the two share.
        """
        first, second = data.draw(self.contents), data.draw(self.contents)
        with tempfile.TemporaryDirectory() as folder:
            self.flush(Path(folder), first)
            self.flush(Path(folder), second)
            back = self.load(Path(folder))
            assert back == second
            assert all_bytes(back) == all_bytes(second)

    def law_lies_are_refused(self, data: st.DataObject) -> None:
        """
        Bytes that are not what their digest says are no part of a place: it raises, and
        holds what it held.
        """
        old, image = data.draw(self.images), data.draw(self.images)
        assume(image.layers and not _shared(old, image))
        with tempfile.TemporaryDirectory() as folder:
            self.flush(Path(folder), old)
            with pytest.raises(Corrupt):
                self.flush(Path(folder), lying(image))
            back = self.load(Path(folder))
            assert back == old
            assert all_bytes(back) == all_bytes(old)


class PlaceContract(SinkContract):
    """
    What holds of every place: it gives back what it was given, or says that it cannot.

    A subclass whose name begins with `Test` is run by pytest:

        class TestMyStore(PlaceContract):
            def flush(self, folder, content):
                my_store(folder).put("x", content)

            def load(self, folder):
                return my_store(folder).get("x")

    Each example has a new folder; a place without files makes what it needs by its name.
    """

    def law_what_was_loaded_can_be_written_back(self, data: st.DataObject) -> None:
        """
        Written again, from itself too, it stays what it is.
        """
        content = data.draw(self.contents)
        with tempfile.TemporaryDirectory() as folder:
            self.flush(Path(folder), content)
            self.flush(Path(folder), self.load(Path(folder)))
            back = self.load(Path(folder))
            assert back == content
            assert all_bytes(back) == all_bytes(content)


def _shared(old: Image, new: Image) -> bool:
    # What a place has already it need not ask for again.
    there: set[object] = {layer.digest for layer in old.layers}
    last: Blob = new.layers[-1].blob
    earlier = {layer.digest for layer in new.layers[:-1]}
    return last.digest in there | earlier or not last.size
