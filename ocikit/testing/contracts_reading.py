"""
What holds of what is loaded: it opens late, reads in any pieces, and is never wrong.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from hypothesis import strategies as st

from ocikit import media
from ocikit.content.blob import of_bytes
from ocikit.content.build import build_layer
from ocikit.content.compression import Gzip, Plain, Zstd
from ocikit.content.image import Content, Image
from ocikit.content.layer import Layer
from ocikit.content.streams import chunks
from ocikit.digest import Digest
from ocikit.testing import samples
from ocikit.testing.contract import needs
from ocikit.testing.contracts_using import Using, all_bytes, held_open, most_memory

#: A layer that nobody should hold in memory, in bytes.
_LARGE: Final = 6 << 20
#: What a reader may hold of it.
_PIECE: Final = 3 << 20
_THREADS: Final = 8


class Layers(Using):
    """
    Layers come back in their order, each the bytes that it was.
    """

    def test_an_image_of_no_layers(self, tmp_path: Path) -> None:
        """
        Its configuration is there.
        """
        image = self.image(tmp_path, samples.image())
        assert image.layers == ()
        assert image.config_file.os == "linux"

    def test_a_layer_of_no_files(self, tmp_path: Path) -> None:
        """
        An archive that ends at once, as `ADD` of nothing makes it.
        """
        empty = build_layer([bytes(1024)])
        assert self.image(tmp_path, samples.by_hand(empty)).layers[0].digest == empty.digest

    def test_a_layer_of_no_bytes(self, tmp_path: Path) -> None:
        """
        It has a digest, too.
        """
        none = Layer(blob=of_bytes(b"", media.OCI_LAYER), diff_id=Digest.of(b""))
        image = self.image(tmp_path, samples.by_hand(none))
        with image.layers[0].blob.open() as stream:
            assert stream.read() == b""

    def test_one_layer_twice(self, tmp_path: Path) -> None:
        """
        It is listed twice, and one between them once.
        """
        image = self.image(tmp_path, samples.image("a", "b", "a"))
        first, second, third = (layer.digest for layer in image.layers)
        assert first == third != second

    def test_layers_stay_in_their_order(self, tmp_path: Path) -> None:
        """
        More of them than one digit counts; some tools have none above 127.
        """
        image = samples.image(*(f"{number}" for number in range(120)))
        back = self.image(tmp_path, image)
        assert [layer.digest for layer in back.layers] == [each.digest for each in image.layers]

    def test_layers_stay_compressed_as_they_are(self, tmp_path: Path) -> None:
        """
        By gzip, zstd, or not at all.
        """
        layers = [samples.layer("a", compression=each) for each in (Gzip(), Zstd(), Plain())]
        back = self.image(tmp_path, samples.by_hand(*layers))
        assert [layer.media_type for layer in back.layers] == [each.media_type for each in layers]
        assert [samples.data(layer) for layer in back.layers] == [samples.data(x) for x in layers]

    def test_diff_ids_are_of_what_layers_unpack_to(self, tmp_path: Path) -> None:
        """
        Each of its own layer.
        """
        for layer in self.image(tmp_path, samples.image("a", "b", "c")).layers:
            with layer.uncompressed() as stream:
                assert Digest.of(stream.read()) == layer.diff_id

    def test_folders_have_any_name(self, tmp_path: Path) -> None:
        """
        A place may be in a folder whose name means something elsewhere.
        """
        folder = tmp_path / "é %41 #x? a:b"
        folder.mkdir()
        self.back(folder, samples.image("a"))

    def test_places_do_not_mix(self, tmp_path: Path) -> None:
        """
        Each folder has its own.
        """
        for name in ("a", "b"):
            (tmp_path / name).mkdir()
            self.flush(tmp_path / name, samples.image(name))
        self.found(tmp_path / "a", samples.image("a"))
        self.found(tmp_path / "b", samples.image("b"))


class Reading(Using):
    """
    What is loaded can be opened when and as often as anyone likes.
    """

    def law_can_be_read_again_and_again(self, data: st.DataObject) -> None:
        """
        Loading changes nothing, and what is open elsewhere is read from its beginning.
        """
        image = data.draw(self.images)
        with self.place() as folder:
            self.flush(folder, image)
            first, second = self.load(folder), self.load(folder)
            assert first == second == image
            assert isinstance(first, Image)
            for layer in first.layers:
                with layer.blob.open() as one, layer.blob.open() as two:
                    assert one.read(10) == two.read(10)
                    assert one.read() == two.read()

    def test_in_pieces_of_any_size(self, tmp_path: Path) -> None:
        """
        Of one byte, and of more than there is; a piece of nothing is no end.
        """
        layer = self.image(tmp_path, samples.image("a")).layers[0]
        whole = samples.data(samples.layer("a"))
        for size in (1, 7, len(whole), 10 * len(whole)):
            with layer.blob.open() as stream:
                assert stream.read(0) == b""
                assert b"".join(chunks(stream, size)) == whole

    def test_into_a_buffer(self, tmp_path: Path) -> None:
        """
        What is beyond what was read stays as it was.
        """
        layer = self.image(tmp_path, samples.image("a")).layers[0]
        whole = samples.data(samples.layer("a"))
        buffer = bytearray(b"\xaa" * (len(whole) + 8))
        with layer.blob.open() as stream:
            count = 0
            while got := stream.readinto(memoryview(buffer)[count : len(whole)]):
                count += got
        assert (bytes(buffer[:count]), bytes(buffer[count:])) == (whole, b"\xaa" * 8)

    def test_the_end_stays_the_end(self, tmp_path: Path) -> None:
        """
        Who asks again is told nothing again.
        """
        layer = self.image(tmp_path, samples.image("a")).layers[0]
        with layer.blob.open() as stream:
            stream.read()
            assert (stream.read(), stream.read(5), stream.readinto(bytearray(3))) == (b"", b"", 0)

    def test_many_are_open_at_once(self, tmp_path: Path) -> None:
        """
        Read in turn, a few bytes of each, they do not mix.
        """
        image = samples.image("a", "b", "c", "a")
        back = self.image(tmp_path, image)
        streams = [layer.blob.open() for layer in back.layers]
        read = [b""] * len(streams)
        while any(pieces := [stream.read(11) for stream in streams]):
            read = [old + piece for old, piece in zip(read, pieces, strict=True)]
        for stream in streams:
            stream.close()
        assert read == [samples.data(layer) for layer in image.layers]

    def test_threads_read_at_once(self, tmp_path: Path) -> None:
        """
        Of one loaded image, and each of its own.
        """
        content = samples.image(*"abcdef")
        back, expected = self.back(tmp_path, content), all_bytes(content)

        def read(number: int) -> bool:
            return all_bytes(self.load(tmp_path) if number % 2 else back) == expected

        with ThreadPoolExecutor(_THREADS) as pool:
            assert all(pool.map(read, range(2 * _THREADS)))

    def test_what_was_read_is_closed(self, tmp_path: Path) -> None:
        """
        A reader that ends leaves nothing open.
        """
        back = self.back(tmp_path, samples.image("a", "b"))
        self._leaves_nothing_open(lambda: all_bytes(back))

    def test_who_stops_early_closes_all(self, tmp_path: Path) -> None:
        """
        Before the first byte, or amid the blob.
        """
        layer = self.image(tmp_path, samples.image("a")).layers[0]

        def stop() -> None:
            for size in (0, 10):
                with layer.blob.open() as stream:
                    stream.read(size)

        self._leaves_nothing_open(stop)

    def test_loading_leaves_nothing_open(self, tmp_path: Path) -> None:
        """
        Who loads a thousand images and reads none must not run out of files.
        """
        self.flush(tmp_path, samples.image("a", "b"))
        kept: list[Content] = []
        self._leaves_nothing_open(lambda: kept.append(self.load(tmp_path)))

    def test_a_large_layer_is_read_in_pieces(self, tmp_path: Path) -> None:
        """
        Who reads it holds a piece of it in memory, and not the whole.
        """
        self.flush(tmp_path, samples.large(_LARGE))

        def read() -> None:
            loaded = self.load(tmp_path)
            assert isinstance(loaded, Image)
            with loaded.layers[0].blob.open() as stream:
                assert sum(map(len, chunks(stream, 1 << 16))) == _LARGE

        # What is imported late is no part of it.
        self.load(tmp_path)
        # What other threads do meanwhile counts, and does not come each time.
        assert min(most_memory(read) for _ in range(3)) < _PIECE

    def test_equal_content_is_equal(self, tmp_path: Path) -> None:
        """
        And has one hash: what was loaded twice is one in a set.
        """
        self.flush(tmp_path, samples.image("a"))
        first, second = self.load(tmp_path), self.load(tmp_path)
        assert {first, second} == {samples.image("a")}
        assert first != samples.image("b")

    @needs("pickles")
    def test_what_was_loaded_travels(self, tmp_path: Path) -> None:
        """
        It pickles without the bytes of its layers, and reads the same elsewhere.
        """
        content = samples.large(1 << 18)
        sent = pickle.dumps(self.back(tmp_path, content))
        assert len(sent) < 1 << 17
        found = pickle.loads(sent)  # noqa: S301 - written just now
        assert found == content
        assert all_bytes(found) == all_bytes(content)

    def _leaves_nothing_open(self, act: Callable[[], object]) -> None:
        # The first time may open what stays open for all, such as a connection.
        act()
        before = held_open()
        act()
        act()
        assert held_open() <= before
