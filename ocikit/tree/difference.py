"""
What is different between two trees, file by file.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any, Final, Literal, TypeAlias, get_args

from ocikit._records import record
from ocikit.digest import Digest, digest_of
from ocikit.tree.filetree import File, FileTree
from ocikit.tree.named import Archive
from ocikit.tree.opened import contents
from ocikit.tree.resolve import Place

Fact: TypeAlias = Literal[
    "kind",
    "mode",
    "uid",
    "gid",
    "uname",
    "gname",
    "mtime_ns",
    "linkname",
    "devmajor",
    "devminor",
    "xattrs",
    "size",
    "content",
    "links",
]
#: All facts that can differ, in the order in which they are told.
FACTS: Final[tuple[Fact, ...]] = get_args(Fact)


@record(kw_only=True)
class Difference:
    """
    One path at which two trees differ.
    """

    path: str
    #: None when it is only in the other tree.
    before: File | None
    after: File | None
    #: What differs, of a path that is in both.
    facts: tuple[Fact, ...] = ()

    def __str__(self) -> str:
        if self.before is None:
            return f"+ {self.path}"
        if self.after is None:
            return f"- {self.path}"
        return f"~ {self.path} ({', '.join(self.facts)})"


def compare(
    before: FileTree, after: FileTree, *, ignore: Collection[Fact] = ()
) -> tuple[Difference, ...]:
    """
    Give what is different, sorted by path; nothing when the trees are equal.

    Content is only read of files of equal size that do not come from one and the same
    layer, and not at all when it is ignored.

    Args:
        before: one tree.
        after: the other.
        ignore: facts that may differ, times for example.

    >>> from ocikit.content.synthetic import layer
    >>> from ocikit.tree.filetree import load
    >>> import random
    >>> one, two = (load([layer(random.Random(seed), 100)]) for seed in (1, 2))
    >>> [change.facts for change in compare(one, one)]
    []
    """
    asked: tuple[Fact, ...] = tuple(fact for fact in FACTS if fact not in ignore)
    both = before.files.keys() & after.files.keys()
    pairs = [(before.files[path], after.files[path]) for path in both]
    unsure = [pair for pair in pairs if _unsure(before, after, *pair)]
    differ: set[str] = set()
    if "content" in asked and unsure:
        one = digests(before, [file for file, _ in unsure])
        two = digests(after, [file for _, file in unsure])
        differ = {a.path for a, b in unsure if one[a.place] != two[b.place]}
    return tuple(sorted(_changes(before, after, asked, differ), key=_order))


def _changes(
    before: FileTree, after: FileTree, asked: Collection[Fact], differ: set[str]
) -> Iterator[Difference]:
    for path, old in before.files.items():
        new = after.files.get(path)
        if new is None:
            yield Difference(path=path, before=old, after=None)
            continue
        facts = facts_of(old, new, asked, path in differ)
        if facts:
            yield Difference(path=path, before=old, after=new, facts=facts)
    for path, new in after.files.items():
        if path not in before.files:
            yield Difference(path=path, before=None, after=new)


def facts_of(old: File, new: File, asked: Collection[Fact], differ: bool) -> tuple[Fact, ...]:
    """
    Give the facts in which two files differ.

    Args:
        old: one file.
        new: the other.
        asked: the facts that count.
        differ: whether content of equal size is known to differ.
    """
    if old.kind != new.kind:
        # Nothing else of them can be compared.
        return ("kind",) if "kind" in asked else ()
    said: list[Fact] = [fact for fact in asked if _fact(old, fact) != _fact(new, fact)]
    if "content" in asked and (differ or old.size != new.size) and old.kind == "file":
        said.append("content")
    return tuple(said)


def _order(change: Difference) -> list[str]:
    return change.path.split("/")


def _fact(file: File, fact: Fact) -> Any:
    if fact == "content":
        return None
    if fact == "links":
        return file.links
    return file.size if fact == "size" else getattr(file.entry, fact)


def _unsure(before: FileTree, after: FileTree, old: File, new: File) -> bool:
    if old.kind != "file" or new.kind != "file" or not old.size or old.size != new.size:
        return False
    return _source(before, old) != _source(after, new)


def _source(tree: FileTree, file: File) -> tuple[Archive, int] | None:
    # Layers are equal when their digests are.
    return None if file.place is None else (tree.layers[file.place[0]], file.place[1])


def digests(tree: FileTree, files: Iterable[File]) -> dict[Place | None, Digest]:
    """
    Give the digests of the content of files, by where it is.

    Only layers are read whose content was not hashed when the tree was loaded.
    """
    found: dict[Place | None, Digest] = {}
    unknown = []
    for file in files:
        if file.place is not None and file.place in tree.digests:
            found[file.place] = tree.digests[file.place]
        else:
            unknown.append(file)
    for file, pieces in contents(tree, unknown):
        found[file.place] = digest_of(pieces)
    return found
