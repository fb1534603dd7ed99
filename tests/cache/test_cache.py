"""
The cache: what it keeps, how much, and that nothing wrong ever comes out of it.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path
from random import Random

import attrs
import pytest

from ocikit import cache, layout
from ocikit._records import evolve
from ocikit.cache import Cache, CachedOpener, cached
from ocikit.content import synthetic
from ocikit.content.blob import Blob, of_bytes
from ocikit.content.image import Image, Index
from ocikit.content.streams import Stream
from ocikit.errors import Corrupt, Unreachable
from ocikit.progress import Event, Update
from ocikit.testing.disk import run
from ocikit.testing.refusing import Counting


def _blob(data: bytes, folder: Path, limit: int = 1 << 20) -> tuple[Blob, Counting]:
    source = Counting(data)
    plain = of_bytes(data, "application/octet-stream")
    opener = CachedOpener(source, Cache(folder, limit), plain.descriptor)
    return evolve(plain, opener=opener), source


def _read(blob: Blob) -> bytes:
    with blob.open() as stream:
        return stream.read()


def test_what_was_read_once_is_not_asked_for_again(tmp_path: Path) -> None:
    """
    The second time it comes from the folder, which is for its owner alone.
    """
    blob, source = _blob(b"hello", tmp_path / "a/cache")
    assert (_read(blob), _read(blob), source.opened) == (b"hello", b"hello", 1)
    path = tmp_path / "a/cache/sha256" / blob.digest.hex
    assert path.read_bytes() == b"hello"
    assert (tmp_path / "a/cache").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "a/cache/CACHEDIR.TAG").read_bytes().startswith(b"Signature: 8a477f5")


@pytest.mark.parametrize("damage", [b"", b"hellO", b"hello!", None])
def test_a_damaged_file_is_fetched_anew(tmp_path: Path, damage: bytes | None) -> None:
    """
    Cut, altered or made a link: it is not believed, and put right.
    """
    blob, source = _blob(b"hello", tmp_path)
    _read(blob)
    path = tmp_path / "sha256" / blob.digest.hex
    if damage is None:
        path.unlink()
        path.symlink_to("/etc/passwd")
    else:
        path.write_bytes(damage)
    assert (_read(blob), source.opened) == (b"hello", 2)
    assert not path.is_symlink()
    assert path.read_bytes() == b"hello"


def test_a_source_that_lies_is_not_kept(tmp_path: Path) -> None:
    """
    Nothing gets in that is not what its digest says.
    """
    blob, _ = _blob(b"hello", tmp_path)
    opener = CachedOpener(Counting(b"hullo"), Cache(tmp_path), blob.descriptor)
    with pytest.raises(Corrupt):
        _read(evolve(blob, opener=opener))
    assert os.listdir(tmp_path / "sha256") == []
    assert _read(blob) == b"hello"


def test_what_was_used_longest_ago_goes(tmp_path: Path) -> None:
    """
    The folder is never larger than its limit, and what is larger is not kept at all.
    """
    made = [_blob(bytes([number]) * 100, tmp_path, limit=250) for number in range(3)]
    for number, (blob, _) in enumerate(made[:2]):
        _read(blob)
        os.utime(tmp_path / "sha256" / blob.digest.hex, (number, number))
    _read(made[0][0])
    _read(made[2][0])
    assert [entry.digest for entry in cache.entries(Cache(tmp_path))] == [
        made[0][0].digest,
        made[2][0].digest,
    ]
    large, source = _blob(bytes(300), tmp_path, limit=250)
    assert (_read(large), _read(large), source.opened) == (bytes(300), bytes(300), 2)


def test_a_reader_keeps_what_goes(tmp_path: Path) -> None:
    """
    What is deleted while someone reads it stays whole to them.
    """
    blob, _ = _blob(b"hello", tmp_path)
    _read(blob)
    with blob.open() as stream:
        assert [entry.digest for entry in cache.clear(Cache(tmp_path))] == [blob.digest]
        assert stream.read() == b"hello"
    assert cache.entries(Cache(tmp_path)) == ()


def test_a_cache_that_cannot_be_written_to(tmp_path: Path) -> None:
    """
    It is no reason to fail: content comes from where it is.
    """
    (tmp_path / "file").touch()
    blob, source = _blob(b"hello", tmp_path / "file")
    assert (_read(blob), _read(blob), source.opened) == (b"hello", b"hello", 2)
    assert cache.entries(Cache(tmp_path / "none")) == ()
    assert cache.clear(Cache(tmp_path / "none")) == ()


def test_a_source_that_fails_says_so(tmp_path: Path) -> None:
    """
    What it raises comes through, and is asked for anew the next time.
    """

    @attrs.define
    class Down:
        def open(self) -> Stream:
            raise Unreachable("cable")

    blob, _ = _blob(b"hello", tmp_path)
    with pytest.raises(Unreachable):
        _read(evolve(blob, opener=CachedOpener(Down(), Cache(tmp_path), blob.descriptor)))
    assert _read(blob) == b"hello"


def test_images_and_indexes(tmp_path: Path) -> None:
    """
    Content stays equal to what it was, children and all; then its source is not needed.
    """
    index = synthetic.index(Random(1))
    layout.flush(tmp_path / "out", index, reference="v1")
    kept = cached(layout.load(tmp_path / "out", "v1"), Cache(tmp_path / "cache"))
    assert isinstance(kept, Index)
    assert kept == index
    images = [child.content for child in kept.children]
    assert images == [child.content for child in index.children]
    for image in images:
        assert isinstance(image, Image)
        for blob in (image.config, *(layer.blob for layer in image.layers)):
            _read(blob)
    (tmp_path / "out").rename(tmp_path / "gone")
    for image in images:
        assert isinstance(image, Image)
        assert [layer.diff_id for layer in image.layers]
    assert pickle.loads(pickle.dumps(kept)) == kept
    assert "CachedOpener" in repr(images[0])


def test_progress_is_told_once(tmp_path: Path) -> None:
    """
    Bytes that come into the cache and go on from there moved once, as a person sees it.
    """
    image = synthetic.image(Random(1), layers=1, size=5000)
    layout.flush(tmp_path / "a", image, reference="v1")
    for target in ("b", "c"):
        seen: list[Update] = []
        kept = cached(layout.load(tmp_path / "a", "v1"), Cache(tmp_path / "cache"))
        layout.flush(tmp_path / target, kept, reference="v1", report=seen.append)
        moved = sum(update.bytes for update in seen if update.event is Event.MOVED)
        assert moved == sum(update.bytes for update in seen if update.event is Event.PLANNED)
        assert layout.load(tmp_path / target, "v1") == image


def test_prune_deletes_what_is_damaged(tmp_path: Path) -> None:
    """
    When asked to look; and leaves alone what is no part of a cache.
    """
    blobs = [_blob(data, tmp_path)[0] for data in (b"one", b"two")]
    for blob in blobs:
        _read(blob)
    (tmp_path / "sha256" / blobs[0].digest.hex).write_bytes(b"onE")
    (tmp_path / "sha256/dead.77-0.part").touch()
    (tmp_path / "notes").touch()
    assert cache.prune(Cache(tmp_path)) == ()
    gone = cache.prune(Cache(tmp_path), check=True)
    assert [entry.digest for entry in gone] == [blobs[0].digest]
    assert os.listdir(tmp_path / "sha256") == [blobs[1].digest.hex]
    assert (tmp_path / "notes").exists()


@pytest.mark.parametrize("damaged", [False, True])
def test_what_the_disk_keeps_is_not_told_as_gone(tmp_path: Path, damaged: bool) -> None:
    """
    A file that cannot be deleted stays; the limit is kept all the same, by what came later.
    """
    blobs = [_blob(data, tmp_path / "cache")[0] for data in (b"one", b"two")]
    for at, blob in enumerate(blobs):
        _read(blob)
        os.utime(tmp_path / "cache/sha256" / blob.digest.hex, (at, at))
    first = tmp_path / "cache/sha256" / blobs[0].digest.hex
    first.write_bytes(b"onE" if damaged else b"one")
    os.utime(first, (0, 0))

    def act() -> None:
        gone = cache.prune(Cache(tmp_path / "cache"), 100 if damaged else 3, check=damaged)
        assert [entry.digest for entry in gone] == ([] if damaged else [blobs[1].digest])

    ran = run(act, tmp_path / "calls", "fail", 0)
    assert (ran.status, ran.calls[0]) == (0, ("failed",))
    assert first.exists()


def test_many_processes_share_it(tmp_path: Path) -> None:
    """
    Each reads the same and its own, in a cache that is too small for all of it: everyone
    gets the right bytes, and the limit holds.
    """
    code = (
        "import sys\nfrom ocikit.cache import Cache, CachedOpener\n"
        "from ocikit.content.blob import of_bytes\n"
        "cache = Cache(sys.argv[1], 4000)\n"
        "for n in range(40):\n"
        "    for seed in (n % 7, int(sys.argv[2]) * 100 + n):\n"
        "        plain = of_bytes(bytes(str(seed), 'ascii') * 200, 'x/y')\n"
        "        opener = CachedOpener(plain.opener, cache, plain.descriptor)\n"
        "        assert opener.open().read() == plain.opener.data\n"
    )
    argv = [sys.executable, "-c", code, str(tmp_path)]
    running = [subprocess.Popen([*argv, str(worker)]) for worker in range(6)]
    assert [process.wait() for process in running] == [0] * 6
    there = cache.entries(Cache(tmp_path))
    assert 0 < sum(entry.size for entry in there) <= 4000
    assert cache.prune(Cache(tmp_path), 4000, check=True) == ()
