"""
Where a registry on disk has what::

    FOLDER/_registry                          what the folder is; locked while it is used
    FOLDER/_blobs/sha256/HEX                  all content, each once
    FOLDER/_uploads/NAME, NAME.of             what came of an upload so far, and of which
    FOLDER/_temporary/                        files without a name yet
    FOLDER/_damaged/                          what `fsck` found not to be what it is named
    FOLDER/library/debian/                    a repository, which is an OCI layout:
        oci-layout, index.json                as every layout has them
        blobs/sha256/HEX                      its blobs and manifests, hard links to `_blobs`
        _manifests/sha256/HEX                 which of them are manifests, and of what type
        _both/sha256/HEX                      which of these were pushed as blobs, too
        _tags/TAG                             the digest that a tag points to

What is private begins with an underscore, as no component of a name does.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Final

from ocikit._records import record
from ocikit.digest import HEX_LENGTH, Digest
from ocikit.name import grammar
from ocikit.spec.layout import INDEX_FILE, MARKER_FILE

BLOBS: Final = "blobs"
MANIFESTS: Final = "_manifests"
BOTH: Final = "_both"
TAGS: Final = "_tags"
#: They are components of names as well as parts of a layout.
_RESERVED: Final = frozenset({BLOBS, INDEX_FILE, MARKER_FILE})


@record
class Places:
    """
    The paths of a registry in a folder.
    """

    root: str

    @property
    def marker(self) -> str:
        """
        What says that the folder is a registry.
        """
        return os.path.join(self.root, "_registry")

    @property
    def uploads(self) -> str:
        """
        The folder of the uploads.
        """
        return os.path.join(self.root, "_uploads")

    @property
    def temporary(self) -> str:
        """
        The folder of files that have no name yet.
        """
        return os.path.join(self.root, "_temporary")

    @property
    def damaged(self) -> str:
        """
        The folder of what was found to be damaged.
        """
        return os.path.join(self.root, "_damaged")

    @property
    def content(self) -> str:
        """
        The folder of all content.
        """
        return os.path.join(self.root, "_blobs")

    def shared(self, digest: Digest) -> str:
        """
        Where content is, whoever holds it.
        """
        return os.path.join(self.content, digest.algorithm, digest.hex)

    def repository(self, name: str) -> Folder:
        """
        Where a repository is.

        >>> Places("/r").repository("a/blobs").path
        '/r/a/+blobs'
        """
        parts = (f"+{part}" if part in _RESERVED else part for part in name.split("/"))
        return Folder(os.path.join(self.root, *parts))

    def repositories(self) -> Iterator[str]:
        """
        Find the names of the repositories, in no order.
        """
        todo = [("", self.root)]
        while todo:
            name, path = todo.pop()
            with os.scandir(path) as entries:
                below = [entry for entry in entries if entry.is_dir(follow_symlinks=False)]
            for entry in below:
                part = entry.name.removeprefix("+")
                reserved = entry.name in _RESERVED or entry.name.startswith("_")
                inner = f"{name}/{part}" if name else part
                if not reserved and grammar.is_path(inner):
                    todo.append((inner, entry.path))
                    if os.path.lexists(os.path.join(entry.path, MARKER_FILE)):
                        yield inner


@record
class Folder:
    """
    The paths of one repository.
    """

    path: str

    @property
    def blobs(self) -> str:
        """
        The folder of its blobs and manifests.
        """
        return os.path.join(self.path, BLOBS)

    def blob(self, digest: Digest) -> str:
        """
        Where a blob or a manifest is.
        """
        return f"{self.blobs}/{digest.algorithm}/{digest.hex}"

    def manifest(self, digest: Digest) -> str:
        """
        Where it is said of what type a manifest is.
        """
        return os.path.join(self.path, MANIFESTS, digest.algorithm, digest.hex)

    def both(self, digest: Digest) -> str:
        """
        What is there if a manifest was pushed as a blob, too.
        """
        return os.path.join(self.path, BOTH, digest.algorithm, digest.hex)

    def tag(self, name: str) -> str:
        """
        Where a tag is.
        """
        return os.path.join(self.path, TAGS, tag_file(name))

    @property
    def index(self) -> str:
        """
        The index by which others read the layout.
        """
        return os.path.join(self.path, INDEX_FILE)

    @property
    def marker(self) -> str:
        """
        What says that it is a layout.
        """
        return os.path.join(self.path, MARKER_FILE)


def tag_file(name: str) -> str:
    """
    Give the name of a tag's file: the tag itself, unless it has capitals.

    Some file systems do not tell capitals from small letters. The number before the plus
    says where the capitals are.

    >>> tag_file("v1.2"), tag_file("Ab")
    ('v1.2', '1+ab')
    """
    capitals = sum(1 << at for at, letter in enumerate(name) if letter.isupper())
    return f"{capitals:x}+{name.lower()}" if capitals else name


def tag_of(file: str) -> str | None:
    """
    Give the tag of a file; None when it is of none.

    >>> tag_of("1+ab"), tag_of("v1"), tag_of(".v1.swp")
    ('Ab', 'v1', None)
    """
    where, plus, name = file.rpartition("+")
    try:
        capitals = int(where, 16) if plus else 0
    except ValueError:
        return None
    tag = "".join(c.upper() if capitals >> at & 1 else c for at, c in enumerate(name))
    return tag if grammar.is_tag(tag) and tag_file(tag) == file else None


def digests(folder: str) -> Iterator[Digest]:
    """
    Find the digests that files in a folder are named by, `ALGORITHM/HEX`, in no order.
    """
    for algorithm, length in HEX_LENGTH.items():
        try:
            names = os.listdir(os.path.join(folder, algorithm))
        except FileNotFoundError:
            continue
        for name in names:
            if len(name) == length and all(c in "0123456789abcdef" for c in name):
                yield Digest(algorithm, name)
