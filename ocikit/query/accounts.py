"""
Users and groups, as `etc/passwd` and `etc/group` of a tree name them.
"""

from __future__ import annotations

from typing import Final

from ocikit._records import FrozenMap, record
from ocikit.tree.filetree import FileTree, PathMissing, find
from ocikit.tree.opened import read

#: Files of accounts that are larger are not read, in bytes.
_MOST: Final = 1 << 20


@record
class Accounts:
    """
    Names by their numbers, and numbers by their names.
    """

    names: FrozenMap[int, str]
    numbers: FrozenMap[str, int]


def accounts(tree: FileTree, path: str) -> Accounts:
    """
    Read `etc/passwd` or `etc/group`; nobody is named where there is none.

    Of several lines for one name or number the first counts, as for the C library.
    """
    return parse(_content(tree, path))


def parse(content: bytes) -> Accounts:
    """
    Read the lines of a file of accounts.

    >>> parse(b"root:x:0:0:root:/root:/bin/sh\\n").names
    FrozenMap({0: 'root'})
    """
    names: dict[int, str] = {}
    numbers: dict[str, int] = {}
    for line in content.decode("utf-8", "surrogateescape").splitlines():
        name, *rest = line.split(":")
        if len(rest) >= 2 and name and rest[1].isdecimal() and not line.startswith("#"):
            names.setdefault(int(rest[1]), name)
            numbers.setdefault(name, int(rest[1]))
    return Accounts(FrozenMap(names), FrozenMap(numbers))


def _content(tree: FileTree, path: str) -> bytes:
    try:
        file = find(tree, path)
    except PathMissing:
        return b""
    if file.kind != "file" or file.place is None or file.size > _MOST:
        return b""
    return read(tree, path)
