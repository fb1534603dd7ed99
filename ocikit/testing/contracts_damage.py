"""
What holds of a place whose content is damaged: it is told, and never taken for good.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ocikit.content.blob import Blob, of_bytes
from ocikit.content.image import Content, Image, Index
from ocikit.content.layer import Layer
from ocikit.content.streams import Stream, chunks
from ocikit.errors import Corrupt
from ocikit.testing import samples
from ocikit.testing.contract import needs
from ocikit.testing.contracts_using import Using


class Damaged(Using):
    """
    What is gone or altered is told, and never given as if it were good.
    """

    @needs("damage")
    def test_a_flipped_bit_is_found(self, tmp_path: Path) -> None:
        """
        The size is right, and the bytes are not.
        """
        layer = self._layer(tmp_path, lambda good: good[:-1] + bytes([good[-1] ^ 1]))
        with pytest.raises(Corrupt, match=_named(layer)):
            _read(layer)

    @needs("damage")
    def test_a_blob_that_ends_early_is_found(self, tmp_path: Path) -> None:
        """
        Also where it is read in small pieces.
        """
        layer = self._layer(tmp_path, lambda good: good[:-5])
        with pytest.raises(self.cut):
            _read(layer)

    @needs("damage")
    def test_a_blob_that_goes_on_is_found(self, tmp_path: Path) -> None:
        """
        What is right so far, and then more.
        """
        layer = self._layer(tmp_path, lambda good: good + b"x")
        with pytest.raises(Corrupt):
            _read(layer)

    @needs("damage")
    def test_no_piece_makes_a_wrong_blob_whole(self, tmp_path: Path) -> None:
        """
        Who reads piece by piece is told before there are as many bytes as there should be.
        """
        layer = self._layer(tmp_path, lambda good: bytes([good[0] ^ 1]) + good[1:])
        count = 0
        with layer.blob.open() as stream:
            while (piece := _piece(stream)) is not None:
                count += len(piece)
        assert count < layer.size

    @needs("damage")
    def test_another_blob_in_its_place_is_found(self, tmp_path: Path) -> None:
        """
        Bytes that are good, but not these.
        """
        layer = self._layer(tmp_path, lambda _: samples.data(samples.layer("b")))
        with pytest.raises(Corrupt):
            _read(layer)

    @needs("damage")
    def test_a_layer_that_is_gone_is_missing(self, tmp_path: Path) -> None:
        """
        It says which.
        """
        layer = samples.layer("a")
        with pytest.raises(self.gone, match=_named(layer)):
            _read(self._layer(tmp_path, lambda _: None))

    @needs("damage")
    def test_what_is_whole_is_read_beside_it(self, tmp_path: Path) -> None:
        """
        One bad layer is no reason to give up the others.
        """
        image = samples.image("a", "b")
        self.flush(tmp_path, image)
        self.damage(tmp_path, image.layers[0].blob, b"bad")
        found = self.load(tmp_path)
        assert isinstance(found, Image)
        assert samples.data(found.layers[1]) == samples.data(image.layers[1])

    @needs("damage")
    def test_loading_opens_no_layer(self, tmp_path: Path) -> None:
        """
        Images whose layers are bad load, print, compare, and say what they are run with.
        """
        image = samples.image("a", "b")
        self.flush(tmp_path, image)
        for layer in image.layers:
            self.damage(tmp_path, layer.blob, bytes(layer.size))
        found = self.load(tmp_path)
        assert isinstance(found, Image)
        assert (found, found.config_file) == (image, image.config_file)
        assert [each.diff_id for each in found.layers] == [each.diff_id for each in image.layers]
        assert repr(found)

    @needs("damage")
    def test_a_damaged_configuration_is_found(self, tmp_path: Path) -> None:
        """
        Nobody runs what it says.
        """
        self._config(tmp_path, lambda good: good.replace(b"linux", b"sunos"))
        with pytest.raises(Corrupt):
            _parsed(self.load(tmp_path))

    @needs("damage")
    def test_a_configuration_that_is_gone_is_missing(self, tmp_path: Path) -> None:
        """
        It says which.
        """
        config = self._config(tmp_path, lambda _: None)
        with pytest.raises(self.gone, match=config.digest.hex[:12]):
            _parsed(self.load(tmp_path))

    @needs("damage", "indexes")
    def test_a_damaged_child_is_found(self, tmp_path: Path) -> None:
        """
        The index loads, and the other child is whole.
        """
        index = self._index(tmp_path, lambda good: good.replace(b"sha256", b"sha512"))
        assert index.children[1].content == samples.image("b")
        with pytest.raises(Corrupt):
            _ = index.children[0].content

    @needs("damage", "indexes")
    def test_a_child_that_is_gone_is_missing(self, tmp_path: Path) -> None:
        """
        Indexes of some of their platforms load, and say which they have not.
        """
        index = self._index(tmp_path, lambda _: None)
        with pytest.raises(self.gone, match=samples.image("a").digest.hex[:12]):
            _ = index.children[0].content

    def _layer(self, folder: Path, change: Callable[[bytes], bytes | None]) -> Layer:
        image = samples.image("a")
        self.flush(folder, image)
        self.damage(folder, image.layers[0].blob, change(samples.data(image.layers[0])))
        found = self.load(folder)
        assert isinstance(found, Image)
        return found.layers[0]

    def _config(self, folder: Path, change: Callable[[bytes], bytes | None]) -> Blob:
        image = samples.image("a")
        self.flush(folder, image)
        self.damage(folder, image.config, change(image.config.content))
        return image.config

    def _index(self, folder: Path, change: Callable[[bytes], bytes | None]) -> Index:
        image = samples.image("a")
        self.flush(folder, samples.index(image, samples.image("b")))
        document = of_bytes(image.document.raw, image.media_type)
        self.damage(folder, document, change(image.document.raw))
        found = self.load(folder)
        assert isinstance(found, Index)
        return found


def _read(layer: Layer) -> None:
    with layer.blob.open() as stream:
        for _ in chunks(stream, 50):
            pass


def _parsed(content: Content) -> None:
    assert isinstance(content, Image)
    assert content.config_file


def _named(layer: Layer) -> str:
    return layer.digest.hex[:12]


def _piece(stream: Stream) -> bytes | None:
    """
    Read a little more; None where it is told that it was wrong.
    """
    try:
        piece = stream.read(16)
    except Corrupt:
        return None
    assert piece, "what is wrong ended as if it were right"
    return piece
