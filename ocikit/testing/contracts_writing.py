"""
What holds of whatever writes content: all of it is there, and no more was done than needed.
"""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final

from hypothesis import strategies as st

from ocikit import media
from ocikit._records import evolve
from ocikit.content.streams import Opener
from ocikit.errors import OciError
from ocikit.query.plan import plan
from ocikit.testing import samples
from ocikit.testing.breaking import FailingOpener, Ledger, SlowOpener, counted, through
from ocikit.testing.contract import needs
from ocikit.testing.contracts_using import Using, all_bytes, held_open, most_memory, names

#: A layer that nobody should hold in memory, in bytes, and how much of it one may.
_LARGE: Final = 6 << 20
_PIECE: Final = 3 << 20
_WRITERS: Final = 4


class Writing(Using):
    """
    What was written last is there, whole, and written with as little as it takes.
    """

    def law_the_last_one_counts(self, data: st.DataObject) -> None:
        """
        What is written over other content is whole, whatever the two share.
        """
        first, second = data.draw(self.contents), data.draw(self.contents)
        with self.place() as folder:
            self.flush(folder, first)
            self.back(folder, second)

    def test_less_after_more(self, tmp_path: Path) -> None:
        """
        Nothing of what was there before shines through.
        """
        self.back(tmp_path, samples.image(*"abcde"))
        self.back(tmp_path, samples.image("e"))
        self.back(tmp_path, samples.image())

    def test_an_old_layer_in_another_order(self, tmp_path: Path) -> None:
        """
        All blobs are there already, and the image is new.
        """
        self.back(tmp_path, samples.image("a", "b", "c"))
        self.back(tmp_path, samples.image("c", "b", "a"))

    @needs("indexes")
    def test_one_kind_in_the_place_of_another(self, tmp_path: Path) -> None:
        """
        An index after an image, and an image after an index.
        """
        image = samples.image("a")
        for content in (image, samples.index(image, samples.image("b")), image, samples.nested(2)):
            self.back(tmp_path, content)

    def test_one_blob_of_two_types(self, tmp_path: Path) -> None:
        """
        Bytes that are there under one media type may come under another.
        """
        layer = samples.layer("a")
        kind = media.DOCKER_LAYER_GZIP
        named = evolve(layer.blob, descriptor=evolve(layer.descriptor, media_type=kind))
        self.back(tmp_path, samples.by_hand(layer))
        image = self.image(tmp_path, samples.by_hand(evolve(layer, blob=named)))
        assert image.layers[0].media_type == kind

    def test_written_twice_is_written_once(self, tmp_path: Path) -> None:
        """
        The second time changes nothing, and adds no file.
        """
        self.flush(tmp_path, samples.image("a", "b"))
        before = names(tmp_path)
        self.back(tmp_path, samples.image("a", "b"))
        assert names(tmp_path) == before

    def test_each_blob_is_opened_once(self, tmp_path: Path) -> None:
        """
        Opening may be a download, or a layer that is made only then.
        """
        ledger = Ledger()
        self.flush(tmp_path, counted(samples.image("a", "b", "c"), ledger))
        assert len(ledger.opened) == len(set(ledger.opened))

    def test_a_layer_that_is_listed_twice_is_opened_once(self, tmp_path: Path) -> None:
        """
        As often as there is something to write.
        """
        ledger = Ledger()
        self.flush(tmp_path, counted(samples.image("a", "b", "a"), ledger))
        assert len(ledger.opened) == len(set(ledger.opened))

    @needs("indexes")
    def test_what_children_share_is_opened_once(self, tmp_path: Path) -> None:
        """
        A base that all platforms have is written once.
        """
        index = samples.index(samples.image("base", "a"), samples.image("base", "b"))
        ledger = Ledger()
        self.flush(tmp_path, counted(index, ledger))
        assert len(ledger.opened) == len(set(ledger.opened))

    @needs("saves")
    def test_what_is_there_is_not_opened(self, tmp_path: Path) -> None:
        """
        Who writes an image again need not fetch it again.
        """
        image, ledger = samples.image("a", "b"), Ledger()
        self.flush(tmp_path, image)
        self.flush(tmp_path, counted(image, ledger))
        assert ledger.opened == []

    @needs("saves")
    def test_a_base_that_is_there_is_not_opened(self, tmp_path: Path) -> None:
        """
        Of an image that has one layer more, that layer and the configuration are.
        """
        ledger = Ledger()
        self.flush(tmp_path, samples.image("a", "b"))
        new = samples.image("a", "b", "c")
        self.flush(tmp_path, counted(new, ledger))
        assert set(ledger.opened) == {str(new.layers[2].digest), str(new.config.digest)}

    def test_all_that_was_opened_is_closed(self, tmp_path: Path) -> None:
        """
        A connection that is not closed is one less for others.
        """
        ledger = Ledger()
        self.flush(tmp_path, counted(samples.image("a", "b"), ledger))
        assert ledger.now == 0

    def test_writing_leaves_nothing_open(self, tmp_path: Path) -> None:
        """
        No file, and no lock.
        """
        self.flush(tmp_path, samples.image("a"))
        before = held_open()
        for name in ("b", "c"):
            self.flush(tmp_path, samples.image(name))
        assert held_open() <= before

    def test_readers_that_give_little_at_a_time(self, tmp_path: Path) -> None:
        """
        A read that gives less than was asked for is no end; no file is left of it.
        """
        (tmp_path / "a").mkdir()
        (tmp_path / "b").mkdir()
        image = samples.image("a", "b")
        self.back(tmp_path / "a", image)
        self.back(tmp_path / "b", through(image, lambda blob: SlowOpener(blob.opener)))
        assert names(tmp_path / "a") == names(tmp_path / "b")

    @needs("streams")
    def test_a_large_layer_is_not_held_in_memory(self, tmp_path: Path) -> None:
        """
        It passes through in pieces.
        """
        image = samples.large(_LARGE)
        # What is imported late is no part of it. What other threads do meanwhile counts,
        # and does not come each time.
        held = []
        for name in "abc":
            (tmp_path / name).mkdir()
            self.flush(tmp_path / name, samples.image("a"))
            held.append(most_memory(partial(self.flush, tmp_path / name, image)))
            self.found(tmp_path / name, image)
        assert min(held) < _PIECE

    @needs("documents")
    def test_what_lies_in_a_descriptor_is_not_opened(self, tmp_path: Path) -> None:
        """
        Its `data` is the blob.
        """
        config = samples.config_of()
        inline = base64.b64encode(config).decode()
        listed = samples.described(config, media.OCI_CONFIG, data=inline)
        written = {**samples.manifest(), "config": listed}
        content = samples.document(written, media.OCI_MANIFEST, [config])
        self.flush(tmp_path, through(content, lambda _: FailingOpener(AssertionError)))
        self.found(tmp_path, content)

    def test_what_is_written_stays_as_it_was(self, tmp_path: Path) -> None:
        """
        Its document, its openers, and its bytes are the caller's.
        """
        image = samples.image("a", "b")
        raw, blobs = image.document.raw, plan(image).blobs
        openers: list[Opener] = [blob.opener for blob in blobs]
        expected = all_bytes(image)
        self.flush(tmp_path, image)
        assert image.document.raw == raw
        assert [blob.opener for blob in plan(image).blobs] == openers
        assert all_bytes(image) == expected

    @needs("damage", "mends")
    def test_what_was_altered_is_put_right(self, tmp_path: Path) -> None:
        """
        A blob of the right name and size is not trusted.
        """
        self._mended(tmp_path, lambda size: bytes(size))

    @needs("damage", "mends")
    def test_what_was_cut_is_put_right(self, tmp_path: Path) -> None:
        """
        As a power cut leaves it.
        """
        self._mended(tmp_path, lambda size: b"")

    @needs("damage", "mends")
    def test_what_is_gone_is_put_back(self, tmp_path: Path) -> None:
        """
        All of an image is written, not only what is new.
        """
        self._mended(tmp_path, lambda size: None)

    def test_who_reads_goes_on_reading(self, tmp_path: Path) -> None:
        """
        What was opened before something else was written is whole, or an error says why not.
        """
        first = samples.image("a", "b")
        back = self.image(tmp_path, first)
        whole = samples.data(first.layers[0])
        with back.layers[0].blob.open() as stream:
            begun = stream.read(10)
            self.flush(tmp_path, samples.image("c"))
            assert begun + _rest(stream.read) in (whole, begun + _FAILED)

    def test_what_was_loaded_is_never_another(self, tmp_path: Path) -> None:
        """
        Opened after something else was written, it is what it was, or an error.
        """
        old, new = samples.image("a", "b"), samples.image("c", "d")
        back = self.image(tmp_path, old)
        self.flush(tmp_path, new)
        for blob in plan(back).blobs:
            try:
                with blob.open() as stream:
                    found = stream.read()
            except OciError:
                continue
            assert found == all_bytes(old)[str(blob.digest)]
        assert back == old

    def test_threads_write_the_same(self, tmp_path: Path) -> None:
        """
        At once, and all of them get through.
        """
        image = samples.image("a", "b", "c")
        with ThreadPoolExecutor(_WRITERS) as pool:
            list(pool.map(lambda _: self.flush(tmp_path, image), range(2 * _WRITERS)))
        self.found(tmp_path, image)

    def test_of_threads_that_differ_one_counts(self, tmp_path: Path) -> None:
        """
        Whichever was last is there, and whole.
        """
        images = [samples.image("base", str(number)) for number in range(_WRITERS)]
        with ThreadPoolExecutor(_WRITERS) as pool:
            list(pool.map(lambda image: self.flush(tmp_path, image), images))
        found = self.load(tmp_path)
        assert found in images
        self.found(tmp_path, images[images.index(found)])

    def test_who_reads_meanwhile_sees_old_or_new(self, tmp_path: Path) -> None:
        """
        Never a part of each; an error where the one goes while it is looked for.
        """
        both = [samples.image("a", "b"), samples.image("c")]
        self.flush(tmp_path, both[0])

        def write(_: int) -> bool:
            for image in (*reversed(both), *reversed(both)):
                self.flush(tmp_path, image)
            return True

        def read(_: int) -> bool:
            for _ in range(6):
                with contextlib.suppress(OciError):
                    found = self.load(tmp_path)
                    assert found in both
                    assert all_bytes(found) == all_bytes(both[found == both[1]])
            return True

        with ThreadPoolExecutor(2) as pool:
            done = [pool.submit(write, 0), pool.submit(read, 0)]
            assert all(each.result() for each in done)

    def _mended(self, folder: Path, bad: Callable[[int], bytes | None]) -> None:
        image = samples.image("a", "b")
        self.flush(folder, image)
        for blob in (image.layers[0].blob, image.config):
            self.damage(folder, blob, bad(blob.size))
        self.back(folder, image)


#: What stands for the rest of a stream that failed.
_FAILED: Final = b"(failed)"


def _rest(read: Callable[[], bytes]) -> bytes:
    try:
        return read()
    except OciError:
        return _FAILED
