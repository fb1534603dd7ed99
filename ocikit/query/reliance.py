"""
What the files of an image rely on, and a new base lacks: targets, libraries, accounts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final, Literal

from ocikit._regex import regex
from ocikit.content.image import Image
from ocikit.query.accounts import accounts
from ocikit.query.bases import Bases
from ocikit.query.conflict import Conflict
from ocikit.query.finding import Severity
from ocikit.query.members import readable
from ocikit.query.threeway import conflict
from ocikit.tree.filetree import File, FileTree, PathMissing, find
from ocikit.tree.opened import contents
from ocikit.tree.paths import clean

_LIBRARY: Final = regex(r"(?:.*/)?(lib[^/]*\.so(?:\.[0-9]+)*)")
_PASSWD, _GROUP = "etc/passwd", "etc/group"
_ELF: Final = b"\x7fELF"


def conflicts(trees: Bases, image: Image) -> Iterator[Conflict]:
    """
    Give what the image relies on, and the new base lacks.
    """
    yield from _hard_links(trees)
    yield from _symbolic_links(trees)
    yield from _libraries(trees)
    users, groups = _Names(trees, "user", _PASSWD), _Names(trees, "group", _GROUP)
    yield from users.owners("uid")
    yield from groups.owners("gid")
    user, _, group = image.config_file.config.user.partition(":")
    yield from users.runs(user)
    yield from groups.runs(group)


def _hard_links(trees: Bases) -> Iterator[Conflict]:
    own = {member.path for _, member in trees.members if member.mark is None}
    for layer, member in trees.members:
        target = clean(member.linkname)
        if member.kind != "hardlink" or target in own:
            continue
        name = readable(target)
        if not _exists(trees.new, name, follow=False):
            message = (
                f"it is another name of {name}, which the new base does not have;"
                " the image could not be unpacked"
            )
            yield conflict(Severity.ERROR, "link", readable(member.path), message, layer - 1)


def _symbolic_links(trees: Bases) -> Iterator[Conflict]:
    for path, file in trees.own.items():
        if file.kind != "symlink" or not _exists(trees.built, path):
            continue
        if not _exists(trees.rebased, path):
            target = file.entry.linkname
            message = f"it leads to {target}, which the new base does not have"
            yield conflict(Severity.WARNING, "link", path, message, file.layer)


def _exists(tree: FileTree, path: str, *, follow: bool = True) -> bool:
    try:
        find(tree, path, follow=follow)
    except PathMissing:
        return False
    return True


def _libraries(trees: Bases) -> Iterator[Conflict]:
    """
    Tell which shared libraries are gone by the names that programs ask for.
    """
    there = {found[1] for path in trees.rebased.files if (found := _LIBRARY.fullmatch(path))}
    gone = {name: path for path, name in _wanted(trees) if name not in there}
    users = _mentions(trees, gone) if gone else {}
    for name, path in gone.items():
        user = users.get(name)
        if user is None:
            message = "the new base lacks this shared library; nothing in the image names it"
            yield conflict(Severity.NOTE, "library", path, message)
        else:
            message = f"the new base lacks this shared library, which {user.path} needs"
            yield conflict(Severity.ERROR, "library", path, message, user.layer)


def _wanted(trees: Bases) -> Iterator[tuple[str, str]]:
    """
    Give the shared libraries of the old base, and their names.

    A file that a link beside it stands for is asked for by the name of the link.
    """
    old = trees.old.files
    found = {path: match[1] for path in old if (match := _LIBRARY.fullmatch(path))}
    targets = {
        path.rpartition("/")[0] + "/" + old[path].entry.linkname
        for path in found
        if old[path].kind == "symlink"
    }
    for path, name in found.items():
        file = old[path]
        linked = file.kind == "file" and path in targets
        if file.kind in ("file", "symlink") and not linked and path not in trees.own:
            yield path, name


def _mentions(trees: Bases, names: Iterable[str]) -> dict[str, File]:
    """
    Look through programs for names: that of a library is in every program that needs it.
    """
    known = {name.encode("utf-8", "surrogateescape"): name for name in names}
    longest = max(map(len, known)) + 2
    pattern = re.compile(b"(?<=\\0)(?:%b)(?=\\0)" % b"|".join(map(re.escape, known)))
    found: dict[str, File] = {}
    own = [file for file in trees.own.values() if file.kind == "file"]
    for file, pieces in contents(trees.built, own):
        head = next(pieces, b"")
        if not head.startswith(_ELF):
            continue
        held = b""
        for piece in chain([head], pieces):
            held += piece
            for match in pattern.finditer(held):
                found.setdefault(known[match[0]], file)
            held = held[-longest:]
    return found


class _Names:
    """
    The names of users or groups, before and after.
    """

    def __init__(self, trees: Bases, word: str, path: str) -> None:
        self._trees = trees
        self._word = word
        self._before = accounts(trees.built, path)
        # A file of the image's own stays as it is.
        self._after = self._before if path in trees.own else accounts(trees.new, path)

    def owners(self, fact: Literal["uid", "gid"]) -> Iterator[Conflict]:
        files: dict[int, list[File]] = {}
        for file in self._trees.own.values():
            number = file.entry.uid if fact == "uid" else file.entry.gid
            files.setdefault(number, []).append(file)
        for number, owned in sorted(files.items()):
            before, after = (each.names.get(number) for each in (self._before, self._after))
            if before is not None and before != after:
                yield self._owner(number, before, after, owned)

    def _owner(self, number: int, before: str, after: str | None, owned: list[File]) -> Conflict:
        more = f", and {len(owned) - 1} more of the image's files" if len(owned) > 1 else ""
        now = "nobody" if after is None else after
        message = (
            f"its {self._word} is {number}{more}: {before} in the old base, {now} in the new one"
        )
        return conflict(Severity.WARNING, "owner", owned[0].path, message, owned[0].layer)

    def runs(self, name: str) -> Iterator[Conflict]:
        before, after = (each.numbers.get(name) for each in (self._before, self._after))
        if before is None or before == after:
            return
        if after is None:
            message = f"the new base names no {self._word} {name}, as which the image runs"
            yield _user(Severity.ERROR, message)
        else:
            message = (
                f"the image runs as {self._word} {name}: {before} in the old base,"
                f" {after} in the new one"
            )
            yield _user(Severity.WARNING, message)


def _user(severity: Severity, message: str) -> Conflict:
    return Conflict(severity=severity, kind="user", path="", message=message)
