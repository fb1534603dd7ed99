"""
Files of images chosen as `find` and shells choose them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

import click

from ocikit._regex import regex

if TYPE_CHECKING:
    from ocikit.crane.filetree import Files
    from ocikit.tree.filetree import File

#: find's letters for kinds of files.
KINDS: Final = {
    "f": "file",
    "d": "directory",
    "l": "symlink",
    "c": "char",
    "b": "block",
    "p": "fifo",
}
_GLOB: Final = regex(r"[*?\[]")
_SIZE: Final = regex(r"([+-]?)(.+)")


def is_glob(path: str) -> bool:
    """
    Tell whether a path is a pattern.
    """
    return bool(_GLOB.search(path))


def matching(
    names: Sequence[str], kinds: Sequence[str], size: str | None
) -> Callable[[File], bool]:
    """
    Make the test that a file passes which has one of the names and kinds, and the size.

    Raises:
        UsageError: a kind or a size is none.
    """
    wanted = {_kind(letter) for text in kinds for letter in text.split(",")}
    fits = _fits(size) if size is not None else None

    def matches(file: File) -> bool:
        name = file.path.rpartition("/")[2]
        return (
            (not names or any(fnmatchcase(name, each) for each in names))
            and (not wanted or file.kind in wanted)
            and (fits is None or (file.kind == "file" and fits(file.size)))
        )

    return matches


def _kind(letter: str) -> str:
    found = KINDS.get(letter)
    if found is None:
        raise click.UsageError(f"--type {letter!r}: write one of {', '.join(KINDS)}")
    return found


def _fits(text: str) -> Callable[[int], bool]:
    from ocikit.cli.setup import size_said

    found = _SIZE.fullmatch(text)
    sign, amount = found.groups() if found else ("", text)
    size = size_said(amount, "--size")
    if sign == "+":
        return lambda given: given > size
    return (lambda given: given < size) if sign == "-" else (lambda given: given == size)


def expanded(found: Files, paths: Sequence[str]) -> Iterator[str]:
    """
    Give paths, and in the place of patterns the files that match.

    Raises:
        UsageError: none matches.
    """
    from ocikit.crane.filetree import listed

    for path in paths:
        if not is_glob(path):
            yield path
            continue
        there = [file.path for file in listed(found, path) if file.kind == "file"]
        if not there:
            raise click.UsageError(f"{path}: no file matches")
        yield from there
