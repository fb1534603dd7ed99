"""
Paths in archives: however they are written, one path is meant.
"""

from __future__ import annotations


def clean(name: bytes) -> bytes:
    """
    Give the path that is meant, relative to the root; the root itself is empty.

    No path leaves the root: what goes up from there stays there, as engines read it.

    >>> clean(b"./usr//lib/"), clean(b"/a/../../b"), clean(b"./")
    (b'usr/lib', b'b', b'')
    """
    # Nearly all names are clean already, but for the slash of directories. (To find is
    # quicker than `in`, which takes bytes for a number first.)
    if name and name[0] not in b"./" and name.find(b"/.") < 0 and name.find(b"//") < 0:
        return name[:-1] if name.endswith(b"/") else name
    parts: list[bytes] = []
    for part in name.split(b"/"):
        if part == b"..":
            del parts[-1:]
        elif part not in (b"", b"."):
            parts.append(part)
    return b"/".join(parts)


def is_written(name: bytes, path: bytes) -> bool:
    """
    Tell whether `name` is how an archive of ours writes the path.
    """
    return name == (path or b"./") or (bool(path) and name == path + b"/")


def written(path: bytes) -> str:
    """
    Give the name that an entry of this path is written with.
    """
    return (path or b"./").decode("utf-8", "surrogateescape")
