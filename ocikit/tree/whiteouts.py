"""
Marks of what a layer takes away from those below it (image-spec, layer.md, "Whiteouts").
"""

from __future__ import annotations

from typing import Final

from ocikit._records import record

PREFIX: Final = b".wh."
_OPAQUE: Final = b".wh..wh..opq"
#: AUFS kept notes of its own under such names; they mean nothing to others.
_META: Final = b".wh..wh."


@record
class Whiteout:
    """
    A path is gone, with all that is below it.
    """

    path: bytes


@record
class Opaque:
    """
    All that lower layers have in a directory is gone; the directory itself stays.
    """

    path: bytes


@record
class Ignored:
    """
    A name that is kept for marks, and is none that has a meaning.
    """

    path: bytes


Mark = Whiteout | Opaque | Ignored


def mark(path: bytes) -> Mark | None:
    """
    Tell what a clean path marks; None when it is that of a file.

    Raises:
        ValueError: it would take away a directory from within it.

    >>> mark(b"etc/.wh.passwd"), mark(b"etc/.wh..wh..opq"), mark(b"etc/passwd")
    (Whiteout(path=b'etc/passwd'), Opaque(path=b'etc'), None)
    """
    if PREFIX not in path:
        return None
    parent, slash, name = path.rpartition(b"/")
    if parent.startswith(PREFIX) or b"/" + PREFIX in parent:
        return Ignored(path)
    if not name.startswith(PREFIX):
        return None
    if name == _OPAQUE:
        return Opaque(parent)
    if name.startswith(_META):
        return Ignored(path)
    gone = name.removeprefix(PREFIX)
    if gone in (b"", b".", b".."):
        raise ValueError(f"{path!r} marks no name as gone")
    return Whiteout(parent + slash + gone)
