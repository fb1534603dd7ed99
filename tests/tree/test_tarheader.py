"""
Headers that every reader of tar reads as we meant them.
"""

from __future__ import annotations

import io
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocikit.tree import tarheader
from ocikit.tree.tarheader import header, padding

KINDS = [
    tarheader.FILE,
    tarheader.HARD_LINK,
    tarheader.SYMBOLIC_LINK,
    tarheader.CHARACTER_DEVICE,
    tarheader.FOLDER,
    tarheader.PIPE,
]
names = st.binary(min_size=1, max_size=300).filter(
    # A trailing slash makes a folder of any member in the eyes of old readers.
    lambda name: b"\0" not in name and not name.endswith(b"/") and not name.startswith(b"/")
)
ids = st.integers(0, 2**32)


def _read(block: bytes) -> tarfile.TarInfo:
    with tarfile.open(fileobj=io.BytesIO(block + tarheader.END)) as archive:
        found = archive.next()
        assert found is not None
        return found


@given(
    name=names,
    kind=st.sampled_from(KINDS),
    mode=st.integers(0, 0o7777),
    owner=st.tuples(ids, ids),
    mtime=st.integers(-(2**40), 2**40),
    link=names,
)
def test_python_reads_what_was_written(
    name: bytes, kind: bytes, mode: int, owner: tuple[int, int], mtime: int, link: bytes
) -> None:
    """
    Any name and any number survives, in ustar or, where that cannot say it, in pax.
    """
    links = kind in (tarheader.HARD_LINK, tarheader.SYMBOLIC_LINK)
    target = link if links else b""
    block = header(name, kind, mode=mode, owner=owner, mtime=mtime, link=target)
    assert len(block) % tarheader.BLOCK == 0
    found = _read(block)
    assert found.name.encode("utf-8", "surrogateescape") == name
    assert found.linkname.encode("utf-8", "surrogateescape") == target
    assert (found.type, found.mode, found.uid, found.gid) == (kind, mode, *owner)
    assert found.mtime == mtime


@pytest.mark.parametrize("size", [0, 1, 8**11 - 1, 8**11, 2**62])
def test_sizes(size: int) -> None:
    """
    Files of 8 GiB and more need pax.
    """
    block = header(b"big", size=size)
    assert _read(block).size == size
    assert len(block) == (512 if size < 8**11 else 1536)


@pytest.mark.parametrize(
    ("name", "blocks"),
    [
        (b"a" * 100, 1),
        (b"a" * 101, 3),
        (b"p" * 155 + b"/" + b"n" * 100, 1),
        (b"p" * 156 + b"/" + b"n" * 100, 3),
        (b"p" * 60 + b"/" + b"q" * 60 + b"/" + b"n" * 60, 1),
        ("ä".encode(), 3),
    ],
)
def test_pax_only_where_ustar_cannot(name: bytes, blocks: int) -> None:
    """
    Old readers see plain ustar as long as a name is short, or splits at a slash.
    """
    block = header(name)
    assert len(block) == blocks * 512
    assert _read(block).name.encode() == name


def test_folders_end_in_a_slash() -> None:
    """
    As every tar writes them; also where that makes the name too long for its field.
    """
    for name in (b"usr/bin", b"usr/bin/", b"x" * 100):
        found = _read(header(name, tarheader.FOLDER))
        assert found.isdir()
        assert found.name.encode() == name.rstrip(b"/")


def test_devices_and_attributes() -> None:
    """
    Numbers of devices and values of attributes, whatever bytes they are, come back.
    """
    found = _read(header(b"null", tarheader.CHARACTER_DEVICE, device=(1, 3)))
    assert (found.devmajor, found.devminor) == (1, 3)
    value = b"\x01\0\0\x02=\n\xff"
    found = _read(header(b"ping", xattrs=[(b"security.capability", value)]))
    kept = found.pax_headers["SCHILY.xattr.security.capability"]
    assert kept.encode("utf-8", "surrogateescape") == value


@given(st.integers(0, 100_000))
def test_padding_fills_blocks(size: int) -> None:
    """
    Content and its padding are whole blocks, and no block is all padding.
    """
    filled = size + len(padding(size))
    assert filled % 512 == 0
    assert filled - size < 512
