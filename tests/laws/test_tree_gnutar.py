"""
GNU tar, Python's tarfile and we read each other's archives, and find the same in them.
"""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocikit.content.layer import Layer
from ocikit.files.extraction import extract
from ocikit.files.layer import layer
from ocikit.files.repack import difference
from ocikit.tree.tarheader import END
from tests.files.places import ROOT, as_layer, seen
from tests.tree.archives import by_reader

TAR: Final = "tar"

pytestmark = [
    pytest.mark.skipif(not ROOT, reason="only root gives files away"),
    pytest.mark.usefixtures("gnu_tar"),
]


@attrs.frozen
class Form:
    """
    A form in which GNU tar writes archives, and what it has room for.
    """

    options: tuple[str, ...]
    longest: int = 300
    largest_id: int = 2**31
    special: bool = True
    any_time: bool = True
    fine: bool = True
    xattrs: bool = False


_PAX: Final = ("--format=pax", "--xattrs", "--xattrs-include=*")
FORMS: Final = {
    "v7": Form(("--format=v7",), 40, 2**21 - 1, special=False, any_time=False),
    "ustar": Form(("--format=ustar",), 90, 2**21 - 1, any_time=False),
    "oldgnu": Form(("--format=oldgnu",)),
    "gnu": Form(("--format=gnu",)),
    "gnu sparse": Form(("--format=gnu", "--sparse")),
    "oldgnu sparse": Form(("--format=oldgnu", "--sparse", "--hole-detection=raw")),
    "pax": Form(_PAX, xattrs=True),
    "pax sparse 0.0": Form((*_PAX, "--sparse", "--sparse-version=0.0"), xattrs=True),
    "pax sparse 0.1": Form((*_PAX, "--sparse", "--sparse-version=0.1"), xattrs=True),
    "pax sparse 1.0": Form((*_PAX, "--sparse", "--sparse-version=1.0"), xattrs=True),
}


@attrs.frozen
class Thing:
    """
    Something to be made on disk.
    """

    kind: str
    name: bytes
    inside: int
    segments: tuple[tuple[int, bytes], ...]
    target: bytes
    mode: int
    owner: tuple[int, int]
    time: int
    xattrs: dict[str, bytes]


def things(form: Form) -> st.SearchStrategy[list[Thing]]:
    """
    Draw what there is room for.
    """
    letters = st.binary(min_size=1, max_size=12) | st.just("ä→".encode()) | st.just(b"a b\n'\\*?")
    long = st.integers(1, min(form.longest, 250)).map(lambda size: b"l" * size)
    names = (letters | long).map(_as_name).filter(bool)
    second = 10**9
    times = st.integers(0, 2**31) | st.just(2**33 - 1)
    if form.any_time:
        times = times | st.integers(-(2**30), 2**35)
    parts = st.sampled_from([0, 1, 123_456_789] if form.fine else [0])
    kinds = ["file", "file", "file", "folder", "folder", "link", "symlink"]
    ids = st.integers(0, 5) | st.integers(0, form.largest_id)
    value = st.binary(max_size=30)
    return st.lists(
        st.builds(
            Thing,
            kind=st.sampled_from([*kinds, "fifo", "char"] if form.special else kinds),
            name=names,
            inside=st.integers(0, 6),
            segments=st.lists(
                st.tuples(st.sampled_from([0, 10, 100_000]), st.binary(max_size=1500)), max_size=3
            ).map(tuple),
            target=st.binary(min_size=1, max_size=min(form.longest, 200))
            .map(_as_name)
            .filter(bool),
            mode=st.integers(0, 0o7777),
            owner=st.tuples(ids, ids),
            time=st.builds(lambda whole, part: whole * second + part, times, parts),
            xattrs=st.dictionaries(st.sampled_from(["user.a", "trusted.b=c"]), value)
            if form.xattrs
            else st.just({}),
        ),
        max_size=8,
    )


def _as_name(drawn: bytes) -> bytes:
    name = drawn.replace(b"/", b"-").replace(b"\0", b"-")
    return b"" if name in (b".", b"..") or name.startswith(b".wh.") else name


@contextmanager
def folder_of(drawn: list[Thing]) -> Iterator[Path]:
    """
    Make them, each in one of the folders so far.
    """
    with tempfile.TemporaryDirectory() as made:
        root = os.fsencode(made) + b"/tree"
        os.mkdir(root)
        folders, files, done = [root], [], []
        for thing in drawn:
            parent = folders[thing.inside % len(folders)]
            path = parent + b"/" + thing.name
            if os.path.lexists(path) or len(path) - len(root) > 900:
                continue
            if thing.kind == "folder":
                os.mkdir(path)
                folders.append(path)
            elif thing.kind == "file":
                _write(path, thing.segments)
                files.append(path)
            elif thing.kind == "link":
                if files:
                    os.link(files[thing.inside % len(files)], path)
                continue
            elif thing.kind == "symlink":
                os.symlink(thing.target, path)
            elif thing.kind == "fifo":
                os.mkfifo(path)
            else:
                os.mknod(path, 0o20600, os.makedev(thing.inside, thing.mode))
            done.append((path, thing))
        for path, thing in reversed(done):
            _set(path, thing)
        os.utime(root, (0, 0))
        yield Path(os.fsdecode(root))


def _write(path: bytes, segments: tuple[tuple[int, bytes], ...]) -> None:
    with open(path, "wb") as file:
        for gap, data in segments:
            file.seek(gap, os.SEEK_CUR)
            file.write(data)
        file.truncate()


def _set(path: bytes, thing: Thing) -> None:
    os.chown(path, *thing.owner, follow_symlinks=False)
    if thing.kind in ("file", "folder"):
        for name, value in thing.xattrs.items():
            os.setxattr(path, name, value)
    if thing.kind != "symlink":
        os.chmod(path, thing.mode)
    os.utime(path, ns=(thing.time, thing.time), follow_symlinks=False)


def tarred(folder: Path, form: Form) -> bytes:
    """
    Let GNU tar write an archive.
    """
    command = [TAR, *form.options, "--numeric-owner", "-C", str(folder), "-cf", "-", "."]
    return subprocess.run(command, capture_output=True, check=True).stdout


def untarred(data: bytes, folder: Path) -> Path:
    """
    Let GNU tar extract one.
    """
    folder.mkdir()
    options = ["-p", "--same-owner", "--numeric-owner", "--xattrs", "--xattrs-include=*"]
    command = [TAR, *options, "-C", str(folder), "-xf", "-"]
    subprocess.run(command, input=data, capture_output=True, check=True)
    return folder


def _bytes(made: Layer) -> bytes:
    return made.uncompressed().read()


@pytest.mark.parametrize("name", FORMS)
@settings(max_examples=15)
@given(data=st.data())
def test_what_gnu_tar_writes_is_read(name: str, data: st.DataObject) -> None:
    """
    Every fact and all content, in every form; and extracted as GNU tar extracts it.
    """
    form = FORMS[name]
    with folder_of(data.draw(things(form))) as folder:
        written = tarred(folder, form)
        assert _bytes(difference(folder, [as_layer(written)], contents=True)) == END
        assert extract([as_layer(written)], folder.parent / "ours") == ()
        theirs = seen(untarred(written, folder.parent / "theirs"))
        assert seen(folder.parent / "ours") == theirs
        # Python often takes what stands in for the name of a sparse file for its name.
        names = not form.xattrs or "--sparse" not in form.options
        assert _by_tarfile(written, names=names) == [
            (each.name.rstrip("/") * names, content, each.linkname, each.mode, each.uid)
            for each, content in by_reader(written)
        ]


def _by_tarfile(data: bytes, *, names: bool) -> list[tuple[str, bytes, str, int, int]]:
    found = []
    with tarfile.open(fileobj=io.BytesIO(data), errors="surrogateescape") as archive:
        for info in archive:
            held = archive.extractfile(info) if info.isreg() else None
            name, content = info.name if names else "", held.read() if held else b""
            found.append((name, content, info.linkname, info.mode, info.uid))
    return found


@settings(max_examples=30)
@given(drawn=things(attrs.evolve(FORMS["pax"], fine=False)))
def test_what_we_write_gnu_tar_reads(drawn: list[Thing]) -> None:
    """
    It finds no difference to the folder, and extracts what we extract.
    """
    with folder_of(drawn) as folder:
        made = layer(folder, xattrs=True)
        compare = [TAR, "--compare", "--numeric-owner", "-C", str(folder), "-f", "-"]
        done = subprocess.run(compare, input=_bytes(made), capture_output=True)
        assert (done.returncode, done.stdout) == (0, b"")
        assert extract([made], folder.parent / "ours") == ()
        ours, theirs = (
            seen(folder.parent / "ours"),
            seen(untarred(_bytes(made), folder.parent / "t")),
        )
        # The folder itself is no member.
        del ours["."], theirs["."]
        assert ours == theirs
