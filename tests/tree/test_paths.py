"""
Paths, however they are written.
"""

from __future__ import annotations

import posixpath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocikit.tree.paths import clean, is_written, written

#: Texts of what paths are made of.
written_paths = st.lists(st.sampled_from([b"a", b"b.c", b".d", b"..", b".", b"/", b"//"])).map(
    b"".join
)


@given(written_paths)
def test_clean_is_what_the_library_does(name: bytes) -> None:
    """
    As `normpath` does within a root, but for the root itself, which is empty.
    """
    assert clean(name) == posixpath.normpath(b"/" + name).lstrip(b"/")


@given(written_paths)
def test_what_is_clean_stays(name: bytes) -> None:
    """
    Cleaning twice is cleaning once, and gives what we would write.
    """
    path = clean(name)
    assert clean(path) == path
    assert is_written(written(path).encode("utf-8", "surrogateescape"), path)


@pytest.mark.parametrize("name", [b"./a", b"/a", b"a//", b"a/.", b"", b"b"])
def test_other_ways_to_write(name: bytes) -> None:
    """
    Only the path itself, with one slash at its end for directories, is how we write it.
    """
    assert not is_written(name, b"a")
    assert is_written(b"a", b"a")
    assert is_written(b"a/", b"a")
    assert is_written(b"./", b"")
    assert not is_written(b".", b"")
