"""
Names that are marks, and names that only look like them.
"""

from __future__ import annotations

import pytest

from ocikit.tree.whiteouts import Ignored, Mark, Opaque, Whiteout, mark


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (b".wh.a", Whiteout(b"a")),
        (b"a/.wh.b c", Whiteout(b"a/b c")),
        (b".wh..wh..opq", Opaque(b"")),
        (b"a/b/.wh..wh..opq", Opaque(b"a/b")),
        (b".wh..a", Whiteout(b".a")),
        (b".wh....", Whiteout(b"...")),
        (b".wh..wh.aufs", Ignored(b".wh..wh.aufs")),
        (b".wh.a/b", Ignored(b".wh.a/b")),
        (b"a/.wh..wh.plnk/b/.wh.c", Ignored(b"a/.wh..wh.plnk/b/.wh.c")),
        (b"a.wh.b", None),
        (b"a.wh.b/c", None),
        (b".whb", None),
        (b"a", None),
    ],
)
def test_marks(path: bytes, found: Mark | None) -> None:
    """
    Only whole names count, and below a mark nothing does.
    """
    assert mark(path) == found


@pytest.mark.parametrize("path", [b".wh.", b".wh..", b".wh...", b"a/.wh."])
def test_marks_of_no_name(path: bytes) -> None:
    """
    They would take away a directory from within it, or what is above it.
    """
    with pytest.raises(ValueError, match="marks no name"):
        mark(path)
