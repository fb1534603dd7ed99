"""
Laws of places, to run against any: subclass the contract, and say how the place is used.

Their parts, in the order in which to read them, and what they find:

================================ ======================================================
`ocikit.testing.contracts_using` how a place is used, and what it says that it can do
``..._documents``                documents written anew; members, children, order lost
``..._reading``                  bytes read once, in one piece, or all at once; files open
``..._damage``                   what is gone or altered, and taken for good
``..._writing``                  what was there, lost; blobs opened in vain; old and new mixed
``..._failing``                  a write that fails, and is seen
================================ ======================================================
"""

from __future__ import annotations

from pathlib import Path

from hypothesis import strategies as st

from ocikit.testing import samples
from ocikit.testing.contracts_damage import Damaged
from ocikit.testing.contracts_documents import Documents, Indexes
from ocikit.testing.contracts_failing import Failing, lying
from ocikit.testing.contracts_reading import Layers, Reading
from ocikit.testing.contracts_using import EVERYTHING, all_bytes
from ocikit.testing.contracts_writing import Writing

__all__ = [
    "EVERYTHING",
    "PlaceContract",
    "SinkContract",
    "SourceContract",
    "all_bytes",
    "lying",
]


class SourceContract(Documents, Indexes, Layers, Reading, Damaged):
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

    def law_gives_back_what_it_was_given(self, data: st.DataObject) -> None:
        """
        load(flush(x)) == x: documents to the byte, and every blob.
        """
        content = data.draw(self.contents)
        with self.place() as folder:
            self.back(folder, content)


class SinkContract(SourceContract, Writing, Failing):
    """
    What holds of whatever writes content: all of it is there, or nothing of it.

    A subclass says how it is written, and how it is read by what is trusted.
    """


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
        with self.place() as folder:
            self.flush(folder, content)
            self.flush(folder, self.load(folder))
            self.found(folder, content)

    def test_from_one_place_to_the_next(self, tmp_path: Path) -> None:
        """
        What was loaded is written elsewhere, and what it came from is needed no more.
        """
        for name in ("a", "b"):
            (tmp_path / name).mkdir()
        self.flush(tmp_path / "a", samples.image("a", "b"))
        self.flush(tmp_path / "b", self.load(tmp_path / "a"))
        self.flush(tmp_path / "a", samples.image("c"))
        self.found(tmp_path / "b", samples.image("a", "b"))
